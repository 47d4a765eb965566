"""Django's own backend for PostgreSQL, with connections that give up when the one who asks has waited long enough.

The server's `lock_timeout` ends a wait for a lock, one after the other; a server that stopped or vanished ends nothing by
itself. Whoever answers a person has so many seconds for both together, and tells them then.
"""

from collections.abc import Generator
from contextlib import suppress
from time import monotonic
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg import IsolationLevel

from bihuan.desk.patience import PATIENCE

CANCELS = 1.0  # seconds to ask the server to let go, and as many that it has to say that it did
FEWEST = 2  # seconds: psycopg takes no fewer for connecting
Steps = Generator[Any, Any, Any]


class Connection(psycopg.Connection[Any]):
    """Waits as long as whoever asks has patience."""

    def wait(self, gen: Steps, *args: Any, **kwargs: Any) -> Any:
        allowed = PATIENCE.allowed()
        if allowed is None:
            return super().wait(gen, *args, **kwargs)
        with PATIENCE.spent():
            patient = max(allowed - 2 * CANCELS, CANCELS)
            return super().wait(limited(gen, self, patient), *args, **kwargs)


def limited(steps: Steps, connection: Connection, seconds: float) -> Steps:
    """The steps of a question; if they take longer, the server is asked to let go, else it is left alone."""
    ends, is_canceled = monotonic() + seconds, False
    try:
        wanted = next(steps)
        while True:
            ready = yield wanted
            if not ready and monotonic() > ends:
                if is_canceled:
                    connection.close()
                    raise psycopg.OperationalError("timeout: the server does not answer")
                is_canceled = True
                with suppress(psycopg.Error):
                    connection.cancel_safe(timeout=CANCELS)
                ends = monotonic() + CANCELS
            wanted = steps.send(ready)
    except StopIteration as done:
        return done.value


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's; what differs is whose connections these are."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        allowed = PATIENCE.allowed()
        if allowed is None:
            return Connection.connect(**conn_params)
        if PATIENCE.is_over:
            raise psycopg.OperationalError("timeout: the server did not answer before")
        with PATIENCE.spent():
            return Connection.connect(**{**conn_params, "connect_timeout": max(FEWEST, round(allowed))})
