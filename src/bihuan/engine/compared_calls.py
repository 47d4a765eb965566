"""How often customers are to be contacted under one policy and under another: by customer, number, year and unit.

Counted are the contacts that rules demand (`contacts.demanded`), whether anybody called or not: that is what a policy
decides, while the log under both is the same. A contact belongs to the year in which it was made, else is due, else
became owed.
"""

from collections.abc import Sequence

import polars as pl

SIDES = ("before", "after")
CALL = {"customer": pl.String, "unit": pl.String, "year": pl.String}
BY = ["year", "unit"]


def compared_calls(before: pl.DataFrame, after: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The tables `contacts`, `load` and `calls` of a comparison; empty unless both sides know their customers."""
    sides = {"before": calls_of(before), "after": calls_of(after)}
    if not (before.width and after.width):
        sides = {side: calls.clear() for side, calls in sides.items()}
    customers = by_customer(sides)
    return {
        "contacts": customers.filter(pl.col("before") != pl.col("after")).sort("customer"),
        "load": by_number(customers),
        "calls": by_year(sides),
    }


def calls_of(demands: pl.DataFrame) -> pl.DataFrame:
    """The customer, unit and year of each."""
    if not demands.width:
        return pl.DataFrame(schema=CALL)
    return demands.select("customer", "unit", year=pl.col("at").dt.year().cast(pl.String))


def by_customer(sides: dict[str, pl.DataFrame]) -> pl.DataFrame:
    counted = (
        calls.group_by("customer", maintain_order=True).agg(pl.len().cast(pl.Int64).alias(side))
        for side, calls in sides.items()
    )
    one, other = counted
    calls = one.join(other, on="customer", how="full", coalesce=True, maintain_order="left_right")
    return calls.with_columns(pl.col(SIDES).fill_null(0))


def by_number(customers: pl.DataFrame) -> pl.DataFrame:
    """How many customers get how many calls."""
    numbers = pl.concat([customers.select(calls=side) for side in SIDES]).unique().sort("calls")
    for side in SIDES:
        counted = customers.group_by(pl.col(side).alias("calls")).agg(pl.len().cast(pl.Int64).alias(side))
        numbers = numbers.join(counted, on="calls", how="left").with_columns(pl.col(side).fill_null(0))
    return numbers


def by_year(sides: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """How many calls to how many customers fall into which year and unit."""
    marked = pl.concat([calls.with_columns(side=pl.lit(side)) for side, calls in sides.items()])
    numbers = [(pl.col("side") == side).sum().cast(pl.Int64).alias(side) for side in SIDES]
    people = [
        pl.col("customer").filter(pl.col("side") == side).n_unique().cast(pl.Int64).alias(f"customers_{side}")
        for side in SIDES
    ]
    return marked.group_by(BY).agg(*numbers, *people).sort(BY, nulls_last=True)


# --- portions that share no customer ---


def load_of(portions: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The tables `load` as one."""
    return pl.concat(portions).group_by("calls").agg(pl.exclude("calls").sum()).sort("calls")


def years_of(portions: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The tables `calls` as one."""
    return pl.concat(portions).group_by(BY).agg(pl.exclude(BY).sum()).sort(BY, nulls_last=True)
