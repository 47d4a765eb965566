"""Cells of a table as what the mapping says they are: cases, events, instants, identities, facts.

Knows one batch at a time, and neither long nor wide.
"""

from collections import Counter
from collections.abc import Callable, Collection
from concurrent.futures import ThreadPoolExecutor

import polars as pl

from bihuan.engine.corrections import CORRECTION
from bihuan.engine.errors import LogError
from bihuan.files.instants import Instants, as_fact, instants, shaped_like_a_date
from bihuan.files.mapping import Cell, Mapping, Moment
from bihuan.files.reading import NO_CASE, NO_EVENT, NO_SUCH_TIME, NO_TIME, NOT_A_TIME, UNMAPPED, Plan, Reading
from bihuan.files.tables import same

Listing = Callable[[pl.Series, str, pl.Series, str], None]

MANY = 1_000_000

#: Names a log may use without a mapping.
OWN = ("actor", "unit", "recorded_at", "id", "corrects", "corrected_at")
XES = {"case": "case:concept:name", "event": "concept:name", "at": "time:timestamp"}
XES_CELLS = {"actor": "org:resource", "unit": "org:group"}


def name_of(plan: Plan, key: str) -> str:
    declared = getattr(plan.mapping, key)
    if declared:
        return declared if isinstance(declared, str) else declared[0]
    return XES[key] if plan.kind == "xes" else key


def file_of(reading: Reading) -> pl.Expr:
    """One value for all rows, which takes no room until somebody asks for it."""
    return pl.lit(reading.plan.file, pl.Categorical).alias("file")


def case_of(reading: Reading, name: str) -> pl.Series:
    case = reading.column(name)
    if case.dtype.is_float():
        case = case.cast(pl.Int64).cast(pl.String)
    elif not (case.dtype.is_integer() or case.dtype == pl.String):
        case = case.cast(pl.String)
    if case.null_count():
        reading.fault(case.is_null(), name, case, NO_CASE)
    return case


def event_of(reading: Reading) -> pl.Series:
    names = reading.plan.mapping.event or (name_of(reading.plan, "event"),)
    if len(names) == 1 and (codes := _clean_codes(reading, names[0])) is not None:
        return codes
    parts = [reading.column(name) for name in names]
    joined = pl.DataFrame(parts).select(pl.concat_str(pl.all(), separator="+", ignore_nulls=True))
    event = joined.to_series().replace("", None)
    if event.null_count():
        reading.fault(event.is_null(), names[0], event, NO_EVENT)
    return _categorical(event)


def _clean_codes(reading: Reading, name: str) -> pl.Series | None:
    """The column's codes, if none of its few values needs a look: no row's text is touched."""
    if reading.lossy or name not in reading.table.columns or reading.table[name].null_count():
        return None
    listed = reading.table.schema[name]
    if isinstance(listed, pl.Enum) and _is_clean(values := listed.categories.to_list()):
        reading.event_names = values
        renamed = reading.plan.meanings.keys() & set(values)
        return _categorical(reading.table[name]) if renamed else reading.table[name]
    codes: pl.Series = _categorical(reading.table[name])
    values = codes.unique().cast(pl.String).to_list()
    if not _is_clean(values):
        return None
    reading.event_names = values
    return codes


def _is_clean(values: list[str]) -> bool:
    return all(value and value == value.strip() for value in values)


def _categorical(values: pl.Series) -> pl.Series:
    """Text as codes; halves of a long column side by side, since this is where most of reading a long log goes."""
    if values.dtype != pl.String or len(values) < MANY:
        return values.cast(pl.Categorical)
    half = len(values) // 2
    with ThreadPoolExecutor(2) as pool:
        parts = list(pool.map(_codes, (values.slice(0, half), values.slice(half))))
    return pl.concat(parts, rechunk=True)


def _codes(values: pl.Series) -> pl.Series:
    return values.cast(pl.Categorical)


def instants_of(
    reading: Reading, name: str, moment: Moment | Cell | None = None, *, optional: bool = False
) -> Instants:
    """A column of instants; what is no instant is a fault of the row, of an optional column a fault of the cell."""
    found = _instants_in(reading, name, moment)
    if found.at.null_count():
        if not optional and found.empty.any():
            reading.fault(found.empty, name, reading.column(name), NO_TIME)
        _not_instants(reading, found, name, reading.cell_fault if optional else reading.fault)
    return found


def _instants_in(reading: Reading, name: str, moment: Moment | Cell | None = None) -> Instants:
    try:
        found = instants(reading.column(name), reading.plan.clock(moment, name))
    except LogError as error:
        raise LogError(error.message, file=reading.plan.file, column=name) from None
    reading.notes += found.notes
    return found


