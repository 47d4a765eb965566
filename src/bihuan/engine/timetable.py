"""Declared calendars laid out as columns, and the columns of several calendars as the tables of `clock`.

Days become rows, hours become slots of instants. Knows nothing of files and of how a calendar is used.
"""

from typing import NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from bihuan.engine.clock import DAY, Tables
from bihuan.engine.errors import CalendarError
from bihuan.engine.midnight import EARLIEST, LATEST, Midnights, iso, midnights

Ints = NDArray[np.int64]
Hours = tuple[tuple[int, int], ...]  # (opens, closes) in wall seconds, in order; () for a rest day
Week = tuple[Hours, Hours, Hours, Hours, Hours, Hours, Hours]

WORKDAY, REST, HOLIDAY, MAKE_UP = range(4)


class Notice(NamedTuple):
    """A published arrangement. Days are (name, first, last); a later notice overrides an earlier one."""

    title: str
    number: str | None = None
    source: str | None = None
    confirms: int | None = None
    off: tuple[tuple[str, int, int], ...] = ()
    work: tuple[tuple[str, int, int], ...] = ()
    hours: tuple[tuple[int, Hours], ...] = ()


class Declaration(NamedTuple):
    name: str
    title: str
    zone: str
    week: Week
    first: int = EARLIEST
    last: int = LATEST
    confirmed: int | None = None  # else what the notices confirm; without any, the pattern is the whole rule
    make_up: Hours | None = None  # hours of a make-up workday, where the weekdays differ
    notices: tuple[Notice, ...] = ()


class Timetable(NamedTuple):
    """What each day is, and why."""

    kind: NDArray[np.int8]
    reason: NDArray[np.int32]  # -1, or an index into reasons
    reasons: tuple[tuple[str, Notice], ...]
    open: NDArray[np.int32]  # index into hours
    hours: tuple[Hours, ...]  # the first is a day of rest


class Columns(NamedTuple):
    """The columns of `clock.Tables` for one calendar, slots and rows counted from its own beginning."""

    begin: Ints
    shift_at: Ints
    shift: Ints
    counted: Ints
    number: Ints
    before: Ints
    slot: Ints
    opens: Ints
    closes: Ints
    slot_before: Ints
    seek: Ints
    nth_day: Ints
    seek_shift: int


def as_week(days: tuple[Hours, ...]) -> Week:
    monday, tuesday, wednesday, thursday, friday, saturday, sunday = days
    return monday, tuesday, wednesday, thursday, friday, saturday, sunday


def arranged(declaration: Declaration) -> Timetable:
    """The weekly pattern, then every notice in turn."""
    days = np.arange(declaration.first, declaration.last + 1)
    hours = list(dict.fromkeys(((), *declaration.week)))
    table = Timetable(
        kind=np.empty(len(days), np.int8),
        reason=np.full(len(days), -1, np.int32),
        reasons=tuple((name, notice) for notice in declaration.notices for name in named(notice)),
        open=np.array([hours.index(day) for day in declaration.week], np.int32)[(days + 3) % 7],
        hours=(),
    )
    table.kind[:] = np.where(table.open > 0, WORKDAY, REST)
    reason = 0
    for notice in declaration.notices:
        for name, first, last in notice.off:
            mark(table, declaration, notice, (first, last), HOLIDAY, 0, reason + named(notice).index(name))
        for name, first, last in notice.work:
            refuse_working(table, declaration, notice, first, last)
            open_ = index_of(hours, make_up_hours(declaration))
            mark(
                table, declaration, notice, (first, last), MAKE_UP, open_, reason + named(notice).index(name)
            )
        for day, changed in notice.hours:
            table.open[row_in(declaration, notice, day)] = index_of(hours, changed)
        reason += len(named(notice))
    return table._replace(hours=tuple(hours))


def named(notice: Notice) -> list[str]:
    return list(dict.fromkeys(name for name, _, _ in notice.off + notice.work))


def mark(
    table: Timetable,
    declaration: Declaration,
    notice: Notice,
    span: tuple[int, int],
    kind: int,
    hours: int,
    why: int,
) -> None:
    first, last = (row_in(declaration, notice, day) for day in span)
    table.kind[first : last + 1] = kind
    table.open[first : last + 1] = hours
    table.reason[first : last + 1] = why


def row_in(declaration: Declaration, notice: Notice, day: int) -> int:
    if not declaration.first <= day <= declaration.last:
        raise CalendarError(
            f"notice {notice.title!r} names {iso(day)}, but the calendar "
            f"has the days {iso(declaration.first)} to {iso(declaration.last)}: correct the date or the range",
            calendar=declaration.name,
        )
    return day - declaration.first


def refuse_working(table: Timetable, declaration: Declaration, notice: Notice, first: int, last: int) -> None:
    # A make-up day that is worked anyway is nearly always a date typed wrong.
    for day in range(first, last + 1):
        if table.open[row_in(declaration, notice, day)] > 0:
            raise CalendarError(
                f"notice {notice.title!r} makes {iso(day)} a workday, but it is one already: check the date",
                calendar=declaration.name,
            )


