"""Units and people: who there is, who holds which role, who stands in for whom, who hands over to whom."""

import datetime as dt
from typing import Any

from django.db.models import Prefetch
from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from bihuan.desk import access, actions
from bihuan.desk.api.routes import Key, administer, carried_out, look, read
from bihuan.desk.api.tokens import asker
from bihuan.desk.api.types import Day, Existing, Facts, Id, Number, Sent, Text, Word
from bihuan.desk.models import Deputy, Holding, Person, Registered, Unit

router = Router(tags=["people"])


class UnitTold(Schema):
    """A unit in the tree."""

    name: str
    parent: str | None


class Role(Schema):
    """A role that a person holds for a unit, both days included."""

    id: int
    role: str
    unit: str | None
    since: dt.date | None
    until: dt.date | None


class PersonTold(Schema):
    """Somebody who acts."""

    code: str
    name: str
    unit: str | None
    is_active: bool
    is_administrator: bool
    roles: list[Role]


class DeputyTold(Schema):
    """Who stands in for a person."""

    id: int
    person: str
    deputy: str
    since: dt.date | None
    until: dt.date | None


class SubjectTold(Schema):
    """A subject, of which register, with its facts."""

    id: int
    of: str
    subject: str
    since: dt.date | None
    until: dt.date | None
    facts: dict[str, Any]


class Made(Schema):
    """What was written: its number, or its name."""

    id: int | None = None
    name: str | None = None


class NewUnit(Sent):
    """A unit, or an existing one put under another."""

    name: Word
    parent: Word | None = None


class NewPerson(Sent):
    """Somebody who may act. A password is set on the page, never through the API."""

    code: Number
    name: Word
    unit: Word | None = None
    administrator: bool = False


class Grant(Sent):
    """A role for a person."""

    role: Word
    unit: Word | None = None
    since: Day | None = None
    until: Day | None = None


class Stand(Sent):
    """Somebody stands in for the person."""

    deputy: Existing
    since: Day | None = None
    until: Day | None = None


class Until(Sent):
    """The last day."""

    until: Day


class Administers(Sent):
    """Whether somebody is an administrator."""

    administrator: bool


class NewSubject(Sent):
    """A subject in a register."""

    of: Word
    subject: Word
    facts: Facts = Field({})
    since: Day | None = None
    until: Day | None = None


class Handover(Sent):
    """Somebody leaves: roles and open cases go to another."""

    to: Existing
    reason: Text


class Handed(Schema):
    """The roles and open cases that go, or went, to another."""

    roles: list[Role]
    cases: list[str]


class Me(PersonTold):
    """The asker, and what their token is for."""

    scope: str
    until: dt.datetime


# --- reading ---


@read(router, "/me", Me)
def get_me(request: HttpRequest) -> Any:
    """Who the token stands for, and what it is for."""
    token = request.auth  # type: ignore[attr-defined]
    person = Person.objects.select_related("unit").get(pk=asker(request).pk)
    return told(person) | {"scope": token.scope, "until": token.until}


@read(router, "/units", list[UnitTold])
def list_units(request: HttpRequest) -> Any:
    """All units, from the top."""
    rows = Unit.objects.select_related("parent").order_by("path")
    return [{"name": one.name, "parent": one.parent.name if one.parent else None} for one in rows]


@read(router, "/people", list[PersonTold])
def list_people(request: HttpRequest, unit: Word | None = None) -> Any:
    """All who may act, with the roles that they hold or held."""
    held = Prefetch("holdings", Holding.objects.select_related("unit").order_by("id"))
    rows = Person.objects.select_related("unit").prefetch_related(held).order_by("code")
    return [told(one) for one in (rows.filter(unit__name=unit) if unit else rows)]


def told(one: Person) -> dict[str, Any]:
    cells = {name: getattr(one, name) for name in ("code", "name", "is_active", "is_administrator")}
    unit = one.unit.name if one.unit else None
    return cells | {"unit": unit, "roles": [role(each) for each in one.holdings.all()]}


def role(one: Holding) -> dict[str, Any]:
    unit = one.unit.name if one.unit else None
    return {"id": one.pk, "role": one.role, "unit": unit, "since": one.since, "until": one.until}


