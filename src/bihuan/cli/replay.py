"""`bihuan replay`: judge a log and say what became of every rule."""

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.brief import brief
from bihuan.cli.judge import judged, progress
from bihuan.cli.long import called, counting, is_long, place_for, portions
from bihuan.cli.show import Part, Record, Table, show
from bihuan.cli.stored import Stored
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.engine.errors import CallError
from bihuan.i18n import _, language
from bihuan.said import said
from bihuan.spoken import instant

if TYPE_CHECKING:
    import polars as pl

    from bihuan.engine.policy import Policy

    Frames = dict[str, pl.LazyFrame]

TABLES = ("obligations", "callbacks", "irregularities", "exempted")
MOST = 12  # rows of a long table that people see
STATES = ("met", "late", "overdue", "open", "used", "lapsed", "void", "waiting", "unset")
JUDGED = ("met", "late", "overdue")
LATE = ("late", "overdue")
UNJUDGED = ("unset", "waiting")
ROW = ("case", "rule", "article", "owner", "started_at", "due_at", "done_at", "state", "late_by")
CALLS = (
    "case",
    "rule",
    "round",
    "state",
    "due_at",
    "attempts",
    "last_attempt_at",
    "last_method",
    "next_at",
    "verdict",
)
EXEMPTED = ("case", "rule", "article", "at", "reason")
FINDING = ("case", "event", "at", "actor", "kind", "article", "detail")


@named("replay")
@click.argument("log", type=click.Path())
@options.judging
@option(
    "--out", metavar="DIR", type=click.Path(), help="Also write all tables, what was left out and a summary."
)
@option("--brief", "briefly", is_flag=True, help="Say it in a few lines, without tables.")
@options.long
@options.output
def command(
    log: str, out: str | None, briefly: bool, chunk: int | None, watched: bool, form: str, **judging: Any
) -> None:
    """Judge a log: what was due, met, late, who was not called back, what should not have happened.

    LOG is CSV, Parquet, JSON lines, XLSX or XES. Tables for people show the totals of every rule and the worst
    rows; data formats give every row. A log larger than memory is judged in portions of whole cases.

    \b
    bihuan replay complaints.csv --policy dazu-complaint-assessment --out result
    """
    if briefly and form != "table":
        raise CallError("--brief is for people: leave out --format")
    form = "brief" if briefly else form
    if is_long(log, chunk):
        in_portions(log, judging, chunk, out, form, watched)
        return
    case, outcome = judged(log, **judging)
    if out:
        with progress(_("writing")):
            bihuan.write_outcome(out, outcome, other_language())
    frames = {name: getattr(outcome, name).lazy() for name in TABLES}
    present(case.policy, bihuan.summary_of(outcome), frames, form, judging["as_of"])


def in_portions(
    log: str, judging: dict[str, Any], chunk: int | None, out: str | None, form: str, watched: bool
) -> None:
    """Judge a long log: what comes is written at once, and shown from where it was written."""
    settings = options.settings_of(judging.pop("settings"))
    call, as_of = called(log, **judging), judging["as_of"]
    with place_for(out) as place:
        with counting(watched) as tell:
            bihuan.write_outcomes(place, portions(call, settings, chunk, tell), other_language())
        present(call.policy, *bihuan.scan_folder(place), form, as_of)


def other_language() -> dict[str, Callable[[str], str]]:
    """What says the reasons of rows left out in the language in use, where that is not their own."""
    return {} if language() == "en" else {language(): said}


def present(
    policy: "Policy", summary: dict[str, Any], frames: "Frames", form: str, as_of: str | None
) -> None:
    if form == "brief":
        click.echo("\n".join(brief(policy, summary, until(summary, as_of))))
        return
    if form == "table":
        show(for_people(policy, summary, frames, as_of), form)
        return
    # the summary and every row
    show([Record("summary", summary), *(Table(name, Stored(frames[name])) for name in TABLES)], form)
    if form == "csv" and (count := summary["log"]["excluded"]):  # which has no place for the summary
        click.echo(_("rows of the log left out: {count}; --out lists them").format(count=count), err=True)


def for_people(policy: "Policy", summary: dict[str, Any], frames: "Frames", as_of: str | None) -> list[Part]:
    """Totals, the worst rows, what should not have happened, what was not judged."""
    import polars as pl

    rows = pl.concat([frames["obligations"], frames["callbacks"]], how="diagonal")
    late = rows.filter(pl.col("state").is_in(LATE)).sort(
        "late_by", descending=True, nulls_last=True, maintain_order=True
    )
    parts: list[Part] = [
        Record("summary", heading(summary, as_of), title=f"{policy.header.title} ({policy.id})"),
        Table("rules", in_order(policy, totals(rows)), title=_("What became of every rule")),
        Table("late", Stored(late), ROW, _("Late, the worst first"), MOST),
        Table(
            "irregularities",
            Stored(frames["irregularities"], spoken(policy)),
            FINDING,
            _("What should not have happened"),
            MOST,
        ),
        Table(
            "calls",
            Stored(called_again(frames["callbacks"]), spoken_answers(policy)),
            CALLS,
            _("Called more than once, or in vain"),
            MOST,
        ),
        Table("exempted", Stored(frames["exempted"]), EXEMPTED, _("Exempt from callbacks, and why"), MOST),
        Table("unjudged", in_order(policy, unjudged(rows)), title=_("Not judged, and why")),
        Table("excluded", left_out(summary["log"]), title=_("Left out of the log, and why")),
        Table("notes", decided(summary["log"]), title=_("Decided while reading the log")),
    ]
    return [part for part in parts if isinstance(part, Record) or part.rows]


