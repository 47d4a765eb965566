"""`bihuan map`: a first mapping for a log, to be finished by hand."""

import tomllib

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.show import Record, show
from bihuan.cli.text import command as named


@named("map")
@click.argument("log", type=click.Path())
@options.output
def command(log: str, form: str) -> None:
    """Draft a mapping for a log from its header.

    The draft is TOML with comments: what each column seems to be, and what was not understood. Finish it by hand and
    give it to `bihuan replay --mapping`: `bihuan map tickets.csv > tickets.toml`.
    """
    draft = bihuan.draft_mapping(log)
    if form == "table":
        click.echo(draft, nl=not draft.endswith("\n"))
    else:
        show([Record("mapping", tomllib.loads(draft))], form)
