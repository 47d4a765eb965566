"""One instance of a rule: opened by a trigger, moved by pauses and extensions, ended by what was owed.

Part of the fold (see `fold`): plain Python over integer columns that is also compiled, so it uses no numpy, text,
exception or default argument. It knows instances and clocks; which event does what is `fold`'s business.
"""

from typing import NamedTuple, Protocol

from bihuan.engine.clock import (
    NONE,
    SECONDS,
    WORKING_SECONDS,
    Days,
    Limits,
    Tables,
    counts_working_days,
    day_of,
    due_at,
    end_of,
    instant,
    lead_before,
    paused_since,
)
from bihuan.engine.clock import UNLIMITED as NO_LIMIT
from bihuan.engine.layout import *


class Column(Protocol):
    """A list when interpreted, an int64 array when compiled."""

    def __getitem__(self, index: int, /) -> int: ...
    def __setitem__(self, index: int, value: int, /) -> None: ...
    def __len__(self) -> int: ...


class Program(NamedTuple):
    """A policy as flat integer tables (`layout` names the fields)."""

    shape: Column
    action_from: Column
    actions: Column
    rules: Column
    pauses: Column
    extensions: Column
    periods: Column
    step_from: Column
    steps: Column
    step_items: Column
    follows: Column
    periodic: Column


class Clock(NamedTuple):
    """Calendars, limits and day conventions: all that turns an amount of time into an instant."""

    tables: Tables
    limits: Limits
    days: Days


class Events(NamedTuple):
    """The log: rows sorted by case and instant, `tests` and `values` with a fixed number of columns a row."""

    offsets: Column
    enters: Column  # 1: a register says since when the subject is owed what recurs
    until: Column  # the instant after which it is owed no longer, or NEVER
    event: Column
    at: Column
    whole_day: Column
    actor: Column
    tests: Column
    values: Column


class Work(NamedTuple):
    """What is remembered of the case being folded."""

    scalars: Column
    head: Column
    latest: Column
    rounds: Column
    seen: Column
    fired: Column
    raised: Column
    raised_key: Column
    marks: Column
    states: Column
    instances: Column
    period_at: Column
    period_k: Column
    period_origin: Column
    period_until: Column
    tallies: Column
    ring: Column


class Out(NamedTuple):
    """Rows and findings; buffers that the caller makes larger when `used[O_FULL]` says so."""

    used: Column
    case: Column
    rule: Column
    round: Column
    key: Column
    row: Column
    started: Column
    due: Column
    warn: Column
    done: Column
    ended: Column
    end_row: Column
    state: Column
    flags: Column
    limit: Column
    calendar: Column
    extra: Column
    paused: Column
    findings: Column


def value(prog: Program, log: Events, row: int, column: int) -> int:
    return log.values[row * prog.shape[N_VALUES] + column]


def holds(prog: Program, log: Events, row: int, test: int) -> int:
    return log.tests[row * prog.shape[N_TESTS] + test]


def first_known(prog: Program, log: Events, work: Work, row: int, column: int) -> int:
    """The first row from `row` on, up to `as_of`, that knows the value or lacks a parameter for it; -1: none."""
    while row < work.scalars[W_STOP]:
        if value(prog, log, row, column) != -1:
            return row
        row += 1
    return -1


def limit_at(prog: Program, log: Events, work: Work, x: int, fixed: int, column: int, row: int) -> int:
    """The limit in force for instance `x`: the rule's own, or looked up in a column, if need be at a later row."""
    if column < 0:
        return fixed
    known = first_known(prog, log, work, row, column)
    if known < 0:
        work.instances[x + I_FLAGS] |= F_WAITING
        return UNSET
    if known > row:
        work.instances[x + I_FLAGS] |= F_LATER_FACT
    if value(prog, log, known, column) == LACKS:
        work.instances[x + I_FLAGS] |= F_UNSET
        return UNSET
    return value(prog, log, known, column)


