"""Which database, and how one writes to it: SQLite with one writer at a time, or PostgreSQL.

SQLite lets one connection write; the others would poll for the lock. They queue on a file instead, which is fair and
three times quicker under load, and lets `synchronous=FULL` cost next to nothing (docs/decisions.md).
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

from django.db import OperationalError, connection, transaction

from bihuan.desk.errors import UnavailableError
from bihuan.engine.errors import CallError

WAITS = 20  # seconds that a connection waits for a lock
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
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")) or "postgres",
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.get("host", parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": {"options": f"-c lock_timeout={WAITS}s"},
    }


@contextmanager
def writing() -> Iterator[None]:
    """One transaction of the record: all of it is there afterwards, on the disk, or none of it."""
    try:
        with transacted():
            yield
    except OperationalError as error:
        raise UnavailableError(unavailable(error)) from error


TURN = threading.local()


@contextmanager
def transacted() -> Iterator[None]:
    """One within another is part of it: what fails there cannot be committed by the other. What is done after a commit
    is still in this turn, and may write too.
    """
    if getattr(TURN, "has", False):
        with transaction.atomic(savepoint=False):
            yield
        return
    TURN.has = True
    try:
        with queued(), transaction.atomic():
            yield
            connection.validate_no_broken_transaction()  # what failed within must not seem to be written
    finally:
        TURN.has = False


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
BUSY = ("locked", "deadlock", "timeout", "canceling statement")


def unavailable(error: Exception) -> str:
    """What a database that cannot write says, as something a person can do something about."""
    said = str(error)
    if any(word in said for word in FULL):
        return "the disk of the desk is full: nothing was saved. Tell whoever runs it; then send this again"
    if any(word in said for word in BUSY):
        return (
            "the database is busy and did not take this in time: nothing was saved. Send it again in a moment"
        )
    return "the database cannot be reached: nothing was saved. Send it again; if that does not help, tell whoever runs it"


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
