"""Who is asking."""

from django.http import HttpRequest

from bihuan.desk.errors import ForbiddenError
from bihuan.desk.models import Person


def viewer(request: HttpRequest) -> Person:
    """The person who is logged in."""
    if not isinstance(request.user, Person):
        raise ForbiddenError("nobody is logged in")
    return request.user
