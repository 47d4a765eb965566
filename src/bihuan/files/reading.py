"""A batch of somebody's table, through a mapping, into events and facts; what cannot be read is set aside.

Each bad row is listed once, by its first fault; in wide logs each bad cell. Knows no file's format.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

import polars as pl

from bihuan.engine.errors import LogError
from bihuan.engine.log import EXCLUDED, nothing_excluded
from bihuan.files.instants import Clock
from bihuan.files.mapping import Cell, Mapping, Moment, meant
from bihuan.files.tables import Batch, choose, same, unreadable

UNDECODED = "bytes that are neither UTF-8 nor GB18030; save the file as UTF-8"
NO_CASE = "the case id is empty"
NO_EVENT = "the event is empty"
NO_TIME = "the instant is empty"
NOT_A_TIME = "no date or time that could be read; declare its format in the mapping"
NO_SUCH_TIME = "there is no such date or time"
UNKNOWN_EVENT = (
    "no event of the vocabulary or the policy; rename it in the mapping or list it in ignored_events"
)
UNEVEN = "the lists of this case differ in length"
UNMAPPED = "columns without a place in the mapping, not read"
UNCHOSEN = "sheets beside the first, not read"
IGNORED = "rows of ignored events"
AT_ODDS = "facts that differ between rows of one case, the first taken"

BAD: dict[str, Any] = {name: kind for name, kind in EXCLUDED.items() if name != "file"}


@dataclass(frozen=True)
class Plan:
    """What is known before the first row: the mapping, the zone, and how the file is to be named."""

    mapping: Mapping
    declared: bool  # by a mapping file; then columns without a place in it are not read
    kind: str
    file: str
    zone: str | None
    labels: dict[str, str]  # other words for known events: 受理 -> accepted
    known: frozenset[str] | None

    @property
    def meanings(self) -> dict[str, list[str]]:
        """Of a long log, their words for events: ours that each stands for."""
        return {label: [name] for label, name in self.labels.items()} | self.mapping.renames

    def clock(self, moment: Moment | Cell | None = None, column: str | None = None) -> Clock:
        mapping = self.mapping
        whole = (isinstance(moment, Moment) and moment.whole_day) or column in mapping.whole_days
        zone = (moment.zone if moment else None) or mapping.zone or self.zone
        return Clock(zone, mapping.formats(moment), whole, self.kind == "xlsx")


@dataclass
class Piece:
    """What became of a batch; `facts` may have several rows per case."""

    events: pl.DataFrame
    facts: pl.DataFrame
    excluded: pl.DataFrame
    read: int
    notes: Counter[str]


class Reading:
    """One batch on its way: which rows are still good, and what was found wrong."""

    def __init__(self, batch: Batch, plan: Plan) -> None:
        self.plan = plan
        self.table = batch.table
        self.lines = batch.lines
        self.lossy = batch.lossy
        self.good = same(True, batch.table.height)
        self.faults = [pl.DataFrame(batch.bad, schema=BAD, orient="row")]
        self.beside = batch.beside
        self.notes = Counter(
            {f"{UNCHOSEN}: {', '.join(self.beside)}": len(self.beside)} if self.beside else {}
        )
        self.event_names: list[str] | None = None  # all that can occur, where that is known already

    def column(self, name: str) -> pl.Series:
        """A column of the table, trimmed, empty text as null; cells that were not decoded are faults."""
        if name not in self.table.columns:
            raise LogError(_no_column(name, self.table.columns, self), file=self.plan.file, line=1)
        values = self.table[name]
        if values.dtype != pl.String:
            return values
        if self.plan.kind != "parquet":  # typed columns are taken at their word
            values = values.str.strip_chars()
        if self.lossy:
            self.fault(unreadable(values), name, values, UNDECODED)
        return values.replace("", None) if (values == "").any() else values

    def fault(self, wrong: pl.Series, column: str, found: pl.Series, reason: str) -> None:
        """Sets rows aside."""
        fresh = wrong & self.good
        if fresh.any():
            self.faults.append(self._listed(fresh, column, found, reason))
            self.good = self.good & ~fresh

    def cell_fault(self, wrong: pl.Series, column: str, found: pl.Series, reason: str) -> None:
        """Lists bad cells of rows that are good otherwise."""
        wrong = wrong & self.good
        if wrong.any():
            self.faults.append(self._listed(wrong, column, found, reason))

    def _listed(self, rows: pl.Series, column: str, found: pl.Series, reason: str) -> pl.DataFrame:
        return pl.DataFrame(
            {
                "line": self.lines.filter(rows),
                "column": [column] * int(rows.sum()),
                "found": found.filter(rows).cast(pl.String),
                "reason": [reason] * int(rows.sum()),
            },
            schema=BAD,
        )

    def cell(self, cell: Cell) -> pl.Series:
        if cell.column is None:
            return same(cell.value, self.table.height)
        values = self.column(cell.column)
        theirs = {each: ours for ours, many in cell.values.items() for each in many}
        return values.cast(pl.String).replace(theirs) if theirs else values

    def excluded(self) -> pl.DataFrame:
        if not any(part.height for part in self.faults):
            return nothing_excluded()
        found = pl.concat(self.faults).select(pl.lit(self.plan.file).alias("file"), pl.all())
        return found.select([pl.col(name).cast(kind) for name, kind in EXCLUDED.items()]).sort(
            "line", maintain_order=True
        )


def _no_column(name: str, columns: Collection[str], reading: Reading) -> str:
    known = ", ".join(repr(column) for column in list(columns)[:20])
    declared = reading.plan.declared
    what = "the mapping names it" if declared else "write a mapping; draft one with: bihuan map LOG"
    return (
        f"no column {name!r}{meant(name, columns)}; the columns are {known} ({what}){choose(reading.beside)}"
    )


def merged(pieces: Iterable[Piece]) -> Piece:
    """Several batches as one; columns of batches that lack them are empty."""
    parts = list(pieces)
    notes: Counter[str] = Counter()
    for part in parts:  # the note about columns is the same for every batch
        notes |= Counter({key: count for key, count in part.notes.items() if key.startswith(UNMAPPED)})
    for part in parts:
        notes += Counter({key: count for key, count in part.notes.items() if not key.startswith(UNMAPPED)})
    if len(parts) == 1:
        return Piece(parts[0].events, parts[0].facts, parts[0].excluded, parts[0].read, notes)
    events = pl.concat([part.events for part in parts], how="diagonal_relaxed")
    facts = pl.concat([part.facts for part in parts], how="diagonal_relaxed")
    excluded = pl.concat([part.excluded for part in parts])
    return Piece(events, facts, excluded, sum(part.read for part in parts), notes)


def one_per_case(facts: pl.DataFrame) -> tuple[pl.DataFrame, int]:
    """The first known value of each fact of each case, and how many facts were told differently later."""
    names = [name for name in facts.columns if name not in ("case", "file", "line")]
    if not facts.height:
        return facts, 0
    if not names:
        return facts.select("case", "file", "line").unique("case", keep="first", maintain_order=True), 0
    if not facts["case"].is_duplicated().any():
        return facts, 0
    grouped = facts.group_by("case", maintain_order=True)
    first = grouped.agg(pl.col("file", "line").first(), pl.col(names).drop_nulls().first())
    told = grouped.agg(pl.col(names).drop_nulls().n_unique() > 1)
    return first, int(told.select(pl.sum_horizontal(pl.col(names).sum())).item())
