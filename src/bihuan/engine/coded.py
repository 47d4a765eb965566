"""Columns of facts: what the log records, as numbers and codes, one value a case or one a row.

A fact that no event carries keeps one value a case until somebody needs rows; a carried one is filled forward
within its case. This module knows the shape of a log and nothing of policies.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.localtime import LocalTime
from bihuan.engine.rows import Rows, occurring
from bihuan.engine.values import (
    ABSENT,
    CODE_TYPES,
    KNOWN,
    OTHER,
    UNKNOWN,
    WHOLE,
    Labels,
    Number,
    Reader,
)

Array = NDArray[Any]
Bools = NDArray[np.bool_]
Tri = NDArray[np.int8]

# Levels of a column: one value for all, one a case, one a row.
CONSTANT, CASE, ROW = 0, 1, 2

# In rows that are no longer with the rest of their case: whether an earlier event brought what stands in a column,
# and when an event of the case happened last.
BROUGHT_EARLIER = "{} was brought earlier"
HAPPENED, HAPPENED_ON = "{} happened last at", "{} happened last on a day"

# Up to here a plain loop beats a dictionary of distinct values; both give the same answer.
FEW = 256
DISTINCT_SPAN = 4


@dataclass(slots=True)
class Column:
    """Values of one fact with their states; `labels` if the values are codes.

    What is given as a function is worked out when it is first asked for: a condition mostly needs the values alone.
    """

    type: str
    values: Array
    _state: Tri | Callable[[], Tri]
    labels: Labels | None = None
    level: int = CONSTANT
    _earlier: Bools | Callable[[], Bools] | None = None
    _silent: Bools | None = None

    @property
    def state(self) -> Tri:
        if callable(self._state):
            self._state = self._state()
        return self._state

    @property
    def earlier(self) -> Bools | None:
        """Where the value was carried by an earlier event of the case; None: nowhere."""
        if callable(self._earlier):
            self._earlier = self._earlier()
        return self._earlier

    @property
    def silent(self) -> Bools:
        """Where the row itself says nothing of the fact, nor did the case."""
        if self._silent is None:
            absent = self.state == ABSENT
            self._silent = absent if self.earlier is None else absent | self.earlier
        return self._silent


class Cells(NamedTuple):
    """What a column of the log holds: where something stands, and what it was read as."""

    where: Array
    values: Array
    state: Tri
    raw: Callable[[Array], list[Any]]  # what was found at some positions of `where`
    odd: bool  # some value does not fit, or is outside an open list


class Grid:
    """The rows of a log within their cases."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self.rows_total = len(rows.event)
        self.cases = len(rows.offsets) - 1
        self.carried = frozenset(rows.data.columns)
        self.given = frozenset(rows.facts.columns)

    @cached_property
    def case(self) -> Array:
        """Index of the case of each row."""
        return np.repeat(np.arange(self.cases), np.diff(self.rows.offsets))

    @cached_property
    def order(self) -> Array:
        return np.arange(self.rows_total)

    @cached_property
    def first_row(self) -> Array:
        """Own index at the first row of a case, 0 elsewhere: where filling forward begins."""
        starts = np.zeros(self.rows_total, np.int64)
        begins = self.rows.offsets[:-1]
        begins = begins[begins < self.rows_total]
        starts[begins] = begins
        return starts

    def spread(self, values: Array, level: int) -> Array:
        """The values for rows: a single one stays single, numpy stretches it."""
        if level != CASE or len(values) == 1:
            return values
        return values[self.case]

    def full(self, values: Array, level: int) -> Array:
        """One value for every row."""
        values = self.spread(values, level)
        if len(values) == self.rows_total:
            return values
        return np.repeat(values, self.rows_total)

    def sources(self, carrying: Bools) -> Array:
        """For each row the last carrying row of the case so far, its first row if there is none."""
        return np.maximum.accumulate(np.where(carrying, self.order, self.first_row))

    def common(self, *levels: int) -> int:
        return max(levels, default=CONSTANT)

    def brought_earlier(self, name: str) -> Bools | None:
        """Where an earlier event of the case brought what stands in a column; None where rows are with their case."""
        flags = BROUGHT_EARLIER.format(name)
        return self.rows.data[flags].fill_null(False).to_numpy() if flags in self.carried else None

    def at_level(self, column: Column, level: int) -> tuple[Array, Tri]:
        if level == ROW and column.level == CASE:
            return self.spread(column.values, CASE), self.spread(column.state, CASE)
        return column.values, column.state


