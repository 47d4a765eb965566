"""How often something happened, counted over again from the start whenever it happens."""

from __future__ import annotations

from typing import Any

from tests.oracle import time
from tests.oracle.instances import days_of
from tests.oracle.patterns import matches
from tests.oracle.state import Case, Event
from tests.oracle.time import Days

Rule = dict[str, Any]


def reaches(case: Case, rule: Rule) -> bool:
    """Whether what has just happened makes the number full; what filled it once is used up."""
    if not matches(case, rule["of"], len(case.history) - 1):
        return False
    fresh: list[Event] = []
    last: dict[Any, Event] = {}
    full = False
    for n, event in enumerate(case.history):
        if "reset_by" in rule and matches(case, rule["reset_by"], n):
            fresh = [each for each in fresh if not clears(rule, event, each)]
        if not matches(case, rule["of"], n):
            continue
        fresh = [*(each for each in fresh if together(case, rule, each, event)), event]
        alike = [each for each in fresh if key(rule, each) == key(rule, event)]
        full = sum(weight(case, rule, each) for each in alike) >= wanted(rule)
        if full:
            fresh = [each for each in fresh if each not in alike]
            before = last.get(key(rule, event))
            full = before is None or not same_period(case, rule, before, event)
            last = {**last, key(rule, event): event} if full else last
    return full


def wanted(rule: Rule) -> int:
    return int(rule.get("at_least", rule.get("above", 0) + 1))


def key(rule: Rule, event: Event) -> Any:
    return event.data.get(rule["per"]) if "per" in rule else None


def clears(rule: Rule, reset: Event, counted: Event) -> bool:
    return key(rule, reset) in (None, key(rule, counted))


def weight(case: Case, rule: Rule, event: Event) -> int:
    """One, or the units of time that the instance took which ended there."""
    if "adds" not in rule:
        return 1
    if event.took is None:
        return 0
    unit = time.limit(rule["adds"]["used"])
    start, spells = event.took
    used = time.used(case.world, unit.unit, days_of(case, rule), start, event.at, list(spells))
    whole, rest = divmod(used, unit.amount * time.SECONDS.get(unit.unit, 1))
    return whole + (rest > 0 and rule["adds"].get("part", "begun") == "begun")


def together(case: Case, rule: Rule, earlier: Event, later: Event) -> bool:
    """Whether both lie in the period that is counted."""
    if "in" not in rule:
        return True
    if rule["in"].startswith(("calendar", "working")):
        return later.at <= next(time.periods(case.world, rule["in"], earlier.at))[1]
    reach = time.due(case.world, time.limit(rule["in"]), Days(), earlier.at, [])
    return reach is not None and later.at <= reach


def same_period(case: Case, rule: Rule, earlier: Event, later: Event) -> bool:
    """`once_per`: the number is reached once in each such period."""
    return "once_per" in rule and later.at <= next(time.periods(case.world, rule["once_per"], earlier.at))[1]
