"""A replay in portions: the cases of one part of a log at a time, then the subjects of `across`, some at a time.

What the portions say together is what one replay of the whole log says. It knows no file: whoever calls it keeps the
events of the subjects until all cases have been seen, and hands them over again, each subject whole.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import Any

import polars as pl

from bihuan.engine.calendar import Calendar
from bihuan.engine.columns import Find
from bihuan.engine.drawing import found_in, made, told_in
from bihuan.engine.errors import CallError
from bihuan.engine.exempted import exempt_from_draw
from bihuan.engine.facts import Facts
from bihuan.engine.log import COLUMNS, Log, arrange
from bihuan.engine.outcome import Outcome
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Policy
from bihuan.engine.regroup import grouped, register_entries, subject_events
from bihuan.engine.replay import Judgement, Plan, completed, finder, gather, judge, judge_group, planned
from bihuan.engine.rows import rows
from bihuan.engine.site import Site

#: What a summary says of the whole; every other figure in it is added up.
SHARED = ("policy", "edition", "as_of", "zone", "missing", "deviations", "pending")


@dataclass(frozen=True)
class Judge:
    """A policy with all that it judges by."""

    policy: Policy
    calendars: Mapping[str, Calendar]
    as_of: int
    site: Site | None = None
    parameters: Parameters | None = None
    way: str = "auto"

    @cached_property
    def plan(self) -> Plan:
        return planned(self.policy, self.parameters, self.site)

    @cached_property
    def find(self) -> Find:
        return finder(self.plan, self.policy, self.calendars)

    @property
    def subjects(self) -> list[str]:
        """The subjects that rules are about, besides cases."""
        return [subject for subject in self.plan.layouts if subject]


def draws(judging: Judge, logs: Iterable[Log]) -> pl.DataFrame | None:
    """Who is drawn from all portions together, for `replay_cases`; nothing where the policy draws no sample."""
    plan, starts = judging.plan, judging.policy.header.starts
    if plan.framing is None:
        return None
    whole = (completed(plan, judging.policy, arrange(log, starts)) for log in logs)
    return made(
        plan.framing,
        [found_in(plan.framing, log, judging.find, judging.as_of) for log in whole],
        judging.as_of,
    )


def replay_cases(
    judging: Judge, log: Log, drawn: pl.DataFrame | None = None
) -> tuple[Outcome, dict[str, pl.DataFrame]]:
    """What became of these cases, and of each subject the events that its rules are to see, in the column `case`."""
    found = judged_portion(judging, log, drawn)
    events = {name: subject_events(found.facts, name) for name in judging.subjects}
    parameters = judging.plan.prepared.parameters
    told = gather(judging.policy, parameters, found.log, found.judged, judging.as_of, found.facts)
    told.exempted = with_draw(found, told.exempted)
    return told, events


def judged_portion(judging: Judge, log: Log, drawn: pl.DataFrame | None = None) -> Judgement:
    """The cases alone, before anything is made into tables; the candidates are those of these cases."""
    plan, policy = judging.plan, judging.policy
    log = completed(plan, policy, arrange(log, policy.header.starts))
    if plan.framing is not None and drawn is not None:
        log = told_in(plan.framing, log, drawn)
    cases = rows(log)
    facts = Facts(plan.prepared, cases)
    judged = [judge(plan.layouts[""], facts, judging.find, cases, judging.as_of, judging.way)]
    mine = pl.DataFrame() if drawn is None else drawn.filter(pl.col("case").is_in(cases.cases.to_list()))
    return Judgement(plan, log, facts, judged, judging.as_of, mine)


def with_draw(found: Judgement, by_rule: pl.DataFrame) -> pl.DataFrame:
    """Who need not be called: by the rules, and by the draw."""
    framing = found.plan.framing
    if framing is None or not found.candidates.width:
        return by_rule
    return pl.concat([by_rule, exempt_from_draw(framing, found.candidates)])


def entries(judging: Judge, subject: str) -> pl.DataFrame:
    """When each subject of the register enters it, and until when it is there."""
    return register_entries(judging.plan.prepared, subject)


def replay_subjects(judging: Judge, subject: str, events: pl.DataFrame, register: pl.DataFrame) -> Outcome:
    """What became of the rules about these subjects: all their events, in the order in which the log was read."""
    group = grouped(judging.plan.prepared, subject, events, register)
    judged = judge_group(judging.plan, group, subject, judging.find, judging.as_of, judging.way)
    nothing = Log(pl.DataFrame(schema=COLUMNS), pl.DataFrame(schema={"case": pl.String}))
    parameters = judging.plan.prepared.parameters
    found = gather(judging.policy, parameters, nothing, [judged], judging.as_of, judged.facts)
    return replace(found, findings=found.findings.clear())  # they were listed with the cases


def total(summaries: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """The summary of the whole out of those of its portions."""
    told = [dict(summary) for summary in summaries]
    if not told:
        raise CallError("there is no portion to add up")
    if len(told) == 1:
        return told[0]
    whole: dict[str, Any] = reduce(added, told)
    whole["irregularities"] = falling(whole["irregularities"])
    whole["rules"] = {rule: dict(sorted(whole["rules"][rule].items())) for rule in sorted(whole["rules"])}
    whole["log"]["excluded_by_reason"] = falling(whole["log"]["excluded_by_reason"])
    return whole


def added(one: Any, other: Any) -> Any:
    """Numbers added, tables of numbers key by key; what is shared is kept."""
    if isinstance(one, Mapping):
        return {
            key: one.get(key, other.get(key)) if key in SHARED or key not in one or key not in other
            else added(one[key], other[key])
            for key in (*one, *(key for key in other if key not in one))
        }  # fmt: skip
    return one + other


def falling(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(Counter(counts).most_common())
