"""Limits and periods as a regulation words them: "4 working days", "next day 10:00", "calendar month".

Only the small grammars of docs/writing-policies.md, 7.2, live here. This module knows no calendar and counts no time.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from bihuan.engine.finding import Wrong, near

UNITS = ("second", "minute", "hour", "working hour", "day", "working day", "week", "month", "year")
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPANS = ("month", "quarter", "half-year", "year")
CALENDAR_PERIODS = ("day", "week", *SPANS)
CLOCK_UNITS = frozenset(("day", "working day", "week", "month", "year"))

CLOCK = r"([01]\d|2[0-4]):[0-5]\d"
NAME = r"[a-z][a-z0-9_]*"
AMOUNT = rf"\d+ ({'|'.join(UNITS)})s?"
DAY_WORD = (
    rf"same day|next day|next working day|{'|'.join(WEEKDAYS)}"
    rf"|(working )?day \d+ of (this|next) month|last day of this ({'|'.join(SPANS)})"
)
LIMIT = rf"({AMOUNT}|{DAY_WORD})( ({CLOCK}|close))?"
PERIOD = rf"(calendar ({'|'.join(CALENDAR_PERIODS)})|working day)( {CLOCK})?|{AMOUNT}"

LAST_SECOND = 24 * 3600 - 1
MOST_DAYS = {"month day": 31, "month working day": 23}

_AMOUNT = re.compile(rf"(\d+) ({'|'.join(UNITS)})s?", re.ASCII)
_ANY_AMOUNT = re.compile(r"([+-]?\d+(?:\.\d+)?)\s*([a-z ]*)")
_MONTH_DAY = re.compile(r"(working )?day ([+-]?\d+) of (this|next) month", re.ASCII)
_LAST_DAY = re.compile(rf"last day of this ({'|'.join(SPANS)})")
_TAIL = re.compile(r"(?P<head>.*?)(?: (?P<clock>\d{1,2}:\d{2}|close))?", re.DOTALL | re.ASCII)
_PERIOD = re.compile(rf"(?:calendar ({'|'.join(CALENDAR_PERIODS)})|(working day))")


@dataclass(frozen=True, slots=True)
class DayWord:
    """A day said by a word; `n` is the weekday (Monday 0) or day number, `of` the month meant or the span ended."""

    kind: str
    n: int = 0
    of: str = ""

    def __str__(self) -> str:
        match self.kind:
            case "weekday":
                return WEEKDAYS[self.n]
            case "month day":
                return f"day {self.n} of {self.of} month"
            case "month working day":
                return f"working day {self.n} of {self.of} month"
            case "last day":
                return f"last day of this {self.of}"
        return self.kind


@dataclass(frozen=True, slots=True)
class Limit:
    """An amount of time or a day, and the wall-clock second (or closing) at which that day's time is up."""

    amount: int | None = None
    unit: str | None = None
    day: DayWord | None = None
    clock: int | str | None = None

    def __str__(self) -> str:
        plural = "s" if self.amount and self.amount > 1 else ""
        head = str(self.day) if self.day else f"{self.amount} {self.unit}{plural}"
        return head if self.clock is None else f"{head} {clock_text(self.clock)}"


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch that recurs: a calendar period, every working day, or a rolling amount."""

    calendar: str | None = None
    rolling: Limit | None = None
    working_day: bool = False
    clock: int | None = None

    def __str__(self) -> str:
        if self.rolling:
            return str(self.rolling)
        head = "working day" if self.working_day else f"calendar {self.calendar}"
        return head if self.clock is None else f"{head} {clock_text(self.clock)}"


@dataclass(frozen=True, slots=True)
class Name:
    """A fact or parameter that stands where a literal could."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Reference:
    """A document that has the answer and is not this policy."""

    by: str

    def __str__(self) -> str:
        return f"{{ by = {self.by} }}"


LimitSource = Limit | Name | Reference


def clock_text(clock: int | str) -> str:
    if isinstance(clock, str):
        return clock
    return "24:00" if clock == LAST_SECOND else f"{clock // 3600:02}:{clock % 3600 // 60:02}"


