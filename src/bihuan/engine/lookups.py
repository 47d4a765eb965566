"""Facts that are looked up: in the rows of the policy, or in the register of a subject as of the day.

Rows have no order: two that hold must agree, else the value is unknown and an overlap is reported; where none
holds and none could, it is a gap. It knows columns and conditions, not where their values came from.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from bihuan.engine.coded import CONSTANT, ROW, Array, Column, Tri, constant, dtype_of
from bihuan.engine.conditions import holds
from bihuan.engine.errors import PolicyError
from bihuan.engine.limit import Name, Reference, is_limit
from bihuan.engine.site import Site
from bihuan.engine.spells import first, replaced
from bihuan.engine.values import ABSENT, KNOWN, LACKING, UNKNOWN, Labels, Reader

if TYPE_CHECKING:
    from bihuan.engine.declared import Fact
    from bihuan.engine.facts import Facts


def looked_up(facts: Facts, name: str, fact: Fact) -> Column:
    """The value that the rows of a fact give."""
    reader = facts.reader(name)
    held = [holds(facts, row.when, False) for row in fact.rows]
    answers = [answer(facts, reader, row.is_) for row in fact.rows]
    level = max((*(level for _, level in held), *(each.level for each in answers)), default=CONSTANT)
    found = _Found(reader, facts.size(level))
    for (tri, own), column in zip(held, answers, strict=True):
        found.add(facts.grid.spread(tri, own) if level == ROW else tri, *facts.grid.at_level(column, level))
    facts.report_rows("overlap", name, found.clash, level)
    if fact.otherwise is None:
        facts.report_rows("gap", name, ~(found.matched | found.open), level)
        return Column(reader.type, found.values, found.state, reader.labels, level)
    return _otherwise(facts, reader, found, answer(facts, reader, fact.otherwise), level)


class _Found:
    """The values of the rows that held so far."""

    def __init__(self, reader: Reader, size: int) -> None:
        self.values: Array = np.full(size, -1, dtype_of(reader.type))
        self.state: Tri = np.full(size, UNKNOWN, np.int8)
        self.matched = np.zeros(size, np.bool_)
        self.open = np.zeros(size, np.bool_)
        self.clash = np.zeros(size, np.bool_)

    def add(self, tri: Tri, values: Array, state: Tri) -> None:
        here = tri == 1
        self.open |= tri == -1
        if not here.any():
            return
        again = here & self.matched & (self.values != values)
        self.clash |= again & (self.state > 0) & (state > 0)
        fresh = here & ~self.matched
        self.values = np.where(fresh, values, self.values)
        self.state = np.where(fresh, np.where(state == ABSENT, UNKNOWN, state), self.state).astype(np.int8)
        self.values[again], self.state[again] = -1, UNKNOWN
        self.matched |= here


def _otherwise(facts: Facts, reader: Reader, found: _Found, other: Column, level: int) -> Column:
    common = max(level, other.level)
    values, state = facts.grid.at_level(other, common)
    base = Column(reader.type, found.values, found.state, reader.labels, level)
    held, held_state = facts.grid.at_level(base, common)
    matched = facts.grid.spread(found.matched, level) if common == ROW else found.matched
    return Column(
        reader.type,
        np.where(matched, held, values),
        np.where(matched, held_state, state).astype(np.int8),
        reader.labels,
        common,
    )


def answer(facts: Facts, reader: Reader, value: Any) -> Column:
    """What a row says: a literal, or the present value of another fact or parameter."""
    if isinstance(value, Name):
        return recoded(facts.named(value.name, reader.type), reader)
    if isinstance(value, Reference):
        return constant(reader.type, -1, LACKING, reader.labels)
    if reader.labels is None:
        return facts.prepared.literal(reader.type, value)
    if reader.many:
        value = frozenset(value if isinstance(value, tuple) else (value,))
    if reader.closed and value not in reader.labels.codes:
        raise PolicyError(
            f"{value!r} is no choice: expected {reader.expected}; declare it or correct the row"
        )
    return constant(reader.type, reader.labels.code(value), KNOWN, reader.labels)


def recoded(column: Column, reader: Reader) -> Column:
    """The same values in the codes of another fact."""
    if column.labels is None or reader.labels is None or column.labels is reader.labels:
        return column
    codes = np.array([*(_code(reader, label) for label in column.labels.labels), -1], np.int32)
    values = codes[column.values]
    state = np.where(values < 0, np.minimum(column.state, 0), column.state).astype(np.int8)
    return Column(reader.type, values, state, reader.labels, column.level, column.earlier)


def _code(reader: Reader, label: Any) -> int:
    assert reader.labels is not None
    return reader.labels.codes.get(label, -1) if reader.closed else reader.labels.code(label)


# --- registers ---


def registered(facts: Facts, name: str, fact: Fact) -> Column:
    """What the register of the fact's subject says on the local day of each row."""
    assert fact.of is not None
    subject, reader = facts.column(fact.of), facts.reader(name)
    assert subject.labels is not None
    site: Site | None = facts.prepared.site
    table = site.registers.get(fact.of) if site else None
    if table is None or name not in table.columns or not table.height:
        return constant(reader.type, -1, UNKNOWN, reader.labels)
    entries = list(about(facts, fact.of, name, table, subject.labels))
    spells, places = replaced((subject.labels.code(key), since, until) for key, since, until, _ in entries)
    read = [reader.read(value) if value is not None else (-1, ABSENT) for *_, value in entries]
    values = np.array([*(value for value, _ in read), -1], dtype_of(reader.type))
    state = np.array([*(state for _, state in read), ABSENT], np.int8)
    owner, told = (
        facts.grid.spread(subject.values, subject.level),
        facts.grid.spread(subject.state, subject.level),
    )
    entry = np.append(places, len(read))[spells.at(owner, facts.day)]
    return Column(
        reader.type,
        values[entry],
        np.where(told > 0, state[entry], UNKNOWN).astype(np.int8),
        reader.labels,
        ROW,
    )