@read(router, "/deputies", list[DeputyTold])
def list_deputies(request: HttpRequest) -> Any:
    """Who stands in for whom."""
    return [
        {
            "id": one.pk, "person": one.person.code, "deputy": one.deputy.code, "since": one.since, "until": one.until
        }
        for one in Deputy.objects.select_related("person", "deputy").order_by("id")
    ]  # fmt: skip


@read(router, "/registers", list[SubjectTold])
def list_subjects(request: HttpRequest) -> Any:
    """What is in the registers; for administrators, as it may name customers."""
    access.to_administer(asker(request))
    return [
        {
            "id": one.pk, "of": one.register, "subject": one.subject, "since": one.since, "until": one.until,
            "facts": one.facts,
        }
        for one in Registered.objects.order_by("id")
    ]  # fmt: skip


# --- writing ---


@administer(router, "/units", Made)
def add_unit(request: HttpRequest, said: NewUnit, key: Key = None) -> Any:
    """A unit, or an existing one put under another."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(request, key, told, lambda: {"name": actions.add_unit(**told, by=by).name})


@administer(router, "/people", Made)
def add_person(request: HttpRequest, said: NewPerson, key: Key = None) -> Any:
    """Somebody who may act."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(request, key, told, lambda: {"name": actions.add_person(**told, by=by).code})


@administer(router, "/people/{anything:code}/close", Made)
def close_account(request: HttpRequest, code: Existing, key: Key = None) -> Any:
    """The person can no longer log in, and their tokens open nothing."""
    person = access.to_administer(asker(request))
    return carried_out(request, key, code, lambda: {"name": actions.close_account(code, by=person).code})


@administer(router, "/people/{anything:code}/administrator", Made)
def set_administrator(request: HttpRequest, code: Existing, said: Administers, key: Key = None) -> Any:
    """Make somebody an administrator, or no longer one; the last one stays."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(
        request, key, told, lambda: {"name": actions.set_administrator(code, **told, by=by).code}
    )


@administer(router, "/people/{anything:code}/roles", Made)
def grant_role(request: HttpRequest, code: Existing, said: Grant, key: Key = None) -> Any:
    """A role for the person, as the regulations name it."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(request, key, told, lambda: {"id": actions.grant(code, **told, by=by).pk})


@administer(router, "/roles/{id}/end", Made)
def end_role(request: HttpRequest, id: Id, said: Until, key: Key = None) -> Any:
    """The last day on which a role is held."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(request, key, told, lambda: {"id": actions.end_role(id, **told, by=by).pk})


@administer(router, "/people/{anything:code}/deputies", Made)
def add_deputy(request: HttpRequest, code: Existing, said: Stand, key: Key = None) -> Any:
    """Somebody who stands in for the person."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(request, key, told, lambda: {"id": actions.add_deputy(code, **told, by=by).pk})


@administer(router, "/deputies/{id}/end", Made)
def end_deputy(request: HttpRequest, id: Id, said: Until, key: Key = None) -> Any:
    """The last day on which somebody stands in."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(request, key, told, lambda: {"id": actions.end_deputy(id, **told, by=by).pk})


@administer(router, "/registers", Made)
def add_subject(request: HttpRequest, said: NewSubject, key: Key = None) -> Any:
    """A subject in a register: a station, a worker, a customer."""
    by, told = access.to_administer(asker(request)), said.dict()
    what = {"register": said.of, **said.dict(exclude={"of"})}
    return carried_out(request, key, told, lambda: {"id": actions.add_subject(**what, by=by).pk})


@administer(router, "/registers/{id}/end", Made)
def end_subject(request: HttpRequest, id: Id, said: Until, key: Key = None) -> Any:
    """The last day on which a subject is in its register."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(request, key, told, lambda: {"id": actions.end_subject(id, **told, by=by).pk})


@look(router, "/people/{anything:code}/handover/preview", Handed)
def preview_handover(request: HttpRequest, code: Existing) -> Any:
    """What would go to another. Nothing is written."""
    access.to_administer(asker(request))
    roles, cases = actions.preview_handover(code)
    return {"roles": [role(one) for one in roles], "cases": cases}


@administer(router, "/people/{anything:code}/handover", Handed)
def hand_over(request: HttpRequest, code: Existing, said: Handover, key: Key = None) -> Any:
    """Roles, deputyships and open cases go to another; the account is closed."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(
        request, key, told, lambda: {"roles": [], "cases": actions.handover(code, **told, by=by)}
    )
