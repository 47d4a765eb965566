"""Limits and conventions in words, coded for the kernel; instants as text in a calendar's zone."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bihuan.engine import clock
from bihuan.engine.calendar import Calendar
from tests.engine.calendar_oracle import Rule

KINDS = {
    "working days": clock.WORKING_DAYS,
    "seconds": clock.SECONDS,
    "days": clock.DAYS,
    "working seconds": clock.WORKING_SECONDS,
    "months": clock.MONTHS,
    "same day": clock.SAME_DAY,
    "next day": clock.NEXT_DAY,
    "next working day": clock.NEXT_WORKING_DAY,
    "weekday": clock.WEEKDAY,
    "month day": clock.MONTH_DAY,
    "month workday": clock.MONTH_WORKDAY,
    "last day": clock.LAST_DAY,
    "unlimited": clock.UNLIMITED,
}
BECOMES = {"as is": clock.AS_IS, "next opening": clock.NEXT_OPENING, "next working day": clock.NEXT_WORKING}


def coded_clock(found: int | str | None) -> int:
    if isinstance(found, int):
        return found
    return {None: clock.DEFAULT, "close": clock.CLOSE, "same time": clock.SAME_TIME}[found]


def coded(rule: Rule) -> tuple[clock.Limits, clock.Days]:
    limits = clock.Limits(
        [KINDS[rule.kind]], [rule.n], [rule.ahead], [rule.span], [coded_clock(rule.clock)], [3]
    )
    becomes = [BECOMES[word] for word in (rule.rest_day, rule.before, rule.after)]
    record = (int(rule.first), int(rule.rolls), coded_clock(rule.ends), *becomes, int(any(becomes)))
    return limits, clock.Days(*([field] for field in record))


def instant(calendar: Calendar, text: str) -> int:
    """`2025-09-26 16:00`; `24:00` is the last second of the day."""
    if text.endswith("24:00"):
        return instant(calendar, text[:-5] + "23:59:59")
    return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.zone)).timestamp())


def text(calendar: Calendar, t: int) -> str | None:
    """As `instant` reads it; nothing for NONE."""
    if t == clock.NONE:
        return None
    shown = datetime.fromtimestamp(t, ZoneInfo(calendar.zone)).strftime("%Y-%m-%d %H:%M:%S")
    return shown.replace("23:59:59", "24:00") if shown.endswith("23:59:59") else shown.removesuffix(":00")


def due(calendar: Calendar, rule: Rule, start: str, extra: int = 0, paused: int = 0) -> str | None:
    limits, days = coded(rule)
    found = clock.due_at(calendar.tables, limits, days, 0, 0, 0, instant(calendar, start), extra, paused)
    return text(calendar, found)


def lead(calendar: Calendar, rule: Rule, anchor: str) -> str | None:
    limits, days = coded(rule)
    found = clock.lead_before(calendar.tables, limits, days, 0, 0, 0, instant(calendar, anchor))
    return text(calendar, found)