def stretched(grid: Grid, base: Column, cells: Cells) -> Column:
    """`filled` where the base does not change within a case: each value stands up to the next, or its case's end."""
    begins = grid.rows.offsets[:-1]
    begins = begins[begins < grid.rows.offsets[1:]]
    starts = begins
    if not np.array_equal(begins, cells.where):
        marked = np.zeros(grid.rows_total, np.bool_)
        marked[begins] = marked[cells.where] = True
        starts = np.flatnonzero(marked)
    place = slice(None) if len(starts) == len(cells.where) else np.searchsorted(starts, cells.where)
    values, state = (
        column[grid.case[starts]] if base.level == CASE else np.repeat(column, len(starts))
        for column in (base.values, base.state)
    )
    values[place], state[place] = cells.values, cells.state
    brought = np.zeros(len(starts), np.bool_)
    brought[place] = True
    lengths = np.diff(starts, append=grid.rows_total)

    def earlier() -> Bools:
        found = np.repeat(brought, lengths)
        found[starts] = False
        return found

    return Column(
        base.type, np.repeat(values, lengths), lambda: np.repeat(state, lengths), base.labels, ROW, earlier
    )


def stretched_alone(grid: Grid, base: Column, cells: Cells) -> Column:
    """`stretched` over one case, value by value: of so little it takes longer to ask where it stands."""
    size, places = grid.rows_total, cells.where.tolist()

    def over(first: Array, brought: Array) -> Array:
        found = first.tolist() * size
        for at, value in zip(places, brought.tolist(), strict=True):
            found[at:] = [value] * (size - at)
        return np.array(found, first.dtype)

    def earlier() -> Bools:
        found: Bools = np.arange(size) > places[0]
        found[cells.where] = False
        return found

    state = base.state
    return Column(
        base.type,
        over(base.values, cells.values),
        lambda: over(state, cells.state),
        base.labels,
        ROW,
        earlier,
    )


def texts(labels: Sequence[Any], codes: Any) -> pl.Series:
    """What codes stand for, as text; what is below 0 is null."""
    return pl.Series([*map(str, labels), None], dtype=pl.String)[np.where(codes < 0, len(labels), codes)]


def dtype_of(type: str) -> Any:
    if type in CODE_TYPES:
        return np.int32
    return np.float64 if type == "number" else np.int64


def filled(grid: Grid, base: Column, cells: Cells) -> Column:
    """A carried fact by rows: what the case gave at first, then what its events bring."""
    if base.level != ROW:
        return (stretched_alone if grid.cases == 1 else stretched)(grid, base, cells)
    values = grid.full(base.values, base.level).copy()
    state = grid.full(base.state, base.level).copy()
    carrying = np.zeros(grid.rows_total, np.bool_)
    carrying[cells.where] = True
    values[cells.where] = cells.values
    state[cells.where] = cells.state
    source = grid.sources(carrying)
    earlier = carrying[source] & (source != grid.order)
    return Column(base.type, values[source], state[source], base.labels, ROW, earlier)


def before_regrouping(column: Column, brought_earlier: Bools) -> Column:
    """The column, with what is known from the rest of each row's case."""
    earlier = brought_earlier if column.earlier is None else column.earlier | brought_earlier
    return Column(column.type, column.values, column.state, column.labels, column.level, earlier)


def laid_over(grid: Grid, base: Column, cells: Cells) -> Column:
    """Values given with some cases, and the base for all others."""
    cells, size = settled(cells), grid.cases
    values, state = base.values, base.state
    if base.level == ROW:  # a dated default: as of the first row
        begins = np.minimum(grid.rows.offsets[:-1], grid.rows_total - 1)
        values, state = values[begins], state[begins]
    values, state = np.broadcast_to(values, size).copy(), np.broadcast_to(state, size).copy()
    values[cells.where], state[cells.where] = cells.values, cells.state
    return Column(base.type, values, state, base.labels, CASE)


def occurrences(grid: Grid, code: int) -> Column:
    """The latest occurrence of an event up to and including each row."""
    happened = grid.rows.event == code
    source = grid.sources(happened)
    state = np.where(happened, np.where(grid.rows.whole_day, WHOLE, KNOWN), ABSENT).astype(np.int8)
    return Column("instant", grid.rows.at[source], state[source], level=ROW)


def happened(grid: Grid, event: str) -> Column:
    """The same in rows that are no longer with the rest of their case."""
    data = grid.rows.data
    at, on = data[HAPPENED.format(event)], data[HAPPENED_ON.format(event)].fill_null(False).to_numpy()
    source = grid.sources(at.is_not_null().to_numpy())
    state = np.where(at.is_null().to_numpy(), ABSENT, np.where(on, WHOLE, KNOWN)).astype(np.int8)
    return Column("instant", at.fill_null(0).to_numpy()[source], state[source], level=ROW)


def read_cells(series: pl.Series | list[Any], reader: Reader, local: LocalTime) -> Cells:
    """Read a column of the log; empty cells are left out."""
    if len(series) <= FEW:
        return _read_few(series if isinstance(series, list) else series.to_list(), reader)
    series = pl.Series(series)
    held, where = series, np.arange(len(series))
    if series.null_count():
        there = series.is_not_null()
        held, where = series.filter(there), pl.Series(where).filter(there).to_numpy()
    if not len(held):
        return _read_few([], reader)
    fast = _numbers(held, reader) or _instants(held, reader, local) or _categories(held, reader)
    values, state = fast if fast else _read_distinct(held, reader)
    said = state != ABSENT
    if not said.all():
        where, values, state = where[said], values[said], state[said]
    odd = bool(((state != KNOWN) & (state != WHOLE)).any())
    return Cells(where, values, state, lambda positions: series.gather(where[positions]).to_list(), odd)