def parse_clock(text: object) -> int:
    """The wall-clock second of HH:MM; 24:00 is the last second of the day."""
    match = re.fullmatch(r"(\d{2}):(\d{2})", text, re.ASCII) if isinstance(text, str) else None
    hour, minute = (int(part) for part in match.groups()) if match else (99, 0)
    if (hour, minute) == (24, 0):
        return LAST_SECOND
    if hour > 23 or minute > 59:
        raise Wrong("clock", text)
    return hour * 3600 + minute * 60


def parse_limit(text: object) -> Limit:
    """Read "4 working days", "next day 10:00" or "day 7 of next month 16:00".

    >>> parse_limit("3 working days close")
    Limit(amount=3, unit='working day', day=None, clock='close')
    """
    if not isinstance(text, str):
        raise Wrong("limit", text)
    tail = _TAIL.fullmatch(text)
    assert tail
    head, at = tail["head"], tail["clock"]
    clock = at if at in (None, "close") else parse_clock(at)
    day = _day_word(head)
    if day:
        return Limit(day=day, clock=clock)
    amount, unit = _amount(head, text)
    if clock is not None and unit not in CLOCK_UNITS:
        raise Wrong("limit-clock", text, unit=unit)
    return Limit(amount, unit, clock=clock)


def is_limit(text: object) -> bool:
    """Whether this reads as a limit, rather than as a name or a choice."""
    return isinstance(text, str) and re.fullmatch(LIMIT, text, re.ASCII) is not None


def _day_word(head: str) -> DayWord | None:
    if head in ("same day", "next day", "next working day"):
        return DayWord(head)
    if head in WEEKDAYS:
        return DayWord("weekday", WEEKDAYS.index(head))
    if match := _LAST_DAY.fullmatch(head):
        return DayWord("last day", 0, match[1])
    if match := _MONTH_DAY.fullmatch(head):
        kind = "month working day" if match[1] else "month day"
        n = int(match[2])
        if not 1 <= n <= MOST_DAYS[kind]:
            raise Wrong("limit-day", head, most=MOST_DAYS[kind])
        return DayWord(kind, n, match[3])
    return None


def _amount(head: str, text: str) -> tuple[int, str]:
    if match := _AMOUNT.fullmatch(head):
        if int(match[1]) == 0:
            raise Wrong("limit-zero", text)
        return int(match[1]), match[2]
    match = _ANY_AMOUNT.fullmatch(head)
    if match and match[1].startswith("-"):
        raise Wrong("limit-negative", text)
    if match and "." in match[1]:
        raise Wrong("limit-fraction", text)
    words = [*UNITS, *(f"{unit}s" for unit in UNITS)] if match else [*WEEKDAYS, "same day", "next day"]
    raise Wrong("limit", text, near=near(match[2].strip() if match else head, words))


def parse_period(text: object) -> Period:
    """Read "calendar month", "calendar day 12:00", "working day" or a rolling amount such as "3 months"."""
    if not isinstance(text, str):
        raise Wrong("period", text)
    tail = _TAIL.fullmatch(text)
    assert tail
    if match := _PERIOD.fullmatch(tail["head"]):
        if tail["clock"] == "close":
            raise Wrong("period", text)
        clock = parse_clock(tail["clock"]) if tail["clock"] else None
        return Period(calendar=match[1], working_day=bool(match[2]), clock=clock)
    if not text[:1].isdigit():
        raise Wrong("period", text, near=near(text, [f"calendar {each}" for each in CALENDAR_PERIODS]))
    limit = parse_limit(text)
    if limit.clock is not None:
        raise Wrong("period", text)
    return Period(rolling=limit)


def parse_limit_source(value: object) -> LimitSource:
    """A limit, the name of what holds one, or the document that says it."""
    return _source(value, parse_limit)  # type: ignore[return-value]


def parse_period_source(value: object) -> Period | Name | Reference:
    return _source(value, parse_period)  # type: ignore[return-value]


def _source(value: object, parse: object) -> object:
    if isinstance(value, dict):
        return parse_reference(value)
    if isinstance(value, str) and re.fullmatch(NAME, value):
        return Name(value)
    return parse(value)  # type: ignore[operator]


def parse_reference(value: dict[str, object]) -> Reference:
    """`{ by = "document" }`."""
    by = value.get("by")
    if set(value) != {"by"} or not isinstance(by, str):
        raise Wrong("reference", value)
    return Reference(by)
