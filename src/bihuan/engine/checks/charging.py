"""Charges that cannot be: on what only the fold can tell, growing without lateness, off the ladder, swallowing in a circle."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from typing import Any

from bihuan.engine.checks.limits import is_above
from bihuan.engine.fields import Between
from bihuan.engine.finding import Finding, near
from bihuan.engine.pattern import Pattern
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Charge, Multiplier, Sanction, Window

OVERDUE = ("missed", "late")


def check_charges(policy: Policy) -> Iterator[Finding]:
    """What is wrong with each charge by itself, and with all of them together."""
    for article, _, rule in policy.rules():
        if isinstance(rule, Charge):
            found = (*triggers(policy, rule), *rungs(policy, rule), *amounts(rule), *booked(rule))
            yield from (each.at(article=article.no, rule=rule.id) for each in found)
        elif isinstance(rule, Multiplier):
            found = tuple(points_multiplied(policy, rule))
            yield from (each.at(article=article.no, rule=rule.id) for each in found)
    yield from circles(policy)


def triggers(policy: Policy, charge: Charge) -> Iterator[Finding]:
    """What a charge is on: something an event or row tells, once, and late where it grows with lateness."""
    if key := needs_the_fold(charge.on, policy):
        yield Finding("error", "charge-pattern", key=f"on.{key}", found=key)
    names = [name for event in charge.on.any for name in event.event]
    breaches = {name.rpartition(".")[0] for name in names if name.endswith(".missed")}
    for name in names:
        rule, _, outcome = name.rpartition(".")
        if outcome == "late" and rule in breaches:
            yield Finding("warning", "charged-twice", key="on", found=rule)
        late = outcome in OVERDUE and not isinstance(policy.named.get(rule), Window)
        if charge.further is not None and not late:
            yield Finding("error", "no-lateness", key="further", found=name)


def needs_the_fold(pattern: Pattern, policy: Policy) -> str:
    """What of a pattern only the fold can tell; empty for what a charge may be on."""
    if pattern.all:
        return "all"
    for event in pattern.any:
        earned = policy.roles.get(event.by or "")
        if event.since or event.at_least > 1 or (earned and earned.did):
            return "since" if event.since else "at_least" if event.at_least > 1 else "by"
    return ""


def rungs(policy: Policy, charge: Charge) -> Iterator[Finding]:
    """The rungs of a sanction stand on its ladder, the lower one first."""
    if not isinstance(charge.sanction, Sanction) or charge.sanction.ladder not in policy.ladders:
        return
    ladder = policy.ladders[charge.sanction.ladder]
    ends = {"from": charge.sanction.from_, "to": charge.sanction.to}
    strange = {key: rung for key, rung in ends.items() if rung is not None and rung not in ladder}
    for key, rung in strange.items():
        args: dict[str, Any] = {"names": ladder, "near": near(str(rung), ladder)}
        yield Finding("error", "rung", key=f"sanction.{key}", found=str(rung), args=args)
    low, high = ends["from"], ends["to"]
    if not strange and low is not None and high is not None and ladder.index(low) > ladder.index(high):
        order = {"other": "to", "limit": high}
        yield Finding("error", "not-before", key="sanction.from", found=low, args=order)


def amounts(charge: Charge) -> Iterator[Finding]:
    """A step whose range is reversed, and a cap of a period that has no first day."""
    step = charge.further.amount if charge.further else None
    if isinstance(step, Between) and is_above(step.low, step.high):
        args = {"other": "at_most", "limit": str(step.high)}
        yield Finding("error", "not-before", key="further.amount", found=str(step.low), args=args)
    per = charge.cap.per if charge.cap else None
    if per is not None and (per.calendar is None or per.clock is not None):
        yield Finding("error", "cap-period", key="cap.per", found=str(per))


def booked(charge: Charge) -> Iterator[Finding]:
    """Points are no money: no pay can bear them."""
    if charge.unit is not None and charge.ledger is not None:
        yield Finding("error", "points-booked", key="ledger", found=charge.unit)


def points_multiplied(policy: Policy, rule: Multiplier) -> Iterator[Finding]:
    """A factor is applied to money only."""
    charges = {each.id: each for _, _, each in policy.rules() if isinstance(each, Charge)}
    for name in rule.charges:
        if name in charges and charges[name].unit is not None:
            yield Finding("warning", "points-multiplied", key="charges", found=name)


def circles(policy: Policy) -> Iterator[Finding]:
    """Charges that swallow one another would all disappear."""
    names: Mapping[str, tuple[str, ...]] = {
        rule.id: rule.absorbs for _, _, rule in policy.rules() if isinstance(rule, Charge)
    }
    try:
        TopologicalSorter(
            {name: [each for each in more if each in names] for name, more in names.items()}
        ).prepare()
    except CycleError as error:
        found = " → ".join(reversed(error.args[1]))
        yield Finding("error", "absorbs-circle", rule=error.args[1][0], key="absorbs", found=found)
