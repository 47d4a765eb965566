"""What the log says badly: values that fit no type or choice, rows that contradict each other or leave a gap.

Kept as positions while facts are read, written out as a table only when somebody asks. It judges nothing.
"""

from collections.abc import Callable, Iterable
from functools import partial
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
    raw: Callable[[], list[Any]] | None = None  # without it, one line for all


def bad_cells(fact: str, level: int, cells: Cells, expected: str) -> Iterable[Bad]:
    """Values that do not fit, and values outside an open list."""
    for kind, state in (("unfit", UNKNOWN), ("other", OTHER)):
        bad = np.flatnonzero(cells.state == state)
        if len(bad):
            yield Bad(kind, fact, level, cells.where[bad], expected, partial(cells.raw, bad))


def bad_rows(kind: str, fact: str, level: int, where: Bools, expected: str) -> Iterable[Bad]:
    """A looked-up fact whose rows contradict each other or leave a gap."""
    if where.any():
        yield Bad(kind, fact, level, np.flatnonzero(where), expected)


def table(bad: Iterable[Bad], grid: Grid) -> pl.DataFrame:
    """One line for each bad value; overlaps and gaps one line a fact, with the first case and how many there are."""
    parts = [_part(each, grid) for each in bad]
    return pl.concat([NONE, *parts]) if parts else NONE.clone()


NONE = pl.DataFrame(schema=SCHEMA)


def _part(bad: Bad, grid: Grid) -> pl.DataFrame:
    case = _cases(bad, grid)
    found: list[str | None] = [None] * min(len(case), 1)
    line, count = found, 1
    if bad.raw is None:
        case, count = case[:1], len(np.unique(case))
    else:
        found, line = [plain(raw) for raw in bad.raw()], _lines(bad, grid)
    return pl.DataFrame(
        {
            "kind": bad.kind,
            "case": grid.rows.cases.gather(case).cast(pl.String),
            "line": pl.Series(line, dtype=pl.Int64),
            "fact": bad.fact,
            "found": pl.Series(found, dtype=pl.String),
            "expected": bad.expected,
            "count": count,
        },
        schema=SCHEMA,
    )


def _cases(bad: Bad, grid: Grid) -> Array:
    if bad.level == CONSTANT:
        return np.arange(grid.cases)
    return bad.where if bad.level == CASE else grid.case[bad.where]


def _lines(bad: Bad, grid: Grid) -> Any:
    data = grid.rows.data
    if bad.level == CASE or "line" not in data.columns:
        return [None] * len(bad.where)
    return data["line"].gather(bad.where)
