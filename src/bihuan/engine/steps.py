"""Whether an event is in order: the steps of the policy judged on the state before the event.

Part of the fold (see `fold` for the dialect). It writes findings and moves the case's states; what an irregular
event does to clocks is `fold`'s business.
"""

from bihuan.engine.clock import NONE
from bihuan.engine.instance import is_owed, passed
from bihuan.engine.layout import *
from bihuan.engine.work import Events, Out, Program, Work, holds, value


def report(out: Out, work: Work, row: int, t: int, kind: int, step: int, rule: int, detail: int) -> None:
    """Write one finding."""
    n = out.used[O_FINDINGS]
    if n == len(out.findings):
        out.used[O_FULL] = 1
        return
    out.used[O_FINDINGS] = n + 1
    finding = out.findings[n]
    finding[FINDING_CASE] = work.scalars[W_CASE]
    finding[FINDING_ROW] = row
    finding[FINDING_AT] = t
    finding[FINDING_KIND] = kind
    finding[FINDING_STEP] = step
    finding[FINDING_RULE] = rule
    finding[FINDING_DETAIL] = detail


def judge(prog: Program, log: Events, work: Work, out: Out, row: int, t: int) -> int:
    """Judge every step that applies to the event, then move the states; answers what effect the event has."""
    code = log.event[row]
    effect = EFFECTIVE
    for s in range(prog.step_from[code], prog.step_from[code + 1]):
        step = prog.steps[s]
        if step[STEP_WHEN] >= 0 and holds(prog, log, row, step[STEP_WHEN]) != 1:
            continue
        before = out.used[O_FINDINGS]
        if violations(prog, log, work, out, s, row, t) == 0:
            continue
        if step[STEP_REFUSED]:
            effect = REFUSED
        elif effect == EFFECTIVE and is_early(out, before):
            effect = ENDS_NOTHING
    if effect != REFUSED:
        move(prog, log, work, row)
    return effect


def is_early(out: Out, before: int) -> bool:
    """Whether one of the findings from `before` on says that it was too early."""
    for n in range(before, out.used[O_FINDINGS]):
        if out.findings[n][FINDING_KIND] == K_EARLY:
            return True
    return False


def move(prog: Program, log: Events, work: Work, row: int) -> None:
    code = log.event[row]
    for s in range(prog.step_from[code], prog.step_from[code + 1]):
        step = prog.steps[s]
        if step[STEP_TO] < 0:
            continue
        if step[STEP_WHEN] < 0 or holds(prog, log, row, step[STEP_WHEN]) == 1:
            work.states[step[STEP_TRACK]] = step[STEP_TO]


def violations(prog: Program, log: Events, work: Work, out: Out, s: int, row: int, t: int) -> int:
    """How many requirements of step `s` the event violates; each is one finding."""
    step = prog.steps[s]
    before = out.used[O_FINDINGS]
    mask = step[STEP_FROM]
    if mask and not mask >> work.states[step[STEP_TRACK]] & 1:
        report(out, work, row, t, K_STATE, s, -1, work.states[step[STEP_TRACK]])
    if not acted_by(prog, log, work, out, row, step[STEP_BY], step[STEP_NOT_BY]):
        report(out, work, row, t, K_PERSON, s, -1, -1)
    excluded(prog, log, work, out, s, row, t)
    same_person(prog, log, work, out, s, row, t)
    missing_needs(prog, log, work, out, s, row, t)
    if step[STEP_REQUIRES] >= 0 and holds(prog, log, row, step[STEP_REQUIRES]) == 0:
        report(out, work, row, t, K_GATE, s, -1, -1)
    outside_window(prog, work, out, s, row, t)
    unsettled(prog, log, work, out, s, row, t)
    missing_fields(prog, log, work, out, s, row, t)
    return out.used[O_FINDINGS] - before


