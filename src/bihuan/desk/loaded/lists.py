"""What lists show of the cases of a portion: the matter of each, and where it stands for the dispatch board.

What `matter` and `board` say of one case.
"""

from collections.abc import Callable, Mapping
from typing import Any

import polars as pl

from bihuan.desk.actions.chain import plain
from bihuan.desk.asked import SENDS
from bihuan.desk.board import RETURNED, sends
from bihuan.desk.loaded.columns import Told, by_value
from bihuan.desk.matter import BETWEEN, MOST, open_to_all, said
from bihuan.desk.models import RUNNING
from bihuan.engine.declared import Fact
from bihuan.engine.irregular import FORBIDDEN
from bihuan.engine.log import Log
from bihuan.engine.policy import Policy


def matters(
    log: Log, carried: Mapping[str, Told], numbers: pl.Series, policy: Policy, case: pl.Series
) -> pl.Series:
    """The line of each case."""
    line = pl.repeat("", len(numbers), dtype=pl.String, eager=True).alias("line")
    facts, parts = open_to_all(policy), list[pl.Series]()
    first = of_cases(log.facts, numbers, facts)
    for name, fact in facts.items():
        own = by_value(first[name], in_line(fact)) if name in first.columns else None
        if name in carried:
            own = said_last(carried[name], case, fact, own, len(numbers))
        if own is not None and own.null_count() < len(own):
            parts.append(own.alias(name))
    line = pl.select(pl.concat_str(line, *parts, separator=BETWEEN, ignore_nulls=True)).to_series()
    line = line.str.strip_prefix(BETWEEN)
    over = line.str.len_chars() > MOST
    return line.zip_with(~over, line.str.slice(0, MOST - 1) + "…") if over.any() else line


def of_cases(facts: pl.DataFrame, numbers: pl.Series, names: Mapping[str, Fact]) -> pl.DataFrame:
    """What was given with each case, of the facts of these names."""
    own = [name for name in facts.columns if name in names]
    given = facts.select(pl.col("case").cast(pl.String), *own) if own else pl.DataFrame({"case": numbers})
    asked = numbers.alias("case").to_frame()
    return asked.join(given, on="case", how="left", maintain_order="left")


def said_last(told: Told, case: pl.Series, fact: Fact, own: pl.Series | None, count: int) -> pl.Series:
    """By case what a column said last, else what was given with the case."""
    place = case.gather(told.row)
    last = place.ne_missing(place.shift(-1))
    held = pl.repeat(None, count, dtype=pl.String, eager=True) if own is None else own
    return held.scatter(place.filter(last), told.each(in_line(fact)).filter(last))


def in_line(fact: Fact) -> Callable[[Any], str | None]:
    return lambda value: said(fact, plain(value)) or None


def on_board(
    stands: pl.DataFrame, log: Log, case: pl.Series, wrong: pl.DataFrame, owed: pl.DataFrame, edition: str
) -> pl.DataFrame:
    """The cases as they stand with `sent` and `owed_at`."""
    if not sends(edition):
        return stands.with_columns(sent=pl.lit(None, pl.Boolean), owed_at=pl.lit(None, pl.Int64))
    running = owed.filter(pl.col("state").is_in(RUNNING) & pl.col("due_at").is_not_null())
    first = running.group_by("case", "unit").agg(owed_at=pl.col("due_at").min())
    found = stands.join(with_unit(log, case, wrong), on="case", how="left", maintain_order="left")
    found = found.join(first, on=("case", "unit"), how="left", maintain_order="left")
    sent = pl.when(pl.col("closed_at").is_null()).then(pl.col("sent").fill_null(False))
    return found.with_columns(sent=sent).with_columns(owed_at=pl.when("sent").then("owed_at"))


def with_unit(log: Log, case: pl.Series, wrong: pl.DataFrame) -> pl.DataFrame:
    """Whether each case that was ever sent is with a unit: its last sending, or return that was not against the rules."""
    event = log.events["event"].cast(pl.String)
    told = pl.DataFrame({"case": case, "event": event}).with_columns(
        row=pl.int_range(1, pl.len() + 1).over("case")
    )
    told = told.filter(pl.col("event").is_in([*SENDS, RETURNED]))
    astray = wrong.filter((pl.col("event") == RETURNED) & pl.col("kind").is_in(FORBIDDEN))
    told = told.join(
        astray.select("case", "event", pl.col("row").cast(told["row"].dtype)),
        on=("case", "event", "row"),
        how="anti",
        maintain_order="left",
    )
    return told.group_by("case", maintain_order=True).agg(sent=pl.col("event").last() != RETURNED)
