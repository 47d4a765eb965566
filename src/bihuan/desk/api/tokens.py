"""Who asks: the person of a bearer token, within its scope and its rate.

A token opens what its person may do and no more; a scope narrows that. Only hashes are compared. The rate is counted
by token and minute.
"""

import datetime as dt

from django.conf import settings
from django.http import HttpRequest
from ninja.errors import Throttled
from ninja.security import HttpBearer

from bihuan.desk import clock, counts, stored
from bihuan.desk.actions.outside import SCOPES, hash_of
from bihuan.desk.database import transacted
from bihuan.desk.errors import ForbiddenError
from bihuan.desk.models import Person, Token

MINUTE = dt.timedelta(minutes=1)


class Bearer(HttpBearer):
    """A token of at least this scope."""

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Token | None:
        known = token_of(token)
        request.asked_by = known.person_id if known else None  # type: ignore[attr-defined]  # for the log
        found = known if known is not None and good(known) else None
        if found is None:
            return None
        throttle(f"token:{found.pk}")
        if SCOPES.index(found.scope) < SCOPES.index(self.scope):
            raise ForbiddenError(f"this token is for {found.scope}: here one for {self.scope} is needed")
        used(found)
        request.user = found.person
        return found


def token_of(token: str) -> Token | None:
    return next(
        iter(stored.linked(Token, {"person": ()}, "WHERE desk_token.hash = %s", hash_of(token))), None
    )


def good(token: Token) -> bool:
    """Whether it still opens anything."""
    return token.revoked_at is None and token.until > clock.now() and token.person.is_active


def asker(request: HttpRequest) -> Person:
    """The person of the request's token."""
    assert isinstance(request.user, Person)
    return request.user


def used(token: Token) -> None:
    """When it was last used, to the minute: so that reading writes seldom."""
    now = clock.now()
    if token.used_at is None or now - token.used_at >= MINUTE:
        with transacted():  # saves nothing for whoever asks
            Token.objects.filter(pk=token.pk).update(used_at=now)


def throttle(who: str) -> None:
    """Refuse what comes too often within a minute."""
    now = clock.seconds(clock.now())
    if counts.counted(f"rate:{who}:{now // 60}", 120) > settings.API_RATE:
        raise Throttled(60 - now % 60)
