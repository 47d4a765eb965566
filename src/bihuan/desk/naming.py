"""Whom a regulation makes part of a case without their acting: whom the fact of a role names, and whoever owes something.

A customer is none of them, though a fact names them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

from bihuan.desk.office import policy_of
from bihuan.engine.declared import Fact

UNIT, PERSON, OFFICE = "unit", "person", "office"
Row = Mapping[str, Any]


class Telling(Protocol):
    """As much of an event as tells facts."""

    @property
    def brings(self) -> dict[str, Any]: ...


@dataclass(frozen=True)
class Reached:
    """Units by their names, people by their codes."""

    units: frozenset[str] = frozenset()
    people: frozenset[str] = frozenset()

    def __or__(self, other: "Reached") -> "Reached":
        return Reached(self.units | other.units, self.people | other.people)

    def __sub__(self, other: "Reached") -> "Reached":
        return Reached(self.units - other.units, self.people - other.people)

    def __bool__(self) -> bool:
        return bool(self.units or self.people)


class Owing(NamedTuple):
    """What the owner of a rule's rows is (whom a fact names, or an office), and what the regulation calls the role."""

    kind: str
    label: str


@lru_cache(maxsize=64)
def naming(edition: str) -> Mapping[str, str]:
    """The facts by which an edition, by its hash, says who has a role, each with whether it names units or people."""
    policy = policy_of(edition)
    told = {role.fact: policy.facts[role.fact] for role in policy.roles.values() if role.fact in policy.facts}
    return {
        str(name): fact.type
        for name, fact in told.items()
        if fact.type in (UNIT, PERSON) and not fact.personal and name != policy.header.customer
    }


@lru_cache(maxsize=64)
def owing(edition: str) -> Mapping[str, Owing]:
    """By rule of an edition who owes its rows; not where that is a customer, or whoever acted.

    Nor where something is hidden from the role and no event says who has it: then the veil would not know either.
    """
    policy, facts = policy_of(edition), naming(edition)
    veiled = {role for roles in policy.hiding.values() for role in roles}
    found = {}
    for name, rule in policy.timed.items():
        role = policy.roles.get(rule.by or "")
        if role is None or role.did or (role.fact and role.fact not in facts):
            continue
        if rule.by not in veiled or (role.fact and is_told(policy.facts[role.fact])):
            found[name] = Owing(facts[role.fact] if role.fact else OFFICE, role.label)
    return found


def is_told(fact: Fact) -> bool:
    """Whether events say it, rather than it being looked up."""
    return not fact.rows and fact.of is None


def named(edition: str, events: Iterable[Telling]) -> Reached:
    """Whom the facts of roles have ever named in a case."""
    facts = naming(edition)
    found: dict[str, set[str]] = {UNIT: set(), PERSON: set()}
    for event in events if facts else ():
        brings = event.brings
        for name in facts.keys() & brings.keys():
            found[facts[name]] |= texts(brings[name])
    return Reached(frozenset(found[UNIT]), frozenset(found[PERSON]))


def texts(value: Any) -> set[str]:
    return {one for one in (value if isinstance(value, list) else [value]) if one and isinstance(one, str)}


def owners(edition: str, owed: Iterable[Row]) -> Reached:
    """Who owes something in a case; an office among the units, for a unit may be called so."""
    rules, units, people = owing(edition), set(), set()
    for row in owed:
        one, owner = rules.get(row["rule"]), row["owner"]
        if one is None or not owner:
            continue
        if one.kind != PERSON:
            units.add(owner)
        elif owner != one.label:
            people.add(owner)
    return Reached(frozenset(units), frozenset(people))


def ower_of(edition: str, row: Any) -> str | None:
    """Who has something to do: the unit that owes it by a fact, else that which has the case, else the office by its name."""
    one = owing(edition).get(row.rule)
    if one and one.kind == UNIT and row.owner != one.label:
        return str(row.owner)
    found: str | None = row.unit or (one.label if one and one.kind == OFFICE else None)
    return found
