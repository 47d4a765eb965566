"""Tokens of the asker, and addresses that are told of events, with what did not arrive there."""

import datetime as dt
from typing import Annotated, Any, Literal

from django.db.models import Count, Q
from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from bihuan.desk import access, actions, hooks, queries
from bihuan.desk.actions.outside import find_subscription
from bihuan.desk.api.people import Made
from bihuan.desk.api.routes import Key, administer, carried_out, read, write
from bihuan.desk.api.tokens import asker
from bihuan.desk.api.types import After, Id, Sent, Size, Word
from bihuan.desk.errors import MissingError
from bihuan.desk.models import Callout, Subscription, Token

router = Router(tags=["outside"])
STATES = {"due": Q(next_at__isnull=False), "sent": Q(sent_at__isnull=False), "dead": Q(dead_at__isnull=False)}


class TokenTold(Schema):
    """A token, without its text, which nobody can be shown again."""

    id: int
    name: str
    scope: str
    made_at: dt.datetime
    until: dt.datetime
    revoked_at: dt.datetime | None
    used_at: dt.datetime | None


class Hook(Schema):
    """An address that is told of events, and how it stands with it."""

    id: int
    address: str
    names: list[str]
    policy: str
    made_at: dt.datetime
    old_until: dt.datetime | None  # until then messages are signed with the secret before, too
    ended_at: dt.datetime | None
    due: int
    dead: int


class HookMade(Schema):
    """The number of a subscription, and the secret that its messages are signed with."""

    id: int
    secret: str


class NewHook(Sent):
    """An address, and of which events it is told: names of events, `told.due`, `told.warning`, `told.escalation`, or `*`."""

    address: Word
    names: Annotated[list[Word], Field(min_length=1, max_length=100)]
    policy: Annotated[str, Field(max_length=200)] = ""


class NewSecret(Sent):
    """For how many hours the old secret is good beside the new one; 0 where somebody else knows it."""

    hours: Annotated[int, Field(ge=0, le=168)] = 24


class Delivery(Schema):
    """A message to an address."""

    id: str
    state: str
    made_at: dt.datetime
    next_at: dt.datetime | None
    tries: int
    status: int | None
    error: str
    sent_at: dt.datetime | None
    dead_at: dt.datetime | None
    body: str


class DeliveryPage(Schema):
    rows: list[Delivery]
    after: str | None


class Again(Schema):
    """How many messages are tried again."""

    count: int


@read(router, "/tokens", list[TokenTold])
def list_tokens(request: HttpRequest) -> Any:
    """The asker's own tokens. New ones are made by `bihuan token`."""
    rows = Token.objects.filter(person=asker(request)).order_by("id")
    return [{name: getattr(one, name) for name in TokenTold.model_fields} for one in rows]


@write(router, "/tokens/{id}/revoke", Made, scope="read")
def revoke_token(request: HttpRequest, id: Id, key: Key = None) -> Any:
    """Let a token of the asker open nothing any more; an administrator's token revokes anybody's."""
    person, scope = asker(request), request.auth.scope  # type: ignore[attr-defined]
    mine = Token.objects.filter(pk=id) if scope == "admin" else Token.objects.filter(pk=id, person=person)
    if not mine.exists():
        raise MissingError(f"there is no token {id}")
    return carried_out(request, key, id, lambda: {"id": actions.revoke_token(id, by=person).pk})


@read(router, "/webhooks", list[Hook])
def list_hooks(request: HttpRequest) -> Any:
    """Addresses that are told of events, with the number of messages that wait and of those that are dead."""
    access.to_administer(asker(request))
    counted = {name: Count("callouts", filter=prefixed(STATES[name])) for name in ("due", "dead")}
    rows = Subscription.objects.annotate(**counted).order_by("id")
    return [{name: getattr(one, name) for name in Hook.model_fields} for one in rows]


def prefixed(state: Q) -> Q:
    return Q(*[(f"callouts__{name}", value) for name, value in state.children])  # type: ignore[misc]


@administer(router, "/webhooks", HookMade)
def add_hook(request: HttpRequest, said: NewHook, key: Key = None) -> Any:
    """Tell an address of events from now on."""
    person = access.to_administer(asker(request))

    def act() -> dict[str, Any]:
        return {"id": actions.subscribe(said.address, said.names, by=person, policy=said.policy).pk}

    id = carried_out(request, key, said.dict(), act)["id"]
    return {"id": id, "secret": hooks.secret(find_subscription(id))}


@administer(router, "/webhooks/{id}/secret", HookMade)
def renew_secret(request: HttpRequest, id: Id, said: NewSecret, key: Key = None) -> Any:
    """Another secret from now on, told once. Until the hours are over, messages are signed with the one before, too."""
    person = access.to_administer(asker(request))

    def act() -> dict[str, Any]:
        return {"id": actions.renew_secret(id, hours=said.hours, by=person).pk}

    carried_out(request, key, [id, said.dict()], act)
    return {"id": id, "secret": hooks.secret(find_subscription(id))}


@administer(router, "/webhooks/{id}/end", Made)
def end_hook(request: HttpRequest, id: Id, key: Key = None) -> Any:
    """Send nothing more there."""
    person = access.to_administer(asker(request))
    return carried_out(request, key, id, lambda: {"id": actions.unsubscribe(id, by=person).pk})


@administer(router, "/webhooks/{id}/again", Again)
def send_again(request: HttpRequest, id: Id, key: Key = None) -> Any:
    """Try the dead messages of an address again."""
    person = access.to_administer(asker(request))
    return carried_out(request, key, id, lambda: {"count": actions.send_again(id, by=person)})


@read(router, "/webhooks/{id}/deliveries", DeliveryPage)
def list_deliveries(
    request: HttpRequest,
    id: Id,
    state: Literal["due", "sent", "dead"] | None = None,
    after: After = None,
    size: Size = queries.SIZE,
) -> Any:
    """Messages to an address, the latest first: due, sent (kept for 30 days) or dead."""
    access.to_administer(asker(request))
    rows = Callout.objects.filter(subscription=find_subscription(id))
    page = queries.keyed(rows.filter(STATES[state]) if state else rows, ("-id",), after, size)
    return {
        "rows": [
            {name: getattr(one, name) for name in Delivery.model_fields} | {"id": one.code}
            for one in page.rows
        ],
        "after": page.after,
    }
