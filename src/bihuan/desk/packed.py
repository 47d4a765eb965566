"""Whole frames into tables: COPY on PostgreSQL; on SQLite many rows in one statement, their values made beforehand.

Values are put as the database holds them; triggers and constraints hold as for any other row.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from django.db import connection

FEW = 100
VALUES = 3000  # in one statement of SQLite; for so many together it needs two thirds of the time


@dataclass(frozen=True)
class Packed:
    """Rows ready to be bound: for PostgreSQL the frame itself, for SQLite Python's own values, row by row."""

    names: list[str]
    frame: pl.DataFrame
    cells: Any = None

    def insert(self, table: str, **first: pl.Series) -> None:
        """Into a table with columns of these names; the first are known only now."""
        names = ", ".join(connection.ops.quote_name(name) for name in self.names)
        with connection.cursor() as cursor:
            if self.cells is None:
                frame = self.frame.with_columns(**first).select(self.names)
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT csv)") as copy:
                    copy.write(frame.write_csv(include_header=False).encode())
                return
            for place, column in enumerate(first.values()):
                self.cells[:, place] = listed(column)
            marks, size = f"({', '.join('?' for _ in self.names)})", VALUES // len(self.names)
            for start in range(0, len(self.cells), size):
                rows = self.cells[start : start + size]
                values = f"INSERT INTO {table} ({names}) VALUES " + ", ".join([marks] * len(rows))
                cursor.connection.execute(values, rows.ravel().tolist())


def packed(frame: pl.DataFrame, *first: str) -> Packed:
    """The rows, with room for columns that are told later. No question is put to the database."""
    names = [*first, *frame.columns]
    if connection.vendor == "postgresql":
        return Packed(names, frame)
    cells = np.empty((frame.height, len(names)), object)
    for place, column in enumerate(frame, len(first)):
        cells[:, place] = listed(column)
    return Packed(names, frame.clear(), cells)


def listed(column: pl.Series) -> Any:
    """A column as Python's values. A text that occurs often is one object: it is made, and put into UTF-8, once."""
    found = np.empty(len(column), object)
    if column.dtype == pl.String and len(column) > FEW and column.unique().len() * 4 < len(column):
        distinct = column.unique().drop_nulls()
        codes = column.cast(pl.Enum(distinct)).to_physical().fill_null(len(distinct))
        found[:] = np.array([*distinct.to_list(), None], object)[codes.to_numpy()]
    else:
        found[:] = (column.cast(pl.Int8) if column.dtype == pl.Boolean else column).to_list()
    return found


def instants(column: pl.Series) -> pl.Series:
    """Instants, as seconds or with a zone, as the database writes them."""
    if column.dtype.is_integer() or column.dtype == pl.Null:
        column = pl.from_epoch(column.cast(pl.Int64), "s").dt.replace_time_zone("UTC")
    suffix = "+00" if connection.vendor == "postgresql" else ""
    return column.dt.convert_time_zone("UTC").dt.strftime(f"%Y-%m-%d %H:%M:%S{suffix}")
