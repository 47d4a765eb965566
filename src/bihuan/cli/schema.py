"""`bihuan schema`: for editors that check while you write."""

import json

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.text import command as named


@named("schema")
@options.output
def command(form: str) -> None:
    """The JSON Schema of policy files.

    Whatever the format, it is one JSON document: `bihuan schema > policy.schema.json`.
    """
    del form
    click.echo(json.dumps(bihuan.policy_schema(), ensure_ascii=False, indent=2))
