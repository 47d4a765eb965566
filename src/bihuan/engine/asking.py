"""Conditions over rows that can be counted: a test on a column of theirs, or on a fact.

Facts are asked by `facts`, as everywhere; only columns are compared here. An unknown value is neither yes nor no.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.clock import NEVER, NONE
from bihuan.engine.coded import ROW, Tri
from bihuan.engine.coded import Column as Values
from bihuan.engine.conditions import SIDES, both
from bihuan.engine.countable import Countable
from bihuan.engine.distances import signs
from bihuan.engine.errors import PolicyError
from bihuan.engine.limit import Limit, Name
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition, Test

Ints = NDArray[np.int64]
UNTOLD = np.int8(-1)


def holds(rows: Countable, condition: Condition | None, parameters: Parameters) -> Tri:
    """1 where the condition holds for a row, 0 where it does not, -1 where it cannot be told."""
    found: Tri = np.ones(len(rows), np.int8)
    for test in condition.tests if condition else ():
        found = both(found, test_holds(rows, test, parameters))
    return found


def test_holds(rows: Countable, test: Test, parameters: Parameters) -> Tri:
    if test.fact in rows.instants:
        return of_instant(rows, test, parameters)
    fact = test.fact in rows.facts.policy.facts and rows.column(test.fact) is not None
    column = None if fact and test.fact in ("verdict", "method") else rows.column(test.fact)
    if column is not None:
        return of_column(column, test, parameters)
    return of_fact(rows, test)


def of_fact(rows: Countable, test: Test) -> Tri:
    told = rows.facts.test(Condition((test,)))
    other = np.int8(int(not test.values[0])) if test.op == "known" else UNTOLD
    found: Tri = np.append(told, other)[rows.told_by(test.fact)].astype(np.int8)
    return found


def unknown(rows: Countable, condition: Condition | None, parameters: Parameters) -> pl.Series:
    """Of the rows that a condition leaves open, the first thing that is not known."""
    why = pl.Series([None], dtype=pl.String).new_from_index(0, len(rows))
    for test in reversed(condition.tests if condition else ()):
        lacks = pl.Series(test_holds(rows, test, parameters) < 0)
        why = why.set(lacks, f"fact-not-known:{test.fact}")
    return why


# --- columns ---


def of_column(column: pl.Series, test: Test, parameters: Parameters) -> Tri:
    if isinstance(column.dtype, pl.Enum):
        return of_names(column, column.dtype.categories, test, parameters)
    known = column.is_not_null()
    if test.op == "known":
        return (known == bool(test.values[0])).cast(pl.Int8).to_numpy()
    if test.op == "compare":
        found = compared(column, test, parameters)
    else:
        values = [value_of(each, parameters) for each in test.values]
        among = column.cast(pl.String).is_in([text_of(each) for each in values])
        found = ~among if test.op == "not" else among
    return found.cast(pl.Int8).fill_null(-1).to_numpy()


def of_names(column: pl.Series, names: pl.Series, test: Test, parameters: Parameters) -> Tri:
    """Asked once of each name, not of each row."""
    told = of_column(pl.concat([names, names.clear(1)]), test, parameters)
    found: Tri = told[column.to_physical().cast(pl.Int64).fill_null(len(names)).to_numpy()]
    return found


def compared(column: pl.Series, test: Test, parameters: Parameters) -> pl.Series:
    if test.from_ is not None or not column.dtype.is_numeric():
        raise PolicyError(f"column {test.fact} has no order in which it could be compared")
    found = column.is_not_null().replace(False, None)
    for side, bound in test.bounds.items():
        value = value_of(bound, parameters)
        if not isinstance(value, int | float):
            raise PolicyError(f"column {test.fact} is compared with a number, found {value}")
        sign = pl.select((column.cast(pl.Float64) - float(value)).sign()).to_series()
        found &= {"at_least": sign >= 0, "above": sign > 0, "at_most": sign <= 0, "below": sign < 0}[side]
    return found


def value_of(value: Any, parameters: Parameters) -> Any:
    if not isinstance(value, Name):
        return value
    return parameters[value.name].on() if value.name in parameters else None


def text_of(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# --- instants ---


def of_instant(rows: Countable, test: Test, parameters: Parameters) -> Tri:
    own = instant(rows.instants[test.fact])
    if test.op == "known":
        known: Tri = ((own.state > 0) == bool(test.values[0])).astype(np.int8)
        return known
    if test.op != "compare":
        raise PolicyError(
            f"{test.fact} is an instant: compare it (at_least, below) or ask whether it is known"
        )
    found: Tri = np.ones(len(rows), np.int8)
    for side, bound in test.bounds.items():
        found = both(found, sided(rows, own, test, bound, side, parameters))
    return found


def sided(rows: Countable, own: Values, test: Test, bound: Any, side: str, parameters: Parameters) -> Tri:
    amount = None
    other = other_instant(rows, test.from_ or bound)
    if test.from_ is not None:
        amount = value_of(bound, parameters)
        if not isinstance(amount, Limit):
            raise PolicyError(f"the distance from {test.from_.name} is an amount of time, found {amount}")
    told = (own.state > 0) & (other.state > 0)
    return np.where(told, SIDES[side](signs(own, other, amount, rows.facts.local)), UNTOLD).astype(np.int8)


def other_instant(rows: Countable, source: Any) -> Values:
    """Another instant of the row, of its case, or a date as written."""
    if isinstance(source, Name) and source.name in rows.instants:
        return instant(rows.instants[source.name])
    if isinstance(source, Name):
        place = rows.told_by(source.name)
        return instant(np.append(rows.facts.instant(source.name), NONE)[place])
    return rows.facts.prepared.literal("instant", source)


def instant(at: Ints) -> Values:
    known = (at != NONE) & (at != NEVER)
    return Values("instant", np.where(known, at, 0), known.astype(np.int8), None, ROW)
