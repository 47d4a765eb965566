"""The meaning of the rules: one fold over the events of a case, in their order, with the due instants among them.

It knows integers only (`layout` says which is which): no fact, no name, no calendar's reason, no clock of its own.
The same source runs in two ways, interpreted on lists and compiled on arrays (`compiled`), so `clock`,
`instance`, `steps` and this module keep to one dialect: functions of integers and flat columns; no numpy, text,
exceptions, default arguments or dictionaries. Tests compare the two ways row by row.

At every event the rules are gone through once, in the order of dependence between them. What becomes of a rule is an
event in its turn for the rules after it: it acts after the event that raised it, also on what that event opened (to
void it, not to end it). Its voiding goes first as well: an early cure voids a duty at the same instant at which it
would have met it.
"""

from bihuan.engine.clock import NEVER, NONE
from bihuan.engine.instance import (
    Clock,
    Events,
    Out,
    Program,
    Work,
    anchor,
    dismiss,
    extend,
    finish,
    follow,
    holds,
    passed,
    pause,
    paused,
    refresh,
    restart,
    start,
    stopped,
    too_early,
    value,
)  # fmt: skip
from bihuan.engine.layout import *
from bihuan.engine.series import begin_series, next_period, open_period, reaches, reset_tally, tally_of
from bihuan.engine.steps import is_inside, judge, persons, report

MET, LATE, MISSED, VOIDED = 0, 1, 2, 3  # offsets of the outcome codes of a rule


def fold(
    prog: Program, clock: Clock, log: Events, work: Work, out: Out, case: int, stop: int, as_of: int
) -> int:
    """Judge the cases from `case` up to `stop`; answers how far it came, less than `stop` when a buffer was full."""
    while case < stop:
        rows, findings = out.used[O_ROWS], out.used[O_FINDINGS]
        fold_case(prog, clock, log, work, out, case, as_of)
        if out.used[O_FULL]:
            out.used[O_ROWS], out.used[O_FINDINGS] = rows, findings
            return case
        case += 1
    return case


def fold_case(prog: Program, clock: Clock, log: Events, work: Work, out: Out, case: int, as_of: int) -> None:
    clear(prog, log, work, case, as_of)
    row = work.scalars[W_FIRST]
    while row < work.scalars[W_STOP]:
        t = log.at[row]
        if work.scalars[W_NEXT] <= t and row > work.scalars[W_FIRST]:
            advance(prog, clock, log, work, out, row - 1, t)
        if row == work.scalars[W_FIRST]:
            # What is owed since the case began can be done by its first event.
            fire(prog, log, work, row, prog.shape[N_EVENTS] + START_OF_CASE, -1)
            settle(prog, clock, log, work, out, row, t)
        agree(prog, clock, log, work, row, t)
        if judge(prog, log, work, out, row, t):
            fire(prog, log, work, row, log.event[row], -1)
        settle(prog, clock, log, work, out, row, t)
        row += 1
    if row > work.scalars[W_FIRST]:
        advance(prog, clock, log, work, out, row - 1, as_of)
    write(prog, clock, work, out)


def clear(prog: Program, log: Events, work: Work, case: int, as_of: int) -> None:
    """Forget the case before."""
    for r in range(prog.shape[N_RULES]):
        work.head[r] = -1
        work.latest[r] = -1
        work.rounds[r] = 0
        work.seen[r] = 0
        work.fired[r] = 0
        work.raised[r] = 0
        work.raised_key[r] = -1
        work.marks[r] = -1
    for track in range(prog.shape[N_TRACKS]):
        work.states[track] = 0
    for k in range(prog.shape[N_PERIODIC]):
        work.period_at[k] = NEVER
    stop = log.offsets[case + 1]
    while stop > log.offsets[case] and log.at[stop - 1] > as_of:
        stop -= 1
    work.scalars[W_CASE] = case
    work.scalars[W_FIRST] = log.offsets[case]
    work.scalars[W_STOP] = stop
    work.scalars[W_AS_OF] = as_of
    work.scalars[W_NEXT] = NEVER
    work.scalars[W_COUNT] = 0
    work.scalars[W_TALLIES] = 0
    work.scalars[W_LOW] = prog.shape[N_RULES]
    work.scalars[W_HIGH] = -1


