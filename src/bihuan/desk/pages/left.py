"""How much time is left, in the time that counts: by the calendar of the rule, which the engine names and counts by."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from bihuan import spoken
from bihuan.desk import clock
from bihuan.desk.models import Obligation
from bihuan.desk.office import Office, policy_of
from bihuan.engine.calendar import Calendar
from bihuan.engine.errors import CalendarError
from bihuan.engine.limit import is_limit, parse_limit
from bihuan.i18n import _

SOON = 4 * 3600  # of counted time


@dataclass(frozen=True)
class Left:
    """What is left until the due time, in words; `tone` is over, soon or empty. `share` of the time that has gone by."""

    said: str
    tone: str
    share: float


def left(office: Office, edition: str, row: Obligation, now: dt.datetime) -> Left:
    return lefts(office, [(edition, row)], now)[0]


def lefts(office: Office, rows: Sequence[tuple[str, Obligation]], now: dt.datetime) -> list[Left]:
    """Of several rows, each with the hash of its edition."""
    ahead = counted(office, rows, now)
    return [said(row, ahead.get(n), now) for n, (_edition, row) in enumerate(rows)]


def said(row: Obligation, ahead: tuple[int, bool] | None, now: dt.datetime) -> Left:
    if row.due_at is None:
        return Left("", "", 0.0)
    if ahead is None:
        over = int((now - row.due_at).total_seconds())
        return Left(
            _("{span} over").format(span=spoken.span(over)) if over > 0 else "",
            "over" if over > 0 else "",
            1.0,
        )
    seconds, working = ahead
    if not seconds:
        return Left(_("no working time left"), "soon", gone(row, now))
    text = _("{span} of working time left") if working else _("{span} left")
    return Left(text.format(span=spoken.span(seconds)), "soon" if seconds <= SOON else "", gone(row, now))


def counted(
    office: Office, rows: Sequence[tuple[str, Obligation]], now: dt.datetime
) -> dict[int, tuple[int, bool]]:
    """Seconds of the rule's calendar until the due time, and whether it is one of working time; by place in `rows`.

    One calendar counts all its rows at once. What is over already is not counted, nor what lies beyond a calendar.
    """
    at = clock.seconds(now)
    by_calendar: dict[str, list[tuple[int, int]]] = {}
    for n, (edition, row) in enumerate(rows):
        if row.due_at is not None and row.due_at >= now:
            name = "natural" if is_natural(row.allowed or "") else calendar_of(edition, row.rule)
            by_calendar.setdefault(name, []).append((n, clock.seconds(row.due_at)))
    found: dict[int, tuple[int, bool]] = {}
    for name, dues in by_calendar.items():
        calendar = office.calendars().get(name)
        if calendar is None:  # natural time, or a calendar that a fact of the case chooses
            found |= {n: (due - at, False) for n, due in dues}
        else:
            found |= {n: (seconds, True) for n, seconds in working(calendar, at, dues)}
    return found


def working(calendar: Calendar, at: int, dues: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    try:
        spans = calendar.between(at, [due for _n, due in dues]).tolist()
    except CalendarError:  # some lie beyond it: each by itself
        return [one for due in dues for one in working(calendar, at, [due])] if len(dues) > 1 else []
    return [(n, max(0, span)) for (n, _due), span in zip(dues, spans, strict=True)]


@lru_cache(maxsize=1000)
def is_natural(allowed: str) -> bool:
    """Whether a limit runs day and night, such as "1 hour", and is no day by whose end something is due."""
    unit = parse_limit(allowed).unit if is_limit(allowed) else None
    return unit is not None and not unit.startswith("working")


def calendar_of(edition: str, rule: str) -> str:
    policy = policy_of(edition)
    return policy.calendar_of(policy.timed[rule]) if rule in policy.timed else "natural"


def gone(row: Obligation, now: dt.datetime) -> float:
    """The share of the time from start to due time that has gone by, by the clock on the wall."""
    if row.started_at is None or row.due_at is None or row.due_at <= row.started_at:
        return 0.0
    until = row.done_at or now
    return min(1.0, max(0.0, (until - row.started_at) / (row.due_at - row.started_at)))
