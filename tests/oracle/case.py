"""The slow judge: what docs/semantics.md says becomes of one case, with nothing kept but what happened.

A policy is the table its file would give, a case a list of events. Every question (is it due, paused, extended,
done) is answered by going through everything that happened since the instance began. It shares no code with the engine
and knows neither charges, draws nor calendars' notices.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.oracle import counts, instances, periods, steps
from tests.oracle.conditions import carried, settled
from tests.oracle.patterns import is_named, last_of_all, matches
from tests.oracle.state import Case, Event, Instance, Irregularity, Series
from tests.oracle.words import in_order, parts, rules_of

TIMED = ("obligation", "window")
ENTERED = "entered the register"
ALWAYS = -(10**12)  # the beginning of a time in a register that nobody says
Rule = dict[str, Any]


def judge(case: Case, events: list[Event]) -> Case:
    """Everything that becomes of a case, in their order."""
    case.rules = in_order(list(rules_of(case.policy, *TIMED, "count", "prohibition")))
    case.facts = dict(case.given)
    first = min((e.at for e in events), default=case.as_of + 1)
    entries = [Event(first if since == ALWAYS else since, ENTERED) for since, _ in case.times or ()]
    case.ahead = sorted((e for e in [*entries, *events] if e.at <= case.as_of), key=lambda e: e.at)
    if case.ahead and case.times is None:
        learn(case, case.ahead[0])  # the first event is part of the case's start
        begin(case, case.ahead[0].at)
    while case.ahead:
        fall_due(case, case.ahead[0].at)
        event = case.ahead.pop(0)
        if event.name == ENTERED:
            begin(case, event.at)
        else:
            enter(case, event)
    fall_due(case, case.as_of)
    return case


def begin(case: Case, at: int) -> None:
    """Start what counts from the case's start."""
    for kind, rule in case.rules:
        if kind in TIMED and "after" not in rule:
            trigger(case, kind, rule, at, None)


def learn(case: Case, event: Event) -> None:
    """What is known from now on: of several cases, only what the event's own case knows."""
    case.facts = case.facts | carried(event) if event.told is None else dict(event.told)


def asked(case: Case, event: Event) -> dict[str, Any]:
    return steps.brings(case, event) if event.told is None else event.asked


def fall_due(case: Case, until: int) -> None:
    """Let pass, one by one, the periods that begin and the due times that lie before this instant."""
    while True:
        starting = [
            (s.coming[0], 0, n) for n, s in enumerate(case.series) if s.coming and s.coming[0] <= until
        ]
        falling = [
            (at, 1, n)
            for n, one in enumerate(case.instances)
            if (at := missed_at(case, one, until)) is not None
        ]
        if not starting and not falling:
            return
        at, what, n = min([*starting, *(first_of(case, falling) if falling else [])])
        if what:
            miss(case, case.instances[n], at)
        else:
            begin_period(case, case.series[n])