def agree(prog: Program, clock: Clock, log: Events, work: Work, row: int, t: int) -> None:
    """Open instances whose due time is an agreed instant follow it, until it has passed."""
    for k in range(prog.shape[N_FOLLOWS]):
        x = work.head[prog.follows[k]]
        while x >= 0:
            if not passed(prog, work, x, t):
                follow(prog, clock, log, work, x, row)
                refresh(prog, clock, work, x)
            x = work.instances[x + I_NEXT]


def fire(prog: Program, log: Events, work: Work, row: int, code: int, key: int) -> None:
    """Tell the rules that listen to an event or outcome; `settle` lets them act in the order of dependence."""
    for a in range(prog.action_from[code], prog.action_from[code + 1]):
        action = a * ACTION
        test = prog.actions[action + ACTION_TEST]
        if test >= 0 and holds(prog, log, row, test) != 1:
            continue
        r = prog.actions[action + ACTION_RULE]
        people = prog.actions[action + ACTION_PERSONS]
        if people > 1 and persons(prog, log, work, row, r, prog.actions[action + ACTION_SINCE]) < people:
            continue
        if code > prog.shape[N_EVENTS] + START_OF_CASE:
            work.raised[r] |= prog.actions[action + ACTION_BITS]
            if key >= 0:
                work.raised_key[r] = key
        else:
            work.fired[r] |= prog.actions[action + ACTION_BITS]
        if r < work.scalars[W_LOW]:
            work.scalars[W_LOW] = r
        if r > work.scalars[W_HIGH]:
            work.scalars[W_HIGH] = r


def settle(prog: Program, clock: Clock, log: Events, work: Work, out: Out, row: int, t: int) -> None:
    r = work.scalars[W_LOW]
    while r <= work.scalars[W_HIGH]:
        bits, raised = work.fired[r], work.raised[r]
        if bits | raised:
            key = work.raised_key[r]
            work.fired[r] = 0
            work.raised[r] = 0
            work.raised_key[r] = -1
            kind = prog.rules[r * RULE + KIND]
            if kind < COUNT:
                opened = work.scalars[W_COUNT] * INSTANCE
                if bits and raised & VOID:
                    oblige(prog, clock, log, work, out, r, VOID, row, t, key, opened)
                if bits:
                    oblige(prog, clock, log, work, out, r, bits, row, t, -1, opened)
                if raised:
                    oblige(prog, clock, log, work, out, r, raised, row, t, key, opened)
            elif kind == MARK:
                work.marks[r] = row
            elif kind == COUNT:
                tally(prog, clock, log, work, out, r, bits | raised, row, t, key)
            else:
                prohibit(prog, log, work, out, r, row, t)
        r += 1
    work.scalars[W_LOW] = prog.shape[N_RULES]
    work.scalars[W_HIGH] = -1


def prohibit(prog: Program, log: Events, work: Work, out: Out, r: int, row: int, t: int) -> None:
    rule = r * RULE
    if prog.rules[rule + WHEN] >= 0 and holds(prog, log, row, prog.rules[rule + WHEN]) != 1:
        return
    if prog.rules[rule + INSIDE] >= 0 and not is_inside(work, prog.rules[rule + INSIDE], t):
        return
    report(out, work, row, t, K_PROHIBITED, -1, r, -1)
    raise_outcome(prog, log, work, r, MET, row, -1)


def raise_outcome(prog: Program, log: Events, work: Work, r: int, outcome: int, row: int, key: int) -> None:
    code = prog.rules[r * RULE + OUTCOME]
    if code >= 0:
        fire(prog, log, work, row, code + outcome, key)


def key_of(prog: Program, log: Events, rule: int, row: int, key: int) -> int:
    """Which instance is meant: the key that an outcome brought, else the one the row carries; -1: none."""
    if prog.rules[rule + PER] < 0:
        return -1
    return key if key >= 0 else value(prog, log, row, prog.rules[rule + PER])


def oblige(
    prog: Program,
    clock: Clock,
    log: Events,
    work: Work,
    out: Out,
    r: int,
    bits: int,
    row: int,
    t: int,
    key: int,
    opened: int,
) -> None:
    """One instant for one rule: its open instances react first, then a trigger may open a new one.

    Instances from `opened` on were opened by this event; neither it nor what it raised can end them.
    """
    rule = r * RULE
    key = key_of(prog, log, rule, row, key)
    if bits & VOID and prog.rules[rule + PERIOD] >= 0:
        work.period_at[prog.rules[rule + PERIOD]] = NEVER
    x = work.head[r]
    while x >= 0:
        older = work.instances[x + I_NEXT]
        mine = work.instances[x + I_KEY] == key
        if mine or key < 0:
            react(prog, clock, log, work, out, x, bits, row, t, mine and x < opened)
        x = older
    parts = prog.rules[rule + AFTER_PARTS]
    if parts and bits & parts:
        work.seen[r] |= bits & parts
        if work.seen[r] == parts:
            work.seen[r] = 0
            bits |= START
    if bits & START:
        if prog.rules[rule + PERIOD] >= 0:
            begin_series(
                prog, clock, log, work, r, prog.rules[rule + PERIOD], t, log.enters[work.scalars[W_CASE]]
            )
        else:
            start(prog, clock, log, work, out, r, row, t, key)


