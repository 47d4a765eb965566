"""Where the days of a zone begin, and when within a day its clocks are changed.

The only place that knows zones by name; everything after it computes in the columns made here.
"""

from datetime import UTC, datetime
from functools import lru_cache
from typing import NamedTuple
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
from numpy.typing import NDArray

from bihuan.engine.clock import DAY, NO_SHIFT
from bihuan.engine.errors import CalendarError

Ints = NDArray[np.int64]

EARLIEST = -7305  # 1950-01-01
LATEST = 65743  # 2149-12-31
# The shortest time any zone kept an offset since 1950 is an hour less than a week (Brazil in October 2000).
STEP = 5 * DAY


class Midnights(NamedTuple):
    begin: Ints  # instant of the first second of each day, and of the day after the last
    shift_at: Ints  # seconds after it at which the clock is changed, NO_SHIFT if it is not
    shift: Ints  # seconds by which it is then put forward


def midnights(zone: str, first: int, last: int) -> Midnights:
    """The days `first` to `last` of the zone. A midnight that a shift skips is the first instant of the day."""
    if first < EARLIEST or last > LATEST:
        raise CalendarError(
            f"days from {iso(first)} to {iso(last)}: calendars lie between {iso(EARLIEST)} and {iso(LATEST)}"
        )
    every = all_midnights(zone)
    a, b = first - EARLIEST, last - EARLIEST + 1
    return Midnights(every.begin[a : b + 1], every.shift_at[a:b], every.shift[a:b])


@lru_cache(maxsize=32)
def all_midnights(zone: str) -> Midnights:
    at, offset = transitions(zone)
    local = np.arange(EARLIEST, LATEST + 2, dtype=np.int64) * DAY
    # A wall time is read with the old offset until the new one has come and the old one has gone.
    k = np.searchsorted(at + np.maximum(offset[:-1], offset[1:]), local, side="right")
    begin = local - offset[k]
    skipped = np.flatnonzero(k < len(at))
    next_at = at[k[skipped]]
    begin[skipped] = np.where(local[skipped] >= next_at + offset[k[skipped]], next_at, begin[skipped])
    shift_at = np.full(len(local), NO_SHIFT, np.int64)
    shift = np.zeros(len(local), np.int64)
    day = np.searchsorted(begin, at, side="right") - 1
    elapsed = at - begin[day]
    moved = at + offset[1:] - local[day] - elapsed
    real = moved != 0
    shift_at[day[real]], shift[day[real]] = elapsed[real], moved[real]
    return Midnights(begin, shift_at[:-1], shift[:-1])


def transitions(zone: str) -> tuple[Ints, Ints]:
    """Instants at which the offset changes, and the offsets before, between and after them."""
    name = zone_info(zone)
    sample = range((EARLIEST - 2) * DAY, (LATEST + 3) * DAY, STEP)
    offsets = [datetime.fromtimestamp(t, name).utcoffset() for t in sample]
    at, offset = [], [offset_at(name, sample[0])]
    for t, old, new in zip(sample, offsets, offsets[1:], strict=False):
        if new != old:
            at.append(change_between(name, t, t + STEP))
            offset.append(offset_at(name, t + STEP))
    return np.array(at, np.int64), np.array(offset, np.int64)


def change_between(zone: ZoneInfo, a: int, b: int) -> int:
    """First instant with the offset that holds at b."""
    while b - a > 1:
        middle = (a + b) // 2
        if offset_at(zone, middle) == offset_at(zone, b):
            b = middle
        else:
            a = middle
    return b


def offset_at(zone: ZoneInfo, t: int) -> int:
    offset = datetime.fromtimestamp(t, zone).utcoffset()
    assert offset is not None
    return offset.days * DAY + offset.seconds


def zone_info(zone: str) -> ZoneInfo:
    try:
        return ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise CalendarError(
            f"zone {zone!r} is not known: give an IANA name such as 'Asia/Shanghai'"
        ) from None


def iso(day: int) -> str:
    """
    >>> iso(0)
    '1970-01-01'
    """
    return datetime.fromtimestamp(day * DAY, UTC).date().isoformat()
