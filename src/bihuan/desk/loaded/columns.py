"""Work done once for each value of a column, and text put together out of columns as `record.canonical` writes it."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

import polars as pl

from bihuan.desk.actions.chain import plain
from bihuan.desk.record import canonical


def by_value(column: pl.Series, work: Callable[[Any], str | None]) -> pl.Series:
    """The text that becomes of each value; of none, nothing."""
    place, values = distinct(column)
    return each(values, work).gather(place).alias(column.name)


def each(values: pl.Series, work: Callable[[Any], Any], dtype: Any = pl.String) -> pl.Series:
    return pl.Series([work(value) for value in values.to_list()], dtype=dtype)


def distinct(column: pl.Series) -> tuple[pl.Series, pl.Series]:
    """The place of each value among the distinct ones, and those. To join them takes texts half as long again."""
    said = column.cast(pl.String) if isinstance(column.dtype, pl.Categorical | pl.Enum) else column
    values = said.drop_nulls().unique()
    if said.dtype == pl.String:
        return said.cast(pl.Enum(values)).to_physical(), values
    known = values.alias("value").to_frame().with_row_index("place")
    asked = said.alias("value").to_frame()
    return asked.join(known, on="value", how="left", maintain_order="left")["place"], values


def quoted(column: pl.Series) -> pl.Series:
    """Each value as JSON."""
    return by_value(column, lambda value: canonical(plain(value)))


class Told(NamedTuple):
    """The rows in which a column says something, and what: most columns of a log say little."""

    row: pl.Series
    place: pl.Series  # of what each of these rows says, among the values
    values: pl.Series

    def each(self, work: Callable[[Any], Any], dtype: Any = pl.String) -> pl.Series:
        """What becomes of what each of these rows says."""
        return each(self.values, work, dtype).gather(self.place)


def told(column: pl.Series) -> Told:
    row = column.is_not_null().arg_true()
    return Told(row, *distinct(column.gather(row)))


def all_told(table: pl.DataFrame, names: Iterable[str]) -> dict[str, Told]:
    """By name the columns that say anything."""
    return {name: told(table[name]) for name in names if table[name].null_count() < table.height}


def objects(columns: Mapping[str, Told], count: int) -> pl.Series:
    """Columns as one JSON object for each of so many rows, without what is empty; nothing where all is empty."""
    found = pl.Series([None] * count, dtype=pl.String)
    members = [
        pl.DataFrame({"row": one.row, "text": one.each(partial(member, canonical(name)))})
        for name, one in sorted(columns.items())
    ]
    if not members:
        return found
    every = pl.concat(members).sort("row", maintain_order=True)
    all_of = joined(every, "row", "text", ",")
    return found.scatter(all_of["row"], "{" + all_of["text"] + "}")


def joined(table: pl.DataFrame, by: str, name: str, between: str) -> pl.DataFrame:
    """The texts of each group as one. To join them while they are grouped takes Polars six times as long."""
    return table.group_by(by, maintain_order=True).agg(name).with_columns(pl.col(name).list.join(between))


def member(name: str, value: Any) -> str:
    return f"{name}:{canonical(plain(value))}"
