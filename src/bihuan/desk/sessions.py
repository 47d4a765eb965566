"""Sessions in the database, and the person of one, as Django has them: read by plain statements (`stored`), as at every page."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.db import OperationalError
from django.utils import timezone

from bihuan.desk import stored
from bihuan.desk.models import Person
from bihuan.desk.tables import cell


class SessionStore(db.SessionStore):
    """Django's; what differs is how a session is read, and that a database which cannot take it is told as that: Django
    takes it for a session that was ended meanwhile.
    """

    def save(self, must_create: bool = False) -> None:
        try:
            super().save(must_create)
        except UpdateError as error:
            if isinstance(error.__context__, OperationalError):
                raise error.__context__ from None
            raise

    def _get_session_from_db(self) -> Session | None:
        where = "WHERE session_key = %s AND expire_date > %s"
        held = stored.found(Session, where, self.session_key, cell(timezone.now()))
        if not held:
            self._session_key = None
        return held[0] if held else None


class Known(ModelBackend):
    """Django's; what differs is how a person is read."""

    def get_user(self, user_id: Any) -> Person | None:
        held = stored.found(Person, "WHERE id = %s", user_id)
        return held[0] if held and self.user_can_authenticate(held[0]) else None
