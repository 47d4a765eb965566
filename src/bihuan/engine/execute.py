"""Runs the fold over a log: interpreted for little, compiled and threaded for much, with buffers that grow.

It knows neither policies nor facts: a program, a clock and rows go in, columns of integers come out.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from threading import local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bihuan.engine import compiled
from bihuan.engine.fold import fold
from bihuan.engine.instance import Clock, Events, Out, Program, Work
from bihuan.engine.layout import (
    FINDING,
    FINDING_CASE,
    FINDING_ROW,
    INSTANCE,
    N_PERIODIC,
    N_RING,
    N_RULES,
    N_TESTS,
    N_TRACKS,
    N_VALUES,
    O_FINDINGS,
    O_FULL,
    O_ROWS,
    SCALARS,
    TALLY,
)

Ints = NDArray[np.int64]
FEW = 150_000  # rows up to which interpreting is done before compiled code is loaded
CASES_A_STEP = 2_000
FEW_IF_KEPT = 4_000  # likewise where compiled code only has to be read
THREADS = 2
KEPT = 8
LAID: dict[int, tuple[Any, compiled.Laid]] = {}  # by id; the table is kept, so that no other can get it
NARROW = {name: np.dtype(f"i{compiled.bits('Out', name) // 8}") for name in Out._fields}


@dataclass
class Sizes:
    """Room in the buffers; doubled until it is enough."""

    rows: int = 256
    findings: int = 128
    instances: int = 64
    tallies: int = 8

    def double(self) -> None:
        self.rows, self.findings = self.rows * 2, self.findings * 2
        self.instances, self.tallies = self.instances * 2, self.tallies * 2


@dataclass(frozen=True)
class Folded:
    """Rows by column, and findings as records."""

    columns: dict[str, Ints]
    findings: Ints  # one row a finding, fields as in `layout`

    @property
    def parts(self) -> "list[Folded]":
        """The same in the pieces in which it was found."""
        return self.columns.parts if isinstance(self.columns, Joined) else [self]

    def shifted(self, cases: int, rows: int) -> "Folded":
        """The same, with cases and rows numbered as in the log of which these were a piece."""
        if not cases:
            return self
        self.columns["case"] += cases
        self.columns["row"] += rows
        self.columns["end_row"][self.columns["end_row"] >= 0] += rows
        self.findings[:, FINDING_CASE] += cases
        self.findings[:, FINDING_ROW] += rows
        return self

    def of_rows(self, origin: Ints) -> "Folded":
        """The same, with rows numbered as in the log from which these were repeated."""
        numbers = np.append(origin, -1)
        columns = dict(self.columns)
        for name in ("row", "end_row"):
            columns[name] = numbers[columns[name]].astype(NARROW[name])
        findings = self.findings.copy()
        findings[:, FINDING_ROW] = numbers[findings[:, FINDING_ROW]]
        return Folded(columns, findings)


def work_sizes(shape: list[int], sizes: Sizes) -> dict[str, int]:
    rules, periodic = shape[N_RULES], shape[N_PERIODIC]
    by_rule = ("head", "latest", "rounds", "seen", "fired", "raised", "raised_key", "marks")
    by_series = ("period_at", "period_k", "period_origin", "period_until")
    return {
        "scalars": SCALARS,
        **dict.fromkeys(by_rule, rules),
        **dict.fromkeys(by_series, periodic),
        "states": shape[N_TRACKS],
        "instances": sizes.instances * INSTANCE,
        "tallies": sizes.tallies * TALLY,
        "ring": sizes.tallies * (shape[N_RING] + 1),
    }


def out_sizes(sizes: Sizes) -> dict[str, int]:
    return {**dict.fromkeys(Out._fields, sizes.rows), "used": 3, "findings": sizes.findings * FINDING}


def interpret(program: Program, clock: Clock, events: Events, cases: range, as_of: int) -> Iterator[Folded]:
    """Fold as plain Python over lists."""
    shape, sizes, case = list(program.shape), Sizes(), 0  # type: ignore[call-overload]
    piece, first_row = lists_of(events, cases, shape)
    prog, times = attributes(program), attributes(clock)
    while case < len(cases):
        room = work_sizes(shape, sizes)
        work = Work(*([0] * room[name] for name in Work._fields))
        room = out_sizes(sizes)
        out = Out(*([0] * room[name] for name in Out._fields))
        case = fold(prog, times, piece, attributes(work), attributes(out), case, len(cases), as_of)
        if out.used[O_FULL]:
            sizes.double()
        rows, findings = out.used[O_ROWS], out.used[O_FINDINGS]
        columns = {
            name: getattr(out, name)[:rows] for name in Out._fields if name not in ("used", "findings")
        }
        yield gathered(columns, out.findings[: findings * FINDING]).shifted(cases.start, first_row)  # type: ignore[index]


def lists_of(events: Events, cases: range, shape: list[int]) -> tuple[Any, int]:
    """The events of some cases alone, as lists, and which row is their first: a big log never stands in lists."""
    offsets = np.asarray(events.offsets)[cases.start : cases.stop + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    piece = {"offsets": offsets - first}
    piece |= {
        name: np.asarray(getattr(events, name))[cases.start : cases.stop] for name in ("enters", "until")
    }
    for name in ("event", "at", "whole_day", "actor"):
        piece[name] = np.asarray(getattr(events, name))[first:last]
    for name, width in (("tests", shape[N_TESTS]), ("values", shape[N_VALUES])):
        piece[name] = np.asarray(getattr(events, name))[first * width : last * width]
    return attributes(Events(**{name: column.tolist() for name, column in piece.items()})), first


@lru_cache(maxsize=16)
def slotted(names: tuple[str, ...]) -> type:
    return type("Columns", (), {"__slots__": names})


def attributes(table: Any) -> Any:
    """The same columns in slots, which Python reads faster than the fields of a tuple."""
    found = slotted(table._fields)()
    for name, column in zip(table._fields, table, strict=True):
        setattr(found, name, attributes(column) if hasattr(column, "_fields") else column)
    return found


def compile_and_run(
    program: Program, clock: Clock, events: Events, cases: range, as_of: int
) -> Iterator[Folded]:
    """Fold as compiled code over arrays. The buffers are used again for the next cases; what was found is copied."""
    function = compiled.functions("fold")["fold"]
    shape, case, room = list(program.shape), cases.start, buffers()  # type: ignore[call-overload]
    static = laid_out(program), laid_out(clock), compiled.lay_out(events)
    while case < cases.stop:
        work, out = room.of(shape)
        case = function(*static, work, out, case, cases.stop, as_of)
        columns = dict(zip(Out._fields, out.columns, strict=True))
        used, findings = columns.pop("used"), columns.pop("findings")
        rows, found = int(used[O_ROWS]), int(used[O_FINDINGS])
        if used[O_FULL]:
            room.double()
        yield Folded(
            {name: column[:rows].copy() for name, column in columns.items()},
            findings[: found * FINDING].reshape(-1, FINDING).copy(),
        )


def laid_out(table: Any) -> compiled.Laid:
    """Laid out once for all the steps: making arrays of a calendar's lists takes longer than a step."""
    found = LAID.get(id(table))
    if found is None:
        found = LAID[id(table)] = table, compiled.lay_out(table)
        if len(LAID) > KEPT:
            del LAID[next(iter(LAID))]
    return found[1]


