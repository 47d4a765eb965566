"""XES, the process-mining standard (IEEE 1849), plain or gzipped, as a long table.

Attributes of a trace stand as `case:<key>`, attributes of an event under their keys. Streams; a document that
declares a document type is refused before anything in it is expanded, so that no entity can explode or fetch.
Nested attributes are not read. Knows no mapping.
"""

import xml.parsers.expat as expat
from collections.abc import Iterator
from pathlib import Path

import polars as pl

from bihuan.engine.errors import LogError
from bihuan.files.encoding import blocks
from bihuan.files.tables import Batch

ATTRIBUTES = frozenset(("string", "date", "int", "float", "boolean", "id"))
NAME, CASE, TIME = "concept:name", "case:concept:name", "time:timestamp"


class _Document:
    """What the parser tells, gathered: the rows of events, and where in the document it stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.StartDoctypeDeclHandler = self.refuse
        self.rows: list[dict[str, str]] = []
        self.lines: list[int] = []
        self.depth = 0  # of attributes nested in attributes
        self.root = True
        self.trace: dict[str, str] = {}
        self.target: dict[str, str] | None = None
        self.pending = 0  # rows of the trace still open: its attributes may follow its events

    def refuse(self, *_: object) -> None:
        raise LogError(
            "the document declares a document type, which XES does not have; it is not read, for safety",
            file=str(self.path),
            line=self.parser.CurrentLineNumber,
        )

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = tag.rpartition(":")[2]
        if self.root:
            self._check_root(tag)
        if tag in ATTRIBUTES:
            if self.target is not None and self.depth == 0 and "key" in attributes:
                self.target[attributes["key"]] = attributes.get("value", "")
            self.depth += 1
        elif tag == "event":
            self.target = {}
            self.lines.append(self.parser.CurrentLineNumber)
        elif tag == "trace":
            self.trace = self.target = {}
            self.pending = len(self.rows)
        elif tag in ("list", "container", "values", "global", "classifier", "extension"):
            self.depth += 1

    def _check_root(self, tag: str) -> None:
        if tag != "log":
            raise LogError(
                f"this is no XES: the document begins with <{tag}>, not <log>", file=str(self.path), line=1
            )
        self.root = False

    def end(self, tag: str) -> None:
        tag = tag.rpartition(":")[2]
        if tag == "event":
            assert self.target is not None
            self.rows.append(self.target)
            self.target = self.trace
        elif tag == "trace":
            given = {f"case:{key}": value for key, value in self.trace.items()}
            for row in self.rows[self.pending :]:
                row.update(given)
            self.target = None
        elif tag in ATTRIBUTES or tag in ("list", "container", "values", "global", "classifier", "extension"):
            self.depth -= 1

    def complete(self) -> int:
        """How many rows belong to traces that are closed."""
        return len(self.rows) if self.target is None else self.pending


def xes_batches(path: Path, size: int) -> Iterator[Batch]:
    """The events of the document; batches hold whole traces."""
    document = _Document(path)
    given = False
    for block in blocks(path, 1 << 20):
        _feed(document, block)
        if document.complete() >= size:
            given = True
            yield _cut(document)
    _feed(document, b"", last=True)
    if document.rows or not given:
        yield _cut(document)


def _feed(document: _Document, block: bytes, *, last: bool = False) -> None:
    try:
        document.parser.Parse(block, last)
    except expat.ExpatError as error:
        said = expat.ErrorString(error.code)
        raise LogError(
            f"the XML breaks off or is wrong here: {said}", file=str(document.path), line=error.lineno
        ) from None


def _cut(document: _Document) -> Batch:
    count = document.complete()
    rows, document.rows = document.rows[:count], document.rows[count:]
    lines, document.lines = document.lines[:count], document.lines[count:]
    document.pending = 0
    names = dict.fromkeys((CASE, NAME, TIME)) | dict.fromkeys(key for row in rows for key in row)
    table = pl.DataFrame(
        {name: pl.Series([row.get(name) for row in rows], dtype=pl.String) for name in names}
    )
    return Batch(table, pl.Series(lines, dtype=pl.Int64))
