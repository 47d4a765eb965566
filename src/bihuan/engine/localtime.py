"""Local days and wall times of one zone, for whole columns of instants.

The zone's midnights come from the calendar tables (`clock.Tables`); this module knows no zone by name.
Outside the table's days the answer is NONE. It answers as `clock.day_of`, `clock.wall` and `clock.instant` do.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bihuan.engine.clock import DAY, NONE, Tables, add_months, day_of, instant

Instants = NDArray[np.int64]


class LocalTime(NamedTuple):
    """Local midnights of consecutive days, and how each day's clock is put forward or back."""

    first: int
    begin: Instants  # one more than there are days
    shift_at: Instants
    shift: Instants
    drifts: bool
    tables: Tables
    calendar: int

    def day_at(self, at: int) -> int:
        """`day` for one value."""
        return int(day_of(self.tables, self.calendar, at))

    def second(self, day: int, wall: int) -> int:
        """`instant` for one value."""
        return int(instant(self.tables, self.calendar, day, wall))

    def day(self, at: Instants) -> Instants:
        """Local day of each instant."""
        row = self._row(at)
        return np.where(row < 0, NONE, row + self.first)

    def wall(self, at: Instants) -> Instants:
        """Wall-clock second of the day of each instant."""
        row = self._row(at)
        second = at - self.begin[row]
        second += np.where(second >= self.shift_at[row], self.shift[row], 0)
        return np.where(row < 0, NONE, np.maximum(second, 0))

    def instant(self, day: Instants, wall: Instants) -> Instants:
        """A wall time that occurs twice is the first, one that is skipped is read with the offset before."""
        row = day - self.first
        inside = (row >= 0) & (row < len(self.shift))
        row = np.where(inside, row, 0)
        shift = self.shift[row]
        early = wall < self.shift_at[row] + np.maximum(shift, 0)
        return np.where(inside, self.begin[row] + wall - np.where(early, 0, shift), NONE)

    def _row(self, at: Instants) -> Instants:
        begin, stop = self.begin, len(self.shift)
        inside = (at >= begin[0]) & (at < begin[stop])
        row = np.where(inside, np.minimum((at - begin[0]) // DAY, stop - 1), 0)
        # Midnights drift from multiples of 24 hours by the zone's shifts, rarely by a whole day.
        if not self.drifts:
            return np.where(inside, row, -1)
        while (before := inside & (at < begin[row])).any():
            row -= before
        while (after := inside & (at >= begin[row + 1])).any():
            row += after
        return np.where(inside, row, -1)


def local_time(tables: Tables, calendar: int) -> LocalTime:
    """The zone of one calendar of the tables."""
    base = int(tables.base[calendar])
    stop = base + int(tables.last[calendar]) - int(tables.first[calendar]) + 1
    begin = np.asarray(tables.begin, np.int64)[base : stop + 1]
    return LocalTime(
        int(tables.first[calendar]),
        begin,
        np.asarray(tables.shift_at, np.int64)[base:stop],
        np.asarray(tables.shift, np.int64)[base:stop],
        bool((np.diff(begin) != DAY).any()),
        tables,
        calendar,
    )


def months_after(days: Instants, months: int) -> Instants:
    """Each day that many months later, by the kernel's arithmetic, once per distinct day."""
    distinct, back = np.unique(days, return_inverse=True)
    moved = np.array([add_months(int(day), months) for day in distinct], np.int64)
    return moved[back]
