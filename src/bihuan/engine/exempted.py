"""Who was exempt from a callback, when, by which article and why: what left the denominator, row by row.

Exemptions are part of a callback's condition when it is judged, so nothing of them is left in the outcome of the fold;
here the same triggers are asked again. Of a sample, the draw says who was exempt.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import reduce
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.coded import texts
from bihuan.engine.declared import Header
from bihuan.engine.frame import EXEMPT, Framing, last_rows
from bihuan.engine.listening import all_parts
from bihuan.engine.occasions import of_pattern
from bihuan.engine.outcome import Judged, instants, known_at
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition, Pattern
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Callback
from bihuan.engine.sampled import callbacks, exempt_name, frame_name

Ints = NDArray[np.int64]


def exempted(judged: Iterable[Judged]) -> pl.DataFrame:
    """Every trigger of a callback that was exempt from it."""
    judged = list(judged)
    policy = judged[0].facts.policy
    schema = columns(policy.header)
    tables = [
        of_rule(one, rule, policy, one.facts.prepared.parameters)
        for one in judged
        for rule in callbacks(policy)
        if rule.exempt and rule.name in {getattr(node, "name", "") for node in one.layout.rules}
    ]
    return pl.concat([pl.DataFrame(schema=schema), *(table.select(*schema) for table in tables)])


def columns(header: Header) -> dict[str, Any]:
    texts = dict.fromkeys(("case", "rule", "article", "key", "unit"), pl.String)
    customer = {"customer": pl.String} if header.customer else {}
    return {**texts, **customer, "at": pl.Datetime("us", header.zone), "reason": pl.String}


def of_rule(one: Judged, rule: Callback, policy: Policy, parameters: Parameters) -> pl.DataFrame:
    """The exempted of one callback."""
    row, when = triggers(one, rule, policy, parameters)
    number, reasons = which(one, rule, row)
    keep = (number >= 0) & asked(one, rule)[row] & ~one.refused[row]
    row, when, number = row[keep], when[keep], number[keep]
    case = np.searchsorted(one.rows.offsets, row, side="right") - 1
    if rule.once:
        _, first = np.unique(case, return_index=True)
        row, when, number, case = row[first], when[first], number[first], case[first]
    codes, labels = one.facts.units()
    own = policy.article_of(rule.name)
    articles = pl.Series([each.article or own for each in rule.exempt], dtype=pl.String)
    return pl.DataFrame(
        {
            "case": one.rows.cases.gather(case),
            "rule": pl.Series([rule.name] * len(row), dtype=pl.String),
            "article": articles.gather(number),
            "key": known_at(one, rule.per, row)
            if rule.per
            else pl.Series([None] * len(row), dtype=pl.String),
            "unit": texts(labels, codes[row]),
            **({"customer": known_at(one, name, row)} if (name := policy.header.customer) else {}),
            "at": instants(when, one.zone),
            "reason": reasons.gather(number),
        }
    )


def triggers(one: Judged, rule: Callback, policy: Policy, parameters: Parameters) -> tuple[Ints, Ints]:
    """The rows that tell when the callback would have begun, in the order of the log, and those instants."""
    if rule.after is None:
        row = one.rows.offsets[:-1][np.diff(one.rows.offsets) > 0]
        return row, one.rows.at[row]
    parts = [of_one(one, part, policy, parameters) for part in all_parts(rule.after)]
    if len(parts) > 1:
        parts = [last_of_all(one, parts)]
    row, when = parts[0]
    order = np.argsort(row, kind="stable")
    inside = when[order] <= one.as_of
    return row[order][inside], when[order][inside]


def of_one(one: Judged, part: Pattern, policy: Policy, parameters: Parameters) -> tuple[Ints, Ints]:
    found = of_pattern(policy, parameters, one.facts, one, part, "")
    if one.layout.subject:
        return np.where(found.own < 0, found.row, found.own), found.at
    passed = last_rows(one.facts, found.row, found.at)  # what was known when time alone had passed
    return np.where(found.own < 0, passed, found.own), found.at


def last_of_all(one: Judged, parts: list[tuple[Ints, Ints]]) -> tuple[Ints, Ints]:
    """Of each case in which all of them happened, the last of their first occurrences."""
    cases = [np.searchsorted(one.rows.offsets, row, side="right") - 1 for row, _ in parts]
    there = reduce(np.intersect1d, cases)
    firsts = [row[np.unique(case, return_index=True)[1]] for case, (row, _) in zip(cases, parts, strict=True)]
    owners = [np.unique(case) for case in cases]
    rows = np.array(
        [first[np.isin(owner, there)] for first, owner in zip(firsts, owners, strict=True)], np.int64
    )
    row: Ints = rows.max(axis=0) if len(there) else np.zeros(0, np.int64)
    return row, one.rows.at[row]


def which(one: Judged, rule: Callback, row: Ints) -> tuple[Ints, pl.Series]:
    """Which exemption holds at each row, the first of several; -1: none. And what each says."""
    number = np.full(len(row), -1, np.int64)
    for place in reversed(range(len(rule.exempt))):
        number[one.facts.test(rule.exempt[place].when)[row] == 1] = place
    return number, pl.Series([each.says for each in rule.exempt], dtype=pl.String)


def asked(one: Judged, rule: Callback) -> NDArray[np.bool_]:
    """Where the callback would have been owed but for its exemptions; what is not known exempts nobody less."""
    tests = tuple(test for test in (rule.when.tests if rule.when else ()) if test.fact != exempt_name(rule))
    return one.facts.test(Condition(tests)) != 0 if tests else np.ones(len(one.rows.event), np.bool_)


def exempt_from_draw(framing: Framing, candidates: pl.DataFrame) -> pl.DataFrame:
    """Those whom a sample left out because they were exempt."""
    policy = framing.prepared.policy
    schema = columns(policy.header)
    found = candidates.filter(pl.col("status") == EXEMPT)
    at = pl.from_epoch("trigger", time_unit="s").dt.replace_time_zone("UTC")
    articles = {
        (rule.name, each.says): each.article or policy.article_of(frame_name(rule))
        for rule in framing.rules
        for each in rule.exempt
    }
    named = [articles.get(pair) for pair in found.select("rule", "reason").iter_rows()]
    table = found.with_columns(
        pl.Series("article", named, dtype=pl.String),
        pl.when(pl.col("member") == pl.col("case")).then(None).otherwise("member").alias("key"),
        at.dt.convert_time_zone(policy.header.zone).dt.cast_time_unit("us").alias("at"),
        *([pl.lit(None, pl.String).alias("customer")] if policy.header.customer else []),
    )
    return table.select(*(pl.col(name).cast(kind) for name, kind in schema.items()))
