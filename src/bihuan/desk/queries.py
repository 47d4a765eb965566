"""What pages and API read: lists by keys instead of counts, one case with all that belongs to it, the steps it allows.

Every function asks the database a number of times that does not grow with the rows it hands out. Rights are asked of
`access`; nothing is written here.
"""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

from django.core import signing
from django.db.models import Model, Q, QuerySet

from bihuan.desk import access, clock, sight, stored
from bihuan.desk.asked import asked, refusable
from bihuan.desk.declined import WISHED, wishes
from bihuan.desk.errors import MissingError
from bihuan.desk.judging import elsewhere, judged_next
from bihuan.desk.models import Attachment, Case, Edition, Event, Irregularity, Obligation, Person, Told
from bihuan.desk.office import Office, office_now, policy_of
from bihuan.desk.tables import cell, condition, marks
from bihuan.engine.policy import Policy

Some = TypeVar("Some", bound=Model)
SIZE = 50
MOST = 200
TEXTS = ("case__edition__text", "subject__edition__text")  # long, and no list shows them
ENOUGH = 1000  # beyond, a number on a page says "more than"


@dataclass(frozen=True)
class Page(Generic[Some]):
    """Some rows of a list, and the cursor to go on with; none at the end."""

    rows: list[Some]
    after: str | None


@dataclass(frozen=True)
class Whole:
    """A case with everything that its page shows. `roles` are those of the viewer in it."""

    case: Case
    policy: Policy
    events: list[Event]
    obligations: list[Obligation]
    irregularities: list[Irregularity]
    attachments: list[Attachment]
    roles: frozenset[str]
    veil: sight.Veil

    @cached_property
    def office(self) -> Office:
        """What judges it now, asked for once."""
        return office_now()


class Possible(NamedTuple):
    """An event that the regulation knows, and what it would say if the viewer entered it now."""

    event: str
    label: str
    articles: tuple[str, ...]
    asks: tuple[str, ...]  # facts that the event must carry, in the form's order
    findings: tuple[dict[str, Any], ...]  # why not; fields that are still missing do not count
    tested: tuple[str, ...] = ()  # facts that rules test in it
    step: bool = (
        True  # whether a step of such cases is about it; else it is only heard by rules, or for other cases
    )

    @property
    def allowed(self) -> bool:
        return not self.findings


def edition_in_force(policy: str) -> Edition:
    """The edition of a regulation, by its id or its last part, that cases of today are accepted under; else the latest."""
    held = Edition.objects.filter(Q(policy=policy) | Q(policy__endswith=f"/{policy}"), in_force=True)
    today = clock.today()
    found = max(held, key=lambda one: (one.covers(today), one.since or dt.date.min, one.pk), default=None)
    if found is None:
        raise MissingError(f"no edition of {policy} is in force on this desk; put one in force first")
    return found


def editions_of_today() -> list[Edition]:
    """Of each regulation the edition that cases of today are accepted under, by title."""
    today = clock.today()
    held = [one for one in Edition.objects.filter(in_force=True) if one.covers(today)]
    latest = {one.policy: one for one in sorted(held, key=lambda one: one.since or dt.date.min)}
    return sorted(latest.values(), key=lambda one: one.title)


# --- lists ---


def worklist(
    person: Person,
    *,
    kinds: Sequence[str] = (),
    unit: str | None = None,
    owner: str | None = None,
    policy: str | None = None,
    due_before: dt.datetime | None = None,
    after: str | None = None,
    size: int = SIZE,
) -> Page[Obligation]:
    """What is owed and has a due time, the earliest first: of units that this person sees."""
    size = sized(size)
    asked = [condition(OWED), access.owed_by(person, access.units_seen(person))]
    asked += [condition(f"desk_obligation.kind IN ({marks(kinds)})", *kinds)] if kinds else []
    for said, value in zip(ASKED, (unit, owner, policy, due_before), strict=True):
        asked += [condition(said, cell(value))] if value else []
    if after:
        asked.append(condition(BEYOND, *map(cell, read_cursor(after, Obligation, BY_DUE))))
    found = stored.linked(
        Obligation, UNLISTED,
        f"WHERE ({') AND ('.join(one.sql for one in asked)}) ORDER BY {DUE_FIRST} LIMIT %s",
        *(value for one in asked for value in one.params), size + 1,
    )  # fmt: skip
    return with_editions(page_of(found, BY_DUE, size))


