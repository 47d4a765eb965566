"""What facts need of a policy and not of a log: how values are read, which choices lie below which, literals.

Made once for a policy, its parameters, its zone and its site, so that a case of ten events costs no preparation.
It knows no rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from bihuan.engine.coded import Column, Tri, constant
from bihuan.engine.declared import Fact
from bihuan.engine.errors import PolicyError
from bihuan.engine.limit import Limit, Name, Reference
from bihuan.engine.localtime import LocalTime
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition, Test
from bihuan.engine.policy import Policy
from bihuan.engine.site import Site
from bihuan.engine.values import (
    ABSENT,
    KNOWN,
    LACKING,
    Choices,
    Labels,
    Read,
    Reader,
    read_choice,
    read_clock,
    read_day,
    read_flag,
    read_instant,
    read_label,
    read_limit,
    read_money,
    read_number,
    read_set,
)

PARTIES = frozenset(("person", "unit"))
FIXED = frozenset(("flag", "number", "money", "date", "instant", "clock"))
EXPECTED = {
    "flag": "true/false, yes/no, 是/否, 1/0",
    "number": "a number",
    "money": "an amount with at most four decimals",
    "date": "a date YYYY-MM-DD",
    "instant": "an instant YYYY-MM-DD HH:MM[:SS] within the calendar's years",
    "clock": "a clock time HH:MM",
    "limit": 'a limit such as "48 hours" or "3 working days"',
}


@dataclass
class Prepared:
    """A policy made ready for any number of logs."""

    policy: Policy
    parameters: Parameters
    local: LocalTime
    site: Site | None = None
    choices: dict[str, Choices] = field(default_factory=dict)
    readers: dict[str, Reader] = field(default_factory=dict)  # of facts whose codes are the same in every log
    tables: dict[int, tuple[Test, Tri]] = field(default_factory=dict)  # what tests say of their codes
    unsaid: dict[str, Column] = field(default_factory=dict)
    staff: Any = None  # the site's people by name, see `roles`
    #: By register and subject, the places of its entries, see `lookups`.
    registers: dict[str, dict[Any, list[int]]] = field(default_factory=dict)
    unsaid_tests: dict[str, Any] = field(default_factory=dict)  # by subject of the program, see `columns`
    literals: dict[tuple[str, Any], Column] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, fact in self.policy.facts.items():
            if fact.leaves:
                self.choices[name] = choices_of(fact)
            if not fact.many and (fact.type in FIXED or (name in self.choices and not fact.open)):
                self.readers[name] = reader_of(name, fact, self, Labels())
        refuse_circles(self.policy)
        for fact in self.policy.facts.values():
            for parameter in sorted(values_of(fact) & set(self.parameters.values)):
                self.read(parameter, self.simple(fact.type))  # refused now, not by the first case it is about

    def values(self, parameter: str) -> list[tuple[Any, Any]]:
        """First day (None: always) and value of a parameter, in order of days; nothing if it is missing."""
        return list(self.parameters[parameter].dated) if parameter in self.parameters else []

    def silent(self, fact: str) -> Column | None:
        """A fact of which a log says nothing, where its codes are the same in every log."""
        reader = self.readers.get(fact)
        if reader is not None and fact not in self.unsaid:
            self.unsaid[fact] = constant(reader.type, -1, ABSENT, reader.labels)
        return self.unsaid.get(fact)

    def missing(self, asked: Condition | str | None) -> tuple[str, ...]:
        """Parameters without a value and documents not held that a condition or name depends on."""
        found: dict[str, None] = {}
        waiting = [asked] if isinstance(asked, str) else sorted(names_in(asked))
        seen: set[str] = set()
        while waiting:
            name = waiting.pop(0)
            if name.startswith("by ") or (name in self.parameters and not self.values(name)):
                found[name.removeprefix("by ")] = None
            elif name in self.policy.facts and name not in seen:
                waiting += sorted(needs_of(self.policy.facts[name]))
            seen.add(name)
        return tuple(found)

    def simple(self, type: str) -> Reader:
        """A reader without a list of choices, for parameters."""
        return simple_reader(type, Labels(), self.local)

    def read(self, parameter: str, reader: Reader) -> list[Read]:
        """The values of a parameter in order of days; a number with a unit of time is a limit where one is wanted."""
        unit = self.parameters[parameter].unit
        return [read_parameter(parameter, reader, value, unit) for _, value in self.values(parameter)]

    def literal(self, type: str, value: Any) -> Column:
        """A value that stands in the policy, read as that type."""
        key = (type, value)
        if key not in self.literals:
            self.literals[key] = self._literal(type, value)
        return self.literals[key]

    def _literal(self, type: str, value: Any) -> Column:
        if isinstance(value, Reference):
            return constant(type, -1, LACKING)
        if isinstance(value, Limit):
            return constant("limit", 0, KNOWN, Labels([value]))
        if type == "clock" and isinstance(value, int):
            return constant(type, value)
        reader = simple_reader(type, Labels(), self.local)
        found, state = reader.read(value)
        if state <= 0:
            raise PolicyError(
                f"{value!r} cannot be compared with a fact of type {type}: expected {reader.expected}"
            )
        return constant(type, found, state, reader.labels)


def read_parameter(name: str, reader: Reader, value: Any, unit: str | None) -> Read:
    written = (
        f"{value} {unit}" if reader.type == "limit" and unit and not isinstance(value, str | Limit) else value
    )
    found, state = reader.read(written)
    if state <= 0:
        raise PolicyError(f"parameter {name} is {value!r}: expected {reader.expected}", parameter=name)
    return found, state


def choices_of(fact: Fact) -> Choices:
    """A recorded value may be a key, a label that only one key has, or a branch: then no more is known."""
    keys = tuple(dict.fromkeys((*fact.leaves, *fact.branches)))
    labels = list(fact.leaves.values())
    codes = {key: code for code, key in enumerate(keys)}
    spellings = {label: codes[key] for key, label in fact.leaves.items() if labels.count(label) == 1}
    stands = {key: frozenset(leaves) for key, leaves in fact.branches.items()}
    named = ", ".join(key if key == label else f"{key} {label}" for key, label in fact.leaves.items())
    return Choices(keys, spellings | codes, stands, f"one of {named}")


def reader_of(name: str, fact: Fact, prepared: Prepared, parties: Labels) -> Reader:
    """How the log's values of a fact are read. People and units share one list, so that they can be compared."""
    type: str = fact.type
    choices = prepared.choices.get(name)
    members = Labels(choices.keys) if choices else parties if type in PARTIES else Labels()
    if choices:
        read = read_choice(choices, members, fact.open)
        reader = Reader(type, read, members, choices.expected, closed=not fact.open)
    else:
        reader = simple_reader(type, members, prepared.local, fact.range)
    if not fact.many:
        return reader
    sets = Labels()
    return reader._replace(read=read_set(reader.read, members, sets), labels=sets, many=True, closed=False)


