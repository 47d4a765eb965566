"""Tables out of files: CSV, Parquet, JSON lines and XLSX as batches of rows that know their lines.

Text stays text. Rows that cannot be cut into cells are handed over as bad rows, never left out in silence.
Knows no cases, no events and no instants.
"""

import csv
import itertools
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from bihuan.engine.errors import LogError
from bihuan.files.encoding import UNREADABLE, Encoding, encoding_of, opened, utf8_blocks

#: Rows a Parquet batch has, and bytes a text batch has, where nobody asks otherwise.
WHOLE = 1 << 62

MORE_CELLS = "the row has more cells than the header has columns"
OPEN_QUOTE = "a quote is not closed, or text follows the closing quote"
NO_OBJECT = "the line is not a JSON object"

csv.field_size_limit(1 << 24)

Bad = tuple[int, str, str, str]  # line, column, found, reason


@dataclass(frozen=True)
class Batch:
    """Some rows of a table, the line of each in its file, and the rows that were no rows."""

    table: pl.DataFrame
    lines: pl.Series
    bad: list[Bad] = field(default_factory=list)
    lossy: bool = False  # the text may hold U+FFFD where bytes could not be decoded
    beside: tuple[str, ...] = ()  # other sheets that hold something, where nobody chose one


def kind_of(path: Path) -> str:
    """`csv`, `parquet`, `jsonl`, `xlsx` or `xes`, by the file's name."""
    known = {"tsv": "csv", "txt": "csv", "ndjson": "jsonl", "pq": "parquet", "xlsm": "xlsx"}
    suffix = Path(path.name.lower().removesuffix(".gz")).suffix.removeprefix(".")
    kind = known.get(suffix, suffix)
    if kind in ("csv", "parquet", "jsonl", "xlsx", "xes"):
        return kind
    hint = (
        "save it as XLSX or CSV"
        if kind in ("xls", "et", "ods")
        else "logs are CSV, Parquet, JSON lines, XLSX, XES"
    )
    raise LogError(f"unknown kind of file {path.suffix!r}; {hint}", file=str(path))


def batches(path: Path, *, header: int = 1, sheet: str | None = None, size: int = WHOLE) -> Iterator[Batch]:
    """The table in the file, in batches of about `size` rows."""
    kind = kind_of(path)
    if kind == "csv":
        return csv_batches(path, header, size)
    if kind == "jsonl":
        return jsonl_batches(path, size)
    if kind == "xlsx":
        return iter([sheet_batch(path, header, sheet)])
    if kind == "xes":
        from bihuan.files.xes import xes_batches

        return xes_batches(path, size)
    return parquet_batches(path, size)


def parquet_batches(path: Path, size: int) -> Iterator[Batch]:
    if size >= WHOLE:
        tables = iter([_whole(path)])
    else:
        tables = row_groups(path, size)
    line = 1
    for table in tables:
        yield Batch(table, numbers(line, table.height))
        line += table.height


def _whole(path: Path) -> pl.DataFrame:
    with parquet(path):
        return pl.read_parquet(path)


def row_groups(path: Path, size: int | None = None, column: str | None = None) -> Iterator[pl.DataFrame]:
    """The rows group by group as they are stored, or `size` at a time; each is decoded once. At least one table.

    Of one column alone if it is there.
    """
    with parquet(path):
        table = pl.scan_parquet(path)
        table = table.select(column) if column in table.collect_schema() else table
        found = table.collect_batches(chunk_size=size, lazy=True)
        following: pl.DataFrame | None = next(found, table.head(0).collect())
    while following is not None:
        yield following
        with parquet(path):
            following = next(found, None)


def rows_of(path: Path) -> int:
    """How many rows a Parquet file has, by its own word."""
    with parquet(path):
        return int(pl.scan_parquet(path).select(pl.len()).collect().item())


@contextmanager
def parquet(path: Path) -> Iterator[None]:
    """What is wrong with the file is told as a defect of the log."""
    opened(path).close()
    try:
        yield
    except pl.exceptions.PolarsError as error:
        message = f"this is no Parquet file that can be read: {_first_line(error)}"
        raise LogError(message, file=str(path)) from None


def numbers(first: int, height: int) -> pl.Series:
    return pl.Series(np.arange(first, first + height))


def same(value: Any, height: int) -> pl.Series:
    """One value in every row."""
    return pl.Series([value]).new_from_index(0, height)


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__


# CSV


def csv_batches(path: Path, header: int, size: int) -> Iterator[Batch]:
    encoding = encoding_of(path)
    parts = _records(path, encoding, max(1 << 12, min(size * 100, WHOLE)))
    first = next(parts, b"")
    columns, separator, used, body = _header(first, header, path)
    line = 1 + used
    for block in itertools.chain([body], parts):
        yield _csv_batch(block, columns, separator, line, encoding)
        line += block.count(b"\n")


