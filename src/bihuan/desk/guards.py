"""What has the database itself refuse to change or delete the record: triggers, and whether they are still there.

Who has the desk's own account at the database may drop them, or on SQLite have one row take the place of another; so
`verify` looks for them, word by word. Whoever changes one here writes a migration that calls `put`.
"""

from collections.abc import Iterator
from typing import NamedTuple

from django.db import connection

SAYS = "the record is append-only: write a correction instead"
CONTENT = ("actor", "unit", "facts", "given", "meta", "salt")
STATED = (
    "id", "case_id", "seq", "kind", "event", "at", "whole_day", "recorded_at", "edition", "digest", "hash",
)  # fmt: skip
LAW = ("id", "policy", "title", "edition", "status", "hash", "text")
DESTROYED = (
    "EXISTS (SELECT 1 FROM desk_case c JOIN desk_entry e ON e.id = c.destroyed_id AND e.kind = 'destroyed' "
    "AND e.about = c.number WHERE c.id = OLD.case_id)"
)
#: By table, what makes a row another one, and the one change that is allowed.
TABLES: dict[str, tuple[tuple[str, ...], str]] = {
    "desk_event": (
        ("id = NEW.id", "case_id = NEW.case_id AND seq = NEW.seq"),
        " AND ".join([
            *(f"NEW.{name} {{same}} OLD.{name}" for name in STATED), *(f"NEW.{name} IS NULL" for name in CONTENT), DESTROYED,
        ]),
    ),
    "desk_entry": (("id = NEW.id",), ""),
    "desk_seal": (("id = NEW.id", "day = NEW.day"), ""),
    "desk_edition": (
        ("id = NEW.id", "hash = NEW.hash"), " AND ".join(f"NEW.{name} {{same}} OLD.{name}" for name in LAW)
    ),
}  # fmt: skip


class Guard(NamedTuple):
    """A trigger by its name and table, and what it is made of: its statement, or the body of its function."""

    name: str
    table: str
    when: str
    body: str


def guards() -> list[Guard]:
    return list({"sqlite": sqlite, "postgresql": postgresql}[connection.vendor]())


def sqlite() -> Iterator[Guard]:
    """A row that takes the place of another (`OR REPLACE`) is put in without a word of the one that goes."""
    for table, (another, allowed) in TABLES.items():
        there = " OR ".join(f"EXISTS (SELECT 1 FROM {table} WHERE {one})" for one in another)
        for what, event, unless in (
            ("update", "UPDATE", f" WHEN NOT ({allowed.format(same='IS')})" if allowed else ""),
            ("delete", "DELETE", ""),
            ("replace", "INSERT", f" WHEN {there}"),
        ):
            name = f"{table}_no_{what}"
            made = f"CREATE TRIGGER {name} BEFORE {event} ON {table}{unless} BEGIN SELECT RAISE(ABORT, '{SAYS}'); END"
            yield Guard(name, table, event, made)


def postgresql() -> Iterator[Guard]:
    refuse = f"RAISE EXCEPTION '{SAYS}' USING ERRCODE = 'integrity_constraint_violation';"
    for table, (_another, allowed) in TABLES.items():
        let = f"IF {allowed.format(same='IS NOT DISTINCT FROM')} THEN RETURN NEW; END IF; " if allowed else ""
        for what, event, unless in (
            ("update", "UPDATE", let),
            ("delete", "DELETE", ""),
            ("truncate", "TRUNCATE", ""),
        ):
            yield Guard(f"{table}_no_{what}", table, event, f"BEGIN {unless}{refuse} END")


def put() -> None:
    """Every guard as it is to be, in the place of those that are there."""
    with connection.cursor() as cursor:
        for guard in guards():
            for statement in {"sqlite": on_sqlite, "postgresql": on_postgresql}[connection.vendor](guard):
                cursor.execute(statement)


def on_sqlite(guard: Guard) -> Iterator[str]:
    yield f"DROP TRIGGER IF EXISTS {guard.name}"
    yield guard.body


def on_postgresql(guard: Guard) -> Iterator[str]:
    """Always, also for who writes as a replica does, which a load may (`loading`)."""
    each = "STATEMENT" if guard.when == "TRUNCATE" else "ROW"
    yield f"CREATE OR REPLACE FUNCTION {guard.name}() RETURNS trigger LANGUAGE plpgsql AS $guard${guard.body}$guard$"
    yield f"DROP TRIGGER IF EXISTS {guard.name} ON {guard.table}"
    yield (
        f"CREATE TRIGGER {guard.name} BEFORE {guard.when} ON {guard.table} FOR EACH {each} "
        f"EXECUTE FUNCTION {guard.name}()"
    )
    yield f"ALTER TABLE {guard.table} ENABLE ALWAYS TRIGGER {guard.name}"


THERE = {
    "sqlite": "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'",
    "postgresql": """SELECT t.tgname, p.prosrc FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_proc p ON p.oid = t.tgfoid
WHERE n.nspname = current_schema() AND t.tgenabled = 'A' AND NOT t.tgisinternal""",
}


def lacking() -> list[Guard]:
    """Those that are gone, switched off, or do something else."""
    with connection.cursor() as cursor:
        cursor.execute(THERE[connection.vendor])
        there = dict(cursor.fetchall())
    return [guard for guard in guards() if there.get(guard.name) != guard.body]
