"""When somebody works: by a calendar of the desk that bears the name of their unit or of one above it, else by the
calendar of the regulation. The engine counts; in natural time everybody works always.
"""

import datetime as dt

from bihuan.desk import clock
from bihuan.desk.models import Unit
from bihuan.desk.office import Office
from bihuan.engine.calendar import Calendar
from bihuan.engine.errors import CalendarError
from bihuan.engine.policy import Policy

GATHER = dt.timedelta(minutes=15)  # so long warnings are gathered into one digest


def calendar_for(office: Office, unit: Unit | None, policy: Policy) -> Calendar | None:
    """The calendar that says when this unit works; None: natural time."""
    calendars = office.calendars()
    above = unit
    while above is not None:
        if above.name in calendars:
            return calendars[above.name]
        above = above.parent
    return calendars.get(policy.header.calendar)


def next_working(calendar: Calendar | None, at: dt.datetime) -> dt.datetime:
    """The instant itself if it is worked, else when work begins again."""
    if calendar is None:
        return at
    try:
        return clock.instant(int(calendar.add(clock.seconds(at), 1)) - 1)
    except CalendarError:  # beyond the years that the calendar knows
        return at


def digest_time(calendar: Calendar | None, at: dt.datetime, due: dt.datetime) -> dt.datetime:
    """When a warning goes out: gathered for a little, in working time; at once where that would be after it is due."""
    wanted = next_working(calendar, at + GATHER)
    return wanted if wanted < due else at
