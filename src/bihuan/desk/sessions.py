"""Sessions in the database, and the person of one, as Django has them: read by plain statements (`stored`), as at every page."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.utils import timezone

from bihuan.desk import stored
from bihuan.desk.models import Person
from bihuan.desk.tables import cell


class SessionStore(db.SessionStore):
    """Django's; what differs is how a session is read."""

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
