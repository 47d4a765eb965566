"""Events that follow from the log itself: what a part shows its whole, and dated facts that rules wait for."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import polars as pl

from bihuan.engine.clock import NONE
from bihuan.engine.draft import Layout
from bihuan.engine.facts import Facts
from bihuan.engine.log import Log
from bihuan.engine.policy import Policy
from bihuan.engine.prepared import Prepared
from bihuan.engine.rows import rows


def shown(policy: Policy) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Facts that name the whole of which a case is a part, with the events that the whole sees."""
    for name, fact in policy.facts.items():
        if fact.type == "case" and fact.shows:
            yield name, fact.shows


def with_parts(policy: Policy, log: Log) -> Log:
    """The log in which a whole has the shown events of its parts, as `<fact>.<event>` (docs/semantics.md#parts)."""
    for fact, names in shown(policy):
        whole = whole_of(log, fact)
        if whole is None:
            continue
        seen = (
            log.events.join(whole, on="case", how="inner")
            .filter(pl.col("event").cast(pl.String).is_in(names))
            .with_columns(
                pl.col("the whole").alias("case"),
                (fact + "." + pl.col("event").cast(pl.String)).alias("event"),
            )
            .select(log.events.columns)
        )
        log = joined(log, seen)
    return log


def whole_of(log: Log, fact: str) -> pl.DataFrame | None:
    """The whole of each part: given with the case, or carried by one of its events."""
    table = log.facts if fact in log.facts.columns else log.events if fact in log.events.columns else None
    if table is None:
        return None
    known = table.select(pl.col("case"), pl.col(fact).cast(pl.String).alias("the whole")).drop_nulls()
    return (
        known.group_by("case", maintain_order=True)
        .last()
        .with_columns(pl.col("the whole").cast(log.events["case"].dtype))
    )


def joined(log: Log, more: pl.DataFrame) -> Log:
    """The log with further events, to be put in order again."""
    if not more.height:
        return log
    events = log.events.with_columns(pl.col("event").cast(pl.String))
    return replace(log, events=pl.concat([events, more], how="diagonal_relaxed"), arranged=False)


def dated(policy: Policy, layouts: dict[str, Layout]) -> list[str]:
    """Facts of type date or instant that some rule waits for as for an event."""
    waited = {name for layout in layouts.values() for name in layout.codes}
    return [
        name for name, fact in policy.facts.items() if fact.type in ("date", "instant") and name in waited
    ]


def with_dated_facts(prepared: Prepared, layouts: dict[str, Layout], log: Log) -> Log:
    """The log in which such a fact is an event of its case at its instant, as it was known last."""
    names = dated(prepared.policy, layouts)
    if not names:
        return log
    cases = rows(log)
    facts, last = Facts(prepared, cases), cases.offsets[1:] - 1
    for name in names:
        at = facts.instant(name)[last]
        known = at != NONE
        more = pl.DataFrame(
            {
                "case": cases.cases.filter(pl.Series(known)).cast(log.events["case"].dtype),
                "event": pl.Series([name] * int(np.sum(known)), dtype=pl.String),
                "at": at[known],
                "whole_day": facts.whole(name)[last][known],
            }
        )
        log = joined(log, more)
    return log
