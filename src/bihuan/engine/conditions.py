"""Conditions over fact columns: every test holds (1), does not (0), or cannot be told (-1).

One test that does not hold settles a condition, whatever else is unknown. In a `where` only what the row itself
carries counts, and what is absent does not match. Values are compared as codes, never as text.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from bihuan.engine.coded import CONSTANT, ROW, Array, Column, Tri
from bihuan.engine.distances import Signs, signs
from bihuan.engine.errors import PolicyError
from bihuan.engine.limit import Name, Reference
from bihuan.engine.pattern import Condition, Test
from bihuan.engine.values import ABSENT, LACKING

if TYPE_CHECKING:
    from bihuan.engine.facts import Facts

Levelled = tuple[Tri, int]

YES = np.ones(1, np.int8)
UNTOLD = np.int8(-1)

SIDES: dict[str, Callable[[Signs], Array]] = {
    "at_least": lambda sign: sign >= 0,
    "above": lambda sign: sign > 0,
    "at_most": lambda sign: sign <= 0,
    "below": lambda sign: sign < 0,
}


def both(a: Tri, b: Tri) -> Tri:
    """Three-valued and: zero wins, then unknown."""
    found: Tri = np.minimum(a, b) * (a & b & 1)
    return found


def holds(facts: Facts, condition: Condition, carried: bool) -> Levelled:
    """Whether all tests of a condition hold; tests on cases are joined before they are spread over rows."""
    return conjunction(facts, [test_holds(facts, test, carried) for test in condition.tests])


def conjunction(facts: Facts, parts: list[Levelled]) -> Levelled:
    if len(parts) == 1:
        return parts[0]
    tri, level = YES, CONSTANT
    for each, own in sorted(parts, key=lambda part: part[1]):
        spread = facts.grid.spread(tri, level) if own == ROW else tri
        tri, level = each if tri is YES else both(spread, each), own
    return tri, level


def test_holds(facts: Facts, test: Test, carried: bool) -> Levelled:
    column = facts.column(test.fact)
    if test.op == "known":
        return _known(column, bool(test.values[0]), carried), column.level
    tri, level = facts.kept(test, _compare if test.op == "compare" else _member)
    return (_carried(facts, column, tri, level) if carried else tri), level


def lacks(facts: Facts, condition: Condition) -> Levelled:
    """Where a condition asks for something that a missing parameter or document would have to say."""
    names = {test.fact for test in condition.tests}
    columns = [facts.column(name) for name in names]
    for test in condition.tests:
        column = facts.column(test.fact)
        values = test.bounds.values() if test.from_ is None else ()
        columns += [operand(facts, column, value) for value in (*values, *test.values) if _is_named(value)]
        if test.from_ is not None:
            columns += [_amounts(facts, column, bound) for bound in test.bounds.values() if _is_named(bound)]
    level = max(column.level for column in columns)
    found = np.zeros(1, np.int8)
    for column in columns:
        found = np.maximum(found, (facts.at(column, level).state == LACKING).astype(np.int8))
    return found, level


def _is_named(value: Any) -> bool:
    return isinstance(value, Name | Reference)


def _known(column: Column, wanted: bool, carried: bool) -> Tri:
    has = column.state > 0
    if carried and column.earlier is not None:
        has &= ~column.earlier
    found: Tri = (has == wanted).astype(np.int8)
    return found


def _carried(facts: Facts, column: Column, tri: Tri, level: int) -> Tri:
    spoken = ~column.silent
    found: Tri = tri * (facts.grid.spread(spoken, column.level) if level == ROW else spoken)
    return found


# --- equal, one of, not, all ---


def _member(facts: Facts, test: Test, column: Column) -> Levelled:
    kept = facts.prepared.tables.get(id(test))
    if kept is not None:
        return kept[1].take(column.values), column.level
    if column.labels is None or any(_is_named(value) for value in test.values):
        return _among(facts, test, column)
    return table(facts, test, column).take(column.values), column.level


def code_table(labels: Iterable[Any], tri: Callable[[Any], int]) -> Tri:
    """For each code what a test says of it; the last entry, which code -1 finds, is unknown."""
    return np.array([*(tri(label) for label in labels), UNTOLD], np.int8)


def label_tri(test: Test, stands: Callable[[Any], frozenset[Any]]) -> Callable[[Any], int]:
    """What a test says of one label; of a recorded branch it cannot be told which of its choices is meant."""
    wanted = [stands(value) for value in test.values]
    anything: frozenset[Any] = frozenset().union(*wanted)

    def within(label: Any, any_of: frozenset[Any]) -> int:
        held = [stands(each) for each in (label if isinstance(label, frozenset) else (label,))]
        if any(each <= any_of for each in held):
            return 1
        return -1 if any(each & any_of for each in held) else 0

    def tri(label: Any) -> int:
        if test.op == "all":
            parts = {within(label, each) for each in wanted}
            return 0 if 0 in parts else -1 if -1 in parts else 1
        found = within(label, anything)
        return found if test.op == "in" or found < 0 else 1 - found

    return tri


def table(facts: Facts, test: Test, column: Column) -> Tri:
    """`code_table`, kept with the policy where the codes are the same in every log."""
    kept = facts.prepared.tables
    if test.fact in facts.prepared.readers:
        if id(test) not in kept:
            kept[id(test)] = test, _table(facts, test, column)
        return kept[id(test)][1]
    return _table(facts, test, column)


def _table(facts: Facts, test: Test, column: Column) -> Tri:
    assert column.labels is not None
    choices = facts.prepared.choices.get(test.fact)
    if test.op == "compare":
        return code_table(column.labels.labels, _ranks(facts, test))
    stands = choices.stands if choices else {}
    return code_table(
        column.labels.labels, label_tri(test, lambda name: stands.get(name) or frozenset((name,)))
    )


def _ranks(facts: Facts, test: Test) -> Callable[[Any], int]:
    """Choices in rising order; what an open list does not name has no place in the order."""
    choices, policy_fact = facts.prepared.choices.get(test.fact), facts.policy.facts[test.fact]
    if choices is None or not policy_fact.ordered:
        raise PolicyError(
            f"fact {test.fact} has no order, so it cannot be compared: declare its choices `ordered = true`",
            fact=test.fact,
        )
    rank = {key: code for code, key in enumerate(policy_fact.leaves)}
    parameters = facts.prepared.parameters
    bounds = {
        side: parameters[bound].on() if bound not in rank and bound in parameters else bound
        for side, bound in test.bounds.items()
    }
    for bound in bounds.values():
        if bound is not None and bound not in rank:
            raise PolicyError(
                f"{bound!r} is no choice of {test.fact}: expected {choices.expected}", fact=test.fact
            )

    def tri(label: Any) -> int:
        if label not in rank or None in bounds.values():
            return -1
        return int(all(SIDES[side](np.sign(rank[label] - rank[bound])) for side, bound in bounds.items()))

    return tri


def _among(facts: Facts, test: Test, column: Column) -> Levelled:
    """Equality of numbers and times, or with what another fact or a parameter says."""
    found, level = [], column.level
    for value in test.values:
        other = operand(facts, column, value)
        own = max(column.level, other.level)
        tri = _same(facts, column, other, own)
        found.append((tri, own))
        level = max(level, own)
    every = [facts.grid.spread(tri, own) if level == ROW else tri for tri, own in found]
    hits = np.logical_or.reduce([tri == 1 for tri in every])
    untold = np.logical_or.reduce([tri == -1 for tri in every])
    tri = np.where(hits, np.int8(1), np.where(untold, UNTOLD, np.int8(0)))
    return (np.where(tri < 0, tri, 1 - tri) if test.op == "not" else tri), level


def _same(facts: Facts, column: Column, other: Column, level: int) -> Tri:
    if column.labels is None:
        return _sided(facts, column, other, None, level, lambda sign: sign == 0)
    assert other.labels is not None
    codes = np.array([*(column.labels.codes.get(label, -2) for label in other.labels.labels), -1])
    a, b = facts.at(column, level), facts.at(other, level)
    told = (a.state > 0) & (b.state > 0)
    return np.where(told, a.values == codes[b.values], UNTOLD)


# --- bounds and distances ---


def _compare(facts: Facts, test: Test, column: Column) -> Levelled:
    if column.labels is not None:
        return table(facts, test, column)[column.values], column.level
    ask = _bounded if test.from_ is None else _distant
    return conjunction(facts, [ask(facts, test, column, side, bound) for side, bound in test.bounds.items()])


def _bounded(facts: Facts, test: Test, column: Column, side: str, bound: Any) -> Levelled:
    other = operand(facts, column, bound)
    level = max(column.level, other.level)
    return _sided(facts, column, other, None, level, SIDES[side]), level


def _distant(facts: Facts, test: Test, column: Column, side: str, bound: Any) -> Levelled:
    assert test.from_ is not None
    origin = facts.column(test.from_.name)
    amounts = _amounts(facts, column, bound)
    level = max(column.level, origin.level, amounts.level)
    return _by_each_amount(facts, column, origin, amounts, level, SIDES[side]), level


def operand(facts: Facts, column: Column, value: Any) -> Column:
    """What a column is compared with, read as a value of its type."""
    if isinstance(value, Name):
        return facts.named(value.name, column.type)
    return facts.prepared.literal(column.type, value)


def _amounts(facts: Facts, column: Column, bound: Any) -> Column:
    wanted = column.type if column.type in ("number", "money") else "limit"
    return operand(facts, Column(wanted, column.values, column.state), bound)


def _by_each_amount(
    facts: Facts, column: Column, origin: Column, amounts: Column, level: int, side: Callable[[Signs], Array]
) -> Tri:
    """An amount that a fact or a dated parameter gives: once for each that occurs."""
    values, state = facts.grid.at_level(amounts, level)
    found = np.full(1, UNTOLD)
    for value in set(values[state > 0].tolist()):
        amount = value if amounts.labels is None else amounts.labels.labels[value]
        tri = _sided(facts, column, origin, amount, level, side)
        if len(values) == 1:
            return tri
        found = np.where((values == value) & (state > 0), tri, found)
    return found


def _sided(
    facts: Facts, left: Column, right: Column, amount: Any, level: int, side: Callable[[Signs], Array]
) -> Tri:
    a, b = facts.at(left, level), facts.at(right, level)
    told = (a.state > 0) & (b.state > 0)
    if not told.all():
        a, b = _safe(a, told), _safe(b, told)
    return np.where(told, side(signs(a, b, amount, facts.local)), UNTOLD)


def _safe(column: Column, told: Array) -> Column:
    """Zero instead of what is not known, so that no arithmetic meets it."""
    state = np.where(told, column.state, ABSENT)
    return Column(column.type, np.where(told, column.values, 0), state)
