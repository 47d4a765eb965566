"""Adding to the record: events to the chain of their case, entries to the chain of the desk.

The only place that makes rows of the record. Knows no engine and no rule.
"""

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bihuan.desk import clock
from bihuan.desk.errors import RefusedError
from bihuan.desk.models import Case, Counter, Entry, Event, Person
from bihuan.desk.record import NOTHING, digest, hashed, link, salt
from bihuan.desk.tables import fetch

By = Person | str

#: Entries under which cases may be judged otherwise.
JUDGES = frozenset((
    "unit", "role", "role_ended", "deputy", "deputy_ended", "registered", "registered_ended", "parameter", "notice",
    "pay",
))  # fmt: skip


@dataclass(frozen=True)
class Draft:
    """An event before it is part of the record."""

    event: str
    at: dt.datetime
    actor: str | None = None
    unit: str | None = None
    facts: Mapping[str, Any] | None = None
    given: Mapping[str, Any] | None = None
    meta: Mapping[str, Any] | None = None
    whole_day: bool = False
    kind: str = "event"
    edition: str = ""


def code(by: By) -> str:
    return by.code if isinstance(by, Person) else by


def genesis(number: str) -> str:
    """What the first event of a case is chained to."""
    return hashed("case", number)


def chained(case: Case, drafts: Iterable[Draft], now: dt.datetime) -> list[Event]:
    """The events that follow the last one of the case, not yet written; the case is moved on."""
    made = []
    for draft in drafts:
        case.version += 1
        event = Event(case=case, seq=case.version, recorded_at=now, salt=salt(), **stated(draft))
        event.digest = digest(event.salt or "", event.content())
        event.hash = case.hash = link(case.hash or genesis(case.number), event.stated(case.number))
        made.append(event)
    return made


def stated(draft: Draft) -> dict[str, Any]:
    cells = dict(vars(draft))
    for name in ("facts", "given", "meta"):
        cells[name] = plain(cells[name]) or None
    return cells


def plain(value: Any) -> Any:
    """As both databases give it back: JSON knows no dates, and PostgreSQL no 1.0 that differs from 1 and no NUL."""
    if type(value) is str and "\0" not in value:
        return value
    if isinstance(value, Mapping):
        return {str(name): plain(one) for name, one in value.items() if one is not None}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain(one) for one in value]
    if isinstance(value, float):
        if not math.isfinite(value):
            raise RefusedError(f"{value} is no number that could be recorded")
        return int(value) if value.is_integer() else value
    if isinstance(value, dt.date | dt.datetime | dt.time):
        return value.isoformat()
    if value is None or isinstance(value, bool | int):
        return value
    if "\0" in str(value):
        raise RefusedError("a text has a NUL character in it")
    return str(value)


def enter(kind: str, about: str, content: Mapping[str, Any], by: By) -> Entry:
    """An entry about the desk itself. Writers wait here for each other, so that the chain has no fork."""
    counter = locked_counter("entries")
    before = Entry.objects.filter(id=counter.last).values_list("hash", flat=True).first() or NOTHING
    counter.last += 1
    entry = Entry(
        id=counter.last, kind=kind, judges=kind in JUDGES, about=about[:200], content=plain(content), by=code(by),
        recorded_at=clock.now(), previous=before,
    )  # fmt: skip
    entry.hash = link(before, entry.stated())
    entry.save(force_insert=True)
    counter.save()
    return entry


def locked_counter(name: str) -> Counter:
    """The counter of this name, locked; only the first to ask makes it."""
    held = Counter.objects.select_for_update().filter(name=name).first()
    return held or Counter.objects.select_for_update().get_or_create(name=name)[0]


def next_number(day: dt.date) -> str:
    """The next free number of a day, such as 20261122-0001."""
    name = f"case {day}"
    while True:
        counted = fetch("UPDATE desk_counter SET last = last + 1 WHERE name = %s RETURNING last", name)
        if not counted:
            locked_counter(name)
            continue
        number = f"{day:%Y%m%d}-{counted[0][0]:04d}"
        if not fetch("SELECT 1 FROM desk_case WHERE number = %s", number):
            return number