def make_up_hours(declaration: Declaration) -> Hours:
    if declaration.make_up is not None:
        return declaration.make_up
    distinct = {day for day in declaration.week if day}
    if len(distinct) != 1:
        raise CalendarError(
            "has make-up workdays and weekdays of different hours: "
            "say with `make_up` which hours a make-up workday has",
            calendar=declaration.name,
        )
    return distinct.pop()


def index_of(hours: list[Hours], wanted: Hours) -> int:
    if wanted not in hours:
        hours.append(wanted)
    return hours.index(wanted)


def columns(declaration: Declaration, table: Timetable) -> Columns:
    zone = midnights(declaration.zone, declaration.first, declaration.last)
    day, opens, closes = slots(zone, table)
    if not len(opens):
        raise CalendarError(
            "has no working time at all: give it hours",
            calendar=declaration.name,
        )
    length = closes - opens
    done = np.concatenate(([0], np.cumsum(length)))
    rows = np.arange(len(table.open) + 1)
    slot = np.searchsorted(day, rows, side="left")
    counted = (table.open > 0).astype(np.int64)
    number = np.cumsum(counted)
    # Short of a day's shortest shift, so that the search of `reached` moves on by two slots at most.
    seek_shift = max(600, int(length.min())).bit_length() - 1
    end = zone.begin[-1:]
    return Columns(
        begin=zone.begin,
        shift_at=np.append(zone.shift_at, zone.shift_at[-1:]),
        shift=np.append(zone.shift, 0),
        counted=np.append(counted, 0),
        number=np.append(number, number[-1]),
        before=done[slot],
        slot=slot,
        opens=np.concatenate((opens, end)),
        closes=np.concatenate((closes, end)),
        slot_before=done,
        seek=np.searchsorted(done[1:], np.arange(0, done[-1] + 1, 1 << seek_shift), side="left"),
        nth_day=np.flatnonzero(counted) + declaration.first,
        seek_shift=seek_shift,
    )


def slots(zone: Midnights, table: Timetable) -> tuple[Ints, Ints, Ints]:
    """Row of the day, opening and closing instant of every interval, in order."""
    found: list[tuple[Ints, Ints, Ints]] = []
    for index, hours in enumerate(table.hours):
        rows = np.flatnonzero(table.open == index)
        found += [(rows, on_clock(zone, rows, a), on_clock(zone, rows, b)) for a, b in hours]
    if not found:
        none = np.empty(0, np.int64)
        return none, none, none
    day, opens, closes = (np.concatenate(part) for part in zip(*found, strict=True))
    # Hours that a shift of the clock skips altogether are no hours.
    keep = np.flatnonzero(closes > opens)
    order = keep[np.argsort(opens[keep], kind="stable")]
    return day[order], opens[order], closes[order]


def on_clock(zone: Midnights, rows: Ints, wall: int) -> Ints:
    """Instant at which the wall clock first shows that time or, where it skips it, is put forward over it."""
    begin, at, shift = zone.begin[rows], zone.shift_at[rows], zone.shift[rows]
    if wall >= DAY:
        return zone.begin[rows + 1]
    early = np.where(wall < at, wall, at)
    moved = np.where(wall < at + np.maximum(shift, 0), early, wall - shift)
    return np.minimum(begin + moved, zone.begin[rows + 1])


def stacked(parts: list[tuple[int, int, int, Columns]]) -> Tables:
    """Tables of several calendars, each given as (first, last, confirmed, columns)."""
    first, last, confirmed, cols = zip(*parts, strict=True)
    slots_before = starts([c.opens for c in cols])

    def joined(name: str, moved: bool = False) -> Ints:
        if len(cols) == 1:  # as it is: days and hours of a century are megabytes
            return cast(Ints, getattr(cols[0], name))
        return np.concatenate(
            [getattr(c, name) + (by if moved else 0) for c, by in zip(cols, slots_before, strict=True)]
        )

    return Tables(
        first=np.array(first, np.int64),
        last=np.array(last, np.int64),
        confirmed=np.array(confirmed, np.int64),
        base=starts([c.begin for c in cols]),
        stop=starts([c.begin for c in cols]) + np.array([len(c.begin) - 1 for c in cols], np.int64),
        seek_shift=np.array([c.seek_shift for c in cols], np.int64),
        seek_base=starts([c.seek for c in cols]),
        nth_base=starts([c.nth_day for c in cols]),
        begin=joined("begin"),
        shift_at=joined("shift_at"),
        shift=joined("shift"),
        counted=joined("counted"),
        number=joined("number"),
        before=joined("before"),
        slot=joined("slot", moved=True),
        opens=joined("opens"),
        closes=joined("closes"),
        slot_before=joined("slot_before"),
        seek=joined("seek", moved=True),
        nth_day=joined("nth_day"),
    )


def starts(parts: list[Ints]) -> Ints:
    """Where each part begins when they are laid end to end."""
    return np.cumsum([0, *(len(part) for part in parts[:-1])], dtype=np.int64)