def _records(path: Path, encoding: Encoding, size: int) -> Iterator[bytes]:
    """Blocks of whole records: cut at a line's end that is not inside quotes."""
    if size >= WHOLE:
        yield b"".join(utf8_blocks(path, encoding))
        return
    rest = b""
    for block in utf8_blocks(path, encoding, size):
        rest += block
        cut = _record_end(rest)
        if cut:
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def _record_end(block: bytes) -> int:
    end = block.rfind(b"\n") + 1
    quotes = block.count(b'"', 0, end)
    while end and quotes % 2:
        before = block.rfind(b"\n", 0, end - 1) + 1
        quotes -= block.count(b'"', before, end)
        end = before
    return end


def _header(block: bytes, header: int, path: Path) -> tuple[list[str], str, int, bytes]:
    """Column names, separator, lines used up, and what follows."""
    start = 0
    for _ in range(header - 1):
        start = block.find(b"\n", start) + 1
    if not block[start:].strip() or (header > 1 and not start):
        raise LogError("the file is empty; a log has at least a header line", file=str(path), line=header)
    end = start
    while True:  # a quoted name may hold a line break
        end = block.find(b"\n", end) + 1 or len(block)
        if block.count(b'"', start, end) % 2 == 0 or end == len(block):
            break
    text = block[start:end].decode()
    separator = max(",;\t|", key=text.count) if any(mark in text for mark in ",;\t|") else ","
    names = next(csv.reader([text.strip("\r\n")], delimiter=separator))
    return distinct(names), separator, block.count(b"\n", 0, end) or header, block[end:]


def distinct(names: Iterable[Any]) -> list[str]:
    """Names without the blanks around them; an empty one is named by its place, a second one is numbered.

    >>> distinct([" a", "", "a"])
    ['a', 'column 2', 'a (2)']
    """
    seen: dict[str, int] = {}
    result = []
    for place, raw in enumerate(names, 1):
        name = str(raw or "").strip() or f"column {place}"
        seen[name] = seen.get(name, 0) + 1
        result.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return result


def _csv_batch(block: bytes, columns: list[str], separator: str, line: int, encoding: Encoding) -> Batch:
    newlines = block.count(b"\n") + (not block.endswith(b"\n") and bool(block))
    table = _fast(block, columns, separator)
    if table is None or table.height != newlines:
        return _careful(block.decode(), columns, separator, line, encoding.lossy)
    return _without_blank(Batch(table, numbers(line, table.height), lossy=encoding.lossy))


def _fast(block: bytes, columns: list[str], separator: str) -> pl.DataFrame | None:
    schema = dict.fromkeys(columns, pl.String)
    if not block:
        return pl.DataFrame(schema=schema)
    try:
        return pl.read_csv(block, has_header=False, schema=schema, separator=separator)
    except pl.exceptions.PolarsError:
        return None


def _careful(text: str, columns: list[str], separator: str, line: int, lossy: bool) -> Batch:
    """Record by record: exact lines where cells hold line breaks, and bad rows singled out."""
    physical = text.splitlines(keepends=True) if "\x0b" not in text else text.split("\n")
    rows: list[list[str | None]] = []
    lines: list[int] = []
    bad: list[Bad] = []
    done = 0
    while done < len(physical):
        reader = csv.reader(itertools.islice(physical, done, None), delimiter=separator, strict=True)
        start = done
        try:
            for cells in reader:
                _take(cells, line + done, columns, rows, lines, bad)
                done = start + reader.line_num
        except csv.Error:
            bad.append((line + done, "", physical[done].strip()[:200], OPEN_QUOTE))
            done += 1
    table = pl.DataFrame(rows, schema=dict.fromkeys(columns, pl.String), orient="row")
    return _without_blank(Batch(table, pl.Series(lines, dtype=pl.Int64), bad, lossy))


def _take(
    cells: list[str], line: int, columns: list[str], rows: list[Any], lines: list[int], bad: list[Bad]
) -> None:
    if len(cells) > len(columns) and any(cells[len(columns) :]):
        bad.append((line, "", ",".join(cells)[:200], MORE_CELLS))
    elif any(cells):
        padded = cells[: len(columns)] + [""] * (len(columns) - len(cells))
        rows.append([cell or None for cell in padded])
        lines.append(line)


def _without_blank(batch: Batch) -> Batch:
    """A wholly empty line is no row."""
    if not batch.table.width or batch.table.height == 0:
        return batch
    # Looking at one column first spares looking at all of them.
    if not batch.table.to_series(0).null_count():
        return batch
    filled = batch.table.select(pl.any_horizontal(pl.all().is_not_null())).to_series()
    if filled.all():
        return batch
    return Batch(batch.table.filter(filled), batch.lines.filter(filled), batch.bad, batch.lossy)


