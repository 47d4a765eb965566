"""Limits that cannot be: a target after its limit, an extension that shortens, a bound that is broken."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from bihuan.engine.checks.mentions import dotted
from bihuan.engine.fields import Between
from bihuan.engine.finding import Finding, written
from bihuan.engine.limit import Limit
from bihuan.engine.parameters import Parameters, outside
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Charge, Extension, Rule, Timed

# Amounts that can be compared without a calendar: unit, family, size.
FAMILIES = {
    "second": ("elapsed", 1),
    "minute": ("elapsed", 60),
    "hour": ("elapsed", 3600),
    "working hour": ("working hours", 1),
    "day": ("days", 1),
    "week": ("days", 7),
    "working day": ("working days", 1),
    "month": ("months", 1),
    "year": ("months", 12),
}
SHORTEST_MONTH = 28


def check_limits(policy: Policy, parameters: Parameters) -> Iterator[Finding]:
    """Impossible limits of rules, and parameters outside their bounds."""
    for article, _, rule in policy.rules():
        found = [*of_rule(rule), *month_ends(rule)]
        yield from (each.at(article=article.no, rule=rule.name) for each in found)
    for name, parameter in policy.parameters.items():
        for broken in outside(parameter, parameters, name):
            yield Finding(
                "error",
                "bound-broken",
                key=f"parameters.{name}",
                found=written(broken.value),
                args={"bound": broken.bound},
            )
    for name, fact in policy.facts.items():
        if fact.range and fact.range[0] > fact.range[1]:
            yield Finding("error", "range", key=f"facts.{name}.range", found=str(list(fact.range)))


def of_rule(rule: Rule) -> Iterator[Finding]:
    if isinstance(rule, Timed):
        yield from ordered(rule.target, rule.within, "target", "within")
        yield from ordered(rule.not_before, rule.within, "not_before", "within")
        yield from ordered(rule.from_, rule.until, "from", "until")
        for number, extension in enumerate(rule.extensions, 1):
            yield from extended(extension, rule.within, f"extensions[{number}]")
    if isinstance(rule, Charge):
        yield from amounts(rule)


def ordered(first: object, second: object, key: str, other: str) -> Iterator[Finding]:
    """The first limit has to end before the second."""
    sizes = comparable(first, second)
    if sizes and sizes[0] >= sizes[1]:
        yield Finding(
            "error", "not-before", key=key, found=str(first), args={"other": other, "limit": str(second)}
        )


def comparable(first: object, second: object) -> tuple[int, int] | None:
    """The sizes of two amounts of one family."""
    if not isinstance(first, Limit) or not isinstance(second, Limit) or not (first.unit and second.unit):
        return None
    (family, one), (other, two) = FAMILIES[first.unit], FAMILIES[second.unit]
    if family != other or first.clock or second.clock:
        return None
    return (first.amount or 0) * one, (second.amount or 0) * two


def extended(extension: Extension, within: object, key: str) -> Iterator[Finding]:
    """An extension that does not lengthen, or adds another unit than the limit's."""
    sizes = comparable(extension.to, within)
    if sizes and sizes[0] <= sizes[1]:
        yield Finding(
            "error", "shortens", key=dotted(key, "to"), found=str(extension.to), args={"limit": str(within)}
        )
    for name in ("add", "at_most"):
        added = getattr(extension, name)
        if isinstance(added, Limit) and isinstance(within, Limit) and not addable(added, within):
            args = {"limit": str(within)}
            yield Finding("error", "other-unit", key=dotted(key, name), found=str(added), args=args)


def addable(added: Limit, within: Limit) -> bool:
    """Only amounts of one family add up; to a day word nothing can be added."""
    if not added.unit or not within.unit:
        return False
    return FAMILIES[added.unit][0] == FAMILIES[within.unit][0]


def amounts(rule: Charge) -> Iterator[Finding]:
    pairs = [("amount", rule.amount.low, rule.amount.high)] if isinstance(rule.amount, Between) else []
    for key, low, high in [*pairs, ("at_least", rule.at_least, rule.at_most)]:
        if is_above(low, high):
            yield Finding(
                "error", "not-before", key=key, found=str(low), args={"other": "at_most", "limit": str(high)}
            )


def is_above(low: object, high: object) -> bool:
    return isinstance(low, Decimal) and isinstance(high, Decimal) and low > high


def month_ends(rule: Rule) -> Iterator[Finding]:
    """The 29th to 31st are not days of every month."""
    for key in type(rule).model_fields:
        limit = getattr(rule, key)
        day = limit.day if isinstance(limit, Limit) else None
        if day is not None and day.kind == "month day" and day.n > SHORTEST_MONTH:
            yield Finding("warning", "month-end", key=key, found=str(limit))
