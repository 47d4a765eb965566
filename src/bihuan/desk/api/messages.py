"""What the desk tells the asker, and the channels by which whom is told outside it."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from bihuan.desk import access, clock, queries
from bihuan.desk.api.people import Made
from bihuan.desk.api.routes import Key, administer, carried_out, read, write
from bihuan.desk.api.tokens import asker
from bihuan.desk.api.types import CLEAN, After, Existing, Id, Sent, Size, Word
from bihuan.desk.errors import RefusedError
from bihuan.desk.models import Channel, Message, Person, Unit
from bihuan.desk.pages.channels import ChannelForm, find, tried
from bihuan.desk.telling import keeping
from bihuan.desk.telling.texts import said

router = Router(tags=["messages"])


class MessageTold(Schema):
    """What a person is told: what fell due, is to be warned of, or has come to them because another missed it."""

    id: int
    what: str
    case: str | None
    says: str
    article: str
    due_at: dt.datetime
    at: dt.datetime
    read_at: dt.datetime | None


class MessagePage(Schema):
    rows: list[MessageTold]
    after: str | None


class Upto(Sent):
    """The newest message that was seen."""

    id: Id


class Marked(Schema):
    """How many messages are read by this."""

    count: int


class ChannelTold(Schema):
    """A channel, how it stands with it, and its address without its secrets."""

    id: int
    whose: str
    person: str | None
    unit: str | None
    role: str
    name: str
    address: str
    language: str
    warnings: bool
    is_active: bool
    failures: int
    failed_at: dt.datetime | None
    next_try_at: dt.datetime | None
    error: str
    sent_at: dt.datetime | None


class ChannelSaid(Sent):
    """A channel as it is to be. Without an address it stays as it was."""

    whose: Literal["person", "unit", "role", "mail"]
    person: Existing | None = None
    unit: Word | None = None
    role: Annotated[str, Field(max_length=100, pattern=CLEAN)] = ""
    name: Annotated[str, Field(min_length=1, max_length=100, pattern=CLEAN)]
    address: Annotated[str, Field(max_length=2000, pattern=CLEAN)] = ""
    language: Literal["zh", "en"] = "zh"
    warnings: bool = True
    is_active: bool = True


class Attempt(Schema):
    """Whether a word sent by the channel went, and what was wrong if not."""

    went: bool
    problem: str


@read(router, "/messages", MessagePage)
def list_messages(request: HttpRequest, after: After = None, size: Size = queries.SIZE) -> Any:
    """What the desk tells the asker, the latest first."""
    mine = Message.objects.filter(person=asker(request))
    rows = mine.select_related("told__case__edition", "told__subject__edition")
    page = queries.keyed(rows, ("-id",), after, size)
    return {"rows": [message(one) for one in page.rows], "after": page.after}


def message(one: Message) -> dict[str, Any]:
    about = said(one.told)
    return {
        "id": one.pk, "what": one.told.what, "case": about.number or None, "says": about.says,
        "article": one.told.article, "due_at": one.told.due_at, "at": one.at, "read_at": one.read_at,
    }  # fmt: skip


@write(router, "/messages/read", Marked, status=200, scope="read")
def mark_read(request: HttpRequest, said: Upto) -> Any:
    """Messages up to the newest that was seen are read; what came meanwhile is not."""
    mine = Message.objects.filter(person=asker(request), read_at__isnull=True, id__lte=said.id)
    return {"count": mine.update(read_at=clock.now())}


@read(router, "/channels", list[ChannelTold])
def list_channels(request: HttpRequest) -> Any:
    """By which ways whom is told outside the desk, those that fail first."""
    access.to_administer(asker(request))
    rows = Channel.objects.select_related("person", "unit").order_by("-failures", "whose", "id")
    return [channel(one) for one in rows]


def channel(one: Channel) -> dict[str, Any]:
    stands = ("failures", "failed_at", "next_try_at", "error", "sent_at")
    return {"id": one.pk} | keeping.told(one) | {name: getattr(one, name) for name in stands}


@administer(router, "/channels", Made)
def add_channel(request: HttpRequest, said: ChannelSaid, key: Key = None) -> Any:
    """Tell a person, a unit or a role outside the desk, too; or the mail server that mails go by."""
    return kept(request, None, said, key)


@administer(router, "/channels/{id}", Made)
def change_channel(request: HttpRequest, id: Id, said: ChannelSaid, key: Key = None) -> Any:
    """A channel as it is from now on."""
    return kept(request, id, said, key)


def kept(request: HttpRequest, id: int | None, said: ChannelSaid, key: str | None) -> Any:
    person = access.to_administer(asker(request))

    def act() -> dict[str, Any]:
        held = find(id) if id is not None else None
        form = ChannelForm(chosen(said), channel=held)
        if not form.is_valid():
            raise RefusedError(
                "; ".join(f"{name}: {each}" for name, all in form.errors.items() for each in all)
            )
        return {"id": keeping.keep(held, form.cleaned_data, by=person).pk}

    return carried_out(request, key, said.dict(), act)


def chosen(said: ChannelSaid) -> dict[str, Any]:
    """As the page's form has it: a person and a unit by their place in the list."""
    person = (
        Person.objects.filter(code=said.person).values_list("pk", flat=True).first() if said.person else None
    )
    unit = Unit.objects.filter(name=said.unit).values_list("pk", flat=True).first() if said.unit else None
    return said.dict() | {"person": person, "unit": unit}


@administer(router, "/channels/{id}/try", Attempt)
def try_channel(request: HttpRequest, id: Id) -> Any:
    """Send a word by it now, and say whether it went."""
    access.to_administer(asker(request))
    problem = tried(find(id))
    return {"went": not problem, "problem": problem}