def acts_as(prog: Program, log: Events, work: Work, out: Out, row: int, item: int) -> int:
    """Whether the actor of the row holds a role: 1, 0, or -1 for not known. Roles below -1 are earned by an event."""
    if item >= 0:
        return holds(prog, log, row, item)
    actor = log.actor[row]
    if actor < 0:
        return -1
    unknown = 0
    for j in range(work.scalars[W_FIRST], row):
        if (log.actor[j] == actor or log.actor[j] < 0) and did(prog, log, work, out, j, -2 - item):
            if log.actor[j] == actor:
                return 1
            unknown = -1
    return unknown


def did(prog: Program, log: Events, work: Work, out: Out, row: int, mark: int) -> bool:
    """Whether the row's event is one that `mark` remembers, and was not refused: what was refused has not happened."""
    return marks(prog, log, row, mark) and not was_refused(prog, log, work, out, row)


def was_refused(prog: Program, log: Events, work: Work, out: Out, row: int) -> bool:
    """Whether a step that the row violates refuses it, as the findings of its case tell."""
    if prog.step_from[log.event[row]] == prog.step_from[log.event[row] + 1]:
        return False
    n = out.used[O_FINDINGS] - 1
    while n >= 0 and out.findings[n][FINDING_CASE] == work.scalars[W_CASE]:
        finding = out.findings[n]
        if (
            finding[FINDING_ROW] == row
            and finding[FINDING_STEP] >= 0
            and prog.steps[finding[FINDING_STEP]][STEP_REFUSED]
        ):
            return True
        n -= 1
    return False


def marks(prog: Program, log: Events, row: int, mark: int) -> bool:
    """Whether the row's event is one that `mark` remembers."""
    code = log.event[row]
    for n in range(prog.heard_from[code], prog.heard_from[code + 1]):
        heard = prog.heard[n]
        if heard[HEARD_RULE] == mark:
            if heard[HEARD_BITS]:
                return True
            for a in range(heard[HEARD_ASKS], heard[HEARD_ASKS_END]):
                test = prog.asks[a][ASK_TEST]
                if test < 0 or holds(prog, log, row, test) == 1:
                    return True
    return False


def acted_by(prog: Program, log: Events, work: Work, out: Out, row: int, first: int, last: int) -> bool:
    """One of the roles is held, or it cannot be known; no role named means anyone may."""
    allowed = first == last
    for k in range(first, last):
        if acts_as(prog, log, work, out, row, prog.step_items[k]) != 0:
            allowed = True
    return allowed


def excluded(prog: Program, log: Events, work: Work, out: Out, s: int, row: int, t: int) -> None:
    for k in range(prog.steps[s][STEP_NOT_BY], prog.steps[s][STEP_DISTINCT]):
        if acts_as(prog, log, work, out, row, prog.step_items[k]) == 1:
            report(out, work, row, t, K_PERSON, s, -1, k)


def person(prog: Program, log: Events, work: Work, out: Out, row: int, item: int) -> int:
    """Who holds a role of the case at this row, the row's own actor included; -1: nobody known."""
    if item >= 0:
        return value(prog, log, row, item)
    if marks(prog, log, row, -2 - item):
        return log.actor[row]
    for j in range(row - 1, work.scalars[W_FIRST] - 1, -1):
        if did(prog, log, work, out, j, -2 - item):
            return log.actor[j]
    return -1


def same_person(prog: Program, log: Events, work: Work, out: Out, s: int, row: int, t: int) -> None:
    for k in range(prog.steps[s][STEP_DISTINCT], prog.steps[s][STEP_NEEDS]):
        one = person(prog, log, work, out, row, prog.step_items[k])
        for j in range(prog.steps[s][STEP_DISTINCT], k):
            if one >= 0 and one == person(prog, log, work, out, row, prog.step_items[j]):
                report(out, work, row, t, K_PERSON, s, -1, k)


