"""`bihuan compare`: the same log under two policies, or under other parameters."""

from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.judge import read, replayed
from bihuan.cli.show import Part, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _

if TYPE_CHECKING:
    from bihuan.engine.compare import Comparison

MOST = 30  # rows of a long table that people see
ROW = ("case", "rule", "article", "owner", "due_before", "due_after", "state_before", "state_after")


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
def command(
    log: str,
    settings: tuple[str, ...],
    other: str | None,
    other_settings: tuple[str, ...],
    form: str,
    **judging: Any,
) -> None:
    """What would change, and for whom, under another policy or other parameters.

    The log is judged twice. Shown are the totals of every rule on both sides and the rows whose due time or state
    differs. A draft may stand on the other side without --draft.

    \b
    bihuan compare complaints.csv --policy dazu-complaint-assessment \\
        --with-set "resolve.within=5 working days"
    """
    one = read(log, **judging)
    two = read(log, **judging | {"policy": other, "draft": True}) if other else one
    before = replayed(one, options.settings_of(settings))
    after = replayed(two, options.settings_of(other_settings if other else (*settings, *other_settings)))
    show(parts(bihuan.compare(before, after), form), form)


def parts(found: "Comparison", form: str) -> list[Part]:
    """Totals, then the rows that differ."""
    tables = (
        Table("rules", found.rules.to_dicts(), title=_("Every rule, before and after")),
        Table("irregularities", found.irregularities.to_dicts(), title=_("Irregularities, before and after")),
        Table("rows", found.rows.to_dicts(), ROW, title=_("What differs"), most=MOST),
    )
    return [part for part in tables if form != "table" or part.rows]
