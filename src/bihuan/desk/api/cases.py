"""Cases: listed, read, accepted, carried on, corrected, merged, moved; what may be done now and why not."""

import datetime as dt
from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from ninja import Router, Schema
from pydantic import Field

from bihuan.desk import access, actions, numbers, projection, queries, sight, stored
from bihuan.desk.actions.acting import find
from bihuan.desk.actions.words import one_said
from bihuan.desk.api import told
from bihuan.desk.api.problems import Finding, findings
from bihuan.desk.api.routes import Key, Match, Version, carried_out, look, read, version_of, write
from bihuan.desk.api.tokens import asker
from bihuan.desk.api.types import CLEAN, After, Existing, Facts, Instant, Number, Sent, Seq, Size, Text, Word
from bihuan.desk.errors import MissingError, RefusedError
from bihuan.desk.models import Case, Event, Person
from bihuan.desk.models import Edition as EditionRow
from bihuan.desk.office import policy_of
from bihuan.desk.pages.amend import beside
from bihuan.desk.pages.caller import caller
from bihuan.desk.tables import fetch

router = Router(tags=["cases"])


class CasePage(Schema):
    """Some cases, and the cursor to go on with; none at the end."""

    rows: list[told.CaseLine]
    after: str | None


class Accept(Sent):
    """A new case. `facts` come with the event, `given` with the case."""

    policy: Word
    event: Word | None = None
    facts: Facts = Field({})
    given: Facts = Field({})
    unit: Word | None = None
    at: Instant | None = None
    number: Number | None = None


class Append(Sent):
    """An event of a case. `unit`: where it sends the case; a fact `unit` says the same."""

    event: Word
    facts: Facts = Field({})
    unit: Word | None = None
    at: Instant | None = None
    whole_day: bool = False
    version: Version = None


class Correct(Sent):
    """What an earlier event truly was, or (`struck`) that it never happened."""

    reason: Text
    facts: Facts = Field({})
    at: Instant | None = None
    struck: bool = False
    version: Version = None


class Note(Sent):
    """Something about the case that no regulation judges."""

    text: Text
    version: Version = None


class Calls(Sent):
    """Whether the customer of the case wants calls, and how they put it."""

    wanted: bool
    reason: Text
    version: Version = None


class Merge(Sent):
    """This case was the same matter as another, which goes on."""

    into: Existing
    reason: Text
    version: Version = None


class Move(Sent):
    """Judge the case by another edition of its regulation, by its hash, from now on."""

    edition: Word
    reason: Text
    version: Version = None


class Edition(Sent):
    """An edition of the case's regulation, by its hash."""

    edition: Word


class Side(Schema):
    """How something stands under an edition."""

    state: str
    due_at: dt.datetime | None


class Both(Schema):
    """What is owed now, and what would be under another edition; none: nothing of the kind."""

    rule: str
    article: str
    says: str
    round: int
    before: Side | None
    after: Side | None


class Promised(Schema):
    """What a case would owe, by when."""

    rule: str
    article: str
    says: str
    unit: str | None
    owner: str | None
    state: str
    due_at: dt.datetime | None


class Caller(Sent):
    """What is known of whoever calls, and of the matter, by fact."""

    policy: Word
    facts: dict[Word, Annotated[str, Field(max_length=4000, pattern=CLEAN)]] = Field({}, max_length=50)


class CallerTold(Schema):
    """The customer's open and latest earlier cases, how often they were contacted in 30 days, and similar cases."""

    open: list[told.CaseLine]
    earlier: list[told.CaseLine]
    contacts: int
    last_contact_at: dt.datetime | None
    calls_declined_at: dt.datetime | None
    similar: list[told.CaseLine]


class Ask(Sent):
    """Facts that the next event would carry."""

    facts: Facts = Field({})


class Possible(Schema):
    """An event that the regulation knows: whether it may be entered now by the asker, and if not, under which articles."""

    event: str
    label: str
    articles: list[str]
    allowed: bool
    asks: list[str]
    tested: list[str]
    says: list[str]
    findings: list[Finding]


class Unmask(Sent):
    """Why somebody wants to see what is masked."""

    reason: Text


class Known(Schema):
    """What is known of a case."""

    facts: dict[str, Any]


# --- reading ---


@read(router, "", CasePage)
def list_cases(
    request: HttpRequest,
    policy: Word | None = None,
    unit: Word | None = None,
    customer: Word | None = None,
    is_open: bool | None = None,
    after: After = None,
    size: Size = queries.SIZE,
) -> Any:
    """Cases that the asker sees, the latest event first."""
    person = asker(request)
    page = queries.cases(
        person, policy=policy, unit=unit, customer=customer, is_open=is_open, after=after, size=size
    )
    held = sight.offices(person)
    return {"rows": [told.line(one, held) for one in page.rows], "after": page.after}


