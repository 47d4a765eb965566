"""The format of a calendar file: one `[calendar]`, any number of `[[notice]]`.

Turns what TOML gives into the engine's values, or into one error that says every place that is wrong.
"""

import re
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Annotated, NamedTuple

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError

from bihuan.engine.clock import DAY
from bihuan.engine.errors import CalendarError
from bihuan.engine.timetable import Hours, Notice

ALL_DAY: Hours = ((0, DAY),)
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
INTERVAL = re.compile(r"(\d\d):(\d\d)-(\d\d):(\d\d)")
EPOCH = date(1970, 1, 1).toordinal()


def day_number(found: object) -> int:
    if type(found) is not date:
        raise ValueError(f"{found!r} is not a date such as 2027-01-01, without quotes")
    return found.toordinal() - EPOCH


def span(found: object) -> tuple[int, int]:
    """A date, or `2027-01-01..2027-01-03`."""
    if type(found) is date:
        return day_number(found), day_number(found)
    try:
        first, last = (date.fromisoformat(part.strip()) for part in str(found).split(".."))
    except ValueError:
        raise ValueError(
            f"{found!r} is neither a date nor a range such as '2027-01-01..2027-01-03'"
        ) from None
    if last < first:
        raise ValueError(f"{found!r} ends before it begins")
    return day_number(first), day_number(last)


def hours(found: object) -> Hours:
    """`["09:00-12:00", "13:30-17:30"]`, in order and apart; an empty list is a day of rest."""
    if not isinstance(found, list):
        raise ValueError(f"{found!r} is not a list such as ['09:00-12:00', '13:30-17:30']")
    intervals = tuple(interval(text) for text in found)
    for (_, closes), (opens, _) in pairwise(intervals):
        if opens <= closes:
            raise ValueError(f"{found!r}: the intervals must follow each other with time between them")
    return intervals


def interval(found: object) -> tuple[int, int]:
    matched = INTERVAL.fullmatch(str(found))
    if matched is None:
        raise ValueError(f"{found!r} is not an interval such as '09:00-12:00'")
    h, m, until_h, until_m = map(int, matched.groups())
    opens, closes = h * 3600 + m * 60, until_h * 3600 + until_m * 60
    if m > 59 or until_m > 59 or not opens < closes <= DAY:
        raise ValueError(
            f"{found!r} must open before it closes, at 24:00 at the latest; "
            "a night shift is two intervals, '22:00-24:00' and '00:00-06:00'"
        )
    return opens, closes


def week(found: object) -> tuple[Hours, ...]:
    """`{ "monday..thursday" = [...], friday = [...] }`; days that are not named are rest days."""
    if not isinstance(found, dict):
        raise ValueError(f"{found!r} is not a table of weekdays")
    days: dict[int, Hours] = {}
    for key, value in found.items():
        for day in weekdays(key):
            if day in days:
                raise ValueError(f"{WEEKDAYS[day]} is given twice")
            days[day] = hours(value)
    return tuple(days.get(day, ()) for day in range(7))


def weekdays(key: str) -> range:
    first, _, last = key.partition("..")
    try:
        a, b = WEEKDAYS.index(first), WEEKDAYS.index(last or first)
    except ValueError:
        raise ValueError(f"{key!r} is neither a weekday nor a range such as 'monday..friday'") from None
    if b < a:
        raise ValueError(f"{key!r} runs over the end of the week: give two entries")
    return range(a, b + 1)


def changed_hours(found: object) -> list[tuple[int, Hours]]:
    """`{ "2027-02-05" = ["09:00-12:00"] }`"""
    if not isinstance(found, dict):
        raise ValueError(f"{found!r} is not a table of dates")
    changed = []
    for key, value in found.items():
        first, last = span(key if ".." in key else date.fromisoformat(key))
        if not hours(value):
            raise ValueError(f"{key}: a day without hours belongs under `off`")
        changed += [(day, hours(value)) for day in range(first, last + 1)]
    return changed


Day = Annotated[int, BeforeValidator(day_number)]
Span = Annotated[tuple[int, int], BeforeValidator(span)]
HoursOf = Annotated[Hours, BeforeValidator(hours)]
WeekOf = Annotated[tuple[Hours, ...], BeforeValidator(week)]


class CalendarEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    name: str
    title: str | None = None
    zone: str | None = None
    first: Day | None = None
    last: Day | None = None
    confirmed: Day | None = None
    week: WeekOf | None = None
    hours: HoursOf | None = None
    make_up: HoursOf | None = None
    based_on: str | None = None
    country: str | None = None
    subdivision: str | None = None


class NoticeEntry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    title: str
    number: str | None = None
    source: str | None = None
    calendar: str | list[str] | None = None
    confirms: Day | None = None
    off: dict[str, list[Span]] = {}
    work: dict[str, list[Span]] = {}
    hours: Annotated[list[tuple[int, Hours]], BeforeValidator(changed_hours)] = []


class CalendarFile(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    calendar: CalendarEntry | None = None
    notice: list[NoticeEntry] = []


class Parsed(NamedTuple):
    calendar: CalendarEntry | None
    notices: list[tuple[Notice, list[str]]]  # with the calendars that each extends


def parse_file(data: dict[str, object], path: Path) -> Parsed:
    try:
        file = CalendarFile.model_validate(data)
    except ValidationError as found:
        raise CalendarError("; ".join(told(error) for error in found.errors()), file=str(path)) from None
    if file.calendar is None and not file.notice:
        raise CalendarError("neither [calendar] nor [[notice]]: nothing is declared here", file=str(path))
    own = [file.calendar.name] if file.calendar else []
    return Parsed(file.calendar, [(notice(entry, path), targets(entry, own, path)) for entry in file.notice])


def told(error: object) -> str:
    assert isinstance(error, dict)
    place = ".".join(str(part) for part in error["loc"])
    return f"{place}: {error['msg'].removeprefix('Value error, ')}"


def targets(entry: NoticeEntry, own: list[str], path: Path) -> list[str]:
    if entry.calendar is None and not own:
        raise CalendarError(
            f"notice {entry.title!r} needs `calendar`, the name of the calendar it extends", file=str(path)
        )
    return [entry.calendar] if isinstance(entry.calendar, str) else entry.calendar or own


def notice(entry: NoticeEntry, path: Path) -> Notice:
    off, work = flat(entry.off), flat(entry.work)
    both = {day for _, a, b in off for day in range(a, b + 1)} & {
        day for _, a, b in work for day in range(a, b + 1)
    }
    if both:
        day = date.fromordinal(min(both) + EPOCH)
        raise CalendarError(f"notice {entry.title!r} has {day} both off and worked", file=str(path))
    return Notice(entry.title, entry.number, entry.source, entry.confirms, off, work, tuple(entry.hours))


def flat(days: dict[str, list[tuple[int, int]]]) -> tuple[tuple[str, int, int], ...]:
    return tuple((name, first, last) for name, spans in days.items() for first, last in spans)
