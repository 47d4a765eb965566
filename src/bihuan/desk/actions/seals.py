"""The daily seal: one hash over the last hashes of all cases that had an event, chained to the seal before."""

import datetime as dt

from django.db import connection
from django.db.models import Max

from bihuan.desk import clock
from bihuan.desk.actions.chain import enter
from bihuan.desk.database import NOT_IN_TIME, alone, sqlstate, writing
from bihuan.desk.errors import UnavailableError
from bihuan.desk.events import last_event
from bihuan.desk.models import Entry, Event, Seal
from bihuan.desk.record import NOTHING, canonical, hashed, link
from bihuan.desk.tables import fetch

SEALED, BY = "sealed", "tick"  # the entry that says so: who takes a seal away has to take it away, too


def seal(day: dt.date) -> Seal | None:
    """Seal the record as it stands. One seal a day; a day that is sealed keeps its seal. None where somebody writes for
    longer than others should have to wait for the seal: it can be made later.
    """
    held = Seal.objects.filter(day=day).first()
    found = None if held else extent()
    if found is None:
        return held
    with writing():
        alone(SEALED)
        return Seal.objects.filter(day=day).first() or made(day, *found)


def made(day: dt.date, upto: int, entry: int) -> Seal:
    last = Seal.objects.order_by("-day").first()
    cases, root = root_of(last.upto if last else 0, upto, entry)
    found = Seal(day=day, upto=upto, entry=entry, cases=cases, root=root, made_at=clock.now())
    found.previous = last.hash if last else NOTHING
    found.hash = link(found.previous, found.stated())
    found.save(force_insert=True)
    enter(SEALED, day.isoformat(), {"day": day.isoformat(), "hash": found.hash}, BY)
    return found


def extent() -> tuple[int, int] | None:
    """The last event and the last entry, with none before them still to come; None while that cannot be said.

    Ids are given out before transactions end, so those under way are waited for; whoever comes now waits meanwhile. What
    sweeps the tables (autovacuum) gives way within a second. Who wrote to the one may want the other: of that table we
    let go before PostgreSQL, after a second, ends one of us for being in a deadlock.
    """
    try:
        with writing():
            if connection.vendor == "postgresql":
                fetch("SET LOCAL lock_timeout = '3s'")
                fetch("LOCK TABLE desk_event IN SHARE MODE")
                fetch("SET LOCAL lock_timeout = '500ms'")
                fetch("LOCK TABLE desk_entry IN SHARE MODE")
            return last_event(), Entry.objects.aggregate(last=Max("id"))["last"] or 0
    except UnavailableError as error:
        if sqlstate(error) != NOT_IN_TIME:
            raise
        return None


def root_of(after: int, upto: int, entry: int) -> tuple[int, str]:
    """How many cases had an event under a seal, and the hash over the last of each."""
    latest: dict[str, tuple[int, str]] = {}
    events = Event.objects.filter(id__gt=after, id__lte=upto).order_by("case_id", "seq")
    for number, seq, hash in events.values_list("case__number", "seq", "hash").iterator(chunk_size=10_000):
        latest[number] = (seq, hash)
    head = Entry.objects.filter(id=entry).values_list("hash", flat=True).first() or NOTHING
    told = [[number, *latest[number]] for number in sorted(latest)]
    return len(latest), hashed(head, canonical(told))
