"""`bihuan replay`: judge a log and say what became of every rule."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.judge import Case, judged, progress
from bihuan.cli.show import Part, Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _, language

if TYPE_CHECKING:
    import polars as pl

    from bihuan.engine.outcome import Outcome
    from bihuan.engine.policy import Policy

MOST = 12  # rows of a long table that people see
STATES = ("met", "late", "overdue", "open", "used", "lapsed", "void", "waiting", "unset")
JUDGED = ("met", "late", "overdue")
LATE = ("late", "overdue")
UNJUDGED = ("unset", "waiting")
ROW = ("case", "rule", "article", "owner", "started_at", "due_at", "done_at", "state", "late_by")
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
            bihuan.write_outcome(out, outcome)
    show(for_people(case, outcome) if form == "table" else for_programs(outcome), form)


def for_programs(outcome: "Outcome") -> list[Part]:
    """The summary and every row."""
    tables = ("obligations", "callbacks", "irregularities")
    rows = [Table(name, getattr(outcome, name).to_dicts()) for name in tables]
    return [Record("summary", bihuan.summary_of(outcome)), *rows]


def for_people(case: Case, outcome: "Outcome") -> list[Part]:
    """Totals, the worst rows, what should not have happened, what was not judged."""
    import polars as pl

    rows = pl.concat([outcome.obligations, outcome.callbacks], how="diagonal")
    late = rows.filter(pl.col("state").is_in(LATE)).sort("late_by", descending=True, nulls_last=True)
    parts: list[Part] = [
        Record("summary", heading(outcome), title=f"{case.policy.header.title} ({case.policy.id})"),
        Table("rules", in_order(case.policy, totals(rows)), title=_("What became of every rule")),
        Table("late", late.to_dicts(), ROW, _("Late, the worst first"), MOST),
        Table(
            "irregularities",
            spoken(case.policy, outcome.irregularities.to_dicts()),
            FINDING,
            _("What should not have happened"),
            MOST,
        ),
        Table("unjudged", in_order(case.policy, unjudged(rows)), title=_("Not judged, and why")),
    ]
    return [part for part in parts if isinstance(part, Record) or part.rows]


def spoken(policy: "Policy", rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Events by their Chinese labels, where Chinese is spoken."""
    if language() != "zh":
        return rows
    return [row | {"event": policy.event_labels.get(row["event"], row["event"])} for row in rows]


def heading(outcome: "Outcome") -> dict[str, Any]:
    """What was judged, as of when, and what the figures depend on."""
    summary, log = outcome.summary, outcome.summary["log"]
    lines = {
        "edition": summary["edition"],
        "as_of": datetime.fromisoformat(bihuan.summary_of(outcome)["as_of"]),
        "cases": log["cases"],
        "events": log["events"],
        "excluded": log["excluded"],
        "duplicates": log["duplicates"],
        "superseded": log["superseded"],
        "provisional": summary["provisional"],
        "deviations": summary["deviations"],
        "pending": summary["pending"],
    }
    always = ("edition", "as_of", "cases", "events", "excluded")
    return {name: value for name, value in lines.items() if value or name in always}


def totals(rows: "pl.DataFrame") -> list[dict[str, Any]]:
    """One row per rule that was judged: how many in which state, and the share in time of those that were due."""
    import polars as pl

    judged = rows.filter(~pl.col("state").is_in(UNJUDGED))
    seen = [state for state in STATES if state in set(judged["state"])]
    counted = judged.group_by("rule", "article", maintain_order=True).agg(
        pl.len().alias("total"), *((pl.col("state") == state).sum().alias(state) for state in seen)
    )
    return [row | {"on_time": share(row)} for row in counted.to_dicts()]


def share(row: dict[str, Any]) -> float | None:
    """Met of those that were due, or nothing where none was."""
    due = sum(row.get(state, 0) for state in JUDGED)
    return row.get("met", 0) / due if due else None


def unjudged(rows: "pl.DataFrame") -> list[dict[str, Any]]:
    """How many rows of which rule could not be judged, for which reason."""
    import polars as pl

    left = rows.filter(pl.col("state").is_in(UNJUDGED))
    keys = ("rule", "article", "state", "note")
    return left.group_by(*keys, maintain_order=True).agg(pl.len().alias("total")).to_dicts()


def in_order(policy: "Policy", rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the order of the regulation."""
    place = {name: number for number, name in enumerate(policy.named)}
    return sorted(rows, key=lambda row: place.get(row["rule"], len(place)))
