"""Facts over the rows of a log: conditions, limits, instants, keys and roles as columns, one value a row.

What the log says is read once and kept as codes; only what somebody asks for is computed. Nothing is raised for
what the log lacks or says badly: it is unknown, and listed by `findings`. It knows no rule and no clock.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from bihuan.engine import conditions, lookups, roles, unfit
from bihuan.engine.clock import NONE
from bihuan.engine.coded import (
    CASE,
    CONSTANT,
    HAPPENED,
    ROW,
    Array,
    Bools,
    Cells,
    Column,
    Grid,
    Tri,
    before_regrouping,
    constant,
    filled,
    happened,
    laid_over,
    occurrences,
    read_cells,
    settled,
)
from bihuan.engine.errors import PolicyError
from bihuan.engine.limit import Limit
from bihuan.engine.localtime import LocalTime
from bihuan.engine.pattern import Condition, Test
from bihuan.engine.policy import Policy
from bihuan.engine.prepared import Prepared, reader_of
from bihuan.engine.rows import Rows
from bihuan.engine.values import ABSENT, LACKING, MONEY_SCALE, UNKNOWN, WHOLE, Labels, Reader, read_label

Ask = Callable[["Facts", Test, Column], conditions.Levelled]


class Optional(NamedTuple):
    """A fact that a step asks for and that may be left out."""

    fact: str


class Facts:
    """The facts of a log under a policy.

    Every answer has one element per event row, in the order of `rows`.
    """

    def __init__(self, prepared: Prepared, rows: Rows) -> None:
        self.prepared = prepared
        self.policy: Policy = prepared.policy
        self.local: LocalTime = prepared.local
        self.rows = rows
        self.grid = Grid(rows)
        self.parties = Labels()
        self.limits: list[Limit] = []
        self.offices: dict[bool, list[frozenset[str] | None]] = {}  # of few rows, kept for `roles`
        self._slots: dict[Limit, int] = {}
        self._readers: dict[str, Reader] = {}
        self._columns: dict[str, Column] = {}
        self._keys: dict[str, tuple[Array, list[Any]]] = {}
        self._read: dict[str, Cells] = {}
        self._tests: dict[tuple[int, bool], tuple[Condition, conditions.Levelled]] = {}
        self._asked: dict[int, tuple[Test, conditions.Levelled]] = {}
        self._bad: list[unfit.Bad] = []

    # --- what the program asks ---

    def test(self, condition: Condition | None, carried: bool = False) -> Tri:
        """1 where the condition holds, 0 where it does not, -1 where it cannot be told."""
        return self.grid.full(*self._held(condition, carried))

    def limit(self, name: str) -> Array:
        """Index into `limits` of a fact or parameter that is a limit, -1 where it is unknown."""
        column = self.named(name, "limit")
        if column.labels is None:
            raise PolicyError(
                f"{name} is of type {column.type}, not a limit such as '3 working days'", name=name
            )
        slots = np.array([*(self.slot(limit) for limit in column.labels.labels), -1], np.int32)
        return self.grid.full(slots[np.where(column.state > 0, column.values, -1)], column.level)

    def slot(self, limit: Limit) -> int:
        """The index of a limit, the same for equal ones."""
        slot = self._slots.setdefault(limit, len(self.limits))
        if slot == len(self.limits):
            self.limits.append(limit)
        return slot

    def instant(self, name: str) -> Array:
        """An instant fact, an event's `E_at` or a date's local midnight; NONE where it is unknown."""
        column = self.named(name, "instant")
        values = column.values
        if column.type == "date":
            values = self.local.instant(values, np.zeros_like(values))
        return self.grid.full(np.where(column.state > 0, values, NONE), column.level)

    def whole(self, name: str) -> Bools:
        """Where of an instant only the day is known."""
        column = self.named(name, "instant")
        return self.grid.full(
            (column.state == WHOLE) | ((column.type == "date") & (column.state > 0)), column.level
        )

    def key(self, name: str) -> tuple[Array, list[Any]]:
        """Codes of a fact's values (-1: none) and what they stand for; worked out once."""
        found = self._keys.get(name)
        if found is None:
            found = self._keys[name] = self._key(name)
        return found

    def _key(self, name: str) -> tuple[Array, list[Any]]:
        column = self._as_codes(self.column(name))
        assert column.labels is not None
        codes = np.where(column.state > 0, column.values, -1).astype(np.int32)
        labels = column.labels.labels
        if name in self.policy.facts and self.policy.facts[name].many:
            labels = [_joined(label) for label in labels]
        return self.grid.full(codes, column.level), labels

    def units(self) -> tuple[Array, list[Any]]:
        """Codes of each event's unit (-1: none) and what they stand for: the fact `unit`, else what was recorded."""
        return self.key("unit") if "unit" in self.policy.facts else (self.unit, self.parties.labels)

    def sets(self, name: str) -> list[frozenset[Any]]:
        """What the codes of `key` stand for, of a fact of several values."""
        column = self.column(name)
        assert column.labels is not None
        return column.labels.labels

    def number(self, name: str) -> Array:
        """A number as it is, money in the currency's unit; NaN where it is unknown."""
        column = self.named(name, "number")
        scale = MONEY_SCALE if column.type == "money" else 1
        return self.grid.full(np.where(column.state > 0, column.values / scale, np.nan), column.level)

    def carries(self, name: str | Optional) -> Bools:
        """Whether the row itself brings a value of the fact that fits, or the case came with one.

        What need not be there at all is only asked to fit (docs/semantics.md#outside-the-scale).
        """
        if isinstance(name, Optional):
            return ~self.unfit(name.fact)
        column = self.column(name)
        brought = column.state > 0 if column.earlier is None else (column.state > 0) & ~column.earlier
        return self.grid.full(brought, column.level)

    def unfit(self, name: str) -> Bools:
        """Where the row itself, or the case, says of a fact what is none of its values."""
        fact, column = self.policy.facts.get(name), self.column(name)
        if fact is None or fact.rows or fact.of:
            return np.zeros(self.grid.rows_total, np.bool_)
        wrong = column.state == UNKNOWN
        if column.earlier is not None:
            wrong &= ~column.earlier
        return self.grid.full(wrong, column.level).astype(np.bool_)

    def said(self, name: str, row: Array) -> list[Any]:
        """What the log itself says of a fact at some rows, or of their cases; None where it says nothing."""
        carried, given = self.rows.data, self.rows.facts
        found = carried[name].gather(row).to_list() if name in carried.columns else [None] * len(row)
        if name not in given.columns:
            return found
        cases = given[name].gather(self.grid.case[row]).to_list()
        return [case if own is None else own for own, case in zip(found, cases, strict=True)]

    def brought_last(self, name: str) -> Array:
        """For each row the row of its case that brought the fact last, itself included; -1: none did."""
        brought = self._brought(name)
        source = self.grid.sources(brought)
        return np.where(brought[source], source, -1)

    def known(self, name: str) -> Bools:
        column = self.column(name)
        return self.grid.full(column.state > 0, column.level)

    def role(self, role: str, deputies: bool = True) -> Tri:
        """Whether the actor of the row holds the role; -1 where nobody can tell."""
        return roles.held(self, role, deputies)

    def missing(self, asked: Condition | str | None) -> tuple[str, ...]:
        """Parameters without a value and documents not held that a condition or name depends on."""
        return self.prepared.missing(asked)

    def unset(self, asked: Condition | str) -> Bools:
        """Where a condition or a name cannot be told for want of a parameter or a document, not of a fact."""
        if isinstance(asked, str):
            column = self.named(asked, "limit")
            return self.grid.full(column.state == LACKING, column.level)
        tri = self.test(asked) if asked.tests else np.ones(1, np.int8)
        lacking: Bools = (tri == -1) & (self.grid.full(*conditions.lacks(self, asked)) == 1)
        return lacking

    @cached_property
    def actor(self) -> Array:
        """Code in `parties` of who did each event, -1 if that is not recorded."""
        return self._party("actor")

    @cached_property
    def unit(self) -> Array:
        """Code in `parties` of the unit recorded with each event, -1 if there is none."""
        return self._party("unit")

    @cached_property
    def day(self) -> Array:
        """Local day of each row."""
        return self.local.day(self.rows.at)

    # --- columns ---

    def column(self, name: str) -> Column:
        """A fact, a parameter or an event's `E_at`, by name."""
        found = self._columns.get(name)
        if found is None:
            found = self._columns[name] = self._column(name)
        return found

    def named(self, name: str, type: str) -> Column:
        """A fact, or a parameter read as the type that is wanted."""
        if name in self.policy.facts or name not in self.policy.parameters:
            return self.column(name)
        key = f"{name} as {type}"
        if key not in self._columns:
            self._columns[key] = lookups.parameter(self, name, type)
        return self._columns[key]

    def _column(self, name: str) -> Column:
        fact = self.policy.facts.get(name)
        if fact is None:
            return self._other(name)
        if fact.rows:
            self._report_given(name)
            return lookups.looked_up(self, name, fact)
        if fact.of:
            return lookups.registered(self, name, fact)
        return self._recorded(name)

    def _other(self, name: str) -> Column:
        if name in self.policy.parameters:
            return lookups.parameter(self, name, "")
        event = name.removesuffix("_at")
        if HAPPENED.format(event) in self.grid.carried:
            return happened(self.grid, event)
        if event == name:
            known = "a fact, a parameter or <event>_at"
            raise PolicyError(
                f"nothing is called {name!r}: expected {known}; declare it under [facts]", name=name
            )
        if event in self.rows.names:
            return occurrences(self.grid, self.rows.names.index(event))
        return constant("instant", NONE, ABSENT)

    def _recorded(self, name: str) -> Column:
        """Given with the case, carried by events, or the default."""
        base = self._given(name)
        if name not in self.grid.carried:
            return base
        cells = self._carried(name)
        self._report(name, ROW, cells)
        if not len(cells.where):
            return base
        column, earlier = filled(self.grid, base, settled(cells)), self.grid.brought_earlier(name)
        return column if earlier is None else before_regrouping(column, earlier)

    def _given(self, name: str) -> Column:
        """What the case gave, else the default, else nothing."""
        reader, default = self.reader(name), self.policy.facts[name].default
        base = self.prepared.silent(name) or constant(reader.type, -1, ABSENT, reader.labels)
        if default is not None:
            base = lookups.answer(self, reader, default)
        if name not in self.grid.given:
            return base
        cells = self._cells(name, self.rows.facts[name])
        self._report(name, CASE, cells)
        return laid_over(self.grid, base, cells)

    def reader(self, name: str) -> Reader:
        found = self.prepared.readers.get(name) or self._readers.get(name)
        if found is None:
            found = reader_of(name, self.policy.facts[name], self.prepared, self.parties)
            self._readers[name] = found
        return found

    def _carried(self, name: str) -> Cells:
        """What events carry of a fact, read once."""
        if name not in self._read:
            self._read[name] = self._cells(name, self.rows.data[name])
        return self._read[name]

    def _brought(self, name: str) -> Bools:
        """Where the row itself says something of a fact."""
        brought = np.zeros(self.grid.rows_total, np.bool_)
        brought[self._carried(name).where] = True
        earlier = self.grid.brought_earlier(name)
        return brought if earlier is None else brought & ~earlier

    def _cells(self, name: str, series: pl.Series | list[Any]) -> Cells:
        return read_cells(series, self.reader(name), self.local)

    def _party(self, column: str) -> Array:
        if column not in self.grid.carried:
            return np.full(self.grid.rows_total, -1, np.int32)
        reader = Reader("person", read_label(self.parties), self.parties, "")
        cells = read_cells(self.rows.data[column], reader, self.local)
        codes = cells.values
        if len(cells.where) < self.grid.rows_total:
            codes = np.full(self.grid.rows_total, -1, np.int32)
            codes[cells.where] = cells.values
        earlier = self.grid.brought_earlier(column)
        return codes if earlier is None else np.where(earlier, np.int32(-1), codes)

    def _as_codes(self, column: Column) -> Column:
        """Numbers and days as codes too: what separates instances may be of any type."""
        if column.labels is not None:
            return column
        distinct, back = np.unique(column.values, return_inverse=True)
        return Column(column.type, back, column.state, Labels(distinct.tolist()), column.level)

    # --- for conditions, lookups and roles ---

    def _held(self, condition: Condition | None, carried: bool) -> conditions.Levelled:
        if condition is None:
            return conditions.YES, CONSTANT
        key = (id(condition), carried)
        if key not in self._tests:  # the condition is kept with its answer, so that no other can get its id
            self._tests[key] = condition, conditions.holds(self, condition, carried)
        return self._tests[key][1]

    def kept(self, test: Test, ask: Ask) -> conditions.Levelled:
        """What a test says apart from `where`, computed once."""
        if id(test) not in self._asked:
            self._asked[id(test)] = test, ask(self, test, self.column(test.fact))
        return self._asked[id(test)][1]

    def at(self, column: Column, level: int) -> Column:
        """The column with one value for each case or row."""
        if column.level == level or column.level == CONSTANT:
            return column
        values, state = self.grid.at_level(column, level)
        return Column(column.type, values, state, column.labels, level)

    def size(self, level: int) -> int:
        return {CONSTANT: 1, CASE: self.grid.cases, ROW: self.grid.rows_total}[level]

    # --- what was wrong ---

    def findings(self, names: Iterable[str] | None = None) -> pl.DataFrame:
        """What the log says badly, of these facts or of all: values that fit no type, rows that contradict each other
        or leave a gap.
        """
        for name in self.policy.facts if names is None else names:
            self.column(name)
        return unfit.table(self._bad, self.grid)

    def report_rows(self, kind: str, name: str, where: Bools, level: int) -> None:
        """A looked-up fact whose rows contradict each other, or leave a gap."""
        articles = [row.article for row in self.policy.facts[name].rows or () if row.article]
        self._bad += unfit.bad_rows(kind, name, level, where, "rows of " + "、".join(dict.fromkeys(articles)))

    def _report(self, name: str, level: int, cells: Cells) -> None:
        if cells.odd:
            self._bad += unfit.bad_cells(name, level, cells, self.reader(name).expected)

    def _report_given(self, name: str) -> None:
        """The rows of the policy decide; that the log says it too is not passed over in silence."""
        for level, given, table in (
            (CASE, self.grid.given, self.rows.facts),
            (ROW, self.grid.carried, self.rows.data),
        ):
            where = pl.Series(table[name]).is_not_null().to_numpy() if name in given else None
            if where is not None:
                self._bad += unfit.bad_rows("looked up", name, level, where, "the rows of the policy decide")


def _joined(label: frozenset[str]) -> str:
    return "、".join(sorted(label))