def react(
    prog: Program,
    clock: Clock,
    log: Events,
    work: Work,
    out: Out,
    x: int,
    bits: int,
    row: int,
    t: int,
    mine: bool,
) -> None:
    """What an event does to an open instance. Void beats done; an event without the key cannot end a keyed one."""
    rule = work.instances[x + I_RULE] * RULE
    if prog.rules[rule + PAUSES] < prog.rules[rule + PAUSES_END]:
        pause(prog, clock, work, x, bits, t)
    if prog.rules[rule + EXTENSIONS] < prog.rules[rule + EXTENSIONS_END]:
        extend(prog, clock, log, work, x, bits, row, t)
    if bits & VOID:
        if dismiss(prog, work, x, row, t):
            raise_outcome(prog, log, work, work.instances[x + I_RULE], VOIDED, row, work.instances[x + I_KEY])
        return
    if mine and ends(prog, work, out, x, bits, row, t):
        close(prog, clock, log, work, out, x, row, t)
        return
    if bits & RESTART:
        restart(prog, clock, log, work, x, row, t)
    if bits & ANCHOR:
        anchor(prog, clock, log, work, x, row, t)
        refresh(prog, clock, work, x)


def ends(prog: Program, work: Work, out: Out, x: int, bits: int, row: int, t: int) -> bool:
    """Whether what was owed is now complete: all parts, often enough, and not before it may happen."""
    inst = work.instances
    r = inst[x + I_RULE]
    rule = r * RULE
    parts = prog.rules[rule + OWES_PARTS]
    if not bits & (parts | END) or (prog.rules[rule + PERIOD] >= 0 and work.latest[r] != x):
        return False
    if too_early(work, x, t):
        report(out, work, row, t, K_EARLY, -1, r, -1)
        return False
    if parts:
        inst[x + I_PARTS] |= bits & parts
        if inst[x + I_PARTS] & parts != parts:
            return False
        inst[x + I_PARTS] &= ~parts
    inst[x + I_HITS] += 1
    return inst[x + I_HITS] >= prog.rules[rule + HITS]


def close(prog: Program, clock: Clock, log: Events, work: Work, out: Out, x: int, row: int, t: int) -> None:
    finish(prog, clock, log, work, x, row, t)
    work.scalars[W_AMOUNT] = t - work.instances[x + I_STARTED]
    state = work.instances[x + I_STATE]
    r, key = work.instances[x + I_RULE], work.instances[x + I_KEY]
    if state == S_LATE:
        raise_outcome(prog, log, work, r, LATE, row, key)
    elif state == S_MET or state == S_USED:
        raise_outcome(prog, log, work, r, MET, row, key)


def tally(
    prog: Program,
    clock: Clock,
    log: Events,
    work: Work,
    out: Out,
    r: int,
    bits: int,
    row: int,
    t: int,
    key: int,
) -> None:
    """Count, and raise `reached` when the number is full."""
    rule = r * RULE
    key = key_of(prog, log, rule, row, key)
    if bits & RESTART:
        reset_tally(prog, work, r, key)
    if not bits & START or (
        prog.rules[rule + WHEN] >= 0 and holds(prog, log, row, prog.rules[rule + WHEN]) != 1
    ):
        return
    n = tally_of(prog, work, out, r, key)
    if n >= 0 and reaches(prog, clock, work, r, n, t):
        report(out, work, row, t, K_REACHED, -1, r, key)
        raise_outcome(prog, log, work, r, MET, row, key)


# Time that passes


