"""A program while it is written: codes of events, columns that are asked for, actions, numbers of rules."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, NamedTuple

from bihuan.engine.limit import Limit
from bihuan.engine.listening import EACH, Mark, Node, all_parts, flat, quorum, since_events
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition, EventPattern, Pattern
from bihuan.engine.policy import Policy
from bihuan.engine.prepared import Prepared
from bihuan.engine.rules import Count, Step, Timed
from bihuan.engine.tables import limit_record

START_OF_CASE = "start of case"
ENTERED = "entered the register"  # where the case of a subject starts that a register has
MEASURED_IN = (
    Limit(1, "second"),
    Limit(1, "working hour"),
    Limit(1, "working day"),
    Limit(1, "day"),
)  # layout.MEASURES
OTHER = "any other event"


@dataclass(frozen=True)
class Ask:
    """One column that the fold needs: what is asked, of what."""

    what: str  # tests: when, where, by, role, self, carries, both. values: limit, amount, instant, due, key, person, calendar
    of: Any
    lacks: bool = False  # a parameter may be missing, where a row comes to need it


class Action(NamedTuple):
    """That an event fires bits in a rule, if a test column holds and so many persons did it since a mark."""

    rule: int
    bits: int
    test: int = -1
    persons: int = 1
    mark: int = -1
    since: int = -1


@dataclass
class Layout:
    """The program of one kind of subject; `rules[n]` and `steps[n]` are what record n was made of."""

    subject: str
    codes: dict[str, int]
    rules: list[Node] = field(default_factory=list)
    articles: list[str] = field(default_factory=list)
    steps: list[tuple[Step, str]] = field(default_factory=list)
    step_items: list[Any] = field(default_factory=list)  # what each item of a step stands for
    states: list[str] = field(default_factory=lambda: ["start"])
    tests: list[Ask] = field(default_factory=list)
    # By test: the events at which steps ask it; None where rules ask it at any event.
    asked_at: dict[int, set[str | None]] = field(default_factory=dict)
    values: list[Ask] = field(default_factory=list)
    limits: list[Limit] = field(default_factory=lambda: list(MEASURED_IN))
    days: list[tuple[int, ...]] = field(default_factory=list)
    calendars: list[str] = field(default_factory=list)
    # By rule: the parameters and documents it lacks, for every row and where a row comes to need them.
    lacking: dict[int, tuple[str, ...]] = field(default_factory=dict)
    perhaps: dict[int, tuple[str, ...]] = field(default_factory=dict)
    columns: dict[str, list[Any]] = field(default_factory=dict)  # of work.Program
    ring: int = 1

    @cached_property
    def events(self) -> dict[str, int]:
        """Codes of events; the last stands for every event that no rule knows."""
        return {name: code for name, code in self.codes.items() if code <= self.codes[OTHER]}

    @cached_property
    def limit_records(self) -> list[tuple[int, ...]]:
        """The limits as the clock reads them."""
        return [limit_record(limit) for limit in self.limits]


class Draft:
    """What a layout is made of while it grows; every method answers the number of what it added."""

    def __init__(self, prepared: Prepared, subject: str) -> None:
        self.prepared = prepared
        self.policy: Policy = prepared.policy
        self.parameters: Parameters = prepared.parameters
        self.out = Layout(subject, {})
        self.at_event: str | None = None  # the one whose steps are being written
        self.marks: dict[str, Mark] = {}  # by what they remember, written out: conditions cannot be hashed
        self.actions: dict[int, list[Action]] = {}
        self.numbers: dict[int, int] = {}  # of rules, by their identity
        self.by_name: dict[str, int] = {}
        self.tracks: dict[str, int] = {"": 0}
        self.pauses: list[list[int]] = []
        self.extensions: list[list[int]] = []
        self.periods: list[list[int]] = []
        self.counted_periods: list[list[int]] = []

    def many_key(self, node: Node) -> str | None:
        """The fact of several values that separates a rule's instances, if it has one."""
        per = node.per if isinstance(node, Timed | Count) else None
        return per if per and per in self.policy.facts and self.policy.facts[per].many else None

    def resolved(self, names: Iterable[str]) -> list[str]:
        """Names of events, with parameters that name events replaced."""
        found: list[str] = []
        for name in names:
            value = self.parameters[name].on() if name in self.parameters else None
            found += [name] if value is None else [value] if isinstance(value, str) else list(value)
        return found

    def code(self, name: str) -> int | None:
        """The code of an event, or of what becomes of a rule; a bare rule name is that it happened."""
        if name in self.by_name:
            return self.out.codes[f"{name}.met"]
        return self.out.codes.get(
            name.removesuffix(".reached") + ".met" if name.endswith(".reached") else name
        )

    def test(self, what: str, of: Any) -> int:
        if of is None:
            return -1
        lacks = what == "when" and bool(self.prepared.missing(of))
        n = self.asked(self.out.tests, Ask(what, of, lacks))
        self.out.asked_at.setdefault(n, set()).add(self.at_event)
        return n

    def value(self, what: str, of: Any) -> int:
        lacks = what == "limit" and bool(self.prepared.missing(of))
        return self.asked(self.out.values, Ask(what, of, lacks))

    def asked(self, asks: list[Ask], ask: Ask) -> int:
        key = (ask.what, id(ask.of) if isinstance(ask.of, Condition) else ask.of)
        for n, one in enumerate(asks):
            if (one.what, id(one.of) if isinstance(one.of, Condition) else one.of) == key:
                return n
        asks.append(ask)
        return len(asks) - 1

    def limit(self, limit: Limit | None) -> int:
        if limit is None:
            return -1
        if limit not in self.out.limits:
            self.out.limits.append(limit)
        return self.out.limits.index(limit)

    def lack(self, rule: Node, *names: str, surely: bool = True) -> None:
        of = self.out.lacking if surely else self.out.perhaps
        n = self.numbers[id(rule)]
        of[n] = tuple(dict.fromkeys((*of.get(n, ()), *names)))

    def act(self, rule: Node, pattern: Pattern | EventPattern | None, bits: int) -> None:
        """Let every event of a pattern fire `bits` in a rule."""
        events = [pattern] if isinstance(pattern, EventPattern) else flat(pattern)
        for event in events:
            for name in self.resolved(event.event):
                copies = f"{name}{EACH}{self.many_key(rule)}"
                for code in (self.code(name), self.out.codes.get(copies)):
                    if code is not None:
                        self.actions.setdefault(code, []).append(self.action(rule, event, bits, code))

    def action(self, rule: Node, event: EventPattern, bits: int, code: int) -> Action:
        # An outcome carries nothing itself: what is asked of it is asked of the case as it is known then.
        raised = code > self.out.codes[START_OF_CASE]
        test = self.test("when" if raised else "where", event.where)
        if event.by is not None:
            by = self.test("by", event.by)
            test = by if test < 0 else self.test("both", (test, by))
        own = self.numbers[id(rule)]
        return Action(
            own,
            bits,
            test,
            event.at_least,
            self.remembered(quorum(event)),
            self.remembered(since_events(event)),
        )

    def remembered(self, events: tuple[EventPattern, ...]) -> int:
        mark = self.marks.get(repr(events))
        return self.numbers[id(mark)] if mark else -1

    def parts(self, rule: Node, pattern: Pattern | None, bits: int, part: int) -> tuple[int, int]:
        """Fire `bits` for an any-pattern; for an all-pattern a bit for each part. Answers their mask and the next bit."""
        if pattern is None or not pattern.all:
            self.act(rule, pattern, bits)
            return 0, part
        mask = 0
        for one in all_parts(pattern):
            self.act(rule, one, part)
            mask |= part
            part <<= 1
        return mask, part

    def calendar(self, name: str) -> int:
        if name not in self.out.calendars:
            self.out.calendars.append(name)
        return self.out.calendars.index(name)

    def mark(self, events: tuple[EventPattern, ...]) -> None:
        if events and repr(events) not in self.marks:
            # Whether enough persons did it is asked when it matters; each deed is remembered.
            self.marks[repr(events)] = Mark(tuple(replace(event, at_least=1) for event in events))
            for event in events:
                self.mark(since_events(event))

    def earned(self, role: str) -> tuple[EventPattern, ...]:
        declared = self.policy.roles.get(role)
        events = (EventPattern(declared.did),) if declared and declared.did else ()
        self.mark(events)
        return events
