"""How many steps of a progressive charge have passed since a due time: each day, hour or working day of lateness.

The due time and the end are the fold's; this only divides the time between them. Days are told by the clock on the
wall, working time by the calendar of the row.
"""

import numpy as np
from numpy.typing import NDArray

from bihuan.engine.calendar import Calendar
from bihuan.engine.clock import DAY, NONE
from bihuan.engine.limit import Limit
from bihuan.engine.localtime import LocalTime
from bihuan.engine.outcome import Judged, overrun

Ints = NDArray[np.int64]
SECONDS = {"second": 1, "minute": 60, "hour": 3600}
DAYS = {"day": 1, "week": 7}
MONTHS = {"month": 1, "year": 12}


def steps(judged: Judged, local: LocalTime, every: Limit, part: str) -> Ints:
    """For each row of the run, the steps begun or full between its due time and its end."""
    c = judged.folded.columns
    due = c["due"].astype(np.int64)
    over = np.maximum(overrun(c, judged.as_of), 0)
    late = (due != NONE) & (over > 0)
    found = np.zeros(len(due), np.int64)
    for n, calendar in enumerate(judged.answers.calendars):
        mine = late & (c["calendar"] == n)
        if mine.any():
            found[mine] = counted(calendar, local, every, part, due[mine], (due + over)[mine])
    return found


def counted(calendar: Calendar, local: LocalTime, every: Limit, part: str, due: Ints, end: Ints) -> Ints:
    """Steps of one size between two instants of which the second is later."""
    size, unit = every.amount or 1, every.unit or "day"
    if unit == "working day":
        return whole(working_days(calendar, due, end, part), size, part)
    if unit == "working hour":
        return whole(calendar.between(due, end), size * 3600, part)
    if unit in SECONDS:
        return whole(end - due, size * SECONDS[unit], part)
    if unit in DAYS:
        return whole(wall(local, end) - wall(local, due), size * DAYS[unit] * DAY, part)
    return whole_months(local, size * MONTHS[unit], part, due, end)


def whole(amount: Ints, size: int, part: str) -> Ints:
    """How many times a size has begun, or is full.

    >>> whole(np.array([1, 10, 11]), 10, "begun").tolist(), whole(np.array([1, 10, 11]), 10, "full").tolist()
    ([1, 1, 2], [0, 1, 1])
    """
    found: Ints = -(-amount // size) if part == "begun" else amount // size
    return found


def wall(local: LocalTime, instant: Ints) -> Ints:
    """Seconds by the clock on the wall, in which every day has as many."""
    return local.day(instant) * DAY + local.wall(instant)


def working_days(calendar: Calendar, due: Ints, end: Ints, part: str) -> Ints:
    """Working dates after the due date: those begun by the end, at least one, or those that are over."""
    low, high = calendar.columns.begin[0], calendar.columns.begin[-1] - 2
    due, end = np.clip(due, low, high), np.clip(end, low, high)
    number, first = calendar.columns.number, calendar.first
    last = calendar.day_of(end) if part == "begun" else calendar.day_of(end + 1) - 1
    dates: Ints = number[last - first] - number[calendar.day_of(due) - first]
    return np.maximum(dates, 1 if part == "begun" else 0)


def whole_months(local: LocalTime, size: int, part: str, due: Ints, end: Ints) -> Ints:
    """Months from day to day; one is full at the same wall-clock second of the same day number."""
    (month, since), (later, until) = (in_month(local, instant) for instant in (due, end))
    full = later - month - (until < since)
    return whole(np.where(until == since, full, full + (part == "begun")), size, part)


def in_month(local: LocalTime, instant: Ints) -> tuple[Ints, Ints]:
    """The month, counted from 1970, and the wall-clock seconds since its first day."""
    month = local.day(instant).astype("datetime64[D]").astype("datetime64[M]")
    begin = month.astype("datetime64[D]").astype(np.int64) * DAY
    return month.astype(np.int64), wall(local, instant) - begin
