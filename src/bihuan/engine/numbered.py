"""The days of one row's clock, one after the other: which counts as the how-manieth, and why the others do not.

The days and their reasons are the calendar's, the days a pause took are the fold's; numbering them leads to the due
time that the fold wrote, unless that was given as an instant or held up. Knows no language.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import NamedTuple

import numpy as np

from bihuan.engine import clock
from bihuan.engine import layout as at
from bihuan.engine.calendar import About, Calendar, natural
from bihuan.engine.clock import NEVER, NONE, due_at, effective_start
from bihuan.engine.line import Line, date_of
from bihuan.engine.prefixes import Row, Told, standing

NUMBERED = (clock.WORKING_DAYS, clock.DAYS, clock.NEXT_WORKING_DAY, clock.MONTH_WORKDAY)
WORKING = (clock.WORKING_DAYS, clock.NEXT_WORKING_DAY, clock.MONTH_WORKDAY)
MOST_DAYS = 4000  # listed one by one; longer stretches are not
MOST_LINES = 16  # beyond, weekends are told together with the days around them


class Taken(NamedTuple):
    """A pause, and what it took in the limit's own measure."""

    since: int
    to: int
    amount: int


@dataclass
class Spell:
    """One run of a row's clock: from its start, or its last restart, to the next one or the end."""

    row: Row
    until: int = NONE
    pauses: list[Taken] = field(default_factory=list)
    paused_at: int = NONE


class Day(NamedTuple):
    """A day and what came of it."""

    about: About
    number: int = 0
    worked: int = 0
    paused: bool = False
    rolled: bool = False
    seconds: int = 0  # working seconds that a pause took


def spells(told: Told, key: tuple[int, ...]) -> list[Spell]:
    """The runs of a row's clock with the pauses of each."""
    found: list[Spell] = []
    for old, new, step in standing(told, key):
        when = new.done if new.done != NONE else step.at
        if old is None:
            found.append(Spell(new))
        elif new.started != old.started:
            found[-1].until = new.started
            found.append(Spell(new, paused_at=new.started if old.flags & at.F_STILL_PAUSED else NONE))
        spell = found[-1]
        spell.row = new
        if new.flags & at.F_STILL_PAUSED and new.flags & at.F_PAUSED:
            spell.paused_at = step.at if spell.paused_at == NONE else spell.paused_at
        elif spell.paused_at != NONE:
            before = old.paused if old and old.started == new.started else 0
            if new.paused > before:  # else it took nothing, or the time ran and only the due time was held up
                spell.pauses.append(Taken(spell.paused_at, when, new.paused - before))
            spell.paused_at = NONE
    return found


