"""Limits, periods and day conventions as the records that the clock reads."""

from bihuan.engine import clock
from bihuan.engine.declared import Days
from bihuan.engine.errors import PolicyError
from bihuan.engine.layout import BY_DAYS, BY_MONTHS, BY_SECONDS, BY_WORKDAY
from bihuan.engine.limit import Limit, Period

SECONDS_IN = {"second": 1, "minute": 60, "hour": 3600, "working hour": 3600}
MONTHS_IN = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
DAYS_IN = {"day": 1, "week": 7}
WORDS = {
    "same day": clock.SAME_DAY,
    "next day": clock.NEXT_DAY,
    "next working day": clock.NEXT_WORKING_DAY,
    "weekday": clock.WEEKDAY,
    "month day": clock.MONTH_DAY,
    "month working day": clock.MONTH_WORKDAY,
    "last day": clock.LAST_DAY,
}
BECOMES = {"as is": clock.AS_IS, "next opening": clock.NEXT_OPENING, "next working day": clock.NEXT_WORKING}


def amount_of(limit: Limit) -> tuple[int, int]:
    """Kind and number of an amount, in the clock's units: seconds, days, working days or months."""
    unit, n = limit.unit or "", limit.amount or 0
    if unit in SECONDS_IN:
        kind = clock.WORKING_SECONDS if unit == "working hour" else clock.SECONDS
        return kind, n * SECONDS_IN[unit]
    if unit in DAYS_IN:
        return clock.DAYS, n * DAYS_IN[unit]
    if unit in MONTHS_IN:
        return clock.MONTHS, n * MONTHS_IN[unit]
    return clock.WORKING_DAYS, n


def limit_record(limit: Limit) -> tuple[int, int, int, int, int, int]:
    """kind, n, ahead, span, clock, measure."""
    at = limit.clock
    wall = clock.DEFAULT if at is None else clock.CLOSE if at == "close" else whole_day_end(int(at))
    if limit.day is None:
        kind, n = amount_of(limit)
        return kind, n, 0, 1, wall, measure_of(kind)
    word = limit.day
    span = MONTHS_IN.get(word.of.removeprefix("this ").removeprefix("next "), 1)
    kind = WORDS[word.kind]
    return kind, word.n, int(word.of.startswith("next")), span, wall, measure_of(kind)


def measure_of(kind: int) -> int:
    """In which of `layout.MEASURES` a limit of this kind counts its pauses."""
    if kind == clock.SECONDS:
        return 0
    if kind == clock.WORKING_SECONDS:
        return 1
    return 2 if clock.counts_working_days(kind) else 3


def whole_day_end(second: int) -> int:
    """A wall second; the last of the day stands for the end of the day however long it is."""
    return clock.DAY if second == clock.DAY - 1 else second


def looks_back(limit: Limit | None) -> bool:
    """Whether a limit within a period is seen from the period's end: next day, the 7th of next month."""
    return (
        limit is not None and limit.day is not None and ("next" in limit.day.kind or "next" in limit.day.of)
    )


def days_record(days: Days) -> tuple[int, ...]:
    """first, rolls, ends, rest_day, before, after, moves."""
    outside = days.outside
    ends = {"close": clock.CLOSE, "same time": clock.SAME_TIME}.get(str(days.ends))
    if ends is None:
        ends = clock.DEFAULT if days.ends in (None, clock.DAY - 1) else int(str(days.ends))
    parts = (outside.rest_day, outside.before, outside.after) if outside else ("as is",) * 3
    becomes = [BECOMES[part] for part in parts]
    moves = int(any(one != clock.AS_IS for one in becomes))
    return int(bool(days.first)), int(days.rolls == "next working day"), ends, *becomes, moves


def period_record(period: Period, ends: bool = False, from_: int = -1, until: int = -1) -> tuple[int, ...]:
    """kind, n, rolling, wall second of the boundary, whether it is looked back on, first and last limit of the series."""
    return *period_kind(period), period.clock or 0, int(ends), from_, until


def period_kind(period: Period) -> tuple[int, int, int]:
    if period.working_day:
        return BY_WORKDAY, 1, 0
    if period.rolling is None:
        name = period.calendar or "day"
        return (BY_DAYS, DAYS_IN[name], 0) if name in DAYS_IN else (BY_MONTHS, MONTHS_IN[name], 0)
    kind, n = amount_of(period.rolling)
    if kind not in ROLLING:
        raise PolicyError(
            f"a period of {period.rolling} cannot recur: expected days, weeks, months or years, or hours"
        )
    return ROLLING[kind], n, 1


ROLLING = {clock.SECONDS: BY_SECONDS, clock.DAYS: BY_DAYS, clock.MONTHS: BY_MONTHS}