def persons(
    prog: Program, log: Events, work: Work, out: Out, begin: int, row: int, mark: int, since: int
) -> int:
    """How many different persons have done what `mark` remembers, from row `begin` up to and including `row`."""
    count = 0
    if since >= 0 and work.marks[since] >= begin:
        begin = work.marks[since] + 1
    for j in range(begin, row + 1):
        if did(prog, log, work, out, j, mark) and not seen_before(prog, log, work, out, j, begin, mark):
            count += 1
    return count


def seen_before(prog: Program, log: Events, work: Work, out: Out, row: int, begin: int, mark: int) -> bool:
    """Whether the row's actor did the same earlier. Somebody unknown counts once each time: nothing says he is the same."""
    if log.actor[row] < 0:
        return False
    for j in range(begin, row):
        if log.actor[j] == log.actor[row] and did(prog, log, work, out, j, mark):
            return True
    return False


def missing_needs(prog: Program, log: Events, work: Work, out: Out, s: int, row: int, t: int) -> None:
    for k in range(prog.steps[s][STEP_NEEDS], prog.steps[s][STEP_SETTLED], 3):
        mark, since, people = prog.step_items[k], prog.step_items[k + 1], prog.step_items[k + 2]
        done = work.marks[mark] >= 0 and (since < 0 or work.marks[mark] > work.marks[since])
        if not done or (
            people > 1 and persons(prog, log, work, out, work.scalars[W_FIRST], row - 1, mark, since) < people
        ):
            report(out, work, row, t, K_GATE, s, -1, k)


def outside_window(prog: Program, work: Work, out: Out, s: int, row: int, t: int) -> None:
    """The window must be open: earlier is `early`, later is a gate that has closed."""
    window = prog.steps[s][STEP_INSIDE]
    if window < 0:
        return
    x = work.head[window]
    if x < 0:
        report(out, work, row, t, K_EARLY if work.rounds[window] == 0 else K_GATE, s, window, -1)
    elif work.instances[x][I_NOT_BEFORE] != NONE and t < work.instances[x][I_NOT_BEFORE]:
        report(out, work, row, t, K_EARLY, s, window, -1)
    elif work.instances[x][I_DUE] != NONE and t > work.instances[x][I_DUE]:
        report(out, work, row, t, K_GATE, s, window, -1)


def is_inside(work: Work, window: int, t: int) -> bool:
    """Whether the window is open at `t`."""
    x = work.head[window]
    if x < 0 or t < work.instances[x][I_STARTED] or t < work.instances[x][I_NOT_BEFORE]:
        return False
    return work.instances[x][I_DUE] == NONE or t <= work.instances[x][I_DUE]


def unsettled(prog: Program, log: Events, work: Work, out: Out, s: int, row: int, t: int) -> None:
    for k in range(prog.steps[s][STEP_SETTLED], prog.steps[s][STEP_ASKS]):
        if is_open(prog, log, work, prog.step_items[k], t):
            report(out, work, row, t, K_GATE, s, prog.step_items[k], k)


def is_open(prog: Program, log: Events, work: Work, r: int, t: int) -> bool:
    """Whether an instance of the rule is open: known to be owed, and no window that has lapsed."""
    rule = prog.rules[r]
    x = work.head[r]
    while x >= 0:
        inst = work.instances[x]
        if is_owed(prog, log, work, rule, inst) and (rule[KIND] != WINDOW or not passed(rule, inst, t)):
            return True
        x = inst[I_NEXT]
    return False


def missing_fields(prog: Program, log: Events, work: Work, out: Out, s: int, row: int, t: int) -> None:
    for k in range(prog.steps[s][STEP_ASKS], prog.steps[s][STEP_ITEMS_END], 2):
        test, when = prog.step_items[k], prog.step_items[k + 1]
        if (when < 0 or holds(prog, log, row, when) == 1) and holds(prog, log, row, test) != 1:
            report(out, work, row, t, K_FIELD, s, -1, k)