def _read_few(cells: list[Any], reader: Reader) -> Cells:
    read = reader.read
    raw = [(index, value, *read(value)) for index, value in enumerate(cells) if value is not None]
    found = [cell for cell in raw if cell[3] != ABSENT]
    return Cells(
        np.array([cell[0] for cell in found], np.int64),
        np.array([cell[2] for cell in found], dtype_of(reader.type)),
        np.array([cell[3] for cell in found], np.int8),
        lambda positions: [found[position][1] for position in positions.tolist()],
        any(cell[3] in (UNKNOWN, OTHER) for cell in found),
    )


def _read_distinct(held: pl.Series, reader: Reader) -> tuple[Array, Tri]:
    first, back = distinct(held)
    pairs = [reader.read(raw) for raw in held.gather(first).to_list()]
    values = np.array([value for value, _ in pairs], dtype_of(reader.type))
    state = np.array([state for _, state in pairs], np.int8)
    return values[back], state[back]


def distinct(held: pl.Series) -> tuple[Array, Array]:
    """First positions of the distinct values of a column, and for each value which of them it is."""
    keys = _keys(held)
    low = int(keys.min()) if len(keys) else 0
    span = int(keys.max()) - low + 1 if len(keys) else 0
    if span > DISTINCT_SPAN * len(keys) + FEW:
        _, first, back = np.unique(keys, return_index=True, return_inverse=True)
        return first, back
    keys = keys - low
    first = np.full(span, -1)
    first[keys[::-1]] = np.arange(len(keys))[::-1]
    met = first >= 0
    return first[met], (np.cumsum(met) - 1)[keys]


def _keys(held: pl.Series) -> Array:
    """Integers that are equal where the values are."""
    if isinstance(held.dtype, pl.List):
        held = held.cast(pl.List(pl.String)).list.join("\x1f")
    if held.dtype.is_float():
        return held.cast(pl.Float64).to_numpy().view(np.int64)
    if held.dtype == pl.String:
        held = held.cast(pl.Categorical)
    if held.dtype.is_decimal():
        held = held.cast(pl.String).cast(pl.Categorical)
    return held.to_physical().cast(pl.Int64).to_numpy()


def _numbers(held: pl.Series, reader: Reader) -> tuple[Array, Tri] | None:
    """Numbers that already are numbers."""
    if reader.type != "number" or not (held.dtype.is_float() or held.dtype.is_integer()):
        return None
    values = held.cast(pl.Float64).to_numpy()
    state = np.where(np.isfinite(values), KNOWN, np.where(np.isnan(values), ABSENT, UNKNOWN))
    if reader.range:
        state = np.where((values < reader.range[0]) | (values > reader.range[1]), UNKNOWN, state)
    return np.where(state == KNOWN, values, -1), state.astype(np.int8)


def _instants(held: pl.Series, reader: Reader, local: LocalTime) -> tuple[Array, Tri] | None:
    """Instants that already are instants."""
    if reader.type != "instant" or not isinstance(held.dtype, pl.Datetime):
        return None
    at = held.dt.epoch("s").to_numpy()
    if held.dtype.time_zone is None:
        at = local.instant(at // 86400, at % 86400)
    return at, np.where(at > -(2**61), KNOWN, UNKNOWN).astype(np.int8)


def _categories(held: pl.Series, reader: Reader) -> tuple[Array, Tri] | None:
    """Texts that are codes already: each is read once."""
    if not isinstance(held.dtype, pl.Enum):
        return None
    codes = held.to_physical().to_numpy()
    used = occurring(codes)
    pairs = [reader.read(text) for text in held.dtype.categories[used].to_list()]
    values = np.zeros(used[-1] + 1, dtype_of(reader.type))
    state = np.zeros(used[-1] + 1, np.int8)
    values[used], state[used] = [one for one, _ in pairs], [one for _, one in pairs]
    same = state[used[0]]
    alike = bool((state[used] == same).all())
    own = np.array_equal(values[used], used)  # what is read is numbered as it was
    read = codes.astype(values.dtype) if own else values.take(codes)
    return read, np.full(len(codes), same) if alike else state.take(codes)


def constant(type: str, value: Number, state: int = KNOWN, labels: Labels | None = None) -> Column:
    return Column(type, np.array([value], dtype_of(type)), np.array([state], np.int8), labels)


def settled(cells: Cells) -> Cells:
    """Values outside an open list count as known once they have been reported."""
    if not cells.odd:
        return cells
    return cells._replace(state=np.where(cells.state == OTHER, np.int8(KNOWN), cells.state))
