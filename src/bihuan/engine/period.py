"""Calendar periods by name: 2026-10, 2026-Q4, 2026-W41; their first days, and the period that a day lies in.

A period is half-open: from the midnight of its first day to the midnight of the first day of the next. Knows no zone.
"""

import datetime as dt
import re
from dataclasses import dataclass
from functools import lru_cache

from bihuan.engine.errors import CallError

FORMS = {
    "year": r"(\d{4})",
    "half-year": r"(\d{4})-H([12])",
    "quarter": r"(\d{4})-Q([1-4])",
    "month": r"(\d{4})-(0[1-9]|1[0-2])",
    "week": r"(\d{4})-W(0[1-9]|[1-4]\d|5[0-3])",
    "day": r"(\d{4})-(\d{2})-(\d{2})",
}
MONTHS = {"year": 12, "half-year": 6, "quarter": 3, "month": 1}
EPOCH = dt.date(1970, 1, 1).toordinal()
EXAMPLES = "2026-10-09, 2026-W41, 2026-10, 2026-Q4, 2026-H2 or 2026"


@dataclass(frozen=True, slots=True)
class Span:
    """One period: its kind, its name, its first day and the first day of the next."""

    kind: str
    name: str
    first: dt.date
    next: dt.date


def parse_span(text: str) -> Span:
    """The period of this name.

    >>> span = parse_span("2026-Q4"); str(span.first), str(span.next)
    ('2026-10-01', '2027-01-01')
    """
    for kind, form in FORMS.items():
        if match := re.fullmatch(form, text, re.ASCII):
            try:
                span = span_of(kind, _first(kind, *map(int, match.groups())))
            except (ValueError, OverflowError):
                break
            if span.name == text:
                return span
    raise CallError(f"no period is called {text!r}: expected {EXAMPLES}")


def _first(kind: str, year: int, number: int = 1, day: int = 1) -> dt.date:
    if kind == "week":
        return dt.date.fromisocalendar(year, number, 1)
    if kind == "day":
        return dt.date(year, number, day)
    return dt.date(year, (number - 1) * MONTHS[kind] + 1, 1)


@lru_cache(maxsize=4096)
def span_of(kind: str, day: dt.date) -> Span:
    """The period of this kind in which a day lies.

    >>> span_of("week", dt.date(2027, 1, 2)).name, span_of("half-year", dt.date(2026, 10, 9)).name
    ('2026-W53', '2026-H2')
    """
    if kind == "day":
        return Span(kind, day.isoformat(), day, day + dt.timedelta(1))
    if kind == "week":
        year, week, weekday = day.isocalendar()
        first = day - dt.timedelta(weekday - 1)
        return Span(kind, f"{year:04}-W{week:02}", first, first + dt.timedelta(7))
    length = MONTHS[kind]
    number = (day.month - 1) // length
    return Span(kind, _name(kind, day.year, number + 1), *_months(day.year, number * length, length))


def before(span: Span) -> Span:
    """The period before."""
    return span_of(span.kind, span.first - dt.timedelta(1))


def _name(kind: str, year: int, number: int) -> str:
    tail = {"year": "", "half-year": f"-H{number}", "quarter": f"-Q{number}", "month": f"-{number:02}"}
    return f"{year:04}{tail[kind]}"


def _months(year: int, month: int, length: int) -> tuple[dt.date, dt.date]:
    end = month + length
    return dt.date(year, month + 1, 1), dt.date(year + end // 12, end % 12 + 1, 1)


def numbered(day: dt.date) -> int:
    """A day as the number of days since 1970, as calendars count them."""
    return day.toordinal() - EPOCH


def dated(number: int) -> dt.date:
    """The day of that number."""
    return dt.date.fromordinal(number + EPOCH)
