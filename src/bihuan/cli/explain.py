"""`bihuan explain`: one case, day by day."""

from typing import Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.judge import judged
from bihuan.cli.show import Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option


@named("explain")
@click.argument("log", type=click.Path())
@click.argument("case")
@options.judging
@option("--rule", "rules", multiple=True, metavar="RULE", help="Only this rule; may be repeated.")
@options.output
def command(log: str, case: str, rules: tuple[str, ...], form: str, **judging: Any) -> None:
    """Day by day: why this is due then.

    For every obligation of the case: what started it, the limit and its article, which days count and which do not
    and by which notice, what moved the due time, and what ended it.

    \b
    bihuan explain complaints.csv TS2025090012 \\
        --policy dazu-complaint-assessment --rule contact
    """
