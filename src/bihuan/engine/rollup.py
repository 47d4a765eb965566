"""From rows to cells by unit, group and period, and from cells to every unit above them: the sum of parts is the whole.

A row without a unit is the company's alone; a unit that the site does not know stands directly below the company.
Shares are never averaged: numerators and denominators are added, each by itself.
"""

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from bihuan.engine.measure import Part

KEYS = ("unit", "group", "period")
SUMS = ("amount", "counted", "unknown", "left_out", "unset")


def cells(parts: Iterable[Part], group: Sequence[str]) -> pl.DataFrame:
    """What the rows of one side add up to, by their own unit, group and period."""
    tables = [of_part(part, group) for part in parts]
    empty = pl.DataFrame(schema={**dict.fromkeys(KEYS, pl.String), **dict.fromkeys(SUMS, pl.Int64)})
    return summed(pl.concat([empty, *tables], how="vertical_relaxed"))


def of_part(part: Part, group: Sequence[str]) -> pl.DataFrame:
    """The cells of one run; a row of no period is in none."""
    table = pl.DataFrame(
        {
            "unit": part.rows.kept("unit as codes", lambda: part.rows.unit().cast(pl.Categorical)),
            "group": grouped(part, group),
            "period": part.period,
            "amount": part.amount,
            "counted": part.counted,
            "unknown": part.unknown,
            "left_out": part.why.is_not_null(),
            "unset": (part.why == "unset").fill_null(False),
        }
    ).filter(pl.col("period") >= 0)
    found = table.group_by("unit", "group", "period").agg(pl.col(SUMS).cast(pl.Int64).sum())
    names = pl.Series([span.name if span else None for span in part.spans], dtype=pl.String)
    return found.with_columns(
        pl.col("unit").cast(pl.String),
        pl.col("group").cast(pl.String),
        names.gather(found["period"].cast(pl.UInt32)).alias("period"),
    ).select(*KEYS, *SUMS)


def grouped(part: Part, group: Sequence[str]) -> pl.Series:
    """The values of the columns that divide a figure, as one text; what is not known is empty."""
    names = [name for name in group if name != "unit"]
    if not names:
        return pl.Series([None], dtype=pl.Categorical).new_from_index(0, len(part.rows))
    columns = [part.rows.text(name).fill_null("").alias(name) for name in names]
    return pl.select(pl.concat_str(columns, separator="、").cast(pl.Categorical)).to_series()


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
