"""The periods of a recurring duty, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count
from typing import Any

from tests.oracle import time
from tests.oracle.time import Days, World

Period = tuple[int, int]


def of_rule(world: World, days: Days, rule: dict[str, Any], start: int) -> Iterator[Period]:
    """First and last second of each period from the one in which it starts."""
    if rule["every"].startswith(("calendar", "working")):
        yield from time.periods(world, rule["every"], start)
        return
    begin = reached(world, days, rule["from"], start) if "from" in rule else start
    end = reached(world, days, rule["until"], start) if "until" in rule else None
    for period in rolling(world, rule["every"], begin):
        if end is not None and period[1] > end:
            return
        yield period


def within(times: tuple[Period, ...] | None, start: int, found: Iterator[Period]) -> Iterator[Period]:
    """Of a subject in a register, the periods that lie wholly in the time there that lasts at the start or comes next."""
    if times is None:
        yield from found
        return
    since, until = next((time for time in times if time[1] >= start), times[-1])
    for period in found:
        if period[1] > until:
            return
        if period[0] >= since:
            yield period


def reached(world: World, days: Days, text: str, start: int) -> int:
    found = time.due(world, time.limit(text), days, start, [])
    assert found is not None
    return found


def rolling(world: World, text: str, begin: int) -> Iterator[Period]:
    """Dates are counted from the start; each period ends with its last day and the next begins with the day after."""
    first = begin
    for n in count(1):
        want = time.times(time.limit(text), n)
        end = time.due(world, want, Days(), begin, [])
        assert end is not None
        last = end - 1 if want.unit == "hour" else end
        yield first, last
        first = last + 1


def looks_back(rule: dict[str, Any]) -> bool:
    """A limit that says `next` is seen from the period's end: last month's report, due on the 7th."""
    return "next" in str(rule.get("within", "")).split()
