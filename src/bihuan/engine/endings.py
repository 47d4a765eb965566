"""How an instance ends: done, voided, or still open when the log does.

Part of the fold (see `fold` for the dialect).
"""

from bihuan.engine.clock import NONE, day_of, end_of
from bihuan.engine.instance import by_the_second, passed, stopped
from bihuan.engine.layout import *
from bihuan.engine.pauses import resume
from bihuan.engine.work import Clock, Events, Fixed, Program, Record, Work


def unlink(work: Work, r: int, x: int) -> None:
    """Take an instance out of the open ones of its rule."""
    following = work.instances[x][I_NEXT]
    if work.head[r] == x:
        work.head[r] = following
        return
    y = work.head[r]
    while work.instances[y][I_NEXT] != x:
        y = work.instances[y][I_NEXT]
    work.instances[y][I_NEXT] = following


def dismiss(prog: Program, work: Work, x: int, row: int, t: int) -> bool:
    """No longer owed. After the due time the breach stands and only stops growing; then the answer is False."""
    inst = work.instances[x]
    rule = prog.rules[inst[I_RULE]]
    unlink(work, inst[I_RULE], x)
    inst[I_ENDED] = t
    inst[I_END_ROW] = row
    if passed(rule, inst, t):
        inst[I_STATE] = S_LAPSED if rule[KIND] == WINDOW else S_OVERDUE
        return False
    inst[I_STATE] = S_VOID
    return True


def finish(
    prog: Program,
    clock: Clock,
    log: Events,
    work: Work,
    x: int,
    rule: Fixed,
    inst: Record,
    row: int,
    t: int,
) -> None:
    """What was owed has happened at `t`: in time, late, or too late to use a window. Pauses end with it."""
    if inst[I_PAUSING] or inst[I_HELD_AT] != NONE:
        for p in range(rule[PAUSES], rule[PAUSES_END]):
            resume(prog, clock, work, rule, inst, p, t)
    unlink(work, inst[I_RULE], x)
    due = inst[I_DUE]
    if due != NONE and t + rule[STRICT] > due:
        if rule[KIND] == WINDOW:
            inst[I_STATE] = S_LAPSED
            return
        inst[I_STATE] = S_LATE
    else:
        inst[I_STATE] = S_USED if rule[KIND] == WINDOW else S_MET
    inst[I_DONE] = t
    inst[I_END_ROW] = row
    if log.whole_day[row] and inst[I_LIMIT] >= 0 and splits_the_day(clock, inst, t):
        inst[I_FLAGS] |= F_DATE_ONLY


def splits_the_day(clock: Clock, inst: Record, t: int) -> bool:
    """Whether the due time lies inside the day that begins at `t`, so that the date alone cannot say which side."""
    due, calendar = inst[I_DUE], inst[I_CALENDAR]
    if due == NONE or calendar < 0:
        return False
    day = day_of(clock.tables, calendar, t)
    return by_the_second(clock, inst[I_LIMIT]) or t <= due < end_of(clock.tables, calendar, day)


def too_early(inst: Record, t: int) -> bool:
    if inst[I_NOT_BEFORE] == NONE or t >= inst[I_NOT_BEFORE]:
        return False
    inst[I_FLAGS] |= F_EARLY
    return True


def conclude(prog: Program, work: Work) -> None:
    """Make the instances of the case rows of the outcome: what they say at `as_of`."""
    for x in range(work.scalars[W_BASE], work.scalars[W_COUNT]):
        inst = work.instances[x]
        if inst[I_STATE] == S_OPEN or inst[I_DUE] == NONE or inst[I_FLAGS] & DOUBTFUL:
            inst[I_STATE] = final_state(work, prog.rules[inst[I_RULE]], inst)
            if inst[I_FLAGS] & F_STILL_PAUSED:
                inst[I_DUE] = NONE


def final_state(work: Work, rule: Fixed, inst: Record) -> int:
    """What a row says at `as_of`, once it is known whether it can be judged at all."""
    flags, state = inst[I_FLAGS], inst[I_STATE]
    if state == S_VOID:
        return state
    if state == S_OPEN and stopped(inst):
        inst[I_FLAGS] |= F_STILL_PAUSED
    if flags & F_UNSET or flags & F_OUT_OF_RANGE or flags & F_DATE_ONLY:
        return S_UNSET
    agreed = rule[INSTANT_COL] >= 0 or (rule[AHEAD] and state == S_OPEN)
    if flags & F_WAITING or (agreed and inst[I_DUE] == NONE):
        return S_WAITING
    if inst[I_DUE] == NONE and inst[I_LIMIT] == UNSET and not rule[AHEAD]:
        inst[I_FLAGS] |= F_UNSET
        return S_UNSET
    return state if state != S_OPEN else open_state(work, rule, inst)


def open_state(work: Work, rule: Fixed, inst: Record) -> int:
    """The state of an instance that nothing has closed by `as_of`."""
    if inst[I_FLAGS] & F_MISSED or passed(rule, inst, work.scalars[W_AS_OF]):
        return S_LAPSED if rule[KIND] == WINDOW else S_OVERDUE
    return S_OPEN
