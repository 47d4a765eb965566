"""How often something was asked within some time, over all processes that serve: what limits go by.

Kept in a file of its own beside the attachments, in one statement and without waiting for the disk: a count that a
crash of the machine loses does no harm, and who reads must not wait for whoever writes. Several machines count each for
itself. Names are kept as they are told: whoever counts by something personal tells its hash.
"""

import os
import sqlite3
import threading

from django.conf import settings

from bihuan.desk import clock
from bihuan.desk.database import unavailable
from bihuan.desk.errors import UnavailableError

FILE = "counts.sqlite3"
TABLE = """
PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;
CREATE TABLE IF NOT EXISTS counts (name TEXT PRIMARY KEY, n INTEGER NOT NULL, until INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS counts_until ON counts (until);
"""
COUNT = """
INSERT INTO counts (name, n, until) VALUES (:name, 1, :until) ON CONFLICT (name) DO UPDATE SET
  n = CASE WHEN until <= :now THEN 1 ELSE n + 1 END, until = CASE WHEN until <= :now THEN :until ELSE until END
RETURNING n
"""
HELD = threading.local()


def counted(name: str, within: int) -> int:
    """How often by now, this once included; it begins anew `within` seconds after the first."""
    now = clock.seconds(clock.now())
    try:
        kept = held()
        n = int(kept.execute(COUNT, {"name": name, "now": now, "until": now + within}).fetchone()[0])
        if n == 1:
            kept.execute("DELETE FROM counts WHERE until <= ?", [now])
    except sqlite3.OperationalError as error:
        raise UnavailableError(unavailable(error, "unsaved")) from error
    return n


def forget() -> None:
    """Begin all counts anew."""
    held().execute("DELETE FROM counts")


def held() -> sqlite3.Connection:
    """This thread's own connection; a process that was forked opens its own."""
    owner = os.getpid(), settings.HOME
    if getattr(HELD, "owner", None) != owner:
        settings.HOME.mkdir(mode=0o700, parents=True, exist_ok=True)
        HELD.connection = sqlite3.connect(settings.HOME / FILE, timeout=5, isolation_level=None)
        HELD.connection.executescript(TABLE)
        HELD.owner = owner
    found: sqlite3.Connection = HELD.connection
    return found
