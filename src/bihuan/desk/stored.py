"""Rows of a model read and written by plain statements, put together once a process.

For what every action needs: to put the same words together anew takes Django ten times as long as the database to
answer. What a cell becomes on the way is still said by the model's own fields. Knows no single model.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from django.db import connection, connections
from django.db.models import BooleanField, CharField, Field, ForeignKey, IntegerField, Model

from bihuan.desk.tables import fetch

Some = TypeVar("Some", bound=Model)
AS_IS = (BooleanField, CharField, ForeignKey, IntegerField)
Writers = list[tuple[str, Callable[..., Any] | None]]
Readers = list[tuple[int, list[Callable[..., Any]], Any]]


def found(model: type[Some], where: str, *values: Any, without: tuple[str, ...] = ()) -> list[Some]:
    """The rows `where` something is so (and in which order); columns `without` which they come are read when asked for."""
    names, columns, readers = reading(model, connection.vendor, without)
    rows = fetch(f"SELECT {columns} FROM {model._meta.db_table} {where}", *values)
    return [model.from_db(connection.alias, names, read(row, readers)) for row in rows]


def read(row: Sequence[Any], readers: Readers) -> list[Any]:
    cells = list(row)
    for place, steps, column in readers:
        for step in steps:
            cells[place] = step(cells[place], column, connection)
    return cells


@lru_cache(maxsize=64)
def reading(model: type[Model], vendor: str, without: tuple[str, ...]) -> tuple[list[str], str, Readers]:
    """Names, columns, and what has to be done to the cells of which of them."""
    fields = [field for field in model._meta.concrete_fields if field.name not in without]
    columns = [field.get_col(model._meta.db_table) for field in fields]
    readers = [
        (place, steps, column)
        for place, column in enumerate(columns)
        if (steps := [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)])
    ]
    names = ", ".join(f"{model._meta.db_table}.{quoted(field)}" for field in fields)
    return [field.attname for field in fields], names, readers


def quoted(field: Field[Any, Any]) -> str:
    return connection.ops.quote_name(str(field.column))


def add(*rows: Model) -> None:
    """New rows of one model, each of which is told its id."""
    statement, writers = adding(type(rows[0]), connection.vendor)
    for row in rows:
        [(row.pk,)] = fetch(statement, *cells(row, writers))
        row._state.adding, row._state.db = False, connection.alias


def change(row: Model) -> None:
    """Write all of a row that is there."""
    statement, writers = changing(type(row), connection.vendor)
    with connection.cursor() as cursor:
        cursor.execute(statement, [*cells(row, writers), row.pk])


def cells(row: Model, writers: Writers) -> list[Any]:
    db, told = connections[connection.alias], vars(row)
    return [told[name] if write is None else write(told[name], db) for name, write in writers]


@lru_cache(maxsize=64)
def adding(model: type[Model], vendor: str) -> tuple[str, Writers]:
    fields = written(model)
    names, marks = ", ".join(map(quoted, fields)), ", ".join("%s" for _ in fields)
    return f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks}) RETURNING id", writing(fields)


@lru_cache(maxsize=64)
def changing(model: type[Model], vendor: str) -> tuple[str, Writers]:
    fields = written(model)
    names = ", ".join(f"{quoted(field)} = %s" for field in fields)
    return f"UPDATE {model._meta.db_table} SET {names} WHERE id = %s", writing(fields)


def written(model: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]


def writing(fields: list[Field[Any, Any]]) -> Writers:
    """What has to be done to a value on its way; to text and numbers nothing."""
    return [(one.attname, None if isinstance(one, AS_IS) else one.get_db_prep_save) for one in fields]
