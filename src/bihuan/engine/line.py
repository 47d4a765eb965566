"""What an explanation is made of: lines of days and instants, in the policy's zone. Knows no rule and no language."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any

EPOCH = date(1970, 1, 1)

#: What an instant's line can be about; `days` is the line of days that are alike.
WHATS = (
    "start",  # the clock starts; `why` is "period" where a period begins, "known" where a fact decided it later
    "from",  # the start lies outside working time and becomes this; like "start" it tells `counts` or `seconds` left
    "not-before",  # nothing counts before this
    "target",  # the earlier goal
    "anchor",  # what it is due ahead of
    "clocks",  # the clocks are put forward or back by `seconds`
    "event",  # the rule names this event, and nothing came of it
    "part",  # one of several events owed; `wants` are the others
    "early",  # an owed event before its time
    "ignored",  # a trigger while the row was open
    "barred",  # the event was refused by a step and has no effect
    "paused",
    "resumed",  # `seconds` or `amount` days did not count; `why` "outside": the calendar cannot tell
    "pause-ignored",  # `why`: "after-due", or "running" where another pause runs
    "held",  # time runs, but the due time cannot fall from here on
    "released",
    "extended",  # `limit` is the new limit, `amount` what was added in all
    "extending",  # `wants` are the events that the extension still needs
    "extension-refused",  # `why`: "after-due", "condition", "unknown" or "nothing-added"
    "restarted",
    "moved",  # the agreed instant moved
    "known",  # what the row waited for has become known
    "void",  # no longer owed; `why` is "breach" where that came after the due time
    "due",  # `why` is "waiting" where it is not known yet whether the rule applies
    "done",
)


@dataclass(frozen=True)
class Line:
    """Days that are alike, or an instant. Fields that say nothing are None, empty or 0."""

    what: str
    first: date
    last: date
    at: datetime | None = None
    event: str | None = None
    kind: str | None = None  # of days: workday, rest, holiday, make-up
    name: str | None = None
    notice: str | None = None
    provisional: bool = False  # beyond the last notice
    numbers: tuple[int, ...] = ()  # of the counted days among them
    worked: int = 0  # working seconds that count on each of the days
    paused: bool = False  # days that do not count because of a pause, or of which it takes `seconds` each
    rolled: bool = False  # days that push the last day on
    seconds: int = 0
    amount: int = 0
    unit: str | None = None  # of `amount`: day, working day, month
    limit: str | None = None
    counts: bool | None = None  # of a start: whether its own day does; None where no days are counted
    due_before: datetime | None = None
    due_after: datetime | None = None
    why: str | None = None
    wants: tuple[str, ...] = ()

    def data(self) -> dict[str, Any]:
        """Every field by name."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


@dataclass(frozen=True)
class Explanation:
    """One row of an outcome, the rule behind it, and the days and events between its start and its end."""

    row: Mapping[str, Any]
    says: str
    calendar: str | None  # whose days decide, if any do
    lines: tuple[Line, ...]
    period: str | None = None  # of what recurs
    unknown: tuple[str, ...] = ()  # facts that the row waits for


def date_of(day: int) -> date:
    return EPOCH + timedelta(day)
