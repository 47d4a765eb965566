"""What of a case somebody may see: what is hidden from them, and what anybody is shown only in part.

Both follow from the regulation's own words on its facts (`personal`, `hidden_from`) and from the case.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from bihuan.desk import clock
from bihuan.desk.access import Acted, as_list, roles_among
from bihuan.desk.events import events_by_case
from bihuan.desk.models import Case, Person
from bihuan.desk.office import policy_of
from bihuan.desk.tables import fetch, marks
from bihuan.engine.policy import Policy

MASKED = ("identity", "contact")  # kinds of personal facts that are shown only in part
HIDDEN = "＊＊＊"
PHONE = re.compile(
    r"(?<!\d)((?:86[- ]?)?1\d{2})[- ]?\d{4}[- ]?(\d{4})(?!\d)|(?<!\d)(0\d{2,3}-?)\d{4,5}(\d{3})(?!\d)"
)
NUMBER = re.compile(r"\d{4}")  # as every number that is masked has
CITIZEN = re.compile(r"(?<!\d)(\d{6})\d{8}(\d{3}[\dXx])(?!\d)")


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


def whose_customer_is_known(person: Person, cases: Sequence[Case]) -> list[Case]:
    """Those of some cases whose customer is not hidden from the person: by a name one finds no others."""
    hiding = [case for case in cases if customer_of(case) in policy_of(case.edition.hash).hiding]
    if not hiding:
        return list(cases)
    held, events = offices(person), events_by_case(case.pk for case in hiding)
    hidden = {
        case.pk
        for case in hiding
        if customer_of(case)
        in veil(policy_of(case.edition.hash), held, case.opened_at, events[case.pk]).facts
    }
    return [case for case in cases if case.pk not in hidden]


def customer_of(case: Case) -> str:
    """The fact that names the customer of a case."""
    return policy_of(case.edition.hash).header.customer or ""


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