class Count:
    """The counting of one spell."""

    def __init__(self, told: Told, spell: Spell) -> None:
        answers = told.judged.answers
        self.spell, self.row, self.clock = spell, spell.row, answers.clock
        self.calendar: Calendar = answers.calendars[self.row.calendar]
        self.natural = natural(told.judged.zone)
        self.days = int(told.program.rules[self.row.rule][at.DAYS])
        self.kind = int(self.clock.limits.kind[self.row.limit])
        self.first = bool(self.clock.days.first[self.days])
        self.start = effective_start(
            self.clock.tables, self.clock.days, self.days, self.row.calendar, self.row.started
        )
        self.due = self.row.due
        by_limit = told.judged.as_of if spell.paused_at != NONE else self.due_at(paused=self.row.paused)
        self.stop = min((t for t in (self.due, spell.until, by_limit) if t != NONE), default=NEVER)

    def day(self, instant: int) -> int:
        return int(self.calendar.day_of(instant))

    def due_at(self, *, paused: int, rolls: bool = True) -> int:
        """The due time of this row under other circumstances, by the function the fold uses."""
        days = self.clock.days if rolls else self.clock.days._replace(rolls=[0] * (self.days + 1))
        row = self.row
        return int(
            due_at(
                self.clock.tables, self.clock.limits, days, row.limit, self.days, row.calendar,
                row.started, row.extra, paused,
            )
        )  # fmt: skip

    def left_of_the_day(self) -> int:
        """Seconds from the start to the due time on the same day; a day's last second stands for its end."""
        due = self.due_at(paused=0)
        return due - self.start + int(self.day(due + 1) > self.day(due))

    def list(self) -> Iterator[Day]:
        """The days, in order."""
        if self.start == NONE or self.stop == NEVER:
            return
        if not 0 <= self.stop - self.row.started <= MOST_DAYS * clock.DAY:
            return
        if self.kind == clock.WORKING_SECONDS:
            yield from self.hours()
        else:
            out = self.out()
            last = self.last_counted()
            yield from self.numbers(out, last) if self.kind in NUMBERED else self.only_paused(out)
            yield from self.rolling(last)

    def last_counted(self) -> int:
        """The last day before it rolled."""
        end = self.day(self.stop)
        if self.due == NONE or not self.clock.days.rolls[self.days] or self.stop < self.due:
            return end
        return min(end, self.day(self.due_at(paused=self.row.paused, rolls=False)))

    def out(self) -> set[int]:
        """Days that pauses took out of the count."""
        days: set[int] = set()
        for since, to, amount in self.spell.pauses:
            a, b = self.day(since), self.day(to)
            days |= set(range(a + 1, b + 1))
            if amount > self.plain(a, b):
                days.add(a)
        if self.spell.paused_at != NONE:
            days |= set(range(self.day(self.spell.paused_at) + 1, self.day(self.stop) + 1))
        return days

    def plain(self, a: int, b: int) -> int:
        """Counted days after `a` up to `b`."""
        if self.kind not in WORKING:
            return b - a
        number, first = self.calendar.columns.number, self.calendar.first
        return int(number[b - first] - number[a - first])

    def numbers(self, out: set[int], last: int) -> Iterator[Day]:
        begin, total = self.bounds()
        number, opened = 0, self.day(self.row.started) + (self.start == self.row.started)
        for day in range(min(begin, opened), last + 1):
            about = self.about(day)
            if day < begin and (about.counts or self.kind == clock.MONTH_WORKDAY):
                continue
            paused = day in out and day >= begin
            counts = about.counts and not paused and day >= begin and number < total
            number += counts
            rolled = day == last < self.day(self.stop)
            shown = self.calendar.about(day) if rolled else about
            yield Day(shown, number if counts else 0, paused=paused, rolled=rolled)

    def bounds(self) -> tuple[int, int]:
        """The first day that can count, and how many are to be counted."""
        n = int(self.clock.limits.n[self.row.limit])
        if self.kind == clock.MONTH_WORKDAY:
            return clock.month_begin(clock.month_of(self.day(self.due_at(paused=0, rolls=False)))), n
        if self.kind == clock.NEXT_WORKING_DAY:
            return self.day(self.start) + 1, 1
        return self.day(self.start) + 1 - self.first, n + self.row.extra

    def only_paused(self, out: set[int]) -> Iterator[Day]:
        for day in sorted(out):
            if self.kind != clock.SECONDS:
                yield Day(self.natural.about(day), paused=True)

    def ahead(self, anchor: int) -> Iterator[Day]:
        """The days before the anchor, whose own date counts only where first days do, back to the due time."""
        number, found = 0, []
        for day in range(self.day(anchor) - 1 + self.first, self.day(self.due) - 1, -1):
            about = self.about(day)
            number += about.counts
            found.append(Day(about, number if about.counts else 0))
        return reversed(found)

    def rolling(self, last: int) -> Iterator[Day]:
        """Days that do not count, from which the last day moves on."""
        for day in range(last + (self.kind in NUMBERED), self.day(self.stop)):
            yield Day(self.calendar.about(day), rolled=True)

    def about(self, day: int) -> About:
        return (self.calendar if self.kind in WORKING else self.natural).about(day)

    def hours(self) -> Iterator[Day]:
        """Each day with the working time that counts, and that a pause took."""
        for day in range(self.day(self.row.started), self.day(self.stop) + 1):
            low, high = self.begin(day), self.begin(day + 1)
            pauses = [(p.since, p.to) for p in self.spell.pauses]
            if self.spell.paused_at != NONE:
                pauses.append((self.spell.paused_at, self.stop))
            took = sum(self.worked(max(a, low, self.start), min(b, high, self.stop)) for a, b in pauses)
            worked = self.worked(max(low, self.start), min(high, self.stop))
            yield Day(self.calendar.about(day), worked=worked - took, paused=took > 0, seconds=took)

    def begin(self, day: int) -> int:
        return int(self.calendar.columns.begin[day - self.calendar.first])

    def worked(self, a: int, b: int) -> int:
        return int(self.calendar.between(a, b)) if b > a else 0


