"""Score cards: values made of other figures, weighted, with deductions, within bounds. A part without a value is named.

Nothing is counted here: a part comes as a figure or not at all, and what is not there is never taken for 0.
"""

from collections.abc import Callable, Iterator
from fractions import Fraction
from math import ceil, floor

from bihuan.engine.bands import number, text
from bihuan.engine.figure import UNDEFINED, UNSET, Figure
from bihuan.engine.parameters import Parameters
from bihuan.engine.rules import Deduct, Indicator

Find = Callable[[str], Figure]


def weighted(rule: Indicator, parameters: Parameters, find: Find) -> Figure:
    """The sum of parts times their weights, or the number it starts from."""
    if rule.base is not None:
        return Figure(number(rule.base, parameters))
    assert rule.weights is not None
    weights = {name: number(weight, parameters) for name, weight in rule.weights.items()}
    if rule.weights_sum is not None:
        whole = number(rule.weights_sum, parameters)
        if sum(weights.values()) != whole:
            return Figure(
                None, UNSET, notes=(f"weights-sum:{text(Fraction(sum(weights.values())))}/{text(whole)}",)
            )
    parts = {name: find(name) for name in weights}
    if lacking := lacks(parts.items()):
        return lacking
    return Figure(sum((weights[name] * part.known for name, part in parts.items()), Fraction(0)))


def lacks(parts: object) -> Figure | None:
    """What a card is without some of its parts: each is named, with what it is instead of a figure."""
    notes = [f"undefined-part:{name}" for name, part in parts if part.value is None]  # type: ignore[attr-defined]
    return Figure(None, UNDEFINED, notes=tuple(notes)) if notes else None


def adjusted(rule: Indicator, figure: Figure, parameters: Parameters, find: Find) -> Figure:
    """A figure after its deductions, within its least and greatest value."""
    if figure.value is None or (not rule.deduct and rule.at_least is None and rule.at_most is None):
        return figure
    parts = {each.of: find(each.of) for each in rule.deduct}
    if lacking := lacks(parts.items()):
        return figure.but(None, UNDEFINED, *lacking.notes)
    value = figure.value - sum(
        (deducted(each, parts[each.of].known, parameters) for each in rule.deduct), Fraction(0)
    )
    for key, pick in (("at_least", max), ("at_most", min)):
        if (bound := parameters.of(rule, key)) is not None:
            value = pick(value, number(bound, parameters))
    return figure.but(value)


def deducted(held: Deduct, value: Fraction, parameters: Parameters) -> Fraction:
    """What another figure takes off: so much for each, or for each step by which it lies below or above a bound."""
    each = number(held.each, parameters)
    times = value
    if held.below is not None:
        times = max(number(held.below, parameters) - value, Fraction(0))
    elif held.above is not None:
        times = max(value - number(held.above, parameters), Fraction(0))
    if held.step is not None:
        times = steps(times / number(held.step, parameters), held.part)
    off = each * times
    return off if held.at_most is None else min(off, number(held.at_most, parameters))


def steps(count: Fraction, part: str) -> Fraction:
    """Only full steps, every step begun, or the exact share."""
    if part == "exact":
        return count
    return Fraction(floor(count) if part == "full" else ceil(count))


def parts_of(rule: Indicator) -> Iterator[str]:
    """The indicators of which this one is made."""
    yield from rule.weights or ()
    yield from (each.of for each in rule.deduct)
