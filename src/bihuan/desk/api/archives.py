"""Archives that are destroyed: asked for by one administrator, approved by another, never before their time."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from bihuan.desk import access, actions
from bihuan.desk.api.people import Made
from bihuan.desk.api.routes import Key, administer, carried_out, read
from bihuan.desk.api.tokens import asker
from bihuan.desk.api.types import Existing, Id, Sent, Text

router = Router(tags=["archives"])


class Kept(Schema):
    """What of a case is filed, and until when it is kept; none: the parameter `<archive>.keep` is missing."""

    archive: str
    article: str
    filed_at: dt.datetime | None
    keep_until: dt.datetime | None
    state: str


class Asked(Schema):
    """A destruction that waits for another administrator."""

    id: int
    case: str
    reason: str
    by: str
    asked_at: dt.datetime


class Grounds(Sent):
    """Grounds, or why not."""

    reason: Text


@read(router, "/cases/{anything:number}/archives", list[Kept])
def list_archives(request: HttpRequest, number: Existing) -> Any:
    """What of a case is filed, and until when the regulation has it kept."""
    case = access.to_see(access.to_administer(asker(request)), number)
    return [] if case.destroyed_id else actions.kept(case)


@administer(router, "/cases/{anything:number}/destruction", Made)
def ask_destruction(request: HttpRequest, number: Existing, said: Grounds, key: Key = None) -> Any:
    """Ask that the archive of a case be destroyed; another administrator approves it."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(request, key, told, lambda: {"id": actions.ask_destruction(number, **told, by=by).pk})


@read(router, "/destructions", list[Asked])
def list_destructions(request: HttpRequest) -> Any:
    """Destructions that wait for approval."""
    access.to_administer(asker(request))
    return [
        {
            "id": one.pk, "case": one.about, "reason": one.content["reason"], "by": one.by,
            "asked_at": one.recorded_at,
        }
        for one in actions.waiting_destructions()
    ]  # fmt: skip


@administer(router, "/destructions/{id}/approve", Made)
def approve_destruction(request: HttpRequest, id: Id, key: Key = None) -> Any:
    """Destroy what another asked to have destroyed: contents and files go, the chain still closes."""
    person = access.to_administer(asker(request))
    return carried_out(request, key, id, lambda: {"id": actions.approve_destruction(id, by=person).pk})


@administer(router, "/destructions/{id}/decline", Made)
def decline_destruction(request: HttpRequest, id: Id, said: Grounds, key: Key = None) -> Any:
    """Do not destroy it, and say why."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(request, key, told, lambda: {"id": actions.decline_destruction(id, **told, by=by).pk})
