"""Events tried on a case: what would be irregular of each of them, if it came next.

The fold goes over the case once, keeps what it remembers then, and goes on from there with each event in turn; only the
part of the policy that finds faults is asked (`faults`). Facts know few events by name; all others say the same of a
row, so that one row stands for them and only its code changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import count
from typing import Any

import numpy as np
import polars as pl

from bihuan.engine import layout as at
from bihuan.engine.clock import NEVER
from bihuan.engine.columns import Answers, Find, answers
from bihuan.engine.draft import OTHER
from bihuan.engine.execute import Folded, Sizes, attributes, lists_of, lists_of_work, records
from bihuan.engine.facts import Facts
from bihuan.engine.fold import begin_case, fold_rows
from bihuan.engine.outcome import Judged
from bihuan.engine.replay import Plan
from bihuan.engine.rows import Lists, Rows
from bihuan.engine.single import Event, rows_of, told_by_case
from bihuan.engine.work import Out, Work

Findings = list[list[int]]


def alike(plan: Plan, names: Sequence[str]) -> list[list[str]]:
    """Events in groups of those whose rows say the same: each that is asked about by name is alone."""
    if plan.is_repeating:
        return [[name] for name in names]
    rest = [name for name in names if name not in plan.asked_about]
    return [[name] for name in names if name in plan.asked_about] + ([rest] if rest else [])


def tried(
    plan: Plan,
    find: Find,
    events: Sequence[Event],
    then: Event,
    names: Sequence[str],
    given: Event,
    as_of: int,
) -> dict[str, list[dict[str, Any]]]:
    """Irregularities by name, but no missing fields, of an event `then` after those of a case. Facts: as `judge_case`."""
    plan = plan.of_faults
    layout, groups = plan.layouts[""], alike(plan, names)
    cases = several([[*events, {**then, "event": group[0]}] for group in groups], given, names)
    facts = Facts(plan.prepared, cases)
    asked = answers(layout, facts, find, cases)
    codes = [[layout.events.get(name, layout.events[OTHER]) for name in group] for group in groups]
    findings = np.array(on_cases(asked, codes, as_of), np.int64).reshape(-1, at.FINDING)
    folded = Folded({}, findings, np.full(len(cases.cases), NEVER))
    judged = Judged(layout, cases, facts, asked, folded, as_of, facts.policy.header.zone)
    every, found = [name for group in groups for name in group], dict[str, list[dict[str, Any]]]()
    for n, told in told_by_case(judged):
        found.setdefault(every[n], []).append(told | {"event": every[n]})
    return found


def several(cases: Sequence[Sequence[Event]], given: Event, names: Iterable[str]) -> Rows:
    """Cases of as many events each; whoever asks only at events of some of these `names` asks too."""
    if len(cases) == 1:
        one = rows_of(cases[0], given, Lists)
        return replace(one, names=tuple(dict.fromkeys((*one.names, *names))))
    one, size = rows_of([event for case in cases for event in case], given), len(cases[0])
    return replace(
        one,
        names=tuple(dict.fromkeys((*one.names, *names))),
        ids=pl.Series("case", [str(n) for n in range(len(cases))]),
        offsets=np.arange(len(cases) + 1, dtype=np.int64) * size,
        facts=pl.concat([one.facts] * len(cases)) if given else pl.DataFrame(height=len(cases)),
    )


def on_cases(asked: Answers, codes: Sequence[Sequence[int]], as_of: int) -> list[list[int]]:
    """What each event finds fault with as the last of a case; the findings say which of the events as their case."""
    sizes = Sizes(findings=16)
    while (found := within(asked, codes, as_of, sizes)) is None:
        sizes.double()
    return found


def within(
    asked: Answers, codes: Sequence[Sequence[int]], as_of: int, sizes: Sizes
) -> list[list[int]] | None:
    """The same with so much room, or None where that is not enough.

    The cases differ in their last event alone: the first is folded up to there, and each goes on from what it left.
    """
    shape, events = list(asked.program.shape), asked.events  # type: ignore[call-overload]
    log, _ = lists_of(events, range(len(codes)), shape)
    prog, clock = attributes(asked.program), attributes(asked.clock)
    work = attributes(lists_of_work(shape, replace(sizes, instances=sizes.instances + len(log.event))))
    out = attributes(Out([0] * 4, records(sizes.findings, at.FINDING), []))
    begin, row = last_event(asked, log.offsets[1])
    begin_case(prog, clock, log, work, out, 0, as_of)
    fold_rows(prog, clock, log, work, out, 0, begin)
    kept, before = remembered(work), out.used[at.O_FINDINGS]
    found: list[list[int]] = []
    number = count()
    for case, those in enumerate(codes):
        end_as(log, shape, begin, log.offsets[case])
        for code, n in zip(those, number):  # noqa: B905 - counted on over all cases
            if len(those) > 1:
                log.event[begin] = code
            fold_rows(prog, clock, log, work, out, begin, log.offsets[1])
            if out.used[at.O_FULL]:
                return None
            fresh: Any = out.findings[before : out.used[at.O_FINDINGS]]
            found += [of_try(one, n, row) for one in fresh if one[at.FINDING_ROW] >= begin and is_told(one)]
            out.used[at.O_FINDINGS] = before
            recall(kept)
    return found


def last_event(asked: Answers, stop: int) -> tuple[int, int]:
    """Where the first case's last event begins among its rows, for it may be several; and its row in the log."""
    if asked.origin is None:
        return stop - 1, stop - 1
    rows = asked.origin[:stop]
    return int(np.searchsorted(rows, rows[-1])), int(rows[-1])


def end_as(log: Any, shape: list[int], begin: int, first: int) -> None:
    """Let the first case end as the case from `first` on does, which has as many rows."""
    stop = log.offsets[1]
    for name, width in (("event", 1), ("tests", shape[at.N_TESTS]), ("values", shape[at.N_VALUES])):
        cells = getattr(log, name)
        cells[begin * width : stop * width] = cells[(first + begin) * width : (first + stop) * width]


def of_try(finding: list[int], n: int, row: int) -> list[int]:
    found = finding[:]
    found[at.FINDING_CASE], found[at.FINDING_ROW] = n, row
    return found


def is_told(finding: list[int]) -> bool:
    return finding[at.FINDING_KIND] not in (at.K_FIELD, at.K_REACHED)


Copies = list[tuple[list[Any], list[Any]]]


def remembered(work: Any) -> tuple[Copies, Copies]:
    """What the fold remembers, each column with a copy of it; and of records with those in use."""
    flat = [getattr(work, name) for name in Work._fields if name not in RECORDS]
    tables = [(getattr(work, name), work.scalars[n]) for name, n in RECORDS.items()]
    return [(cells, cells[:]) for cells in flat], [
        (table, [one[:] for one in table[:used]]) for table, used in tables
    ]


RECORDS = {"instances": at.W_COUNT, "tallies": at.W_TALLIES}


def recall(kept: tuple[Copies, Copies]) -> None:
    for cells, before in kept[0]:
        cells[:] = before
    for table, before in kept[1]:
        table[: len(before)] = [one[:] for one in before]
