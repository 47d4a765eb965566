"""Statistics of a log of any size: pieces of whole cases, read and judged side by side, counted, and let go.

What the pieces say together is what `statistics` says of the whole log. It makes no table of obligations.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TypeVar

import polars as pl

from bihuan.engine.calendar import Calendar
from bihuan.engine.draft import Layout
from bihuan.engine.execute import THREADS, Folded
from bihuan.engine.merging import merges
from bihuan.engine.outcome import Judged
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Policy
from bihuan.engine.replay import Plan, judged_cases, planned
from bihuan.engine.site import Site
from bihuan.engine.statistics import added, counted
from bihuan.files.cutting import NotSortedError
from bihuan.files.logs import read_log
from bihuan.files.mapping import Mapping as LogMapping
from bihuan.files.partition import Part, parted
from bihuan.files.stream import last_of, reading_of

PIECE = 400_000  # rows; fewer do not pay for their beginning, more take more memory than they save time
KEPT = 2 * PIECE  # where the outcome columns of all pieces take more memory than a piece does
Given = TypeVar("Given")
Made = TypeVar("Made")
Judging = Callable[[Part], list[Judged]]


@dataclass(frozen=True)
class Counts:
    """Rows and lateness by rule, unit and state; what was found piece by piece, where it was to be kept."""

    statistics: pl.DataFrame
    cases: int = 0
    found: list["Found"] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """The outcome columns of a piece: rules by their place in the layout, cases by their place in `ids`."""

    layout: Layout
    ids: pl.Series
    folded: Folded


def count_log(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    path: str | Path,
    mapping: str | Path | LogMapping | None = None,
    *,
    as_of: int | None = None,
    registers: Site | None = None,
    parameters: Parameters | None = None,
    facts: str | Path | None = None,
    piece: int | None = None,
    keep: bool = False,
    way: str = "auto",
    threads: int = THREADS,
) -> Counts:
    """Judge a log under a policy and count; `keep` keeps the outcome columns of all pieces, of about `piece` rows each.

    Where `as_of` is not given, the log is read once more beforehand, to find its last event.
    """
    reading = reading_of(policy, facts)
    if piece is None:
        piece = KEPT if keep else PIECE

    def judge(as_of: int | None, threads: int, part: Part) -> list[Judged]:
        return judged_cases(
            policy, calendars, part(), as_of, registers, parameters, way=way, threads=threads
        ).judged

    def count(trusting: bool) -> Counts:
        with parted(path, mapping, **reading, chunk=piece, trusting=trusting) as parts:
            end = last_of(policy, parts) if as_of is None else as_of
            counting = partial(counts_of, partial(judge, end, 1), keep)
            return together(side_by_side(counting, parts.read(), threads))

    if at_once(planned(policy, parameters, registers)):
        del reading["part_of"]
        whole = partial(read_log, path, mapping, **reading)
        return together([counts_of(partial(judge, as_of, threads), keep, whole)])
    try:
        return count(trusting=True)
    except NotSortedError:  # nothing was handed out: begin again, the other way
        return count(trusting=False)


def at_once(plan: Plan) -> bool:
    """Whether the policy asks for more than one case at a time: subjects of rules, samples of callbacks, calls for several."""
    return any(plan.layouts) or plan.framing is not None or bool(merges(plan.prepared.policy))


def counts_of(judge: Judging, keep: bool, part: Part) -> Counts:
    """A piece; what is said twice of a rule, unit and state is added up once, in the end."""
    judged = judge(part)
    cases = sum(len(one.rows.offsets) - 1 for one in judged if not one.layout.subject)
    found = [Found(one.layout, one.rows.ids, one.folded) for one in judged if keep]
    return Counts(pl.concat([counted(one) for one in judged]), cases, found)


def together(pieces: Iterable[Counts]) -> Counts:
    tables: list[pl.DataFrame] = []
    cases, found = 0, []
    for one in pieces:
        tables.append(one.statistics)
        cases += one.cases
        found += one.found
    return Counts(added(tables), cases, found)


def side_by_side(do: Callable[[Given], Made], given: Iterable[Given], threads: int) -> Iterator[Made]:
    """What is made of each, in order; no more are taken than the threads have at hand.

    >>> list(side_by_side(abs, [-3, 2, -1], 2))
    [3, 2, 1]
    """
    with ThreadPoolExecutor(threads) as pool:
        waiting: deque[Future[Made]] = deque()
        try:
            for each in given:
                waiting.append(pool.submit(do, each))
                if len(waiting) > threads:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for one in waiting:
                one.cancel()
