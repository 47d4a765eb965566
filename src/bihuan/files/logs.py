"""Logs out of files: one call for a log that fits into memory, one for logs that do not (`iter_log`).

Picks the table reader, the mapping and the zone, and hands over arranged `Log` values. Knows no rules: it is told
which events are known and which open a case.
"""

from collections import Counter
from collections.abc import Collection
from collections.abc import Mapping as Dict
from pathlib import Path

import polars as pl

from bihuan.engine.errors import LogError
from bihuan.engine.log import Log, arrange, filled
from bihuan.files.mapping import Cases, Mapping, meant, read_mapping
from bihuan.files.reading import AT_ODDS, Piece, Plan, merged, one_per_case
from bihuan.files.shapes import read_batch
from bihuan.files.tables import batches, kind_of

EMPTY = "the log has no rows"

Events = Dict[str, str] | Collection[str]


def read_log(
    path: str | Path,
    mapping: str | Path | Mapping | None = None,
    *,
    zone: str | None = None,
    known_events: Events | None = None,
    starts: Collection[str] = (),
    facts: str | Path | None = None,
) -> Log:
    """The log in a file. Times without a zone are read in the mapping's zone, else in `zone`.

    `known_events` (names, or names with their labels) excludes all others; `starts` are the events that open a
    case; `facts` is a second table with one row per case.
    """
    path = Path(path)
    plan = planned(path, mapping, zone, known_events)
    found = batches(path, header=plan.mapping.header, sheet=plan.mapping.sheet)
    piece = merged(read_batch(batch, plan) for batch in found)
    second = second_table(path, plan, mapping, facts)
    return made(piece, plan, starts, second)


def planned(path: Path, mapping: str | Path | Mapping | None, zone: str | None, known: Events | None) -> Plan:
    declared = mapping is not None
    found = mapping if isinstance(mapping, Mapping) else read_mapping(mapping) if mapping else Mapping()
    labels = {label: name for name, label in known.items()} if isinstance(known, Dict) else {}
    names = None if known is None else frozenset(known)
    return Plan(found, declared, kind_of(path), str(path), zone, labels, names)


def made(piece: Piece, plan: Plan, starts: Collection[str], second: pl.DataFrame | None = None) -> Log:
    """A piece of whole cases as a log."""
    events = filled(piece.events)
    if plan.mapping.order and plan.mapping.format == "long":
        events = _ranked(events, plan.mapping.order)
    facts, odds = one_per_case(piece.facts)
    if second is not None:
        facts = _joined(facts, second)
    if facts.width == 3 and plan.mapping.format == "long":  # case, file, line: nothing is told of the cases
        facts = pl.DataFrame(schema={"case": facts.schema["case"]})
    notes = Counter(piece.notes) + Counter({AT_ODDS: odds}) + Counter({EMPTY: int(piece.read == 0)})
    zone = plan.mapping.zone or plan.zone or "UTC"
    log = Log(events, facts, piece.excluded, zone, piece.read, notes=dict(+notes))
    return arrange(log, starts)


def _ranked(events: pl.DataFrame, order: Collection[str]) -> pl.DataFrame:
    """Events of one instant in the order declared; the log keeps its order otherwise."""
    rank = {name: place for place, name in enumerate(order)}
    place = pl.col("event").cast(pl.String).replace_strict(rank, default=len(rank), return_dtype=pl.Int64)
    first = pl.int_range(pl.len())
    numbered = events.with_columns(_row=first, _rank=place)
    numbered = numbered.with_columns(_case=pl.col("_row").min().over("case"))
    return numbered.sort("_case", "at", "_rank", "_row").drop("_case", "_rank", "_row")


def second_table(
    path: Path, plan: Plan, mapping: str | Path | Mapping | None, facts: str | Path | None
) -> pl.DataFrame | None:
    cases = plan.mapping.cases
    if facts is not None:
        cases = Cases(file=str(facts), case=cases.case if cases else "case")
    elif cases is not None:
        base = Path(mapping).parent if isinstance(mapping, str | Path) else path.parent
        cases = cases.model_copy(update={"file": str(base / cases.file)})
    return None if cases is None else _cases_table(cases)


def _cases_table(cases: Cases) -> pl.DataFrame:
    found = list(batches(Path(cases.file), header=cases.header, sheet=cases.sheet))
    table = pl.concat([batch.table.with_columns(batch.lines.alias("line")) for batch in found])
    if cases.case not in table.columns:
        columns = ", ".join(table.columns)
        hint = meant(cases.case, table.columns)
        raise LogError(f"no column {cases.case!r}{hint}; the columns are {columns}", file=cases.file, line=1)
    text = pl.col(pl.String).str.strip_chars().replace("", None)
    table = table.with_columns(text).rename({cases.case: "case"})
    return one_per_case(table.with_columns(file=pl.lit(cases.file, pl.Categorical)))[0]


def _joined(facts: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """What either table says of a case; the log's own word comes first."""
    second = second.with_columns(pl.col("case").cast(facts.schema["case"]))
    both = facts.join(second, on="case", how="full", coalesce=True, suffix="\0", maintain_order="left_right")
    twice = [name for name in both.columns if name.endswith("\0")]
    known = [pl.coalesce(pl.col(name.removesuffix("\0")), pl.col(name)) for name in twice]
    return both.with_columns(known).drop(twice)