def applies(prog: Program, log: Events, work: Work, test: int, row: int) -> int:
    """The flags with which a rule begins under a condition, decided at the first row that can tell; -1: it does not."""
    if test < 0:
        return 0
    known = row
    while known < work.scalars[W_STOP] and holds(prog, log, known, test) == -1:
        known += 1
    if known == work.scalars[W_STOP]:
        return F_WAITING
    if holds(prog, log, known, test) == 0:
        return -1
    flags = F_UNSET if holds(prog, log, known, test) == LACKS else 0
    return flags | F_LATER_FACT if known > row else flags


def already_open(work: Work, r: int, key: int) -> int:
    x = work.head[r]
    while x >= 0 and work.instances[x + I_KEY] != key:
        x = work.instances[x + I_NEXT]
    return x


def start(
    prog: Program, clock: Clock, log: Events, work: Work, out: Out, r: int, row: int, t: int, key: int
) -> int:
    """A trigger: open an instance unless one is open, the rule is spent, or it does not apply. -1: none opened."""
    rule = r * RULE
    x = already_open(work, r, key)
    if x >= 0 and prog.rules[rule + KIND] == WINDOW and passed(prog, work, x, t):
        dismiss(prog, work, x, row, t)  # a window that has lapsed is closed
        work.instances[x + I_ENDED] = NONE
        x = -1
    if x >= 0:
        work.instances[x + I_FLAGS] |= F_IGNORED
        return -1
    if prog.rules[rule + ONCE] and work.rounds[r]:
        return -1
    flags = applies(prog, log, work, prog.rules[rule + WHEN], row)
    if flags < 0:
        return -1
    return open_instance(prog, clock, log, work, out, r, row, t, key, flags)


def open_instance(
    prog: Program,
    clock: Clock,
    log: Events,
    work: Work,
    out: Out,
    r: int,
    row: int,
    t: int,
    key: int,
    flags: int,
) -> int:
    x = work.scalars[W_COUNT] * INSTANCE
    if x + INSTANCE > len(work.instances):
        out.used[O_FULL] = 1
        return -1
    work.scalars[W_COUNT] += 1
    work.rounds[r] += 1
    inst = work.instances
    inst[x + I_RULE] = r
    inst[x + I_ROUND] = round_of(prog, work, r, x, key)
    inst[x + I_KEY] = key
    inst[x + I_ROW] = row
    inst[x + I_DONE] = NONE
    inst[x + I_ENDED] = NONE
    inst[x + I_END_ROW] = -1
    inst[x + I_STATE] = S_OPEN
    inst[x + I_FLAGS] = flags
    inst[x + I_PAUSING] = 0
    inst[x + I_HELD_AT] = NONE
    inst[x + I_PERIOD_END] = NONE
    inst[x + I_NEXT] = work.head[r]
    work.head[r] = x
    work.latest[r] = x
    wind(prog, clock, log, work, x, row, t)
    return x


def wind(prog: Program, clock: Clock, log: Events, work: Work, x: int, row: int, t: int) -> None:
    """Set the clock of an instance to begin at `t`: limits are looked up at `row`, pauses and extensions forgotten."""
    inst = work.instances
    rule = inst[x + I_RULE] * RULE
    inst[x + I_STARTED] = t
    inst[x + I_WARN] = NONE
    inst[x + I_NOT_BEFORE] = NONE
    inst[x + I_EXTRA] = 0
    for measure in range(MEASURES):
        inst[x + I_PAUSED + measure] = 0
    inst[x + I_PAUSED_AT] = t
    inst[x + I_OUT_UNTIL] = NONE if clock.days.first[prog.rules[rule + DAYS]] else t
    inst[x + I_FIXED] = NONE
    inst[x + I_AHEAD] = NONE
    inst[x + I_INSTANT] = NONE
    inst[x + I_PARTS] = 0
    inst[x + I_HITS] = 0
    inst[x + I_CALENDAR] = prog.rules[rule + CALENDAR]
    if prog.rules[rule + CALENDAR_COL] >= 0:
        inst[x + I_CALENDAR] = limit_at(prog, log, work, x, 0, prog.rules[rule + CALENDAR_COL], row)
    inst[x + I_LIMIT] = limit_at(
        prog, log, work, x, prog.rules[rule + WITHIN], prog.rules[rule + WITHIN_COL], row
    )
    if prog.rules[rule + ABSENT]:
        inst[x + I_FLAGS] |= F_UNSET
    if inst[x + I_LIMIT] >= 0 and clock.limits.kind[inst[x + I_LIMIT]] == NO_LIMIT:
        inst[x + I_LIMIT] = UNLIMITED
    if inst[x + I_CALENDAR] >= 0:
        set_bounds(prog, clock, log, work, x, row, t)
        if inst[x + I_LIMIT] >= 0 and log.whole_day[row] and by_the_second(clock, inst[x + I_LIMIT]):
            inst[x + I_FLAGS] |= F_DATE_ONLY
    follow(prog, clock, log, work, x, row)
    refresh(prog, clock, work, x)


