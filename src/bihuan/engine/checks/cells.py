"""Conditions as boolean tables over all that can be the case, so that gaps and overlaps can be counted.

Each thing a set of conditions asks about becomes an axis of cells (a choice, true or false, a point or interval
between the numbers named); a condition is then true or false in every cell of the product. What cannot be ordered
before a value is known raises `Undecided`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import numpy as np
import numpy.typing as npt

from bihuan.engine.declared import Fact
from bihuan.engine.finding import written
from bihuan.engine.limit import Limit, Name, clock_text
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition, Test

Truth = npt.NDArray[np.bool_]
MOST_CELLS = 4_000_000
OTHER = "…"
UNKNOWN = "unknown"
SECONDS = {
    "second": 1,
    "minute": 60,
    "hour": 3600,
    "day": 86400,
    "week": 7 * 86400,
    "month": 30 * 86400,
    "year": 365 * 86400,
}


class Undecided(Exception):  # noqa: N818 - no error: the table cannot be judged yet
    """The order of two bounds is not known, or there are too many cells."""


@dataclass(frozen=True)
class Axis:
    """One thing asked about and the cells its values fall into; numbers are bounded by `points`."""

    name: str
    cells: tuple[Any, ...]
    points: tuple[float, ...] = ()
    shown: tuple[str, ...] = ()

    def describe(self, chosen: Sequence[int]) -> str:
        if not self.points:
            return f"{self.name} = {' | '.join(self._word(self.cells[i]) for i in chosen)}"
        return " | ".join(self._interval(run) for run in runs(chosen))

    def _word(self, cell: Any) -> str:
        return written(cell).strip('"')

    def _interval(self, run: tuple[int, int]) -> str:
        """Cells alternate between open intervals and points: even 2i lies below point i, odd is point i."""
        first, last = run
        low = "" if first == 0 else f"{self.shown[(first - 1) // 2]} {'≤' if first % 2 else '<'} "
        high = "" if last == 2 * len(self.points) else f" {'≤' if last % 2 else '<'} {self.shown[last // 2]}"
        if first == last and first % 2:
            return f"{self.name} = {self.shown[first // 2]}"
        if first % 2 == 0 and first > 0:
            low = f"{self.shown[first // 2 - 1]} < "
        return f"{low}{self.name}{high}"


def runs(chosen: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Consecutive numbers as (first, last)."""
    start = previous = chosen[0]
    for each in chosen[1:]:
        if each != previous + 1:
            yield start, previous
            start = each
        previous = each
    yield start, previous