def _not_instants(reading: Reading, found: Instants, name: str, listed: Listing) -> None:
    wrong = found.at.is_null() & ~found.empty
    if not wrong.any():
        return
    text = reading.column(name).cast(pl.String)
    shaped = text.map_elements(shaped_like_a_date, return_dtype=pl.Boolean, skip_nulls=True).fill_null(False)
    listed(wrong & shaped, name, text, NO_SUCH_TIME)
    listed(wrong & ~shaped, name, text, NOT_A_TIME)


def identities(reading: Reading) -> dict[str, pl.Series]:
    """Who, which unit, and when it was entered."""
    mapping, cells = reading.plan.mapping, {}
    for name in ("actor", "unit"):
        cell = getattr(mapping, name) or _constant(mapping, name) or _own(reading, name)
        if cell is not None:
            cells[name] = _named(reading.cell(cell))
    entered = mapping.recorded_at or ("recorded_at" if "recorded_at" in reading.table.columns else None)
    if entered:
        cells["recorded_at"] = instants_of(reading, entered, optional=True).at
    return cells


def _named(values: pl.Series) -> pl.Series:
    """Names as text, or as codes where they came as codes."""
    return values if isinstance(values.dtype, pl.Enum | pl.Categorical) else values.cast(pl.String)


def _constant(mapping: Mapping, name: str) -> Cell | None:
    return Cell(value=mapping.constants[name]) if name in mapping.constants else None


def _own(reading: Reading, name: str) -> Cell | None:
    column = XES_CELLS.get(name, name) if reading.plan.kind == "xes" else name
    return Cell(column=column) if column in reading.table.columns else None


def corrections(reading: Reading, at: str) -> dict[str, pl.Series]:
    """The columns of corrections; `event@instant` is taken apart."""
    column = reading.plan.mapping.corrects or "corrects"
    if column not in reading.table.columns:
        return {}
    said = reading.column(column).cast(pl.String).str.splitn("@", 2).struct.unnest()
    which = instants(said["field_1"], reading.plan.clock(column=at))
    reading.cell_fault(which.at.is_null() & ~which.empty, column, said["field_1"], NOT_A_TIME)
    cells = {"corrects": said["field_0"].str.strip_chars(), "corrects_at": which.at}
    true_time = reading.plan.mapping.corrected_at or "corrected_at"
    if true_time in reading.table.columns:
        found = _instants_in(reading, true_time)
        # An empty cell strikes the event out: an unreadable one must not.
        _not_instants(reading, found, true_time, reading.fault)
        cells |= {"corrected_at": found.at, "corrected_whole_day": found.whole_day}
    own = reading.plan.mapping.id or "id"
    if own in reading.table.columns:
        cells["id"] = reading.column(own).cast(pl.String)
    return {name: values.cast(CORRECTION[name]) for name, values in cells.items()}


def fact_of(reading: Reading, cell: Cell) -> pl.Series:
    if cell.column is None or not (cell.instant or cell.datetime):
        return reading.cell(cell)
    found = instants_of(reading, cell.column, cell, optional=True)
    return as_fact(found, reading.plan.clock(cell, cell.column).zone)


def facts_of(reading: Reading, given: list[str]) -> tuple[dict[str, pl.Series], dict[str, pl.Series]]:
    """Facts that rows carry, and facts given with the case."""
    plan, mapping = reading.plan, reading.plan.mapping
    facts = {name: fact_of(reading, cell) for name, cell in mapping.facts.items()}
    facts |= {
        name: same(value, reading.table.height)
        for name, value in mapping.constants.items()
        if name not in ("actor", "unit")
    }
    carried = {name: fact_of(reading, cell) for name, cell in (mapping.carried or {}).items()}
    rest = [name for name in reading.table.columns if name not in _placed(plan, reading.table.columns)]
    if plan.declared:
        reading.notes += Counter({f"{UNMAPPED}: {', '.join(rest)}": len(rest)} if rest else {})
        return carried, facts
    for name in rest:
        target = facts if name in given or (plan.kind == "xes" and name.startswith("case:")) else carried
        target[name.removeprefix("case:") if plan.kind == "xes" else name] = reading.column(name)
    return carried, facts


def _placed(plan: Plan, columns: Collection[str]) -> set[str]:
    """Columns that have a place, by the mapping or by their names."""
    mapping = plan.mapping
    cells = [*mapping.facts.values(), *(mapping.carried or {}).values(), mapping.actor, mapping.unit]
    for _, event in mapping.wide_events:
        cells += [Cell(column=event.column), event.actor, event.unit, *event.facts.values()]
        cells += [Cell(column=event.recorded_at)] if event.recorded_at else []
    placed = {cell.column for cell in cells if cell is not None and cell.column}
    placed |= {value for key in OWN[2:] if (value := getattr(mapping, key))} | set(mapping.ignored)
    if mapping.case:
        placed.add(mapping.case)
    if mapping.format == "long":
        placed |= {name_of(plan, key) for key in ("case", "event", "at")} | set(mapping.event) | set(OWN)
    if plan.kind == "xes":
        placed |= set(XES_CELLS.values())
    return placed & set(columns)