def by_the_second(clock: Clock, limit: int) -> bool:
    return clock.limits.kind[limit] == SECONDS or clock.limits.kind[limit] == WORKING_SECONDS


def set_bounds(prog: Program, clock: Clock, log: Events, work: Work, x: int, row: int, t: int) -> None:
    """The earlier goal and the instant before which nothing counts."""
    inst = work.instances
    rule = inst[x + I_RULE] * RULE
    days, calendar = prog.rules[rule + DAYS], inst[x + I_CALENDAR]
    target = prog.rules[rule + TARGET]
    if prog.rules[rule + TARGET_COL] >= 0:
        target = limit_at(prog, log, work, x, target, prog.rules[rule + TARGET_COL], row)
    if target >= 0:
        inst[x + I_WARN] = due_at(clock.tables, clock.limits, clock.days, target, days, calendar, t, 0, 0)
    limit = prog.rules[rule + NOT_BEFORE]
    if prog.rules[rule + NOT_BEFORE_COL] >= 0:
        limit = limit_at(prog, log, work, x, limit, prog.rules[rule + NOT_BEFORE_COL], row)
    if limit >= 0:
        inst[x + I_NOT_BEFORE] = not_before(clock, limit, days, calendar, t)


def not_before(clock: Clock, limit: int, days: int, calendar: int, t: int) -> int:
    """The first instant that counts: exact for hours and clock times, the beginning of the day for whole days."""
    at = due_at(clock.tables, clock.limits, clock.days, limit, days, calendar, t, 0, 0)
    if at != NONE and not by_the_second(clock, limit):
        day = day_of(clock.tables, calendar, at)
        if at == end_of(clock.tables, calendar, day):
            return instant(clock.tables, calendar, day, 0)
    return at


def follow(prog: Program, clock: Clock, log: Events, work: Work, x: int, row: int) -> None:
    """Take over the agreed instant that the row knows; a later one moves the due time while it has not passed."""
    inst = work.instances
    rule = inst[x + I_RULE] * RULE
    for column in (prog.rules[rule + INSTANT_COL], prog.rules[rule + AHEAD_COL]):
        if column < 0:
            continue
        agreed = value(prog, log, row, column)
        if agreed == NONE or agreed == inst[x + I_INSTANT]:
            continue
        if inst[x + I_INSTANT] != NONE:
            inst[x + I_FLAGS] |= F_MOVED
        inst[x + I_INSTANT] = agreed
        if column == prog.rules[rule + INSTANT_COL]:
            inst[x + I_FIXED] = agreed
        else:
            anchor(prog, clock, log, work, x, row, agreed)


def anchor(prog: Program, clock: Clock, log: Events, work: Work, x: int, row: int, t: int) -> None:
    """Due ahead of `t`: by the rule's lead, or at `t` itself."""
    inst = work.instances
    rule = inst[x + I_RULE] * RULE
    lead = limit_at(prog, log, work, x, prog.rules[rule + LEAD], prog.rules[rule + LEAD_COL], row)
    inst[x + I_AHEAD] = t
    if lead >= 0:
        inst[x + I_AHEAD] = lead_before(
            clock.tables, clock.limits, clock.days, lead, prog.rules[rule + DAYS], inst[x + I_CALENDAR], t
        )


