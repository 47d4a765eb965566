"""Logs larger than memory, as a series of logs of whole cases.

A log sorted by case is cut between cases as it is read; of Parquet each row group is decoded once. Any other is first partitioned on disk by a hash of the
case, in a temporary folder. Every case comes out whole, with the rows it has when the log is read at once.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import polars as pl

from bihuan.engine.errors import CallError
from bihuan.engine.log import Log
from bihuan.files.cells import name_of
from bihuan.files.cutting import NotSortedError, in_order, whole_cases
from bihuan.files.logs import EMPTY, Events, made, planned, second_table
from bihuan.files.mapping import Mapping
from bihuan.files.reading import UNMAPPED, Piece, Plan, Reading, merged
from bihuan.files.shapes import read_batch
from bihuan.files.spool import Spool
from bihuan.files.tables import Batch, batches, numbers, row_groups, rows_of

#: Told the rows done so far, once while the log is looked through and once while it is read.
Progress = Callable[[str, int], None]
CHUNK = 2_000_000  # rows
LOOKED = 1 << 20  # rows of one column looked at together
NO_LINES = numbers(1, 0)  # of a table in which no fault is looked for


def iter_log(
    path: str | Path,
    mapping: str | Path | Mapping | None = None,
    *,
    zone: str | None = None,
    known_events: Events | None = None,
    starts: Collection[str] = (),
    facts: str | Path | None = None,
    chunk: int = CHUNK,
    part_of: str | Collection[str] | None = None,
    progress: Progress | None = None,
) -> Iterator[Log]:
    """The log in parts of about `chunk` rows, each of whole cases; a single case may exceed it.

    `part_of` names a fact (or several) that holds the id of the case this one is a part of; a whole stays with its
    parts. What was excluded while reading comes with the first parts.
    """
    with parted(
        path, mapping, zone=zone, known_events=known_events, starts=starts, facts=facts, chunk=chunk,
        part_of=part_of, progress=progress,
    ) as parts:  # fmt: skip
        yield from parts.logs()


@contextmanager
def parted(
    path: str | Path,
    mapping: str | Path | Mapping | None = None,
    *,
    zone: str | None = None,
    known_events: Events | None = None,
    starts: Collection[str] = (),
    facts: str | Path | None = None,
    chunk: int = CHUNK,
    part_of: str | Collection[str] | None = None,
    progress: Progress | None = None,
    trusting: bool = False,
) -> Iterator["Parts"]:
    """The same parts, to be gone through more than once.

    `trusting` spares looking through a Parquet file beforehand: if its cases are not sorted, reading raises
    `NotSortedError` when it comes to the place.
    """
    path = Path(path)
    if chunk < 1:
        raise CallError(f"a part of a log has at least one row; chunk is {chunk}")
    wholes = (part_of,) if isinstance(part_of, str) else tuple(part_of or ())
    plan = planned(path, mapping, zone, known_events)
    tell = progress or (lambda stage, rows: None)
    second = second_table(path, plan, mapping, facts)
    together = second is not None or bool(wholes)
    if trusting and plan.kind == "parquet" and not together:
        yield Parts(rows_of(path), lambda: _parquet_cases(path, plan, chunk, starts, tell))
        return
    seen = _look_through(path, plan, chunk, wholes, tell)
    if seen.sorted and not together:
        cut = _parquet_cases if plan.kind == "parquet" else _cut_between_cases
        yield Parts(seen.rows, lambda: cut(path, plan, chunk, starts, tell))
        return
    with tempfile.TemporaryDirectory(prefix="bihuan-") as folder:
        store = _Store(Path(folder), max(1, -(-seen.rows // chunk)), seen.tops())
        rest = store.fill(_pieces(path, plan, chunk, tell))
        if second is not None:
            store.add("second", second)
        yield Parts(seen.rows, lambda: store.logs(plan, starts, rest))


Part = Callable[[], Log]


@dataclass(frozen=True)
class Parts:
    """A log in parts of whole cases, each to be called for, by any thread; and how many rows its file has."""

    rows: int
    read: Callable[[], Iterator[Part]]

    def logs(self) -> Iterator[Log]:
        """One part at a time; what is said of the file as a whole comes once."""
        told: set[str] = set()
        for place, part in enumerate(self.read()):
            log = part()
            again = told | ({EMPTY} if place else set())
            told |= {note for note in log.notes if note.startswith(UNMAPPED)}
            yield replace(log, notes={note: n for note, n in log.notes.items() if note not in again})


def _table_batches(path: Path, plan: Plan, chunk: int) -> Iterator[Batch]:
    return batches(path, header=plan.mapping.header, sheet=plan.mapping.sheet, size=chunk)


def _pieces(path: Path, plan: Plan, chunk: int, tell: Progress) -> Iterator[Piece]:
    rows = 0
    for batch in _table_batches(path, plan, chunk):
        rows += batch.table.height
        tell("reading", rows)
        yield read_batch(batch, plan)


@dataclass
class _Seen:
    """What looking through the log told: its rows, whether it is sorted by case, and which cases belong together."""

    rows: int = 0
    sorted: bool = True
    wholes: dict[str, str] = field(
        default_factory=dict
    )  # leads from a case to the one its family is kept under

    def follow(self, ids: pl.Series, last: object) -> object:
        """The last id, if the ids go on in order."""
        try:
            ids = in_order(ids, last)
        except NotSortedError:
            self.sorted = False
        return ids[-1] if len(ids) else last

    def join(self, case: str, whole: str) -> None:
        """A part and its whole are of one family; a part that changed its whole joins two."""
        if case != whole:
            one, other = self.top(case), self.top(whole)
            if one != other:
                self.wholes[one] = other

    def tops(self) -> dict[str, str]:
        return {case: self.top(case) for case in self.wholes}

    def top(self, case: str) -> str:
        passed = []
        while (whole := self.wholes.get(case)) is not None:
            passed.append(case)
            case = whole
        for each in passed:  # the next search is short
            self.wholes[each] = case
        return case


def _look_through(path: Path, plan: Plan, chunk: int, part_of: tuple[str, ...], tell: Progress) -> _Seen:
    """Of Parquet only the column of the cases is looked at, unless parts are asked for their wholes."""
    seen = _Seen()
    last: object = None
    found = _case_column(path, plan) if plan.kind == "parquet" and not part_of else None
    for batch in found or _table_batches(path, plan, chunk):
        seen.rows += batch.table.height
        tell("looking through", seen.rows)
        if seen.sorted:
            last = seen.follow(_ids(plan, batch.table), last)
        if part_of:
            _note_wholes(read_batch(batch, plan), part_of, seen)
    return seen


def _case_column(path: Path, plan: Plan) -> Iterator[Batch]:
    for table in row_groups(path, LOOKED, name_of(plan, "case")):
        yield Batch(table, NO_LINES)


def _ids(plan: Plan, table: pl.DataFrame) -> pl.Series:
    """The ids of the rows, in an order in which equal ones stand together."""
    ids = Reading(Batch(table, NO_LINES), plan).column(name_of(plan, "case"))
    if ids.dtype.is_float():
        return ids.cast(pl.Int64)
    return ids if ids.dtype.is_integer() or ids.dtype == pl.String else ids.cast(pl.String)


def _note_wholes(piece: Piece, part_of: tuple[str, ...], seen: _Seen) -> None:
    for table in (piece.facts, piece.events):
        for name in part_of:
            if name in table.columns:
                told = table.select(
                    pl.col("case").cast(pl.String), pl.col(name).cast(pl.String).alias("whole")
                )
                for case, whole in told.drop_nulls().unique(maintain_order=True).rows():
                    seen.join(case, whole)


def _parquet_cases(
    path: Path, plan: Plan, chunk: int, starts: Collection[str], tell: Progress
) -> Iterator[Part]:
    line = 1
    for table in whole_cases(row_groups(path), partial(_ids, plan), chunk):
        tell("reading", line - 1 + table.height)
        yield partial(_part, Batch(table, numbers(line, table.height)), plan, starts)
        line += table.height


def _part(batch: Batch, plan: Plan, starts: Collection[str]) -> Log:
    return made(read_batch(batch, plan), plan, starts)


def _cut_between_cases(
    path: Path, plan: Plan, chunk: int, starts: Collection[str], tell: Progress
) -> Iterator[Part]:
    held: Piece | None = None
    for piece in _pieces(path, plan, chunk, tell):
        whole = merged([held, piece]) if held else piece
        last = _last_case(whole)
        done, held = _split(whole, last)
        if done.events.height or done.facts.height:
            yield partial(made, done, plan, starts)
        else:  # one case fills the batch: what was read and excluded waits for it
            held = whole
    if held is not None:
        yield partial(made, held, plan, starts)


def _last_case(piece: Piece) -> object:
    """The case of the last line that was read well."""
    tables = [table for table in (piece.events, piece.facts) if table.height]
    return max(tables, key=lambda table: table["line"][-1])["case"][-1] if tables else None


def _split(piece: Piece, last: object) -> tuple[Piece, Piece]:
    """The piece without its last case, which may go on in the next batch, and that case."""
    mine = pl.col("case") == pl.lit(last, dtype=piece.events.schema["case"])
    done = Piece(
        piece.events.filter(~mine), piece.facts.filter(~mine), piece.excluded, piece.read, piece.notes
    )
    held = Piece(
        piece.events.filter(mine), piece.facts.filter(mine), piece.excluded.clear(), 0, Counter[str]()
    )
    return done, held


class _Store:
    """Events, facts and the second table, laid aside by case."""

    def __init__(self, folder: Path, parts: int, tops: dict[str, str]) -> None:
        self.spool = Spool(folder, parts)
        self.tops = tops

    def fill(self, pieces: Iterator[Piece]) -> Piece:
        """Writes events and facts; hands back the rest: what was excluded, read and noted."""
        rest: list[Piece] = []
        for piece in pieces:
            self.add("events", piece.events)
            self.add("facts", piece.facts)
            rest.append(
                Piece(piece.events.clear(), piece.facts.clear(), piece.excluded, piece.read, piece.notes)
            )
        return merged(rest)

    def add(self, kind: str, table: pl.DataFrame) -> None:
        self.spool.add(kind, table, table["case"], self.tops)

    def logs(self, plan: Plan, starts: Collection[str], rest: Piece) -> Iterator[Part]:
        filled = self.spool.filled("events", "facts", "second")
        if not filled:
            yield partial(made, rest, plan, starts)
        for part in filled:
            yield partial(self._log, part, plan, starts, rest)
            rest = Piece(rest.events, rest.facts, rest.excluded.clear(), 0, Counter())

    def _log(self, part: int, plan: Plan, starts: Collection[str], rest: Piece) -> Log:
        events = self._table("events", part, rest.events)
        facts = self._table("facts", part, rest.facts)
        piece = Piece(events, facts, rest.excluded, rest.read, rest.notes)
        return made(piece, plan, starts, self.spool.table("second", part))

    def _table(self, kind: str, part: int, empty: pl.DataFrame) -> pl.DataFrame:
        found = self.spool.table(kind, part)
        return empty if found is None else pl.concat([empty, found], how="diagonal_relaxed")
