"""What of a row its event does not say: columns without a place, and words that a mapping makes one.

Rows that differ only there are two events all the same (docs/semantics.md#duplicates), so a number is kept of them;
where a mapping leaves nothing unsaid there is none. Knows one batch at a time.
"""

from functools import reduce
from operator import xor
from zlib import crc32

import polars as pl

from bihuan.engine.log import UNSAID
from bihuan.files.cells import OWN, XES_CELLS, name_of
from bihuan.files.mapping import Cell, Mapping, WideEvent
from bihuan.files.reading import Plan, Reading


def unsaid(reading: Reading, given: list[str]) -> dict[str, pl.Series]:
    """A number for each row of a long log; `given` are columns that say something of the case, not of the event."""
    if not reading.plan.declared:
        return {}
    table = reading.table
    said = said_by_events(reading.plan) | set(given)
    numbers = [number_of(table, name) for name in table.columns if name not in said]
    return {UNSAID: table.select(reduce(xor, numbers)).to_series()} if numbers else {}


def said_by_events(plan: Plan) -> set[str]:
    """Columns that stand in the events as they are, so that rows that differ there differ as events."""
    mapping = plan.mapping
    cells = [cell for cell in (mapping.actor, mapping.unit, *(mapping.carried or {}).values()) if cell]
    said = {cell.column for cell in cells if cell.column and keeps_apart(cell)}
    said |= {name_of(plan, "case"), name_of(plan, "at")}
    said |= {getattr(mapping, name) or name for name in OWN[2:]}
    for name in OWN[:2]:
        if getattr(mapping, name) is None and name not in mapping.constants:
            said.add(XES_CELLS[name] if plan.kind == "xes" else name)
    return said if merges(mapping) else said | set(mapping.event or (name_of(plan, "event"),))


def keeps_apart(cell: Cell) -> bool:
    return all(len(theirs) < 2 for theirs in cell.values.values())


def merges(mapping: Mapping) -> bool:
    """Whether two of their words for events become one of ours."""
    return any(len(theirs) > 1 for theirs in mapping.events.values())


def number_of(table: pl.DataFrame, name: str) -> pl.Expr:
    """The same for the same cell in every batch, whatever other columns there are; 0 for an empty one."""
    value = pl.col(name)
    kind = table.schema[name]
    if isinstance(kind, pl.List):
        value = value.cast(pl.List(pl.String)).list.join("\x1f")
    elif not isinstance(kind, pl.Struct):
        value = value.cast(pl.String).str.strip_chars()
    blank = value.is_null() if isinstance(kind, pl.Struct) else value.fill_null("") == ""
    return pl.when(blank).then(pl.lit(0, pl.UInt64)).otherwise(value.hash(crc32(name.encode())))


def place_of(mapping: Mapping, name: str, event: WideEvent) -> dict[str, pl.Expr]:
    """Of a wide log, which of an event's several columns it was; an event's other cells stand in it."""
    columns = [each.column for each in mapping.wide[name]]
    if all(len(each) < 2 for each in mapping.wide.values()):
        return {}
    return {UNSAID: pl.lit(columns.index(event.column), pl.UInt64)}