def simple_reader(
    type: str, labels: Labels, local: LocalTime, within: tuple[float, float] | None = None
) -> Reader:
    """A reader of values that need no list of choices."""
    makers: dict[str, Callable[[], Callable[[Any], Read]]] = {
        "number": lambda: read_number(within),
        "money": lambda: read_money(within),
        "date": lambda: read_day(local),
        "instant": lambda: read_instant(local),
        "clock": lambda: read_clock,
        "limit": lambda: read_limit(labels),
        "flag": lambda: read_flag,
    }
    maker = makers.get(type)
    read = maker() if maker else read_label(labels)
    expected = EXPECTED.get(type, "a value")
    if within:
        expected = f"{expected} from {within[0]} to {within[1]}"
    if type == "flag":
        labels = Labels((False, True))
    return Reader(
        type, read, labels if type == "limit" or type == "flag" or not maker else None, expected, within
    )


def names_in(condition: Condition | None) -> set[str]:
    """Facts, parameters and events' instants that a condition asks about; documents as `by <name>`."""
    found: set[str] = set()
    for test in condition.tests if condition else ():
        found |= {test.fact} | _named((*test.bounds.values(), *test.values, test.from_))
    return found


def _named(values: Iterable[Any]) -> set[str]:
    values = list(values)
    names = {value.name for value in values if isinstance(value, Name)}
    return names | {f"by {value.by}" for value in values if isinstance(value, Reference)}


def needs_of(fact: Fact) -> set[str]:
    """Names that a fact's value is made of."""
    found = {fact.of} if fact.of else set()
    for row in fact.rows:
        found |= names_in(row.when)
    return found | values_of(fact)


def values_of(fact: Fact) -> set[str]:
    """Names whose value a fact may take."""
    return _named([*(row.is_ for row in fact.rows), fact.otherwise, fact.default])


def refuse_circles(policy: Policy) -> None:
    """Looked-up facts may use one another, but not in a circle."""
    done: set[str] = set()

    def visit(name: str, path: tuple[str, ...]) -> None:
        if name in path:
            circle = " → ".join((*path[path.index(name) :], name))
            raise PolicyError(f"facts are looked up in a circle: {circle}; take one of them out", fact=name)
        if name in policy.facts and name not in done:
            for other in sorted(needs_of(policy.facts[name])):
                visit(other, (*path, name))
            done.add(name)

    for name in policy.facts:
        visit(name, ())
