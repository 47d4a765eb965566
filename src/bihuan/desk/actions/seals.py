"""The daily seal: one hash over the last hashes of all cases that had an event, chained to the seal before."""

import datetime as dt

from django.db import connection
from django.db.models import Max

from bihuan.desk import clock
from bihuan.desk.actions.chain import enter
from bihuan.desk.database import writing
from bihuan.desk.events import last_event
from bihuan.desk.models import Entry, Event, Seal
from bihuan.desk.record import NOTHING, canonical, hashed, link

SEALED, BY = "sealed", "tick"  # the entry that says so: who takes a seal away has to take it away, too


def seal(day: dt.date) -> Seal:
    """Seal the record as it stands. One seal a day; a day that is sealed keeps its seal."""
    with writing():
        if found := Seal.objects.filter(day=day).first():
            return found
        wait_for_writers()
        last = Seal.objects.order_by("-day").first()
        upto = last_event()
        entry = Entry.objects.aggregate(last=Max("id"))["last"] or 0
        cases, root = root_of(last.upto if last else 0, upto, entry)
        made = Seal(day=day, upto=upto, entry=entry, cases=cases, root=root, made_at=clock.now())
        made.previous = last.hash if last else NOTHING
        made.hash = link(made.previous, made.stated())
        made.save(force_insert=True)
        enter(SEALED, day.isoformat(), {"day": day.isoformat(), "hash": made.hash}, BY)
    return made


def wait_for_writers() -> None:
    """Ids are given out before transactions end; those under way are waited for, so that none slips under a seal."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE desk_event, desk_entry IN SHARE MODE")


def root_of(after: int, upto: int, entry: int) -> tuple[int, str]:
    """How many cases had an event under a seal, and the hash over the last of each."""
    latest: dict[str, tuple[int, str]] = {}
    events = Event.objects.filter(id__gt=after, id__lte=upto).order_by("case_id", "seq")
    for number, seq, hash in events.values_list("case__number", "seq", "hash").iterator(chunk_size=10_000):
        latest[number] = (seq, hash)
    head = Entry.objects.filter(id=entry).values_list("hash", flat=True).first() or NOTHING
    told = [[number, *latest[number]] for number in sorted(latest)]
    return len(latest), hashed(head, canonical(told))
