"""What the log says badly: values that fit no type or choice, rows that contradict each other or leave a gap.

Kept as positions while facts are read, written out as a table only when somebody asks. It judges nothing.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from bihuan.engine.coded import CASE, CONSTANT, Array, Bools, Cells, Grid
from bihuan.engine.values import OTHER, UNKNOWN, plain

SCHEMA: dict[str, Any] = {
    "kind": pl.String,  # unfit, other, looked up, overlap, gap
    "case": pl.String,
    "line": pl.Int64,
    "fact": pl.String,
    "found": pl.String,
    "expected": pl.String,
    "count": pl.Int64,
}


class Bad(NamedTuple):
    """Positions (cases or rows) at which one fact could not be taken as it is."""

    kind: str
    fact: str
    level: int
    where: Array
    expected: str
    raw: Callable[[int], Any] | None = None  # by index into `where`; without it, one line for all


def bad_cells(fact: str, level: int, cells: Cells, expected: str) -> Iterable[Bad]:
    """Values that do not fit, and values outside an open list."""
    for kind, state in (("unfit", UNKNOWN), ("other", OTHER)):
        bad = np.flatnonzero(cells.state == state)
        if len(bad):
            yield Bad(kind, fact, level, cells.where[bad], expected, _raw(cells, bad))


def bad_rows(kind: str, fact: str, level: int, where: Bools, expected: str) -> Iterable[Bad]:
    """A looked-up fact whose rows contradict each other or leave a gap."""
    if where.any():
        yield Bad(kind, fact, level, np.flatnonzero(where), expected)


def _raw(cells: Cells, bad: Array) -> Callable[[int], Any]:
    return lambda index: cells.raw(int(bad[index]))


def table(bad: Iterable[Bad], grid: Grid) -> pl.DataFrame:
    """One line for each bad value; overlaps and gaps one line a fact, with the first case and how many there are."""
    lines = [line for each in bad for line in _lines(each, grid)]
    return pl.DataFrame(lines, schema=SCHEMA, orient="row")


def _lines(bad: Bad, grid: Grid) -> Iterable[tuple[Any, ...]]:
    case = _cases(bad, grid)
    if bad.raw is None:
        yield bad.kind, _id(grid, case), None, bad.fact, None, bad.expected, len(np.unique(case))
        return
    for index, (position, of) in enumerate(zip(bad.where.tolist(), case.tolist(), strict=True)):
        line = _line(grid, bad.level, position)
        yield bad.kind, grid.rows.cases[of], line, bad.fact, plain(bad.raw(index)), bad.expected, 1


def _cases(bad: Bad, grid: Grid) -> Array:
    if bad.level == CONSTANT:
        return np.arange(grid.cases)
    return bad.where if bad.level == CASE else grid.case[bad.where]


def _id(grid: Grid, case: Array) -> str | None:
    return str(grid.rows.cases[int(case[0])]) if len(case) else None


def _line(grid: Grid, level: int, position: int) -> int | None:
    data = grid.rows.data
    if level == CASE or "line" not in data.columns:
        return None
    line: int | None = data["line"][position]
    return line
