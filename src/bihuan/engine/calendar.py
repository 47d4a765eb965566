"""Calendars: which days count, which hours of them are worked, and by which notice.

A `Declaration` says it as data and `build` makes a `Calendar` of it, with methods for columns of instants and
reasons for people; `stack` makes the kernel's tables of several. Knows no files and no country.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from bihuan.engine.clock import DAY, Tables
from bihuan.engine.direct import Direct, direct_tables
from bihuan.engine.errors import CalendarError
from bihuan.engine.midnight import iso
from bihuan.engine.timetable import Columns, Declaration, Notice, Timetable, arranged, columns, stacked

Ints = NDArray[np.int64]

ALL_DAY = ((0, DAY),)
KINDS = ("workday", "rest", "holiday", "make-up")
BLOCK = 1 << 14  # instants a step: the temporaries stay in the cache
MANY = 100_000  # instants from which looking up directly saves more than making the tables for it costs
LONG_BEFORE, LONG_AFTER = -(2**61), 2**61


class About(NamedTuple):
    """What is known of one day."""

    day: int
    counts: bool
    kind: str
    name: str | None
    notice: Notice | None
    provisional: bool


@dataclass(frozen=True, eq=False)
class Calendar:
    declaration: Declaration
    confirmed: int
    timetable: Timetable
    columns: Columns

    @property
    def name(self) -> str:
        return self.declaration.name

    @property
    def zone(self) -> str:
        return self.declaration.zone

    @property
    def first(self) -> int:
        return self.declaration.first

    @property
    def last(self) -> int:
        return self.declaration.last

    @cached_property
    def tables(self) -> Tables:
        """This calendar alone, as calendar 0: for questions about single instants, as quick to index as lists."""
        return Tables(*(np.asarray(column).data for column in stack([self])))

    @cached_property
    def direct(self) -> Direct | None:
        return direct_tables(self.columns)

    def about(self, day: int) -> About:
        """What a day is, and by which notice."""
        row = int(self.check_days(day)) - self.first
        why = self.timetable.reason[row]
        name, notice = self.timetable.reasons[why] if why >= 0 else (None, None)
        counts = bool(self.columns.counted[row])
        return About(day, counts, KINDS[self.timetable.kind[row]], name, notice, day > self.confirmed)

    def check(self, instants: ArrayLike) -> Ints:
        """The instants as a column, or an error that names the calendar and the day it cannot answer for."""
        at = np.asarray(instants, np.int64)
        if at.size:
            self.inside(at, int(self.columns.begin[0]), int(self.columns.begin[-1]) - 1)
        return at

    def check_days(self, days: ArrayLike) -> Ints:
        day = np.asarray(days, np.int64)
        if day.size and not self.first <= day.min() <= day.max() <= self.last:
            raise self.outside(int(day.min() if day.min() < self.first else day.max()))
        return day

    def inside(self, at: Ints, least: int, most: int) -> None:
        low, high = int(at.min()), int(at.max())
        if low < least or high > most:
            bad = low if low < least else high
            raise self.outside(self.first + (bad - int(self.columns.begin[0])) // DAY)

    def outside(self, day: int) -> CalendarError:
        bound = f"begins with {iso(self.first)}" if day < self.first else f"ends with {iso(self.last)}"
        return CalendarError(
            f"{bound} and cannot answer for {text_of(day)}: "
            "leave such cases out, or declare a calendar that reaches there",
            calendar=self.name,
        )

    def day_of(self, instants: ArrayLike) -> Ints:
        """Local day of each instant."""
        at, begin = self.check(instants), self.columns.begin
        row = np.minimum((at - begin[0]) // DAY, len(begin) - 2)
        while (early := at < begin[row]).any():
            row = row - early
        while (late := at >= begin[row + 1]).any():
            row = row + late
        return np.asarray(self.first + row, np.int64)

    def worked(self, instants: ArrayLike) -> Ints:
        """Working seconds of the calendar before each instant."""
        at = self.check(instants)
        return blockwise(partial(self._worked, self.quick(at.size)), at)

    def reached(self, work: ArrayLike) -> Ints:
        """Earliest instant by which so much has been worked: what ends at closing is reached at closing."""
        done = np.asarray(work, np.int64)
        return blockwise(partial(self._reached, self.quick(done.size)), done)

    def between(self, starts: ArrayLike, ends: ArrayLike) -> Ints:
        """Working seconds from each start to its end; negative if the end comes first."""
        return self.worked(ends) - self.worked(starts)

    def add(self, starts: ArrayLike, spans: ArrayLike) -> Ints:
        """Where each span of working seconds ends."""
        span = np.asarray(spans, np.int64)
        if span.ndim:
            return self.reached(self.worked(starts) + span)
        at = self.check(starts)
        quick = self.quick(at.size)
        return blockwise(lambda some: self._reached(quick, self._worked(quick, some) + span), at)

    def nth_working_day(self, days: ArrayLike, n: ArrayLike) -> Ints:
        """The n-th counted day after each day; before it, if n is negative; the day itself for 0."""
        day, amount = np.broadcast_arrays(self.check_days(days), np.asarray(n, np.int64))
        row = day - self.first
        wanted = self.columns.number[row] + amount + np.where(amount < 0, 1 - self.columns.counted[row], 0)
        if wanted.size and wanted.min() < 1 and (amount[wanted < 1] < 0).any():
            raise self.outside(self.first - 1)
        if wanted.size and wanted.max() > len(self.columns.nth_day):
            raise self.outside(self.last + 1)
        return np.where(amount == 0, day, self.columns.nth_day[np.maximum(wanted, 1) - 1])

    def quick(self, instants: int) -> Direct | None:
        """The tables for looking up directly, once there were many instants."""
        return self.direct if instants >= MANY or "direct" in vars(self) else None

    def _worked(self, direct: Direct | None, at: Ints) -> Ints:
        if direct is not None:
            return direct.worked(at)
        c = self.columns
        slot = np.maximum(np.searchsorted(c.opens, at, side="right") - 1, 0)
        done: Ints = np.clip(at - c.opens[slot], 0, c.closes[slot] - c.opens[slot])
        return c.slot_before[slot] + done

    def _reached(self, direct: Direct | None, work: Ints) -> Ints:
        if work.size and not 0 <= work.min() <= work.max() <= self.columns.before[-1]:
            raise self.outside(self.first - 1 if work.min() < 0 else self.last + 1)
        if direct is not None:
            return direct.reached(work)
        c = self.columns
        slot = np.searchsorted(c.slot_before[1:], work, side="left")
        return np.where(work == 0, c.begin[0], c.opens[slot] + work - c.slot_before[slot])


def text_of(day: int) -> str:
    return iso(day) if abs(day) < 700_000 else f"a day {abs(day)} days away from 1970"


def blockwise(function: Callable[[Ints], Ints], column: Ints) -> Ints:
    if column.size <= BLOCK:
        return function(column)
    flat = column.reshape(-1)
    out = np.empty_like(flat)
    for start in range(0, len(flat), BLOCK):
        out[start : start + BLOCK] = function(flat[start : start + BLOCK])
    return out.reshape(column.shape)


def build(declaration: Declaration) -> Calendar:
    timetable = arranged(declaration)
    return Calendar(declaration, confirmed(declaration), timetable, columns(declaration, timetable))


def confirmed(declaration: Declaration) -> int:
    """Last day that is more than the weekly pattern carried on. A pattern without notices is the rule itself."""
    dates = [n.confirms for n in declaration.notices if n.confirms is not None]
    if declaration.confirmed is not None:
        dates.append(declaration.confirmed)
    return max(dates, default=declaration.last)


@lru_cache(maxsize=8)
def natural(zone: str) -> Calendar:
    """Every day counts, all of it: elapsed time, and the dates of a zone."""
    return build(Declaration("natural", "自然日", zone, (ALL_DAY,) * 7))


def stack(calendars: Sequence[Calendar]) -> Tables:
    """The kernel's tables, calendars numbered in the order given."""
    return stacked([(c.first, c.last, c.confirmed, c.columns) for c in calendars])
