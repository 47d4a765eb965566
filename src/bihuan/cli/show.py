"""Tables for people, the same rows as JSON, JSON lines or CSV for machines.

People get translated heads and states, 24:00 for an instant that ends a day, and a line that says how many rows
were left out. Machines get the library's names, ISO instants and every row. Knows no rule and no command.
"""

import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import islice
from typing import Any

import click

from bihuan.i18n import _
from bihuan.spoken import head, shown

FORMATS = ("table", "json", "jsonl", "csv")
PIECES_AT_ONCE = 1000
PIPED_WIDTH = 160  # columns when nobody's terminal says otherwise

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """Rows under a name; `columns` and `most` say what people see of them."""

    name: str
    rows: Sequence[Row]
    columns: Sequence[str] = ()
    title: str = ""
    most: int | None = None


@dataclass(frozen=True)
class Record:
    """One row shown as name and value, line by line."""

    name: str
    values: Row
    title: str = ""


Part = Table | Record


def show(parts: Sequence[Part], form: str) -> None:
    """Print all parts in one format."""
    if form == "table":
        for part in parts:
            _print(part)
        return
    writers: dict[str, Callable[[Sequence[Part]], Iterator[str]]] = {
        "json": as_json,
        "jsonl": as_jsonl,
        "csv": as_csv,
    }
    # rows may come out of a file larger than memory: they are written as they come
    pieces = writers[form](parts)
    while bunch := "".join(islice(pieces, PIECES_AT_ONCE)):
        click.echo(bunch, nl=False)


def as_json(parts: Sequence[Part]) -> Iterator[str]:
    """One document: the rows themselves, or by name where there are several tables."""
    if len(parts) == 1:
        yield from _json_of(parts[0], "")
    else:
        for place, part in enumerate(parts):
            yield ("," if place else "{") + f"\n  {json.dumps(part.name, ensure_ascii=False)}: "
            yield from _json_of(part, "  ")
        yield "\n}"
    yield "\n"


def _json_of(part: Part, margin: str) -> Iterator[str]:
    if isinstance(part, Record):
        yield _json(part.values, margin)
        return
    mark = "["
    for row in part.rows:
        yield f"{mark}\n{margin}  {_json(row, margin + '  ')}"
        mark = ","
    yield f"\n{margin}]" if mark == "," else "[]"


def _json(value: Any, margin: str) -> str:
    """Indented as a part of the document; no text in JSON holds a line break."""
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain).replace("\n", f"\n{margin}")


def as_jsonl(parts: Sequence[Part]) -> Iterator[str]:
    """One row a line; where there are several tables, each row names its own."""
    for row in _rows(parts):
        yield json.dumps(row, ensure_ascii=False, default=_plain) + "\n"


def as_csv(parts: Sequence[Part]) -> Iterator[str]:
    """One table: the columns of all, in the order they first appear. Records stay out beside tables."""
    tables = [part for part in parts if isinstance(part, Table)] or parts
    columns = list(dict.fromkeys(name for row in _rows(tables) for name in row))
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow(columns)
    for row in _rows(tables):
        writer.writerow([_cell(row.get(name)) for name in columns])
        yield line.getvalue()
        line.seek(0)
        line.truncate()
    yield line.getvalue()


def _rows(parts: Sequence[Part]) -> Iterable[Row]:
    for part in parts:
        rows = [part.values] if isinstance(part, Record) else part.rows
        yield from ({"table": part.name, **row} for row in rows) if len(parts) > 1 else rows


def _plain(value: Any) -> Any:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, tuple | set | frozenset):
        return list(value)
    return str(value)


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple | dict):
        return json.dumps(value, ensure_ascii=False, default=_plain)
    return _plain(value) if isinstance(value, datetime | date) else value


def _print(part: Part) -> None:
    from rich import box
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    width = None if sys.stdout.isatty() else PIPED_WIDTH
    console = Console(file=sys.stdout, width=width, highlight=False)
    if part.title:
        console.print(Text(part.title, style="bold"))
    grid = Grid(box=box.SIMPLE, show_header=isinstance(part, Table), pad_edge=False, show_edge=False)
    if isinstance(part, Record):
        for name, value in part.values.items():
            grid.add_row(head(name), Text(shown(name, value)))
        return console.print(grid, "")
    rows = part.rows[: part.most]
    columns = part.columns or list(dict.fromkeys(name for row in rows for name in row))
    for name in columns:
        grid.add_column(head(name), justify="right" if _is_number(rows, name) else "left", overflow="fold")
    for row in rows:
        grid.add_row(*(Text(shown(name, row.get(name))) for name in columns))
    console.print(grid)
    if left := len(part.rows) - len(rows):
        console.print(Text(_("… {count} more").format(count=left), style="dim"))
    return console.print()


def _is_number(rows: Sequence[Row], name: str) -> bool:
    values = [row.get(name) for row in rows if row.get(name) is not None]
    numbers = (isinstance(v, int | float | Decimal) and not isinstance(v, bool) for v in values)
    return bool(values) and all(numbers)
