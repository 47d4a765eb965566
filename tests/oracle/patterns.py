"""Whether something that happened is what a pattern names."""

from __future__ import annotations

from typing import Any

from tests.oracle.conditions import test
from tests.oracle.persons import is_in_role
from tests.oracle.state import Case, Event
from tests.oracle.words import named, parts


def is_named(case: Case, pattern: Any, event: Event) -> bool:
    """Whether it is the event itself, its facts and its actor, whatever else has happened."""
    if isinstance(pattern, str):
        return event.name == pattern
    if isinstance(pattern, list):
        return any(is_named(case, part, event) for part in pattern)
    if event.name not in named(pattern["event"]):
        return False
    if "by" in pattern and is_in_role(case, pattern["by"], event.actor) is False:
        return False
    where = pattern.get("where", {})
    return all(test(event.asked.get(fact), asked) is True for fact, asked in where.items())


def matches(case: Case, pattern: Any, n: int, first: int = 0) -> bool:
    """Whether the n-th thing that happened fulfils the pattern; what came before the first counts for nothing."""
    if isinstance(pattern, list):
        return any(matches(case, part, n, first) for part in pattern)
    if not is_named(case, pattern, case.history[n]):
        return False
    if isinstance(pattern, str) or pattern.get("at_least", 1) == 1:
        return True
    return persons(case, pattern, n, first) >= int(pattern["at_least"])


def persons(case: Case, pattern: Any, n: int, first: int) -> int:
    """How many different persons did it up to then; each nameless time counts as one."""
    marks = [k for k in range(n) if "since" in pattern and case.history[k].name == pattern["since"]]
    begin = max([first, *(mark + 1 for mark in marks)])
    actors = [e.actor for e in case.history[begin : n + 1] if is_named(case, pattern, e)]
    return len({actor for actor in actors if actor}) + actors.count(None)


def has_happened(case: Case, pattern: Any) -> bool:
    """Whether everything in the pattern has happened since the latest event that it names as `since`."""
    return all(part_has_happened(case, part) for part in parts(pattern))


def part_has_happened(case: Case, part: Any) -> bool:
    past = range(len(case.history))
    if isinstance(part, dict) and "since" in part:
        marks = [n for n in past if case.history[n].name == part["since"]]
        past = range(marks[-1] + 1 if marks else 0, len(case.history))
    return any(matches(case, part, n) for n in past)


def last_of_all(case: Case, pattern: Any) -> bool:
    """Whether the last part has just come; parts that completed it once are used up."""
    wanted = parts(pattern)
    if len(wanted) == 1:
        return matches(case, wanted[0], len(case.history) - 1)
    seen: set[int] = set()
    complete = False
    for n in range(len(case.history)):
        hits = {k for k, part in enumerate(wanted) if matches(case, part, n)}
        complete = bool(hits) and len(seen | hits) == len(wanted)
        seen = set() if complete else seen | hits
    return complete
