"""The slow judge: what docs/semantics.md says becomes of one case, with nothing kept but what happened.

A policy is the table its file would give, a case a list of events. Every question (is it due, paused, extended,
done) is answered by going through everything that happened since the instance began. It shares no code with the engine
and knows neither charges, draws, roles, registers nor calendars' notices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from tests import naive_time as slow
from tests.naive_time import Days, Limit, Spell, World

TIMED = ("obligation", "window")
OUTCOMES = ("met", "missed", "late", "void")


@dataclass(frozen=True)
class Event:
    at: int
    name: str
    data: dict[str, Any] = field(default_factory=dict)
    early: bool = False
    cause: int = 0  # the event of the log, or the due time, that it comes from


@dataclass(frozen=True)
class Row:
    rule: str
    round: int
    key: Any
    started_at: int
    due_at: int | None
    done_at: int | None
    state: str


@dataclass(frozen=True)
class Irregularity:
    at: int
    event: str
    kind: str
    rule: str | None


@dataclass(eq=False)
class Instance:
    rule: dict[str, Any]
    kind: str
    round: int
    key: Any
    opened: int  # place in the history of what opened it; -1 for the case's start
    start: int
    cause: int = -1
    period: tuple[int, int] | None = None
    applies: bool | None = True
    missed: bool = False
    over: str | None = None  # "done", "void", "lapsed", or "never" where it turned out not to apply
    over_at: int | None = None
    frozen: int | None = None  # the due time when it was over


def named(pattern: Any) -> list[str]:
    """Every event name in a pattern."""
    if isinstance(pattern, str):
        return [pattern]
    if isinstance(pattern, list):
        return [name for part in pattern for name in named(part)]
    if "all" in pattern:
        return named(pattern["all"])
    return [*named(pattern["event"]), *([pattern["since"]] if "since" in pattern else [])]


def parts(pattern: Any) -> list[Any]:
    """What must all happen."""
    return list(pattern["all"]) if isinstance(pattern, dict) and "all" in pattern else [pattern]


def rules_of(policy: dict[str, Any], *kinds: str) -> Iterator[tuple[str, dict[str, Any]]]:
    for article in policy["article"]:
        for kind in kinds:
            for rule in article.get(kind, []):
                yield kind, rule


def patterns_in(rule: dict[str, Any]) -> Iterator[Any]:
    for key in ("after", "owes", "may", "void_by", "restarted_by", "of", "reset_by", "on", "ahead_of"):
        if key in rule:
            yield rule[key]
    for pause in rule.get("pauses", []):
        yield from (pause["from"], pause["to"])
    for extension in rule.get("extensions", []):
        yield extension["by"]
        yield from extension.get("needs", [])


def in_order(rules: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    """Rules after those to whose outcomes they refer."""
    ids = {rule["id"] for _, rule in rules}
    done: list[tuple[str, dict[str, Any]]] = []
    while len(done) < len(rules):
        settled = {rule["id"] for _, rule in done}
        ready = next(each for each in rules if each not in done and wants(each[1], ids) <= settled)
        done.append(ready)
    return done


def wants(rule: dict[str, Any], ids: set[str]) -> set[str]:
    names = [name.split(".")[0] for pattern in patterns_in(rule) for name in named(pattern)]
    return {name for name in names if name in ids}


class Case:
    """One case under one policy, up to an instant."""

    def __init__(self, policy: dict[str, Any], world: World, as_of: int, facts: dict[str, Any]) -> None:
        self.policy, self.world, self.as_of = policy, world, as_of
        self.facts = dict(facts)
        self.given = dict(facts)
        self.rules = in_order(list(rules_of(policy, "obligation", "window", "count", "prohibition")))
        self.place = {rule["id"]: n for n, (_, rule) in enumerate(self.rules)}
        self.steps = [step for _, step in rules_of(policy, "step")]
        self.history: list[Event] = []
        self.instances: list[Instance] = []
        self.irregular: list[Irregularity] = []
        self.states: dict[str, str] = {}
        self.settling = False
        self.causes = 0

    # --- the order of things

    def judge(self, events: list[Event]) -> list[Row]:
        events = sorted((e for e in events if e.at <= self.as_of), key=lambda e: e.at)
        if events:
            self.begin(events[0].at)
        for event in events:
            self.fall_due(event.at)
            self.enter(event)
        self.fall_due(self.as_of)
        return self.rows()

    def begin(self, at: int) -> None:
        for kind, rule in self.rules:
            if kind in TIMED and "after" not in rule:
                self.open(kind, rule, -1, at, None)

    def fall_due(self, until: int) -> None:
        """Let pass, one by one, the due times that lie before this instant."""
        while True:
            falling = [
                (at, self.place[one.rule["id"]], n)
                for n, one in enumerate(self.instances)
                if not one.over and not one.missed and one.applies
                and (at := self.due(one)) is not None and self.too_late(one, at, until)
            ]  # fmt: skip
            if not falling:
                return
            at, _, n = min(falling)
            self.instances[n].missed = True
            self.causes += 1
            one = self.instances[n]
            self.spread([Event(at, one.rule["id"] + ".missed", self.keyed(one), cause=self.causes)])

    def too_late(self, one: Instance, due: int, at: int) -> bool:
        return at >= due if one.rule.get("strict") else at > due

    def enter(self, event: Event) -> None:
        """An event of the log: its facts, its steps, what it does, the state it leads to."""
        self.facts.update({k: v for k, v in event.data.items() if v is not None})
        applying = [step for step in self.steps if self.applies(step, event)]
        wrong = [(step, kind) for step in applying for kind in self.violations(step, event)]
        self.irregular += [Irregularity(event.at, event.name, kind, None) for _, kind in wrong]
        if any(step.get("refused") for step, _ in wrong):
            return
        early = any(kind == "early" for _, kind in wrong)
        self.causes += 1
        self.spread([Event(event.at, event.name, event.data, early, self.causes)])
        for step in applying:
            if "to" in step:
                self.states[step.get("track", "")] = step["to"]

    def spread(self, waiting: list[Event]) -> None:
        """What happens, then the outcomes it raised, rule by rule in the order of dependence."""
        while waiting:
            event = waiting.pop(0)
            self.history.append(event)
            raised: list[Event] = []
            for kind, rule in self.rules:
                raised += self.turn(kind, rule, event, raised)
            waiting = sorted([*waiting, *raised], key=lambda e: self.place[e.name.split(".")[0]])

    def turn(self, kind: str, rule: dict[str, Any], event: Event, raised: list[Event]) -> list[Event]:
        """What one event does to one rule."""
        if kind == "count":
            return self.counted(rule, event)
        if kind == "prohibition":
            return self.forbidden(rule, event)
        outcomes = []
        self.settling = True
        for one in [each for each in self.instances if each.rule is rule and not each.over]:
            self.decide(one)
            if self.voided(one, [event, *raised]):
                outcomes += [(one, how) for how in self.end(one, "void", event.at)]
            elif self.ends(one, event):
                outcomes += [(one, how) for how in self.end(one, "done", event.at)]
            elif (
                "restarted_by" in rule
                and self.matches(rule["restarted_by"], event)
                and self.same_key(one, event)
            ):
                one.missed = False  # the clock starts anew
        self.settling = False
        if "after" in rule and self.triggered(rule, event):
            self.open(kind, rule, len(self.history) - 1, event.at, self.key(rule, event))
        return [
            Event(event.at, f"{rule['id']}.{how}", {**event.data, **self.keyed(one)}, cause=event.cause)
            for one, how in outcomes
        ]

    # --- instances

    def open(self, kind: str, rule: dict[str, Any], place: int, at: int, key: Any) -> None:
        before = [one for one in self.instances if one.rule is rule and one.over != "never"]
        mine = [one for one in before if not one.over and one.key == key]
        for one in mine:
            if kind == "window" and self.is_late(one, at):
                self.end(one, "lapsed", at)
        if any(not one.over for one in mine) or (before and rule.get("once")):
            return
        applies = self.holds(rule.get("when", {}))
        if applies is False:
            return
        round_ = 1 + sum(one.key == key for one in before)
        self.instances.append(Instance(rule, kind, round_, key, place, at, self.causes, applies=applies))

    def decide(self, one: Instance) -> None:
        """A condition that was not known when the instance started is decided as soon as it is."""
        if one.applies is None:
            one.applies = self.holds(one.rule["when"])
            if one.applies is False:
                one.over = "never"

    def keyed(self, one: Instance) -> dict[str, Any]:
        """What an outcome carries of its instance."""
        return {one.rule["per"]: one.key} if "per" in one.rule else {}

    def key(self, rule: dict[str, Any], event: Event) -> Any:
        return event.data.get(rule["per"]) if "per" in rule else None

    def triggered(self, rule: dict[str, Any], event: Event) -> bool:
        """Whether the last of what starts it has just come; what started it once does not start it again."""
        wanted = parts(rule["after"])
        seen: set[int] = set()
        for past in self.history:
            hits = {n for n, part in enumerate(wanted) if self.matches(part, past)}
            complete = bool(hits) and len(seen | hits) == len(wanted)
            seen = set() if complete else seen | hits
        return complete

    def voided(self, one: Instance, signals: list[Event]) -> bool:
        patterns = [p for p in (one.rule.get("void_by"), self.policy["policy"].get("void_by")) if p]
        return any(
            self.complete(pattern, [*self.history[one.opened + 1 :], *signals[1:]], signals)
            for pattern in patterns
        ) and any(self.same_key(one, signal) for signal in signals)

    def complete(self, pattern: Any, past: list[Event], now: list[Event]) -> bool:
        wanted = parts(pattern)
        touched = any(self.matches(part, signal) for part in wanted for signal in now)
        return touched and all(any(self.matches(part, each) for each in past) for part in wanted)

    def same_key(self, one: Instance, event: Event) -> bool:
        if "per" not in one.rule:
            return True
        return event.data.get(one.rule["per"]) in (None, one.key)

    def ends(self, one: Instance, event: Event) -> bool:
        """Whether this event is the last that was owed."""
        pattern = one.rule.get("owes", one.rule.get("may"))
        if pattern is None or not any(self.counts(one, part, event) for part in parts(pattern)):
            return False
        if "per" in one.rule and event.data.get(one.rule["per"]) != one.key:
            return False
        since = self.history[one.opened + 1 :]
        enough = one.rule.get("at_least", 1)
        return all(sum(self.counts(one, part, each) for each in since) >= enough for part in parts(pattern))

    def counts(self, one: Instance, part: Any, event: Event) -> bool:
        if event.early or not self.matches(part, event):
            return False
        if event.cause == one.cause:
            return False
        if "per" in one.rule and event.data.get(one.rule["per"]) != one.key:
            return False
        earliest = one.rule.get("not_before")
        if earliest is None:
            return True
        start = self.clock(one)[0]
        opens = slow.due(self.world, slow.limit(self.told(earliest)), self.days(one), start, [])
        return opens is not None and event.at >= opens

    def end(self, one: Instance, how: str, at: int) -> list[str]:
        """Close the instance and say what became of it."""
        late = self.is_late(one, at)
        due = self.settled_due(one, how, at)
        one.over, one.over_at, one.frozen = how, at, due
        if one.applies is not True or self.unset(one):
            return []
        if how != "done":
            return [] if late else ["void"]
        if late and one.kind == "window":
            one.over = "lapsed"
            return []
        return ["late"] if late else ["met"]

    def is_late(self, one: Instance, at: int) -> bool:
        due = self.due(one)
        return one.missed or (due is not None and self.too_late(one, due, at))

    # --- due times, from scratch

    def settled_due(self, one: Instance, how: str, at: int) -> int | None:
        """What stands as the due time of an instance that is over: what ends it ends a pause; what voids it does not."""
        start, base, added, spells = self.clock(one)
        if how == "void":
            spells = [spell for spell in spells if spell.to is not None]
        spells = [replace(spell, to=spell.to or at) for spell in spells]
        return self.due_from(one, start, base, added, spells)

    def due(self, one: Instance) -> int | None:
        if one.over:
            return one.frozen
        start, base, added, spells = self.clock(one)
        return self.due_from(one, start, base, added, spells)

    def due_from(
        self, one: Instance, start: int, base: str | int | None, added: str | None, spells: list[Spell]
    ) -> int | None:
        if base is None or isinstance(base, int):
            return base
        want = slow.longer(slow.limit(base), added)
        return slow.due(self.world, want, self.days(one), start, spells)

    def told(self, source: Any) -> Any:
        """A limit as written, or what the fact of that name says now."""
        return self.facts.get(source) if source in self.policy.get("facts", {}) else source

    def unset(self, one: Instance) -> bool:
        return one.kind == "obligation" and "within" not in one.rule

    def days(self, one: Instance) -> Days:
        merged = {**self.policy["policy"].get("days", {}), **one.rule.get("days", {})}
        rolls = merged.get("rolls", "no") != "no"
        return Days(merged.get("first", False), rolls, merged.get("ends", "24:00"), merged.get("outside", {}))

    def clock(self, one: Instance) -> tuple[int, str | int | None, str | None, list[Spell]]:
        """Start, limit, what was added to it and the pauses, after everything that has happened."""
        start, base, added = one.start, self.told(one.rule.get("within")), 0
        spells: list[tuple[int, Spell]] = []
        gathered: list[list[Event]] = [[] for _ in one.rule.get("extensions", [])]
        unit = ""
        for event in self.history[one.opened + 1 :]:
            if not self.same_key(one, event):
                continue
            spells = self.paused(one, spells, event)
            more = f"{added} {unit}" if added else None
            now = self.due_from(one, start, base, more, [spell for _, spell in spells])
            for extension, seen in zip(one.rule.get("extensions", []), gathered, strict=True):
                seen.append(event)
                if not self.granted(one, extension, seen, now):
                    continue
                seen.clear()
                if "to" in extension:
                    base = self.told(extension["to"])
                    continue
                wanted = slow.limit(extension["add"])
                unit, added = wanted.unit, added + wanted.amount
                if "at_most" in extension:
                    added = min(added, slow.limit(extension["at_most"]).amount)
            if self.restarts(one, event):
                start, base, added = event.at, self.told(one.rule.get("within")), 0
                # A pause that is still running goes on.
                spells = [(n, replace(s, begin=event.at)) for n, s in spells if s.to is None]
        return start, base, f"{added} {unit}" if added else None, [spell for _, spell in spells]

    def restarts(self, one: Instance, event: Event) -> bool:
        """Endings come before restarts: while the last event is asked what it ends, it has restarted nothing."""
        last = event is self.history[-1] and self.settling
        return not last and "restarted_by" in one.rule and self.matches(one.rule["restarted_by"], event)

    def paused(self, one: Instance, spells: list[tuple[int, Spell]], event: Event) -> list[tuple[int, Spell]]:
        for n, pause in enumerate(one.rule.get("pauses", [])):
            running = [(m, s) for m, s in spells if m == n and s.to is None]
            if running and self.matches(pause["to"], event):
                spell = running[0][1]
                closed = Spell(spell.begin, event.at, spell.both_days, spell.holds)
                spells = [(n, closed) if each == running[0] else each for each in spells]
            elif not running and self.matches(pause["from"], event):
                begun = Spell(event.at, None, pause.get("both_days", False), pause.get("holds", False))
                spells = [*spells, (n, begun)]
        return spells

    def granted(self, one: Instance, extension: dict[str, Any], seen: list[Event], due: int | None) -> bool:
        """Whether this event completes an extension in time."""
        wanted = [extension["by"], *extension.get("needs", [])]
        if not any(self.matches(part, seen[-1]) for part in wanted):
            return False
        if not all(any(self.matches(part, each) for each in seen) for part in wanted):
            return False
        if extension.get("when") and self.holds(extension["when"]) is not True:
            return False
        if not extension.get("in_time", True):
            return True
        return due is None or not self.too_late(one, due, seen[-1].at)

    # --- patterns and conditions

    def matches(self, pattern: Any, event: Event) -> bool:
        if isinstance(pattern, str):
            return event.name == pattern
        if isinstance(pattern, list):
            return any(self.matches(part, event) for part in pattern)
        if event.name not in named(pattern["event"]):
            return False
        carried = {**self.given, **event.data}
        return all(
            self.test(carried.get(fact), asked) is True for fact, asked in pattern.get("where", {}).items()
        )

    def holds(self, condition: dict[str, Any]) -> bool | None:
        answers = [self.test(self.facts.get(fact), asked) for fact, asked in condition.items()]
        if False in answers:
            return False
        return None if None in answers else True

    def test(self, value: Any, asked: Any) -> bool | None:
        if isinstance(asked, dict) and "known" in asked:
            return bool((value is not None) == asked["known"])
        if value is None:
            return None
        if isinstance(asked, list):
            return value in asked
        if not isinstance(asked, dict):
            return bool(value == asked)
        if "not" in asked:
            return value not in (asked["not"] if isinstance(asked["not"], list) else [asked["not"]])
        return bool(
            value >= asked.get("at_least", value)
            and value <= asked.get("at_most", value)
            and ("above" not in asked or value > asked["above"])
            and ("below" not in asked or value < asked["below"])
        )

    # --- steps, prohibitions, counts

    def applies(self, step: dict[str, Any], event: Event) -> bool:
        names = [step["event"]] if isinstance(step["event"], str) else step["event"]
        return event.name in names and self.holds(step.get("when", {})) is True

    def violations(self, step: dict[str, Any], event: Event) -> Iterator[str]:
        if "from" in step and self.states.get(step.get("track", ""), "start") not in step["from"]:
            yield "state"
        if self.gate(step):
            yield "gate"
        if "inside" in step and (wrong := self.outside(step["inside"], event.at)):
            yield wrong
        if any(event.data.get(fact) is None for fact in step.get("asks", [])):
            yield "field"

    def gate(self, step: dict[str, Any]) -> bool:
        missing = any(not self.happened(pattern) for pattern in step.get("needs", []))
        unfit = self.holds(step.get("requires", {})) is False
        return missing or unfit or any(self.any_open(rule) for rule in step.get("settled", []))

    def happened(self, pattern: Any) -> bool:
        past = self.history
        if isinstance(pattern, dict) and "since" in pattern:
            marks = [n for n, event in enumerate(past) if event.name == pattern["since"]]
            past = past[marks[-1] + 1 :] if marks else []
        return all(any(self.matches(part, event) for event in past) for part in parts(pattern))

    def any_open(self, rule: str) -> bool:
        return any(one.rule["id"] == rule and not one.over for one in self.instances)

    def outside(self, window: str, at: int) -> str | None:
        open_now = [
            one for one in self.instances if one.rule["id"] == window and not one.over and not one.missed
        ]
        if not open_now:
            return "gate"
        one = open_now[-1]
        earliest = one.rule.get("not_before")
        if earliest:
            opens = slow.due(self.world, slow.limit(earliest), self.days(one), self.clock(one)[0], [])
            if opens is not None and at < opens:
                return "early"
        return None

    def forbidden(self, rule: dict[str, Any], event: Event) -> list[Event]:
        if not self.matches(rule["on"], event) or self.holds(rule.get("when", {})) is not True:
            return []
        self.irregular.append(Irregularity(event.at, event.name, "prohibited", rule["id"]))
        return [Event(event.at, rule["id"], cause=event.cause)]

    def counted(self, rule: dict[str, Any], event: Event) -> list[Event]:
        """Count over again everything since the number was last reached."""
        if not self.matches(rule["of"], event):
            return []
        fresh: list[Event] = []
        reached = False
        for past in self.history:
            if "reset_by" in rule and self.matches(rule["reset_by"], past):
                fresh = []
            if not self.matches(rule["of"], past):
                continue
            fresh = [*(each for each in fresh if self.together(rule, each, past)), past]
            alike = [each for each in fresh if self.alike(rule, each, past)]
            reached = len(alike) >= rule.get("at_least", rule.get("above", 0) + 1)
            if reached:
                fresh = [each for each in fresh if each not in alike]
        return [Event(event.at, rule["id"] + ".reached", cause=event.cause)] if reached else []

    def alike(self, rule: dict[str, Any], one: Event, other: Event) -> bool:
        return "per" not in rule or one.data.get(rule["per"]) == other.data.get(rule["per"])

    def together(self, rule: dict[str, Any], earlier: Event, later: Event) -> bool:
        """Whether both lie in the period that is counted."""
        if "in" not in rule:
            return True
        if rule["in"].startswith("calendar") or rule["in"].startswith("working"):
            return later.at <= next(slow.periods(self.world, rule["in"], earlier.at))[1]
        span: Limit = slow.limit(rule["in"])
        reach = slow.due(self.world, span, Days(ends="same time"), earlier.at, [])
        return reach is not None and later.at <= reach

    # --- what is told

    def rows(self) -> list[Row]:
        told = [one for one in self.instances if one.over != "never"]
        return [self.row(one) for one in told]

    def row(self, one: Instance) -> Row:
        due = self.due(one) if one.applies else None
        done = one.over_at if one.over == "done" else None
        start = self.clock(one)[0] if not one.over else self.started(one)
        return Row(one.rule["id"], one.round, one.key, start, due, done, self.state(one, due))

    def started(self, one: Instance) -> int:
        marks = [
            event.at
            for event in self.history[one.opened + 1 :]
            if "restarted_by" in one.rule
            and self.matches(one.rule["restarted_by"], event)
            and self.same_key(one, event)
            and (one.over_at is None or event.at < one.over_at)
        ]
        return marks[-1] if marks else one.start

    def state(self, one: Instance, due: int | None) -> str:
        window = one.kind == "window"
        if one.applies is None:
            return "void" if one.over == "void" else "waiting"
        late = one.missed or (one.over is not None and due is not None and one.over_at is not None
                              and self.too_late(one, due, one.over_at))  # fmt: skip
        if one.over == "void":
            return ("lapsed" if window else "overdue") if late else "void"
        if self.unset(one):
            return "unset"
        if window:
            return "lapsed" if late else "used" if one.over else "open"
        if one.over:
            return "late" if late else "met"
        return "overdue" if late else "open"


def judge(
    policy: dict[str, Any], world: World, events: list[Event], as_of: int, facts: dict[str, Any] | None = None
) -> list[Row]:
    return Case(policy, world, as_of, facts or {}).judge(events)
