"""Calendar files: those in use, those that wait for a second administrator, what one would move."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import Router, Schema

from bihuan.desk import access, actions, clock
from bihuan.desk.api.people import Made
from bihuan.desk.api.regulations import MovedAll, moved
from bihuan.desk.api.routes import Key, administer, carried_out, look, read
from bihuan.desk.api.tokens import asker
from bihuan.desk.api.types import File, Id, Sent, Text, Word
from bihuan.desk.models import Notice
from bihuan.desk.office import office_now
from bihuan.desk.pages.calendars import listed

router = Router(tags=["calendars"])


class Notices(Schema):
    """A calendar file in use."""

    name: str
    text: str
    hash: str


class Listed(Schema):
    """A calendar, until when its days are confirmed, and whether it soon needs its next notice."""

    name: str
    title: str
    zone: str
    confirmed: dt.date
    short: bool
    notices: list[str]


class Waiting(Schema):
    """A calendar file that somebody asked for and nobody approved yet."""

    id: int
    name: str
    text: str
    by: str
    asked_at: dt.datetime


class NewNotice(Sent):
    """A calendar file, as TOML."""

    name: Word
    text: File


class Decline(Sent):
    """Why a calendar file is not loaded."""

    reason: Text


@read(router, "/calendars", list[Listed])
def list_calendars(request: HttpRequest) -> Any:
    """The calendars by which days count."""
    today = clock.today()
    found = [listed(name, one, today) for name, one in office_now().calendars().items()]
    return [{name: getattr(one, name) for name in Listed.model_fields} for one in found]


@read(router, "/notices", list[Notices])
def list_notices(request: HttpRequest) -> Any:
    """The calendar files of this desk."""
    return [
        {name: getattr(one, name) for name in Notices.model_fields} for one in Notice.objects.order_by("name")
    ]


@read(router, "/notices/waiting", list[Waiting])
def list_waiting(request: HttpRequest) -> Any:
    """Calendar files that wait for approval."""
    access.to_administer(asker(request))
    return [
        {"id": one.pk, "name": one.about, "text": one.content["text"], "by": one.by, "asked_at": one.recorded_at}
        for one in actions.waiting_notices()
    ]  # fmt: skip


@look(router, "/notices/preview", MovedAll)
def preview_notice(request: HttpRequest, said: NewNotice) -> Any:
    """Which due times of open cases a calendar file would move. Nothing is written."""
    access.to_administer(asker(request))
    return moved(actions.preview_notice(said.name, said.text))


@administer(router, "/notices", Made)
def ask_notice(request: HttpRequest, said: NewNotice, key: Key = None) -> Any:
    """Ask that a calendar file be loaded; another administrator approves it."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(request, key, told, lambda: {"id": actions.ask_notice(**told, by=by).pk})


@administer(router, "/notices/{id}/approve", MovedAll)
def approve_notice(request: HttpRequest, id: Id, key: Key = None) -> Any:
    """Load a calendar file that another asked for; answers which due times moved."""
    person = access.to_administer(asker(request))
    return carried_out(request, key, id, lambda: moved(actions.approve_notice(id, by=person)))


@administer(router, "/notices/{id}/decline", Made)
def decline_notice(request: HttpRequest, id: Id, said: Decline, key: Key = None) -> Any:
    """Do not load it, and say why."""
    by, told = access.to_administer(asker(request)), said.dict()
    return carried_out(request, key, told, lambda: {"id": actions.decline_notice(id, **told, by=by).pk})