@read(router, "/{anything:number}", told.CaseTold)
def get_case(request: HttpRequest, response: HttpResponse, number: Existing) -> Any:
    """A case with events, what it owes, irregularities and attachments, masked as on the pages. Its ETag is its version."""
    person = asker(request)
    found = told.whole(person, queries.whole(person, number))
    response["ETag"] = f'"{found["version"]}"'
    return found


@look(router, "/{anything:number}/steps", list[Possible])
def ask_steps(request: HttpRequest, number: Existing, said: Ask) -> Any:
    """What the asker may do now, in the order of the articles, and why not, given what the event would carry."""
    person = asker(request)
    seen = queries.whole(person, number)
    return [possible(seen, one) for one in queries.steps(person, seen, said.facts)]


def possible(seen: queries.Whole, one: queries.Possible) -> dict[str, Any]:
    said = [one_said(seen.case.edition.hash, finding) for finding in one.findings]
    cells = {name: getattr(one, name) for name in ("event", "label", "articles", "allowed", "asks", "tested")}
    return cells | {"says": list(dict.fromkeys(said)), "findings": findings(one.findings)}


# --- writing ---


@write(router, "", told.Receipt)
def accept_case(request: HttpRequest, response: HttpResponse, said: Accept, key: Key = None) -> Any:
    """Open a case under the edition in force on its day."""
    person = access.to_open(asker(request))
    facts, unit = sent(said.facts, said.unit)
    what: dict[str, Any] = {"by": person, "event": said.event, "facts": facts, "given": said.given}
    what |= {"unit": unit, "at": said.at}
    ahead = actions.unlocked(lambda: actions.foreseen_accept(said.policy, **what))

    def act() -> dict[str, Any]:
        made = actions.accept(said.policy, number=said.number, ahead=ahead, **what)
        return {"case": made.number, "seq": made.version}

    return receipt(request, response, carried_out(request, key, said.dict(), act))


@look(router, "/preview", list[Promised])
def preview_case(request: HttpRequest, said: Accept) -> Any:
    """What a case would owe by when if it were accepted so. Nothing is written."""
    person = access.to_open(asker(request))
    facts, unit = sent(said.facts, said.unit)
    owed = actions.preview_accept(
        said.policy, by=person, event=said.event, facts=facts, given=said.given, unit=unit, at=said.at,
        number=said.number,
    )  # fmt: skip
    names = set(Promised.model_fields) - {"says"}
    policy = policy_of(queries.edition_in_force(said.policy).hash)
    return [{name: getattr(one, name) for name in names} | {"says": policy.says(one.rule)} for one in owed]


@look(router, "/caller", CallerTold)
def ask_caller(request: HttpRequest, said: Caller) -> Any:
    """Who calls: open and earlier cases, contacts of late, similar cases; all among what the asker sees."""
    person = asker(request)
    policy = policy_of(queries.edition_in_force(said.policy).hash)
    found, held = caller(person, policy, said.facts, None), sight.offices(person)
    return {
        "open": [told.line(one, held) for one in found.open],
        "earlier": [told.line(one, held) for one in found.earlier],
        "contacts": found.load[0] if found.load else 0,
        "last_contact_at": found.load[1] if found.load else None,
        "calls_declined_at": found.declined,
        "similar": [told.line(hit.case, held) for hit in found.similar],
    }


def event_of(
    request: HttpRequest, response: HttpResponse, number: str, key: str | None, said: Sent, act: Callable[[Person], Event]
) -> dict[str, Any]:  # fmt: skip
    """An action that adds an event to a case that the asker may act on."""
    person = asker(request)
    access.to_act(person, number)

    written = carried_out(request, key, said.dict(), lambda: {"case": number, "seq": act(person).seq})
    return receipt(request, response, written)


def receipt(request: HttpRequest, response: HttpResponse, written: Any) -> dict[str, Any]:
    """What was written, and how the case stands now."""
    case = find(written["case"])
    [event] = stored.found(Event, "WHERE case_id = %s AND seq = %s", case.pk, written["seq"])
    rows = projection.standing({"case": case})
    for row in rows:
        row.case = case  # as it was fetched: no question to the database for each row
    response["ETag"] = f'"{case.version}"'
    response["Location"] = f"/api/cases/{quote(numbers.written(case.number))}"
    return {
        "case": case.number, "seq": event.seq, "event": event.event, "at": event.at,
        "recorded_at": event.recorded_at, "version": case.version, "obligations": [told.owed(one) for one in rows],
    }  # fmt: skip


def sent(facts: dict[str, Any], unit: str | None) -> tuple[dict[str, Any], str | None]:
    """What an event carries, and the unit that it names, which is a column of its own."""
    rest = dict(facts)
    named = unit or rest.pop("unit", None)
    rest.pop("unit", None)
    if named is not None and not fetch("SELECT 1 FROM desk_unit WHERE name = %s", str(named)):
        raise RefusedError(f"there is no unit {named}", unit=named)
    return rest, None if named is None else str(named)


