"""Rows of a model read and written by plain statements, put together once a process.

For what every action needs: to put the same words together anew takes Django ten times as long as the database to
answer. What a cell becomes on the way is still said by the model's own fields. Knows no single model.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import BooleanField, CharField, DateTimeField, Field, ForeignKey, IntegerField, Model
from django.db.models.base import ModelState

from bihuan.desk.tables import fetch, marks

Some = TypeVar("Some", bound=Model)
AS_IS = (BooleanField, CharField, ForeignKey, IntegerField)
AS_READ = "_as_read"
Writers = list[tuple[str, Callable[..., Any] | None]]


def found(model: type[Some], where: str, *values: Any, without: tuple[str, ...] = ()) -> list[Some]:
    """The rows `where` something is so (and in which order); columns `without` which they come are read when asked for."""
    one = reading(model, without)
    return [
        one.made(row) for row in fetch(f"SELECT {one.columns} FROM {model._meta.db_table} {where}", *values)
    ]


def linked(model: type[Some], others: Mapping[str, tuple[str, ...]], where: str, *values: Any) -> list[Some]:
    """As `found`, with what each row points to by the foreign keys `others`, each without some of its columns."""
    own, table = reading(model), model._meta.db_table
    columns, joins, parts, end = own.columns, "", [], own.width
    for name, less in others.items():
        link: Any = model._meta.get_field(name)
        other, beside = reading(link.related_model, less), link.related_model._meta.db_table
        columns += f", {other.columns}"
        joins += f" LEFT JOIN {beside} ON {beside}.id = {table}.{link.column}"
        parts.append((link, other.made, end, end := end + other.width))
    rows = []
    for cells in fetch(f"SELECT {columns} FROM {table}{joins} {where}", *values):
        row = own.made(cells[: own.width])
        for link, made, begin, end in parts:
            link.set_cached_value(row, None if cells[begin] is None else made(cells[begin:end]))
        rows.append(row)
    return rows


class Reading(NamedTuple, Generic[Some]):
    """Columns of a model, how many, and what makes a row of the model of their cells."""

    columns: str
    width: int
    made: Callable[[Sequence[Any]], Some]


@lru_cache(maxsize=64)
def reading(model: type[Some], without: tuple[str, ...] = ()) -> Reading[Some]:
    """How rows of a model are read: put together once a process."""
    fields = [field for field in model._meta.concrete_fields if field.name not in without]
    columns = [field.get_col(model._meta.db_table) for field in fields]
    steps = [(place, steps, column) for place, column in enumerate(columns) if (steps := readers(column))]
    names = [field.attname for field in fields]

    def made(row: Sequence[Any]) -> Some:
        cells = list(row)
        for place, does, column in steps:
            if cells[place] is not None:
                for step in does:
                    cells[place] = step(cells[place], column, connection)
        one, state = model.__new__(model), ModelState()  # field by field takes as long as all the rest
        state.adding, state.db = False, DEFAULT_DB_ALIAS
        vars(one).update(zip(names, cells, strict=True), _state=state)
        return one

    untyped = "+" if connection.vendor == "sqlite" else ""  # else its module goes by the type of each column
    asked = ", ".join(f"{untyped}{model._meta.db_table}.{quoted(field)}" for field in fields)
    return Reading(asked, len(fields), made)


def readers(column: Any) -> list[Callable[..., Any]]:
    """What has to be done to a cell that is not empty."""
    if connection.vendor == "sqlite" and isinstance(column.target, DateTimeField):
        return [lambda at, _column, _db: dt.datetime.fromisoformat(f"{at}+00:00")]
    return [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)]


def quoted(field: Field[Any, Any]) -> str:
    return connection.ops.quote_name(str(field.column))


def add(*rows: Model) -> None:
    """New rows of one model, each of which is told its id."""
    statement, writers = adding(type(rows[0]))
    for row in rows:
        [(row.pk,)] = fetch(statement, *cells(row, writers))
        row._state.adding, row._state.db = False, DEFAULT_DB_ALIAS


def remembered(row: Some) -> Some:
    """A row that knows how it was read, so that `change` leaves alone what is the same, and the indexes over it."""
    vars(row)[AS_READ] = dict(vars(row))
    return row


def change(row: Model) -> None:
    """Write what is otherwise than it was read, once; of a row that was not `remembered`, all."""
    told, was = vars(row), vars(row).pop(AS_READ, None)
    names = [one.attname for one in written(type(row))]
    fresh = tuple(names if was is None else (name for name in names if told[name] != was[name]))
    if fresh:
        statement, writers = changing(type(row), fresh)
        fetch(statement, *cells(row, writers), row.pk)


def cells(row: Model, writers: Writers) -> list[Any]:
    db, told = connections[DEFAULT_DB_ALIAS], vars(row)
    return [told[name] if write is None else write(told[name], db) for name, write in writers]


@lru_cache(maxsize=64)
def adding(model: type[Model]) -> tuple[str, Writers]:
    fields = written(model)
    names = ", ".join(map(quoted, fields))
    return f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks(fields)}) RETURNING id", writing(
        fields
    )


@lru_cache(maxsize=256)
def changing(model: type[Model], columns: tuple[str, ...]) -> tuple[str, Writers]:
    fields = [one for one in written(model) if one.attname in columns]
    names = ", ".join(f"{quoted(field)} = %s" for field in fields)
    return f"UPDATE {model._meta.db_table} SET {names} WHERE id = %s", writing(fields)


@lru_cache(maxsize=64)
def written(model: type[Model]) -> list[Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if not field.primary_key]


def writing(fields: list[Field[Any, Any]]) -> Writers:
    """What has to be done to a value on its way; to text and numbers nothing."""
    return [(one.attname, writer(one)) for one in fields]


def writer(one: Field[Any, Any]) -> Callable[..., Any] | None:
    if isinstance(one, DateTimeField):
        return lambda at, db: db.ops.adapt_datetimefield_value(at)  # as Django says, which asks more
    return None if isinstance(one, AS_IS) else one.get_db_prep_save
