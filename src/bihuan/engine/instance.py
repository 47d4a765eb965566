"""One instance of a rule: opened by a trigger, its limits looked up, its due time computed.

Part of the fold (see `fold` for the dialect). What moves the due time afterwards is in `pauses`, what ends the
instance in `endings`.
"""

from bihuan.engine.clock import (
    DEFAULT,
    NONE,
    SECONDS,
    WORKING_SECONDS,
    day_of,
    due_at,
    effective_start,
    instant,
    lead_before,
)
from bihuan.engine.layout import *
from bihuan.engine.work import (
    Clock,
    Events,
    Fixed,
    Out,
    Program,
    Record,
    Work,
    concerns,
    first_known,
    holds,
    value,
)


def limit_at(prog: Program, log: Events, work: Work, inst: Record, fixed: int, column: int, row: int) -> int:
    """The limit in force for an instance: the rule's own, or looked up in a column, if need be at a later row."""
    if column < 0:
        return fixed
    known = first_known(prog, log, work, prog.rules[inst[I_RULE]], row, column)
    if known < 0:
        inst[I_FLAGS] |= F_WAITING
        return UNSET
    if log.at[known] > log.at[row]:
        inst[I_FLAGS] |= F_LATER_FACT
    if value(prog, log, known, column) == LACKS:
        inst[I_FLAGS] |= F_UNSET
        return UNSET
    return value(prog, log, known, column)


def applies(prog: Program, log: Events, work: Work, rule: Fixed, row: int, t: int) -> int:
    """The flags with which a rule begins at `t`, decided at the first row that can tell its condition; -1: it does not."""
    test = rule[WHEN]
    if test < 0:
        return 0
    known = row
    while known < work.scalars[W_STOP] and (
        holds(prog, log, known, test) == -1 or not concerns(log, rule, row, known)
    ):
        known += 1
    if known == work.scalars[W_STOP]:
        return F_WAITING
    if holds(prog, log, known, test) == 0:
        return -1
    flags = F_UNSET if holds(prog, log, known, test) == LACKS else 0
    return flags | F_LATER_FACT if log.at[known] > t else flags


def is_owed(prog: Program, log: Events, work: Work, rule: Fixed, inst: Record) -> bool:
    """Whether it is known that what an open instance asks for is owed (docs/semantics.md#unknown-is-no-violation)."""
    if not inst[I_FLAGS] & (F_WAITING | F_UNSET):
        return True
    return applies(prog, log, work, rule, inst[I_ROW], inst[I_STARTED]) & (F_WAITING | F_UNSET) == 0


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
    """A new instance of rule `r` that begins at `t`; -1 where there is no room."""
    x = work.scalars[W_COUNT]
    if x == len(work.instances):
        out.used[O_FULL] = 1
        return -1
    work.scalars[W_COUNT] = x + 1
    rounds = work.rounds[r] + 1
    work.rounds[r] = rounds
    work.instances[x] = prog.blank[r][:]
    inst = work.instances[x]
    inst[I_ROUND] = rounds
    if prog.rules[r][PER] >= 0:  # what has no value is a matter of its own
        inst[I_KEY] = key
        inst[I_ROUND] = round_of(work, r, x, key)
    inst[I_ROW] = row
    inst[I_STARTED] = t
    if flags:
        inst[I_FLAGS] |= flags
    inst[I_NEXT] = work.head[r]
    work.head[r] = x
    start_clock(prog, clock, log, work, prog.rules[r], inst, row, t)
    return x


def round_of(work: Work, r: int, x: int, key: int) -> int:
    """The round of a new instance: how often the rule, for this key, has begun."""
    count = 1
    for y in range(work.scalars[W_BASE], x):
        if work.instances[y][I_RULE] == r and work.instances[y][I_KEY] == key:
            count += 1
    return count


