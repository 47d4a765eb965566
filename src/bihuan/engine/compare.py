"""The same log under two policies, or under two sets of parameters: what differs, and for whom.

Takes two outcomes and knows nothing of how they came about. Rows are matched by case, rule, round and key; a rule
that only one side has appears on that side alone.
"""

from dataclasses import dataclass

import polars as pl

from bihuan.engine.outcome import Outcome

KEY = ("case", "rule", "round", "key")
COMPARED = ("due_at", "state")
STATES = ("met", "late", "overdue")


@dataclass(frozen=True)
class Comparison:
    """Differences of two outcomes: single rows, totals by rule, irregularities by kind."""

    rows: pl.DataFrame
    rules: pl.DataFrame
    irregularities: pl.DataFrame


def compare(before: Outcome, after: Outcome) -> Comparison:
    """What changes from one outcome to the other."""
    return Comparison(
        changed(judged(before), judged(after)),
        totals(judged(before), judged(after)),
        kinds(before.irregularities, after.irregularities),
    )


def judged(outcome: Outcome) -> pl.DataFrame:
    """Obligations and callbacks under each other, names as text."""
    tables = (outcome.obligations, outcome.callbacks)
    return pl.concat(
        [
            table.select(
                pl.col("case", "rule", "key", "article", "owner", "state").cast(pl.String),
                pl.col("round").cast(pl.Int64),
                "due_at",
                "late_by",
            )
            for table in tables
        ]
    )


def changed(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Rows whose due time or state differs, or that only one side has; before and after beside each other."""
    wanted = [*KEY, "article", "owner", *COMPARED]
    both = before.select(wanted).join(
        after.select(wanted), on=KEY, how="full", coalesce=True, nulls_equal=True, suffix="_after"
    )
    differs = pl.any_horizontal(pl.col(name).ne_missing(pl.col(f"{name}_after")) for name in COMPARED)
    return both.filter(differs).select(
        "case",
        "rule",
        pl.coalesce("article", "article_after").alias("article"),
        "round",
        "key",
        pl.coalesce("owner", "owner_after").alias("owner"),
        pl.col("due_at").alias("due_before"),
        pl.col("due_at_after").alias("due_after"),
        pl.col("state").alias("state_before"),
        pl.col("state_after"),
    )


def totals(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Rows and states of every rule on both sides, in the order in which rules first appear."""
    order = pl.concat([before.select("rule"), after.select("rule")]).unique(maintain_order=True)
    return order.join(counted(before, "before"), on="rule", how="left").join(
        counted(after, "after"), on="rule", how="left"
    )


def counted(rows: pl.DataFrame, side: str) -> pl.DataFrame:
    return rows.group_by("rule").agg(
        pl.len().alias(f"rows_{side}"),
        *((pl.col("state") == state).sum().alias(f"{state}_{side}") for state in STATES),
    )


def kinds(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """How many irregularities of which kind, on both sides."""
    sides = [
        table.select(pl.col("kind").cast(pl.String)).group_by("kind").len(name)
        for name, table in (("before", before), ("after", after))
    ]
    joined = sides[0].join(sides[1], on="kind", how="full", coalesce=True)
    return joined.with_columns(pl.col("before", "after").fill_null(0)).sort("kind")