class Opening(NamedTuple):
    """From which instant a run counts, whether that day itself counts, and what is left of it for a limit within it."""

    begins: int
    counts: bool | None = None
    left: int = 0


def opening(told: Told, spell: Spell) -> Opening | None:
    """What is to be said of the first day of a run; None of limits that are not counted in days."""
    if spell.row.limit < 0 or spell.row.calendar < 0:
        return None
    count = Count(told, spell)
    if count.start == NONE:
        return None
    if count.kind in (clock.DAYS, clock.WORKING_DAYS):
        return Opening(count.start, bool(count.first and count.about(count.day(count.start)).counts))
    if count.kind == clock.SAME_DAY:
        return Opening(count.start, left=count.left_of_the_day())
    return None


def ahead_lines(told: Told, row: Row, lead: int, anchor: int) -> list[Line]:
    """The days from the due time to what it is ahead of, numbered backwards."""
    count = Count(told, Spell(row._replace(limit=lead)))
    return folded(list(count.ahead(anchor))) if count.kind in (clock.WORKING_DAYS, clock.DAYS) else []


def day_lines(told: Told, spell: Spell) -> list[Line]:
    """The days of one run of a clock, those alike together."""
    if spell.row.limit < 0 or spell.row.calendar < 0:
        return []
    return folded(list(Count(told, spell).list()))


def folded(days: list[Day]) -> list[Line]:
    """Days alike as one line; plain weekends together with the days around them where there would be many."""
    lines = [line(list(group)) for _, group in groupby(days, key=alike)]
    if len(lines) > MOST_LINES:
        lines = [line(list(group)) for _, group in groupby(days, key=nearly_alike)]
    return lines


def alike(day: Day) -> tuple[object, ...]:
    """What two days must share to be told as one."""
    about = day.about
    if day.paused and not day.seconds:
        return ("paused",)
    return about.kind, about.name, about.provisional, day.number > 0, day.worked, day.seconds, day.rolled


def nearly_alike(day: Day) -> tuple[object, ...]:
    """The same, with weekends among workdays."""
    if day.about.kind in ("workday", "rest") and not (day.paused or day.rolled):
        return "workday", None, day.about.provisional, day.worked, day.seconds
    return alike(day)


def line(days: list[Day]) -> Line:
    about, numbers = days[0].about, tuple(day.number for day in days if day.number)
    mixed = numbers and len(numbers) < len(days)
    notice = about.notice.title if about.notice else None
    whole = days[0].paused and not days[0].seconds
    return Line(
        "days",
        date_of(about.day),
        date_of(days[-1].about.day),
        kind="workday" if mixed or whole else about.kind,
        name=None if whole else about.name,
        notice=None if whole else notice,
        provisional=about.provisional,
        numbers=numbers,
        worked=max(day.worked for day in days),
        paused=days[0].paused,
        rolled=days[0].rolled,
        seconds=days[0].seconds,
    )


def shifts(zone: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """When between two instants the clocks of a zone are put forward (seconds above 0) or back."""
    calendar = natural(zone)
    columns = calendar.columns
    low, high = int(columns.begin[0]), int(columns.begin[-1]) - 1
    if not low <= start <= end <= high:
        return
    first, last = (int(calendar.day_of(t)) - calendar.first for t in (start, end))
    for row in first + np.flatnonzero(columns.shift[first : last + 1]):
        when = int(columns.begin[row] + columns.shift_at[row])
        if start <= when <= end:
            yield when, int(columns.shift[row])