def refresh(prog: Program, clock: Clock, work: Work, x: int) -> None:
    """Compute the due time anew from start, amount and pauses; nothing else ever does."""
    inst = work.instances
    r = inst[x + I_RULE]
    due = inst[x + I_FIXED]
    if (
        due == NONE
        and inst[x + I_LIMIT] >= 0
        and inst[x + I_CALENDAR] >= 0
        and not inst[x + I_FLAGS] & F_UNSET
    ):
        due = due_at(
            clock.tables, clock.limits, clock.days, inst[x + I_LIMIT], prog.rules[r * RULE + DAYS], inst[x + I_CALENDAR],
            inst[x + I_STARTED], inst[x + I_EXTRA], paused(clock, work, x),
        )  # fmt: skip
        if due == NONE:
            inst[x + I_FLAGS] |= F_OUT_OF_RANGE
    if inst[x + I_PERIOD_END] != NONE and prog.rules[r * RULE + WITHIN] == UNLIMITED:
        due = inst[x + I_PERIOD_END]
    ahead = inst[x + I_AHEAD]
    if ahead != NONE and (due == NONE or ahead < due):
        due = ahead
    inst[x + I_DUE] = due
    if due != NONE and prog.rules[r * RULE + WATCHED] and due < work.scalars[W_NEXT]:
        work.scalars[W_NEXT] = due


def measure_of(clock: Clock, limit: int) -> int:
    """In which of the MEASURES a limit counts its pauses."""
    kind = clock.limits.kind[limit]
    if kind == SECONDS:
        return 0
    if kind == WORKING_SECONDS:
        return 1
    return 2 if counts_working_days(kind) else 3


def paused(clock: Clock, work: Work, x: int) -> int:
    """What the pauses took, in the unit of the limit in force."""
    if work.instances[x + I_LIMIT] < 0:
        return 0
    return work.instances[x + I_PAUSED + measure_of(clock, work.instances[x + I_LIMIT])]


def round_of(prog: Program, work: Work, r: int, x: int, key: int) -> int:
    """The round of a new instance: how often the rule, for this key, has begun."""
    if prog.rules[r * RULE + PER] < 0:
        return work.rounds[r]
    count = 1
    for y in range(0, x, INSTANCE):
        if work.instances[y + I_RULE] == r and work.instances[y + I_KEY] == key:
            count += 1
    return count


def stopped(work: Work, x: int) -> bool:
    """Whether a running pause leaves instance `x` without a due time: it stops the clock, or holds what falls due."""
    inst = work.instances
    if inst[x + I_PAUSING]:
        return True
    return inst[x + I_HELD_AT] != NONE and inst[x + I_DUE] != NONE and inst[x + I_HELD_AT] < inst[x + I_DUE]


def passed(prog: Program, work: Work, x: int, t: int) -> bool:
    """Whether `t` is too late for instance `x`."""
    due = work.instances[x + I_DUE]
    if due == NONE or stopped(work, x):
        return False
    return t > due or (t == due and prog.rules[work.instances[x + I_RULE] * RULE + STRICT] == 1)


def pause(prog: Program, clock: Clock, work: Work, x: int, bits: int, t: int) -> None:
    """Begin and end the pauses that the event names: what ends now is counted before what begins now."""
    rule = work.instances[x + I_RULE] * RULE
    for p in range(prog.rules[rule + PAUSES], prog.rules[rule + PAUSES_END]):
        if bits & prog.pauses[p * PAUSE + PAUSE_TO]:
            resume(prog, clock, work, x, p, t)
    for p in range(prog.rules[rule + PAUSES], prog.rules[rule + PAUSES_END]):
        if bits & prog.pauses[p * PAUSE + PAUSE_FROM]:
            suspend(prog, work, x, p, t)


def pause_bit(prog: Program, work: Work, x: int, p: int) -> int:
    return 1 << (p - prog.rules[work.instances[x + I_RULE] * RULE + PAUSES])


