"""Random rules across a subject: several cases of two stations, each event with the facts of its own case.

docs/semantics.md#subject-facts says which facts those are; it does not say whose they are when an event of another case
starts an agreed time anew, and refuses them after a due time that passed: neither is generated.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st

from tests.engine.both import NOTES, finding, place
from tests.engine.hostile import (
    BASE,
    DATED,
    ELAPSED,
    FACTS,
    NAMES,
    Matter,
    conventions,
    extensions,
    matters,
    pauses,
    policy,
    rarely,
)
from tests.engine.shapes import LEVEL, article
from tests.oracle import Case, Event, Row, judged, rows
from tests.oracle.case import ALWAYS
from tests.oracle.words import rules_of

Rule = dict[str, Any]
STATIONS = ["东站", "西站"]
OPEN = -40000
STATION = {"label": "站", "type": "text", "register": True}
PLAIN = ["resolved", "reviewed", "closed", {"event": "resolved", "where": {"verdict": "good"}}]


@st.composite
def across(draw: st.DrawFn, name: str) -> Rule:
    """A duty of a station: begun by an event of one case, ended by one of any of them."""
    after = draw(st.sampled_from([*NAMES[:2], {"event": "accepted", "where": {"verdict": "bad"}}]))
    rule: Rule = {"id": name, "across": "station", "after": after, "owes": draw(st.sampled_from(PLAIN))}
    rule["within"] = draw(st.sampled_from([*ELAPSED, *DATED[:6], "promised", "promised"]))
    if rarely(draw, 2):
        rule["when"] = draw(st.sampled_from(LEVEL))
    if rarely(draw, 3):
        rule["per"] = "part"
    if rarely(draw, 3):
        rule["void_by"] = "returned"
    if rarely(draw, 3) and rule["within"] != "promised":
        rule["pauses"] = draw(pauses())
    if rarely(draw, 4) and rule["within"] != "promised":
        rule["restarted_by"] = "reopened"
    if rarely(draw, 3) and rule["within"] != "promised":
        rule["extensions"] = draw(extensions(rule["within"]))
    if rarely(draw, 4):
        rule["once"] = True
    if rarely(draw, 4):
        rule["at_least"] = 2
    return rule


@st.composite
def recurring(draw: st.DrawFn, name: str) -> Rule:
    """What recurs for a station, from its first event or from one of its cases'."""
    rule: Rule = {"id": name, "across": "station", "owes": "inspected"}
    rule["every"] = draw(st.sampled_from(["calendar day", "calendar week", "calendar month", "working day"]))
    if draw(st.booleans()):
        rule["after"] = draw(st.sampled_from(NAMES[:2]))
    if rarely(draw, 3):
        rule["when"] = draw(st.sampled_from(LEVEL))
    if rarely(draw, 3):
        rule["at_least"] = 2
    return rule


@st.composite
def with_stations(draw: st.DrawFn) -> Rule:
    """Rules across a station beside the same kind of rule of each case; none sees what became of the other."""
    duties = [draw(across("s1")), draw(st.one_of(across("s2"), recurring("s2")))]
    after = {
        "id": "s3",
        "across": "station",
        "after": ["s1.met", "s1.missed"],
        "owes": "reported",
        "within": "2 days",
    }
    alone = {key: value for key, value in draw(across("c1")).items() if key != "across"}
    count = {"id": "k1", "across": "station", "of": draw(st.sampled_from(PLAIN)), "at_least": 2}
    if draw(st.booleans()):
        count["in"] = draw(st.sampled_from(["calendar day", "calendar week", "2 days", "30 hours"]))
    articles = [article("obligation", rule) for rule in draw(st.permutations([*duties, after, alone]))]
    written = policy([*articles, article("count", count)], draw(conventions()))
    return {**written, "facts": {**FACTS, "station": STATION}}


@st.composite
def stationed(draw: st.DrawFn) -> Matter:
    """Each case says its station with the case, with an event, twice, or never."""
    matter = draw(matters(with_stations(), most=4, bold=True))
    cases, facts = [], []
    for events, given in zip(matter.cases, matter.facts, strict=True):
        told = draw(st.sampled_from([0, 0, 1, 2]))
        facts.append(given if told else {**given, "station": draw(st.sampled_from(STATIONS))})
        cases.append(draw(saying(events, told)))
    return replace(matter, cases=tuple(cases), facts=tuple(facts), register=draw(registers()))


