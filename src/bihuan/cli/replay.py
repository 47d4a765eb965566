"""`bihuan replay`: judge a log and say what became of every rule."""

from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.judge import Case, judged, progress, rows_of
from bihuan.cli.show import Part, Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _

if TYPE_CHECKING:
    from bihuan.engine.outcome import Outcome

MOST = 20  # rows of a long table that people see
LATE = ("late", "overdue")
ROW = ("case", "rule", "article", "owner", "started_at", "due_at", "done_at", "state", "late_by", "note")
FINDING = ("case", "event", "at", "actor", "kind", "article", "detail")


@named("replay")
@click.argument("log", type=click.Path())
@options.judging
@option(
    "--out", metavar="DIR", type=click.Path(), help="Also write all tables, what was left out and a summary."
)
@options.output
def command(log: str, out: str | None, form: str, **judging: Any) -> None:
    """Judge a log: what was due, met, late, who was not called back, what should not have happened.

    LOG is CSV, Parquet, JSON lines, XLSX or XES. Tables for people show the totals of every rule and the worst
    rows; data formats give every row.

    \b
    bihuan replay complaints.csv --policy dazu-complaint-assessment --out result
    """
    case, outcome = judged(log, **judging)
    if out:
        with progress(_("writing")):
            bihuan.write_outcome(out, outcome, case.log)
    show(people(case, outcome) if form == "table" else machines(case, outcome), form)
