"""Who is asking."""

from django.conf import settings
from django.http import HttpRequest

from bihuan.desk.errors import ForbiddenError
from bihuan.desk.models import Person

LOOPBACK = ("127.0.0.1", "::1")


def is_local(request: HttpRequest) -> bool:
    """Whether somebody asks from the machine itself, with no proxy in front."""
    return not settings.TLS and request.META.get("REMOTE_ADDR") in LOOPBACK


def viewer(request: HttpRequest) -> Person:
    """The person who is logged in."""
    if not isinstance(request.user, Person):
        raise ForbiddenError("nobody is logged in")
    return request.user
