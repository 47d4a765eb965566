"""Whether what customers answer leads anywhere, and whether calling again comes to an end.

A verdict that nothing follows from is asked in vain; one after which the matter is handled and called back again needs a
count that somebody takes over from. What is unfavourable, the text does not mark: points say it, else the words do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from bihuan.engine.checks.mentions import walk
from bihuan.engine.declared import Fact
from bihuan.engine.finding import Finding
from bihuan.engine.listening import flat, names_of
from bihuan.engine.pattern import Condition, EventPattern, Pattern, Test
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Callback, Count, Indicator, Report, Rule, Step, Timed, Window

VERDICT, CALL = "verdict", "called_back"
BAD_KEY = re.compile(r"(^|_)(dis|un|im|not_|bad|poor|worse)")
BAD_LABEL = re.compile("不|未|差|没有")


def check_rounds(policy: Policy) -> Iterator[Finding]:
    if VERDICT in policy.facts and is_asked(policy):
        yield from without_consequence(policy, policy.facts[VERDICT])
    for article, _, rule in policy.rules():
        if isinstance(rule, Timed) and (loop := endless(rule, policy)):
            yield Finding("warning", "rounds-endless", "", article.no, rule.name, "after", loop)


def is_asked(policy: Policy) -> bool:
    """Whether there are callbacks at which the verdict is asked for."""
    rules = [rule for _, _, rule in policy.rules()]
    steps = (rule for rule in rules if isinstance(rule, Step))
    asked = {entry.fact for step in steps for entry in policy.asked(step)}
    return VERDICT in asked and any(isinstance(rule, Callback) for rule in rules)


# --- verdicts without a consequence ---


def without_consequence(policy: Policy, fact: Fact) -> Iterator[Finding]:
    """Unfavourable verdicts that no rule follows from."""
    tests = [test for rule in following(policy) for test in tests_of(rule) if test.fact in derived(policy)]
    for choice in unfavourable(fact):
        if not any(selects(test, choice, policy) for test in tests):
            yield Finding("warning", "verdict-idle", key=f"facts.{VERDICT}", found=choice)


def following(policy: Policy) -> Iterator[Rule]:
    """The rules from which something follows; to count, report or ask is no consequence."""
    for _, _, rule in policy.rules():
        if isinstance(rule, Step):
            yield rule.model_copy(update={"asks": ()})
        elif not isinstance(rule, Indicator | Report):
            yield rule


def derived(policy: Policy) -> set[str]:
    """The verdict, and the facts that are looked up by it."""
    found = {VERDICT}
    while more := {
        name
        for name, fact in policy.facts.items()
        if name not in found and any(mention.name in found for row in fact.rows for mention in walk(row))
    }:
        found |= more
    return found


def tests_of(value: Any) -> Iterator[Test]:
    """The tests of all conditions and patterns in a rule."""
    return (mention.test for mention in walk(value) if mention.test is not None)


def unfavourable(fact: Fact) -> list[str]:
    """The choices with the fewest points; without points, those that say no."""
    if fact.points:
        return [choice for choice, each in fact.points.items() if each == min(fact.points.values())]
    return [key for key, label in fact.leaves.items() if BAD_KEY.search(key) or BAD_LABEL.search(label)]


def selects(test: Test, choice: str, policy: Policy) -> bool:
    """Whether a test tells this verdict from others; of a looked-up fact, and of an order, that is taken for granted."""
    if test.fact != VERDICT or test.op == "compare":
        return True
    branches = policy.facts[VERDICT].branches
    named = {
        leaf for value in test.values if isinstance(value, str) for leaf in branches.get(value, (value,))
    }
    return (choice in named) != (test.op == "not") if test.op != "known" else False


# --- rounds without an end ---


def endless(rule: Timed, policy: Policy) -> str:
    """The event after which a rule has the matter called back again and again; empty where a count ends it."""
    again = [event for event in flat(rule.after) if CALL in event.event and event.where is not None]
    if not again or isinstance(rule, Window) or rule.once:
        return ""
    owed = names_of(rule.ends)
    if not any(calls_again(event, rule, policy) for event in again) or ended(policy, {CALL, *owed}):
        return ""
    return CALL


def calls_again(trigger: EventPattern, rule: Timed, policy: Policy) -> bool:
    """Whether doing what the rule owes may lead to the very answer that set it off."""
    direct = [event for event in flat(rule.ends) if CALL in event.event]
    if direct:
        return any(compatible(trigger.where, event.where, policy) for event in direct)
    return CALL in reached(set(names_of(rule.ends)), policy)


def compatible(one: Condition | None, other: Condition | None, policy: Policy) -> bool:
    """Whether one event can be both; only choices are compared."""
    for test in one.tests if one else ():
        for each in other.tests if other else ():
            if test.fact == each.fact and test.op == each.op == "in":
                branches = policy.facts[test.fact].branches if test.fact in policy.facts else {}
                if not leaves(test, branches) & leaves(each, branches):
                    return False
    return True


def leaves(test: Test, branches: Any) -> set[Any]:
    return {leaf for value in test.values for leaf in branches.get(value, (value,))}


def reached(events: set[str], policy: Policy) -> set[str]:
    """The events that may come to be owed or allowed once these have happened."""
    found = set(events)
    while more := {name for rule in leading(policy) for name in onwards(rule, found, policy)} - found:
        found |= more
    return found


def leading(policy: Policy) -> Iterator[Timed | Step]:
    return (rule for _, _, rule in policy.rules() if isinstance(rule, Timed | Step))


def onwards(rule: Timed | Step, found: set[str], policy: Policy) -> Iterator[str]:
    """What follows from a rule if one of these events happened: what it owes, its outcomes, or the step's event."""
    if isinstance(rule, Step):
        if found & set(names_of(*rule.needs)):
            yield from rule.event
    elif found & set(named(rule.after, policy)):
        yield from (*names_of(rule.ends), *(f"{rule.name}.{end}" for end in ("met", "missed", "late")))


def named(pattern: Pattern | None, policy: Policy) -> Iterable[str]:
    """The events of a pattern; a parameter that stands for events has all it may be."""
    for name in names_of(pattern):
        parameter = policy.parameters.get(name)
        yield name
        if parameter is not None:
            yield from (str(each) for each in (*parameter.choices, parameter.value) if each is not None)


def ended(policy: Policy, events: set[str]) -> bool:
    """Whether somebody counts these, and something follows when the number is reached."""
    counts = {
        rule.name
        for _, _, rule in policy.rules()
        if isinstance(rule, Count) and events & set(names_of(rule.of))
    }
    used = {
        mention.name for _, _, rule in policy.rules() for mention in walk(rule) if mention.means == "event"
    }
    return any(f"{name}.reached" in used or name in used for name in counts)
