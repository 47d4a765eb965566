"""The shapes of logs: one row per event, one row per case with lists, one row per case with a column per instant.

Each batch becomes events and facts. Knows no file's format.
"""

from collections import Counter

import polars as pl

from bihuan.engine.log import NO_EVENTS
from bihuan.files.cells import (
    case_of,
    corrections,
    event_of,
    fact_of,
    facts_of,
    file_of,
    identities,
    instants_of,
    name_of,
)
from bihuan.files.leftovers import place_of, unsaid
from bihuan.files.mapping import WideEvent
from bihuan.files.reading import IGNORED, UNEVEN, UNKNOWN_EVENT, Piece, Plan, Reading
from bihuan.files.tables import Batch, same


def read_batch(batch: Batch, plan: Plan) -> Piece:
    """Events and facts of a batch."""
    if plan.mapping.format == "wide":
        return _wide(batch, plan)
    listed: list[str] = []
    if _is_list(batch.table, plan):
        batch, listed = _exploded(batch, plan)
    return _long(batch, plan, listed)


def _long(batch: Batch, plan: Plan, given: list[str]) -> Piece:
    reading = Reading(batch, plan)
    case = case_of(reading, name_of(plan, "case"))
    event = event_of(reading)
    at = instants_of(reading, name_of(plan, "at"))
    cells = identities(reading) | corrections(reading, name_of(plan, "at")) | unsaid(reading, given)
    carried, facts = facts_of(reading, given)
    events = pl.DataFrame(
        {"case": case, "event": event, "at": at.at, "whole_day": at.whole_day, **cells}
        | {"line": reading.lines, **carried}
    ).with_columns(file_of(reading))
    table = _told(reading, case, facts)
    if not reading.good.all():
        events, table = events.filter(reading.good), table.filter(reading.good) if facts else table
    events = _known(_renamed(_unignored(events, reading), reading), reading)
    return Piece(events, table, reading.excluded(), batch.table.height + len(batch.bad), reading.notes)


def _told(reading: Reading, case: pl.Series, facts: dict[str, pl.Series]) -> pl.DataFrame:
    """What is told of the cases: without facts, nothing."""
    if not facts:
        return pl.DataFrame(schema={"case": case.dtype, "file": pl.Categorical, "line": pl.Int64})
    table = pl.DataFrame({"case": case, "line": reading.lines, **facts})
    return table.with_columns(file_of(reading)).select("case", "file", "line", *facts)


