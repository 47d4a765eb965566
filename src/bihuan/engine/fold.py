"""The meaning of the rules: one fold over the events of a case, in their order, with the due instants among them.

It knows integers only (`layout` says which is which): no fact, no name, no calendar's reason, no clock of its own.
The same source runs in two ways, interpreted on lists and compiled on arrays (`compiled`), so `civil`, `worktime`,
`clock`, `work`, `instance`, `pauses`, `endings`, `steps`, `series`, `written` and this module keep to one dialect:
functions of integers and flat columns; no numpy, text, exceptions, default arguments or dictionaries. Tests compare
the two ways row by row.

At every event the rules are gone through once, in the order of dependence between them. What becomes of a rule is an
event in its turn for the rules after it: it acts after the event that raised it, also on what that event opened (to
void it, not to end it). Its voiding goes first as well: an early cure voids a duty at the same instant at which it
would have met it.
"""

from bihuan.engine.clock import NEVER, NONE
from bihuan.engine.endings import conclude, dismiss, finish, too_early
from bihuan.engine.instance import (
    anchor,
    applies,
    follow,
    is_owed,
    open_instance,
    passed,
    refresh,
    restart,
    stopped,
)
from bihuan.engine.layout import *
from bihuan.engine.pauses import extend, pause
from bihuan.engine.series import begin_series, next_period, open_period, reaches, reset_tally, tally_of
from bihuan.engine.steps import is_inside, judge, persons, report
from bihuan.engine.work import Clock, Events, Fixed, Out, Program, Record, Work, concerns, holds, value

MET, LATE, MISSED, VOIDED = 0, 1, 2, 3  # offsets of the outcome codes of a rule


def fold(
    prog: Program, clock: Clock, log: Events, work: Work, out: Out, case: int, stop: int, as_of: int
) -> int:
    """Judge the cases from `case` up to `stop`; answers how far it came, less than `stop` when a buffer was full."""
    while case < stop:
        count, findings = work.scalars[W_COUNT], out.used[O_FINDINGS]
        fold_case(prog, clock, log, work, out, case, as_of)
        if out.used[O_FULL]:
            work.scalars[W_COUNT], out.used[O_FINDINGS] = count, findings
            return case
        case += 1
    return case


def fold_case(prog: Program, clock: Clock, log: Events, work: Work, out: Out, case: int, as_of: int) -> None:
    begin_case(prog, clock, log, work, out, case, as_of)
    first, stop = work.scalars[W_FIRST], work.scalars[W_STOP]
    if first < stop:
        fold_rows(prog, clock, log, work, out, first, stop)
        conclude(prog, work)
    out.next[case - out.used[O_BEGIN]] = next_change(log, work, case)


def next_change(log: Events, work: Work, case: int) -> int:
    """The next instant at which time alone may change something, or an event of the log that is still to come."""
    stop, earliest = work.scalars[W_STOP], work.scalars[W_NEXT]
    if stop < log.offsets[case + 1] and log.at[stop] < earliest:
        return log.at[stop]
    return earliest


def begin_case(prog: Program, clock: Clock, log: Events, work: Work, out: Out, case: int, as_of: int) -> None:
    clear(prog, log, work, case, as_of)
    first = work.scalars[W_FIRST]
    if first < work.scalars[W_STOP] and not log.enters[case]:  # who is in a register begins by entering it
        hear(prog, clock, log, work, out, first, log.at[first], prog.shape[N_START], EFFECTIVE)


def fold_rows(prog: Program, clock: Clock, log: Events, work: Work, out: Out, begin: int, stop: int) -> None:
    """Events of a case that go on from those before `begin`; after its last one, time passes up to `as_of`."""
    first = work.scalars[W_FIRST]
    for row in range(begin, stop):
        t = log.at[row]
        code = log.event[row]
        if work.scalars[W_NEXT] <= t and row > first:
            advance(prog, clock, log, work, out, row - 1, t)
        if prog.shape[N_FOLLOWS]:
            agree(prog, clock, log, work, row, t)
        effect = EFFECTIVE
        if prog.step_from[code] < prog.step_from[code + 1]:
            effect = judge(prog, log, work, out, row, t)
        if effect != REFUSED:
            hear(prog, clock, log, work, out, row, t, code, effect)
    if stop == work.scalars[W_STOP] and work.scalars[W_NEXT] <= work.scalars[W_AS_OF]:
        advance(prog, clock, log, work, out, stop - 1, work.scalars[W_AS_OF])


