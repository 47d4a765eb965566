"""Whether the desk is well: its database, the last round of `tick`, channels that fail, room on the disk.

Numbers only: nothing here says anything about a person or a case.
"""

import datetime as dt
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db import Error, connection
from django.db.models import Count
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from bihuan.desk import clock, models
from bihuan.desk.access import RUNS
from bihuan.desk.patience import PATIENCE
from bihuan.desk.tables import condition
from bihuan.desk.telling import sending

LATE = dt.timedelta(minutes=10)  # without a round of `tick`
SET_BACK = dt.timedelta(minutes=1)  # more than clocks of several machines differ
ROOM = 200 * 2**20  # bytes that must be free
SECONDS = 5  # in which the database answers: who watches asks often, and does not wait for long
OWN = CollectorRegistry()
ANSWERED = Counter("bihuan_http_requests", "Answers of the desk.", ["page", "method", "status"], registry=OWN)
TOOK = Histogram("bihuan_http_seconds", "How long answers took.", ["page"], registry=OWN)


@dataclass(frozen=True)
class Health:
    """`fails` is set where the desk cannot work, `problems` are what somebody should look after."""

    database: bool
    ticked_at: dt.datetime | None
    latest: dt.datetime | None  # of all rounds: the clock cannot truly be before it
    dead_channels: int
    waiting: int  # messages that should have gone out
    free_bytes: int
    now: dt.datetime

    @property
    def fails(self) -> bool:
        return not self.database or self.free_bytes < ROOM

    @property
    def problems(self) -> list[str]:
        found = {
            "database": not self.database,
            "disk": self.free_bytes < ROOM,
            "tick": self.database and (self.ticked_at is None or self.now - self.ticked_at > LATE),
            "channels": self.dead_channels > 0,
            "clock": self.latest is not None and self.latest - self.now > SET_BACK,
        }
        return [name for name, bad in found.items() if bad]


def ticked(at: dt.datetime) -> None:
    """A round of `tick` ended."""
    now = clock.seconds(at)
    models.Counter.objects.update_or_create(name="ticked", defaults={"last": now})
    models.Counter.objects.get_or_create(name="latest")
    models.Counter.objects.filter(name="latest", last__lt=now).update(last=now)


def health() -> Health:
    free, now = shutil.disk_usage(settings.HOME if settings.HOME.exists() else "/").free, clock.now()
    try:
        with PATIENCE.limited(SECONDS), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        counted = models.Counter.objects.filter(name__in=("ticked", "latest")).values_list("name", "last")
        rounds = {name: clock.instant(last) for name, last in counted}
        dead = sending.dead().count()
        waiting = models.Outgoing.objects.filter(sent_at__isnull=True, not_before__lte=now).count()
    except Error:
        return Health(False, None, None, 0, 0, free, now)
    return Health(True, rounds.get("ticked"), rounds.get("latest"), dead, waiting, free, now)


class Standing(Collector):
    """How the desk stands at this moment, worked out when asked."""

    def collect(self) -> Iterator[Metric]:
        for name, said, value in figures():
            yield GaugeMetricFamily(f"bihuan_{name}", said, value)


def metrics() -> bytes:
    """What Prometheus asks for: what was answered, by all processes together, and how the desk stands now."""
    told = CollectorRegistry()
    told.register(Standing())
    return generate_latest(answered()) + generate_latest(told)


def answered() -> CollectorRegistry:
    """What was counted: by this process, or by all that share a folder (`serving`)."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return OWN
    every = CollectorRegistry()
    MultiProcessCollector(every)  # type: ignore[no-untyped-call]
    return every


def figures() -> Iterator[tuple[str, str, float]]:
    """Name, meaning and value of each gauge; without a database only the first two."""
    found = health()
    yield "up", "Whether the database answers.", float(found.database)
    yield "disk_free_bytes", "Room in the folder of the desk.", found.free_bytes
    if not found.database:
        return
    yield "tick_last_seconds", "When the last round of tick ended.", stamp(found.ticked_at)
    yield "channels_dead", "Channels that fail and are tried again.", found.dead_channels
    yield "messages_waiting", "Messages that should have gone out by a channel.", found.waiting
    yield "told_waiting", "What fell due and was not yet handed on.", count(models.Told, sent_at=None)
    yield "cases_open", "Open cases.", count(models.Case, closed_at=None)
    states = models.Obligation.objects.filter(condition(RUNS)).values("state")
    known = dict(states.annotate(n=Count("id")).values_list("state", "n"))
    for state in models.RUNNING:
        yield f"obligations_{state}", f"Obligations that are {state}.", known.get(state, 0)


def stamp(at: dt.datetime | None) -> float:
    return at.timestamp() if at else 0.0


def count(model: type[models.Told] | type[models.Case], **wanted: None) -> int:
    return model._default_manager.filter(**wanted).count()
