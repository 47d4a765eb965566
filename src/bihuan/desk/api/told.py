"""What the API tells of cases: the same as the pages, masked the same way, as JSON.

Lists tell less than a case does: there, whoever might be kept from seeing the customer does not see the customer.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bihuan.desk import sight
from bihuan.desk.api.types import Told
from bihuan.desk.declined import wishes
from bihuan.desk.judging import known_of
from bihuan.desk.models import Attachment, Case, Event, Irregularity, Obligation, Person
from bihuan.desk.office import policy_of
from bihuan.desk.queries import Whole
from bihuan.engine.policy import Policy

When = dt.datetime | None
ABOUT = ("reason", "name", "into", "from", "to", "entered_by", "why")


class CaseLine(Told):
    """A case in a list."""

    number: str
    policy: str
    edition: str
    version: int
    unit: str
    customer: str
    opened_at: dt.datetime
    last_event: str
    last_at: dt.datetime
    closed_at: When
    matter: str  # what it is about, as anybody may read it


class Owed(Told):
    """What is owed: a row of the engine's, with its article."""

    case: str | None
    subject: str | None
    policy: str
    place: int
    kind: str
    rule: str
    article: str
    says: str
    round: int
    key: str | None
    unit: str | None
    owner: str | None
    started_at: When
    due_at: When
    warn_at: When
    done_at: When
    closed_by: str | None
    state: str
    allowed: str | None
    provisional: bool
    note: str
    verdict: str | None
    method: str | None
    drawn: bool | None
    attempts: int | None
    last_attempt_at: When
    last_method: str | None
    next_at: When
    points: float | None


class OwedLine(Owed):
    """What is owed, in a list of many cases; what the case is about, as anybody may read it."""

    matter: str


class CallLine(OwedLine):
    """A callback that is owed, and since when the customer wants no calls."""

    calls_declined_at: When


class Happened(Told):
    """An event of a case; `about` is what a note says beside facts."""

    seq: int
    kind: str
    event: str
    label: str
    at: dt.datetime
    whole_day: bool
    recorded_at: dt.datetime
    actor: str | None
    unit: str | None
    facts: dict[str, Any]
    about: dict[str, str]


class Wrong(Told):
    """An event that the regulation forbids there, by that person or at that time."""

    seq: int | None
    event: str
    at: dt.datetime
    actor: str | None
    kind: str
    rule: str | None
    article: str | None
    detail: str | None


class File(Told):
    """A file of a case."""

    id: int
    seq: int
    name: str
    media_type: str
    size: int
    sha256: str


class CaseTold(CaseLine):
    """A case with all that belongs to it."""

    destroyed: bool
    merged_into: str | None
    calls_declined_at: When
    roles: list[str]
    facts: dict[str, Any]
    events: list[Happened]
    obligations: list[Owed]
    irregularities: list[Wrong]
    attachments: list[File]


class Receipt(Told):
    """What was written, the version to go on with, and what the case owes now."""

    case: str
    seq: int
    event: str
    at: dt.datetime
    recorded_at: dt.datetime
    version: int
    obligations: list[Owed]


def line(case: Case, held: sight.Offices) -> dict[str, Any]:
    policy = policy_of(case.edition.hash)
    return {
        "number": case.number, "policy": case.edition.policy, "edition": case.edition.hash, "version": case.version,
        "unit": case.unit, "customer": customer(policy, case, held), "opened_at": case.opened_at,
        "last_event": case.last_event, "last_at": case.last_at, "closed_at": case.closed_at,
        "matter": case.matter or "",
    }  # fmt: skip


def customer(policy: Policy, case: Case, held: sight.Offices) -> str:
    """Of a customer as much as somebody may see of whom only the roles by office are known: nothing where a role that they
    have or might have in the case must not.
    """
    name = policy.header.customer or ""
    by_case = {name for name, role in policy.roles.items() if role.fact or role.did}
    barred = policy.hiding.get(name, frozenset()) & (sight.offices_since(held, case.opened_at) | by_case)
    return str(
        sight.cell(policy, name, case.customer, sight.Veil(frozenset({name})) if barred else sight.OPEN)
    )


def owed(row: Obligation) -> dict[str, Any]:
    edition = row.case.edition if row.case else row.subject.edition if row.subject else None
    policy = policy_of(edition.hash) if edition else None
    held = vars(row)
    cells = {name: held[name] for name in Owed.model_fields if name in held}
    return cells | {
        "case": row.case.number if row.case else None,
        "subject": sight.outside(policy, row.subject.fact, row.subject.key)
        if policy and row.subject
        else None,
        "policy": edition.policy if edition else "",
        "says": policy.says(row.rule) if policy else "",
        "key": sight.outside(policy, per(policy, row.rule), row.key) if policy else None,
    }


def owed_line(row: Obligation) -> dict[str, Any]:
    return owed(row) | {"matter": (row.case.matter or "") if row.case else ""}


def per(policy: Policy, rule: str) -> str:
    return str(getattr(policy.timed.get(rule), "per", None) or "")


def event(seen: Whole, one: Event) -> dict[str, Any]:
    cells = {name: getattr(one, name) for name in Happened.model_fields if hasattr(one, name)}
    return cells | {
        "label": seen.policy.event_labels.get(one.event, one.event),
        "facts": sight.shown(seen.policy, one.brings, seen.veil),
        "about": about(seen.veil, one.meta),
    }


def about(veil: sight.Veil, meta: Mapping[str, Any] | None) -> dict[str, str]:
    return {name: veil.text(str(value)) for name, value in (meta or {}).items() if name in ABOUT}


def known(seen: Whole, *, unmasked: bool = False) -> dict[str, Any]:
    """What is known of the case now, as the viewer may see it."""
    return sight.shown(seen.policy, known_of(seen.events), seen.veil, unmasked=unmasked)


def wrong(row: Irregularity) -> dict[str, Any]:
    return {name: getattr(row, name, None) for name in Wrong.model_fields} | {"seq": row.row}


def file(veil: sight.Veil, one: Attachment) -> dict[str, Any]:
    return {name: getattr(one, name) for name in File.model_fields} | {"name": veil.text(one.name)}


def whole(person: Person, seen: Whole) -> dict[str, Any]:
    case = seen.case
    for row in seen.obligations:
        row.case = case  # as it was fetched: no question to the database for each row
    name = seen.policy.header.customer or ""
    return line(case, ()) | {
        "customer": str(sight.cell(seen.policy, name, case.customer, seen.veil)),
        "destroyed": case.destroyed_id is not None,
        "merged_into": case.merged_into.number if case.merged_into else None,
        "calls_declined_at": wishes(person, [case]).get(case.pk),
        "roles": sorted(seen.roles),
        "facts": known(seen),
        "events": [event(seen, one) for one in seen.events],
        "obligations": [owed(one) for one in seen.obligations],
        "irregularities": [wrong(one) for one in seen.irregularities],
        "attachments": [file(seen.veil, one) for one in seen.attachments],
    }
