"""The tables of the fold: what it is given, what it remembers, what it writes, and how single cells are read.

Part of the fold (see `fold` for the dialect): every table is a tuple of columns, lists when interpreted, arrays when
compiled. `layout` says what stands where.
"""

from typing import Any, NamedTuple, Protocol, overload

from bihuan.engine.clock import Days, Limits, Tables
from bihuan.engine.layout import *


class Fixed(Protocol):
    """A record of the program: it is only read."""

    @overload
    def __getitem__(self, index: int, /) -> int: ...
    @overload
    def __getitem__(self, index: slice, /) -> Any: ...


class Record(Fixed, Protocol):
    """A record that the fold writes."""

    @overload
    def __setitem__(self, index: int, value: int, /) -> None: ...
    @overload
    def __setitem__(self, index: slice, value: Any, /) -> None: ...


class Column(Record, Protocol):
    """Integers: a list when interpreted, an array when compiled."""

    def __len__(self) -> int: ...


class FixedTable(Protocol):
    """Records of the program."""

    def __getitem__(self, index: int, /) -> Fixed: ...
    def __len__(self) -> int: ...


class Table(FixedTable, Protocol):
    """Records that the fold writes."""

    def __getitem__(self, index: int, /) -> Record: ...
    def __setitem__(self, index: int, value: Record, /) -> None: ...


class Program(NamedTuple):
    """A policy in integers (`layout` names the fields)."""

    shape: Column
    heard_from: Column  # by code of an event or outcome: the first record of `heard`
    heard: FixedTable
    asks: FixedTable
    rules: FixedTable
    blank: FixedTable  # an instance of each rule on which nothing has happened yet
    nothing: Column  # -1 and 0 for every rule: what is remembered of a case before its first event
    zeros: Column
    pauses: FixedTable
    extensions: FixedTable
    periods: FixedTable
    step_from: Column
    steps: FixedTable
    step_items: Column
    follows: Column
    watched: Column
    periodic: Column


class Clock(NamedTuple):
    """Calendars, limits and day conventions: all that turns an amount of time into an instant."""

    tables: Tables
    limits: Limits
    days: Days


class Events(NamedTuple):
    """The log: rows sorted by case and instant, `tests` and `values` with a fixed number of columns a row."""

    offsets: Column
    enters: Column  # the place in `times`, from 1, of a subject that a register has; else 0
    times: Column  # since when and until when the register has each, in pairs; after those of each, NONE
    of_case: Column  # in the events of a subject, by row: which case it is of; else nothing
    event: Column
    at: Column
    whole_day: Column
    actor: Column
    tests: Column
    values: Column


class Work(NamedTuple):
    """What is remembered of the case being folded, and the instances of all cases so far."""

    scalars: Column
    head: Column  # by rule: its newest open instance
    latest: Column
    rounds: Column
    seen: Column
    raised: Column  # what outcomes of other rules have told it and it has not heard yet
    raised_key: Column
    marks: Column
    states: Column
    instances: Table
    period_at: Column
    period_k: Column
    period_origin: Column
    period_until: Column
    tallies: Table
    ring: Column


class Out(NamedTuple):
    """Findings; a buffer that the caller makes larger when `used[O_FULL]` says so. And of each case when it is to be judged
    anew if nothing happens to it: time alone opens, ends or misses something then; the first case is `used[O_BEGIN]`.
    """

    used: Column
    findings: Table
    next: Column


class Written(NamedTuple):
    """The rows of the outcome by column."""

    case: Column
    rule: Column
    round: Column
    key: Column
    row: Column
    started: Column
    due: Column
    warn: Column
    done: Column
    ended: Column
    end_row: Column
    state: Column
    flags: Column
    limit: Column
    calendar: Column
    extra: Column
    paused: Column


def value(prog: Program, log: Events, row: int, column: int) -> int:
    return log.values[row * prog.shape[N_VALUES] + column]


def holds(prog: Program, log: Events, row: int, test: int) -> int:
    return log.tests[row * prog.shape[N_TESTS] + test]


def concerns(log: Events, rule: Fixed, row: int, later: int) -> bool:
    """Whether what is known at a later row is known of what began at `row`: of a case only what is known of that case.

    What recurs, or begins with a subject, is of no case (docs/semantics.md#subject-facts).
    """
    if len(log.of_case) == 0 or rule[PERIOD] >= 0:
        return True
    return log.of_case[row] < 0 or log.of_case[row] == log.of_case[later]


def first_known(prog: Program, log: Events, work: Work, rule: Fixed, row: int, column: int) -> int:
    """The first row from `row` on, up to `as_of`, that knows the value or lacks a parameter for it; -1: none."""
    known = row
    while known < work.scalars[W_STOP]:
        if value(prog, log, known, column) != -1 and concerns(log, rule, row, known):
            return known
        known += 1
    return -1
