"""One case replayed after each of its events: what every row said then.

It traces nothing inside the fold. It hands the fold the first events of a case, then one more, and so on, and keeps
the rows; what an event did to a row is the difference between two of them. Knows no words and no days.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from bihuan.engine import layout as at
from bihuan.engine.called import tables
from bihuan.engine.clock import NONE
from bihuan.engine.drawing import with_draws
from bihuan.engine.execute import Folded, Sizes, execute, lists_of_work
from bihuan.engine.facts import Facts
from bihuan.engine.fold import bits_of
from bihuan.engine.log import Log, arrange
from bihuan.engine.outcome import Judged
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Policy
from bihuan.engine.regroup import by_subject
from bihuan.engine.replay import Plan, completed, finder, judge, judge_group, last_event, planned
from bihuan.engine.rows import rows
from bihuan.engine.site import Site
from bihuan.engine.work import Events, Out, Program

BY_ROW = ("event", "at", "whole_day", "actor", "of_case")
#: Events up to which a case is replayed after every one of them; beyond, only after those that a rule hears.
MANY = 400


class Row(NamedTuple):
    """A row as the fold wrote it; instants in seconds, NONE where there is none."""

    rule: int
    round: int
    key: int
    row: int
    started: int
    due: int
    warn: int
    done: int
    ended: int
    state: int
    flags: int
    limit: int
    calendar: int
    extra: int
    paused: int

    @property
    def instance(self) -> tuple[int, int, int, int]:
        """What it is in every replay in which it is."""
        return self.rule, self.row, self.round, self.key


class Step(NamedTuple):
    """What stood at an instant: after event `row`, or by time alone."""

    row: int
    at: int
    by_event: bool
    rows: Mapping[tuple[int, ...], Row]


@dataclass(frozen=True)
class Told:
    """A case, what the fold was given of it, and what it said after each event."""

    judged: Judged
    events: Events  # of this case alone
    origin: list[int]  # the row of `judged.rows` that each event is
    steps: list[Step]
    findings: Any  # of the whole case, as records
    table: list[dict[str, Any]]  # the rows of the outcome, in the order of the last step

    @property
    def program(self) -> Program:
        return self.judged.answers.program

    def name(self, row: int) -> str:
        """The event of a row."""
        rows = self.judged.rows
        return str(rows.names[rows.event[self.origin[row]]])

    def hears(self, row: int) -> list[int]:
        """What an event fires in each rule, asked of the fold itself."""
        program, code = self.program, self.events.event[row]
        work = lists_of_work(list(program.shape), Sizes())  # type: ignore[call-overload]
        findings = [] if self.findings is None else self.findings.tolist()
        out = Out([len(findings), 0, 0, 0], findings, [])  # what was refused counts for nobody
        bits = [0] * program.shape[at.N_RULES]
        for n in range(program.heard_from[code], program.heard_from[code + 1]):
            heard = program.heard[n]
            bits[heard[at.HEARD_RULE]] = bits_of(program, self.events, work, out, row, heard)
        return bits


def tell(
    policy: Policy,
    calendars: Any,
    log: Log,
    case: str,
    as_of: int | None,
    site: Site | None,
    by: Parameters | None,
    *,
    own: bool = True,
) -> list[Told]:
    """The case, if it is wanted, and the subject of that name under each program that has one."""
    plan, log = planned(policy, by, site), arrange(log, policy.header.starts)
    find = finder(plan, policy, calendars)
    as_of = last_event(log) if as_of is None else as_of
    log, _ = with_draws(plan.framing, completed(plan, policy, log), find, as_of)
    found = [told(j, n) for j, n in judged_cases(plan, find, log, case, as_of, own)]
    return [one for one in found if one.steps]


def judged_cases(
    plan: Plan, find: Any, log: Log, case: str, as_of: int, own: bool
) -> Iterator[tuple[Judged, int]]:
    """Each run that knows the name, with its place there."""
    mine = only(log, case)
    if own and mine.events.height:
        cases = rows(mine)
        yield judge(plan.layouts[""], Facts(plan.prepared, cases), find, cases, as_of, "interpreted"), 0
    whole: Facts | None = None
    for subject in plan.layouts:
        if subject:
            whole = whole or Facts(plan.prepared, rows(log))
            group = by_subject(plan.prepared, whole, subject)
            if case in (names := group.rows.cases.to_list()):
                yield judge_group(plan, group, subject, find, as_of, "auto"), names.index(case)


def only(log: Log, case: str) -> Log:
    """The log of one case."""
    mine = pl.col("case").cast(pl.String) == case
    return replace(log, events=log.events.filter(mine), facts=log.facts.filter(mine))


def told(judged: Judged, case: int) -> Told:
    """The story of one case of a run."""
    answers = judged.answers
    events = alone(answers.events, answers.program, case)
    first = int(answers.events.offsets[case])
    places = range(first, first + len(events.at))
    origin = list(places) if answers.origin is None else [int(answers.origin[place]) for place in places]
    steps: list[Step] = []
    one = Told(judged, events, origin, steps, None, table(judged, case))
    last = sum(events.at[n] <= judged.as_of for n in range(len(events.at)))
    for n in checkpoints(one, last):
        steps += after(one, n, judged.as_of)
    if not last:
        return one
    end = run(one, last, judged.as_of)
    steps.append(Step(last - 1, judged.as_of, False, by_instance(end)))
    return replace(one, findings=end.findings)


def alone(events: Events, program: Program, case: int) -> Events:
    """The rows of one case, as a log of their own."""
    a, b = int(events.offsets[case]), int(events.offsets[case + 1])
    tests, values = program.shape[at.N_TESTS], program.shape[at.N_VALUES]
    columns = {name: np.asarray(getattr(events, name))[a:b] for name in BY_ROW}
    return Events(
        offsets=[0, b - a],
        enters=[int(events.enters[case])],
        times=np.asarray(events.times).tolist(),
        tests=np.asarray(events.tests)[a * tests : b * tests].tolist(),
        values=np.asarray(events.values)[a * values : b * values].tolist(),
        **{name: column.tolist() for name, column in columns.items()},
    )


def checkpoints(one: Told, last: int) -> Iterator[int]:
    """How many events are replayed: one, two, three …"""
    for n in range(1, last + 1):
        if last <= MANY or any(one.hears(n - 1)):
            yield n


def after(one: Told, n: int, as_of: int) -> Iterator[Step]:
    """The rows after `n` events, and after each due time that passes before the next."""
    instant = one.events.at[n - 1]
    step = Step(n - 1, instant, True, by_instance(run(one, n, instant)))
    yield step
    stop = one.events.at[n] if n < len(one.events.at) else as_of
    while dues := [row.due for row in step.rows.values() if instant <= row.due < min(stop, as_of)]:
        instant = min(dues) + 1
        step = Step(n - 1, instant - 1, False, by_instance(run(one, n, instant)))
        yield step


def run(one: Told, n: int, as_of: int) -> Folded:
    """The fold over the first `n` events of the case."""
    answers = one.judged.answers
    events = one.events._replace(offsets=[0, n])
    return execute(answers.program, answers.clock, events, as_of, "interpreted")


def by_instance(folded: Folded) -> dict[tuple[int, ...], Row]:
    columns = [folded.columns[name].tolist() for name in Row._fields]
    return {row.instance: row for row in map(Row._make, zip(*columns, strict=True))}


def table(judged: Judged, case: int) -> list[dict[str, Any]]:
    """The rows of the outcome, callbacks with their verdicts."""
    mine = pl.Series(judged.folded.columns["case"] == case)
    parts = tables(judged, mine=mine, place=pl.Series(np.arange(len(mine))))
    both = [row for part in parts for row in part.filter("mine").to_dicts()]
    both.sort(key=lambda row: row["place"])
    return [{name: row[name] for name in row if name not in ("place", "mine", "row")} for row in both]


def standing(told: Told, key: tuple[int, ...]) -> Iterator[tuple[Row | None, Row, Step]]:
    """A row at each step from the first that has it, and what it was at the step before."""
    old: Row | None = None
    for step in told.steps:
        new = step.rows.get(key)
        if new is not None:
            yield old, new, step
            old = new
            if new.ended != NONE or new.done != NONE:
                return
