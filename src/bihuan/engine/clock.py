"""When a limit ends: the kinds of limit, the conventions of counting days, pauses and leads.

Every function here and in `worktime` and `civil`, whose names this module passes on, takes plain integers and
columns that can be indexed, so that the same source runs interpreted over lists and compiled over int64 arrays.
It knows nothing of names, files, zones or policies: they have been written into `Tables` beforehand.
"""

from typing import NamedTuple

from bihuan.engine.civil import (
    add_months,
    day_from_civil,
    day_in_month,
    month_begin,
    month_of,
    months_between,
    weekday,
)
from bihuan.engine.worktime import (
    DAY,
    NO_SHIFT,
    NONE,
    Ints,
    Tables,
    closing,
    counts,
    day_of,
    end_of,
    instant,
    next_open,
    nth,
    number,
    opening,
    reached,
    row_instant,
    row_of,
    row_of_day,
    row_wall,
    wall,
    worked,
)

__all__ = [
    "NEVER", "WORKING_DAYS", "SECONDS", "DAYS", "WORKING_SECONDS", "MONTHS", "SAME_DAY", "NEXT_DAY",
    "NEXT_WORKING_DAY", "WEEKDAY", "MONTH_DAY", "MONTH_WORKDAY", "LAST_DAY", "UNLIMITED", "DEFAULT",
    "CLOSE", "SAME_TIME", "AS_IS", "NEXT_OPENING", "NEXT_WORKING", "Limits", "Days", "due_at",
    "effective_start", "lead_before", "paused_between", "paused_since", "used_between",
    "DAY", "NONE", "NO_SHIFT", "Ints", "Tables", "add_months", "day_from_civil", "day_in_month",
    "month_begin", "month_of", "months_between", "weekday", "closing", "counts", "day_of", "end_of",
    "instant", "next_open", "nth", "number", "opening", "reached", "row_instant", "row_of", "row_of_day",
    "row_wall", "wall", "worked",
]  # fmt: skip

NEVER = 2**62

# Kinds of limit, the most common first: due_at asks in this order.
WORKING_DAYS = 0
SECONDS = 1
DAYS = 2
WORKING_SECONDS = 3
MONTHS = 4
SAME_DAY = 5
NEXT_DAY = 6
NEXT_WORKING_DAY = 7
WEEKDAY = 8
MONTH_DAY = 9
MONTH_WORKDAY = 10
LAST_DAY = 11
UNLIMITED = 12

# Clock times that are not a second of the day.
DEFAULT = -1
CLOSE = -2
SAME_TIME = -3

# What a start outside hours becomes.
AS_IS = 0
NEXT_OPENING = 1
NEXT_WORKING = 2


class Limits(NamedTuple):
    kind: Ints
    n: Ints  # amount, weekday (Monday 0) or day of the month
    ahead: Ints  # periods ahead: 0 this month, 1 next month
    span: Ints  # months of the period whose last day is meant
    clock: Ints  # wall second, CLOSE or DEFAULT
    measure: Ints  # in which of the MEASURES its pauses are counted


class Days(NamedTuple):
    """Conventions of counting days."""

    first: Ints  # 1: the start's own date counts
    rolls: Ints  # 1: a last day that does not count moves to the next that does
    ends: Ints  # wall second, DEFAULT for 24:00, CLOSE or SAME_TIME
    rest_day: Ints  # AS_IS, NEXT_OPENING or NEXT_WORKING
    before: Ints
    after: Ints
    moves: Ints  # 1: some start is moved by the three


def effective_start(cal: Tables, conv: Days, days: int, c: int, start: int) -> int:
    """What a start on a rest day, before opening or after closing becomes under the conventions."""
    if conv.moves[days] == 0:
        return start
    row = row_of(cal, c, start)
    if row < 0:
        return NONE
    becomes = start_rule(cal, conv, days, row, start)
    if becomes == AS_IS:
        return start
    if becomes == NEXT_OPENING:
        return next_open(cal, c, start)
    moved = instant(cal, c, nth(cal, c, cal.number[row] + 1), row_wall(cal, row, start))
    row = row_of(cal, c, moved)
    if row < 0:
        return NONE
    # Saturday 23:00 is Monday 23:00, and what that becomes after closing is said too.
    return next_open(cal, c, moved) if start_rule(cal, conv, days, row, moved) == NEXT_OPENING else moved


def start_rule(cal: Tables, conv: Days, days: int, row: int, start: int) -> int:
    if cal.counted[row] == 0:
        return conv.rest_day[days]
    slot = cal.slot[row]
    stop = cal.slot[row + 1]
    if slot == stop:
        return AS_IS
    if start < cal.opens[slot]:
        return conv.before[days]
    if start >= cal.closes[stop - 1]:
        return conv.after[days]
    return AS_IS