class Space:
    """The product of everything that some conditions ask about."""

    def __init__(
        self, conditions: Sequence[Condition], facts: Mapping[str, Fact], parameters: Parameters
    ) -> None:
        self.facts, self.parameters = facts, parameters
        tests: dict[str, list[Test]] = {}
        for test in (test for condition in conditions for test in condition.tests):
            tests.setdefault(subject(test), []).append(test)
        self.tests = tests
        self.axes = tuple(axis for name, asked in tests.items() for axis in self._axes(name, asked))
        self.shape = tuple(len(axis.cells) for axis in self.axes)
        self.place = {axis.name: i for i, axis in enumerate(self.axes)}
        if reduce(lambda a, b: a * b, self.shape, 1) > MOST_CELLS:
            raise Undecided("size")

    def holds(self, condition: Condition) -> Truth:
        """Where in the space a condition holds."""
        truth = np.ones(self.shape, dtype=bool)
        for test in condition.tests:
            truth = truth & self._truth(test)
        return truth

    def boxes(self, truth: Truth) -> Iterator[str]:
        """The cells where this holds, gathered into as few sentences as come easily."""
        left = truth.copy()
        while left.any():
            first = np.unravel_index(int(np.argmax(left)), left.shape) if left.ndim else ()
            chosen = [[int(i)] for i in first]
            for axis in range(left.ndim):
                others = [c if i != axis else list(range(self.shape[axis])) for i, c in enumerate(chosen)]
                slab = truth[np.ix_(*others)].all(axis=tuple(i for i in range(left.ndim) if i != axis))
                chosen[axis] = [int(i) for i in np.flatnonzero(slab)]
            left[np.ix_(*chosen) if chosen else ()] = False
            yield self.describe(chosen)

    def describe(self, chosen: Sequence[Sequence[int]]) -> str:
        parts = [
            axis.describe(cells)
            for axis, cells in zip(self.axes, chosen, strict=True)
            if len(cells) < len(axis.cells)
        ]
        return ", ".join(parts) or "always"

    def _axes(self, name: str, tests: list[Test]) -> Iterator[Axis]:
        fact = self.facts.get(name)
        if any(test.op == "compare" for test in tests) and not (fact and fact.ordered):
            yield self._line(name, tests, fact)
        elif fact is not None and fact.many:
            for value in dict.fromkeys(v for test in tests for v in self._leaves(test.values, fact)):
                yield Axis(f"{name}: {value}", (True, False))
        else:
            yield Axis(name, self._cells(tests, fact))

    def _cells(self, tests: list[Test], fact: Fact | None) -> tuple[Any, ...]:
        silent = (UNKNOWN,) if any(test.op == "known" for test in tests) else ()
        if fact is not None and fact.type == "flag":
            return (True, False, *silent)
        if fact is not None and fact.leaves:
            return (*fact.leaves, *((OTHER,) if fact.open else ()), *silent)
        named = dict.fromkeys(self._known(v) for test in tests if test.op != "known" for v in test.values)
        return (*named, OTHER, *silent)

    def _line(self, name: str, tests: list[Test], fact: Fact | None) -> Axis:
        shown: dict[float, str] = {}
        for test in tests:
            for value in (*test.values, *test.bounds.values()):
                if test.op != "known":
                    known = self._known(value)
                    shown[size(known)] = amount_text(known, fact)
        points = tuple(sorted(shown))
        cells: tuple[Any, ...] = tuple(range(2 * len(points) + 1))
        if any(test.op == "known" for test in tests):
            raise Undecided("known")
        return Axis(name, cells, points, tuple(shown[point] for point in points))

    def _known(self, value: Any) -> Any:
        """A literal, or the value of the parameter that stands for it."""
        if not isinstance(value, Name):
            return value
        held = self.parameters[value.name].on() if value.name in self.parameters else None
        if held is None or isinstance(held, str):
            raise Undecided(value.name)
        return held

    def _leaves(self, values: Sequence[Any], fact: Fact | None) -> list[Any]:
        known = [self._known(value) for value in values]
        branches = fact.branches if fact else {}
        return [leaf for value in known for leaf in branches.get(value, (value,))]

    def _truth(self, test: Test) -> Truth:
        name, fact = subject(test), self.facts.get(test.fact)
        if fact is not None and fact.many:
            return self._members(test, fact)
        axis = self.place[name]
        inside = (
            self._on_line(test, self.axes[axis]) if self.axes[axis].points else self._in_cells(test, axis)
        )
        return self._spread(inside, axis)

    def _members(self, test: Test, fact: Fact) -> Truth:
        if test.op not in ("in", "all"):
            raise Undecided("many")
        each = [
            self._spread([True, False], self.place[f"{test.fact}: {value}"])
            for value in self._leaves(test.values, fact)
        ]
        return reduce(np.logical_and if test.op == "all" else np.logical_or, each)

    def _in_cells(self, test: Test, axis: int) -> list[bool]:
        cells, fact = self.axes[axis].cells, self.facts.get(test.fact)
        if test.op == "known":
            return [(cell != UNKNOWN) == test.values[0] for cell in cells]
        if test.op == "compare":
            return self._by_order(test, cells)
        wanted = self._leaves(test.values, fact)
        if test.op == "not":
            return [cell not in wanted and cell != UNKNOWN for cell in cells]
        return [cell in wanted for cell in cells]

    def _by_order(self, test: Test, cells: Sequence[Any]) -> list[bool]:
        order = {cell: i for i, cell in enumerate(cells)}
        bounds = {key: order.get(value, -1) for key, value in test.bounds.items()}
        return [cell not in (OTHER, UNKNOWN) and keeps(bounds, i) for i, cell in enumerate(cells)]

    def _on_line(self, test: Test, axis: Axis) -> list[bool]:
        if test.op == "compare":
            bounds = {key: size(self._known(value)) for key, value in test.bounds.items()}
            return [keeps(bounds, middle(cell, axis.points)) for cell in axis.cells]
        wanted = {size(self._known(value)) for value in test.values}
        return [(middle(cell, axis.points) in wanted) != (test.op == "not") for cell in axis.cells]

    def _spread(self, inside: Sequence[bool], axis: int) -> Truth:
        shape = [1] * len(self.shape)
        shape[axis] = len(inside)
        return np.broadcast_to(np.array(inside, dtype=bool).reshape(shape), self.shape)


def subject(test: Test) -> str:
    """What a test asks about: a fact, or the distance between two."""
    return f"{test.fact} - {test.from_.name}" if test.from_ else test.fact


def middle(cell: int, points: Sequence[float]) -> float:
    """A number in this cell."""
    if cell % 2:
        return points[cell // 2]
    i = cell // 2
    low = points[i - 1] if i else points[0] - 2
    high = points[i] if i < len(points) else points[-1] + 2
    return (low + high) / 2


def keeps(bounds: Mapping[str, float], value: float) -> bool:
    """Whether a number keeps all bounds."""
    return (
        value >= bounds.get("at_least", value)
        and value <= bounds.get("at_most", value)
        and ("above" not in bounds or value > bounds["above"])
        and ("below" not in bounds or value < bounds["below"])
    )


def size(value: Any) -> float:
    """A number that orders values of one type."""
    match value:
        case bool() | int() | float():
            return float(value)
        case dt.datetime():
            return (
                value.replace(tzinfo=None).timestamp()
                if value.tzinfo
                else (value - dt.datetime(1970, 1, 1)).total_seconds()
            )
        case dt.date():
            return float((value - dt.date(1970, 1, 1)).days * 86400)
        case Limit(amount=int(amount), unit=str(unit)) if unit in SECONDS:
            return float(amount * SECONDS[unit])
    raise Undecided(str(value))


def amount_text(value: Any, fact: Fact | None) -> str:
    if fact is not None and fact.type == "clock" and isinstance(value, int):
        return clock_text(value)
    return str(value)
