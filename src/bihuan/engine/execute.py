"""Runs the fold over a log: interpreted for little, compiled and threaded for much, with buffers that grow.

It knows neither policies nor facts: a program, a clock and rows go in, columns of integers come out.
"""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bihuan.engine import compiled
from bihuan.engine.fold import fold
from bihuan.engine.instance import Clock, Events, Out, Program, Work
from bihuan.engine.layout import (
    FINDING,
    FINDING_ROW,
    INSTANCE,
    N_PERIODIC,
    N_RING,
    N_RULES,
    N_TRACKS,
    O_FINDINGS,
    O_FULL,
    O_ROWS,
    SCALARS,
    TALLY,
)

Ints = NDArray[np.int64]
FEW = 150_000  # rows up to which interpreting is done before compiled code is loaded
CASES_A_STEP = 20_000
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
    lists = Events(*(np.asarray(column).tolist() for column in events))
    shape, sizes, case = list(program.shape), Sizes(), cases.start  # type: ignore[call-overload]
    while case < cases.stop:
        room = work_sizes(shape, sizes)
        work = Work(*([0] * room[name] for name in Work._fields))
        room = out_sizes(sizes)
        out = Out(*([0] * room[name] for name in Out._fields))
        case = fold(program, clock, lists, work, out, case, cases.stop, as_of)
        if out.used[O_FULL]:
            sizes.double()
        rows, findings = out.used[O_ROWS], out.used[O_FINDINGS]
        columns = {
            name: getattr(out, name)[:rows] for name in Out._fields if name not in ("used", "findings")
        }
        yield gathered(columns, out.findings[: findings * FINDING])  # type: ignore[index]


def compile_and_run(
    program: Program, clock: Clock, events: Events, cases: range, as_of: int
) -> Iterator[Folded]:
    """Fold as compiled code over arrays."""
    function = compiled.functions("fold")["fold"]
    shape, sizes, case = list(program.shape), Sizes(rows=16 * len(cases) + 256, findings=1024), cases.start  # type: ignore[call-overload]
    static = [compiled.lay_out(table) for table in (program, clock, events)]
    while case < cases.stop:
        work, out = blank(Work, work_sizes(shape, sizes)), blank(Out, out_sizes(sizes))
        case = function(*static, work, out, case, cases.stop, as_of)
        columns = dict(zip(Out._fields, out.columns, strict=True))
        used, findings = columns.pop("used"), columns.pop("findings")
        if used[O_FULL]:
            sizes.double()
        rows, found = int(used[O_ROWS]), int(used[O_FINDINGS])
        yield Folded(
            {name: column[:rows] for name, column in columns.items()},
            findings[: found * FINDING].reshape(-1, FINDING),
        )


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


def joined(parts: list[Folded]) -> Folded:
    if len(parts) == 1:
        return parts[0]
    names = [name for name in Out._fields if name not in ("used", "findings")]
    columns = (
        {name: np.concatenate([p.columns[name] for p in parts]) for name in names}
        if parts
        else {name: np.zeros(0, NARROW[name]) for name in names}
    )
    findings = np.concatenate([p.findings for p in parts]) if parts else np.zeros((0, FINDING), np.int64)
    return Folded(columns, findings)


def execute(
    program: Program, clock: Clock, events: Events, as_of: int, way: str = "auto", threads: int = 2
) -> Folded:
    """Fold every case. `way` is "interpreted", "compiled" or "auto": compiled where it pays and can be had."""
    cases = len(events.offsets) - 1
    if way == "auto":
        way = "compiled" if len(events.event) > FEW and compiled.available() else "interpreted"
    run = compile_and_run if way == "compiled" else interpret
    steps = [range(a, min(a + CASES_A_STEP, cases)) for a in range(0, cases, CASES_A_STEP)]
    if way == "interpreted" or len(steps) == 1 or threads == 1:
        return joined([part for step in steps for part in run(program, clock, events, step, as_of)])
    with ThreadPoolExecutor(threads) as pool:
        parts = pool.map(lambda step: list(run(program, clock, events, step, as_of)), steps)
        return joined([part for step in parts for part in step])