def restart(prog: Program, clock: Clock, log: Events, work: Work, x: int, row: int, t: int) -> None:
    """The clock starts anew in the same round, limits are looked up again; a pause that is still running goes on."""
    inst = work.instances[x]
    inst[WOUND:] = prog.blank[inst[I_RULE]][WOUND:]
    inst[I_STARTED] = t
    inst[I_PAUSED_AT] = t
    undecided = inst[I_FLAGS] & (F_UNSET | F_WAITING | F_LATER_FACT)
    inst[I_FLAGS] &= ~(F_MISSED | F_OUT_OF_RANGE | F_DATE_ONLY | undecided)
    if undecided:  # of limits looked up before nothing stays; whether it is owed was settled when it opened
        opened = inst[I_ROW]
        inst[I_FLAGS] |= prog.blank[inst[I_RULE]][I_FLAGS]
        inst[I_FLAGS] |= applies(prog, log, work, prog.rules[inst[I_RULE]], opened, log.at[opened])
    start_clock(prog, clock, log, work, prog.rules[inst[I_RULE]], inst, row, t)
    inst[I_FLAGS] |= F_RESTARTED


def start_clock(
    prog: Program, clock: Clock, log: Events, work: Work, rule: Fixed, inst: Record, row: int, t: int
) -> None:
    """Set the clock of a blank instance that begins at `t`; what its rule does not fix is looked up at `row`."""
    inst[I_BEGAN] = row
    if rule[LOOKS_UP]:
        look_up(prog, clock, log, work, rule, inst, row, t)
    if log.whole_day[row] and cannot_tell(clock, inst):
        inst[I_FLAGS] |= F_DATE_ONLY
    refresh(clock, work, rule, inst)


def clock_begins(clock: Clock, rule: Fixed, inst: Record) -> int:
    """From when on time counts: the start, moved where it lies outside hours and the conventions say so."""
    begins = NONE
    if clock.days.moves[rule[DAYS]]:
        begins = effective_start(clock.tables, clock.days, rule[DAYS], inst[I_CALENDAR], inst[I_STARTED])
    return max(begins, inst[I_STARTED])


def cannot_tell(clock: Clock, inst: Record) -> bool:
    """Whether a start whose time of day is unknown leaves the due time unknown."""
    return inst[I_CALENDAR] >= 0 and inst[I_LIMIT] >= 0 and by_the_second(clock, inst[I_LIMIT])


def by_the_second(clock: Clock, limit: int) -> bool:
    return clock.limits.kind[limit] == SECONDS or clock.limits.kind[limit] == WORKING_SECONDS


def look_up(
    prog: Program, clock: Clock, log: Events, work: Work, rule: Fixed, inst: Record, row: int, t: int
) -> None:
    """The calendar and limits that facts give, the bounds, and the agreed instant."""
    if rule[CALENDAR_COL] >= 0:
        inst[I_CALENDAR] = limit_at(prog, log, work, inst, 0, rule[CALENDAR_COL], row)
    inst[I_LIMIT] = limit_at(prog, log, work, inst, rule[WITHIN], rule[WITHIN_COL], row)
    if inst[I_CALENDAR] >= 0:
        set_bounds(prog, clock, log, work, rule, inst, row, t)
    follow(prog, clock, log, work, rule, inst, row)


def set_bounds(
    prog: Program, clock: Clock, log: Events, work: Work, rule: Fixed, inst: Record, row: int, t: int
) -> None:
    """The earlier goal and the instant before which nothing counts; a goal nobody knows makes no row unset."""
    days, calendar, flags = rule[DAYS], inst[I_CALENDAR], inst[I_FLAGS]
    target = limit_at(prog, log, work, inst, rule[TARGET], rule[TARGET_COL], row)
    inst[I_FLAGS] = flags
    if target >= 0:
        inst[I_WARN] = due_at(clock.tables, clock.limits, clock.days, target, days, calendar, t, 0, 0)
    limit = limit_at(prog, log, work, inst, rule[NOT_BEFORE], rule[NOT_BEFORE_COL], row)
    if limit >= 0:
        inst[I_NOT_BEFORE] = not_before(clock, limit, rule[NOT_BEFORE_DAYS], calendar, t)


