"""The tables of calendars: days, hours and zones as integers, and working time as a function of the instant.

In the dialect that `clock` describes. Instants are seconds since the epoch, days are days since 1970-01-01, wall
times are seconds of the day; what a calendar cannot answer (before its first or after its last day) is NONE.
"""

from typing import NamedTuple, Protocol

NONE = -(2**62)
DAY = 86400
NO_SHIFT = 1 << 30


class Ints(Protocol):
    """A list or an int64 array."""

    def __getitem__(self, index: int, /) -> int: ...


class Tables(NamedTuple):
    """All calendars of a replay. Every calendar ends with one day and one slot that stand for its end."""

    # per calendar
    first: Ints  # its first day
    last: Ints  # its last day
    confirmed: Ints  # the last day that a notice confirms
    base: Ints  # row of its first day
    stop: Ints  # row after its last day
    seek_shift: Ints  # two entries of `seek` are 2 ** seek_shift seconds of work apart
    seek_base: Ints
    nth_base: Ints
    # per day
    begin: Ints  # instant of its first second
    shift_at: Ints  # seconds after `begin` at which the clock is changed, NO_SHIFT if it is not
    shift: Ints  # seconds by which it is then put forward
    counted: Ints  # 1 if the day counts as a working day
    number: Ints  # counted days up to and including it
    before: Ints  # working seconds before it
    slot: Ints  # its first slot; the next day's slot ends it
    # per slot, an interval of working time
    opens: Ints
    closes: Ints
    slot_before: Ints  # working seconds before it
    # inverses, looked up directly
    seek: Ints  # seek[work >> seek_shift]: first slot by whose end that much work is done
    nth_day: Ints  # nth_day[n - 1]: the n-th counted day


def row_of_day(cal: Tables, c: int, day: int) -> int:
    """Row of the day columns, or -1 outside the calendar."""
    first = cal.first[c]
    if day < first or day > cal.last[c]:
        return -1
    return cal.base[c] + day - first


def row_of(cal: Tables, c: int, t: int) -> int:
    """Row of the day that contains the instant, or -1 outside the calendar."""
    base = cal.base[c]
    stop = cal.stop[c]
    row = base + (t - cal.begin[base]) // DAY
    if row < base or row > stop:
        return -1
    # A zone's midnights drift from multiples of 24 hours by its shifts, rarely by a whole day.
    while t < cal.begin[row]:
        row -= 1
    while row < stop and t >= cal.begin[row + 1]:
        row += 1
    return row if row < stop else -1


def day_of(cal: Tables, c: int, t: int) -> int:
    row = row_of(cal, c, t)
    if row < 0:
        return NONE
    return cal.first[c] + row - cal.base[c]


def row_instant(cal: Tables, row: int, wall_second: int) -> int:
    # As datetime with fold=0: a wall time that occurs twice is the first, one that is skipped is read
    # with the offset before the change.
    shift = cal.shift[row]
    if wall_second < cal.shift_at[row] + (shift if shift > 0 else 0):
        return cal.begin[row] + wall_second
    return cal.begin[row] + wall_second - shift


def instant(cal: Tables, c: int, day: int, wall_second: int) -> int:
    row = row_of_day(cal, c, day)
    return NONE if row < 0 else row_instant(cal, row, wall_second)


def row_wall(cal: Tables, row: int, t: int) -> int:
    second = t - cal.begin[row]
    if second >= cal.shift_at[row]:
        second += cal.shift[row]
        # Put back across midnight (St. John's until 2011): the hour stays with the new day.
        if second < 0:
            return 0
    return second


def wall(cal: Tables, c: int, t: int) -> int:
    """Second of the day that a clock on the wall shows."""
    row = row_of(cal, c, t)
    return NONE if row < 0 else row_wall(cal, row, t)


def end_of(cal: Tables, c: int, day: int) -> int:
    """Last second of the day."""
    row = row_of_day(cal, c, day)
    return NONE if row < 0 else cal.begin[row + 1] - 1


def counts(cal: Tables, c: int, day: int) -> int:
    """1 if the day counts, 0 if not or if the calendar does not know it."""
    row = row_of_day(cal, c, day)
    return 0 if row < 0 else cal.counted[row]


def number(cal: Tables, c: int, day: int) -> int:
    """Counted days up to and including the day."""
    row = row_of_day(cal, c, day)
    return NONE if row < 0 else cal.number[row]


def nth(cal: Tables, c: int, n: int) -> int:
    """Day of the n-th counted day, the calendar's first being 1."""
    if n < 1 or n > cal.number[cal.stop[c] - 1]:
        return NONE
    return cal.nth_day[cal.nth_base[c] + n - 1]


def opening(cal: Tables, c: int, day: int) -> int:
    row = row_of_day(cal, c, day)
    if row < 0 or cal.slot[row] == cal.slot[row + 1]:
        return NONE
    return cal.opens[cal.slot[row]]


def closing(cal: Tables, c: int, day: int) -> int:
    row = row_of_day(cal, c, day)
    if row < 0 or cal.slot[row] == cal.slot[row + 1]:
        return NONE
    return cal.closes[cal.slot[row + 1] - 1]


# --- working time: one increasing function of the instant, and its inverse ---


def worked(cal: Tables, c: int, t: int) -> int:
    """Working seconds of the calendar before the instant."""
    row = row_of(cal, c, t)
    if row < 0:
        return NONE
    slot = cal.slot[row]
    stop = cal.slot[row + 1]
    while slot < stop and cal.closes[slot] < t:
        slot += 1
    if slot == stop or t <= cal.opens[slot]:
        return cal.slot_before[slot]
    return cal.slot_before[slot] + t - cal.opens[slot]


def reached(cal: Tables, c: int, work: int) -> int:
    """Earliest instant by which so much has been worked: what ends at closing is due at closing."""
    if work < 0 or work > cal.before[cal.stop[c]]:
        return NONE
    if work == 0:
        return cal.begin[cal.base[c]]
    slot = cal.seek[cal.seek_base[c] + (work >> cal.seek_shift[c])]
    while cal.slot_before[slot + 1] < work:
        slot += 1
    return cal.opens[slot] + work - cal.slot_before[slot]


def next_open(cal: Tables, c: int, t: int) -> int:
    """The instant itself within hours, else the next opening."""
    row = row_of(cal, c, t)
    if row < 0:
        return NONE
    slot = cal.slot[row]
    end = cal.slot[cal.stop[c]]
    while slot < end and cal.closes[slot] <= t:
        slot += 1
    if slot == end:
        return NONE
    return t if cal.opens[slot] <= t else cal.opens[slot]