def clear(prog: Program, log: Events, work: Work, case: int, as_of: int) -> None:
    """Forget the case before."""
    rules = prog.shape[N_RULES]
    work.head[0:rules] = prog.nothing[0:rules]
    work.latest[0:rules] = prog.nothing[0:rules]
    work.marks[0:rules] = prog.nothing[0:rules]
    work.rounds[0:rules] = prog.zeros[0:rules]
    work.seen[0:rules] = prog.zeros[0:rules]
    for track in range(prog.shape[N_TRACKS]):
        work.states[track] = 0
    for k in range(prog.shape[N_PERIODIC]):
        work.period_at[k] = NEVER
    first, stop = log.offsets[case], log.offsets[case + 1]
    while stop > first and log.at[stop - 1] > as_of:
        stop -= 1
    work.scalars[W_CASE] = case
    work.scalars[W_FIRST] = first
    work.scalars[W_STOP] = stop
    work.scalars[W_AS_OF] = as_of
    work.scalars[W_NEXT] = NEVER
    work.scalars[W_BASE] = work.scalars[W_COUNT]
    work.scalars[W_TALLIES] = 0
    work.scalars[W_ENDED] = -1
    work.scalars[W_VOIDED] = -1
    work.scalars[W_LOW] = rules
    work.scalars[W_HIGH] = -1


def agree(prog: Program, clock: Clock, log: Events, work: Work, row: int, t: int) -> None:
    """Open instances whose due time is an agreed instant follow it, until it has passed."""
    for k in range(prog.shape[N_FOLLOWS]):
        rule = prog.rules[prog.follows[k]]
        x = work.head[prog.follows[k]]
        while x >= 0:
            inst = work.instances[x]
            mine = rule[PER] < 0 or is_told(prog, log, rule, inst, row)
            if mine and concerns(log, rule, inst[I_ROW], row) and not passed(rule, inst, t):
                follow(prog, clock, log, work, rule, inst, row)
                refresh(clock, work, rule, inst)
            x = inst[I_NEXT]


def is_told(prog: Program, log: Events, rule: Fixed, inst: Record, row: int) -> bool:
    """Whether a row says itself, of an instance's own key, what was agreed."""
    if value(prog, log, row, rule[PER]) != inst[I_KEY]:
        return False
    return rule[BRINGS] < 0 or holds(prog, log, row, rule[BRINGS]) == 1


# What happens, and who hears of it


def hear(
    prog: Program,
    clock: Clock,
    log: Events,
    work: Work,
    out: Out,
    row: int,
    t: int,
    code: int,
    effect: int,
) -> None:
    """Let the rules that listen to an event act, and between them, in their order, those that hear what they raise."""
    for n in range(prog.heard_from[code], prog.heard_from[code + 1]):
        heard = prog.heard[n]
        r, does = heard[HEARD_RULE], heard[HEARD_DOES]
        if work.scalars[W_LOW] <= r:
            settle(prog, clock, log, work, out, row, t, r)
            does = ACTS
        x = work.head[r]
        if does == OPENS and x < 0:
            open_instance(prog, clock, log, work, out, r, row, t, -1, 0)
        elif does == ENDS:
            if x >= 0 and effect == EFFECTIVE:
                end(prog, clock, log, work, out, x, prog.rules[r], work.instances[x], row, t)
        else:
            bits = bits_of(prog, log, work, out, row, heard)
            if effect == ENDS_NOTHING:
                bits &= ~prog.rules[r][OWES]
            if bits:
                act(prog, clock, log, work, out, r, bits, row, t)
    if work.scalars[W_LOW] < prog.shape[N_RULES]:
        settle(prog, clock, log, work, out, row, t, prog.shape[N_RULES])
    if work.scalars[W_UNTOLD]:
        tell_the_rest(prog, clock, log, work, out, row, t)


