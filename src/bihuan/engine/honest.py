"""Is a list the honest draw? The draw is made anew from the log, and everybody who should not be there is named.

It draws by `sample` alone; it knows neither files nor who made the list.
"""

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.calendar import Calendar
from bihuan.engine.errors import CallError
from bihuan.engine.frame import IN, POPULATION
from bihuan.engine.log import Log
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Policy
from bihuan.engine.sample import OUTSIDE, Asked, Sample, made_by, members_of, of_period, prepared, sample_of
from bihuan.engine.site import Site

Ints = NDArray[np.int64]
MEMBER = (*POPULATION, "member")
LISTED: dict[str, Any] = dict.fromkeys((*MEMBER, "key"), pl.String) | {"at": pl.Int64, "place": pl.Int64}


def verify(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    log: Log,
    period: str,
    given: pl.DataFrame,
    as_of: int | None = None,
    registers: Site | None = None,
    parameters: Parameters | None = None,
    *,
    rules: Collection[str] = (),
) -> tuple[Sample, pl.DataFrame]:
    """The honest draw, and how a list (`member`, and if it says so `rule`, `population`, `at`, `place`, `key`) departs from it.

    What the log records counts as part of the list. Each instant at which the list was drawn is a cut.
    """
    asked = prepared(policy, calendars, log, period, as_of, registers, parameters, rules)
    held = of_period(asked)
    listed = with_record(as_listed(asked, given), held)
    nothing = held.clear()
    cuts = {
        rule.name: cuts_of(listed.filter(pl.col("rule") == rule.name), default)
        for rule, default in zip(asked.framing.rules, made_by(asked, nothing).values(), strict=True)
    }
    members = members_of(asked, nothing, cuts)
    return sample_of(asked, members), departures(listed, members)


def as_listed(asked: Asked, given: pl.DataFrame) -> pl.DataFrame:
    """The list with all columns; one that names no rule is about the only one."""
    missing = [pl.lit(None, kind).alias(name) for name, kind in LISTED.items() if name not in given.columns]
    table = given.with_columns(missing).select(*LISTED).cast(LISTED)  # type: ignore[arg-type]
    only = asked.framing.rules[0].name if len(asked.framing.rules) == 1 else None
    if only is None and table["rule"].null_count():
        names = ", ".join(rule.name for rule in asked.framing.rules)
        raise CallError(f"the list does not say by which callback each was drawn: name it, one of {names}")
    return table.with_columns(
        pl.col("rule").fill_null(only or ""),
        pl.col("period").fill_null(asked.span.name),
        pl.col("population").fill_null(""),
    ).with_row_index("order")


def with_record(listed: pl.DataFrame, record: pl.DataFrame) -> pl.DataFrame:
    """The list, and before it those whom the log records and it does not repeat."""
    earlier = record.join(listed, on=MEMBER, how="anti").select(*MEMBER, pl.col("recorded").alias("at"))
    return pl.concat([earlier, listed], how="diagonal").drop("order").with_row_index("order")


def cuts_of(listed: pl.DataFrame, default: Ints) -> Ints:
    told = listed.filter(pl.col("population") == "")["at"].drop_nulls()
    return np.unique(told.to_numpy()) if len(told) else default


def departures(listed: pl.DataFrame, members: pl.DataFrame) -> pl.DataFrame:
    """Missing, extra, drawn at another time, by another key, in another order: one row for each member and kind."""
    due = members.filter(pl.col("drawn_at").is_not_null())
    columns = (*MEMBER, "stratum", "rate", "minimum", "place", "key", "drawn_at", "status")
    both = listed.join(
        members.select(*columns), on=MEMBER, how="left", suffix=" honest", maintain_order="left"
    )
    extra = both.filter(pl.col("drawn_at").is_null())
    found = [
        told(due.join(listed, on=MEMBER, how="anti", maintain_order="left"), "missing", "place", None),
        told(extra, "extra", None, outside()),
        told(both.filter(other_key()), "seed", hexadecimal("key honest"), "key"),
        told(both.filter(pl.col("at") != pl.col("drawn_at")), "time", "drawn_at", "at"),
        told(both.filter(out_of_order(both)), "order", "place honest", "place"),
    ]
    return pl.concat(found)


def outside() -> pl.Expr:
    """The place of one who was not drawn, or why none could be had."""
    place = pl.when(pl.col("status") == IN).then(pl.col("place honest").cast(pl.String))
    return place.otherwise(pl.col("status").fill_null(OUTSIDE))


def hexadecimal(column: str) -> pl.Expr:
    return pl.col(column).map_elements(lambda word: f"{word:016x}", return_dtype=pl.String)


def other_key() -> pl.Expr:
    return pl.col("key").is_not_null() & (pl.col("key").str.slice(0, 16) != hexadecimal("key honest"))


def out_of_order(both: pl.DataFrame) -> pl.Series:
    """Members whose place the list says otherwise, or who stand behind one of their stratum that comes after them."""
    within = (*POPULATION, "stratum", "rate", "minimum", "drawn_at")
    furthest = pl.col("place honest").shift().cum_max().over(within)
    wrong = (pl.col("place") != pl.col("place honest")) | (pl.col("place honest") < furthest)
    drawn_ = pl.col("drawn_at").is_not_null()
    return both.select((wrong.fill_null(False)) & drawn_).to_series()


def told(table: pl.DataFrame, kind: str, expected: Any, found: Any) -> pl.DataFrame:
    def text(value: Any) -> pl.Expr:
        shown = pl.lit(None) if value is None else pl.col(value) if isinstance(value, str) else value
        return shown.cast(pl.String)

    return table.select(
        pl.lit(kind).alias("kind"),
        "rule",
        "member",
        text(expected).alias("expected"),
        text(found).alias("found"),
    )
