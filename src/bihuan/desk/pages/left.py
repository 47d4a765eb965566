"""How much time is left, in the time that counts: by the calendar of the rule, which the engine names and counts by."""

import datetime as dt
from dataclasses import dataclass

from bihuan import spoken
from bihuan.desk import clock
from bihuan.desk.models import Obligation
from bihuan.desk.office import Office, policy_of
from bihuan.engine.errors import CalendarError
from bihuan.i18n import _

SOON = 4 * 3600  # of counted time


@dataclass(frozen=True)
class Left:
    """What is left until the due time, in words; `tone` is over, soon or empty. `share` of the time that has gone by."""

    said: str
    tone: str
    share: float


def left(office: Office, edition: str, row: Obligation, now: dt.datetime) -> Left:
    if row.due_at is None:
        return Left("", "", 0.0)
    ahead = counted(office, edition, row.rule, now, row.due_at)
    if ahead is None or now > row.due_at:
        over = int((now - row.due_at).total_seconds())
        return Left(
            _("{span} over").format(span=spoken.span(over)) if over > 0 else "",
            "over" if over > 0 else "",
            1.0,
        )
    seconds, working = ahead
    if not seconds:
        return Left(_("no working time left"), "soon", gone(row, now))
    said = _("{span} of working time left") if working else _("{span} left")
    return Left(said.format(span=spoken.span(seconds)), "soon" if seconds <= SOON else "", gone(row, now))


def counted(
    office: Office, edition: str, rule: str, now: dt.datetime, due: dt.datetime
) -> tuple[int, bool] | None:
    """Seconds of the rule's calendar between two instants, and whether it is one of working time."""
    policy = policy_of(edition)
    name = policy.calendar_of(policy.timed[rule]) if rule in policy.timed else "natural"
    calendar = office.calendars().get(name)
    if calendar is None:  # natural time, or a calendar that a fact of the case chooses
        return max(0, clock.seconds(due) - clock.seconds(now)), False
    try:
        return max(0, int(calendar.between(clock.seconds(now), clock.seconds(due)))), True
    except CalendarError:
        return None


def gone(row: Obligation, now: dt.datetime) -> float:
    """The share of the time from start to due time that has gone by, by the clock on the wall."""
    if row.started_at is None or row.due_at is None or row.due_at <= row.started_at:
        return 0.0
    until = row.done_at or now
    return min(1.0, max(0.0, (until - row.started_at) / (row.due_at - row.started_at)))
