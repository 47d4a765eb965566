"""Many rows into a table the way its database takes them quickest: COPY, or one prepared statement.

Values are given as the database holds them; triggers and constraints hold as for any other row.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Model


def insert(model: type[Model], columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    table = connection.ops.quote_name(model._meta.db_table)
    fields = {field.name: field.attname for field in model._meta.concrete_fields}
    names = ", ".join(connection.ops.quote_name(fields[name]) for name in columns)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
            return
        marks = ", ".join("?" for _ in columns)
        cursor.connection.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


def instants(column: pl.Series) -> list[Any]:
    """Instants, as seconds or with a zone, as the database writes them."""
    if column.dtype.is_integer() or column.dtype == pl.Null:
        column = pl.from_epoch(column.cast(pl.Int64), "s").dt.replace_time_zone("UTC")
    suffix = "+00" if connection.vendor == "postgresql" else ""
    return column.dt.convert_time_zone("UTC").dt.strftime(f"%Y-%m-%d %H:%M:%S{suffix}").to_list()
