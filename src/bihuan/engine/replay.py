"""The one entry: a policy, calendars and a log in; what was due, met, late and irregular out.

Pure: it reads no file and asks no clock. `as_of` is told, or is the last event of the log.
"""

from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from bihuan.engine.backdated import backdated
from bihuan.engine.calendar import Calendar, natural
from bihuan.engine.called import tables
from bihuan.engine.checks.flow import circles, fact_circles
from bihuan.engine.checks.patterns import check_patterns
from bihuan.engine.columns import Find, answers
from bihuan.engine.contacts import contacts, totals
from bihuan.engine.derived import with_dated_facts, with_parts
from bihuan.engine.draft import Layout
from bihuan.engine.drawing import strata, with_draws
from bihuan.engine.errors import CalendarError, PolicyError
from bihuan.engine.execute import THREADS, execute
from bihuan.engine.exempted import exempt_from_draw, exempted
from bihuan.engine.facts import Facts
from bihuan.engine.faults import finding_faults
from bihuan.engine.frame import Framing, framing_of
from bihuan.engine.irregular import count_rows, irregularity_rows
from bihuan.engine.listening import subjects
from bihuan.engine.localtime import local_time
from bihuan.engine.log import Log, arrange
from bihuan.engine.merging import calls, merged_into, merges, shared, stretch_of
from bihuan.engine.outcome import STATES, Judged, Outcome, rule_names
from bihuan.engine.parameters import Parameters, parameter_values
from bihuan.engine.policy import Policy
from bihuan.engine.policy import summary as defects
from bihuan.engine.prepared import Prepared
from bihuan.engine.program import program_of
from bihuan.engine.regroup import Group, by_subject, company_asks, each_alone
from bihuan.engine.rows import Rows, rows
from bihuan.engine.sampled import judged_policy
from bihuan.engine.site import Site
from bihuan.engine.strangers import strangers
from bihuan.engine.touched import asked_about


@dataclass(frozen=True)
class Plan:
    """All of a replay that does not depend on the log."""

    made_of: tuple[Any, ...]
    prepared: Prepared
    zone: Calendar
    layouts: dict[str, Layout]  # by subject that has rules; "" for cases, which are always there
    framing: Framing | None = None  # where samples are drawn

    @cached_property
    def heard_by_company(self) -> frozenset[str] | None:
        """The events that rules about the company as a whole hear; None: all."""
        return company_asks(self.prepared.policy).events

    @cached_property
    def asked_about(self) -> frozenset[str]:
        """Names that facts, tests and values of the cases' program ask about; events may be among them."""
        return asked_about(self.layouts[""], self.prepared)

    @cached_property
    def of_faults(self) -> "Plan":
        """The plan as far as it finds fault with events."""
        policy, _, site = self.made_of
        parameters = self.prepared.parameters
        return planned(finding_faults(policy, parameters), parameters, site)

    @cached_property
    def is_repeating(self) -> bool:
        """Whether an event of a case may stand for several, one for each value of a fact."""
        facts = self.prepared.policy.facts
        keys = {ask.of for ask in self.layouts[""].values if ask.what == "key"}
        return any(facts[name].many for name in keys & facts.keys())


PLANS: OrderedDict[tuple[int, int, int], Plan] = OrderedDict()
KEPT = 32  # plans; a plan keeps what its key names, so no other object can take its id


def planned(policy: Policy, parameters: Parameters | None, site: Site | None) -> Plan:
    """The plan of a policy under parameters (none: the file's own) and a site, made once for the same objects."""
    key = id(policy), id(parameters), id(site)
    if key not in PLANS:
        refuse_the_unjudgeable(policy)
        parameters = parameters or parameter_values(policy)
        zone = natural(policy.header.zone)
        local = local_time(zone.tables, 0)
        lowered = judged_policy(policy, parameters)
        prepared = Prepared(lowered, parameters, local, site)
        for called in merges(policy):
            stretch_of(called, parameters)  # refused now, not by the first call that might merge
        layouts = {subject: program_of(prepared, subject) for subject in subjects(lowered)}
        layouts = {name: one for name, one in layouts.items() if not name or one.rules or one.steps}
        PLANS[key] = Plan(
            (policy, parameters, site), prepared, zone, layouts, framing_of(policy, parameters, local, site)
        )
        if len(PLANS) > KEPT:
            PLANS.popitem(last=False)
    return PLANS[key]


def refuse_the_unjudgeable(policy: Policy) -> None:
    """A circle of rules or facts has no order in which it could be judged; some patterns would be misread."""
    every = (*circles(policy), *fact_circles(policy), *check_patterns(policy))
    found = [replace(each, file=policy.path) for each in every]
    if found:
        raise PolicyError(defects(found), findings=found, file=policy.path or None)


