"""Who holds a role: by the organisation's data on the day, or because a fact of the case names them.

What somebody did on a case earns roles too; the fold keeps those. Without a site nobody knows who is what: -1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from bihuan.engine.coded import Array, Tri
from bihuan.engine.errors import CallError, PolicyError
from bihuan.engine.site import DEPUTIES, PEOPLE, Site
from bihuan.engine.spells import first, last, united
from bihuan.engine.values import Labels

if TYPE_CHECKING:
    from bihuan.engine.facts import Facts
    from bihuan.engine.prepared import Prepared


def held(facts: Facts, role: str, deputies: bool) -> Tri:
    """Whether the actor of each row holds the role; -1 where nobody can tell."""
    declared = facts.policy.roles.get(role)
    if role == "actor":
        return np.where(facts.actor < 0, -1, 1).astype(np.int8)
    if role == "customer":
        return _named_by(facts, facts.policy.header.customer)
    if declared is None:
        raise PolicyError(f"no role is called {role!r}: declare it under [roles]", role=role)
    if declared.did:
        raise CallError(f"role {role} is earned by events of the case; the fold keeps it", role=role)
    if declared.fact:
        return _named_by(facts, declared.fact)
    return _appointed(facts, (role, *(declared.deputies if deputies else ())), deputies)


def _named_by(facts: Facts, fact: str | None) -> Tri:
    """A fact names the person, several persons, or the unit that the actor belongs to."""
    if fact is None:
        return np.full(facts.grid.rows_total, -1, np.int8)
    column = facts.column(fact)
    if column.labels is None:
        raise PolicyError(f"fact {fact} is of type {column.type}: a role wants a person or a unit", fact=fact)
    values, state = (
        facts.grid.spread(column.values, column.level),
        facts.grid.spread(column.state, column.level),
    )
    told = (facts.actor >= 0) & (state > 0)
    if column.type == "unit":
        return _of_unit(facts, values, told)
    return np.where(told, _is_one_of(facts, column.labels, values), -1).astype(np.int8)


def _is_one_of(facts: Facts, labels: Labels, values: Array) -> Array:
    if labels is facts.parties:
        return np.equal(facts.actor, values)
    actors, codes = facts.parties.labels, facts.parties.codes
    wanted = [
        {codes.get(one) for one in (label if isinstance(label, frozenset) else (label,))}
        for label in labels.labels
    ]
    table = np.array([[code in each for code in range(len(actors))] for each in wanted] or [[False]])
    found: Array = table[values, facts.actor]
    return found


def _of_unit(facts: Facts, units: Array, told: Array) -> Tri:
    """The actor is the unit itself (logs that name no person), or belongs to it or below it on that day.

    Without a site, the unit that the event records is taken for the actor's own.
    """
    same, company = facts.actor == units, staff_of(facts.prepared)
    if company is None:
        recorded = np.where(facts.unit < 0, -1, facts.unit == units)
        return np.where(told, np.where(same, 1, recorded), -1).astype(np.int8)
    size, codes = len(facts.parties), facts.parties.codes
    members = united(
        (codes[person] * size + codes[unit], since, until)
        for person in company.units.keys() & codes.keys()
        for unit, since, until in company.units[person]
        if unit in codes
    )
    found = same | (members.at(facts.actor.astype(np.int64) * size + units, facts.day) >= 0)
    return np.where(told & (same | _is_known(facts, company)), found, -1).astype(np.int8)


def _appointed(facts: Facts, offices: tuple[str, ...], deputies: bool) -> Tri:
    company, actor = staff_of(facts.prepared), facts.actor  # who acted has codes from here on
    if company is None:
        return np.full(facts.grid.rows_total, -1, np.int8)
    if facts.grid.rows_total <= FEW:
        acting = facts.offices.get(deputies)
        if acting is None:
            acting = facts.offices[deputies] = acting_for(facts, company, deputies)
        return np.array([-1 if one is None else not one.isdisjoint(offices) for one in acting], np.int8)
    replacing = list(_replacing(facts, company)) if deputies else []
    codes = facts.parties.codes
    holders = united(
        (codes[person], since, until)
        for person in company.roles.keys() & codes.keys()
        for role, since, until in company.roles[person]
        if role in offices
    )
    found = holders.at(actor, facts.day) >= 0
    for deputy, person, since, until in replacing:
        here = (actor == deputy) & (facts.day >= since) & (facts.day <= until)
        found |= here & (holders.at(person, facts.day) >= 0)
    return np.where((actor >= 0) & _is_known(facts, company), found, -1).astype(np.int8)


FEW = 64  # rows up to which each is asked alone: for so few, arrays take ten times as long


def acting_for(facts: Facts, company: Staff, deputies: bool) -> list[frozenset[str] | None]:
    """The offices that the actor of each row holds, own or as a deputy; None where nobody knows who it is."""
    labels, rows = facts.parties.labels, list(zip(facts.actor.tolist(), facts.day.tolist(), strict=True))
    held = {
        (who, day): offices_of(company, labels[who], day, deputies) if who >= 0 else None
        for who, day in set(rows)
    }
    return [held[one] for one in rows]


def offices_of(company: Staff, person: str, day: int, deputies: bool) -> frozenset[str] | None:
    if person not in company.known:
        return None
    held = [person, *(named_on(company.deputies, person, day) if deputies else ())]
    return frozenset(role for one in held for role in named_on(company.roles, one, day))


def named_on(dated: Mapping[str, Dated], person: str, day: int) -> Iterator[str]:
    return (name for name, since, until in dated.get(person, ()) if since <= day <= until)


def _replacing(facts: Facts, company: Staff) -> Iterator[tuple[int, int, int, int]]:
    """The deputies among those who act, with whom each stands in for and from when to when."""
    codes = facts.parties.codes
    for deputy in company.deputies.keys() & codes.keys():
        for person, since, until in company.deputies[deputy]:
            yield codes[deputy], facts.parties.code(person), since, until


def _is_known(facts: Facts, company: Staff) -> Array:
    """Whether the site knows the actor at all; of a stranger nobody can say what he is not."""
    codes = facts.parties.codes
    table = np.zeros(len(codes) + 1, np.bool_)
    table[[codes[person] for person in company.known.keys() & codes.keys()]] = True
    found: Array = table[facts.actor]
    return found


# --- the site by name ---

Dated = list[tuple[str, int, int]]  # a name, the first day and the last


class Staff(NamedTuple):
    """A site's people by name, so that a log asks only about those who are in it."""

    known: dict[str, None]
    roles: dict[str, Dated]
    deputies: dict[str, Dated]  # by deputy: for whom
    units: dict[str, Dated]  # every person's unit and all units above it


def staff_of(prepared: Prepared) -> Staff | None:
    """Read once for a plan; none where the site names nobody."""
    site: Site | None = prepared.site
    if site is None or not site.people.height:
        return None
    if prepared.staff is None:
        prepared.staff = staff(site)
    found: Staff = prepared.staff
    return found


def staff(site: Site) -> Staff:
    found = Staff({}, {}, {}, {})
    above = dict(site.units.select("unit", "parent").iter_rows())
    for person, role, unit, since, until in site.people.select(*PEOPLE).iter_rows():
        found.known[name := person.strip()] = None
        spell = first(since), last(until)
        found.roles.setdefault(name, []).append((role, *spell))
        found.units.setdefault(name, []).extend((one.strip(), *spell) for one in upwards(above, unit))
    for person, deputy, since, until in site.deputies.select(*DEPUTIES).iter_rows():
        found.known[name := deputy.strip()] = None
        found.deputies.setdefault(name, []).append((person.strip(), first(since), last(until)))
    return found


def upwards(above: Mapping[str, str | None], unit: str | None) -> Iterator[str]:
    seen: set[str] = set()
    while unit is not None and unit not in seen:
        yield unit
        seen.add(unit)
        unit = above.get(unit)