def suspend(prog: Program, work: Work, x: int, p: int, t: int) -> None:
    inst = work.instances
    if prog.pauses[p * PAUSE + PAUSE_HOLDS]:
        if inst[x + I_HELD_AT] == NONE:
            inst[x + I_HELD_AT] = t
        return
    if not inst[x + I_PAUSING] and inst[x + I_DUE] != NONE and t >= inst[x + I_DUE]:
        inst[x + I_FLAGS] |= F_PAUSE_IGNORED
        return
    if not inst[x + I_PAUSING]:
        inst[x + I_PAUSED_AT] = t
    inst[x + I_PAUSING] |= pause_bit(prog, work, x, p)
    inst[x + I_FLAGS] |= F_PAUSED


def resume(prog: Program, clock: Clock, work: Work, x: int, p: int, t: int) -> None:
    inst = work.instances
    if prog.pauses[p * PAUSE + PAUSE_HOLDS]:
        release(prog, work, x, t)
        return
    bit = pause_bit(prog, work, x, p)
    if not inst[x + I_PAUSING] & bit:
        return
    inst[x + I_PAUSING] &= ~bit
    if not inst[x + I_PAUSING]:
        run_on(prog, clock, work, x, prog.pauses[p * PAUSE + PAUSE_BOTH], t)


def run_on(prog: Program, clock: Clock, work: Work, x: int, both_days: int, t: int) -> None:
    """Add the pause that ends at `t` to what does not count."""
    inst = work.instances
    if inst[x + I_LIMIT] >= 0 and inst[x + I_CALENDAR] >= 0:
        rule = inst[x + I_RULE] * RULE
        own = measure_of(clock, inst[x + I_LIMIT])
        for measure in range(MEASURES):
            if measure == own or prog.rules[rule + EXTENSIONS] < prog.rules[rule + EXTENSIONS_END]:
                inst[x + I_PAUSED + measure] += paused_since(
                    clock.tables, clock.limits, measure, inst[x + I_CALENDAR], inst[x + I_OUT_UNTIL],
                    inst[x + I_PAUSED_AT], t, both_days,
                )  # fmt: skip
        inst[x + I_OUT_UNTIL] = t
    refresh(prog, clock, work, x)


def release(prog: Program, work: Work, x: int, t: int) -> None:
    """A hold ends: a due time that fell inside it moves to its end."""
    inst = work.instances
    held = inst[x + I_HELD_AT]
    inst[x + I_HELD_AT] = NONE
    if held != NONE and inst[x + I_DUE] != NONE and held < inst[x + I_DUE] < t:
        inst[x + I_FIXED] = t
        inst[x + I_DUE] = t
        inst[x + I_FLAGS] |= F_MOVED


def extend(prog: Program, clock: Clock, log: Events, work: Work, x: int, bits: int, row: int, t: int) -> None:
    """Collect what an extension needs; when the last part has come, in time, it takes effect."""
    inst = work.instances
    rule = inst[x + I_RULE] * RULE
    for e in range(prog.rules[rule + EXTENSIONS], prog.rules[rule + EXTENSIONS_END]):
        record = e * EXTENSION
        parts = prog.extensions[record + EXTENSION_PARTS]
        if not bits & parts:
            continue
        inst[x + I_PARTS] |= bits & parts
        if inst[x + I_PARTS] & parts != parts:
            continue
        inst[x + I_PARTS] &= ~parts
        test = prog.extensions[record + EXTENSION_WHEN]
        if test >= 0 and holds(prog, log, row, test) != 1:
            inst[x + I_FLAGS] |= F_EXTENSION_REFUSED
        elif prog.extensions[record + EXTENSION_IN_TIME] and passed(prog, work, x, t):
            inst[x + I_FLAGS] |= F_EXTENSION_REFUSED
        else:
            lengthen(prog, log, work, x, record, row)
            refresh(prog, clock, work, x)
            if not passed(prog, work, x, t):
                inst[x + I_FLAGS] &= ~F_MISSED  # extended after the due time, where that is allowed


