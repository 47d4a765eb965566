"""The same log under two policies, or under two sets of parameters: what differs, by how much, and for whom.

Takes two outcomes and knows nothing of how they came about. Rows are matched by case, rule, key and round; a rule
that only one side has appears on that side alone, unless the caller says which rule of the other side it became.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from bihuan.engine.compared_calls import compared_calls
from bihuan.engine.outcome import Outcome

KEY = ("case", "rule", "key", "round")
GROUP = ("rule", "unit")
FINDING = ("case", "event", "at", "actor", "kind", "article", "detail")
TABLES = ("rules", "rows", "kinds", "irregularities", "load", "contacts", "calls")


def state(side: str, *states: str) -> pl.Expr:
    """Whether the row of one side is in one of these states; a row that is not there is in none."""
    return pl.col(f"state_{side}").is_in(states).fill_null(False)


def there(side: str) -> pl.Expr:
    return pl.col(f"state_{side}").is_not_null()


def late(side: str) -> pl.Expr:
    return state(side, "late", "overdue")


def unjudged(side: str) -> pl.Expr:
    return state(side, "unset", "waiting")


#: What a pair of rows can have become. A number of `Comparison.rules` counts the pairs of which its expression holds.
CHANGES = {
    "newly_late": ~late("before") & late("after"),
    "no_longer_late": late("before") & ~late("after"),
    "only_before": ~there("after"),
    "only_after": ~there("before"),
    "newly_judged": unjudged("before") & there("after") & ~unjudged("after"),
    "no_longer_judged": there("before") & ~unjudged("before") & unjudged("after"),
    "moved": pl.col("shift").fill_null(0) != 0,
}
OTHER = "other_state"  # the state differs, and none of these
NUMBERS = {
    **{f"rows_{side}": there(side) for side in ("before", "after")},
    **{
        f"{one}_{side}": state(side, one)
        for one in ("met", "late", "overdue")
        for side in ("before", "after")
    },
    **CHANGES,
}


@dataclass(frozen=True)
class Comparison:
    """Differences of two outcomes: numbers by rule and unit, and the rows and cases behind them.

    `load` says how many customers are to be contacted how often, `contacts` which customers more or less often than
    before, `calls` how many contacts fall into which year and unit; they are empty unless both policies say who is
    called. `pairs` has every row, whether it differs or not.
    """

    pairs: pl.DataFrame
    rules: pl.DataFrame
    rows: pl.DataFrame
    kinds: pl.DataFrame
    irregularities: pl.DataFrame
    load: pl.DataFrame
    contacts: pl.DataFrame
    calls: pl.DataFrame
    summary: dict[str, dict[str, Any]]

    def behind(self, number: str, **where: Any) -> pl.DataFrame:
        """The rows that a number of `rules` counts: `found.behind("newly_late", rule="contact", unit="城东")`."""
        wanted = (pl.col(name).eq_missing(pl.lit(value)) for name, value in where.items())
        return self.pairs.filter(NUMBERS[number], *wanted)


def compare(before: Outcome, after: Outcome, renamed: Mapping[str, str] | None = None) -> Comparison:
    """What changes from one outcome to the other. `renamed` leads from rules of the first to those of the second."""
    pairs = paired(judged(before, renamed or {}), judged(after, {}))
    irregular = one_sided(before.irregularities, after.irregularities)
    load = compared_calls(before.demands, after.demands)
    return Comparison(
        pairs=pairs,
        rules=totals(pairs),
        rows=changed(pairs),
        kinds=kinds(before.irregularities, after.irregularities, irregular),
        irregularities=irregular,
        **load,
        summary={"before": before.summary, "after": after.summary},
    )


# --- rows ---


def judged(outcome: Outcome, renamed: Mapping[str, str]) -> pl.DataFrame:
    """Obligations and callbacks under each other, names as text."""
    tables = (outcome.obligations, outcome.callbacks)
    rows = pl.concat(
        [
            table.select(
                pl.col("case", "rule", "key", "article", "unit", "owner", "state").cast(pl.String),
                pl.col("round").cast(pl.Int64),
                "due_at",
            )
            for table in tables
        ]
    )
    return rows.with_columns(pl.col("rule").replace(dict(renamed))) if renamed else rows


def paired(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """The rows of both sides beside each other, those of one side with nothing on the other."""
    zone = before.schema["due_at"].time_zone  # type: ignore[attr-defined]  # instants of two zones do not compare
    after = after.with_columns(pl.col("due_at").dt.convert_time_zone(zone))
    both = beside(before, after)
    return both.select(
        "case",
        "rule",
        pl.coalesce("article", "article_after").alias("article"),
        "round",
        "key",
        pl.coalesce("unit", "unit_after").alias("unit"),
        pl.coalesce("owner", "owner_after").alias("owner"),
        pl.col("due_at").alias("due_before"),
        pl.col("due_at_after").alias("due_after"),
        (pl.col("due_at_after") - pl.col("due_at")).dt.total_seconds().alias("shift"),
        pl.col("state").alias("state_before"),
        pl.col("state_after"),
    )


def beside(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Every row with its like. Another parameter mostly leaves the rows the same: then no join, which is slow."""
    if before.select(KEY).equals(after.select(KEY)):
        return pl.concat([before, after.drop(KEY).rename("{}_after".format)], how="horizontal")
    return before.join(
        after,
        on=KEY,
        how="full",
        coalesce=True,
        nulls_equal=True,
        suffix="_after",
        maintain_order="left_right",
    )


