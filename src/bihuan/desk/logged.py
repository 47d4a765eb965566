"""Cases of the record as a log, read by columns: any number of them.

Read in portions, each by a statement of its own, so that nobody waits who writes; up to one event, so that all portions
are of one instant. What many events say in the same words is read once. Corrections are told, and the engine applies them.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from django.db import connection

from bihuan.desk.judging import as_text
from bihuan.desk.tables import fetch, marks
from bihuan.engine.corrections import CORRECTION
from bihuan.engine.log import COLUMNS, Log, as_log
from bihuan.engine.policy import Policy

PORTION = 1000  # cases
EVERY = 2**62  # more than the id of any event
OWN = frozenset((*COLUMNS, "id", "row"))  # what a fact of an event cannot be called
GIVEN = frozenset(("case",))  # nor one that is given with a case: its unit is told so
READ: dict[str, Any] = {
    "case": pl.Int64,
    "line": pl.Int64,
    "event": pl.String,
    "at": pl.Int64,
    "whole_day": pl.Boolean,
    "actor": pl.String,
    "unit": pl.String,
    "entered": pl.Int64,
    "facts": pl.String,
    "given": pl.String,
    "meta": pl.String,
}
EVENTS = """
SELECT case_id, seq, event, {at}, whole_day, actor, unit, {recorded_at}, {facts}, {given}, {meta} FROM desk_event
WHERE case_id IN ({cases}) AND id <= %s AND kind = 'event' ORDER BY case_id, seq
"""


def logged(policy: Policy, ids: Sequence[int], upto: int = EVERY) -> Log:
    """The cases of these ids, in this order, with their events up to the one of that id. Not arranged yet."""
    events = pl.concat([pl.DataFrame(schema=READ), *(read(some, upto) for some in portions(ids))])
    numbers = {id: number for some in portions(ids) for id, number in numbered(some)}
    names = pl.Enum(list(numbers.values()))
    place = pl.Series(list(numbers), dtype=pl.Int64).to_frame("case").with_row_index("place")
    case = events.select("case").join(place, on="case", how="left", maintain_order="left")["place"]
    case = case.cat.to(names).alias("case")
    facts = given(events, case)
    told = pl.DataFrame([case, *plain(events), *objects(events["facts"], OWN)])
    return as_log(told, facts, zone=policy.header.zone)


def portions(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + PORTION] for start in range(0, len(ids), PORTION))


def read(cases: Sequence[int], upto: int) -> pl.DataFrame:
    rows = fetch(EVENTS.format(cases=marks(cases), **said()), *seconds(), *cases, upto)
    return pl.DataFrame(rows, schema=READ, orient="row")


def said() -> Mapping[str, str]:
    """How the database says instants as seconds and JSON as text."""
    if connection.vendor == "postgresql":
        at = {name: f"floor(extract(epoch FROM {name}))::bigint" for name in INSTANTS}
        return at | {name: f"{name}::text" for name in JSON}
    at = {name: f"CAST(strftime(%s, {name}) AS INTEGER)" for name in INSTANTS}
    return at | {name: name for name in JSON}


INSTANTS, JSON = ("at", "recorded_at"), ("facts", "given", "meta")


def seconds() -> tuple[str, ...]:
    return () if connection.vendor == "postgresql" else ("%s",) * len(INSTANTS)


def numbered(ids: Sequence[int]) -> Iterator[tuple[int, str]]:
    found = dict(fetch(f"SELECT id, number FROM desk_case WHERE id IN ({marks(ids)})", *ids))
    return ((id, found[id]) for id in ids if id in found)


def plain(events: pl.DataFrame) -> list[pl.Series]:
    """What every event has. `line` is its number in the case, and its name where it is corrected."""
    entered = events.select(
        pl.when(pl.col("meta").str.json_path_match("$.import").is_null())
        .then("entered")
        .otherwise(pl.col("meta").str.json_path_match("$.recorded_at").cast(pl.Int64))
        .alias("recorded_at")
    )
    names = events["event"].unique(maintain_order=True)
    return [
        events["event"].cast(pl.Enum(names)),
        *events.select("at", "whole_day", "actor", "unit"),
        *entered,
        *events.select("line", pl.col("line").cast(pl.String).alias("id")),
    ]


def given(events: pl.DataFrame, case: pl.Series) -> pl.DataFrame:
    """The facts given with cases, a row each; no column where nothing is given."""
    first = events.select(case, "given").drop_nulls("given").unique("case", keep="first", maintain_order=True)
    columns = objects(first["given"], GIVEN)
    return pl.DataFrame([first["case"], *columns]) if columns else pl.DataFrame()


def objects(texts: pl.Series, besides: Collection[str]) -> list[pl.Series]:
    """JSON objects as columns, but for these names. A column has one kind of value: what is told in two is told as text."""
    distinct = texts.drop_nulls().unique(maintain_order=True)
    if not len(distinct):
        return []
    found: dict[str, tuple[list[int], list[Any]]] = {}
    for n, text in enumerate(distinct):
        for name, value in json.loads(text).items():
            if value is not None and name not in besides:
                places, values = found.setdefault(name, ([], []))
                places.append(n)
                values.append(value)
    known = pl.DataFrame({"text": distinct, "n": pl.int_range(len(distinct), eager=True)})
    row = texts.to_frame("text").join(known, on="text", how="left", maintain_order="left")["n"]
    return [
        column(name, values).gather(placed(places, len(distinct)).gather(row))
        for name, (places, values) in found.items()
    ]


def placed(places: list[int], size: int) -> pl.Series:
    """Of each text the place of its value; none where it has none."""
    nowhere = pl.Series([None], dtype=pl.Int64).new_from_index(0, size)
    return nowhere.scatter(places, range(len(places)))


def column(name: str, values: list[Any]) -> pl.Series:
    mixed = len(set(map(type, values))) > 1
    return pl.Series(name, map(as_text, values) if mixed else values, CORRECTION.get(name))
