"""Other systems told of what happened: deliveries written with the event, sent by `tick`, signed, tried again.

A message says that something happened to which case, and no fact of it: whoever wants to know more asks the API with
a token. A delivery may come twice (its `id` says so) and out of order; none is dropped without being shown as dead.
"""

import datetime as dt
import hashlib
import hmac
import http.client
import json
import secrets
import urllib.error
import urllib.request
from collections import deque
from collections.abc import Iterable, Sequence
from functools import partial
from time import monotonic
from typing import Any

from django.db.models import F
from django.utils.crypto import salted_hmac

from bihuan import __version__
from bihuan.desk import clock
from bihuan.desk.database import writing
from bihuan.desk.models import Callout, Case, Event, Subscription, Told
from bihuan.desk.tables import fetch
from bihuan.desk.telling.beside import side_by_side

PAUSES = (60, 300, 1800, 7200, 21600, 43200, 86400, 86400)  # seconds after each failure; then it is dead
LEASE = dt.timedelta(seconds=60)  # a worker that dies while sending leaves the delivery to the next
TIMEOUT = 5  # seconds for the whole answer
ROUND = 30  # seconds after which a round begins nothing more
SILENT = f"no answer within {TIMEOUT} s"
NOBODY: tuple[int | None, str] = (None, SILENT)  # as `post` answers
KEPT = dt.timedelta(days=30)
MOST = 200  # deliveries in one round


# --- writing down ---


def happened(case: Case, events: Iterable[Event]) -> None:
    """Called by the transaction that writes the events."""
    subscribed = subscriptions()
    if subscribed:
        write(subscribed, case.edition.policy, [(one.event, told_event(case, one)) for one in events])


def fell_due(rows: Sequence[Told], policy: str) -> None:
    """Called by the transaction that writes down who is to be told."""
    subscribed = subscriptions() if rows else []
    if subscribed:
        write(subscribed, policy, [(f"told.{one.what}", told_due(one, policy)) for one in rows])


def subscriptions() -> list[Subscription]:
    some = fetch("SELECT 1 FROM desk_subscription WHERE ended_at IS NULL LIMIT 1")
    return list(Subscription.objects.filter(ended_at=None)) if some else []


def write(
    subscribed: Sequence[Subscription], policy: str, news: Sequence[tuple[str, dict[str, Any]]]
) -> None:
    now = clock.now()
    Callout.objects.bulk_create(
        delivery(one, name, told, now)
        for one in subscribed
        if one.policy in ("", policy)
        for name, told in news
        if name in one.names or "*" in one.names
    )


def delivery(to: Subscription, name: str, told: dict[str, Any], now: dt.datetime) -> Callout:
    code = secrets.token_hex(16)
    body = json.dumps({"id": code, "name": name, **told}, ensure_ascii=False, separators=(",", ":"))
    return Callout(subscription=to, code=code, body=body, made_at=now, next_at=now)


def told_event(case: Case, event: Event) -> dict[str, Any]:
    return {
        "case": case.number, "policy": case.edition.policy, "seq": event.seq, "event": event.event,
        "at": event.at.isoformat(), "recorded_at": event.recorded_at.isoformat(), "actor": event.actor, "unit": event.unit,
    }  # fmt: skip


def told_due(row: Told, policy: str) -> dict[str, Any]:
    return {
        "case": row.case.number if row.case else None, "policy": policy, "rule": row.rule, "article": row.article,
        "round": row.round, "unit": row.unit, "owner": row.owner, "due_at": row.due_at.isoformat(), "at": row.at.isoformat(),
    }  # fmt: skip


# --- sending ---


