"""`bihuan compare`: the same log under two policies, or under other parameters."""

from typing import Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.show import Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option


@named("compare")
@click.argument("log", type=click.Path())
@options.judging
@option("--with", "other", metavar="POLICY", help="The other policy (default: the same one).")
@option(
    "--with-set",
    "other_settings",
    multiple=True,
    metavar="NAME=VALUE",
    help="Give a parameter of the other policy a value; may be repeated.",
)
@options.output
def command(log: str, other: str | None, other_settings: tuple[str, ...], form: str, **judging: Any) -> None:
    """What would change, and for whom, under another policy or other parameters.

    The log is judged twice. Shown are the totals of every rule on both sides and the rows whose due time or state
    differs. A draft may stand on the other side without --draft.

    \b
    bihuan compare complaints.csv --policy dazu-complaint-assessment \\
        --with-set "resolve.within=5 working days"
    """
