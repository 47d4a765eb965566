"""What a program asks of a log, answered by its facts: the integers that the fold reads beside the events."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine import clock
from bihuan.engine.calendar import Calendar, stack
from bihuan.engine.clock import NONE
from bihuan.engine.draft import ENTERED, OTHER, START_OF_CASE, Ask, Layout
from bihuan.engine.facts import Facts
from bihuan.engine.layout import LACKS
from bihuan.engine.listening import EACH
from bihuan.engine.rows import Rows
from bihuan.engine.tables import amount_of, limit_record
from bihuan.engine.touched import Touching, touching
from bihuan.engine.work import Clock, Events, Program

Ints = NDArray[np.int64]
Find = Callable[[str], Calendar]


@dataclass
class Answers:
    """The input of the fold, and what its codes stand for."""

    program: Program
    clock: Clock
    events: Events
    limits: list[Any]
    calendars: list[Calendar]
    keys: dict[str, list[Any]] = field(default_factory=dict)  # labels of the keys of `per`
    origin: Ints | None = None  # row of the log that each row of `events` is, where events were repeated


class Asked:
    """Answers the asks of one program over the rows of one log."""

    def __init__(self, layout: Layout, facts: Facts, find: Find) -> None:
        self.layout = layout
        self.facts = facts
        self.find = find
        self.names = list(layout.calendars)
        self.keys: dict[str, list[Any]] = {}

    def test(self, ask: Ask) -> NDArray[np.int8]:
        match ask.what:
            case "when":
                found = self.facts.test(ask.of)
                return (
                    np.where(self.facts.unset(ask.of), LACKS, found).astype(np.int8) if ask.lacks else found
                )
            case "where":
                return self.facts.test(ask.of, carried=True)
            case "role":
                return self.facts.role(ask.of)
            case "self":  # a deputy acts where the holder must keep away: docs/semantics.md#recusal
                return self.facts.role(ask.of, deputies=False)
            case "by":  # an actor nobody knows violates no `by`
                return np.asarray(self.facts.role(ask.of) != 0, np.int8)
            case "carries":
                return self.facts.carries(ask.of).astype(np.int8)
        where, by = (self.test(self.layout.tests[n]) for n in ask.of)
        return np.where(by == 0, 0, where).astype(np.int8)

    def value(self, ask: Ask) -> Ints:
        match ask.what:
            case "instant":
                return self.facts.instant(ask.of)
            case "due":
                return self.end_of_date(ask.of)
            case "limit":
                slots = self.facts.limit(ask.of)
                found = np.where(slots < 0, -1, slots + len(self.layout.limits))
                return np.where(self.facts.unset(ask.of), LACKS, found) if ask.lacks else found
            case "amount":
                return self.amount(ask.of)
            case "key":
                codes, labels = self.facts.key(ask.of)
                fact = self.facts.policy.facts.get(ask.of)
                self.keys[ask.of] = self.facts.sets(ask.of) if fact and fact.many else labels
                # Like `where`: what an earlier event brought does not say which instance this one is about.
                return np.where(self.facts.carries(ask.of), codes, -1)
            case "calendar":
                return self.calendar(ask.of)
        return self.person(ask.of)

    def end_of_date(self, name: str) -> Ints:
        """An agreed instant; where only its date is known, the end of that date."""
        at = self.facts.instant(name)
        whole = self.facts.whole(name) & (at != NONE)
        if not whole.any():
            return at
        local = self.facts.local
        midnight = local.instant(local.day(at) + 1, np.zeros_like(at))
        return np.where(whole, midnight - 1, at)

    def amount(self, name: str) -> Ints:
        slots = self.facts.limit(name)
        amounts = np.array([*(amount_of(limit)[1] for limit in self.facts.limits), -1], np.int64)
        return amounts[slots]

    def calendar(self, name: str) -> Ints:
        codes, labels = self.facts.key(name)
        numbers = []
        for label in labels:
            if label not in self.names:
                self.names.append(label)
            numbers.append(self.names.index(label))
        return np.array([*numbers, -1], np.int64)[codes]

    def person(self, role: str) -> Ints:
        declared = self.facts.policy.roles.get(role)
        if role == "actor":
            return self.facts.actor
        name = declared.fact if declared else None
        if name is None:
            return np.full(self.facts.grid.rows_total, -1, np.int64)
        codes, labels = self.facts.key(name)
        if labels is self.facts.parties.labels:
            return codes
        own = np.array([*(self.facts.parties.code(label) for label in labels), -1], np.int64)
        return own[codes]


def answers(
    layout: Layout, facts: Facts, find: Find, rows: Rows, bounds: tuple[Ints, Ints, Ints] | None = None
) -> Answers:
    """Everything the fold needs for these rows.

    `bounds`: when a register has each subject, and which case each row is of.
    """
    asked = Asked(layout, facts, find)
    n = len(rows.event)
    tests = answered(asked, rows, alone=bounds is not None)
    values = np.zeros((n, len(layout.values)), np.int64)
    for k, ask in enumerate(layout.values):
        values[:, k] = asked.value(ask)
    cases, none = len(rows.ids), np.zeros(0, np.int64)
    enters, times, of_case = bounds or (np.zeros(cases, np.int64), none, none)
    codes = layout.events | ({ENTERED: layout.codes[START_OF_CASE]} if bounds else {})
    of_name = np.array([codes.get(name, codes[OTHER]) for name in rows.names] or [0], np.int32)
    events = Events(
        offsets=rows.offsets,
        enters=enters,
        times=times,
        of_case=of_case,
        event=of_name.take(rows.event),
        at=rows.at,
        whole_day=rows.whole_day.astype(np.int8),
        actor=np.asarray(facts.actor, np.int32),
        tests=tests.reshape(-1),
        values=values.reshape(-1),
    )
    events, origin = repeated(layout, asked, events, rows.names)
    calendars = [find(name) for name in asked.names or ["natural"]]  # a policy of steps alone counts no time
    program = Program(**{name: layout.columns[name] for name in Program._fields})
    limits, clock = [*layout.limits, *facts.limits], clock_of(layout, facts.limits, calendars)
    return Answers(program, clock, events, limits, calendars, asked.keys, origin)


def answered(asked: Asked, rows: Rows, alone: bool) -> NDArray[np.int8]:
    """What every test says of every row. Rows that are `alone`, without the rest of their case, are asked everything."""
    layout, grid = asked.layout, asked.facts.grid
    touching, silent = unsaid(asked)
    tests = np.empty((len(rows.event), len(layout.tests)), np.int8)
    tests[:] = silent
    said = (*grid.carried, *grid.given)
    for k in range(len(layout.tests)) if alone else touching.by(said, rows.names):
        tests[:, k] = asked.test(layout.tests[k])
    return tests


def unsaid(asked: Asked) -> tuple[Touching, NDArray[np.int8]]:
    """What each test says of a row that says nothing, asked once for a plan; and which tests may say otherwise."""
    layout, prepared = asked.layout, asked.facts.prepared
    kept: dict[str, Any] = prepared.unsaid_tests
    if layout.subject not in kept:
        found, nothing = touching(layout, prepared), Asked(layout, Facts(prepared, NOTHING_SAID), asked.find)
        silent = np.zeros(len(layout.tests), np.int8)
        for k in set(range(len(silent))) - found.always:
            silent[k] = nothing.test(layout.tests[k])[0]
        kept[layout.subject] = found, silent
    answer: tuple[Touching, NDArray[np.int8]] = kept[layout.subject]
    return answer


NOTHING_SAID = Rows(
    ids=pl.Series("case", [""]),
    offsets=np.array([0, 1]),
    names=("",),
    event=np.zeros(1, np.int32),
    at=np.zeros(1, np.int64),
    whole_day=np.zeros(1, np.bool_),
    data=pl.DataFrame(height=1),
    facts=pl.DataFrame(height=1),
)


def repeated(
    layout: Layout, asked: Asked, events: Events, names: tuple[str, ...]
) -> tuple[Events, Ints | None]:
    """An event that carries several values of a fact that separates instances, once for each of them.

    The first keeps its code; the others get one that only rules `per` that fact hear, so that nothing else is doubled.
    """
    origin: Ints | None = None
    for column, ask in enumerate(layout.values):
        labels = asked.keys.get(ask.of) if ask.what == "key" else None
        if labels and isinstance(labels[0], frozenset):
            members = sorted({one for label in labels for one in label}, key=str)
            asked.keys[ask.of] = members
            events, step = repeat(
                layout, events, column, ask.of, [sorted(label, key=str) for label in labels], members
            )
            origin = step if origin is None else origin[step]
    return events, origin


def repeat(
    layout: Layout, events: Events, column: int, fact: str, sets: list[list[Any]], members: list[Any]
) -> tuple[Events, Ints]:
    width, place = len(layout.values), {member: n for n, member in enumerate(members)}
    values, tests = (
        np.asarray(events.values).reshape(-1, width),
        np.asarray(events.tests).reshape(len(events.event), -1),
    )
    codes = values[:, column]
    sizes = np.array([*(max(1, len(one)) for one in sets), 1], np.int64)[codes]
    origin = np.repeat(np.arange(len(codes)), sizes)
    nth = np.arange(len(origin)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    values = values[origin]
    held = [sets[c][n] if c >= 0 and sets[c] else None for c, n in zip(codes[origin], nth, strict=True)]
    values[:, column] = [-1 if one is None else place[one] for one in held]
    known = {code: name for name, code in layout.codes.items()}
    each = np.array(
        [layout.codes.get(f"{known[c]}{EACH}{fact}", layout.codes[OTHER]) for c in range(len(known))]
    )
    event = np.asarray(events.event)[origin]
    offsets = np.append(0, np.cumsum(sizes))[np.asarray(events.offsets)]
    return events._replace(
        offsets=offsets,
        of_case=np.asarray(events.of_case)[origin] if len(events.of_case) else events.of_case,
        event=np.where(nth > 0, each[event], event).astype(np.int32),
        at=np.asarray(events.at)[origin],
        whole_day=np.asarray(events.whole_day)[origin],
        actor=np.asarray(events.actor)[origin],
        tests=tests[origin].reshape(-1),
        values=values.reshape(-1),
    ), origin


def clock_of(layout: Layout, limits: list[Any], calendars: list[Calendar]) -> Clock:
    records = [*layout.limit_records, *map(limit_record, limits)]
    columns = zip(*records, strict=True) if records else ([],) * 6
    days = zip(*(layout.days or [(0,) * len(clock.Days._fields)]), strict=True)
    return Clock(
        tables_of(tuple(calendars)),
        clock.Limits(*map(list, columns)),
        clock.Days(*map(list, days)),
    )


@lru_cache(maxsize=8)
def tables_of(calendars: tuple[Calendar, ...]) -> clock.Tables:
    """The tables of several calendars; kept, for building them costs more than judging a case."""
    if len(calendars) == 1:
        return calendars[0].tables
    return clock.Tables(*(np.asarray(column).data for column in stack(calendars)))
