"""What is to go out, sent by Apprise: a channel at a time, claimed by one worker, everything that waits in one message.

A channel that fails is tried again after growing pauses, for as long as something waits; after a few failures it is
dead, which pages and `/healthz` show. Only a crash between sending and writing down that it was sent repeats a message.
"""

import datetime as dt
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import StringIO

from django.db.models import F, Q, QuerySet

from bihuan.desk import clock
from bihuan.desk.access import mask
from bihuan.desk.models import Channel, Obligation, Outgoing, Told
from bihuan.desk.telling import addresses, robots
from bihuan.desk.telling.texts import digest
from bihuan.i18n import _

PAUSES = (60, 120, 300, 600, 1800, 3600, 7200, 21600)  # seconds after each failure; the last for ever
DEAD = 3  # failures in a row after which a channel is called dead
LEASE = dt.timedelta(minutes=5)  # a worker that dies while sending leaves the channel to the next
MOST = 500  # things in one message


@dataclass
class Sent:
    """What one round sent: things, and channels that failed."""

    sent: int = 0
    failing: int = 0


def send() -> Sent:
    """One round over the channels for which something waits."""
    done, now = Sent(), clock.now()
    waiting = Outgoing.objects.filter(sent_at__isnull=True, not_before__lte=now, channel__is_active=True)
    ready = waiting.filter(Q(channel__next_try_at__isnull=True) | Q(channel__next_try_at__lte=now))
    for id in list(ready.order_by("channel").values_list("channel", flat=True).distinct()):
        if claim(id, now):
            one(Channel.objects.get(pk=id), done)
    return done


def claim(id: int, now: dt.datetime) -> bool:
    """The channel is this worker's until the lease ends."""
    free = Q(busy_until__isnull=True) | Q(busy_until__lte=now)
    ready = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)
    return Channel.objects.filter(free, ready, pk=id).update(busy_until=now + LEASE) == 1


def one(channel: Channel, done: Sent) -> None:
    """Send what waits for a channel that was claimed, and let go of it."""
    now = clock.now()
    rows = list(due_for(channel, now)[:MOST])
    things = [row.told for row in rows if wanted(row.told)]
    text = digest(things, channel.language, robots.room(channel.address))
    problem = deliver(channel, *text) if things else ""
    if problem:
        done.failing += 1
        failed(channel, problem)
        return
    done.sent += len(things)
    Outgoing.objects.filter(pk__in=[row.pk for row in rows], sent_at__isnull=True).update(sent_at=clock.now())
    worked(channel, bool(things))


def due_for(channel: Channel, now: dt.datetime) -> QuerySet[Outgoing]:
    rows = Outgoing.objects.filter(channel=channel, sent_at__isnull=True, not_before__lte=now)
    return rows.select_related("told__case__edition", "told__subject__edition").order_by("id")


def wanted(told: Told) -> bool:
    """A warning of what was done meanwhile is not sent; what was overdue stays worth knowing."""
    if told.what != "warning":
        return True
    same = {"case": told.case, "subject": told.subject, "rule": told.rule, "round": told.round}
    return Obligation.objects.filter(**same, key=told.key, due_at=told.due_at, state="open").exists()


def worked(channel: Channel, sent: bool) -> None:
    told = {"sent_at": clock.now()} if sent else {}
    Channel.objects.filter(pk=channel.pk).update(
        busy_until=None, failures=0, failed_at=None, next_try_at=None, error="", **told
    )


def failed(channel: Channel, problem: str) -> None:
    """Let the channel rest, for longer after each failure in a row."""
    now = clock.now()
    pause = PAUSES[min(channel.failures, len(PAUSES) - 1)]
    Channel.objects.filter(pk=channel.pk).update(
        busy_until=None,
        failures=F("failures") + 1,
        failed_at=channel.failed_at or now,
        next_try_at=now + dt.timedelta(seconds=pause),
        error=problem[:300],
    )


def deliver(channel: Channel, title: str, body: str) -> str:
    """Send by Apprise; what went wrong, or nothing."""
    import apprise  # large, and no page needs it

    robots.heed()
    address = addresses.full(channel)
    sender = apprise.Apprise()
    if not address or not sender.add(address):
        return unusable(channel)
    with listening() as said:
        good = sender.notify(body=body, title=title, body_format=apprise.NotifyFormat.TEXT)
    return "" if good else reason(said.getvalue(), channel)


def is_understood(address: str) -> bool:
    """Whether Apprise knows how to send there."""
    import apprise

    return apprise.Apprise.instantiate(address) is not None


@contextmanager
def listening() -> Iterator[StringIO]:
    """What Apprise says meanwhile: why something was not sent is told nowhere else."""
    said = StringIO()
    handler = logging.StreamHandler(said)
    handler.setLevel(logging.WARNING)
    logger = logging.getLogger("apprise")
    logger.addHandler(handler)
    try:
        yield said
    finally:
        logger.removeHandler(handler)


def unusable(channel: Channel) -> str:
    if "://" not in channel.address:
        return _("an e-mail address needs the desk's mail server, which is a channel of its own")
    return _("Apprise does not understand this address")


def reason(log: str, channel: Channel) -> str:
    """What Apprise said, without the address and its secrets."""
    lines = [one.strip() for one in log.splitlines() if one.strip()]
    said = " ".join(lines[-2:]) or _("no answer")
    for secret in addresses.secrets_of(channel):
        said = said.replace(secret, "…")
    return mask(said)


def dead() -> QuerySet[Channel]:
    """Channels that do not work, and are tried again."""
    return Channel.objects.filter(is_active=True, failures__gte=DEAD).order_by("failed_at")