BY_DUE = ("due_at", "id")
DUE_FIRST = "desk_obligation.due_at, desk_obligation.id"
BEYOND = f"({DUE_FIRST}) > (%s, %s)"
ASKED = (
    "%s IN (desk_obligation.unit, desk_obligation.owner)",  # the one that a case is with, or that owes it
    "desk_obligation.owner = %s",
    "desk_case.edition_id IN (SELECT id FROM desk_edition WHERE policy = %s)",
    "desk_obligation.due_at < %s",
)


def running(rows: QuerySet[Obligation]) -> QuerySet[Obligation]:
    """What is owed and has a due time, in the very words of the indexes: SQLite does not know them by parameters."""
    return rows.filter(condition(OWED))


OWED = f"{access.RUNS} AND desk_obligation.due_at IS NOT NULL"
NAMED = "NOT (desk_case.customer = '')"  # likewise
UNLISTED = {
    "case": (
        "hash", "customer", "opened_at", "last_event", "last_at", "closed_at", "judged_at", "basis", "wake_at",
        "sent", "owed_at",
    ),
    "subject": ("judged_at", "wake_at"),
}  # fmt: skip


def with_editions(page: Page[Obligation]) -> Page[Obligation]:
    """The edition of each row, read once for all that have it, without its text."""
    of = [one for row in page.rows if (one := row.case or row.subject) is not None]
    ids = {one.edition_id for one in of}
    found = stored.found(Edition, f"WHERE id IN ({marks(ids)})", *ids, without=("text",))
    editions = {edition.pk: edition for edition in found}
    for one in of:
        one.edition = editions[one.edition_id]
    return page


#: Nobody called yet; called, and still owed; the customer named a time, and it has come; the customer wants no calls.
TRIED: dict[str, Callable[[dt.datetime], Q]] = {
    "never": lambda _now: Q(attempts=0),
    "vain": lambda _now: Q(attempts__gt=0),
    "again": lambda now: Q(next_at__lte=now),
    "declined": lambda _now: Q(WISHED),
}


def callbacks(
    person: Person,
    *,
    rule: str | None = None,
    before: dt.datetime | None = None,
    tried: str | None = None,
    after: str | None = None,
    size: int = SIZE,
) -> Page[Obligation]:
    """Who is to be called, the earliest due first; `tried` is a name in TRIED."""
    rows = access.callbacks_seen(person, offices(person)).filter(due_at__isnull=False)
    rows = rows.filter(TRIED[tried](clock.now())) if tried else rows
    wanted = {"rule": rule, "due_at__lt": before}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    page = keyed(rows.select_related("case__edition", "subject__edition").defer(*TEXTS), BY_DUE, after, size)
    if tried != "declined":
        return page
    declined = wishes(person, [row.case for row in page.rows if row.case])
    return Page([row for row in page.rows if row.case_id in declined], page.after)


def offices(person: Person) -> set[str]:
    """What the regulations call the roles that a person holds, as it stands in `owner`."""
    held = access.roles_held(person)
    policies = [policy_of(hash) for hash in Edition.objects.values_list("hash", flat=True)]
    return {policy.roles[role].label for policy in policies for role in held & policy.roles.keys()}


def undated(person: Person, *, after: str | None = None, size: int = SIZE) -> Page[Obligation]:
    """What is owed without a due time, because a fact or a parameter is missing."""
    rows = access.obligations_seen(person).filter(state__in=("waiting", "unset"), case__closed_at=None)
    return keyed(rows.select_related("case__edition").defer("case__edition__text"), ("id",), after, size)


def cases(
    person: Person,
    *,
    policy: str | None = None,
    unit: str | None = None,
    customer: str | None = None,
    is_open: bool | None = None,
    after: str | None = None,
    size: int = SIZE,
) -> Page[Case]:
    """Cases that this person sees, the latest event first."""
    rows = access.cases_seen(person)
    wanted = {"edition__policy": policy, "unit": unit, "customer": customer}
    rows = rows.filter(**{name: value for name, value in wanted.items() if value})
    if customer:
        rows = rows.filter(condition(NAMED))
    if is_open is not None:
        rows = rows.filter(closed_at__isnull=is_open)
    page = keyed(rows.select_related("edition").defer("edition__text"), ("-last_at", "-id"), after, size)
    return Page(sight.whose_customer_is_known(person, page.rows), page.after) if customer else page


