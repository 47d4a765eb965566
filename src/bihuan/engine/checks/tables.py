"""Decision tables and bands: what no row answers, what two rows answer differently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations, islice

import numpy as np

from bihuan.engine.checks.cells import Space, Undecided
from bihuan.engine.declared import Fact
from bihuan.engine.finding import Finding
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition, Test
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Band, Indicator, Step

MOST_PRINTED = 8
BOUNDS = ("at_least", "above", "at_most", "below")


def check_tables(policy: Policy, parameters: Parameters) -> Iterator[Finding]:
    """Gaps and overlaps of every looked-up fact and every indicator's bands; steps that lead two ways."""
    for name, fact in policy.facts.items():
        if fact.rows:
            yield from table(name, fact, policy, parameters)
    for article, _, rule in policy.rules():
        if isinstance(rule, Indicator) and rule.bands:
            for finding in bands(rule.bands, policy, parameters):
                yield finding.at(article=article.no, rule=rule.id)
    yield from steps_apart(policy, parameters)


def table(name: str, fact: Fact, policy: Policy, parameters: Parameters) -> Iterator[Finding]:
    """The combinations of a looked-up fact that no row or two rows answer."""
    key = f"facts.{name}.rows"
    try:
        space = Space([row.when for row in fact.rows], policy.facts, parameters)
        held = [space.holds(row.when) for row in fact.rows]
    except Undecided as why:
        yield Finding("info", "table-undecided", key=key, found=name, args={"why": str(why)})
        return
    if fact.otherwise is None:
        for missing in printed(space.boxes(~np.logical_or.reduce(held))):
            yield Finding("warning", "table-gap", key=key, found=name, args={"missing": missing})
    for (i, one), (j, two) in combinations(enumerate(fact.rows), 2):
        both = held[i] & held[j]
        if one.is_ != two.is_ and both.any():
            args = {"rows": f"{i + 1}, {j + 1}", "both": next(space.boxes(both))}
            yield Finding("warning", "table-overlap", key=key, found=name, args=args)


def printed(boxes: Iterator[str]) -> Iterator[str]:
    """The first few; the last says that there are more."""
    first = list(islice(boxes, MOST_PRINTED + 1))
    yield from first[:MOST_PRINTED]
    if len(first) > MOST_PRINTED:
        yield OTHER_COMBINATIONS


OTHER_COMBINATIONS = "…"


def bands(bands: Sequence[Band], policy: Policy, parameters: Parameters) -> Iterator[Finding]:
    """Values between the lowest and the highest band that none or two of them name."""
    conditions = [Condition((Test("value", "compare", bounds=bounds(band)),)) for band in bands]
    try:
        space = Space(conditions, {}, parameters)
        held = [space.holds(condition) for condition in conditions]
    except Undecided as why:
        yield Finding("info", "table-undecided", key="bands", found="bands", args={"why": str(why)})
        return
    named = np.flatnonzero(np.logical_or.reduce(held))
    gap = ~np.logical_or.reduce(held)
    gap[: named[0]] = gap[named[-1] :] = False
    for missing in space.boxes(gap):
        yield Finding("error", "band-gap", key="bands", args={"missing": missing})
    for (i, one), (j, two) in combinations(enumerate(held), 2):
        if (one & two).any():
            args = {"both": next(space.boxes(one & two)), "rows": f"{i + 1}, {j + 1}"}
            yield Finding("error", "band-overlap", key="bands", args=args)


def bounds(band: Band) -> dict[str, object]:
    return {key: value for key in BOUNDS if (value := getattr(band, key)) is not None}


def steps_apart(policy: Policy, parameters: Parameters) -> Iterator[Finding]:
    """Two steps of one event that can apply together and lead to different states."""
    steps = [(article.no, rule) for article, _, rule in policy.rules() if isinstance(rule, Step) and rule.to]
    for (_, one), (article, two) in combinations(steps, 2):
        shared = set(one.event) & set(two.event)
        if shared and one.track == two.track and one.to != two.to and together(one, two, policy, parameters):
            args = {"one": one.to, "two": two.to}
            yield Finding("error", "two-ways", "", article, two.name, "to", ", ".join(sorted(shared)), args)


def together(one: Step, two: Step, policy: Policy, parameters: Parameters) -> bool:
    """Whether the conditions of two steps can hold at once; what cannot be decided is taken to be so."""
    conditions = [step.when or Condition() for step in (one, two)]
    try:
        space = Space(conditions, policy.facts, parameters)
    except Undecided:
        return True
    return bool((space.holds(conditions[0]) & space.holds(conditions[1])).any())