@write(router, "/{anything:number}/events", told.Receipt)
def append_event(
    request: HttpRequest, response: HttpResponse, number: Existing, said: Append, key: Key = None, match: Match = None
) -> Any:  # fmt: skip
    """Enter an event. A stale version is told what happened since; a step that the regulation refuses, the articles."""
    facts, unit = sent(said.facts, said.unit)
    seen = version_of(match, said.version)
    what: dict[str, Any] = {"facts": facts, "unit": unit, "at": said.at, "whole_day": said.whole_day}
    person = asker(request)
    case = access.to_act(person, number)
    ahead = actions.unlocked(lambda: actions.foreseen_append(case, said.event, by=person, **what))

    def act() -> dict[str, Any]:
        made = actions.append(number, said.event, by=person, version=seen, ahead=ahead, **what)
        return {"case": number, "seq": made.seq}

    return receipt(request, response, carried_out(request, key, said.dict(), act))


@write(router, "/{anything:number}/events/{seq}/corrections", told.Receipt)
def correct_event(
    request: HttpRequest, response: HttpResponse, number: Existing, seq: Seq, said: Correct, key: Key = None, match: Match = None
) -> Any:  # fmt: skip
    """Say what an earlier event truly was; it stays in the record beside the correction."""
    seen = version_of(match, said.version)

    def act(person: Person) -> Event:
        return actions.correct(
            number, seq, by=person, reason=said.reason, at=said.at, facts=said.facts, struck=said.struck, version=seen
        )  # fmt: skip

    return event_of(request, response, number, key, said, act)


@write(router, "/{anything:number}/notes", told.Receipt)
def add_note(
    request: HttpRequest, response: HttpResponse, number: Existing, said: Note, key: Key = None, match: Match = None
) -> Any:  # fmt: skip
    """Write something down about the case."""
    seen = version_of(match, said.version)

    meta = {"reason": said.text}
    return event_of(
        request, response, number, key, said, lambda by: actions.note(number, "noted", by=by, meta=meta, version=seen)
    )  # fmt: skip


@write(router, "/{anything:number}/calls", told.Receipt)
def say_calls(
    request: HttpRequest, response: HttpResponse, number: Existing, said: Calls, key: Key = None, match: Match = None
) -> Any:  # fmt: skip
    """Note that the customer wants no calls, or may be called again: a note that ends nothing that is owed."""
    seen, act = version_of(match, said.version), actions.allow_calls if said.wanted else actions.decline_calls
    return event_of(
        request, response, number, key, said, lambda by: act(number, by=by, reason=said.reason, version=seen)
    )  # fmt: skip


@write(router, "/{anything:number}/merge", told.Receipt)
def merge_case(
    request: HttpRequest, response: HttpResponse, number: Existing, said: Merge, key: Key = None, match: Match = None
) -> Any:  # fmt: skip
    """Close the case as the same matter as another."""
    seen = version_of(match, said.version)

    def act(person: Person) -> Event:
        access.to_act(person, said.into)
        case: Case = actions.merge(number, said.into, by=person, reason=said.reason, version=seen)
        return case.events.order_by("-seq")[0]

    return event_of(request, response, number, key, said, act)


@write(router, "/{anything:number}/edition", told.Receipt, scope="admin")
def move_case(
    request: HttpRequest, response: HttpResponse, number: Existing, said: Move, key: Key = None, match: Match = None
) -> Any:  # fmt: skip
    """Move the case to another edition, on purpose and with a reason."""
    access.to_administer(asker(request))
    seen = version_of(match, said.version)

    return event_of(
        request, response, number, key, said,
        lambda by: actions.move(number, said.edition, by=by, reason=said.reason, version=seen),
    )  # fmt: skip


@look(router, "/{anything:number}/edition/preview", list[Both])
def preview_move(request: HttpRequest, number: Existing, said: Edition) -> Any:
    """What the case owes, and what it would owe under another edition. Nothing is written."""
    case = access.to_see(access.to_administer(asker(request)), number)
    wanted = EditionRow.objects.filter(hash=said.edition, policy=case.edition.policy)
    if not wanted.exists():
        raise MissingError(f"no edition with the hash {said.edition[:12]} is on this desk")
    return [
        one | {side: stood(one[side]) for side in ("before", "after")} for one in beside(case, said.edition)
    ]


def stood(side: tuple[str, dt.datetime | None] | None) -> dict[str, Any] | None:
    return None if side is None else {"state": side[0], "due_at": side[1]}


@write(router, "/{anything:number}/unmask", Known, status=200)
def unmask(request: HttpRequest, number: Existing, said: Unmask) -> Any:
    """See what is masked, with a reason, which is logged. What is hidden from the asker's role stays hidden."""
    person = asker(request)
    access.to_act(person, number)
    seen = queries.whole(person, number)
    facts = told.known(seen, unmasked=True)
    actions.log_unmasking(number, sorted(facts), by=person, reason=said.reason)
    return {"facts": facts}
