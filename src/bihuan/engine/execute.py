"""Runs the fold over a log: interpreted for little, compiled and threaded for much, with buffers that grow.

It knows neither policies nor facts: a program, a clock and rows go in, columns of integers come out.
"""

import gc
import multiprocessing
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache, partial
from threading import local
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bihuan.engine import compiled
from bihuan.engine import layout as at
from bihuan.engine.clock import NONE
from bihuan.engine.fold import fold
from bihuan.engine.work import Clock, Events, Out, Program, Work, Written

Ints = NDArray[np.int64]
FEW = 150_000  # rows up to which interpreting is done before compiled code is loaded
#: Fewer where they are lists, which the collector goes through again and again.
CASES_A_STEP = {"compiled": 25_000, "interpreted": 1_000}
FEW_IF_KEPT = 15_000  # likewise where compiled code only has to be read
MUCH = 20_000  # rows from which on it pays to make lists of calendars
THREADS = 2
KEPT = 8
LAID: dict[int, tuple[Any, compiled.Laid]] = {}  # by id; the table is kept, so that no other can get it
NARROW = {name: np.dtype(f"i{compiled.bits('Written', name) // 8}") for name in Written._fields}
#: Where a column of the outcome stands in an instance; `case` and `paused` are worked out.
FIELDS = {
    name: getattr(at, f"I_{name.upper()}") for name in Written._fields if name not in ("case", "paused")
}


@dataclass
class Sizes:
    """Room in the buffers; doubled until it is enough."""

    instances: int = 64
    rows: int = 72  # of the outcome, to 64 events
    findings: int = 128
    tallies: int = 8

    def double(self) -> None:
        self.instances, self.rows = self.instances * 2, self.rows * 2
        self.findings, self.tallies = self.findings * 2, self.tallies * 2


@dataclass(frozen=True)
class Folded:
    """Rows by column, and findings as records."""

    columns: dict[str, Ints]
    findings: Ints  # one row a finding, fields as in `layout`
    next: Ints  # of each case when to judge it anew; NEVER

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
        self.findings[:, at.FINDING_CASE] += cases
        self.findings[:, at.FINDING_ROW] += rows
        return self

    def of_rows(self, origin: Ints) -> "Folded":
        """The same, with rows numbered as in the log from which these were repeated."""
        numbers = np.append(origin, -1)
        columns = dict(self.columns)
        for name in ("row", "end_row"):
            columns[name] = numbers[columns[name]].astype(NARROW[name])
        findings = self.findings.copy()
        findings[:, at.FINDING_ROW] = numbers[findings[:, at.FINDING_ROW]]
        return Folded(columns, findings, self.next)


def work_sizes(shape: list[int], sizes: Sizes) -> dict[str, int]:
    rules, periodic = shape[at.N_RULES], shape[at.N_PERIODIC]
    by_rule = ("head", "latest", "rounds", "seen", "raised", "raised_key", "marks")
    by_series = ("period_at", "period_k", "period_origin", "period_until")
    return {
        "scalars": at.SCALARS,
        **dict.fromkeys(by_rule, rules),
        **dict.fromkeys(by_series, periodic),
        "states": shape[at.N_TRACKS],
        "instances": sizes.instances,
        "tallies": sizes.tallies,
        "ring": sizes.tallies * (shape[at.N_RING] + 1),
    }


def interpret(program: Program, clock: Clock, events: Events, cases: range, as_of: int) -> Iterator[Folded]:
    """Fold as plain Python over lists."""
    shape, case = list(program.shape), 0  # type: ignore[call-overload]
    piece, first_row = lists_of(events, cases, shape)
    prog, times = attributes(program), attributes(clock)
    sizes = Sizes(instances=64 + len(piece.event))
    while case < len(cases):
        work, begin = lists_of_work(shape, sizes), case
        out = Out([0, 0, 0, begin], records(sizes.findings, at.FINDING), [0] * (len(cases) - begin))
        case = fold(prog, times, piece, attributes(work), attributes(out), case, len(cases), as_of)
        if out.used[at.O_FULL]:
            sizes.double()
        found = taken_apart(clock, piece.offsets, work, out, case - begin)
        yield found.shifted(cases.start, first_row)


def listed(clock: Clock) -> Clock:
    """Calendars in lists, which are read faster than views of memory, but take time to make."""
    return clock._replace(
        tables=type(clock.tables)(*(np.asarray(column).tolist() for column in clock.tables))
    )


