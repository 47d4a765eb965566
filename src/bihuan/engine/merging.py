"""One call for several duties: which callbacks of one customer belong together, and the call that serves them all.

Callbacks with `merge` by the same fact are one pool over all cases, rules and departments. The first to start leads; those
that start within its stretch join it. A call that ends one of them is told to the others that had started by then, and
everything is judged again: the fold alone says what that call does there (docs/semantics.md#merge).
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine import layout as at
from bihuan.engine.clock import NONE
from bihuan.engine.errors import CallError, PolicyError
from bihuan.engine.limit import Limit, Name
from bihuan.engine.log import Log, arrange
from bihuan.engine.outcome import STATES, Judged, instants
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Policy
from bihuan.engine.rows import among
from bihuan.engine.rules import Callback

FROM = "merged_from"  # column of a log: the case whose call this is
SAME_DAY = "same day"
OFFSETS = {"second": "s", "minute": "m", "hour": "h", "day": "d", "week": "w", "month": "mo", "year": "y"}
NOT_OWED = (at.S_VOID, at.S_WAITING)


def merging(judged: Judged, parameters: Parameters) -> dict[int, tuple[str, Limit]]:
    """The rules that merge, by number, with the fact that they merge by and their stretch."""
    found = {}
    for number, rule in enumerate(judged.layout.rules):
        if isinstance(rule, Callback) and rule.merge and not rule.across:
            within = stretch_of(rule, parameters)
            if within is not None:
                found[number] = (rule.merge.by, within)
    return found


def merges(policy: Policy) -> list[Callback]:
    """The callbacks that one call may serve together with others."""
    return [rule for rule in policy.named.values() if isinstance(rule, Callback) and rule.merge]


def refuse_portions(policy: Policy, parameters: Parameters) -> None:
    """A call may serve a case of another portion, so nothing is merged without all of the log at once."""
    if names := [rule.name for rule in merges(policy) if stretch_of(rule, parameters) is not None]:
        raise CallError(
            f"{', '.join(names)} may be served by a call for another case: judge the log whole (--chunk 0)"
        )


def stretch_of(rule: Callback, parameters: Parameters) -> Limit | None:
    """How long after the first of them others join it; None where a parameter is missing."""
    within = rule.merge.within if rule.merge else None
    if isinstance(within, Name):
        within = parameters[within.name].limit_on() if within.name in parameters else None
    if within is not None and not usable(within):
        raise PolicyError(
            f"callback {rule.name} merges within {within}: expected same day, or a stretch such as 30 days"
        )
    return within if isinstance(within, Limit) else None


def usable(within: Any) -> bool:
    plain = isinstance(within, Limit) and within.clock is None
    return plain and (str(within) == SAME_DAY or within.unit in OFFSETS)


def groups(judged: Judged, parameters: Parameters) -> pl.DataFrame:
    """Rows of the fold that belong together (`row`, `lead`), with when each began and what ended it."""
    rules = merging(judged, parameters)
    pools = [pool(judged, fact, rules) for fact in sorted({fact for fact, _ in rules.values()})]
    return pl.concat(pools) if pools else pl.DataFrame()


def pool(judged: Judged, fact: str, rules: dict[int, tuple[str, Limit]]) -> pl.DataFrame:
    """The callbacks that merge by this fact."""
    columns = judged.folded.columns
    mine = [number for number, (by, _) in rules.items() if by == fact]
    by_this = among(columns["rule"], mine, len(judged.layout.rules))
    chosen = np.flatnonzero(by_this & ~among(columns["state"], NOT_OWED, len(STATES)))
    codes, _ = judged.facts.key(fact)
    who = codes[columns["row"][chosen]] if len(codes) else chosen
    table = pl.DataFrame(
        {
            "row": chosen,
            "who": who,
            "case": columns["case"][chosen],
            "rule": columns["rule"][chosen].astype(np.int64),
            "started": columns["started"][chosen],
            "until": ends(judged, columns["started"][chosen], columns["rule"][chosen], rules),
            "done": pl.Series(columns["done"][chosen]).set(pl.Series(columns["done"][chosen] == NONE), None),
            "end_row": columns["end_row"][chosen],
        }
    ).filter((pl.col("who") >= 0) & (pl.len().over("who") > 1))
    table = table.sort("who", "started", "case", "rule", maintain_order=True)
    return table.with_columns(lead=pl.Series(leads(table), dtype=pl.Int64))


def ends(judged: Judged, started: Any, rule: Any, rules: dict[int, tuple[str, Limit]]) -> NDArray[np.int64]:
    """Until when others join: to the end of a day where the stretch is one of days."""
    result = np.zeros(len(started), np.int64)
    for number, (_, within) in rules.items():
        mine = np.asarray(rule) == number
        result[mine] = last_second(instants(started[mine], judged.zone), within)
    return result


def last_second(begun: pl.Series, within: Limit) -> NDArray[np.int64]:
    if within.unit in ("second", "minute", "hour"):
        moved = begun.dt.offset_by(f"{within.amount}{OFFSETS[within.unit]}")
    else:
        amount = "0d" if within.unit is None else f"{within.amount}{OFFSETS[within.unit]}"
        moved = begun.dt.truncate("1d").dt.offset_by(amount).dt.offset_by("1d").dt.offset_by("-1s")
    return moved.dt.epoch("s").to_numpy()


def leads(table: pl.DataFrame) -> Iterator[int]:
    """Of each row the first of its group: the next that starts after the stretch of the last lead leads anew."""
    for _, mine in groupby(table.select("who", "row", "started", "until").iter_rows(), key=itemgetter(0)):
        lead, until = -1, -1
        for _, row, started, its_until in mine:
            if lead < 0 or started > until:
                lead, until = row, its_until
            yield lead


def shared(judged: Judged, log: Log, parameters: Parameters) -> Log | None:
    """The log with the calls that serve others told to them; None where there is none left to tell."""
    copies = calls(judged, log, parameters)
    if not copies.height:
        return None
    events = log.events
    kept = events if FROM in events.columns else events.with_columns(pl.lit(None, pl.String).alias(FROM))
    return arrange(replace(log, events=pl.concat([kept, copies.select(kept.columns)]), arranged=False))


def calls(judged: Judged, log: Log, parameters: Parameters) -> pl.DataFrame:
    """The calls that serve others and were not told to them, as the same events again in the cases that they serve."""
    together = groups(judged, parameters)
    if together.is_empty():
        return log.events.clear()
    made = together.filter(pl.col("done").is_not_null()).select("lead", "done", "end_row", told_by="case")
    served = together.select("lead", "case", "started", own="done").join(made, on="lead").filter(
        (pl.col("case") != pl.col("told_by"))
        & (pl.col("started") <= pl.col("done"))
        & (pl.col("own").is_null() | (pl.col("own") > pl.col("done")))
    )  # fmt: skip
    first = served.sort("done", "end_row").unique(["case", "end_row"], keep="first", maintain_order=True)
    cases = judged.rows.cases
    return log.events[first["end_row"].to_list()].with_columns(
        cases.gather(first["case"]).cast(log.events.schema["case"]).alias("case"),
        pl.Series(cases.gather(first["told_by"]), dtype=pl.String).alias(FROM),
    )


def merged_into(judged: Judged, parameters: Parameters) -> pl.Series | None:
    """Of each row of the fold the case whose call is to serve it; None where the policy merges nothing."""
    if not merges(judged.facts.policy):
        return None
    nobody = pl.Series([None], dtype=pl.String).new_from_index(0, len(judged.folded.columns["rule"]))
    together = groups(judged, parameters)
    if together.is_empty():
        return nobody
    others = together.filter(pl.col("row") != pl.col("lead"))
    lead_case = judged.rows.cases.gather(judged.folded.columns["case"][others["lead"].to_numpy()])
    return nobody.scatter(others["row"], lead_case) if others.height else nobody