def lengthen(prog: Program, log: Events, work: Work, x: int, record: int, row: int) -> None:
    inst = work.instances
    ext = prog.extensions
    limit = limit_at(prog, log, work, x, ext[record + EXTENSION_TO], ext[record + EXTENSION_TO_COL], row)
    column = ext[record + EXTENSION_TO_INSTANT]
    if column >= 0 and value(prog, log, row, column) != NONE:
        inst[x + I_FIXED] = value(prog, log, row, column)
    elif limit >= 0:
        inst[x + I_LIMIT] = limit
        inst[x + I_FIXED] = NONE
    else:
        added = ext[record + EXTENSION_ADD]
        if ext[record + EXTENSION_ADD_COL] >= 0:
            added = limit_at(prog, log, work, x, -1, ext[record + EXTENSION_ADD_COL], row)
        if added <= 0:
            inst[x + I_FLAGS] |= F_EXTENSION_REFUSED
            return
        inst[x + I_EXTRA] += added
        if ext[record + EXTENSION_AT_MOST] >= 0 and inst[x + I_EXTRA] > ext[record + EXTENSION_AT_MOST]:
            inst[x + I_EXTRA] = ext[record + EXTENSION_AT_MOST]
    inst[x + I_FLAGS] |= F_EXTENDED


def restart(prog: Program, clock: Clock, log: Events, work: Work, x: int, row: int, t: int) -> None:
    """The clock starts anew in the same round; a pause that is still running goes on."""
    work.instances[x + I_FLAGS] &= ~(F_MISSED | F_OUT_OF_RANGE | F_DATE_ONLY)
    wind(prog, clock, log, work, x, row, t)
    work.instances[x + I_FLAGS] |= F_RESTARTED


def unlink(work: Work, x: int) -> None:
    """Take an instance out of the open ones of its rule."""
    r = work.instances[x + I_RULE]
    following = work.instances[x + I_NEXT]
    if work.head[r] == x:
        work.head[r] = following
        return
    y = work.head[r]
    while work.instances[y + I_NEXT] != x:
        y = work.instances[y + I_NEXT]
    work.instances[y + I_NEXT] = following


def dismiss(prog: Program, work: Work, x: int, row: int, t: int) -> bool:
    """No longer owed. After the due time the breach stands and only stops growing; then the answer is False."""
    inst = work.instances
    unlink(work, x)
    inst[x + I_ENDED] = t
    inst[x + I_END_ROW] = row
    if passed(prog, work, x, t):
        inst[x + I_STATE] = S_LAPSED if prog.rules[inst[x + I_RULE] * RULE + KIND] == WINDOW else S_OVERDUE
        return False
    inst[x + I_STATE] = S_VOID
    return True


def finish(prog: Program, clock: Clock, log: Events, work: Work, x: int, row: int, t: int) -> None:
    """What was owed has happened at `t`: in time, late, or too late to use a window."""
    inst = work.instances
    for p in range(
        prog.rules[inst[x + I_RULE] * RULE + PAUSES], prog.rules[inst[x + I_RULE] * RULE + PAUSES_END]
    ):
        resume(prog, clock, work, x, p, t)
    window = prog.rules[inst[x + I_RULE] * RULE + KIND] == WINDOW
    unlink(work, x)
    if not passed(prog, work, x, t):
        inst[x + I_STATE] = S_USED if window else S_MET
    elif window:
        inst[x + I_STATE] = S_LAPSED
        return
    else:
        inst[x + I_STATE] = S_LATE
    inst[x + I_DONE] = t
    inst[x + I_END_ROW] = row
    if log.whole_day[row] and inst[x + I_LIMIT] >= 0 and splits_the_day(clock, work, x, t):
        inst[x + I_FLAGS] |= F_DATE_ONLY


def splits_the_day(clock: Clock, work: Work, x: int, t: int) -> bool:
    """Whether the due time lies inside the day that begins at `t`, so that the date alone cannot say which side."""
    due, calendar = work.instances[x + I_DUE], work.instances[x + I_CALENDAR]
    if due == NONE or calendar < 0:
        return False
    day = day_of(clock.tables, calendar, t)
    return by_the_second(clock, work.instances[x + I_LIMIT]) or t <= due < end_of(clock.tables, calendar, day)


def too_early(work: Work, x: int, t: int) -> bool:
    if work.instances[x + I_NOT_BEFORE] == NONE or t >= work.instances[x + I_NOT_BEFORE]:
        return False
    work.instances[x + I_FLAGS] |= F_EARLY
    return True
