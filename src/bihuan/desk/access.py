"""Who may see and do what, by unit and role. Each function is named for the right that it demands.

Cases come out of here or not at all: what a person may not see does not exist for them. What of a case they see says `sight`.
"""

import datetime as dt
from collections.abc import Iterable
from typing import Any, Protocol, TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL

from bihuan.desk import across, clock, stored
from bihuan.desk.errors import ForbiddenError, MissingError
from bihuan.desk.models import RUNNING, Case, Event, Holding, Obligation, Person, Told
from bihuan.desk.models.office import Place
from bihuan.desk.tables import condition, fetch, marks
from bihuan.engine.policy import Policy

Some = TypeVar("Some", bound=Model)


# --- by unit ---


def held_today() -> QuerySet[Holding]:
    """The roles that anybody holds today."""
    return on_day(Holding.objects.all(), clock.today())


def on_day(rows: QuerySet[Some], day: dt.date) -> QuerySet[Some]:
    """Those that have begun by a day and have not ended before it."""
    begun = Q(since__isnull=True) | Q(since__lte=day)
    return rows.filter(begun, Q(until__isnull=True) | Q(until__gte=day))


#: The same of rows that SQL reads by itself; it is asked with the day twice.
ON_DAY = "(since IS NULL OR since <= %s) AND (until IS NULL OR until >= %s)"

HELD = f"""
WITH held (everywhere, path) AS (
  SELECT h.unit_id IS NULL, u.path FROM desk_holding h LEFT JOIN desk_unit u ON u.id = h.unit_id
  WHERE h.person_id IN ({{people}}) AND {ON_DAY}
  UNION SELECT FALSE, path FROM desk_unit WHERE id IN ({{people}})
)
SELECT everywhere, beneath.name FROM held LEFT JOIN desk_unit beneath ON beneath.path LIKE held.path || '%%'
"""


def acting_as(person: Person) -> list[Person]:
    """The person, and those for whom they stand in today: in whose place they see and do what these see and do."""
    day = clock.today().isoformat()
    return [person, *(one.of for one in person.stands_in if is_on(one, day))]


def is_on(place: Place, day: str) -> bool:
    return (place.since or day) <= day <= (place.until or day)


def codes(person: Person) -> list[str]:
    """What events and regulations call whom a person acts as today."""
    return [one.code for one in acting_as(person)]


def units_seen(person: Person) -> list[str] | None:
    """The units whose cases a person sees: those of their roles and their own, with all beneath; so of whom they stand in
    for. None: every unit.

    An administrator, and whoever holds a role for no unit in particular, sees every one; who stands in for an
    administrator is none.
    """
    if person.is_administrator:
        return None
    day, people = clock.today(), acting_as(person)
    ids, homes = [one.pk for one in people], [one.unit_id for one in people]
    held = fetch(HELD.format(people=marks(ids)), *ids, day, day, *homes)
    if any(everywhere for everywhere, _ in held):
        return None
    return sorted({name for _, name in held})


def may_see(person: Person, case: Case) -> bool:
    """Whether a person may open a case."""
    return cases_seen(person).filter(pk=case.pk).exists()


def cases_seen(person: Person, marked: RawSQL | None = None) -> QuerySet[Case]:
    """The cases that a person may see: those that reached one of their units, and (among `marked`) those that they acted on
    or are named in.
    """
    return Case.objects.filter(seen_by(person, units_seen(person), "desk_case.id", marked))


def obligations_seen(person: Person) -> QuerySet[Obligation]:
    """What is owed by units that a person sees, by themself or whom they stand in for; of a unit nobody named, where the person
    sees the case.
    """
    return Obligation.objects.filter(owed_by(person, units_seen(person)))


def callbacks_seen(person: Person, offices: Iterable[str]) -> QuerySet[Obligation]:
    """Callbacks still owed of units that a person sees, and those that one of their offices owes in a case that they see.

    Who calls is seldom the unit that is spoken of.
    """
    units = units_seen(person)
    owed = Q(owner__in=list(offices)) & Q(seen_by(person, units, "desk_obligation.case_id"))
    return Obligation.objects.filter(Q(owed_by(person, units)) | owed, condition(RUNS), kind="callback")


# Rights in the words of the database, by the names of its tables: not for a query inside another, which renames them.

RUNS = f"desk_obligation.state IN {RUNNING}"  # in the words of the indexes: SQLite knows no parameters there
SEEN = """(EXISTS (SELECT 1 FROM desk_reach r WHERE r.case_id = {case} AND r.unit IN ({units}))
OR {marked}(EXISTS (SELECT 1 FROM desk_named n WHERE n.case_id = {case} AND n.person IN ({people}))
OR EXISTS (SELECT 1 FROM desk_event e WHERE e.case_id = {case} AND e.actor IN ({people}))))"""


