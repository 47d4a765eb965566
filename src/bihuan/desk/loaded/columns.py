"""Work done once for each value of a column, and text put together out of columns as `record.canonical` writes it."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, NamedTuple

import polars as pl

from bihuan.desk.actions.chain import plain
from bihuan.desk.record import canonical


def by_value(column: pl.Series, work: Callable[[Any], str | None]) -> pl.Series:
    """The text that becomes of each value; of none, nothing."""
    values = as_text(column)
    distinct = values.drop_nulls().unique()
    found = pl.Series(column.name, [work(value) for value in distinct.to_list()], dtype=pl.String)
    return found.gather(places(values, distinct)) if len(found) else found.extend_constant(None, len(column))


def places(values: pl.Series, distinct: pl.Series) -> pl.Series:
    """Where among the distinct ones each value stands. To join them takes texts half as long again."""
    if values.dtype == pl.String:
        return values.cast(pl.Enum(distinct)).to_physical()
    known = distinct.alias("value").to_frame().with_row_index("place")
    asked = values.alias("value").to_frame()
    return asked.join(known, on="value", how="left", maintain_order="left")["place"]


def as_text(column: pl.Series) -> pl.Series:
    return column.cast(pl.String) if isinstance(column.dtype, pl.Categorical | pl.Enum) else column


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
        found = pl.Series("text", [work(value) for value in self.values.to_list()], dtype=dtype)
        return found.gather(self.place)


def told(column: pl.Series) -> Told:
    row = column.is_not_null().arg_true()
    said = as_text(column.gather(row))
    values = said.unique()
    return Told(row, places(said, values), values)


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
