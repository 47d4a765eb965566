"""Who may see and do what, by unit and role. Each function is named for the right that it demands.

Cases come out of here or not at all: what a person may not see does not exist for them. What of a case is hidden or
masked follows from the regulation's own words on its facts (`personal`, `hidden_from`) and from the case.
"""

import datetime as dt
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from django.db.models import Model, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from bihuan.desk import across, clock, stored
from bihuan.desk.errors import ForbiddenError, MissingError
from bihuan.desk.models import RUNNING, Case, Event, Holding, Obligation, Person, Told
from bihuan.desk.models.office import Place
from bihuan.desk.tables import condition, fetch, marks
from bihuan.engine.policy import Policy

Some = TypeVar("Some", bound=Model)
MASKED = ("identity", "contact")  # kinds of personal facts that are shown only in part
HIDDEN = "＊＊＊"
PHONE = re.compile(
    r"(?<!\d)((?:86[- ]?)?1\d{2})[- ]?\d{4}[- ]?(\d{4})(?!\d)|(?<!\d)(0\d{2,3}-?)\d{4,5}(\d{3})(?!\d)"
)
NUMBER = re.compile(r"\d{4}")  # as every number that is masked has
CITIZEN = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)")


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


# --- what of a case ---


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


@dataclass(frozen=True)
class Veil:
    """What of a case somebody must not see at all: facts, and the words of these wherever else they stand."""

    facts: frozenset[str] = frozenset()
    words: tuple[str, ...] = ()

    def over(self, text: str) -> str:
        for one in self.words:
            text = text.replace(one, HIDDEN)
        return text

    def text(self, text: str) -> str:
        """A text of the case as it may be seen: a reason, the name of a file."""
        return mask(self.over(text))


OPEN = Veil()


@dataclass(frozen=True)
class Capacity:
    """As whom somebody acts or acted, as themself or in another's place, with the roles by office that these ever had; of the
    place and of each role the last day.
    """

    person: Person
    roles: Sequence[tuple[str, str | None]]
    until: str | None = None

    def since(self, day: str) -> frozenset[str]:
        """The roles had at any time since a day."""
        return frozenset(role for role, until in self.roles if until is None or until >= day)


Offices = Sequence[Capacity]


def offices(person: Person) -> Offices:
    """The roles that a person ever had by office, and those of whom they stand in for or ever did."""
    today = clock.today()
    begun = [one for one in person.stands_in if (one.since or "") <= today.isoformat()]
    people = [(person, None), *((one.of, one.until) for one in begun)]
    ids = {one.pk for one, _until in people}
    rows = fetch(BEGUN.format(marks(ids)), *ids, today)
    held = [(who, role, None if until is None else str(until)) for who, role, until in rows]
    return [
        Capacity(one, [(role, last) for who, role, last in held if who == one.pk], until)
        for one, until in people
    ]


BEGUN = "SELECT person_id, role, until FROM desk_holding WHERE person_id IN ({}) AND (since IS NULL OR since <= %s)"


def lasting(held: Offices, opened: dt.datetime) -> tuple[str, Offices]:
    """The day on which a case was opened, and as whom somebody acted at any time since."""
    day = timezone.localdate(opened).isoformat()
    return day, [one for one in held if one.until is None or one.until >= day]


def offices_since(held: Offices, opened: dt.datetime) -> frozenset[str]:
    """The roles by office that somebody had at any time since a case was opened."""
    day, lasted = lasting(held, opened)
    return frozenset().union(*(one.since(day) for one in lasted))


def veil(policy: Policy, held: Offices, opened: dt.datetime, events: Sequence[Acted]) -> Veil:
    """What a case, opened then, hides from somebody for any role that they have in it or had: whoever was complained of does
    not learn by whom when the case goes to another, or when they change their office; nor by whoever stands in for them.
    """
    if not policy.hiding:
        return OPEN
    day, lasted = lasting(held, opened)
    roles = {role for one in lasted for role in roles_among(policy, one.person, one.since(day), events)}
    for name in frozenset().union(*policy.hiding.values()) & policy.roles.keys():
        fact = policy.roles[name].fact
        if fact in policy.facts:
            is_unit = policy.facts[fact].type == "unit"
            own = {
                name for one in lasted for name in (one.person.units_about if is_unit else [one.person.code])
            }
            if any(one in own for event in events for one in as_list(event.brings.get(fact))):
                roles.add(name)
    hidden = frozenset(name for name, those in policy.hiding.items() if roles & those)
    told = {
        text
        for name in hidden & policy.facts.keys()
        if policy.facts[name].type in TEXTS
        for one in events
        for text in as_list(one.brings.get(name))
        if isinstance(text, str) and len(text.strip()) > 1
    }
    return Veil(hidden, tuple(sorted(told, key=lambda text: (-len(text), text))))


TEXTS = ("text", "person")


def shown(
    policy: Policy, facts: Mapping[str, Any] | None, veil: Veil = OPEN, *, unmasked: bool = False
) -> dict[str, Any]:
    """Facts as a person may see them: hidden ones as ＊＊＊, personal ones in part, numbers in texts in part."""
    return {name: cell(policy, name, value, veil, unmasked) for name, value in (facts or {}).items()}


def cell(policy: Policy, name: str, value: Any, veil: Veil = OPEN, unmasked: bool = False) -> Any:
    if name in veil.facts:
        return HIDDEN
    if isinstance(value, list):
        return [cell(policy, name, one, veil, unmasked) for one in value]
    if not isinstance(value, str):
        return value
    fact, text = policy.facts.get(name), veil.over(value)
    if unmasked:
        return text
    return in_part(text) if fact is not None and fact.personal in MASKED else mask(text)


def outside(policy: Policy, name: str, value: str | None) -> str | None:
    """A value of a fact where nobody's roles are known: hidden where it is hidden from anybody."""
    fact = policy.facts.get(name)
    hidden = Veil(frozenset({name})) if fact is not None and fact.hidden_from else OPEN
    return None if value is None else str(cell(policy, name, value, hidden))


def mask(text: str) -> str:
    """Phone and citizen numbers in a text, in part.

    >>> mask("请回电 13812345678"), mask("138-1234 5678"), mask("510123199001011234")
    ('请回电 138****5678', '138****5678', '510123********1234')
    """
    if not NUMBER.search(text):
        return text
    text = CITIZEN.sub(r"\1********\2", text)
    return PHONE.sub(lambda m: f"{m[1]}****{m[2]}" if m[1] else f"{m[3]}****{m[4]}", text)


def in_part(text: str) -> str:
    """A name or a number of which only so much is shown that somebody who knows it recognises it.

    >>> in_part("刘女士0042"), in_part("13812345678"), in_part("王芳")
    ('刘****42', '138****5678', '王*')
    """
    masked = mask(text)
    if masked != text:
        return masked
    if len(text) <= 3:
        return text[:1] + "*" * (len(text) - 1)
    return f"{text[:1]}****{text[-2:]}"