def seen_by(person: Person, units: list[str] | None, case: str, marked: RawSQL | None = None) -> RawSQL:
    """That the case which stands in a column reached one of these units, or that the person, or whom they stand in for, acted
    on it or is named in it.

    Asked of each row that comes up; a list of all cases that somebody sees would be made anew for every page. Where all
    of very many come up, `marked` says first whether one can concern the person, without its events.
    """
    if units is None:
        return condition("TRUE")
    first, values = (f"{marked.sql} AND ", marked.params) if marked else ("", ())
    people = codes(person)
    said = SEEN.format(case=case, units=marks(units), people=marks(people), marked=first)
    return condition(said, *units, *values, *people, *people)


def owed_by(person: Person, units: list[str] | None) -> RawSQL:
    if units is None:
        return condition("TRUE")
    seen = seen_by(person, units, "desk_obligation.case_id")
    own = [*units, *codes(person)]
    beside = owed_across(person, units, "desk_obligation")
    said = f"{OWED.format(marks(units), marks(own), seen.sql)} OR {beside.sql}"
    return condition(said, *units, *own, *seen.params, *beside.params)


def told_seen(person: Person) -> QuerySet[Told]:
    """What was told of units that a person sees, or of what they owe in a case or across cases that they see."""
    units = units_seen(person)
    if units is None:
        return Told.objects.all()
    seen = Q(owner__in=[*units, *codes(person)]) & Q(seen_by(person, units, "desk_told.case_id"))
    return Told.objects.filter(Q(unit__in=units) | seen | Q(owed_across(person, units, "desk_told")))


def owed_across(person: Person, units: list[str], table: str) -> RawSQL:
    """That a row of a table, about a subject across cases, is owed by one of these units or by the person."""
    return across.owed(units, codes(person), roles_held(person), table)


OWED = (
    "desk_obligation.unit IN ({}) OR (desk_obligation.unit IS NULL OR desk_obligation.owner IN ({})) AND {}"
)


# --- one case ---


def to_see(person: Person, number: str) -> Case:
    """The case, if this person may see it."""
    mine = seen_by(person, units_seen(person), "desk_case.id")
    where = f"WHERE desk_case.number = %s AND {mine.sql}"
    case = next(iter(stored.linked(Case, {"edition": ("text",)}, where, number, *mine.params)), None)
    if case is None:
        raise MissingError(f"there is no case {number}", case=number)
    return case


def to_act(person: Person, number: str) -> Case:
    """The case, if this person may act on it. What a step asks of its actor, the engine says."""
    if not person.is_active:
        raise ForbiddenError("this account is closed", person=person.code)
    case = to_see(person, number)
    if not roles_held(person):
        raise ForbiddenError("to act on a case, one needs a role", person=person.code)
    return case


def to_open(person: Person) -> Person:
    """Whether this person may open a case. What the regulation asks of whoever accepts it, the engine says."""
    if not person.is_active:
        raise ForbiddenError("this account is closed", person=person.code)
    if not roles_held(person):
        raise ForbiddenError("to accept a case, one needs a role", person=person.code)
    return person


def to_administer(person: Person) -> Person:
    """Organisation, regulations, calendars: only for administrators."""
    if not (person.is_active and person.is_administrator):
        raise ForbiddenError("only an administrator may do this", person=person.code)
    return person


# --- by role ---


def roles_on(policy: Policy, person: Person, events: Iterable[Event]) -> frozenset[str]:
    """The roles of the regulation that a person has in a case: by office, because a fact names them, by what they did."""
    return roles_among(policy, person, roles_held(person), events)


def roles_held(person: Person) -> frozenset[str]:
    """The roles that a person has by office today, their own and those of whom they stand in for."""
    day, ids = clock.today(), [one.pk for one in acting_as(person)]
    return frozenset(role for (role,) in fetch(ROLES.format(marks(ids)), *ids, day, day))


ROLES = f"SELECT role FROM desk_holding WHERE person_id IN ({{}}) AND {ON_DAY}"


class Acted(Protocol):
    """As much of an event as gives somebody a role."""

    @property
    def event(self) -> str: ...
    @property
    def actor(self) -> str | None: ...
    @property
    def brings(self) -> dict[str, Any]: ...


def roles_among(
    policy: Policy, person: Person, held: frozenset[str], events: Iterable[Acted]
) -> frozenset[str]:
    """As `roles_on`, where the roles by office are known already: for many cases of one person."""
    known: dict[str, Any] = {}
    done = set()
    for event in events:
        known |= event.brings
        done |= {event.event} if event.actor == person.code else set()
    named = {
        name
        for name, role in policy.roles.items()
        if role.fact and person.code in as_list(known.get(role.fact))
    }
    return frozenset(held | named | {name for name, role in policy.roles.items() if done & set(role.did)})


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
