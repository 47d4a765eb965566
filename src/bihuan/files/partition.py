"""Logs larger than memory, as a series of logs of whole cases.

A log sorted by case is cut between cases as it is read. Any other is first partitioned on disk by a hash of the
case, in a temporary folder. Every case comes out whole, with the rows it has when the log is read at once.
"""

import tempfile
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from bihuan.engine.errors import LogError
from bihuan.engine.log import Log
from bihuan.files.cells import name_of
from bihuan.files.logs import Events, made, planned, second_table
from bihuan.files.mapping import Mapping
from bihuan.files.reading import Piece, Plan, Reading, merged
from bihuan.files.shapes import read_batch
from bihuan.files.tables import Batch, batches

#: Told the rows done so far, once while the log is looked through and once while it is read.
Progress = Callable[[str, int], None]


def iter_log(
    path: str | Path,
    mapping: str | Path | Mapping | None = None,
    *,
    zone: str | None = None,
    known_events: Events | None = None,
    starts: Collection[str] = (),
    facts: str | Path | None = None,
    chunk: int = 2_000_000,
    part_of: str | None = None,
    progress: Progress | None = None,
) -> Iterator[Log]:
    """The log in parts of about `chunk` rows, each of whole cases; a single case may exceed it.

    `part_of` names a fact that holds the id of the case this one is a part of; a whole stays with its parts.
    What was excluded while reading comes with the first parts.
    """
    path = Path(path)
    plan = planned(path, mapping, zone, known_events)
    tell = progress or (lambda stage, rows: None)
    second = second_table(path, plan, mapping, facts)
    seen = _look_through(path, plan, chunk, part_of, tell)
    if seen.sorted and second is None and part_of is None:
        yield from _cut_between_cases(path, plan, chunk, starts, tell)
        return
    with tempfile.TemporaryDirectory(prefix="bihuan-") as folder:
        store = _Store(Path(folder), max(1, -(-seen.rows // chunk)), seen.tops())
        rest = store.fill(_pieces(path, plan, chunk, tell))
        if second is not None:
            store.add("second", second, 0)
        yield from store.logs(plan, starts, rest)


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
    """What looking through the log told: its rows, whether it is sorted by case, and which case is part of which."""

    rows: int = 0
    sorted: bool = True
    wholes: dict[object, object] = field(default_factory=dict)

    def tops(self) -> dict[object, object]:
        """The topmost case of each part."""
        return {case: self._top(case) for case in self.wholes}

    def _top(self, case: object) -> object:
        passed = {case}
        while (whole := self.wholes.get(case)) is not None:
            if whole in passed:
                raise LogError("a case is part of itself, by way of others", case=case)
            passed.add(whole)
            case = whole
        return case


def _look_through(path: Path, plan: Plan, chunk: int, part_of: str | None, tell: Progress) -> _Seen:
    seen = _Seen()
    last: object = None
    for batch in _table_batches(path, plan, chunk):
        seen.rows += batch.table.height
        tell("looking through", seen.rows)
        case = Reading(batch, plan).column(name_of(plan, "case")).drop_nulls()
        if len(case):
            seen.sorted = seen.sorted and case.is_sorted() and (last is None or last <= case[0])
            last = case[-1]
        if part_of is not None:
            _note_wholes(read_batch(batch, plan), part_of, seen.wholes)
    return seen


def _note_wholes(piece: Piece, part_of: str, wholes: dict[object, object]) -> None:
    for table in (piece.facts, piece.events):
        if part_of in table.columns:
            told = table.select("case", pl.col(part_of).cast(table.schema["case"])).drop_nulls()
            wholes.update(told.rows())


def _cut_between_cases(
    path: Path, plan: Plan, chunk: int, starts: Collection[str], tell: Progress
) -> Iterator[Log]:
    held: Piece | None = None
    for piece in _pieces(path, plan, chunk, tell):
        whole = merged([held, piece]) if held else piece
        last = _last_case(whole)
        done, held = _split(whole, last)
        if done.events.height or done.facts.height:
            yield made(done, plan, starts)
        else:  # one case fills the batch: what was read and excluded waits for it
            held = whole
    if held is not None:
        yield made(held, plan, starts)


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
    """Partitions on disk: a folder per kind of table and partition, a file per batch."""

    def __init__(self, folder: Path, parts: int, tops: dict[object, object]) -> None:
        self.folder = folder
        self.parts = parts
        self.tops = tops

    def fill(self, pieces: Iterator[Piece]) -> Piece:
        """Writes events and facts; hands back the rest: what was excluded, read and noted."""
        rest: list[Piece] = []
        for turn, piece in enumerate(pieces):
            self.add("events", piece.events, turn)
            self.add("facts", piece.facts, turn)
            rest.append(
                Piece(piece.events.clear(), piece.facts.clear(), piece.excluded, piece.read, piece.notes)
            )
        return merged(rest)

    def add(self, kind: str, table: pl.DataFrame, turn: int) -> None:
        for (part,), rows in table.group_by(self._part(table["case"]), maintain_order=True):
            target = self.folder / kind / str(part)
            target.mkdir(parents=True, exist_ok=True)
            rows.write_parquet(target / f"{turn:06}.parquet", compression="lz4")

    def _part(self, case: pl.Series) -> pl.Series:
        key = case.cast(pl.String)
        if self.tops:
            key = key.replace({str(part): str(top) for part, top in self.tops.items()})
        return (key.hash(0) % self.parts).alias("part")

    def logs(self, plan: Plan, starts: Collection[str], rest: Piece) -> Iterator[Log]:
        filled = {
            path.name for kind in ("events", "facts", "second") for path in self.folder.glob(f"{kind}/*")
        }
        if not filled:
            yield made(rest, plan, starts)
        for part in sorted(filled, key=int):
            events = self._table("events", part, rest.events)
            facts = self._table("facts", part, rest.facts)
            second = self._table("second", part, None) if (self.folder / "second").exists() else None
            piece = Piece(events, facts, rest.excluded, rest.read, rest.notes)
            yield made(piece, plan, starts, second)
            rest = Piece(rest.events, rest.facts, rest.excluded.clear(), 0, Counter())

    def _table(self, kind: str, part: str, empty: pl.DataFrame | None) -> pl.DataFrame:
        files = sorted((self.folder / kind / part).glob("*.parquet"))
        tables = [pl.read_parquet(file) for file in files]
        if not tables and empty is None:
            other = next((self.folder / kind).glob("*/*.parquet"))
            return pl.read_parquet(other).clear()
        return pl.concat([*([] if empty is None else [empty]), *tables], how="diagonal_relaxed")
