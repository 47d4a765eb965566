"""Figures of one definition: its formula over the cells of a log, at every unit, group and period at which there is one.

Numerator and denominator are counted apart and then divided; without a denominator's rows there is no figure. Card and
part are made here of one another; how rows become cells is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, NamedTuple

import polars as pl

from bihuan.engine import measure, rollup, scorecard
from bihuan.engine.bands import Lacking, number
from bihuan.engine.errors import PolicyError
from bihuan.engine.figure import NO_FIGURE, UNDEFINED, UNSET, Figure
from bihuan.engine.measure import COUNT, MEAN, SCALE, Asked, Source, missing, parts, sides
from bihuan.engine.period import Span
from bihuan.engine.rules import Indicator


class Key(NamedTuple):
    """Of whom and when a figure is; None: of all."""

    unit: str | None
    group: str | None
    period: str | None


Figures = dict[Key, Figure]
UPPER, LOWER = "numerator", "denominator"


@dataclass
class Run:
    """What figures are made of: the sources, the tree of units, the period asked for, and what was made so far."""

    source: Source
    tree: pl.DataFrame
    span: Span | None
    spans: dict[str, Span] = field(default_factory=dict)
    made: dict[tuple[str, str | None], Figures] = field(default_factory=dict)
    lacking: dict[str, tuple[str, ...]] = field(
        default_factory=dict
    )  # by indicator, why rows were not judged
    cells: dict[tuple[str, str | None, str], pl.DataFrame] = field(
        default_factory=dict
    )  # by indicator, kind of period and side, what its rows add up to at their own units

    def has(self, name: str) -> bool:
        """Whether this edition declares it."""
        return isinstance(self.source.judgement.plan.prepared.policy.named.get(name), Indicator)

    def rule(self, name: str) -> Indicator:
        found = self.source.judgement.plan.prepared.policy.named.get(name)
        if not isinstance(found, Indicator):
            raise PolicyError(f"there is no indicator {name!r}")
        return found


def figures(run: Run, rule: Indicator, kind: str | None, inside: tuple[str, ...] = ()) -> Figures:
    """Every figure of a definition by periods of this kind (None: the whole log)."""
    if rule.id in inside:
        raise PolicyError(f"indicator {rule.id} is part of itself: {' → '.join((*inside, rule.id))}")
    if (rule.id, kind) not in run.made:
        found = of_parts(run, rule, kind, inside) if is_card(rule) else counted(run, rule, kind)
        run.made[rule.id, kind] = finished(run, rule, kind, found, inside)
    return run.made[rule.id, kind]


def is_card(rule: Indicator) -> bool:
    return rule.weights is not None or rule.base is not None


# --- counted ---


def counted(run: Run, rule: Indicator, kind: str | None) -> Figures:
    upper, lower = sides(rule)
    lacking = missing(run.source, (upper, lower))
    table = joined(run, rule, kind, upper, lower)
    found: Figures = {}
    for row in table.iter_rows(named=True):
        key = Key(row["unit"], row["group"], row["period"])
        found[key] = unset(lacking) if lacking else quotient(run, rule, row, upper, lower)
    return found


def unset(names: Iterable[str]) -> Figure:
    return Figure(None, UNSET, notes=tuple(f"missing:{name}" for name in names))


def joined(run: Run, rule: Indicator, kind: str | None, upper: Asked, lower: Asked | None) -> pl.DataFrame:
    """The cells of both sides beside each other; what one side does not have counts nothing there."""
    above = side_cells(run, rule, kind, upper, UPPER)
    if lower is None:
        return above
    below = side_cells(run, rule, kind, lower, LOWER).rename({name: f"{name}_below" for name in rollup.SUMS})
    keys = list(rollup.KEYS)
    table = above.join(below, on=keys, how="full", coalesce=True, nulls_equal=True)
    return table.with_columns(pl.exclude(keys).fill_null(0))


def side_cells(run: Run, rule: Indicator, kind: str | None, ask: Asked, side: str) -> pl.DataFrame:
    return rollup.rolled_up(own_cells(run, rule, kind, ask, side), run.tree)


def own_cells(run: Run, rule: Indicator, kind: str | None, ask: Asked, side: str) -> pl.DataFrame:
    """What the rows of one side add up to, counted once."""
    key = rule.id, kind, side
    if key not in run.cells:
        found = list(parts(run.source, ask, kind, run.span))
        run.spans |= {span.name: span for part in found for span in part.spans if span}
        run.lacking[rule.id] = measure.lacking(found)
        run.cells[key] = rollup.cells(found, rule.group)
    return run.cells[key]


def quotient(run: Run, rule: Indicator, row: dict[str, Any], upper: Asked, lower: Asked | None) -> Figure:
    """What the sums of one cell come to."""
    numerator = scaled(row["amount"], upper)
    if lower is None and upper.what != MEAN:
        left, unset_rows, denominator = row["left_out"], row["unset"], Fraction(1)
        told = Figure(numerator, numerator=numerator)
    else:
        mean = lower is None or upper.what == MEAN
        denominator = (
            Fraction(row["counted"]) if mean or lower is None else scaled(row["amount_below"], lower)
        )
        side = "" if lower is None else "_below"
        left, unset_rows = row[f"left_out{side}"], row[f"unset{side}"]
        told = divided(run, rule, numerator, denominator)
    if row["unknown"] or row.get("unknown_below"):
        told = told.but(None, UNDEFINED, f"without-value:{row['unknown'] + row.get('unknown_below', 0)}")
    elif unset_rows and not told.denominator and not numerator:
        told = told.but(None, UNSET)
    notes = run.lacking.get(rule.id, ()) if unset_rows else ()
    notes += (f"left-out:{left}",) if left else ()
    return told.but(told.value, told.state, *notes)


def scaled(amount: int, ask: Asked) -> Fraction:
    return Fraction(amount) if ask.what == COUNT else Fraction(amount, SCALE)


def divided(run: Run, rule: Indicator, numerator: Fraction, denominator: Fraction) -> Figure:
    """A quotient; of nothing there is none, unless the text says what stands for it."""
    if denominator:
        return Figure(numerator / denominator, numerator=numerator, denominator=denominator)
    zero = run.source.parameters.of(rule, "zero")
    value = None if zero is None else number(zero, run.source.parameters)
    state = NO_FIGURE if value is None else "figure"
    return Figure(value, state, numerator, denominator)


# --- made of others ---


def of_parts(run: Run, rule: Indicator, kind: str | None, inside: tuple[str, ...]) -> Figures:
    """A card at every unit, group and period at which one of its parts has a figure."""
    keys = keys_of(run, rule, kind, inside)
    found: Figures = {}
    for key in keys:
        found[key] = guarded(
            lambda key=key: scorecard.weighted(
                rule, run.source.parameters, at(run, kind, key, (*inside, rule.id))
            )
        )
    return found


def keys_of(run: Run, rule: Indicator, kind: str | None, inside: tuple[str, ...]) -> list[Key]:
    found: dict[Key, None] = {}
    for name in scorecard.parts_of(rule):
        part = run.rule(name)
        mine = figures(run, part, kind, (*inside, rule.id))
        same = set(part.group) - {"unit"} == set(rule.group) - {"unit"}
        found |= dict.fromkeys(key for key in mine if key.group is None or same)
    return list(found)


def at(run: Run, kind: str | None, key: Key, inside: tuple[str, ...]) -> scorecard.Find:
    """Finds another indicator's figure of the same unit, group and period."""

    def find(name: str) -> Figure:
        rule = run.rule(name)
        held = figures(run, rule, kind, inside)
        return held[key] if key in held else nothing(run, rule, kind, key, inside)

    return find


