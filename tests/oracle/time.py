"""Due times found by walking: the slow half of the oracle that judges the engine.

Written from docs/semantics.md alone: datetime, zoneinfo, days one after the other. Instants are seconds since 1970.
It shares nothing with the engine and knows no rules, only limits, pauses and calendars.
"""

from __future__ import annotations

import calendar as months
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise, takewhile
from typing import Any, cast
from zoneinfo import ZoneInfo

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
SPAN = {"month": 1, "quarter": 3, "half-year": 6, "year": 12}
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "working hour": 3600}
FAR = 400  # days walked before giving up
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class World:
    """A zone, which dates are worked, and the office hours of a worked date in seconds of the wall clock."""

    zone: ZoneInfo
    is_workday: Callable[[date], bool]
    hours: tuple[tuple[int, int], ...]

    def local(self, t: int) -> datetime:
        return datetime.fromtimestamp(t, UTC).astimezone(self.zone)

    def day(self, t: int) -> date:
        return self.local(t).date()

    def second(self, t: int) -> int:
        now = self.local(t)
        return now.hour * 3600 + now.minute * 60 + now.second

    def at(self, day: date, second: int) -> int:
        """The instant at which the wall clock shows this second; 86400 is the next midnight."""
        day += ONE_DAY * (second // 86400)
        hour, rest = divmod(second % 86400, 3600)
        wall = datetime.combine(day, time(hour, rest // 60, rest % 60), self.zone)
        return int(wall.timestamp())

    def end_of(self, day: date) -> int:
        return self.at(day, 86400) - 1

    def open_on(self, day: date) -> list[tuple[int, int]]:
        if not self.is_workday(day):
            return []
        return [(self.at(day, opens), self.at(day, closes)) for opens, closes in self.hours]


@dataclass(frozen=True)
class Days:
    """Day conventions, complete."""

    first: bool = False
    rolls: bool = False
    ends: str = "24:00"
    outside: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Limit:
    """A limit's text taken apart: an amount of a unit, or a day word, and the hour that ends it."""

    unit: str
    amount: int = 0
    clock: str | None = None


@dataclass(frozen=True)
class Spell:
    """A pause; `to` is None while it lasts."""

    begin: int
    to: int | None
    both_days: bool = False
    holds: bool = False


def limit(text: str) -> Limit:
    found = re.fullmatch(r"(.*?)(?: (\d\d:\d\d|close))?", text)
    assert found
    head, clock = found.groups()
    amount = re.fullmatch(r"(\d+) (.*?)s?", head)
    if not amount:
        return Limit(head, 0, clock)
    n, unit = int(amount[1]), amount[2]
    if unit == "week":
        return Limit("day", 7 * n, clock)
    return Limit("month", 12 * n, clock) if unit == "year" else Limit(unit, n, clock)


def longer(base: Limit, more: str | None) -> Limit:
    """The limit lengthened before anything is counted."""
    added = limit(more) if more else None
    assert added is None or added.unit == base.unit
    return replace(base, amount=base.amount + added.amount) if added else base


def due(world: World, want: Limit, days: Days, start: int, spells: list[Spell]) -> int | None:
    """The last second in time; None while a pause that began before it lasts."""
    start = begun(world, days, start)
    stops = [spell for spell in spells if not spell.holds]
    if want.unit in ("second", "minute", "hour", "working hour"):
        end = walked(world, want, start, stops)
    else:
        end = dated(world, want, days, start, stops)
    return end if end is None else held(end, [spell for spell in spells if spell.holds])


def begun(world: World, days: Days, start: int) -> int:
    """Where a start outside hours is moved to, if the conventions move it.

    From a rest day to the same time of the next working day: if that is outside hours too, it may move once more.
    """
    which = outside(world, start)
    becomes = days.outside.get(which, "as is")
    if becomes == "next opening":
        return next(begin for begin, _ in openings(world, world.day(start)) if begin >= start)
    if becomes == "as is":
        return start
    later = next(day for day in dates_from(world.day(start) + ONE_DAY) if world.is_workday(day))
    moved = world.at(later, world.second(start))
    again = days.outside.get(outside(world, moved), "as is") == "next opening"
    return begun(world, days, moved) if which == "rest_day" and again else moved


def outside(world: World, start: int) -> str:
    """On a rest day, before opening, after closing, or not outside hours at all."""
    opens = world.open_on(world.day(start))
    if not opens:
        return "rest_day"
    if start < opens[0][0]:
        return "before"
    return "after" if start >= opens[-1][1] else "no"


def dates_from(day: date) -> Iterator[date]:
    for n in range(FAR * 10):
        yield day + n * ONE_DAY


def openings(world: World, day: date) -> Iterator[tuple[int, int]]:
    for each in dates_from(day):
        yield from world.open_on(each)


def walked(world: World, want: Limit, start: int, spells: list[Spell]) -> int | None:
    """Go on from the start through time that counts until the amount is used up."""
    left = want.amount * SECONDS[want.unit]
    always = iter([(start, start + FAR * 86400 * 10)])
    counted = openings(world, world.day(start)) if want.unit == "working hour" else always
    for opens, closes in counted:
        now = max(opens, start)
        while now < closes:
            if (spell := covering(spells, now)) is not None:
                if spell.to is None:
                    return None
                now = spell.to
                continue
            until = min([closes, *(spell.begin for spell in spells if spell.begin > now)])
            if left <= until - now:
                return now + left
            left -= until - now
            now = until
    raise AssertionError("nothing is ever open")


def used(world: World, unit: str, days: Days, start: int, end: int, spells: list[Spell]) -> int:
    """Seconds, or dates, that were used from the start to the end; pauses are not."""
    stops = [spell for spell in spells if not spell.holds]
    if unit in SECONDS:
        return seconds_used(world, unit, begun(world, days, start), end, stops)
    stopped = [replace(spell, to=spell.to or end) for spell in stops]
    out = {day for spell in stopped for day in paused_dates(world, spell)}
    first = world.day(begun(world, days, start))
    dates = takewhile(lambda day: day <= world.day(end), dates_from(first + (not days.first) * ONE_DAY))
    return sum(day not in out and (unit == "day" or world.is_workday(day)) for day in dates)


def seconds_used(world: World, unit: str, start: int, end: int, stops: list[Spell]) -> int:
    """From one second at which something changes to the next."""
    always = [(start, end)]
    opened = openings(world, world.day(start))
    spans = list(takewhile(lambda span: span[0] < end, opened)) if unit == "working hour" else always
    edges = [edge for span in spans for edge in span]
    edges += [edge for spell in stops for edge in (spell.begin, spell.to or end)]
    cuts = sorted({start, end, *(edge for edge in edges if start < edge < end)})
    return sum(
        b - a
        for a, b in pairwise(cuts)
        if covering(stops, a) is None and any(opens <= a < closes for opens, closes in spans)
    )


def covering(spells: list[Spell], now: int) -> Spell | None:
    """A pause in which this second lies."""
    return next((s for s in spells if s.begin <= now and (s.to is None or now < s.to)), None)


def dated(world: World, want: Limit, days: Days, start: int, spells: list[Spell]) -> int | None:
    """Count dates, take the pauses one by one as long as each begins before what is due so far."""
    left_out: set[date] = set()
    for spell in sorted(spells, key=lambda each: each.begin):
        if spell.begin >= end_on(world, want, days, start, left_out):
            break
        if spell.to is None:
            return None
        left_out |= paused_dates(world, spell)
    return end_on(world, want, days, start, left_out)


def paused_dates(world: World, spell: Spell) -> set[date]:
    """The dates that a pause takes out: not its first unless both days are out, nor its last if that is the first."""
    assert spell.to is not None
    first, last = world.day(spell.begin), world.day(spell.to)
    inner = [first + n * ONE_DAY for n in range(1, (last - first).days + 1)]
    return {*inner, *([first] if spell.both_days else [])}


def end_on(world: World, want: Limit, days: Days, start: int, left_out: set[date]) -> int:
    """The end of the day that the limit names, so many dates left out."""
    origin = world.day(start)
    moved = {d for d in left_out if d > origin or (days.first and d == origin)}
    if "working" not in want.unit:
        day = named_day(world, want, days, start) + len(moved) * ONE_DAY
    else:
        day = named_workday(world, want, days, start, sum(map(world.is_workday, moved)))
    if days.rolls:
        day = next(d for d in dates_from(day) if world.is_workday(d))
    end = clock_on(world, want, days, day, start)
    return end if end > start else world.end_of(day)


def named_workday(world: World, want: Limit, days: Days, start: int, more: int) -> date:
    """The working date that the limit names, and so many working dates later."""
    if want.unit == "working day":
        first, wanted = world.day(start) + (not days.first) * ONE_DAY, want.amount
    else:
        first, wanted = named_day(world, want, days, start), 1
    worked = (d for d in dates_from(first) if world.is_workday(d))
    return [next(worked) for _ in range(wanted + more)][-1]


def clock_on(world: World, want: Limit, days: Days, day: date, start: int) -> int:
    ends = want.clock or days.ends
    if ends == "same time":
        return world.at(day, world.second(start))
    if ends == "close":
        opens = world.open_on(day)
        return min(opens[-1][1], world.end_of(day)) if opens else world.end_of(day)
    hour, minute = ends.split(":")
    return world.end_of(day) if hour == "24" else world.at(day, int(hour) * 3600 + int(minute) * 60)


def named_day(world: World, want: Limit, days: Days, start: int) -> date:
    origin = world.day(start)
    if want.unit == "day":
        return origin + (want.amount - days.first) * ONE_DAY
    if want.unit == "month":
        return month_on(origin, want.amount) - days.first * ONE_DAY
    named = said_days(world, want.unit, origin)
    if want.unit in ("same day", "next day", "next working day"):
        return next(named)
    return next(day for day in named if clock_on(world, want, days, day, start) > start)


def month_on(day: date, n: int) -> date:
    """The same day number so many months on, or the last day of a shorter month."""
    year, month = divmod(day.year * 12 + day.month - 1 + n, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def said_days(world: World, word: str, origin: date) -> Iterator[date]:
    """The days a word can mean, the first of them the one it means if that is still to come."""
    if word == "next day":
        return dates_from(origin + ONE_DAY)
    if word == "next working day":
        return (day for day in dates_from(origin + ONE_DAY) if world.is_workday(day))
    if word in WEEKDAYS:
        return (day for day in dates_from(origin) if day.weekday() == WEEKDAYS.index(word))
    if word.startswith("last day of this "):
        span = SPAN[word.removeprefix("last day of this ")]
        ends = (day for day in dates_from(origin) if (day + ONE_DAY).day == 1)
        return (day for day in ends if day.month % span == 0)
    if found := re.fullmatch(r"(working )?day (\d+) of (this|next) month", word):
        return in_months(
            world, bool(found[1]), int(found[2]), month_on(origin.replace(day=1), found[3] == "next")
        )
    assert word == "same day"
    return dates_from(origin)


def in_months(world: World, working: bool, n: int, first: date) -> Iterator[date]:
    for k in range(24):
        month = month_on(first, k)
        dates = days_of(month)
        counted = [d for d in dates if world.is_workday(d)] if working else dates
        yield counted[min(n, len(counted)) - 1]


def days_of(month: date) -> list[date]:
    return [month.replace(day=n + 1) for n in range(months.monthrange(month.year, month.month)[1])]


def held(end: int, spells: list[Spell]) -> int | None:
    """Out of every stretch in which the due time cannot fall."""
    for spell in sorted(spells, key=lambda each: each.begin):
        if spell.begin < end and (spell.to is None or end < spell.to):
            if spell.to is None:
                return None
            end = spell.to
    return end


def back_from(world: World, want: Limit, days: Days, anchor: int) -> int:
    """Backwards: the anchor's date is not counted, the end of the date so found; hours are exact."""
    if want.unit in ("second", "minute", "hour"):
        return anchor - want.amount * SECONDS[want.unit]
    if want.unit == "working hour":
        return walked_back(world, want.amount * 3600, anchor)
    day = world.day(anchor)
    if want.unit == "month":
        return ended(world, want, month_on(day, -want.amount))
    before = (day - n * ONE_DAY for n in range(0 if days.first else 1, FAR))
    counted = (d for d in before if want.unit != "working day" or world.is_workday(d))
    return min(anchor, ended(world, want, [next(counted) for _ in range(want.amount)][-1]))


def ended(world: World, want: Limit, day: date) -> int:
    return clock_on(world, want, Days(), day, 0)


def walked_back(world: World, left: int, anchor: int) -> int:
    """Back through office hours until so many seconds lie between."""
    for n in range(FAR):
        for opens, closes in reversed(world.open_on(world.day(anchor) - n * ONE_DAY)):
            there = min(closes, anchor)
            if there - opens >= left:
                return there - left
            left -= max(0, there - opens)
    raise AssertionError("nothing was ever open")


def times(want: Limit, n: int) -> Limit:
    return replace(want, amount=want.amount * n)


def periods(world: World, text: str, origin: int) -> Iterator[tuple[int, int]]:
    """Calendar periods as (first second, last second), from the one in which this instant lies."""
    head, clock = cast(Any, re.fullmatch(r"(.*?)(?: (\d\d:\d\d))?", text)).groups()
    second = 0 if clock is None else int(clock[:2]) * 3600 + int(clock[3:]) * 60
    back = 400 if head.split()[-1] in SPAN else 20
    days = dates_from(world.day(origin) - back * ONE_DAY)
    cuts = (world.at(day, second) for day in days if begins_period(world, head, day))
    return ((a, b - 1) for a, b in pairwise(cuts) if b > origin)


def begins_period(world: World, head: str, day: date) -> bool:
    word = head.removeprefix("calendar ")
    if word == "working day":
        return world.is_workday(day)
    if word in SPAN:
        return day.day == 1 and (day.month - 1) % SPAN[word] == 0
    return word == "day" or day.weekday() == 0
