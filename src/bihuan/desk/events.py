"""The events of cases as the record has them, in their order: of one case, of several at once."""

from collections.abc import Iterable

from django.db.models import Max

from bihuan.desk import stored
from bihuan.desk.models import Case, Event
from bihuan.desk.tables import marks


def events_of(case: Case) -> list[Event]:
    return stored.found(Event, "WHERE case_id = %s ORDER BY seq", case.pk)


def events_by_case(ids: Iterable[int]) -> dict[int, list[Event]]:
    """By the id of each case its events, by one statement. Of very many cases, `logged` reads them by columns."""
    found: dict[int, list[Event]] = {id: [] for id in ids}
    where = f"WHERE case_id IN ({marks(found)}) ORDER BY case_id, seq"
    for event in stored.found(Event, where, *found):
        found[event.case_id].append(event)
    return found


def last_event() -> int:
    """The id of the newest event of all cases; 0 where there is none."""
    return Event.objects.aggregate(last=Max("id"))["last"] or 0
