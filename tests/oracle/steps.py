"""Whether an event is in order: each step that applies, judged on the state before the event."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.oracle import instances
from tests.oracle.conditions import carried, holds
from tests.oracle.patterns import has_happened
from tests.oracle.persons import holder, is_in_role
from tests.oracle.state import Case, Event, Instance
from tests.oracle.words import named, parts

Step = dict[str, Any]
Wrong = tuple[str, list[str]]  # a kind, and what of it


def applying(case: Case, event: Event) -> list[Step]:
    steps = [step for article in case.policy["article"] for step in article.get("step", [])]
    return [
        s for s in steps if event.name in named(s["event"]) and holds(case.facts, s.get("when", {})) is True
    ]


def violations(case: Case, step: Step, event: Event) -> dict[str, str | None]:
    """Each kind of violation once, with all that it is about."""
    found: dict[str, list[str]] = {}
    for judge in (state, person, gate, inside, fields):
        for kind, details in judge(case, step, event):
            found.setdefault(kind, []).extend(details)
    return {kind: "、".join(dict.fromkeys(details)) or None for kind, details in found.items()}


def state(case: Case, step: Step, event: Event) -> Iterator[Wrong]:
    now = case.states.get(step.get("track", ""), "start")
    if "from" in step and now not in step["from"]:
        yield "state", [now]


def person(case: Case, step: Step, event: Event) -> Iterator[Wrong]:
    if "by" in step and all(is_in_role(case, role, event.actor) is False for role in step["by"]):
        yield "person", []
    barred = [role for role in step.get("not_by", []) if is_in_role(case, role, event.actor) is True]
    if barred:
        yield "person", barred
    holders = [holder(case, role, event.actor, event.name) for role in step.get("distinct", [])]
    again = [
        role for n, role in enumerate(step.get("distinct", [])) if holders[n] and holders[n] in holders[:n]
    ]
    if again:
        yield "person", again


def gate(case: Case, step: Step, event: Event) -> Iterator[Wrong]:
    missing = [
        part for pattern in step.get("needs", []) for part in parts(pattern) if not has_happened(case, part)
    ]
    if missing:
        yield "gate", [told(part) for part in missing]
    if holds(case.facts, step.get("requires", {})) is False:
        yield "gate", []
    unsettled = [
        rule for rule in step.get("settled", []) if any(is_open(case, one, rule) for one in case.instances)
    ]
    if unsettled:
        yield "gate", unsettled


def told(part: Any) -> str:
    return " ".join(named(part["event"] if isinstance(part, dict) else part))


def is_open(case: Case, one: Instance, rule: str) -> bool:
    return one.rule["id"] == rule and not one.over and one.applies is True


def inside(case: Case, step: Step, event: Event) -> Iterator[Wrong]:
    """Early before the window and in its first part, a gate after it."""
    if "inside" not in step:
        return
    mine = [one for one in case.instances if one.rule["id"] == step["inside"]]
    running = [one for one in mine if is_running(case, one, event.at)]
    if not mine or (running and (instances.opens_at(case, running[-1]) or event.at) > event.at):
        yield "early", []
    elif not running:
        yield "gate", []


def is_running(case: Case, one: Instance, at: int) -> bool:
    return not one.over and not instances.has_lapsed(case, one, at)


def fields(case: Case, step: Step, event: Event) -> Iterator[Wrong]:
    """What is known with the case need not be said again."""
    missing = [fact for fact in asked(case, step) if brings(case, event).get(fact) is None]
    if missing:
        yield "field", missing


def brings(case: Case, event: Event) -> dict[str, Any]:
    """What an event brings itself, and what came with the case and no event has brought since."""
    return {**{k: v for k, v in case.given.items() if k not in case.brought}, **carried(event)}


def asked(case: Case, step: Step) -> list[str]:
    entries: list[dict[str, Any]] = [
        {"fact": each} if isinstance(each, str) else each for each in step.get("asks", [])
    ]
    return [each["fact"] for each in entries if holds(case.facts, each.get("when", {})) is True]


def forbids(case: Case, rule: dict[str, Any], event: Event, hit: bool) -> bool:
    """Whether a prohibition makes this event irregular; `inside` a window only while that is open."""
    if not hit or holds(case.facts, rule.get("when", {})) is not True:
        return False
    mine = [one for one in case.instances if one.rule["id"] == rule.get("inside")]
    return "inside" not in rule or any(
        is_running(case, one, event.at) and (instances.opens_at(case, one) or event.at) <= event.at
        for one in mine
    )
