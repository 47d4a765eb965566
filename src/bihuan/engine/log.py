"""A log as a value: its events, the facts given with its cases, and everything that was left out of it.

Puts a log in order: by case and instant, equal rows once, corrections applied, cases that were never opened set
aside. Knows no file, no format and no policy: it is told which events open a case.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl

from bihuan.engine.corrections import CORRECTION, correct
from bihuan.engine.errors import LogError

Ints = np.ndarray[Any, np.dtype[np.int64]]
Bools = np.ndarray[Any, np.dtype[np.bool_]]

#: The columns every log has, in order; any other column of `Log.events` is a fact carried by the event.
COLUMNS: dict[str, Any] = {
    "case": pl.String,
    "event": pl.String,
    "at": pl.Int64,
    "whole_day": pl.Boolean,
    "actor": pl.String,
    "unit": pl.String,
    "recorded_at": pl.Int64,
    "file": pl.String,
    "line": pl.Int64,
}
#: A number for what a row says besides; it keeps rows that differ apart while the log is put in order.
UNSAID = "unsaid by the event"
EXCLUDED: dict[str, Any] = dict.fromkeys(("file", "line", "column", "found", "reason"), pl.String) | {
    "line": pl.Int64
}

NEVER_OPENED = "the case has none of the events that open a case"
BEFORE_OPENING = "the event lies before the event that opened its case"
NO_EVENTS = "the case has facts but no event"


def nothing_excluded() -> pl.DataFrame:
    return pl.DataFrame(schema=EXCLUDED)


@dataclass(frozen=True)
class Log:
    """What other systems exported. `events` and `superseded` share their columns, `facts` has one row per case."""

    events: pl.DataFrame
    facts: pl.DataFrame
    excluded: pl.DataFrame = field(default_factory=nothing_excluded)
    zone: str = "UTC"
    read: int = 0  # rows read, good or bad; of wide logs and logs of one row per case, filled cells
    duplicates: int = 0
    superseded: pl.DataFrame = field(default_factory=pl.DataFrame)  # what corrections replaced or struck out
    notes: Mapping[str, int] = field(default_factory=dict)  # what was decided while reading, and how often
    arranged: bool = False

    def totals(self) -> dict[str, Any]:
        """What was read and what became of it, for summaries."""
        reasons = self.excluded["reason"].value_counts(sort=True).rows()
        return {
            "read": self.read,
            "events": self.events.height,
            "cases": self.events["case"].n_unique(),
            "duplicates": self.duplicates,
            "superseded": self.superseded.height,
            "excluded": self.excluded.height,
            "excluded_by_reason": dict(reasons),
            "notes": dict(self.notes),
        }


def as_log(
    events: pl.DataFrame | Iterable[Mapping[str, Any]],
    facts: pl.DataFrame | Iterable[Mapping[str, Any]] = (),
    *,
    zone: str = "UTC",
) -> Log:
    """A log of rows already at hand; columns that are not given are empty.

    >>> as_log([{"case": "1", "event": "accepted", "at": 0}]).events["whole_day"].to_list()
    [False]
    """
    table = _frame(events)
    missing = [name for name in ("case", "event", "at") if name not in table.columns]
    if missing:
        raise LogError(f"a log needs the columns case, event and at; {', '.join(missing)} not given")
    table = filled(table)
    given = _frame(facts)
    if "case" not in given.columns:
        given = pl.DataFrame(schema={"case": table.schema["case"]})
    if given["case"].is_duplicated().any():
        twice = given.filter(given["case"].is_duplicated())["case"][0]
        raise LogError("facts are given twice for one case; give each case one row", case=twice)
    return Log(
        table, given.with_columns(pl.col("case").cast(table.schema["case"])), zone=zone, read=table.height
    )


def _frame(rows: pl.DataFrame | Iterable[Mapping[str, Any]]) -> pl.DataFrame:
    if isinstance(rows, pl.DataFrame):
        return rows
    return pl.DataFrame(list(rows), infer_schema_length=None)


def filled(table: pl.DataFrame) -> pl.DataFrame:
    """The table with all columns of a log, those of `COLUMNS` first."""
    wanted = COLUMNS | (CORRECTION if "corrects" in table.columns else {})
    absent = {
        name: pl.lit(None, kind).alias(name) for name, kind in wanted.items() if name not in table.columns
    }
    others = [name for name in (*table.columns, *absent) if name not in COLUMNS]
    table = table.select([absent.get(name, name) for name in (*COLUMNS, *others)])
    if table["whole_day"].null_count():
        table = table.with_columns(pl.col("whole_day").fill_null(False))
    return table


def excluded(rows: pl.DataFrame, column: str, found: pl.Expr, reason: str) -> pl.DataFrame:
    """Rows of a log as rows of `excluded`."""
    return rows.select(
        pl.col("file").cast(pl.String),
        pl.col("line").cast(pl.Int64),
        pl.lit(column).alias("column"),
        found.cast(pl.String).alias("found"),
        pl.lit(reason).alias("reason"),
    )


def arrange(log: Log, starts: Collection[str] = ()) -> Log:
    """The log by case and instant, equal rows once, corrected, only cases that were opened by one of `starts`.

    Cases stand in the order in which they first appear; equal instants keep the order of the log.
    """
    if log.arranged:
        return log
    events = in_order(within_the_day(log.events, log.zone))
    once = without_duplicates(events)
    once = once.drop(UNSAID) if UNSAID in once.columns else once
    log = replace(log, events=once, duplicates=log.duplicates + events.height - once.height)
    log = _corrected(log)
    log = _opened(log, starts) if starts else log
    return replace(_matched(log), arranged=True)


def begins(case: pl.Series) -> Ints:
    """The rows at which another case begins.

    >>> begins(pl.Series([7, 7, 3, 3, 3])).tolist()
    [0, 2]
    """
    if not len(case):
        return np.zeros(0, np.int64)
    return np.flatnonzero(np.concatenate([[True], _differs(case)])).astype(np.int64)


def _differs(case: pl.Series) -> Bools:
    ids = as_numbers(case)
    return np.asarray(ids[1:] != ids[:-1])


def as_numbers(case: pl.Series) -> Any:
    """The ids as an array of numbers if they are, or stand for, numbers."""
    if isinstance(case.dtype, pl.Categorical | pl.Enum):
        case = case.to_physical()
    return case.to_numpy() if case.dtype.is_integer() else case


def within_the_day(events: pl.DataFrame, zone: str) -> pl.DataFrame:
    """Dates without a time put where they are possible: not before what the log has earlier on that day.

    Such an event happened at some time of its day; the order in which the log tells the day is all that is known.
    """
    if not events["whole_day"].any():
        return events
    day = local(events["at"], zone).dt.date()
    earlier = events.select(pl.col("at").cum_max().over("case", day.alias("day"))).to_series()
    return events.with_columns(pl.when("whole_day").then(earlier).otherwise("at").alias("at"))


def in_order(events: pl.DataFrame) -> pl.DataFrame:
    """Sorted by case and instant, stable; a table that is in order is only looked at."""
    first = begins(events["case"])
    at = events["at"].to_numpy()
    together = each_once(events["case"][first])
    if together and _ascending(at, first):
        return events
    if together:
        place = pl.Series(np.repeat(np.arange(len(first)), np.diff(first, append=len(at))))
    else:
        place = events.select("case").with_row_index().select(pl.col("index").min().over("case")).to_series()
    keys = pl.DataFrame({"place": place, "at": events["at"]})
    return events[keys.select(pl.arg_sort_by("place", "at", maintain_order=True)).to_series()]


def each_once(ids: pl.Series) -> bool:
    """Whether no id comes twice; neighbours are known to differ."""
    return rising(ids) or ids.n_unique() == len(ids)


def rising(ids: pl.Series) -> bool:
    """Sorted, as far as that is seen without looking at text."""
    return ids.dtype.is_integer() and ids.is_sorted()


def _ascending(at: Ints, first: Ints) -> bool:
    risen = at[1:] >= at[:-1]
    if risen.all():
        return True
    risen[first[1:] - 1] = True
    return bool(risen.all())


def without_duplicates(events: pl.DataFrame) -> pl.DataFrame:
    """Rows wholly equal but for their place in the files count once; the table is in order."""
    at = events["at"].to_numpy()
    tied = at[1:] == at[:-1]
    near = np.flatnonzero(tied)
    ids = as_numbers(events["case"])
    near = near[np.asarray(ids[near] == ids[near + 1])]
    if not len(near):
        return events
    rows = np.unique(np.concatenate([near, near + 1]))
    instant = np.cumsum(~np.isin(rows - 1, near))
    told = pl.DataFrame({"instant": instant, "event": events["event"][rows]})
    rows = rows[told.is_duplicated().to_numpy()]  # mostly none: the whole rows need not be compared
    if not len(rows):
        return events
    content = [name for name in events.columns if name not in ("file", "line")]
    again = rows[~events[rows].select(pl.struct(content).is_first_distinct()).to_series().to_numpy()]
    if not len(again):
        return events
    keep = np.ones(events.height, bool)
    keep[again] = False
    return events.filter(keep)


def _corrected(log: Log) -> Log:
    events, superseded, refused = correct(log.events)
    if not superseded.height and not refused.height:
        return log
    left_out = excluded(refused, "corrects", pl.col("corrects"), "corrects no earlier event of its case")
    return replace(
        log, events=in_order(events), superseded=superseded, excluded=pl.concat([log.excluded, left_out])
    )


def _opened(log: Log, starts: Collection[str]) -> Log:
    events = log.events
    if not events.height:
        return log
    opening = events["event"].cast(pl.String).is_in(list(starts)).to_numpy()
    at = events["at"].to_numpy()
    first = begins(events["case"])
    never = np.iinfo(np.int64).max
    per_case = np.minimum.reduceat(np.where(opening, at, never), first)
    opened_at = np.repeat(per_case, np.diff(first, append=len(at)))
    unopened = opened_at == never
    early = (at < opened_at) & ~unopened
    early[early] = ~_same_day(events.filter(early), opened_at[early], log.zone)
    left_out = [
        excluded(events.filter(unopened), "event", pl.col("event"), NEVER_OPENED),
        excluded(events.filter(early), "at", _described(log.zone), BEFORE_OPENING),
    ]
    return replace(
        log, events=events.filter(~(unopened | early)), excluded=pl.concat([log.excluded, *left_out])
    )


def _same_day(events: pl.DataFrame, opened_at: Ints, zone: str) -> Bools:
    """A date without a time is not before an instant of that day."""
    same = local(events["at"], zone).dt.date() == local(pl.Series(opened_at, dtype=pl.Int64), zone).dt.date()
    return (events["whole_day"] & same).to_numpy()


def local(at: pl.Series, zone: str) -> pl.Series:
    return pl.from_epoch(at, "s").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)


def _described(zone: str) -> pl.Expr:
    moment = pl.from_epoch(pl.col("at"), "s").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return pl.format("{} {}", pl.col("event").cast(pl.String), moment.dt.strftime("%Y-%m-%d %H:%M:%S"))


def _matched(log: Log) -> Log:
    """Facts of cases that have no event are set aside, and listed unless their row was listed already."""
    cases = log.events["case"].gather(begins(log.events["case"])) if log.facts.height else log.facts["case"]
    if log.facts["case"].equals(cases):
        placed = [name for name in ("file", "line") if name in log.facts.columns]
        return replace(log, facts=log.facts.drop(placed)) if placed else log
    facts = filled_place(log.facts)
    idle = facts.join(cases.to_frame(), on="case", how="anti")
    idle = idle.with_columns(pl.col("file").cast(pl.String))
    unlisted = idle.join(log.excluded.select("file", "line").unique(), on=["file", "line"], how="anti")
    left_out = excluded(unlisted, "case", pl.col("case"), NO_EVENTS)
    facts = facts.join(idle.select("case"), on="case", how="anti", maintain_order="left").drop("file", "line")
    return replace(log, facts=facts, excluded=pl.concat([log.excluded, left_out]))


def filled_place(facts: pl.DataFrame) -> pl.DataFrame:
    absent = [
        pl.lit(None, dtype=COLUMNS[name]).alias(name)
        for name in ("file", "line")
        if name not in facts.columns
    ]
    return facts.with_columns(absent)
