"""Which database, and how one writes to it: SQLite with one writer at a time, or PostgreSQL.

SQLite lets one connection write; the others would poll for the lock. They queue on a file instead, which is fair and
three times quicker under load, and lets `synchronous=FULL` cost next to nothing (docs/decisions.md).

On PostgreSQL rows are locked in one order by everybody, so that nobody waits in a circle: what is done `alone`; the rows
of the office that an entry is about (a holding, an edition); cases by their ids; the counter of entries; subjects by
their ids, and these only by who acts on a single case and by `tick`, which holds nothing else; the counter of files.
"""

import fcntl
import os
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.db import IntegrityError, OperationalError, connection, transaction

from bihuan.desk.errors import DoubledError, Outcome, UnavailableError
from bihuan.engine.errors import CallError

WAITS = 20  # seconds that a connection waits for a lock; and a person for all that a request asks of PostgreSQL (`patience`)
#: A machine that vanished is noticed within a minute, also by commands, which wait as long as the server lets them.
PRESENCE = {"connect_timeout": WAITS, "keepalives_idle": 30, "keepalives_interval": 10, "keepalives_count": 3}
#: Pages of a new desk are large, for loads. The system keeps the file in memory once for all processes; what is mapped
#: or kept besides counts in each of them. What was written is carried over into the file every 4,000 pages: four times as
#: seldom for hardly more work each time, in which whoever writes waits (SQLite's own is 1,000).
SQLITE = (
    "PRAGMA page_size=8192; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
    "PRAGMA cache_size=-4096; PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; "
    "PRAGMA wal_autocheckpoint=4000;"
)


def database(url: str, home: Path) -> dict[str, Any]:
    """Django's description of the database that a URL names; SQLite in the desk's folder where there is none.

    >>> database("postgresql://desk:secret@db.local/bihuan", Path("."))["HOST"]
    'db.local'
    """
    parts = urlsplit(url or f"sqlite:///{(home / 'desk.sqlite3').absolute()}")
    if parts.scheme == "sqlite":
        return sqlite(Path(unquote(parts.path[1:] if parts.path.startswith("//") else parts.path)))
    if parts.scheme in ("postgresql", "postgres"):
        return postgresql(parts)
    raise CallError(f"DATABASE_URL begins with {parts.scheme!r}: expected postgresql://… or sqlite:///path")


def sqlite(path: Path) -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(path),
        "CONN_MAX_AGE": None,
        "OPTIONS": {"transaction_mode": "IMMEDIATE", "timeout": WAITS, "init_command": SQLITE},
    }


def postgresql(parts: Any) -> dict[str, Any]:
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "bihuan.desk.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": f"-c lock_timeout={WAITS}s", **PRESENCE},
    }


class Turn(threading.local):
    """Of this thread: whether it may write, and what became of what it wrote since it began to answer somebody."""

    has = False
    ends = False  # being committed
    saved = False  # of the record, by `writing`


TURN = Turn()


@contextmanager
def writing() -> Iterator[None]:
    """One transaction of the record: all of it is there afterwards, on the disk, or none of it."""
    try:
        with transacted():
            yield
        TURN.saved = not TURN.has
    except OperationalError as error:
        outcome = what_became(error)
        raise UnavailableError(unavailable(error, outcome), outcome) from error
    except IntegrityError as error:
        if getattr(error.__cause__, "sqlstate", None) != UNIQUE:
            raise
        raise DoubledError(
            "somebody else has just saved the same thing, nothing was saved here. Look at it before you send it again"
        ) from error


UNIQUE = "23505"  # PostgreSQL's word for a key that is there already: between a look and a write somebody else came


def sqlstate(error: UnavailableError) -> str | None:
    """PostgreSQL's word for what was in the way."""
    found: str | None = getattr(error.__cause__ and error.__cause__.__cause__, "sqlstate", None)
    return found


NOT_IN_TIME, DEADLOCK = (
    "55P03",
    "40P01",
)  # a lock that was not to be had by then, or only by one of those in a circle