def _unignored(events: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    names = reading.plan.mapping.ignored_events
    if not names:
        return events
    ignored = events["event"].cast(pl.String).is_in(list(names))
    reading.notes += +Counter({IGNORED: int(ignored.sum())})
    return events.filter(~ignored)


def _renamed(events: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    """Their words for events as ours; one of theirs may stand for several of ours, in the order of the mapping."""
    meanings = reading.plan.meanings
    found = reading.event_names or events["event"].unique().cast(pl.String).to_list()
    used = {name: meanings.get(name, [name]) for name in found}
    if all(ours == [name] for name, ours in used.items()):
        return events
    most = max(len(ours) for ours in used.values())
    tables = []
    for turn in range(most):
        now = {name: ours[turn] for name, ours in used.items() if turn < len(ours)}
        event = pl.col("event").cast(pl.String).replace_strict(now, default=None).cast(pl.Categorical)
        tables.append(
            events.with_columns(event=event, _row=pl.int_range(pl.len())).filter(
                pl.col("event").is_not_null()
            )
        )
    whole = tables[0] if most == 1 else pl.concat(tables).sort("_row", maintain_order=True)
    return whole.drop("_row")


def _known(events: pl.DataFrame, reading: Reading) -> pl.DataFrame:
    if reading.plan.known is None:
        return events
    listed = events["event"].dtype
    if isinstance(listed, pl.Enum) and reading.plan.known.issuperset(listed.categories):
        return events
    names = events["event"].unique().cast(pl.String).to_list()
    strange = [name for name in names if name not in reading.plan.known]
    if not strange:
        return events
    bad = events["event"].cast(pl.String).is_in(strange)
    rows = events.filter(bad)
    found = pl.col("event").cast(pl.String).alias("found")
    column = pl.lit(name_of(reading.plan, "event")).alias("column")
    reading.faults.append(rows.select("line", column, found, pl.lit(UNKNOWN_EVENT).alias("reason")))
    return events.filter(~bad)


def _is_list(table: pl.DataFrame, plan: Plan) -> bool:
    at = name_of(plan, "at")
    if at in table.columns:
        return isinstance(table.schema[at], pl.List)
    return isinstance(table.schema.get("events"), pl.List)


def _exploded(batch: Batch, plan: Plan) -> tuple[Batch, list[str]]:
    """One row per event; columns that were no lists are facts of the case."""
    table = batch.table.with_columns(batch.lines.alias("\0line"))
    given = [name for name, kind in batch.table.schema.items() if not isinstance(kind, pl.List)]
    lists = [name for name in batch.table.columns if name not in given]
    lengths = table.select(pl.col(lists).list.len().fill_null(0))
    uneven = lengths.select(pl.min_horizontal(pl.all()) != pl.max_horizontal(pl.all())).to_series()
    blank = lengths.select(pl.max_horizontal(pl.all()) == 0).to_series()
    names = table[name_of(plan, "case")].cast(pl.String)
    bad = [(batch.lines[row], lists[0], names[row], UNEVEN) for row in uneven.arg_true()]
    bad += [(batch.lines[row], lists[0], names[row], NO_EVENTS) for row in blank.arg_true()]
    long = table.filter(~(uneven | blank)).explode(lists)
    if "events" in lists and isinstance(long.schema["events"], pl.Struct):
        long = long.unnest("events")
    lines = long["\0line"]
    return Batch(long.drop("\0line"), lines, batch.bad + bad, batch.lossy), given


def _wide(batch: Batch, plan: Plan) -> Piece:
    reading = Reading(batch, plan)
    case = case_of(reading, plan.mapping.case or "")
    shared = identities(reading)
    facts = facts_of(reading, [])[1]
    tables = [_column_of(reading, case, name, event, shared) for name, event in plan.mapping.wide_events]
    good = reading.good
    rank = {name: place for place, name in enumerate(plan.mapping.order)}
    stacked = [
        table.filter(good & table["at"].is_not_null()).with_columns(_rank=pl.lit(rank.get(name, len(rank))))
        for table, (name, _) in zip(tables, plan.mapping.wide_events, strict=True)
    ]
    events = pl.concat(stacked, how="diagonal_relaxed").sort("_row", "_rank", maintain_order=True)
    events = _known(events.drop("_row", "_rank"), reading)
    table = pl.DataFrame({"case": case, "line": reading.lines, **facts})
    table = table.with_columns(file_of(reading)).select("case", "file", "line", *facts).filter(good)
    return Piece(events, table, reading.excluded(), batch.table.height + len(batch.bad), reading.notes)


def _column_of(
    reading: Reading, case: pl.Series, name: str, event: WideEvent, shared: dict[str, pl.Series]
) -> pl.DataFrame:
    """One column of instants as events, empty cells still in it."""
    found = instants_of(reading, event.column, event, optional=True)
    cells = dict(shared)
    for key in ("actor", "unit"):
        if (cell := getattr(event, key)) is not None:
            cells[key] = reading.cell(cell).cast(pl.String)
    if event.recorded_at:
        cells["recorded_at"] = instants_of(reading, event.recorded_at, event, optional=True).at
    carried = {fact: fact_of(reading, cell) for fact, cell in event.facts.items()}
    height = reading.table.height
    label = same(name, height).cast(pl.Categorical)
    columns = {"case": case, "event": label, "at": found.at, "whole_day": found.whole_day, **cells}
    columns |= {"line": reading.lines, **carried, "_row": pl.int_range(height, eager=True)}
    apart = place_of(reading.plan.mapping, name, event)
    return pl.DataFrame(columns).with_columns(file_of(reading), **apart)