def about(
    facts: Facts, of: str, name: str, table: pl.DataFrame, subjects: Labels
) -> Iterator[tuple[Any, ...]]:
    """Subject, days and value of the entries about subjects of the log: no others are asked for.

    Where each subject stands is kept, so that a case costs the same however long the register is.
    """
    columns = [table[column] for column in ("subject", "since", "until", name)]
    if len(subjects) >= table.height:
        yield from zip(*(column.to_list() for column in columns), strict=True)
        return
    kept = facts.prepared.registers
    if of not in kept:
        kept[of] = {}
        for place, subject in enumerate(columns[0].to_list()):
            kept[of].setdefault(subject, []).append(place)
    for place in sorted(place for subject in subjects.labels for place in kept[of].get(subject, ())):
        yield tuple(column[place] for column in columns)


# --- parameters ---


def parameter(facts: Facts, name: str, type: str) -> Column:
    """A parameter read as a type; a dated one by the local day of each row, before its first day unknown."""
    dated = facts.prepared.values(name)
    reader = facts.prepared.simple(type or shown_type(dated))
    if not dated:
        return constant(reader.type, -1, LACKING, reader.labels)
    read = facts.prepared.read(name, reader)
    if dated[0][0] is None:
        return constant(reader.type, *read[0], reader.labels)
    values = np.array([-1, *(value for value, _ in read)], dtype_of(reader.type))
    state = np.array([LACKING, *(state for _, state in read)], np.int8)
    since = np.array([first(day) for day, _ in dated], np.int64)
    entry = np.searchsorted(since, facts.day, side="right")
    return Column(reader.type, values[entry], state[entry], reader.labels, ROW)


def shown_type(dated: list[tuple[Any, Any]]) -> str:
    """The type that a parameter's value has by itself, where no other is wanted."""
    value = dated[0][1] if dated else None
    if isinstance(value, bool):
        return "flag"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, datetime):
        return "instant"
    if isinstance(value, date):
        return "date"
    return "limit" if is_limit(value) else "text"
