"""What a rule comes to in one line: what starts it and ends it, what an indicator divides by what, what a charge is.

For the definitions of a report. Knows policies; computes nothing.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from bihuan import limits
from bihuan.engine.amounts import written
from bihuan.engine.fields import Between, Floor
from bihuan.engine.limit import Limit, Name, Reference
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition, EventPattern, Pattern, Test
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Charge, Count, Indicator, Measure, Multiplier, Prohibition, Rule, Step, Timed
from bihuan.i18n import _, language
from bihuan.report import labels
from bihuan.spoken import head, word

SIGNS = {"at_least": "≥", "above": ">", "at_most": "≤", "below": "<"}


def formula(policy: Policy, parameters: Parameters, rule: Rule) -> str:
    """A rule in one line; empty for kinds that have nothing to compute."""
    match rule:
        case Timed():
            return timed(policy, parameters, rule)
        case Indicator():
            return indicator(policy, rule)
        case Charge():
            return charge(policy, rule)
        case Count():
            needed = rule.at_least if rule.at_least is not None else rule.above
            sign = "≥" if rule.at_least is not None else ">"
            return f"{pattern(policy, rule.of)} {sign} {needed}"
        case Prohibition():
            return pattern(policy, rule.on)
        case Multiplier():
            return f"× {rule.factor}"
        case Step():
            return event(policy, rule.event)
    return ""


def timed(policy: Policy, parameters: Parameters, rule: Timed) -> str:
    """From what to what, and within which time."""
    start, end = (
        pattern(policy, resolved(each, parameters)) if each else "" for each in (rule.after, rule.ends)
    )
    path = " → ".join(part for part in (start, end) if part)
    return ": ".join(part for part in (path, labels.allowed(policy, parameters, rule)) if part)


def resolved(value: Pattern, parameters: Parameters) -> Pattern:
    """The pattern with the events that parameters name in their places."""

    def one(each: EventPattern) -> EventPattern:
        names = (str(parameters[name].on() or name) if name in parameters else name for name in each.event)
        return replace(each, event=tuple(names))

    return Pattern(
        any=tuple(map(one, value.any)), all=tuple(resolved(each, parameters) for each in value.all)
    )


def indicator(policy: Policy, rule: Indicator) -> str:
    """The numerator over the denominator, or weighted parts."""
    if rule.weights is not None:
        parts = (f"{labels.rule_name(policy, name)} × {weight}" for name, weight in rule.weights.items())
        return " + ".join(parts)
    own = part(policy, rule)
    return f"{own} ÷ {part(policy, rule.over)}" if rule.over else own


def part(policy: Policy, rule: Any) -> str:
    """A count, a sum or a mean, in words."""
    for key, said in (("count", _("number of")), ("sum", _("sum of")), ("mean", _("mean of"))):
        measured: Measure | None = getattr(rule, key)
        if measured is not None:
            column = f" {fact(policy, measured.of)}," if measured.of else ""
            where = f" ({condition(policy, measured.where)})" if measured.where else ""
            return f"{said}{column} {rows(policy, measured.rows)}{where}"
    return ""


def rows(policy: Policy, name: str) -> str:
    """Which rows are counted: a kind of rows, or those of one rule."""
    kinds = {
        "cases": _("cases"),
        "obligations": _("obligations"),
        "callbacks": _("callbacks"),
        "irregularities": _("irregularities"),
        "charges": _("charges"),
    }
    return str(kinds.get(name) or labels.rule_name(policy, name))


def charge(policy: Policy, rule: Charge) -> str:
    """What sets it off, and what it comes to."""
    said = amount(policy, rule.amount)
    if rule.sanction is not None:
        said = f"{said}; {sanction(rule)}" if said else sanction(rule)
    return f"{pattern(policy, rule.on)}: {said or _('no number in the text')}"


def sanction(rule: Charge) -> str:
    return rule.sanction if isinstance(rule.sanction, str) else getattr(rule.sanction, "ladder", "")


def amount(policy: Policy, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Between):
        return f"{scalar(policy, value.low)}–{scalar(policy, value.high)}"
    if isinstance(value, Floor):
        return f"≥ {scalar(policy, value.least)}"
    return scalar(policy, value)


def pattern(policy: Policy, value: Pattern) -> str:
    """Events as people of the language call them."""
    if value.all:
        return _(" and ").join(pattern(policy, each) for each in value.all)
    return _(" or ").join(one_of(policy, each) for each in value.any)


def one_of(policy: Policy, value: EventPattern) -> str:
    names = event(policy, value.event)
    where = f" ({condition(policy, value.where)})" if value.where else ""
    return names + where


def event(policy: Policy, names: Iterable[str]) -> str:
    return _(" or ").join(event_name(policy, name) for name in names)


def event_name(policy: Policy, name: str) -> str:
    """An event's label, or the outcome of a rule: `contact.missed` is 联系客户 逾期."""
    source, _dot, outcome = name.partition(".")
    if outcome:
        return f"{labels.rule_name(policy, source)} {word('state', OUTCOMES.get(outcome, outcome))}"
    return policy.event_labels.get(name, name) if language() == "zh" else name


OUTCOMES = {"missed": "overdue"}


def condition(policy: Policy, value: Condition) -> str:
    return ", ".join(test(policy, each) for each in value.tests)


def test(policy: Policy, value: Test) -> str:
    name = fact(policy, value.fact)
    if value.bounds:
        bounds = ", ".join(f"{SIGNS[key]} {scalar(policy, each)}" for key, each in value.bounds.items())
        return f"{name} {bounds}"
    values = "/".join(choice(policy, value.fact, each) for each in value.values)
    return f"{name} {'≠' if value.op == 'not' else '='} {values}" if values else f"{name} {value.op}"


def choice(policy: Policy, name: str, value: Any) -> str:
    """A value of a fact by its label, a state by its word, an event or rule by its name."""
    if name == "event" and isinstance(value, str):
        return event_name(policy, value)
    if name == "rule" and isinstance(value, str):
        return labels.rule_name(policy, value)
    if name in policy.facts and isinstance(value, str):
        return policy.facts[name].leaves.get(value, value)
    return word(name, str(value)) if isinstance(value, str) else scalar(policy, value)


def fact(policy: Policy, name: str) -> str:
    declared = policy.facts.get(name)
    return (declared.label if declared else None) or head(name)


def scalar(policy: Policy, value: Any) -> str:
    """A number, a flag, a limit, a name, or a document."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, Limit):
        return limits.limit(value)
    if isinstance(value, Name):
        return fact(policy, value.name)
    if isinstance(value, Reference):
        document = policy.references.get(value.by)
        return _("by a document that is not held: {title}").format(
            title=document.title if document else value.by
        )
    return written(value) if isinstance(value, Decimal) else f"{value}"
