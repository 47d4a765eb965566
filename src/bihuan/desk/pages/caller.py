"""Who calls: by name or by number, their open and earlier cases, similar ones, how often they were contacted of late.

All of it among what the person at the desk may see; a name found by a number is shown only in part.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Count, Max

from bihuan.desk import clock, matter, queries, search, sight
from bihuan.desk.declined import wishes
from bihuan.desk.errors import ForbiddenError
from bihuan.desk.models import Case, Event, Person
from bihuan.desk.search import Hit
from bihuan.engine.contacts import contact_events
from bihuan.engine.merging import FROM
from bihuan.engine.policy import Policy

EARLIER = 5
LATELY = 30  # days
NUMBER = re.compile(r"\d{7,}")
AS_TOLD = re.compile(r"[\s()()+-]")


@dataclass
class Caller:
    """What is known of whoever calls. `found` are the latest cases of each customer whom a number leads to."""

    customer: str = ""
    name: str = ""  # as the person may see it
    found: list[tuple[Case, str]] = field(default_factory=list)
    open: list[Case] = field(default_factory=list)
    earlier: list[Case] = field(default_factory=list)
    load: tuple[int, dt.datetime | None] | None = None
    declined: dt.datetime | None = None  # since when they want no calls
    similar: list[Hit] = field(default_factory=list)


def caller(person: Person, policy: Policy, typed: Mapping[str, str], same: Case | None) -> Caller:
    """`typed` by fact; `same` is a case whose customer was said to be calling again."""
    said = typed.get(policy.header.customer or "", "")
    told = Caller(same.customer or "" if same and not said else said)
    if not by_name(told.customer):
        told.customer = ""
    if not told.customer:
        told.found = customers(person, numbers(policy, typed))
        told.customer = (told.found[0][0].customer or "") if len(told.found) == 1 else ""
    if told.customer:
        told.name = sight.in_part(told.customer)
        every = queries.cases(person, customer=told.customer, size=queries.MOST).rows
        told.open = [case for case in every if case.closed_at is None][:EARLIER]
        told.earlier = [case for case in every if case.closed_at is not None][:EARLIER]
        told.load = load(policy, every)
        told.declined = max(wishes(person, every).values(), default=None)
    near = search.similar(person, words(policy, typed))
    told.similar = [hit for hit in near if hit.case.customer != told.customer or not told.customer]
    return told


def by_name(said: str) -> bool:
    """Whether a customer is named rather than numbered."""
    return bool(said) and not NUMBER.fullmatch(AS_TOLD.sub("", said))


def numbers(policy: Policy, typed: Mapping[str, str]) -> list[str]:
    """Numbers to look for: of a telephone or an account, where the customer or the way to reach them is asked."""
    asked = [
        policy.header.customer,
        *(name for name, fact in policy.facts.items() if fact.personal == "contact"),
    ]
    told = (AS_TOLD.sub("", typed.get(name or "", "")) for name in asked)
    return list(dict.fromkeys(one for one in told if NUMBER.fullmatch(one)))


def customers(person: Person, asked: list[str]) -> list[tuple[Case, str]]:
    """The customers in whose cases a number stands, each with the latest of these cases."""
    try:
        hits = search.find(person, asked[0]).rows if asked else []
    except ForbiddenError:  # too many numbers were tried: the form is filled in all the same
        hits = []
    latest: dict[str, Case] = {}
    for case in sight.whose_customer_is_known(person, [hit.case for hit in hits]):
        if case.customer:
            latest.setdefault(case.customer, case)
    return [(case, sight.in_part(name)) for name, case in latest.items()][:EARLIER]


def words(policy: Policy, typed: Mapping[str, str]) -> list[str]:
    """What was typed of the matter itself, in the order of the regulation: texts and categories, not who calls."""
    told = matter.about(policy).items()
    return [matter.words(fact, value) for name, fact in told if (value := typed.get(name))]


def load(policy: Policy, cases: Sequence[Case]) -> tuple[int, dt.datetime | None]:
    """How often a customer was contacted lately in their cases, and when last; what a contact is, the regulation says."""
    since = clock.now() - dt.timedelta(days=LATELY)
    events = Event.objects.filter(case__in=[case.pk for case in cases], at__gte=since)
    own = events.filter(event__in=contact_events(policy), **{f"facts__{FROM}__isnull": True})
    found = own.aggregate(n=Count("pk"), last=Max("at"))
    return found["n"], found["last"]