def advance(prog: Program, clock: Clock, log: Events, work: Work, out: Out, row: int, t: int) -> None:
    """Let time pass up to the events at `t`: periods begin, due times pass undone. `row` is the last row before.

    An event at the due instant is in time, so at `t` itself nothing is missed yet (except under `strict`).
    """
    while work.scalars[W_NEXT] <= t:
        x, at = next_missed(prog, work, t)
        k, begins = next_period(prog, work, t)
        if k >= 0 and begins <= at:
            open_period(prog, clock, log, work, out, k, row)
        elif x >= 0:
            work.instances[x + I_FLAGS] |= F_MISSED
            raise_outcome(prog, log, work, work.instances[x + I_RULE], MISSED, row, work.instances[x + I_KEY])
            settle(prog, clock, log, work, out, row, at)
        else:
            work.scalars[W_NEXT] = min(at, begins)
            return
        if out.used[O_FULL]:
            return


def next_missed(prog: Program, work: Work, t: int) -> tuple[int, int]:
    """The watched instance that is missed first before `t`, or (-1, the next instant to look again)."""
    found, earliest, later = -1, NEVER, NEVER
    for r in range(prog.shape[N_RULES]):
        if not prog.rules[r * RULE + WATCHED]:
            continue
        x = work.head[r]
        while x >= 0:
            due = work.instances[x + I_DUE]
            if due != NONE and not work.instances[x + I_FLAGS] & F_MISSED and not stopped(work, x):
                if passed(prog, work, x, t):
                    if due < earliest:
                        found, earliest = x, due
                elif due < later:
                    later = due + 1 - prog.rules[r * RULE + STRICT]
            x = work.instances[x + I_NEXT]
    if found >= 0:
        return found, earliest
    return -1, later


def write(prog: Program, clock: Clock, work: Work, out: Out) -> None:
    """Write out the rows of the case, in the order in which they were opened."""
    n = out.used[O_ROWS]
    if n + work.scalars[W_COUNT] > len(out.rule):
        out.used[O_FULL] = 1
        return
    inst = work.instances
    for x in range(0, work.scalars[W_COUNT] * INSTANCE, INSTANCE):
        out.case[n] = work.scalars[W_CASE]
        out.rule[n] = inst[x + I_RULE]
        out.round[n] = inst[x + I_ROUND]
        out.key[n] = inst[x + I_KEY]
        out.row[n] = inst[x + I_ROW]
        out.started[n] = inst[x + I_STARTED]
        out.warn[n] = inst[x + I_WARN]
        out.done[n] = inst[x + I_DONE]
        out.ended[n] = inst[x + I_ENDED]
        out.end_row[n] = inst[x + I_END_ROW]
        out.limit[n] = inst[x + I_LIMIT]
        out.calendar[n] = inst[x + I_CALENDAR]
        out.extra[n] = inst[x + I_EXTRA]
        out.paused[n] = paused(clock, work, x)
        out.state[n] = final_state(prog, work, x)
        out.flags[n] = inst[x + I_FLAGS]
        out.due[n] = NONE if inst[x + I_FLAGS] & F_STILL_PAUSED else inst[x + I_DUE]
        n += 1
    out.used[O_ROWS] = n


def final_state(prog: Program, work: Work, x: int) -> int:
    """What a row says at `as_of`, once it is known whether it can be judged at all."""
    inst = work.instances
    flags, state, rule = inst[x + I_FLAGS], inst[x + I_STATE], inst[x + I_RULE] * RULE
    if state == S_VOID:
        return state
    if state == S_OPEN and stopped(work, x):
        inst[x + I_FLAGS] |= F_STILL_PAUSED
    if flags & F_UNSET or flags & F_OUT_OF_RANGE or flags & F_DATE_ONLY:
        return S_UNSET
    agreed = prog.rules[rule + INSTANT_COL] >= 0 or (prog.rules[rule + AHEAD] and state == S_OPEN)
    if flags & F_WAITING or (agreed and inst[x + I_DUE] == NONE):
        return S_WAITING
    if inst[x + I_DUE] == NONE and inst[x + I_LIMIT] == UNSET and not prog.rules[rule + AHEAD]:
        inst[x + I_FLAGS] |= F_UNSET
        return S_UNSET
    return state if state != S_OPEN else open_state(prog, work, x)


def open_state(prog: Program, work: Work, x: int) -> int:
    """The state of an instance that nothing has closed by `as_of`."""
    if work.instances[x + I_FLAGS] & F_MISSED or passed(prog, work, x, work.scalars[W_AS_OF]):
        return S_LAPSED if prog.rules[work.instances[x + I_RULE] * RULE + KIND] == WINDOW else S_OVERDUE
    return S_OPEN