def not_before(clock: Clock, limit: int, days: int, calendar: int, t: int) -> int:
    """The first instant that counts: exact for hours and clock times, the beginning of the day for whole days."""
    at = due_at(clock.tables, clock.limits, clock.days, limit, days, calendar, t, 0, 0)
    if at == NONE or by_the_second(clock, limit) or clock.limits.clock[limit] != DEFAULT:
        return at
    return instant(clock.tables, calendar, day_of(clock.tables, calendar, at), 0)


def follow(prog: Program, clock: Clock, log: Events, work: Work, rule: Fixed, inst: Record, row: int) -> None:
    """Take over the agreed instant that the row knows; a later one moves the due time while it has not passed."""
    for column in (rule[INSTANT_COL], rule[AHEAD_COL]):
        if column < 0:
            continue
        agreed = value(prog, log, row, column)
        if agreed == NONE or agreed == inst[I_INSTANT]:
            continue
        if inst[I_INSTANT] != NONE:
            inst[I_FLAGS] |= F_MOVED
        inst[I_INSTANT] = agreed
        if column == rule[INSTANT_COL]:
            inst[I_FIXED] = agreed
        else:
            anchor(prog, clock, log, work, rule, inst, row, agreed)


def anchor(
    prog: Program, clock: Clock, log: Events, work: Work, rule: Fixed, inst: Record, row: int, t: int
) -> None:
    """Due ahead of `t`: by the rule's lead, or at `t` itself."""
    lead = limit_at(prog, log, work, inst, rule[LEAD], rule[LEAD_COL], row)
    inst[I_AHEAD] = t
    if lead >= 0:
        inst[I_AHEAD] = lead_before(
            clock.tables, clock.limits, clock.days, lead, rule[DAYS], inst[I_CALENDAR], t
        )


def refresh(clock: Clock, work: Work, rule: Fixed, inst: Record) -> None:
    """Compute the due time anew from start, amount and pauses; nothing else ever does."""
    due, limit = inst[I_FIXED], inst[I_LIMIT]
    if due == NONE and limit >= 0 and inst[I_CALENDAR] >= 0 and not inst[I_FLAGS] & F_UNSET:
        taken = paused(clock, inst)
        if taken != NONE:
            due = due_at(
                clock.tables, clock.limits, clock.days, limit, rule[DAYS], inst[I_CALENDAR],
                inst[I_STARTED], inst[I_EXTRA], taken,
            )  # fmt: skip
        if due == NONE:
            inst[I_FLAGS] |= F_OUT_OF_RANGE
    if inst[I_PERIOD_END] != NONE and limit == UNLIMITED:
        due = inst[I_PERIOD_END]
    ahead = inst[I_AHEAD]
    if ahead != NONE and (due == NONE or ahead < due):
        due = ahead
    inst[I_DUE] = due
    if rule[WATCHED] and due != NONE and due < work.scalars[W_NEXT]:
        work.scalars[W_NEXT] = due


def paused(clock: Clock, inst: Record) -> int:
    """What its pauses took, in the unit of the limit in force."""
    if inst[I_LIMIT] < 0 or not inst[I_FLAGS] & F_PAUSED:
        return 0
    return inst[I_PAUSED + clock.limits.measure[inst[I_LIMIT]]]


def stopped(inst: Record) -> bool:
    """Whether a running pause leaves an instance without a due time: it stops the clock, or holds what falls due."""
    if inst[I_PAUSING]:
        return True
    return inst[I_HELD_AT] != NONE and inst[I_DUE] != NONE and inst[I_HELD_AT] < inst[I_DUE]


def passed(rule: Fixed, inst: Record, t: int) -> bool:
    """Whether `t` is too late for an instance."""
    due = inst[I_DUE]
    if due == NONE or t < due or stopped(inst):
        return False
    return t > due or rule[STRICT] == 1
