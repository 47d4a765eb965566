"""Who is told: whoever owes it by name, by role or by unit, those who stand in for them, and never nobody.

The engine's `owner` is a person, a unit, or the label of a role that people hold by office. Where nobody is found, the
unit's people are told, and else the administrators. Nobody is told of a case that they may not open.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from bihuan.desk import access, naming
from bihuan.desk.access import on_day
from bihuan.desk.models import Channel, Deputy, Holding, Person, Told, Unit
from bihuan.engine.policy import Policy


@dataclass(frozen=True)
class Recipients:
    """People, and the units and roles whose own channels are told too."""

    people: tuple[Person, ...]
    units: tuple[Unit, ...] = ()
    roles: frozenset[str] = frozenset()


def recipients(told: Told, policy: Policy, at: dt.datetime) -> Recipients:
    """Whom a thing is for, on the day of `at`."""
    day = timezone.localdate(at)
    unit = Unit.objects.filter(name=unit_of(told, policy)).first()
    owner = owner_of(told)
    roles = roles_named(policy, owner)
    owing = Unit.objects.filter(name=owner).first() if owner else None
    people = (
        seeing(told, named(owner), day)
        or seeing(told, holders(roles, unit, day), day)
        or seeing(told, people_of(owing, day), day)
        or seeing(told, people_of(unit, day), day)
        or list(Person.objects.filter(is_administrator=True, is_active=True))
    )
    units = tuple(one for one in (owing, unit) if one is not None)
    return Recipients(tuple(people), units, roles)


def unit_of(told: Told, policy: Policy) -> str | None:
    """The unit that it is with, or about: each station's head is told of what is owed about that station."""
    about = policy.facts.get(told.subject.fact) if told.subject else None
    return told.subject.key if told.subject and about and about.type == "unit" else told.unit


def owner_of(told: Told) -> str | None:
    """Who owes it. What is about a subject across cases is in nobody's sight by a case: there a customer is not taken for
    somebody of the desk who is called so.
    """
    subject = told.subject
    return told.owner if subject is None or told.rule in naming.owing(subject.edition.hash) else None


def seeing(told: Told, people: Iterable[Person], day: dt.date) -> list[Person]:
    """Of these people and their deputies those who may open the case that it is about, or have it in their work."""
    return [one for one in with_deputies(people, day) if may_know(told, one)]


def may_know(told: Told, person: Person) -> bool:
    if told.case is not None:
        return access.may_see(person, told.case)
    return access.told_seen(person).filter(pk=told.pk).exists()


def roles_named(policy: Policy, owner: str | None) -> frozenset[str]:
    """The roles of the regulation that the engine's `owner` names: by their label or their name."""
    return frozenset(name for name, role in policy.roles.items() if owner and owner in (name, role.label))


def named(owner: str | None) -> list[Person]:
    """Whose account is closed, too: their deputies."""
    return list(Person.objects.filter(code=owner)) if owner else []


def holders(roles: Iterable[str], unit: Unit | None, day: dt.date) -> list[Person]:
    """Who holds one of these roles today: for the unit or above it; where nobody does, for any unit."""
    held = on_day(Holding.objects.filter(role__in=list(roles), person__is_active=True), day)
    rows = list(held.select_related("person", "unit"))
    near = [one for one in rows if covers(one, unit)]
    return list({one.person_id: one.person for one in near or rows}.values())


def covers(holding: Holding, unit: Unit | None) -> bool:
    return unit is None or holding.unit is None or unit.path.startswith(holding.unit.path)


def people_of(unit: Unit | None, day: dt.date) -> list[Person]:
    """Who has a role for exactly this unit, else who is at home there."""
    if unit is None:
        return []
    held = on_day(Holding.objects.filter(unit=unit, person__is_active=True), day).select_related("person")
    found = {one.person_id: one.person for one in held}
    return list(found.values()) or list(unit.people.filter(is_active=True))


def with_deputies(people: Iterable[Person], day: dt.date) -> list[Person]:
    """Those of these people who have an account, and who stands in for any of them today."""
    found = {one.pk: one for one in people}
    standing = on_day(Deputy.objects.filter(person__in=list(found)), day).select_related("deputy")
    found |= {one.deputy_id: one.deputy for one in standing}
    return [one for one in found.values() if one.is_active]


def channels(found: Recipients) -> list[Channel]:
    """The channels of these people, of their unit, and of the roles, where a role's channel is not another unit's."""
    mine = Q(whose="person", person__in=[one.pk for one in found.people])
    mine |= Q(whose="unit", unit__in=[one.pk for one in found.units])
    mine |= Q(whose="role", role__in=list(found.roles))
    rows = Channel.objects.filter(mine, is_active=True).select_related("person__unit", "unit").order_by("id")
    return [one for one in rows if one.whose != "role" or at_home(one, found.units)]


def at_home(channel: Channel, units: Iterable[Unit]) -> bool:
    if channel.unit is None:
        return True
    paths = [one.path for one in units]
    return not paths or any(path.startswith(channel.unit.path) for path in paths)