def bits_of(prog: Program, log: Events, work: Work, out: Out, row: int, heard: Fixed) -> int:
    """What an event fires in a rule: of the events meant, done by as many persons."""
    bits = heard[HEARD_BITS]
    for a in range(heard[HEARD_ASKS], heard[HEARD_ASKS_END]):
        ask = prog.asks[a]
        if ask[ASK_TEST] >= 0 and holds(prog, log, row, ask[ASK_TEST]) != 1:
            continue
        if ask[ASK_PERSONS] < 2 or are_enough(
            prog, log, work, out, row, prog.rules[heard[HEARD_RULE]], ask, heard
        ):
            bits |= ask[ASK_BITS]
    return bits


def are_enough(
    prog: Program, log: Events, work: Work, out: Out, row: int, rule: Fixed, ask: Fixed, heard: Fixed
) -> bool:
    """Whether so many different persons did it; what ends an instance counts only from its start on."""
    begin, x = work.scalars[W_FIRST], work.head[heard[HEARD_RULE]]
    if x >= 0 and not ask[ASK_BITS] & (START | rule[AFTER_PARTS]):
        begin = work.instances[x][I_BEGAN] + 1
    return persons(prog, log, work, out, begin, row, ask[ASK_MARK], ask[ASK_SINCE]) >= ask[ASK_PERSONS]


def raise_outcome(prog: Program, log: Events, work: Work, out: Out, code: int, row: int, key: int) -> None:
    """Tell the rules that listen to what became of a rule; they hear it in their turn."""
    for n in range(prog.heard_from[code], prog.heard_from[code + 1]):
        bits = bits_of(prog, log, work, out, row, prog.heard[n])
        if bits == 0:
            continue
        listener = prog.heard[n][HEARD_RULE]
        work.raised[listener] |= bits
        if key >= 0:
            work.raised_key[listener] = key
        work.scalars[W_LOW] = min(work.scalars[W_LOW], listener)
        work.scalars[W_HIGH] = max(work.scalars[W_HIGH], listener)


def settle(
    prog: Program, clock: Clock, log: Events, work: Work, out: Out, row: int, t: int, stop: int
) -> None:
    """Let the rules before `stop` act that were told something and have no event of their own."""
    r = work.scalars[W_LOW]
    while r < stop and r <= work.scalars[W_HIGH]:
        if work.raised[r]:
            act(prog, clock, log, work, out, r, 0, row, t)
        r += 1
    if r > work.scalars[W_HIGH]:
        r = prog.shape[N_RULES]
        work.scalars[W_HIGH] = -1
    work.scalars[W_LOW] = r


def act(
    prog: Program, clock: Clock, log: Events, work: Work, out: Out, r: int, bits: int, row: int, t: int
) -> None:
    """One rule at one instant: what the event says to it, and what was raised."""
    raised, key, kind = work.raised[r], work.raised_key[r], prog.rules[r][KIND]
    work.raised[r] = 0
    work.raised_key[r] = -1
    if kind < COUNT:
        opened = work.scalars[W_COUNT]
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


# What a rule does


def prohibit(prog: Program, log: Events, work: Work, out: Out, r: int, row: int, t: int) -> None:
    rule = prog.rules[r]
    if rule[WHEN] >= 0 and holds(prog, log, row, rule[WHEN]) != 1:
        return
    if rule[INSIDE] >= 0 and not is_inside(work, rule[INSIDE], t):
        return
    report(out, work, row, t, K_PROHIBITED, -1, r, -1)
    if rule[OUTCOME] >= 0:
        raise_outcome(prog, log, work, out, rule[OUTCOME] + MET, row, -1)


