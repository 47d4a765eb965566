"""What moves the due time of an open instance: pauses that stop its clock, holds, and extensions.

Part of the fold (see `fold` for the dialect).
"""

from bihuan.engine.clock import NONE, day_of, paused_since
from bihuan.engine.instance import clock_begins, limit_at, passed, refresh
from bihuan.engine.layout import *
from bihuan.engine.work import Clock, Events, Fixed, Program, Record, Work, holds, value


def pause(prog: Program, clock: Clock, work: Work, rule: Fixed, inst: Record, bits: int, t: int) -> None:
    """Begin and end the pauses that the event names: what ends now is counted before what begins now."""
    for p in range(rule[PAUSES], rule[PAUSES_END]):
        if bits & prog.pauses[p][PAUSE_TO]:
            resume(prog, clock, work, rule, inst, p, t)
    for p in range(rule[PAUSES], rule[PAUSES_END]):
        if bits & prog.pauses[p][PAUSE_FROM]:
            suspend(prog, rule, inst, p, t)


def suspend(prog: Program, rule: Fixed, inst: Record, p: int, t: int) -> None:
    if prog.pauses[p][PAUSE_HOLDS]:
        if inst[I_HELD_AT] == NONE:
            inst[I_HELD_AT] = t
        return
    if not inst[I_PAUSING]:
        if inst[I_DUE] != NONE and t >= inst[I_DUE]:
            inst[I_FLAGS] |= F_PAUSE_IGNORED
            return
        inst[I_PAUSED_AT] = t
    inst[I_PAUSING] |= 1 << (p - rule[PAUSES])
    inst[I_FLAGS] |= F_PAUSED


def resume(prog: Program, clock: Clock, work: Work, rule: Fixed, inst: Record, p: int, t: int) -> None:
    if prog.pauses[p][PAUSE_HOLDS]:
        release(inst, t)
        return
    bit = 1 << (p - rule[PAUSES])
    if not inst[I_PAUSING] & bit:
        return
    inst[I_PAUSING] &= ~bit
    if not inst[I_PAUSING]:
        run_on(clock, work, rule, inst, prog.pauses[p][PAUSE_BOTH], t)


def run_on(clock: Clock, work: Work, rule: Fixed, inst: Record, both_days: int, t: int) -> None:
    """Add the pause that ends at `t` to what does not count."""
    limit, calendar = inst[I_LIMIT], inst[I_CALENDAR]
    if limit >= 0 and calendar >= 0:
        leave_out(clock, rule, inst, both_days, t)
        inst[I_OUT_UNTIL] = t
    refresh(clock, work, rule, inst)
    if lies_in_the_pause(clock, inst, t):
        inst[I_PAUSED + clock.limits.measure[limit]] += 1
        refresh(clock, work, rule, inst)


def leave_out(clock: Clock, rule: Fixed, inst: Record, both_days: int, t: int) -> None:
    """Measure the pause that ends at `t`, as far as it lies after the instant at which the clock truly begins."""
    calendar, first = inst[I_CALENDAR], clock.days.first[rule[DAYS]]
    paused_at, begins = inst[I_PAUSED_AT], clock_begins(clock, rule, inst)
    since = inst[I_OUT_UNTIL] if first else max(inst[I_OUT_UNTIL], begins)
    if paused_at < begins:
        day = day_of(clock.tables, calendar, begins)
        if day_of(clock.tables, calendar, t) < day:
            both_days = 0
        elif first and day_of(clock.tables, calendar, paused_at) < day:
            both_days = 1  # the first day counts, and the pause takes it from its beginning
    a = max(paused_at, begins)
    for measure in range(MEASURES):
        if rule[MEASURES_ALL] or measure == clock.limits.measure[inst[I_LIMIT]]:
            counted = paused_since(
                clock.tables, clock.limits, measure, calendar, since, a, max(a, t), both_days
            )
            before = inst[I_PAUSED + measure]  # once the calendar cannot tell, nothing can
            inst[I_PAUSED + measure] = NONE if NONE in (counted, before) else before + counted


def lies_in_the_pause(clock: Clock, inst: Record, t: int) -> bool:
    """Whether the last day of a limit in days has gone by during the pause that ends at `t`, as only whole days count.

    The pause began before the due time, so one day is left: the next that counts.
    """
    if inst[I_DUE] == NONE or inst[I_DUE] >= t or inst[I_FIXED] != NONE or inst[I_AHEAD] != NONE:
        return False
    return inst[I_LIMIT] >= 0 and clock.limits.measure[inst[I_LIMIT]] >= 2


def release(inst: Record, t: int) -> None:
    """A hold ends: a due time that fell inside it moves to its end."""
    held = inst[I_HELD_AT]
    inst[I_HELD_AT] = NONE
    if held != NONE and inst[I_DUE] != NONE and held < inst[I_DUE] < t:
        inst[I_FIXED] = t
        inst[I_DUE] = t
        inst[I_FLAGS] |= F_MOVED


def extend(
    prog: Program,
    clock: Clock,
    log: Events,
    work: Work,
    rule: Fixed,
    inst: Record,
    bits: int,
    row: int,
    t: int,
) -> None:
    """Collect what an extension needs; when the last part has come, in time, it takes effect."""
    for e in range(rule[EXTENSIONS], rule[EXTENSIONS_END]):
        extension = prog.extensions[e]
        parts = extension[EXTENSION_PARTS]
        if not bits & parts:
            continue
        inst[I_PARTS] |= bits & parts
        if inst[I_PARTS] & parts != parts:
            continue
        inst[I_PARTS] &= ~parts
        test = extension[EXTENSION_WHEN]
        if test >= 0 and holds(prog, log, row, test) != 1:
            inst[I_FLAGS] |= F_EXTENSION_REFUSED
        elif extension[EXTENSION_IN_TIME] and passed(rule, inst, t):
            inst[I_FLAGS] |= F_EXTENSION_REFUSED
        else:
            lengthen(prog, log, work, inst, extension, row)
            refresh(clock, work, rule, inst)
            if not passed(rule, inst, t):
                inst[I_FLAGS] &= ~F_MISSED  # extended after the due time, where that is allowed


def lengthen(prog: Program, log: Events, work: Work, inst: Record, extension: Fixed, row: int) -> None:
    limit = limit_at(prog, log, work, inst, extension[EXTENSION_TO], extension[EXTENSION_TO_COL], row)
    column = extension[EXTENSION_TO_INSTANT]
    if column >= 0 and value(prog, log, row, column) != NONE:
        inst[I_FIXED] = value(prog, log, row, column)
    elif limit >= 0:
        inst[I_LIMIT] = limit
        inst[I_FIXED] = NONE
    else:
        added = extension[EXTENSION_ADD]
        if extension[EXTENSION_ADD_COL] >= 0:
            added = limit_at(prog, log, work, inst, -1, extension[EXTENSION_ADD_COL], row)
        if added <= 0 or inst[I_LIMIT] < 0:
            inst[I_FLAGS] |= F_EXTENSION_REFUSED
            return
        inst[I_EXTRA] += added
        if extension[EXTENSION_AT_MOST] >= 0 and inst[I_EXTRA] > extension[EXTENSION_AT_MOST]:
            inst[I_EXTRA] = extension[EXTENSION_AT_MOST]
    inst[I_FLAGS] |= F_EXTENDED