def totals(pairs: pl.DataFrame) -> pl.DataFrame:
    """Every number by rule and unit, in the order in which rules first appear; shifts of due times in seconds."""
    moved = pl.col("shift").filter(CHANGES["moved"])
    counted = pairs.group_by(GROUP, maintain_order=True).agg(
        pl.col("article").first(),
        *(holds.sum().cast(pl.Int64).alias(name) for name, holds in NUMBERS.items()),
        moved.median().cast(pl.Int64).alias("shift_median"),
        moved.min().alias("shift_min"),
        moved.max().alias("shift_max"),
    )
    difference = pl.col("newly_late") - pl.col("no_longer_late")
    return counted.select("rule", "article", "unit", difference.alias("difference"), *NUMBERS, r"^shift_.*$")


def changed(pairs: pl.DataFrame) -> pl.DataFrame:
    """The pairs that differ, each with the first change that it is an example of."""
    first = pl.coalesce(
        *(pl.when(holds).then(pl.lit(name)) for name, holds in CHANGES.items()),
        pl.when(pl.col("state_before") != pl.col("state_after")).then(pl.lit(OTHER)),
        pl.when(pl.col("due_before").is_null() != pl.col("due_after").is_null()).then(pl.lit("moved")),
    )
    return pairs.with_columns(change=first).filter(pl.col("change").is_not_null())


# --- irregularities ---


def one_sided(before: pl.DataFrame, after: pl.DataFrame) -> pl.DataFrame:
    """Irregularities of one side only."""
    sides = (found(before), found(after))
    zone = sides[0].schema["at"].time_zone  # type: ignore[attr-defined]
    first, second = sides[0], sides[1].with_columns(pl.col("at").dt.convert_time_zone(zone))
    gone = first.join(second, on=FINDING, how="anti", nulls_equal=True)
    new = second.join(first, on=FINDING, how="anti", nulls_equal=True)
    return pl.concat(
        [gone.with_columns(change=pl.lit("only_before")), new.with_columns(change=pl.lit("only_after"))]
    )


def found(irregularities: pl.DataFrame) -> pl.DataFrame:
    return irregularities.select(
        pl.col(name) if name == "at" else pl.col(name).cast(pl.String) for name in FINDING
    )


def kinds(before: pl.DataFrame, after: pl.DataFrame, irregular: pl.DataFrame) -> pl.DataFrame:
    """How many irregularities of which kind under which article, on both sides and on one side only."""
    sides = {"before": found(before), "after": found(after)}
    for change in ("only_before", "only_after"):
        sides[change] = irregular.filter(pl.col("change") == change)
    under = ["kind", "article"]
    counted = pl.concat([table.select(*under, pl.lit(name).alias("side")) for name, table in sides.items()])
    numbers = ((pl.col("side") == name).sum().cast(pl.Int64).alias(name) for name in sides)
    return counted.group_by(under).agg(*numbers).sort(under, nulls_last=True)


# --- outcomes compared portion by portion ---


def shifts(pairs: pl.DataFrame) -> pl.DataFrame:
    """How often each shift occurs, by rule and unit: what `rules` of several portions need for their medians."""
    return (
        pairs.filter(CHANGES["moved"]).group_by(*GROUP, "shift").agg(pl.len().cast(pl.Int64).alias("times"))
    )


def rules_of(portions: Sequence[pl.DataFrame], moved: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The tables `rules` of portions that share no case as one; `moved` are their `shifts`."""
    numbers = ("difference", *NUMBERS)
    counted = (
        pl.concat(portions)
        .group_by(GROUP, maintain_order=True)
        .agg(pl.col("article").drop_nulls().first(), pl.col(numbers).sum())
    )
    stats = medians(pl.concat(moved).group_by(*GROUP, "shift").agg(pl.col("times").sum()))
    whole = counted.join(stats, on=GROUP, how="left", nulls_equal=True, maintain_order="left")
    return whole.select(portions[0].columns)


def medians(counts: pl.DataFrame) -> pl.DataFrame:
    """Median, least and greatest shift by rule and unit; the median of an even number lies between the middle two."""
    upto, all_ = pl.col("times").cum_sum(), pl.col("times").sum()
    middle = [pl.col("shift").filter(upto >= place).first() for place in ((all_ + 1) // 2, all_ // 2 + 1)]
    return (
        counts.sort("shift")
        .group_by(GROUP, maintain_order=True)
        .agg(
            ((middle[0] + middle[1]) / 2).cast(pl.Int64).alias("shift_median"),
            pl.col("shift").min().alias("shift_min"),
            pl.col("shift").max().alias("shift_max"),
        )
    )


def kinds_of(portions: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The tables `kinds` of portions as one."""
    under = ["kind", "article"]
    return pl.concat(portions).group_by(under).agg(pl.exclude(under).sum()).sort(under, nulls_last=True)
