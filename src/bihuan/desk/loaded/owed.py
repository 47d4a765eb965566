"""What the engine found of a portion, as rows of the projection: what `judging` and `projection` do for one case.

What was overdue before it came here is on the worklists, and nobody is told.
"""

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.desk.judging import kind_of
from bihuan.desk.models import GROWING
from bihuan.desk.projection import INSTANTS, STATED, WRONG
from bihuan.engine.clock import NEVER
from bihuan.engine.policy import Policy


def owed_rows(
    owed: pl.DataFrame, called: pl.DataFrame, policy: Policy, numbers: pl.Series, lines: pl.Series, as_of: int
) -> pl.DataFrame:
    """Obligations, then callbacks, of each case in its order. `lines` says which event of its case a row is."""
    table = pl.concat([kinds(owed, policy), kinds(called, policy)], how="diagonal_relaxed")
    absent = {*STATED} - {*table.columns, "place"}  # callbacks say more, and there may be none
    growing = pl.col("state").is_in(GROWING)
    table = table.with_columns(
        *(pl.lit(None).alias(name) for name in absent),
        *(pl.when(growing).then(None).otherwise(pl.col(name)).alias(name) for name in ("used", "late_by")),
        *(pl.col(name).dt.epoch("s") for name in INSTANTS if name not in absent),
        case=placed(table["case"], numbers),
        row=lines.gather(table["row"]),
        note=pl.col("note").fill_null(""),
        told_at=pl.when(pl.col("state") == "overdue").then(pl.lit(as_of)),
        warned_at=pl.when(pl.col("warn_at").dt.epoch("s") <= as_of).then(pl.lit(as_of)),
    )
    table = table.sort("case", "called", maintain_order=True)
    place = pl.int_range(pl.len()).over("case").alias("place")
    return table.with_columns(place).select("case", *STATED, "told_at", "warned_at")


def kinds(table: pl.DataFrame, policy: Policy) -> pl.DataFrame:
    """Names as text, with the kind of each row: that of its rule, and of callbacks always `callback`."""
    by_rule = {name: kind_of(rule) for name, rule in policy.timed.items()}
    called = "verdict" in table.columns
    text = table.with_columns(pl.col(pl.Enum).cast(pl.String))
    kind: Any = pl.lit("callback")
    if not called:
        kind = pl.col("rule").replace_strict(by_rule, default="obligation", return_dtype=pl.String)
    return text.with_columns(kind.alias("kind"), pl.lit(called).alias("called"))


def placed(case: pl.Series, numbers: pl.Series) -> pl.Series:
    """Cases by their place instead of their number."""
    known = pl.DataFrame({"case": numbers, "place": pl.int_range(len(numbers), eager=True)})
    asked = case.cast(pl.String).alias("case").to_frame()
    return asked.join(known, on="case", how="left", maintain_order="left")["place"]


def wrong_rows(found: pl.DataFrame, numbers: pl.Series) -> pl.DataFrame:
    table = found.with_columns(
        pl.col(pl.Enum).cast(pl.String),
        pl.col("at").dt.epoch("s"),
        case=placed(found["case"], numbers),
        row="line",
    )
    return table.with_columns(pl.int_range(pl.len()).over("case").alias("place")).select("case", *WRONG)


def wakes(owed: pl.DataFrame, changes: NDArray[np.int64], as_of: int) -> pl.Series:
    """When each case falls due next or is to be warned of, or changes by itself; what is overdue already wakes nobody."""
    ahead = owed.filter(pl.col("state") == "open").select("case", "warn_at", due=pl.col("due_at") + 1)
    both = pl.concat([ahead.select("case", at=name) for name in ("warn_at", "due")])
    first = both.filter(pl.col("at") > as_of).group_by("case").agg(pl.col("at").min())
    every = pl.DataFrame({"changes": changes}).with_row_index("case").cast({"case": pl.Int64})
    found = every.join(first, on="case", how="left", maintain_order="left")
    alone = pl.when(pl.col("changes") < NEVER).then("changes")
    return found.select(pl.min_horizontal("at", alone).alias("wake_at"))["wake_at"]