def due_at(
    cal: Tables,
    limits: Limits,
    conv: Days,
    limit: int,
    days: int,
    c: int,
    start: int,
    extra: int,
    paused: int,
) -> int:
    """Last second in time. NONE where the calendar does not reach, NEVER for a limit without end."""
    kind, amount = limits.kind[limit], limits.n[limit] + extra
    if kind == UNLIMITED:
        return NEVER
    if conv.moves[days]:
        start = effective_start(cal, conv, days, c, start)
        if start == NONE:
            return NONE
    if kind == SECONDS:
        return start + amount + paused
    if kind == WORKING_SECONDS:
        return work_due(cal, c, start, amount + paused)
    row = row_of(cal, c, start)
    if row < 0:
        return NONE
    today = cal.first[c] + row - cal.base[c]
    if kind == WORKING_DAYS:
        day = working_day_after(cal, c, row, amount + paused - conv.first[days] * cal.counted[row])
    elif kind == DAYS:
        day = today + amount + paused - conv.first[days]
    elif kind == MONTHS:
        day = add_months(today, amount) + paused - conv.first[days]
    else:
        return day_word_due(cal, limits, conv, limit, days, c, row, start, paused)
    if day != NONE and day < today:
        day = today
    return due_on(cal, limits, conv, limit, days, c, day, row, start)


def work_due(cal: Tables, c: int, start: int, amount: int) -> int:
    if amount <= 0:
        return next_open(cal, c, start)
    done = worked(cal, c, start)
    return NONE if done == NONE else reached(cal, c, done + amount)


def working_day_after(cal: Tables, c: int, row: int, n: int) -> int:
    """The n-th counted date after the row's; with nothing to count the row's own date."""
    if n <= 0:
        return cal.first[c] + row - cal.base[c]
    return nth(cal, c, cal.number[row] + n)


def due_on(
    cal: Tables,
    limits: Limits,
    conv: Days,
    limit: int,
    days: int,
    c: int,
    day: int,
    start_row: int,
    start: int,
) -> int:
    """The due instant on that date, rolled. A clock time gone by when the limit starts leaves the rest of the date."""
    if conv.rolls[days] == 1:
        day = rolled(cal, c, day)
    row = row_of_day(cal, c, day)
    if row < 0:
        return NONE
    if limits.clock[limit] == DEFAULT and conv.ends[days] == DEFAULT:
        return cal.begin[row + 1] - 1
    due = time_on(cal, limits, conv, limit, days, c, row, start_row, start)
    return cal.begin[row + 1] - 1 if due <= start else due


def rolled(cal: Tables, c: int, day: int) -> int:
    """The day itself if it counts, else the next that does."""
    row = row_of_day(cal, c, day)
    if row < 0:
        return NONE
    return day if cal.counted[row] == 1 else nth(cal, c, cal.number[row] + 1)


def time_on(
    cal: Tables,
    limits: Limits,
    conv: Days,
    limit: int,
    days: int,
    c: int,
    row: int,
    start_row: int,
    start: int,
) -> int:
    """The instant of a date at which the limit ends."""
    clock = limits.clock[limit]
    if clock == DEFAULT:
        clock = conv.ends[days]
    if clock == SAME_TIME:
        clock = row_wall(cal, start_row, start)
    return clock_on(cal, row, clock)


def clock_on(cal: Tables, row: int, clock: int) -> int:
    last = cal.begin[row + 1] - 1
    if clock == CLOSE and cal.slot[row] < cal.slot[row + 1]:
        at = cal.closes[cal.slot[row + 1] - 1]
    elif clock < 0 or clock >= DAY:
        return last
    else:
        at = row_instant(cal, row, clock)
    # Closing at 24:00 is the last second of the day, and no skipped wall time leaves it.
    return last if at > last else at


def day_word_due(
    cal: Tables, limits: Limits, conv: Days, limit: int, days: int, c: int, row: int, start: int, paused: int
) -> int:
    """Due instant of a limit that names a day; the next such instant if the first is not after the start."""
    kind = limits.kind[limit]
    today = cal.first[c] + row - cal.base[c]
    day = named_day(cal, limits, limit, c, today, 0)
    if kind >= WEEKDAY and day != NONE:
        named = row_of_day(cal, c, day)
        if named < 0:
            return NONE
        if time_on(cal, limits, conv, limit, days, c, named, row, start) <= start:
            day = named_day(cal, limits, limit, c, today, 1)
    if day == NONE:
        return NONE
    if counts_working_days(kind):
        moved = row_of_day(cal, c, day)
        if moved < 0:
            return NONE
        day = working_day_after(cal, c, moved, paused)
    else:
        day += paused
    return due_on(cal, limits, conv, limit, days, c, day, row, start)


