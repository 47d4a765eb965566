"""Rows into a table the way its database takes them quickest: COPY, or one prepared statement; and short questions.

Values are given as the database holds them; triggers and constraints hold as for any other row. For statements that
every action needs: to put the same words together anew takes Django ten times as long as the database to answer.
"""

import datetime as dt
import sqlite3
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import BooleanField, Model
from django.db.models.expressions import RawSQL

FEW = 50  # rows
TRUTH = BooleanField()

# Python looks for an adapter of every None and every bool, and takes three times as long to find none as to use one.
sqlite3.register_adapter(type(None), dict[None, None]().get)
sqlite3.register_adapter(bool, int)


def insert(model: type[Model], columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Few in one statement, for to begin a COPY takes longer."""
    into = place(model, tuple(columns))
    marks = f"({', '.join(['%s'] * len(columns))})"
    if len(rows) <= FEW:
        fetch(
            f"INSERT INTO {into} VALUES {', '.join([marks] * len(rows))}",
            *(one for row in rows for one in row),
        )
        return
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with connection.wrap_database_errors, cursor.copy(f"COPY {into} FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.executemany(f"INSERT INTO {into} VALUES {marks}", rows)


@lru_cache(maxsize=64)
def place(model: type[Model], columns: tuple[str, ...]) -> str:
    """Where rows of these columns go, in the words of the database."""
    fields = {field.name: field.attname for field in model._meta.concrete_fields}
    names = ", ".join(connection.ops.quote_name(fields[name]) for name in columns)
    return f"{model._meta.db_table} ({names})"


def update(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Change rows by their id, which comes last in each."""
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(f"{connection.ops.quote_name(name)} = %s" for name in columns)
    with connection.cursor() as cursor:
        cursor.executemany(f"UPDATE {table} SET {names} WHERE id = %s", [tuple(row) for row in rows])


def fetch(question: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a statement answers. SQLite is asked directly unless somebody listens: Django's cursor takes longer than it."""
    found: list[tuple[Any, ...]]
    db: Any = connections[DEFAULT_DB_ALIAS]
    heard = db.execute_wrappers or db.force_debug_cursor or db.needs_rollback
    if db.vendor == "sqlite" and db.connection is not None and not heard:
        try:
            found = db.connection.execute(in_qmarks(question), values).fetchall()
        except sqlite3.Error:
            with db.wrap_database_errors:
                raise
        return found
    with db.cursor() as cursor:
        cursor.execute(question, values)
        found = cursor.fetchall() if cursor.description else []
    return found


@lru_cache(maxsize=512)
def in_qmarks(question: str) -> str:
    return question.replace("%s", "?").replace("%%", "%")


def condition(said: str, *values: Any) -> RawSQL:
    """A condition in the words of the database, for its own statements and for Django's."""
    return RawSQL(said, values, TRUTH)


def marks(values: Collection[Any]) -> str:
    """A place for each value in `IN (…)`; no value is equal to NULL."""
    return ", ".join(["%s"] * len(values)) or "NULL"


def cell(value: Any) -> Any:
    """A value as the database holds it."""
    return connection.ops.adapt_datetimefield_value(value) if isinstance(value, dt.datetime) else value