def called_again(callbacks: "pl.LazyFrame") -> "pl.LazyFrame":
    """Callbacks of a later round, or with calls that did not end them."""
    import polars as pl

    in_vain = (pl.col("attempts") > 0) & pl.col("done_at").is_null()
    chosen = callbacks.filter((pl.col("round") > 1) | (pl.col("attempts") > 1) | in_vain)
    return chosen.sort("attempts", descending=True, maintain_order=True)


def spoken(policy: "Policy") -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Events by their Chinese labels, where Chinese is spoken."""
    if language() != "zh":
        return lambda row: row
    return lambda row: row | {"event": policy.event_labels.get(row["event"], row["event"])}


def spoken_answers(policy: "Policy") -> Callable[[dict[str, Any]], dict[str, Any]]:
    """Methods and verdicts by their labels."""
    leaves = {name: fact.leaves for name in ("method", "verdict") if (fact := policy.facts.get(name))}
    columns = {"last_method": leaves.get("method", {}), "verdict": leaves.get("verdict", {})}
    return lambda row: row | {name: names.get(row[name], row[name]) for name, names in columns.items()}


def heading(summary: dict[str, Any], as_of: str | None) -> dict[str, Any]:
    """What was judged, as of when, and what the figures depend on."""
    log = summary["log"]
    lines = {
        "edition": summary["edition"],
        "as_of": until(summary, as_of),
        "cases": log["cases"],
        "events": log["events"],
        "excluded": log["excluded"],
        "duplicates": log["duplicates"],
        "superseded": log["superseded"],
        "provisional": summary["provisional"],
        "strangers": sum(summary["strangers"].values()),
        "deviations": summary["deviations"],
        "pending": summary["pending"],
    }
    always = ("edition", "cases", "events", "excluded")
    return {name: value for name, value in lines.items() if value or name in always}


def until(summary: dict[str, Any], as_of: str | None) -> str:
    """As of when was judged, and who said so; of an empty log that nobody told it: nothing."""
    at = instant(datetime.fromisoformat(summary["as_of"]))
    if as_of:
        return at
    return _("{instant} (the last event of the log)").format(instant=at) if summary["log"]["events"] else ""


def left_out(log: dict[str, Any]) -> list[dict[str, Any]]:
    """How many rows of the log for which reason; `--out` lists each of them."""
    return [{"count": count, "reason": said(reason)} for reason, count in log["excluded_by_reason"].items()]


def decided(log: dict[str, Any]) -> list[dict[str, Any]]:
    """What the reader decided by itself, and how often."""
    return [{"count": count, "what": said(note)} for note, count in log["notes"].items()]


def totals(rows: "pl.LazyFrame") -> list[dict[str, Any]]:
    """One row per rule that was judged: how many in which state, and the share in time of those that were due."""
    import polars as pl

    judged = rows.filter(~pl.col("state").is_in(UNJUDGED))
    counts = ((pl.col("state") == state).sum().alias(state) for state in STATES if state not in UNJUDGED)
    counted = judged.group_by("rule", "article").agg(pl.len().alias("total"), *counts)
    table = counted.collect(engine="streaming").sort("rule", "article")
    seen = [name for name in table.columns if name in ("rule", "article") or table[name].sum()]
    return [row | {"on_time": share(row)} for row in table.select(seen).to_dicts()]


def share(row: dict[str, Any]) -> float | None:
    """Met of those that were due, or nothing where none was."""
    due = sum(row.get(state, 0) for state in JUDGED)
    return row.get("met", 0) / due if due else None


def unjudged(rows: "pl.LazyFrame") -> list[dict[str, Any]]:
    """How many rows of which rule could not be judged, for which reason."""
    import polars as pl

    left = rows.filter(pl.col("state").is_in(UNJUDGED))
    keys = ("rule", "article", "state", "note")
    counted = left.group_by(keys).agg(pl.len().alias("total")).collect(engine="streaming")
    return counted.with_columns(pl.col(pl.Enum).cast(pl.String)).sort(keys).to_dicts()


def in_order(policy: "Policy", rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """In the order of the regulation."""
    place = {name: number for number, name in enumerate(policy.named)}
    return sorted(rows, key=lambda row: place.get(row["rule"], len(place)))