def lists_of_work(shape: list[int], sizes: Sizes) -> Work:
    """What is remembered, in lists; an instance takes its place when it is opened."""
    room = work_sizes(shape, sizes)
    lists: dict[str, Any] = {name: [0] * room[name] for name in Work._fields}
    lists["raised_key"] = [-1] * shape[at.N_RULES]
    lists["marks"] = [-1] * shape[at.N_RULES]
    lists["tallies"] = records(sizes.tallies, at.TALLY)
    return Work(**lists)


def records(n: int, width: int) -> Any:
    return [[0] * width for _ in range(n)]


def taken_apart(clock: Clock, offsets: Any, work: Work, out: Out, cases: int) -> Folded:
    """Instances in lists as the columns that compiled code writes at once; so many cases were folded."""
    n, rows = work.scalars[at.W_COUNT], out.used[at.O_FINDINGS]
    opened: Any = work.instances
    fields = list(zip(*opened[:n], strict=True)) or [()] * at.INSTANCE
    found = {name: np.array(fields[field], np.int64) for name, field in FIELDS.items()}
    found["case"] = np.searchsorted(offsets, found["row"], "right") - 1
    measure = np.array([*clock.limits.measure, 0], np.int64)  # type: ignore[misc]
    paused = np.array(fields[at.I_PAUSED : at.I_PAUSED + at.MEASURES], np.int64)
    limit = np.maximum(found["limit"], -1)
    found["paused"] = np.where(limit < 0, 0, paused[measure[limit], np.arange(n)])
    return Folded(
        {name: found[name].astype(kind) for name, kind in NARROW.items()},
        np.array(out.findings[:rows], np.int64).reshape(-1, at.FINDING),  # type: ignore[index]
        np.array(out.next[:cases], np.int64),
    )


def lists_of(events: Events, cases: range, shape: list[int]) -> tuple[Any, int]:
    """The events of some cases alone, as lists, and which row is their first: a big log never stands in lists."""
    offsets = np.asarray(events.offsets)[cases.start : cases.stop + 1]
    first, last = int(offsets[0]), int(offsets[-1])
    piece = {"offsets": offsets - first}
    piece |= {
        "enters": np.asarray(events.enters)[cases.start : cases.stop],
        "times": np.asarray(events.times),
    }
    for name in ("event", "at", "whole_day", "actor", "of_case"):
        piece[name] = np.asarray(getattr(events, name))[first:last]
    for name, width in (("tests", shape[at.N_TESTS]), ("values", shape[at.N_VALUES])):
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
    """Fold as compiled code over arrays, which are the columns of what is found."""
    function = compiled.functions("fold_into")["fold_into"]
    case, shape = cases.start, tuple(int(n) for n in np.asarray(program.shape))
    static, alike = (laid_out(program), laid_out(clock), compiled.lay_out(events)), unused(program)
    while case < cases.stop:
        work, out = buffers().of(shape)
        into = columns_for(int(events.offsets[cases.stop] - events.offsets[case]), alike)
        used, findings, changes = out.columns
        begin = used[at.O_BEGIN] = case
        case = function(*static, work, out, compiled.lay_out(into), case, cases.stop, as_of)
        if used[at.O_FULL]:
            buffers().double()
        columns = {name: column[: used[at.O_ROWS]] for name, column in into._asdict().items()}
        columns |= {name: np.broadcast_to(value, used[at.O_ROWS]) for name, value in alike.items()}
        yield Folded(columns, findings[: used[at.O_FINDINGS]].copy(), changes[: case - begin].copy())


def unused(program: Program) -> dict[str, Any]:
    """The columns that are the same in every row, as no rule has keys, or none an earlier goal; and what they say."""
    rules = np.asarray(program.rules).reshape(-1, at.RULE)
    none = {"key": (-1, (at.PER,)), "warn": (NONE, (at.TARGET, at.TARGET_COL))}
    return {name: NARROW[name].type(value) for name, (value, of) in none.items() if (rules[:, of] < 0).all()}