@st.composite
def registers(draw: st.DrawFn) -> dict[str, tuple[tuple[int | None, int | None], ...]]:
    """No register, or one that has a station from a day on, up to a day, or twice with or without a gap."""
    found: dict[str, tuple[tuple[int | None, int | None], ...]] = {}
    for name in STATIONS if draw(st.booleans()) else []:
        first, gap, last = draw(st.sampled_from([-3, 0, 1, 2])), draw(st.sampled_from([1, 1, 2, 4])), None
        middle = first + draw(st.sampled_from([1, 3, 6]))
        if draw(st.booleans()):
            last = middle + gap + draw(st.sampled_from([1, 5, 20]))
        times = (((first, last),), ((None, last),), ((first, middle), (middle + gap, last)), ())
        if chosen := draw(st.sampled_from(times)):
            found[name] = chosen
    return found


@st.composite
def saying(draw: st.DrawFn, events: tuple[Event, ...], times: int) -> tuple[Event, ...]:
    found = list(events)
    for _ in range(times):
        n = draw(st.integers(0, len(found) - 1))
        station = draw(st.sampled_from(STATIONS))
        found[n] = replace(found[n], data={**found[n].data, "station": station})
    return tuple(found)


def halves(written: Rule) -> tuple[Rule, Rule]:
    """The rules of each case, and those across a station."""
    return tuple(  # type: ignore[return-value]
        {
            **written,
            "article": [
                each for each in written["article"]
                if any("across" in rule for _, rule in rules_of({"article": [each]}, "obligation", "count")) is wanted
            ],
        }
        for wanted in (False, True)
    )  # fmt: skip


def by_station(matter: Matter) -> dict[str, list[Event]]:
    """Every event with what its own case knew then, put down to the station that the case had then."""
    found: list[tuple[int, str, Event]] = []
    for n, (events, given) in enumerate(zip(matter.cases, matter.facts, strict=True)):
        facts, brought = dict(given), set[str]()
        for event in sorted(events, key=lambda each: each.at):
            facts.update(event.data)
            brought |= event.data.keys()
            asked = {**{k: v for k, v in given.items() if k not in brought}, **event.data}
            own = replace(event, home=f"c{n}", told=dict(facts), asked=asked)
            if "station" in facts:
                found.append((event.at, facts["station"], own))
    found.sort(key=lambda each: each[0])
    return {name: [event for _, where, event in found if where == name] for name in STATIONS}


def in_register(matter: Matter, name: str) -> tuple[tuple[int, int], ...] | None:
    """First and last instant of each time in the register, those that follow each other as one."""
    days: list[tuple[int, int]] = []
    for since, until in matter.register.get(name, ()):
        first, last = OPEN if since is None else since, 30000 if until is None else until
        goes_on = bool(days) and first == days[-1][1] + 1
        days = [*days[:-1], (days[-1][0], last)] if goes_on else [*days, (first, last)]
    world = matter.office.world
    begins = [ALWAYS if a == OPEN else world.at(BASE + timedelta(a), 0) for a, _ in days]
    ends = [world.end_of(BASE + timedelta(b)) for _, b in days]
    return tuple(zip(begins, ends, strict=True)) or None


def oracle_of_stations(matter: Matter) -> tuple[list[tuple[str, Row]], list[str]]:
    """Cases and stations, each judged alone."""
    own, shared = halves(matter.policy)
    world, people = matter.office.world, matter.people
    lives = {
        f"c{n}": judged(Case(own, world, matter.as_of, facts, people), list(events))
        for n, (events, facts) in enumerate(zip(matter.cases, matter.facts, strict=True))
    }
    for name, events in by_station(matter).items():
        times = in_register(matter, name)
        lives[name] = judged(Case(shared, world, matter.as_of, {}, people, times), events)
    found = [(n, replace(r, notes=r.notes & NOTES)) for n, case in lives.items() for r in rows(case)]
    findings = [
        finding(matter, name, f.at, f.event, f.kind, f.rule, f.step, f.detail)
        for name, case in lives.items()
        for f in [*case.irregular, *case.counts]
    ]
    return sorted(found, key=place), sorted(findings)
