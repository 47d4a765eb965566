"""From rows to cells by unit, group and period, and from cells to every unit above them: the sum of parts is the whole.

A row without a unit is the company's alone; a unit that the site does not know stands directly below the company.
Shares are never averaged: numerators and denominators are added, each by itself.
"""

import math
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.countable import coded
from bihuan.engine.measure import Part

Ints = NDArray[np.int64]
FEW = 10_000  # cells
KEYS = ("unit", "group", "period")
SUMS = ("amount", "counted", "unknown", "left_out", "unset")


def cells(parts: Iterable[Part], group: Sequence[str]) -> pl.DataFrame:
    """What the rows of one side add up to, by their own unit, group and period."""
    tables = [of_part(part, group) for part in parts]
    empty = pl.DataFrame(schema={**dict.fromkeys(KEYS, pl.String), **dict.fromkeys(SUMS, pl.Int64)})
    return summed(pl.concat([empty, *tables], how="vertical_relaxed"))


def of_part(part: Part, group: Sequence[str]) -> pl.DataFrame:
    """The cells of one run; a row of no period is in none."""
    spans = [span.name if span else None for span in part.spans]
    sides: list[tuple[Ints, Sequence[str | None]]] = [
        part.rows.units(),
        grouped(part, group),
        (part.period, spans),
    ]
    sizes = [len(labels) + 1 for _, labels in sides]
    cell = np.zeros(len(part.period), np.int64)
    for (codes, _), size in zip(sides, sizes, strict=True):
        cell = cell * size + np.where(codes < 0, size - 1, codes)
    distinct, cell = dense(cell, math.prod(sizes))
    places = np.unravel_index(distinct, sizes)
    amount = np.zeros(len(distinct), np.int64)
    np.add.at(amount, cell[part.counted], part.amount[part.counted])
    left = part.why.is_not_null().to_numpy()
    unset = (part.why == "unset").fill_null(False).to_numpy() if left.any() else left
    marks = {"counted": part.counted, "unknown": part.unknown, "left_out": left, "unset": unset}
    table = {
        name: pl.Series([*labels, None], dtype=pl.String).gather(place)
        for name, (_, labels), place in zip(KEYS, sides, places, strict=True)
    }
    table["amount"] = pl.Series(amount)
    table |= {
        name: pl.Series(np.bincount(cell[mask], minlength=len(distinct))) for name, mask in marks.items()
    }
    here = (places[2] < sizes[2] - 1) & (np.bincount(cell, minlength=len(distinct)) > 0)
    return pl.DataFrame(table).filter(pl.Series(here))


def dense(cell: Ints, size: int) -> tuple[Ints, Ints]:
    """Which cells there may be, and of each row the place of its own among them: all where they are few."""
    if size <= max(FEW, len(cell)):
        return np.arange(size), cell
    distinct, back = np.unique(cell, return_inverse=True)
    return distinct, back.reshape(-1)


def grouped(part: Part, group: Sequence[str]) -> tuple[Ints, list[str]]:
    """The values of the columns that divide a figure, as codes of one text; what is not known is empty."""
    names = [name for name in group if name != "unit"]
    if not names:
        return np.full(len(part.rows), -1, np.int64), []
    columns = [part.rows.text(name).fill_null("").alias(name) for name in names]
    return coded(pl.select(pl.concat_str(columns, separator="、")).to_series())


def summed(table: pl.DataFrame) -> pl.DataFrame:
    return table.group_by(KEYS).agg(pl.col(SUMS).sum())


def above(units: pl.DataFrame) -> pl.DataFrame:
    """Every unit with itself and each that it is part of."""
    parent = dict(units.select("unit", "parent").rows())
    pairs = [(unit, each) for unit in parent for each in chain(parent, unit)]
    return pl.DataFrame(pairs, schema={"unit": pl.String, "above": pl.String}, orient="row")


def chain(parent: Mapping[str, str | None], unit: str) -> list[str]:
    """A unit and all above it, itself first.

    >>> chain({"a": "b", "b": "c", "c": None}, "a")
    ['a', 'b', 'c']
    """
    found: list[str] = []
    now: str | None = unit
    while now is not None and now not in found:
        found.append(now)
        now = parent.get(now)
    return found


def rolled_up(table: pl.DataFrame, tree: pl.DataFrame) -> pl.DataFrame:
    """The cells of every unit with all below it, of the company (no unit), and of all groups together (no group)."""
    joined = table.join(tree, on="unit", how="left")
    units = joined.with_columns(pl.coalesce("above", "unit").alias("unit")).drop("above")
    company = table.with_columns(pl.lit(None, dtype=pl.String).alias("unit"))
    every = pl.concat([units.filter(pl.col("unit").is_not_null()), company])
    groups = every.filter(pl.col("group").is_not_null())
    together = every.with_columns(pl.lit(None, dtype=pl.String).alias("group"))
    return summed(pl.concat([groups, together]))