def columns_for(rows: int, without: Collection[str]) -> Written:
    """Room for what may come of so many events, in one piece of memory: pages are taken as they are written to."""
    room = (rows * buffers().sizes.rows // 64 + 64) // 8 * 8
    sizes = [room * NARROW[name].itemsize * (name not in without) for name in Written._fields]
    memory, ends = np.empty(sum(sizes), np.int8), np.cumsum(sizes)
    parts = zip(Written._fields, np.split(memory, ends[:-1]), strict=True)
    return Written(*(part.view(NARROW[name]) for name, part in parts))


def laid_out(table: Any) -> compiled.Laid:
    """Laid out once for all the steps: making arrays of a calendar's lists takes longer than a step."""
    found = LAID.get(id(table))
    if found is None:
        found = LAID[id(table)] = table, compiled.lay_out(table)
        if len(LAID) > KEPT:
            LAID.pop(next(iter(LAID)), None)  # another thread may have been first
    return found[1]


class Buffers(local):
    """Memory of one thread that compiled code works in."""

    def __init__(self) -> None:
        self.sizes = Sizes(findings=4_096)
        self.held: dict[tuple[int, ...], tuple[compiled.Laid, compiled.Laid]] = {}

    def of(self, shape: tuple[int, ...]) -> tuple[compiled.Laid, compiled.Laid]:
        if shape not in self.held:
            room = work_sizes(list(shape), self.sizes)
            wide = compiled.RECORDS["Work"]
            blank: dict[str, Any] = {
                name: np.zeros((room[name], wide.get(name, 1)), np.int64) for name in Work._fields
            }
            blank["raised_key"] -= 1
            findings: Any = np.zeros((self.sizes.findings, at.FINDING), np.int64)
            changes = np.zeros(CASES_A_STEP["compiled"], np.int64)
            out = Out(np.zeros(4, np.int64), findings, changes)
            work = Work(**blank)
            self.held = {shape: (compiled.lay_out(work), compiled.lay_out(out))}
        self.held[shape][1].columns[0][:] = 0
        return self.held[shape]

    def double(self) -> None:
        self.held.clear()
        self.sizes.double()


@lru_cache(maxsize=1)
def buffers() -> Buffers:
    return Buffers()


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
    findings = [np.zeros((0, at.FINDING), np.int64), *(part.findings for part in parts)]
    changes = [np.zeros(0, np.int64), *(part.next for part in parts)]
    return Folded(Joined(parts), np.concatenate(findings), np.concatenate(changes))


def chosen(rows: int) -> str:
    """How so many rows are folded: compiled where that takes less time, compiling included."""
    if rows > FEW and not compiled.available():
        compiled.tell("no compiler")
        return "interpreted"
    pays = rows > FEW or (rows > FEW_IF_KEPT and compiled.is_kept("fold_into"))
    return "compiled" if pays else "interpreted"


def execute(
    program: Program, clock: Clock, events: Events, as_of: int, way: str = "auto", threads: int = THREADS
) -> Folded:
    """Fold every case. `way` is "interpreted", "compiled" or "auto": compiled where it pays and can be had."""
    cases = len(events.offsets) - 1
    if way == "auto":
        way = chosen(len(events.event))
    size = CASES_A_STEP[way]
    steps = [range(a, min(a + size, cases)) for a in range(0, cases, size)]
    side_by_side = in_threads if way == "compiled" else in_processes
    if len(steps) == 1 or threads == 1:
        side_by_side = in_turn
    if way == "interpreted" and len(events.event) > MUCH:
        clock = listed(clock)
    run = compile_and_run if way == "compiled" else interpret
    made = side_by_side(lambda step: list(run(program, clock, events, step, as_of)), steps, threads)
    return joined([part for parts in made for part in parts])


# One step after the other, or several at a time

Step = Callable[[range], list[Folded]]


def in_turn(do: Step, steps: list[range], threads: int) -> list[list[Folded]]:
    with uncollected():
        return [do(step) for step in steps]


def in_threads(do: Step, steps: list[range], threads: int) -> list[list[Folded]]:
    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(do, steps))


def in_processes(do: Step, steps: list[range], threads: int) -> list[list[Folded]]:
    """Interpreted code runs in one thread at a time: processes share the work, where they can inherit what is given."""
    if not can_fork():
        return in_turn(do, steps, threads)
    INHERITED[id(do)] = do
    try:
        with uncollected(), ProcessPoolExecutor(threads, multiprocessing.get_context("fork")) as pool:
            return list(pool.map(partial(inherited, id(do)), steps))
    finally:
        del INHERITED[id(do)]


def can_fork() -> bool:
    """What is itself a process of a pool may have no children."""
    forks = "fork" in multiprocessing.get_all_start_methods()
    return forks and not multiprocessing.current_process().daemon


INHERITED: dict[int, Step] = {}  # what processes made meanwhile know without being sent it


def inherited(key: int, step: range) -> list[Folded]:
    return INHERITED[key](step)


@contextmanager
def uncollected() -> Iterator[None]:
    """Without the collector of cycles: the fold makes lists by the thousand and no cycle among them."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
