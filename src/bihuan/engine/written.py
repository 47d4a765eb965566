"""Folding into columns: what compiled code does, for whom taking instances apart costs nothing.

Part of the fold (see `fold` for the dialect).
"""

from bihuan.engine.fold import fold_case
from bihuan.engine.instance import paused
from bihuan.engine.layout import *
from bihuan.engine.work import Clock, Events, Out, Program, Work, Written


def fold_into(
    prog: Program,
    clock: Clock,
    log: Events,
    work: Work,
    out: Out,
    rows: Written,
    case: int,
    stop: int,
    as_of: int,
) -> int:
    """As `fold`, but the instances of a case are written by column and forgotten."""
    while case < stop:
        findings = out.used[O_FINDINGS]
        work.scalars[W_COUNT] = 0
        fold_case(prog, clock, log, work, out, case, as_of)
        if work.scalars[W_COUNT] + out.used[O_ROWS] > len(rows.rule):
            out.used[O_FULL] = 1
        if out.used[O_FULL]:
            out.used[O_FINDINGS] = findings
            return case
        write(clock, work, out, rows, case)
        case += 1
    return case


def write(clock: Clock, work: Work, out: Out, rows: Written, case: int) -> None:
    """The rows of one case, in the order in which they were opened; columns of which nothing can come have no room."""
    n = out.used[O_ROWS]
    for x in range(work.scalars[W_COUNT]):
        inst = work.instances[x]
        rows.case[n] = case
        rows.rule[n] = inst[I_RULE]
        rows.round[n] = inst[I_ROUND]
        if len(rows.key):
            rows.key[n] = inst[I_KEY]
        rows.row[n] = inst[I_ROW]
        rows.started[n] = inst[I_STARTED]
        rows.due[n] = inst[I_DUE]
        if len(rows.warn):
            rows.warn[n] = inst[I_WARN]
        rows.done[n] = inst[I_DONE]
        rows.ended[n] = inst[I_ENDED]
        rows.end_row[n] = inst[I_END_ROW]
        rows.state[n] = inst[I_STATE]
        rows.flags[n] = inst[I_FLAGS]
        rows.limit[n] = inst[I_LIMIT]
        rows.calendar[n] = inst[I_CALENDAR]
        rows.extra[n] = inst[I_EXTRA]
        rows.paused[n] = paused(clock, inst)
        n += 1
    out.used[O_ROWS] = n