def key_of(prog: Program, log: Events, rule: Fixed, row: int, key: int) -> int:
    """Which instance is meant: the key that an outcome brought, else the one the row carries; -1: none."""
    if rule[PER] < 0:
        return -1
    return key if key >= 0 else value(prog, log, row, rule[PER])


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
    rule = prog.rules[r]
    key = key_of(prog, log, rule, row, key)
    x = work.head[r]
    while x >= 0:
        inst = work.instances[x]
        older = inst[I_NEXT]
        mine = inst[I_KEY] == key
        if mine or key < 0:
            react(prog, clock, log, work, out, x, rule, bits, row, t, mine and x < opened)
        x = older
    if bits & VOID and rule[PERIOD] >= 0:
        work.period_at[rule[PERIOD]] = NEVER
    if bits >= PART and bits & rule[AFTER_PARTS]:
        work.seen[r] |= bits & rule[AFTER_PARTS]
        if work.seen[r] == rule[AFTER_PARTS]:
            work.seen[r] = 0
            bits |= START
    if bits & START:
        if rule[PERIOD] >= 0:
            begin_series(prog, clock, log, work, r, rule[PERIOD], t, log.enters[work.scalars[W_CASE]])
        else:
            start(prog, clock, log, work, out, r, rule, row, t, key)


def start(
    prog: Program,
    clock: Clock,
    log: Events,
    work: Work,
    out: Out,
    r: int,
    rule: Fixed,
    row: int,
    t: int,
    key: int,
) -> None:
    """A trigger: open an instance unless one is open, the rule is spent, or it does not apply."""
    x = work.head[r]
    while x >= 0 and work.instances[x][I_KEY] != key:
        x = work.instances[x][I_NEXT]
    if x >= 0:
        inst = work.instances[x]
        if rule[KIND] != WINDOW or not passed(rule, inst, t):
            inst[I_FLAGS] |= F_IGNORED
            return
        dismiss(prog, work, x, row, t)  # a window that has lapsed is closed
        inst[I_ENDED] = NONE
    if rule[ONCE] and work.rounds[r]:
        return
    flags = applies(prog, log, work, rule, row, t)
    if flags >= 0:
        open_instance(prog, clock, log, work, out, r, row, t, key, flags)


def react(
    prog: Program,
    clock: Clock,
    log: Events,
    work: Work,
    out: Out,
    x: int,
    rule: Fixed,
    bits: int,
    row: int,
    t: int,
    mine: bool,
) -> None:
    """What an event does to an open instance. Void beats done; an event without the key cannot end a keyed one."""
    inst = work.instances[x]
    if bits >= PART:
        if rule[PAUSES] < rule[PAUSES_END]:
            pause(prog, clock, work, rule, inst, bits, t)
        if rule[EXTENSIONS] < rule[EXTENSIONS_END]:
            extend(prog, clock, log, work, rule, inst, bits, row, t)
    if bits & VOID:
        if dismiss(prog, work, x, row, t) and rule[OUTCOME] >= 0 and is_owed(prog, log, work, rule, inst):
            raise_void(prog, log, work, out, x, row)
        return
    if mine and bits & rule[OWES] and ends(prog, log, work, out, x, rule, inst, bits, row, t):
        end(prog, clock, log, work, out, x, rule, inst, row, t)
        return
    if bits & RESTART:
        restart(prog, clock, log, work, x, row, t)
    if bits & ANCHOR and not passed(rule, inst, t):
        anchor(prog, clock, log, work, rule, inst, row, t)
        refresh(clock, work, rule, inst)


def raise_void(prog: Program, log: Events, work: Work, out: Out, x: int, row: int) -> None:
    """Raise that an instance is void; of several of a rule that one event voids, one now and the others after it."""
    inst = work.instances[x]
    told = row * prog.shape[N_RULES] + inst[I_RULE]
    if work.scalars[W_VOIDED] == told:
        inst[I_FLAGS] |= F_UNTOLD
        work.scalars[W_UNTOLD] = 1
        return
    work.scalars[W_VOIDED] = told
    work.scalars[W_ENDED] = x
    raise_outcome(prog, log, work, out, prog.rules[inst[I_RULE]][OUTCOME] + VOIDED, row, inst[I_KEY])


def tell_the_rest(prog: Program, clock: Clock, log: Events, work: Work, out: Out, row: int, t: int) -> None:
    """Raise, one by one, what else is void."""
    while work.scalars[W_UNTOLD]:
        work.scalars[W_UNTOLD] = 0
        for x in range(work.scalars[W_BASE], work.scalars[W_COUNT]):
            inst = work.instances[x]
            if inst[I_FLAGS] & F_UNTOLD:
                inst[I_FLAGS] &= ~F_UNTOLD
                work.scalars[W_ENDED] = x
                code = prog.rules[inst[I_RULE]][OUTCOME] + VOIDED
                raise_outcome(prog, log, work, out, code, row, inst[I_KEY])
                settle(prog, clock, log, work, out, row, t, prog.shape[N_RULES])