def alone(*what: str) -> None:
    """Until this transaction ends nobody else does the same; who comes later sees what it wrote. SQLite has one writer anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", ["\x1f".join(what)])


@contextmanager
def transacted() -> Iterator[None]:
    """One within another is part of it: what fails there cannot be committed by the other. What is done after a commit
    is still in this turn, and may write too.
    """
    if TURN.has:
        with transaction.atomic(savepoint=False):
            yield
        return
    TURN.has = True
    TURN.ends = False
    try:
        with queued(), transaction.atomic():
            yield
            connection.validate_no_broken_transaction()  # what failed within must not seem to be written
            TURN.ends = True
        TURN.ends = False
    finally:
        TURN.has = False


def what_became(error: Exception) -> Outcome:
    """A server that goes away before it answers COMMIT may have carried it out; a disk or a lock says that it did not."""
    is_refusal = any(word in str(error) for word in (*FULL, *LOCKED))
    return "unsure" if TURN.ends and not is_refusal else "unsaved"


def unanswered(error: OperationalError, *, reads: bool) -> UnavailableError:
    """What is told whoever asked for a page, or by the API, where no action told it."""
    outcome: Outcome = "saved" if TURN.saved else "read" if reads else "unsaved"
    return UnavailableError(unavailable(error, outcome), outcome)


#: Room for the pages of large transactions, which SQLite would otherwise write and read several times. Rows of a load are
#: all of cases that come with them, and their JSON is what Python has just written: neither need be looked up row by row.
LOADS = {"cache_size": -65536, "foreign_keys": 0, "ignore_check_constraints": 1}


@contextmanager
def loading() -> Iterator[None]:
    """SQLite as loads want it; within a transaction of the caller it goes on to look up cases."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        before = {name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in LOADS}
        set_pragmas(cursor, LOADS)
        try:
            yield
        finally:
            set_pragmas(cursor, before)


def set_pragmas(cursor: Any, values: Mapping[str, int]) -> None:
    for name, value in values.items():
        cursor.execute(f"PRAGMA {name}={value}")


FULL = ("disk is full", "disk I/O error", "No space left", "could not extend file", "File too large")
LOCKED = ("locked", "deadlock", "canceling statement")
BUSY = (*LOCKED, "timeout")


def unavailable(error: Exception, outcome: Outcome) -> str:
    """What a database that does not answer says, as something a person can do something about."""
    return f"{cause(error)}: {consequence(outcome)}"


def cause(error: Exception) -> str:
    said = str(error)
    if any(word in said for word in FULL):
        return "the disk of the desk is full, tell whoever runs it"
    if any(word in said for word in BUSY):
        return "the database is busy and did not answer in time"
    return "the database cannot be reached"


def consequence(outcome: Outcome) -> str:
    match outcome:
        case "read":
            return "nothing was changed. Load this again in a moment"
        case "saved":
            return "what was sent is saved, only the answer cannot be shown. Do not send it again, look at it in a moment"
        case "unsure":
            return (
                "nobody knows yet whether this was saved. Look whether it is there before you send it again"
            )
        case "stopped":
            return "what was done until then stands. Begin it again in a moment"
    return "nothing was saved. Send it again in a moment"


@contextmanager
def queued() -> Iterator[None]:
    """Wait for one's turn to write to SQLite. The kernel lets go of the file when a process dies."""
    database = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or connection.in_atomic_block or database.startswith("file:"):
        yield
        return
    handle = os.open(f"{database}.queue", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    began = time.monotonic()
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        with patient(WAITS - (time.monotonic() - began)):
            yield
    finally:
        fcntl.flock(handle, fcntl.LOCK_UN)  # a process that was forked meanwhile has the file open, too
        os.close(handle)


@contextmanager
def patient(seconds: float) -> Iterator[None]:
    """Wait no longer than that for SQLite: else, behind somebody else's long write, each would wait after the other."""
    if seconds > WAITS - 1:
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute(f"PRAGMA busy_timeout={max(0, int(seconds * 1000))}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout={WAITS * 1000}")