def told_lately(person: Person, *, after: str | None = None, size: int = SIZE) -> Page[Told]:
    """What fell due or was to be warned of, the latest first."""
    rows = access.told_seen(person).select_related("case")
    return keyed(rows, ("-id",), after, size)


def keyed(rows: QuerySet[Some], order: Sequence[str], after: str | None, size: int) -> Page[Some]:
    """A page after a cursor. One row more than asked for tells whether there is another page."""
    size = sized(size)
    if after:
        rows = rows.filter(beyond(order, read_cursor(after, rows.model, order)))
    return page_of(list(rows.order_by(*order)[: size + 1]), order, size)


def sized(size: int) -> int:
    return max(1, min(size, MOST))


def page_of(found: list[Some], order: Sequence[str], size: int) -> Page[Some]:
    more = len(found) > size
    return Page(found[:size], cursor(order, found[size - 1]) if more else None)


def beyond(order: Sequence[str], values: Sequence[Any]) -> Q:
    """What comes after these values in this order."""
    found, equal = Q(), Q()
    for name, value in zip(order, values, strict=True):
        column = name.removeprefix("-")
        found |= equal & Q(**{f"{column}__{'lt' if name.startswith('-') else 'gt'}": value})
        equal &= Q(**{column: value})
    return found


def cursor(order: Sequence[str], row: Model) -> str:
    values = [getattr(row, name.removeprefix("-")) for name in order]
    told = [one.isoformat() if isinstance(one, dt.datetime) else one for one in values]
    return signing.dumps(told, salt=list_of(type(row), order), compress=True)


def list_of(model: type[Model], order: Sequence[str]) -> str:
    """The lists of one model in one order: a cursor of another one is none here."""
    return f"{model._meta.label} {' '.join(order)}"


def read_cursor(text: str, model: type[Model], order: Sequence[str]) -> list[Any]:
    try:
        values = signing.loads(text, salt=list_of(model, order))
    except signing.BadSignature:
        raise MissingError("this cursor is none of this list's: begin with the first page") from None
    fields: list[Any] = [model._meta.get_field(name.removeprefix("-")) for name in order]
    return [field.to_python(value) for field, value in zip(fields, values, strict=True)]


def count(rows: QuerySet[Any], most: int = ENOUGH) -> tuple[int, bool]:
    """How many rows, counted no further than `most`; and whether there are more."""
    found = rows.order_by()[: most + 1].count()
    return min(found, most), found > most


# --- one case ---


def whole(person: Person, number: str) -> Whole:
    """A case and everything that belongs to it, if the person may see it."""
    case = access.to_see(person, number)
    policy = policy_of(case.edition.hash)
    events = parts(Event, case, "seq")
    held = sight.offices(person) if policy.hiding else ()
    return Whole(
        case, policy, events, parts(Obligation, case, "place"), parts(Irregularity, case, "place"),
        parts(Attachment, case, "id"), access.roles_on(policy, person, events),
        sight.veil(policy, held, case.opened_at, events),
    )  # fmt: skip


#: What neither a page nor the API shows of a case.
UNSHOWN: dict[type[Model], tuple[str, ...]] = {
    Event: ("edition", "salt", "digest", "hash"),
    Obligation: ("used", "row", "customer", "told_at", "warned_at"),
}


def parts(model: type[Some], case: Case, order: str) -> list[Some]:
    """What belongs to a case, each of which knows it."""
    unshown = UNSHOWN.get(model, ())
    found = stored.found(model, f"WHERE case_id = %s ORDER BY {order}", case.pk, without=unshown)
    link: Any = model._meta.get_field("case")
    for one in found:
        link.set_cached_value(one, case)
    return found


def steps(person: Person, seen: Whole, facts: Mapping[str, Any] | None = None) -> list[Possible]:
    """Every step of the regulation, in the order of its articles, and whether this person could take it now.

    The engine goes over the case once and tries each event from there.
    """
    edition, labels, now = seen.case.edition.hash, seen.policy.event_labels, clock.seconds(clock.now())
    wrong = judged_next(seen.office, edition, seen.events, refusable(edition), person.code, facts or {}, now)
    others = elsewhere(seen.office, edition, seen.events)
    return [
        Possible(
            name, labels.get(name, name), one.articles, one.asks, tuple(wrong.get(name, ())), one.tested, one.step and name not in others
        )
        for name, one in asked(edition).items()
    ]  # fmt: skip