def ends(
    prog: Program,
    log: Events,
    work: Work,
    out: Out,
    x: int,
    rule: Fixed,
    inst: Record,
    bits: int,
    row: int,
    t: int,
) -> bool:
    """Whether what was owed is now complete: all parts, often enough, and not before it may happen."""
    if rule[AT_ONCE]:
        return True
    if rule[PERIOD] >= 0 and work.latest[inst[I_RULE]] != x:
        return False
    if too_early(inst, t):
        if is_owed(prog, log, work, rule, inst):
            report(out, work, row, t, K_EARLY, -1, inst[I_RULE], -1)
        return False
    parts = rule[OWES_PARTS]
    if parts:
        inst[I_PARTS] |= bits & parts
        if inst[I_PARTS] & parts != parts:
            return False
        inst[I_PARTS] &= ~parts
    inst[I_HITS] += 1
    return inst[I_HITS] >= rule[HITS]


def end(
    prog: Program,
    clock: Clock,
    log: Events,
    work: Work,
    out: Out,
    x: int,
    rule: Fixed,
    inst: Record,
    row: int,
    t: int,
) -> None:
    """What was owed has happened: raise what the instance has come to; a window that lapsed raises nothing."""
    finish(prog, clock, log, work, x, rule, inst, row, t)
    if rule[OUTCOME] < 0 or not is_owed(prog, log, work, rule, inst):
        return
    work.scalars[W_ENDED] = x
    if inst[I_STATE] == S_LATE and not inst[I_FLAGS] & DOUBTFUL:
        raise_outcome(prog, log, work, out, rule[OUTCOME] + LATE, row, inst[I_KEY])
    elif inst[I_STATE] != S_LAPSED:
        raise_outcome(prog, log, work, out, rule[OUTCOME] + MET, row, inst[I_KEY])


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
    rule = prog.rules[r]
    key = key_of(prog, log, rule, row, key)
    if bits & RESTART:
        reset_tally(prog, work, r, key)
    if not bits & START or (rule[WHEN] >= 0 and holds(prog, log, row, rule[WHEN]) != 1):
        return
    n = tally_of(prog, work, out, r, key)
    if n >= 0 and reaches(prog, clock, work, r, n, t):
        report(out, work, row, t, K_REACHED, -1, r, key)
        if rule[OUTCOME] >= 0:
            raise_outcome(prog, log, work, out, rule[OUTCOME] + MET, row, key)


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
            inst = work.instances[x]
            inst[I_FLAGS] |= F_MISSED
            work.scalars[W_ENDED] = x
            raise_outcome(prog, log, work, out, prog.rules[inst[I_RULE]][OUTCOME] + MISSED, row, inst[I_KEY])
            settle(prog, clock, log, work, out, row, at, prog.shape[N_RULES])
            tell_the_rest(prog, clock, log, work, out, row, at)
        else:
            work.scalars[W_NEXT] = min(at, begins)
            return
        if out.used[O_FULL]:
            return


def next_missed(prog: Program, work: Work, t: int) -> tuple[int, int]:
    """The watched instance that is missed first before `t`, or (-1, the next instant to look again)."""
    found, earliest, later = -1, NEVER, NEVER
    for k in range(prog.shape[N_WATCHED]):
        rule = prog.rules[prog.watched[k]]
        x = work.head[prog.watched[k]]
        while x >= 0:
            inst = work.instances[x]
            due = inst[I_DUE]
            if due != NONE and not inst[I_FLAGS] & (F_MISSED | DOUBTFUL) and not stopped(inst):
                if passed(rule, inst, t):
                    if due < earliest:
                        found, earliest = x, due
                elif due < later:
                    later = due + 1 - rule[STRICT]
            x = inst[I_NEXT]
    if found >= 0:
        return found, earliest
    return -1, later
