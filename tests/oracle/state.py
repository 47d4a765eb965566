"""What the slow judge keeps of a case: what has happened, what runs, what was irregular. Nothing is worked out here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.oracle.time import Spell, World


@dataclass(frozen=True)
class Event:
    """An event of the log, or what became of a rule; the judge adds the last three when it happens."""

    at: int
    name: str
    data: dict[str, Any] = field(default_factory=dict)
    actor: str | None = None
    early: bool = False  # it came before the window it may happen in, and ends nothing
    cause: int = 0  # the event of the log, or the due time, that it comes from
    known: dict[str, Any] = field(default_factory=dict)  # every fact known at that moment
    asked: dict[str, Any] = field(default_factory=dict)  # the facts that `where` may ask about
    took: tuple[int, tuple[Spell, ...]] | None = None  # since when ran what it ended, and its pauses
    home: str | None = (
        None  # of a log of several cases: the event's own case, and all that was known of it then
    )
    told: dict[str, Any] | None = None
    outcome: bool = False  # not of the log, and perhaps of an earlier instant than what was before it


@dataclass(frozen=True)
class Row:
    rule: str
    round: int
    key: Any
    started_at: int
    due_at: int | None
    warn_at: int | None
    done_at: int | None
    state: str
    notes: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Irregularity:
    """`rule` is named by a prohibition, a count or a duty done too early, `step` and `detail` by a step."""

    at: int
    event: str
    kind: str
    rule: str | None = None
    step: str | None = None
    detail: str | None = None


@dataclass(eq=False)
class Instance:
    rule: dict[str, Any]
    kind: str
    round: int
    key: Any
    opened: int  # place in the history of what opened it; -1 for the case's start
    start: int
    origin: int  # from where its limits are counted: the start, or the end of the period it looks back on
    cause: int = -1
    period: tuple[int, int] | None = None
    applies: bool | None = True
    later: bool = False  # its condition became known after its start
    missed: bool = False
    over: str | None = None  # "done", "void" or "lapsed"
    over_at: int | None = None
    frozen: int | None = None  # the due time when it was over
    stopped: Any = None  # its clock when it was over
    ended: bool = False  # what was owed, or allowed, has been done
    notes: set[str] = field(default_factory=set)


@dataclass(eq=False)
class Series:
    """Periods that follow each other until something ends them."""

    rule: dict[str, Any]
    kind: str
    key: Any
    opened: int
    cause: int
    periods: Iterator[tuple[int, int]]
    coming: tuple[int, int] | None = None


@dataclass(eq=False)
class Case:
    """One case under one policy, up to an instant. `people` says who holds which organisational roles."""

    policy: dict[str, Any]
    world: World
    as_of: int
    given: dict[str, Any] = field(default_factory=dict)
    people: dict[str, tuple[str, ...]] = field(default_factory=dict)
    times: tuple[tuple[int, int], ...] | None = (
        None  # of a subject, when the register has it; None: it does not
    )
    rules: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)
    brought: set[str] = field(default_factory=set)  # facts that an event has brought
    history: list[Event] = field(default_factory=list)
    ahead: list[Event] = field(default_factory=list)  # events of the log still to come
    instances: list[Instance] = field(default_factory=list)
    series: list[Series] = field(default_factory=list)
    irregular: list[Irregularity] = field(default_factory=list)
    counts: list[Irregularity] = field(default_factory=list)
    states: dict[str, str] = field(default_factory=dict)
    settling: bool = False
    causes: int = 0

    def place(self, name: str) -> int:
        """The place of a rule, or of what became of it, in the order of dependence."""
        rule = name.split(".")[0]
        return next((n for n, (_, each) in enumerate(self.rules) if each["id"] == rule), -1)
