"""Which steps somebody can take at all under a regulation, by the offices that they hold.

A role that a case gives (whoever a fact names, whoever did something) may come with any case: that the engine says.
"""

from collections.abc import Iterable
from typing import NamedTuple

from bihuan.desk import clock
from bihuan.desk.access import ON_DAY
from bihuan.desk.asked import asked
from bihuan.desk.models import Person
from bihuan.desk.office import policy_of
from bihuan.desk.tables import fetch
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Step


class Offices(NamedTuple):
    """The roles that somebody holds today, and with them those of whom they stand in for."""

    own: frozenset[str]
    acting: frozenset[str]


def offices_of(person: Person) -> Offices:
    day = clock.today()
    rows = fetch(OFFICES, day, day, person.pk, person.pk, day, day)
    return Offices(
        frozenset(role for who, role in rows if who == person.pk), frozenset(role for _who, role in rows)
    )


OFFICES = f"""
SELECT person_id, role FROM desk_holding WHERE {ON_DAY} AND (person_id = %s OR person_id IN (
  SELECT person_id FROM desk_deputy WHERE deputy_id = %s AND {ON_DAY}))
"""


def open_to(edition: str, held: Offices) -> frozenset[str]:
    """The events of steps that are not refused, whatever the case, to whoever holds these offices; to nobody without one."""
    policy, found = policy_of(edition), dict[str, list[Step]]()
    for _article, _kind, rule in policy.rules():
        if isinstance(rule, Step):
            for event in rule.event:
                found.setdefault(event, []).append(rule)
    return frozenset(name for name, steps in found.items() if held.acting and may_take(policy, steps, held))


def enterable(edition: str, held: Offices) -> frozenset[str]:
    """The same, and the events that no step is about and only rules hear: whoever holds an office may enter those."""
    heard = (name for name, one in asked(edition).items() if held.acting and not one.step)
    return open_to(edition, held).union(heard)


def may_take(policy: Policy, steps: Iterable[Step], held: Offices) -> bool:
    """Every step that applies has to be in order; one with a condition applies to some cases only."""
    fits = [(step.when is None, fits_in(policy, step, held)) for step in steps]
    return all(fit for always, fit in fits if always) and any(fit for _always, fit in fits)


def fits_in(policy: Policy, step: Step, held: Offices) -> bool:
    wanted = not step.by or any(may_be(policy, role, held) for role in step.by)
    return wanted and not any(role in held.own for role in step.not_by)


def may_be(policy: Policy, role: str, held: Offices) -> bool:
    declared = policy.roles.get(role)
    if declared is None or declared.fact or declared.did:
        return True  # of the case
    return not held.acting.isdisjoint((role, *declared.deputies))