def replay(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int | None = None,
    registers: Site | None = None,
    parameters: Parameters | None = None,
    *,
    way: str = "auto",
) -> Outcome:
    """Judge every case of a log. `as_of` is in seconds since the epoch and inclusive.

    `calendars` has every calendar that the policy names but "natural"; `registers` is the site, without which roles
    and rules across subjects are not judged; `way` chooses how the fold runs and never what comes out.
    """
    return tables_of(judged_cases(policy, calendars, log, as_of, registers, parameters, way=way))


@dataclass(frozen=True)
class Judgement:
    """A replay before anything is made into tables."""

    plan: Plan
    log: Log
    facts: Facts
    judged: list[Judged]
    as_of: int
    candidates: pl.DataFrame  # for callbacks by sample, and who of them was drawn


def judged_cases(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int | None = None,
    registers: Site | None = None,
    parameters: Parameters | None = None,
    *,
    way: str = "auto",
    threads: int = THREADS,
) -> Judgement:
    """What `replay` finds, as codes and integers."""
    plan = planned(policy, parameters, registers)
    find = finder(plan, policy, calendars)
    log = arrange(log, policy.header.starts)
    as_of = last_event(log) if as_of is None else as_of
    log, candidates = with_draws(plan.framing, completed(plan, policy, log), find, as_of)
    facts, judged = of_log(plan, log, find, as_of, way, threads)
    while (told := shared(of_case(judged), log, plan.prepared.parameters)) is not None:
        log = told
        facts, judged = of_log(plan, log, find, as_of, way, threads)
    return Judgement(plan, log, facts, judged, as_of, candidates)


def calls_for_others(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int,
    registers: Site | None = None,
    parameters: Parameters | None = None,
) -> pl.DataFrame:
    """The calls of a log that serve other cases of it and are not told there yet: events of those, with `merged_from`.

    Who keeps cases one by one enters them there; calls that follow from these are found when asked again.
    """
    plan = planned(policy, parameters, registers)
    log = completed(plan, policy, arrange(log, policy.header.starts))
    cases = rows(log)
    facts = Facts(plan.prepared, cases)
    find = finder(plan, policy, calendars)
    one = judge(plan.layouts[""], facts, find, cases, as_of, "interpreted")
    return calls(one, log, plan.prepared.parameters)


def of_case(judged: list[Judged]) -> Judged:
    """The program of the cases, which is always there."""
    return next(one for one in judged if not one.layout.subject)


def of_log(
    plan: Plan, log: Log, find: Find, as_of: int, way: str, threads: int
) -> tuple[Facts, list[Judged]]:
    """A log judged by every program."""
    cases = rows(log)
    facts = Facts(plan.prepared, cases)
    whole = judge(plan.layouts[""], facts, find, cases, as_of, way, threads=threads)
    return facts, [whole, *of_subjects(plan, facts, find, as_of, way)]


def of_subjects(plan: Plan, facts: Facts, find: Find, as_of: int, way: str) -> Iterator[Judged]:
    """A log judged by the programs about several cases."""
    for subject in plan.layouts:
        if subject:
            yield judge_group(plan, by_subject(plan.prepared, facts, subject), subject, find, as_of, way)


def judged_subjects(found: Judgement, calendars: Mapping[str, Calendar], log: Log, way: str) -> list[Judged]:
    """What the programs about several cases find in a log of more cases than were judged, arranged."""
    plan, policy = found.plan, found.plan.made_of[0]
    facts = Facts(plan.prepared, rows(completed(plan, policy, log)))
    return list(of_subjects(plan, facts, finder(plan, policy, calendars), found.as_of, way))


def tables_of(found: Judgement) -> Outcome:
    """What was judged, as tables."""
    about = found.plan.prepared
    told = gather(about.policy, about.parameters, found.log, found.judged, found.as_of, found.facts)
    if found.candidates.height:
        told.summary["draws"] = strata(found.candidates).to_dicts()
    if found.plan.framing is not None:
        told.exempted = pl.concat([told.exempted, exempt_from_draw(found.plan.framing, found.candidates)])
    return told


def finder(plan: Plan, policy: Policy, calendars: Mapping[str, Calendar]) -> Find:
    """Where calendars come from: the caller's by name, and "natural"."""

    def find(name: str) -> Calendar:
        if name == "natural":
            return plan.zone
        if name not in calendars:
            raise CalendarError(
                f"policy {policy.id} wants calendar {name!r}; there are {', '.join(sorted(calendars))}; "
                "one of your own is a file in the folder calendars of a site",
                calendar=name,
            )
        return calendars[name]

    return find