def send(limit: int = MOST) -> dict[str, int]:
    """Send what is due, outside any transaction: to all addresses side by side, to each one after the other. One that
    fails is left alone for the rest of the round; a round that has taken long leaves the rest to the next.
    """
    done, ends = {"delivered": 0, "failed": 0, "dead": 0}, monotonic() + ROUND
    due = Callout.objects.filter(next_at__lte=clock.now()).select_related("subscription")
    waiting: dict[int, deque[Callout]] = {}
    for one in due.order_by("next_at", "id")[:limit]:
        waiting.setdefault(one.subscription_id, deque()).append(one)
    while waiting and monotonic() < ends:
        mine = [one for one in [queue.popleft() for queue in waiting.values()] if claimed(one)]
        answers = side_by_side([partial(post, one) for one in mine], TIMEOUT, NOBODY)
        for one, (status, error) in zip(mine, answers, strict=True):
            what = settle(one, status, error)
            done[what] += 1
            if what != "delivered":
                waiting[one.subscription_id].clear()
        waiting = {to: queue for to, queue in waiting.items() if queue}
    Callout.objects.filter(sent_at__lt=clock.now() - KEPT).delete()
    return done


def claimed(one: Callout) -> bool:
    """Whoever moves the row's time has it."""
    mine = Callout.objects.filter(pk=one.pk, next_at=one.next_at)
    with writing():
        return mine.update(next_at=clock.now() + LEASE, tries=F("tries") + 1) == 1


def settle(one: Callout, status: int | None, error: str) -> str:
    """Write down what became of a delivery, and when it is tried again; answers delivered, failed or dead."""
    now, tries = clock.now(), one.tries + 1
    told: dict[str, Any] = {"status": status, "error": error[:300]}
    if status is not None and 200 <= status < 300:
        what, told = "delivered", {"status": status, "error": "", "sent_at": now, "next_at": None}
    elif tries > len(PAUSES):
        what, told = "dead", told | {"dead_at": now, "next_at": None}
    else:
        what, told = "failed", told | {"next_at": now + dt.timedelta(seconds=PAUSES[tries - 1])}
    with writing():
        Callout.objects.filter(pk=one.pk, dead_at=None).update(**told)
    return what


class Stay(urllib.request.HTTPRedirectHandler):
    """An answer that sends elsewhere is a failure: nothing goes where no administrator sent it."""

    def redirect_request(self, *args: Any, **kwargs: Any) -> None:
        return None


def post(one: Callout) -> tuple[int | None, str]:
    """The status that the address answered, or none and why."""
    body, at = one.body.encode(), clock.seconds(clock.now())
    signatures = [f"v1={signature(each, at, body)}" for each in secrets_of(one.subscription)]
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": f"bihuan/{__version__}",
        "Bihuan-Delivery": one.code,
        "Bihuan-Signature": ",".join([f"t={at}", *signatures]),
    }
    request = urllib.request.Request(one.subscription.address, body, headers, method="POST")
    try:
        with urllib.request.build_opener(Stay).open(request, timeout=TIMEOUT) as answer:
            return answer.status, ""
    except urllib.error.HTTPError as error:
        error.close()
        return error.code, f"HTTP {error.code}"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return None, str(getattr(error, "reason", None) or error) or type(error).__name__


def secret(subscription: Subscription) -> str:
    """What the receiver checks signatures with: derived from the desk's key, so that no table holds it."""
    return secret_of(subscription, subscription.salt)


def secret_of(subscription: Subscription, salt: str) -> str:
    return salted_hmac("bihuan.hooks", f"{subscription.pk} {salt}", algorithm="sha256").hexdigest()


def secrets_of(subscription: Subscription) -> list[str]:
    """What a message is signed with: the secret, and after it for a time the one before."""
    until = subscription.old_until
    old = [subscription.old_salt] if until is not None and clock.now() < until else []
    return [secret_of(subscription, salt) for salt in (subscription.salt, *old)]


def signature(secret: str, at: int, body: bytes) -> str:
    """HMAC-SHA256 over the instant, a point and the body.

    >>> signature("secret", 1, b"{}")[:16]
    '1122767b193110cf'
    """
    return hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