def named_day(cal: Tables, limits: Limits, limit: int, c: int, today: int, later: int) -> int:
    """The day that a limit names as seen from today; `later` = 1 for the one after that."""
    kind = limits.kind[limit]
    if kind == SAME_DAY:
        return today
    if kind == NEXT_DAY:
        return today + 1
    if kind == NEXT_WORKING_DAY:
        return nth(cal, c, number(cal, c, today) + 1)
    if kind == WEEKDAY:
        return today + (limits.n[limit] - weekday(today)) % 7 + 7 * later
    month = month_of(today)
    if kind == MONTH_DAY:
        return day_in_month(month + limits.ahead[limit] + later, limits.n[limit])
    if kind == MONTH_WORKDAY:
        return workday_in_month(cal, c, month + limits.ahead[limit] + later, limits.n[limit])
    span = limits.span[limit]
    return month_begin(month - month % span + (limits.ahead[limit] + later + 1) * span) - 1


def workday_in_month(cal: Tables, c: int, month: int, n: int) -> int:
    """The n-th counted day of a month, or its last counted day if it has fewer."""
    begin = row_of_day(cal, c, month_begin(month))
    end = row_of_day(cal, c, month_begin(month + 1) - 1)
    if begin < 0 or end < 0:
        return NONE
    wanted = cal.number[begin] - cal.counted[begin] + n
    return nth(cal, c, wanted if wanted < cal.number[end] else cal.number[end])


def counts_working_days(kind: int) -> bool:
    return kind in (WORKING_DAYS, NEXT_WORKING_DAY, MONTH_WORKDAY)


def paused_between(cal: Tables, limits: Limits, limit: int, c: int, a: int, b: int, both_days: int) -> int:
    """What a pause from a to b adds: in days, those after the day of the pause up to that of resumption.

    With `both_days` the day of the pause too.
    """
    kind = limits.kind[limit]
    if kind == UNLIMITED:
        return 0
    if kind == SECONDS:
        return b - a
    if kind == WORKING_SECONDS:
        before = worked(cal, c, a)
        after = worked(cal, c, b)
        return NONE if before == NONE or after == NONE else after - before
    return days_paused(cal, c, counts_working_days(kind), a, b, both_days)


def days_paused(cal: Tables, c: int, working: bool, a: int, b: int, both_days: int) -> int:
    before = row_of(cal, c, a)
    after = row_of(cal, c, b)
    if before < 0 or after < 0:
        return NONE
    if working:
        return cal.number[after] - cal.number[before] + both_days * cal.counted[before]
    return after - before + both_days


def paused_since(
    cal: Tables, limits: Limits, limit: int, c: int, since: int, a: int, b: int, both_days: int
) -> int:
    """As `paused_between`, but a date that did not count already is not left out once more.

    `since` is the end of the pause before, or the start if its own date does not count; else NONE.
    """
    if both_days == 1 and since != NONE and row_of(cal, c, since) >= row_of(cal, c, a):
        both_days = 0
    return paused_between(cal, limits, limit, c, a, b, both_days)


def used_between(cal: Tables, limits: Limits, limit: int, c: int, start: int, end: int) -> int:
    """Time from start to end in the limit's unit: seconds, working seconds, dates, working dates, full months."""
    if limits.kind[limit] != MONTHS:
        return paused_between(cal, limits, limit, c, start, end, 0)
    a = day_of(cal, c, start)
    b = day_of(cal, c, end)
    return NONE if a == NONE or b == NONE else months_between(a, b)


def lead_work(cal: Tables, c: int, work: int) -> int:
    """Latest instant before which so much has been worked: the opening, not the closing before it."""
    t = reached(cal, c, work)
    return NONE if t == NONE else next_open(cal, c, t)


def lead_before(cal: Tables, limits: Limits, conv: Days, limit: int, days: int, c: int, anchor: int) -> int:
    """Last second in time, so long before the anchor, whose own date is not counted. Never rolled."""
    kind = limits.kind[limit]
    n = limits.n[limit]
    if kind == SECONDS or n == 0:
        return anchor - n
    row = row_of(cal, c, anchor)
    if row < 0 or kind >= SAME_DAY:
        return NONE
    if kind == WORKING_SECONDS:
        return lead_work(cal, c, worked(cal, c, anchor) - n)
    today = cal.first[c] + row - cal.base[c]
    if kind == WORKING_DAYS:
        day = nth(cal, c, cal.number[row] - cal.counted[row] - n + 1 + conv.first[days] * cal.counted[row])
    elif kind == DAYS:
        day = today - n + conv.first[days]
    else:
        day = add_months(today, -n) + conv.first[days]
    row = row_of_day(cal, c, day)
    if row < 0:
        return NONE
    due = clock_on(cal, row, limits.clock[limit])
    return anchor if due > anchor else due