def last_event(log: Log) -> int:
    """The instant of the last event of an arranged log; the epoch where there is none."""
    return int(log.events["at"].to_numpy().max(initial=0))


def completed(plan: Plan, policy: Policy, log: Log) -> Log:
    """An arranged log with the events that follow from it."""
    log = arrange(with_parts(policy, log))
    return arrange(with_dated_facts(plan.prepared, plan.layouts, log))


def judge_group(plan: Plan, group: Group, subject: str, find: Find, as_of: int, way: str) -> Judged:
    facts = Facts(plan.prepared, each_alone(group.rows))
    return judge(plan.layouts[subject], facts, find, group.rows, as_of, way, group.bounds)


def judge(
    layout: Layout,
    facts: Facts,
    find: Find,
    cases: Rows,
    as_of: int,
    way: str,
    bounds: Any = None,
    threads: int = THREADS,
) -> Judged:
    asked = answers(layout, facts, find, cases, bounds)
    folded = execute(asked.program, asked.clock, asked.events, as_of, way, threads)
    if asked.origin is not None:
        folded = folded.of_rows(asked.origin)
    return Judged(layout, cases, facts, asked, folded, as_of, facts.policy.header.zone)


def gather(
    policy: Policy, parameters: Parameters, log: Log, judged: list[Judged], as_of: int, facts: Facts
) -> Outcome:
    pairs = [rows_of(one, parameters) for one in judged]
    found = Outcome(
        obligations=stacked([obligations for obligations, _ in pairs]),
        callbacks=stacked([callbacks for _, callbacks in pairs]),
        irregularities=irregularities(parameters, judged),
        counts=stacked([count_rows(one) for one in judged]),
        excluded=log.excluded,
        findings=facts.findings(),
        exempted=exempted(judged),
    )
    found.contacts, found.demands = contacts(judged, pairs, as_of)
    found.summary = summary(policy, parameters, log, found, by_rule(judged), as_of) | {
        "strangers": strangers(judged)
    }
    return found


def rows_of(judged: Judged, parameters: Parameters) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Obligations and callbacks of one program; where the policy merges calls, also into which case."""
    merged = merged_into(judged, parameters)
    if merged is None:
        return tables(judged)
    obligations, callbacks = tables(judged, merged=merged)
    return obligations.drop("merged"), callbacks


def irregularities(parameters: Parameters, judged: list[Judged]) -> pl.DataFrame:
    """What the fold found, and what was entered too late."""
    found = [irregularity_rows(one) for one in judged]
    cases = next((one for one in judged if not one.layout.subject), None)  # none: the portion of a subject
    late = backdated(parameters, cases.rows, cases.facts, dict(found[0].schema)) if cases else None
    return stacked([*found, *([late] if late is not None and late.height else [])])


def stacked(tables: list[pl.DataFrame]) -> pl.DataFrame:
    """Tables of several programs or editions under each other; names are text, columns that one lacks empty there."""
    if len(tables) == 1:
        return tables[0]
    return pl.concat(
        [table.with_columns(pl.col(pl.Enum).cast(pl.String)) for table in tables], how="diagonal"
    )


def by_rule(judged: list[Judged]) -> dict[str, dict[str, int]]:
    """How many rows of each rule are in which state."""
    found: Counter[tuple[str, str]] = Counter()
    for one in judged:
        rule, names = one.folded.columns["rule"].astype(np.int64), rule_names(one)
        counts = np.bincount(rule * len(STATES) + one.folded.columns["state"])
        for cell in np.flatnonzero(counts).tolist():
            found[names[cell // len(STATES)], STATES[cell % len(STATES)]] += int(counts[cell])
    told: dict[str, dict[str, int]] = {}
    for (name, state), count in sorted(found.items()):
        told.setdefault(name, {})[state] = count
    return told


def summary(
    policy: Policy,
    parameters: Parameters,
    log: Log,
    found: Outcome,
    rules: dict[str, dict[str, int]],
    as_of: int,
) -> dict[str, Any]:
    """Counts by rule and state, with what was left out and what the figures depend on."""
    told = {"contacts": totals(found.contacts)} if found.contacts.width else {}
    return told | {
        "policy": policy.id,
        "edition": str(policy.header.edition or "unknown"),
        "as_of": int(np.int64(as_of)),
        "zone": policy.header.zone,
        "log": log.totals(),
        "rules": rules,
        "irregularities": dict(found.irregularities["kind"].cast(pl.String).value_counts(sort=True).rows()),
        "provisional": sum(int(t["provisional"].sum()) for t in (found.obligations, found.callbacks)),
        "missing": list(parameters.missing),
        "deviations": list(parameters.deviations),
        "pending": list(policy.header.pending),
    }
