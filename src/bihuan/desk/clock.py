"""The server's clock: the only place at the desk that asks what time it is. To the second, as the engine counts."""

import datetime as dt

from django.utils import timezone


def now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def today() -> dt.date:
    """In the desk's zone: before eight in the morning it is still yesterday in Greenwich."""
    return timezone.localdate(now())


def tomorrow() -> dt.datetime:
    """The first instant of the next day, in the desk's zone. What is due at 24:00 today is due a second earlier."""
    return timezone.localtime(now()).replace(hour=0, minute=0, second=0) + dt.timedelta(days=1)


def seconds(at: dt.datetime) -> int:
    return int(at.timestamp())


def instant(at: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at, dt.UTC)
