"""Conditions on facts: true, false, or None where nobody can tell yet."""

from __future__ import annotations

from typing import Any

from tests.oracle.state import Case


def holds(facts: dict[str, Any], condition: dict[str, Any]) -> bool | None:
    answers = [test(facts.get(fact), asked) for fact, asked in condition.items()]
    if False in answers:
        return False
    return None if None in answers else True


def test(value: Any, asked: Any) -> bool | None:
    if isinstance(asked, dict) and "known" in asked:
        return bool((value is not None) == asked["known"])
    if value is None:
        return None
    if isinstance(asked, list):
        return value in asked
    if not isinstance(asked, dict):
        return bool(value == asked)
    return value not in (asked["not"] if isinstance(asked["not"], list) else [asked["not"]])


def settled(case: Case, condition: dict[str, Any], home: str | None, now: int) -> tuple[bool | None, bool]:
    """The answer as of now or, failing that, when it becomes known; and whether that was later.

    A condition that is not known at the start is judged from the start as soon as it is, so the answer may be
    looked for in what is still to come: of its own case, if an event of a case began it.
    """
    facts = dict(case.facts)
    answer = holds(facts, condition)
    for event in case.ahead if answer is None else []:
        if home is not None and event.home != home:
            continue
        facts = facts | carried(event) if event.told is None else event.told
        if (found := holds(facts, condition)) is not None:
            return found, event.at > now
    return answer, False


def carried(event: Any) -> dict[str, Any]:
    return {fact: value for fact, value in event.data.items() if value is not None}