# JSON lines


def jsonl_batches(path: Path, size: int) -> Iterator[Batch]:
    encoding = encoding_of(path)
    line = 1
    for block in _lines(path, encoding, max(1 << 12, min(size * 200, WHOLE))):
        yield _jsonl_batch(block, line, encoding)
        line += block.count(b"\n") + (not block.endswith(b"\n"))
    if line == 1:
        raise LogError("the file is empty; a log has one JSON object on each line", file=str(path))


def _lines(path: Path, encoding: Encoding, size: int) -> Iterator[bytes]:
    rest = b""
    for block in utf8_blocks(path, encoding, min(size, 1 << 28)):
        rest += block
        cut = rest.rfind(b"\n") + 1 if size < WHOLE else 0
        if cut:
            yield rest[:cut]
            rest = rest[cut:]
    if rest:
        yield rest


def _jsonl_batch(block: bytes, line: int, encoding: Encoding) -> Batch:
    count = block.count(b"\n") + (not block.endswith(b"\n") and bool(block))
    try:
        table = pl.read_ndjson(block, infer_schema_length=None) if block else pl.DataFrame()
    except pl.exceptions.PolarsError:
        table = None
    if table is not None and table.height == count:
        return Batch(table, numbers(line, count), lossy=encoding.lossy)
    return _json_by_line(block.decode(), line, encoding.lossy)


def _json_by_line(text: str, line: int, lossy: bool) -> Batch:
    found: list[dict[str, Any]] = []
    lines: list[int] = []
    bad: list[Bad] = []
    for number, content in enumerate(text.split("\n"), line):
        if not content.strip():
            continue
        row = _object(content)
        if row is None:
            bad.append((number, "", content.strip()[:200], NO_OBJECT))
        else:
            found.append(row)
            lines.append(number)
    columns = list(dict.fromkeys(key for row in found for key in row))
    table = pl.DataFrame({name: _column([row.get(name) for row in found]) for name in columns})
    return Batch(table, pl.Series(lines, dtype=pl.Int64), bad, lossy)


def _object(text: str) -> dict[str, Any] | None:
    try:
        row = json.loads(text)
    except ValueError:
        return None
    return row if isinstance(row, dict) else None


def _column(values: list[Any]) -> pl.Series:
    """Values of one kind keep it; a mixture is read as text."""
    kinds = {type(value) for value in values if value is not None}
    if len(kinds) <= 1 or kinds == {int, float}:
        return pl.Series(values, strict=False)
    return pl.Series(
        [value if value is None or isinstance(value, str) else json.dumps(value) for value in values]
    )


# XLSX


def sheet_batch(path: Path, header: int, sheet: str | None) -> Batch:
    """One sheet, every cell as text; dates stand as `2026-09-30 15:10:00`."""
    import fastexcel

    opened(path).close()
    try:
        book = fastexcel.read_excel(path)
        if sheet is not None and sheet not in book.sheet_names:
            raise LogError(
                f"no sheet {sheet!r}; the sheets are {', '.join(book.sheet_names)}", file=str(path)
            )
        cells = book.load_sheet(sheet or 0, header_row=None, skip_rows=0, dtypes="string").to_polars()
        beside = () if sheet else tuple(name for name in book.sheet_names[1:] if holds_something(book, name))
    except fastexcel.FastExcelError as error:
        raise LogError(
            f"this is no XLSX file that can be read: {_first_line(error)}", file=str(path)
        ) from None
    cells = cells.with_columns(pl.all().cast(pl.String).str.strip_chars().replace("", None))
    filled = (
        cells.select(pl.any_horizontal(pl.all().is_not_null())).to_series() if cells.width else pl.Series([])
    )
    if not filled.len() or not filled.any():
        raise LogError(f"the sheet is empty; a log has at least a header row{choose(beside)}", file=str(path))
    top = max(header - 1, int(filled.arg_true()[0]))
    named = cells.rename(dict(zip(cells.columns, distinct(cells.row(top)), strict=True)))
    body = Batch(named.slice(top + 1), numbers(top + 2, cells.height - top - 1))
    return replace(_without_blank(body), beside=beside)


def holds_something(book: Any, sheet: str) -> bool:
    return bool(book.load_sheet(sheet, header_row=None, n_rows=1, dtypes="string").height)


def choose(sheets: tuple[str, ...]) -> str:
    """That a file has other sheets, and how one of them is read.

    >>> choose(("2026",))
    "; the mapping's key sheet chooses another sheet: 2026"
    """
    return f"; the mapping's key sheet chooses another sheet: {', '.join(sheets)}" if sheets else ""


def unreadable(values: pl.Series) -> pl.Series:
    """Cells in which bytes could not be decoded."""
    return values.str.contains(UNREADABLE, literal=True).fill_null(False)
