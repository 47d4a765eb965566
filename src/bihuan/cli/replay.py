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
    import polars as pl

    from bihuan.engine.outcome import Outcome

MOST = 20  # rows of a long table that people see
STATES = ("met", "late", "overdue", "open", "used", "lapsed", "void", "waiting", "unset")
JUDGED = ("met", "late", "overdue")
LATE = ("late", "overdue")
ROW = ("case", "rule", "article", "owner", "started_at", "due_at", "done_at", "state", "late_by")
FINDING = ("case", "event", "at", "actor", "kind", "article", "detail")


@named("replay")
@click.argument("log", type=click.Path())
@options.judging
@option("--out", metavar="DIR", type=click.Path(), help="Also write all tables, what was left out and a summary.")
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
    show(for_people(case, outcome) if form == "table" else for_programs(case, outcome), form)


def for_programs(case: Case, outcome: "Outcome") -> list[Part]:
    """The summary and every row."""
    tables = ("obligations", "callbacks", "irregularities")
    rows = [Table(name, rows_of(getattr(outcome, name), case.zone)) for name in tables]
    return [Record("summary", outcome.summary), *rows]


def for_people(case: Case, outcome: "Outcome") -> list[Part]:
    """Totals, the worst rows, what should not have happened."""
    import polars as pl

    rows = pl.concat([outcome.obligations, outcome.callbacks], how="diagonal")
    late = rows.filter(pl.col("state").is_in(LATE)).sort("late_by", descending=True, nulls_last=True)
    return [
        Record("summary", outcome.summary, title=f"{case.policy.header.title} ({case.policy.id})"),
        Table("rules", totals(rows), title=_("What became of every rule")),
        Table("late", rows_of(late, case.zone), ROW, _("Late, the worst first"), MOST),
        Table(
            "irregularities",
            rows_of(outcome.irregularities, case.zone),
            FINDING,
            _("What should not have happened"),
            MOST,
        ),
    ]


def totals(rows: "pl.DataFrame") -> list[dict[str, Any]]:
    """One row per rule: how many in which state, and the share in time of those that were due."""
    import polars as pl

    seen = [state for state in STATES if state in set(rows["state"])]
    counted = rows.group_by("rule", "article", maintain_order=True).agg(
        pl.len().alias("total"), *((pl.col("state") == state).sum().alias(state) for state in seen)
    )
    return [row | {"on_time": share(row)} for row in counted.to_dicts()]


def share(row: dict[str, Any]) -> float | None:
    """Met of those that were due, or nothing where none was."""
    due = sum(row.get(state, 0) for state in JUDGED)
    return row.get("met", 0) / due if due else None