def first_of(case: Case, falling: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The earliest due time, of the first rule in the order of dependence."""
    return [min(falling, key=lambda each: (each[0], case.place(case.instances[each[2]].rule["id"]), each[2]))]


def missed_at(case: Case, one: Instance, until: int) -> int | None:
    if one.over or one.missed or not one.applies:
        return None
    at = instances.due(case, one)
    return at if at is not None and instances.too_late(one, at, until) else None


def miss(case: Case, one: Instance, at: int) -> None:
    one.missed = True
    case.causes += 1
    spread(case, [raised(case, at, one.rule["id"] + ".missed", keyed(one), case.causes)])


def enter(case: Case, event: Event) -> None:
    """An event of the log: its facts, its steps, what it does, the state it leads to."""
    learn(case, event)
    case.brought |= set(carried(event))
    applying = steps.applying(case, event)
    wrong = [(step, steps.violations(case, step, event)) for step in applying]
    for step, found in wrong:
        name = step["event"] if isinstance(step["event"], str) else " ".join(step["event"])
        case.irregular += [Irregularity(event.at, event.name, k, None, name, d) for k, d in found.items()]
    if any(step.get("refused") and found for step, found in wrong):
        return
    case.causes += 1
    early = any("early" in found for _, found in wrong)
    spread(case, [replace(event, early=early, cause=case.causes, asked=asked(case, event))])
    for step in applying:
        if "to" in step:
            case.states[step.get("track", "")] = step["to"]


def spread(case: Case, waiting: list[Event]) -> None:
    """What happens, then the outcomes it raised, rule by rule in the order of dependence."""
    while waiting:
        event = replace(waiting.pop(0), known=dict(case.facts))
        case.history.append(event)
        outcomes = forbidden(case)
        for kind, rule in case.rules:
            outcomes += turn(case, kind, rule, outcomes)
        waiting = sorted([*waiting, *outcomes], key=lambda each: case.place(each.name))


def forbidden(case: Case) -> list[Event]:
    """Prohibitions are judged on the state before the event."""
    event, found = case.history[-1], []
    for rule in [rule for kind, rule in case.rules if kind == "prohibition"]:
        if steps.forbids(case, rule, event, last_of_all(case, rule["on"])):
            case.irregular.append(Irregularity(event.at, event.name, "prohibited", rule["id"]))
            found.append(raised(case, event.at, rule["id"], {}, event.cause))
    return found


def turn(case: Case, kind: str, rule: Rule, before: list[Event]) -> list[Event]:
    """What has just happened does this to one rule, and raises what comes of it."""
    event = case.history[-1]
    if kind == "prohibition":
        return []
    if kind == "count":
        return counted(case, rule)
    case.settling = True
    if "every" in rule and any(matches(case, p, len(case.history) - 1) for p in voiding(case, rule)):
        case.series = [s for s in case.series if s.rule is not rule or not instances.same_key(s, event)]
    outcomes = [each for one in running(case, rule) for each in touched(case, one, [event, *before])]
    case.settling = False
    if "after" in rule and last_of_all(case, rule["after"]):
        trigger(case, kind, rule, event.at, event.data.get(rule["per"]) if "per" in rule else None)
    return outcomes


def counted(case: Case, rule: Rule) -> list[Event]:
    if not counts.reaches(case, rule):
        return []
    event = case.history[-1]
    case.counts.append(Irregularity(event.at, event.name, "reached", rule["id"]))
    return [raised(case, event.at, rule["id"] + ".reached", {}, event.cause)]


def running(case: Case, rule: Rule) -> list[Instance]:
    return [one for one in case.instances if one.rule is rule and not one.over]


def touched(case: Case, one: Instance, signals: list[Event]) -> list[Event]:
    """Void beats done, and both beat a restart."""
    event = signals[0]
    if voided(case, one, signals):
        return end(case, one, "void", event)
    if early(case, one, event):
        one.notes.add("too-early-ignored")
        if one.applies:
            case.irregular.append(Irregularity(event.at, event.name, "early", one.rule["id"]))
    if ends(case, one):
        return end(case, one, "done", event)
    if "restarted_by" in one.rule and is_named(case, one.rule["restarted_by"], event):
        one.missed = one.missed and not instances.same_key(one, event)  # the clock starts anew
    return []


# --- instances


def trigger(case: Case, kind: str, rule: Rule, at: int, key: Any) -> None:
    """Open an instance, or a series of them, unless one is open."""
    mine = [one for one in running(case, rule) if one.key == key]
    for one in mine:
        if "every" not in rule and instances.has_lapsed(case, one, at):
            end(case, one, "lapsed", Event(at, ""))
    still = [one for one in mine if not one.over and not is_past(one, at)]
    for one in still if "every" not in rule else []:
        one.notes.add("trigger-ignored")
    if still or any(s.rule is rule and s.key == key for s in case.series):
        return
    if rule.get("once") and any(one.rule is rule for one in case.instances):
        return
    place = len(case.history) - 1
    if "every" not in rule:
        open_one(case, kind, rule, key, place, at, at, case.causes, None)
        return
    days = instances.days_of(case, rule)
    coming = periods.within(case.times, at, periods.of_rule(case.world, days, rule, at))
    series = Series(rule, kind, key, place, case.causes, coming)
    case.series.append(series)
    next_period(case, series)
    while series.coming and series.coming[0] <= at:
        begin_period(case, series)


def is_past(one: Instance, at: int) -> bool:
    """Whether its period is past: what a series leaves undone does not keep the next one from beginning."""
    return one.period is not None and one.period[1] < at


def next_period(case: Case, series: Series) -> None:
    series.coming = next(series.periods, None)
    if series.coming and periods.looks_back(series.rule):
        series.coming = series.coming[1] + 1, series.coming[1]
    if series.coming is None:
        case.series.remove(series)


def begin_period(case: Case, series: Series) -> None:
    assert series.coming
    start, last = series.coming
    origin = min(start, last)
    place = max(series.opened, len(case.history) - 1)
    open_one(case, series.kind, series.rule, series.key, place, start, origin, series.cause, (start, last))
    next_period(case, series)


def open_one(
    case: Case,
    kind: str,
    rule: Rule,
    key: Any,
    place: int,
    start: int,
    origin: int,
    cause: int,
    period: tuple[int, int] | None,
) -> None:
    """The next round, if the rule applies to the case or nobody knows yet."""
    home = case.history[place].home if period is None and place >= 0 else None
    now = max(start, case.history[-1].at if case.history else start)
    applies, later = settled(case, rule.get("when", {}), home, now)
    if applies is False:
        return
    turn_ = 1 + sum(one.rule is rule and one.key == key for one in case.instances)
    case.instances.append(
        Instance(rule, kind, turn_, key, place, start, origin, cause, period, applies=applies, later=later)
    )


def keyed(one: Instance) -> dict[str, Any]:
    """What an outcome carries of its instance."""
    return {one.rule["per"]: one.key} if "per" in one.rule else {}


def voided(case: Case, one: Instance, signals: list[Event]) -> bool:
    if not any(instances.same_key(one, signal) for signal in signals):
        return False
    now = len(case.history) - 1
    return any(
        matches(case, pattern, now) or any(is_named(case, pattern, signal) for signal in signals[1:])
        for pattern in voiding(case, one.rule)
    )


def voiding(case: Case, rule: Rule) -> list[Any]:
    return [p for p in (rule.get("void_by"), case.policy["policy"].get("void_by")) if p]


def owed(one: Instance) -> list[Any]:
    return parts(one.rule["owes"] if "owes" in one.rule else one.rule.get("may", []))


def may_end(case: Case, one: Instance, n: int) -> bool:
    """Whether what happened then can count for this instance at all."""
    event = case.history[n]
    if event.early or event.cause == one.cause:
        return False
    if "per" in one.rule and event.data.get(one.rule["per"]) != one.key:
        return False
    return "every" not in one.rule or is_latest(case, one, event)


def is_latest(case: Case, one: Instance, event: Event) -> bool:
    """An event is put down to the latest period that had begun."""
    mine = [each for each in case.instances if each.rule is one.rule and each.key == one.key]
    return one in [each for each in mine if each.start <= event.at][-1:]


def early(case: Case, one: Instance, event: Event) -> bool:
    if not any(is_named(case, part, event) for part in owed(one)):
        return False
    opens = instances.opens_at(case, one)
    return opens is not None and event.at < opens and may_end(case, one, len(case.history) - 1)


def ends(case: Case, one: Instance) -> bool:
    """Whether what has just happened is the last that was owed."""
    now = len(case.history) - 1
    first = started_after(case, one, now) + 1
    if not any(is_named(case, part, case.history[now]) for part in owed(one)) or not may_end(case, one, now):
        return False
    opens = instances.opens_at(case, one)
    past = [
        n for n in range(first, now + 1)
        if may_end(case, one, n) and (opens is None or case.history[n].at >= opens)
    ]  # fmt: skip
    hits = [[n for n in past if matches(case, part, n, first)] for part in owed(one)]
    return any(now in each for each in hits) and all(
        len(each) >= one.rule.get("at_least", 1) for each in hits
    )


def started_after(case: Case, one: Instance, now: int) -> int:
    """The place of what opened it or started it anew; nothing done before that counts."""
    if "restarted_by" not in one.rule:
        return one.opened
    marks = [
        n
        for n in range(one.opened + 1, now)
        if matches(case, one.rule["restarted_by"], n) and instances.same_key(one, case.history[n])
    ]
    return marks[-1] if marks else one.opened


def end(case: Case, one: Instance, how: str, event: Event) -> list[Event]:
    """Close the instance and say what became of it."""
    now = instances.clock(case, one)
    late = instances.is_late(case, one, event.at)
    frozen = instances.settled_due(case, one, how, event.at)
    one.over, one.over_at, one.frozen, one.stopped, one.ended = how, event.at, frozen, now, how == "done"
    outcome = became(case, one, late)
    if outcome is None:
        return []
    data = {**event.data, **keyed(one)}
    found = raised(case, event.at, f"{one.rule['id']}.{outcome}", data, event.cause)
    return [replace(found, took=(now.start, tuple(spell for _, spell in now.spells)))]


def raised(case: Case, at: int, name: str, data: dict[str, Any], cause: int) -> Event:
    """An outcome carries nothing of its own: `where` asks about what is known of the case."""
    return Event(at, name, data, cause=cause, asked=dict(case.facts), outcome=True)


def became(case: Case, one: Instance, late: bool) -> str | None:
    """The outcome that is an event, if it is one (docs/semantics.md#outcomes-of-the-undecided)."""
    if one.applies is not True:
        return None
    if one.over != "done":
        return None if late else "void"
    if late and one.kind == "window":
        one.over, one.ended = "lapsed", False
        return None
    return "late" if late else "met"
