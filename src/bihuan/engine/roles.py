"""Who holds a role: by the organisation's data on the day, or because a fact of the case names them.

What somebody did on a case earns roles too; the fold keeps those. Without a site nobody knows who is what: -1.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from bihuan.engine.coded import Array, Tri
from bihuan.engine.errors import CallError, PolicyError
from bihuan.engine.site import Site
from bihuan.engine.spells import Spells, first, last, united
from bihuan.engine.values import Labels

if TYPE_CHECKING:
    from bihuan.engine.facts import Facts


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
    same = facts.actor == units
    site: Site | None = facts.prepared.site
    if site is None or not site.people.height:
        recorded = np.where(facts.unit < 0, -1, facts.unit == units)
        return np.where(told, np.where(same, 1, recorded), -1).astype(np.int8)
    pairs = [(code(facts, person), code(facts, unit), *days) for person, unit, *days in _memberships(site)]
    size = len(facts.parties)
    members = united((person * size + unit, since, until) for person, unit, since, until in pairs)
    found = same | (members.at(facts.actor.astype(np.int64) * size + units, facts.day) >= 0)
    return np.where(told & (same | _is_known(facts, site)), found, -1).astype(np.int8)


def _memberships(site: Site) -> Iterator[tuple[str, str, Any, Any]]:
    """Every person with his unit and all units above it."""
    above = dict(site.units.select("unit", "parent").iter_rows())
    for person, unit, since, until in site.people.select("person", "unit", "since", "until").iter_rows():
        seen: set[str] = set()
        while unit is not None and unit not in seen:
            yield person, unit, since, until
            seen.add(unit)
            unit = above.get(unit)


def code(facts: Facts, party: str) -> int:
    return facts.parties.code(party.strip())


def _appointed(facts: Facts, offices: tuple[str, ...], deputies: bool) -> Tri:
    site: Site | None = facts.prepared.site
    if site is None or not site.people.height:
        return np.full(facts.grid.rows_total, -1, np.int8)
    people = site.people.filter(pl.col("role").is_in(offices)).select("person", "since", "until")
    holders = united((code(facts, person), since, until) for person, since, until in people.iter_rows())
    found = holders.at(facts.actor, facts.day) >= 0
    if deputies:
        found |= _stands_in(facts, site, holders)
    return np.where((facts.actor >= 0) & _is_known(facts, site), found, -1).astype(np.int8)


def _stands_in(facts: Facts, site: Site, holders: Spells) -> Array:
    """Whether the actor is, on that day, the deputy of somebody who then holds the office."""
    found = np.zeros(facts.grid.rows_total, np.bool_)
    for person, deputy, since, until in site.deputies.select(
        "person", "deputy", "since", "until"
    ).iter_rows():
        here = (facts.actor == code(facts, deputy)) & (facts.day >= first(since)) & (facts.day <= last(until))
        found |= here & (holders.at(code(facts, person), facts.day) >= 0)
    return found


def _is_known(facts: Facts, site: Site) -> Array:
    """Whether the site knows the actor at all; of a stranger nobody can say what he is not."""
    names = [*site.people["person"].unique(), *site.deputies["deputy"].unique()]
    known = [code(facts, person) for person in names]
    table = np.zeros(len(facts.parties) + 1, np.bool_)
    table[known] = True
    found: Array = table[facts.actor]
    return found
