"""What is to go out: all channels side by side, each claimed by one worker, everything that waits in one message.

A channel that fails is tried again after growing pauses, for as long as something waits; after a few failures it is
dead, which pages and `/healthz` show. One that does not answer holds up nobody: the round ends without it, counts a
failure, and a later round of this process hears what became of it; until then nothing is sent there again, by no worker.
Only a process that ends between sending and writing down that it was sent repeats a message.
"""

import datetime as dt
from collections import deque
from concurrent.futures import FIRST_COMPLETED, Future, wait
from dataclasses import dataclass
from time import monotonic

from django.db.models import F, Q, QuerySet

from bihuan.desk import clock
from bihuan.desk.models import Channel, Obligation, Outgoing, Told
from bihuan.desk.telling import robots
from bihuan.desk.telling.beside import begun
from bihuan.desk.telling.posting import post
from bihuan.desk.telling.texts import digest
from bihuan.i18n import _

PAUSES = (60, 120, 300, 600, 1800, 3600, 7200, 21600)  # seconds after each failure; the last for ever
DEAD = 3  # failures in a row after which a channel is called dead
LEASE = dt.timedelta(minutes=5)  # a worker that dies while sending leaves the channel to the next
MOST = 500  # things in one message
BESIDE = 50  # channels that a round waits for at a time
SHORT, LONG = (
    5,
    60,
)  # seconds that a round waits in all: where another follows, and where the process ends with it


@dataclass
class Sent:
    """What one round sent: things, and channels that failed."""

    sent: int = 0
    failing: int = 0


@dataclass(frozen=True)
class Parcel:
    """What is under way by a channel."""

    channel: Channel
    rows: list[int]
    things: int


UNDER_WAY: dict[Future[str], Parcel] = {}  # of this process


def send(seconds: float = LONG) -> Sent:
    """One round over the channels for which something waits."""
    done, ends = Sent(), monotonic() + seconds
    for heard in [one for one in UNDER_WAY if one.done()]:
        settle(heard, done)
    ready, mine = deque(waiting(clock.now())), set[Future[str]]()
    while ready or mine:
        while ready and len(mine) < BESIDE:
            mine |= begin(ready.popleft())
        answered, mine = wait(mine, max(ends - monotonic(), 0), FIRST_COMPLETED)
        for heard in answered:
            settle(heard, done)
        if monotonic() >= ends:
            break
    for heard in list(UNDER_WAY):
        keep_waiting(heard, done)
    return done


def waiting(now: dt.datetime) -> list[int]:
    """The channels by which something is to go out and nothing of this process is under way."""
    rows = Outgoing.objects.filter(sent_at__isnull=True, not_before__lte=now, channel__is_active=True)
    rows = rows.filter(Q(channel__next_try_at__isnull=True) | Q(channel__next_try_at__lte=now))
    busy = {one.channel.pk for one in UNDER_WAY.values()}
    found = rows.order_by("channel").values_list("channel", flat=True).distinct()
    return [id for id in found if id not in busy]


def begin(id: int) -> set[Future[str]]:
    """What is begun by a channel, if this worker has it and something is worth sending."""
    if not claim(id, now := clock.now()):
        return set()
    channel = Channel.objects.get(pk=id)
    rows = list(due_for(channel, now)[:MOST])
    things = [row.told for row in rows if wanted(row.told)]
    parcel = Parcel(channel, [row.pk for row in rows], len(things))
    if not things:
        arrived(parcel)
        let_go(parcel)
        return set()
    text = digest(things, channel.language, robots.room(channel.address))
    heard = begun(post(channel, *text))
    UNDER_WAY[heard] = parcel
    return {heard}


def claim(id: int, now: dt.datetime) -> bool:
    """The channel is this worker's until the lease ends."""
    free = Q(busy_until__isnull=True) | Q(busy_until__lte=now)
    ready = Q(next_try_at__isnull=True) | Q(next_try_at__lte=now)
    return Channel.objects.filter(free, ready, pk=id).update(busy_until=now + LEASE) == 1


def due_for(channel: Channel, now: dt.datetime) -> QuerySet[Outgoing]:
    rows = Outgoing.objects.filter(channel=channel, sent_at__isnull=True, not_before__lte=now)
    return rows.select_related("told__case__edition", "told__subject__edition").order_by("id")


def wanted(told: Told) -> bool:
    """A warning of what was done meanwhile is not sent; what was overdue stays worth knowing."""
    if told.what != "warning":
        return True
    same = {"case": told.case, "subject": told.subject, "rule": told.rule, "round": told.round}
    return Obligation.objects.filter(**same, key=told.key, due_at=told.due_at, state="open").exists()


# --- what becomes of it ---


def settle(heard: Future[str], done: Sent) -> None:
    """Write down how it ended, and let go of the channel."""
    parcel, problem = UNDER_WAY.pop(heard), heard.result()
    if problem:
        done.failing += 1
        failed(parcel.channel.pk, problem)
    else:
        done.sent += parcel.things
        arrived(parcel)
    let_go(parcel)


def keep_waiting(heard: Future[str], done: Sent) -> None:
    """No answer yet: the channel stays this worker's, and fails as often as it would have been tried.

    Where it has another address by now, nobody waits for the old one.
    """
    now, before = clock.now(), UNDER_WAY[heard].channel
    held = Channel.objects.filter(pk=before.pk, address=before.address)
    if not held.update(busy_until=now + LEASE):
        del UNDER_WAY[heard]
    elif held.exclude(next_try_at__gt=now).exists():
        done.failing += 1
        failed(before.pk, _("no answer in time"))


def arrived(parcel: Parcel) -> None:
    Outgoing.objects.filter(pk__in=parcel.rows, sent_at__isnull=True).update(sent_at=clock.now())
    worked(parcel.channel, parcel.things > 0)


def worked(channel: Channel, sent: bool) -> None:
    told = {"sent_at": clock.now()} if sent else {}
    Channel.objects.filter(pk=channel.pk).update(
        failures=0, failed_at=None, next_try_at=None, error="", **told
    )


def failed(id: int, problem: str) -> None:
    """Let the channel rest, for longer after each failure in a row."""
    now, channel = clock.now(), Channel.objects.get(pk=id)
    pause = PAUSES[min(channel.failures, len(PAUSES) - 1)]
    Channel.objects.filter(pk=id).update(
        failures=F("failures") + 1,
        failed_at=channel.failed_at or now,
        next_try_at=now + dt.timedelta(seconds=pause),
        error=problem[:300],
    )


def let_go(parcel: Parcel) -> None:
    Channel.objects.filter(pk=parcel.channel.pk).update(busy_until=None)


def dead() -> QuerySet[Channel]:
    """Channels that do not work, and are tried again."""
    return Channel.objects.filter(is_active=True, failures__gte=DEAD).order_by("failed_at")