class Buffers(local):
    """Memory of one thread that compiled code writes to."""

    def __init__(self) -> None:
        self.sizes = Sizes(rows=20_000, findings=4_096)
        self.held: dict[tuple[int, ...], tuple[compiled.Laid, compiled.Laid]] = {}

    def of(self, shape: list[int]) -> tuple[compiled.Laid, compiled.Laid]:
        key = tuple(shape)
        if key not in self.held:
            self.held.clear()
            self.held[key] = (
                blank(Work, work_sizes(shape, self.sizes)),
                blank(Out, out_sizes(self.sizes)),
            )
        work, out = self.held[key]
        out.columns[Out._fields.index("used")][:] = 0
        return work, out

    def double(self) -> None:
        self.held.clear()
        self.sizes.double()


@lru_cache(maxsize=1)
def buffers() -> Buffers:
    return Buffers()


def blank(table: type, sizes: dict[str, int]) -> compiled.Laid:
    """A table of zeros, laid out for compiled code; memory that is never written to is never taken."""
    names = table._fields  # type: ignore[attr-defined]
    kinds = [f"i{compiled.bits(table.__name__, name) // 8}" for name in names]
    return compiled.lay_out(
        table(*(np.zeros(sizes[name], kind) for name, kind in zip(names, kinds, strict=True)))
    )


def gathered(columns: dict[str, Any], findings: Any) -> Folded:
    typed = {name: np.array(column, NARROW[name]) for name, column in columns.items()}
    return Folded(typed, np.array(findings, np.int64).reshape(-1, FINDING))


class Joined(dict[str, Any]):
    """Columns of several parts, put together when one is first asked for: some are never asked for."""

    def __init__(self, parts: list[Folded]) -> None:
        super().__init__()
        self.parts = parts

    def __missing__(self, name: str) -> Any:
        self[name] = np.concatenate(
            [np.zeros(0, NARROW[name]), *(part.columns[name] for part in self.parts)], dtype=NARROW[name]
        )
        return self[name]


def joined(parts: list[Folded]) -> Folded:
    if len(parts) == 1:
        return parts[0]
    findings = [np.zeros((0, FINDING), np.int64), *(part.findings for part in parts)]
    return Folded(Joined(parts), np.concatenate(findings))


def chosen(rows: int) -> str:
    """How so many rows are folded: compiled where that takes less time, compiling included."""
    if rows > FEW and not compiled.available():
        compiled.tell("no compiler")
        return "interpreted"
    pays = rows > FEW or (rows > FEW_IF_KEPT and compiled.is_kept("fold"))
    return "compiled" if pays else "interpreted"


def execute(
    program: Program, clock: Clock, events: Events, as_of: int, way: str = "auto", threads: int = THREADS
) -> Folded:
    """Fold every case. `way` is "interpreted", "compiled" or "auto": compiled where it pays and can be had."""
    cases = len(events.offsets) - 1
    if way == "auto":
        way = chosen(len(events.event))
    run = compile_and_run if way == "compiled" else interpret
    steps = [range(a, min(a + CASES_A_STEP, cases)) for a in range(0, cases, CASES_A_STEP)]
    if way == "interpreted" or len(steps) == 1 or threads == 1:
        return joined([part for step in steps for part in run(program, clock, events, step, as_of)])
    with ThreadPoolExecutor(threads) as pool:
        parts = pool.map(lambda step: list(run(program, clock, events, step, as_of)), steps)
        return joined([part for step in parts for part in step])