def nothing(run: Run, rule: Indicator, kind: str | None, key: Key, inside: tuple[str, ...]) -> Figure:
    """What a definition says where it has no row at all."""
    if is_card(rule):
        return guarded(
            lambda: scorecard.weighted(rule, run.source.parameters, at(run, kind, key, (*inside, rule.id)))
        )
    upper, lower = sides(rule)
    if lacking := missing(run.source, (upper, lower)):
        return unset(lacking)
    empty = dict.fromkeys((*rollup.SUMS, *(f"{name}_below" for name in rollup.SUMS)), 0)
    return guarded(lambda: quotient(run, rule, empty, upper, lower))


def guarded(make: Any) -> Figure:
    """A figure, or that a number of its definition is missing."""
    try:
        return make()  # type: ignore[no-any-return]
    except Lacking as lacking:
        return unset([lacking.name])


def finished(run: Run, rule: Indicator, kind: str | None, found: Figures, inside: tuple[str, ...]) -> Figures:
    """After deductions and bounds."""
    if not rule.deduct and rule.at_least is None and rule.at_most is None:
        return found
    keys = {**found, **dict.fromkeys(keys_of(run, rule, kind, inside))} if rule.deduct else found
    whole: Figures = {}
    for key in keys:
        own = found.get(key) or nothing(run, rule, kind, key, inside)
        find = at(run, kind, key, (*inside, rule.id))
        whole[key] = guarded(
            lambda own=own, find=find: scorecard.adjusted(rule, own, run.source.parameters, find)
        )
    return whole


def filled(run: Run, rule: Indicator, kind: str | None, keys: Iterable[Key]) -> Iterator[tuple[Key, Figure]]:
    """The figures, and those of the keys at which nothing was found."""
    found = figures(run, rule, kind)
    yield from found.items()
    for key in keys:
        if key not in found:
            yield key, adjusted_nothing(run, rule, kind, key)


def adjusted_nothing(run: Run, rule: Indicator, kind: str | None, key: Key) -> Figure:
    find = at(run, kind, key, (rule.id,))
    own = nothing(run, rule, kind, key, ())
    return guarded(lambda: scorecard.adjusted(rule, own, run.source.parameters, find))
