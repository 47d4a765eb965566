"""The parameters of a policy with the values in force for one run: file, then settings, then `--set`.

Every rule also declares parameters by itself: what it leaves out is a missing one (`<rule>.within`), what it
says in figures is one of origin text (docs/writing-policies.md, 4.1). Knows no case and no day but those it is
asked for.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import isfinite
from typing import Any

from bihuan.engine.declared import Parameter
from bihuan.engine.errors import CallError
from bihuan.engine.finding import Wrong, near, near_words, written
from bihuan.engine.limit import (
    Limit,
    Name,
    Period,
    Reference,
    parse_limit,
    parse_period,
)
from bihuan.engine.limit_wording import limit_written
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Archive, Callback, Charge, Rule, Timed, Window

SEED = "sampling_seed"  # a policy that draws samples has it: anything without a line break
BACKDATING = "backdating_tolerance"  # every policy has it: how late an event may be entered
LITERALS = (Limit, Period, int, float, Decimal)
NOT_PARAMETERS = frozenset(("once", "strict", "refused", "formula_given"))


@dataclass(frozen=True)
class Value:
    """A parameter as it stands in one run; `dated` holds its values in rising order of their first day."""

    name: str
    origin: str
    dated: tuple[tuple[dt.date | None, Any], ...] = ()
    deviates: bool = False
    unit: str | None = None
    given: bool = False  # by an override of this run

    @property
    def missing(self) -> bool:
        return not self.dated

    def on(self, day: dt.date | None = None) -> Any:
        """The value in force on a day; the last one where no day matters, None where there is none."""
        held = [value for start, value in self.dated if day is None or start is None or start <= day]
        return held[-1] if held else None

    def limit_on(self, day: dt.date | None = None) -> Limit | None:
        """The value as a limit: written as one, or a number with a unit of time."""
        value = self.on(day)
        if isinstance(value, Limit) or value is None:
            return value
        try:
            text = value if isinstance(value, str) else f"{value} {self.unit}"
            return parse_limit(limit_written(text) or text)
        except Wrong:
            raise CallError(
                f"{self.name} = {value}: expected a limit such as '2 hours', '3 working days' or 'next day 10:00'",
                parameter=self.name,
            ) from None


@dataclass(frozen=True)
class Parameters:
    """All parameters of a policy by name, with those a rule declares by itself."""

    values: Mapping[str, Value]

    def __getitem__(self, name: str) -> Value:
        return self.values[name]

    def __contains__(self, name: object) -> bool:
        return name in self.values

    def of(self, rule: Rule, key: str) -> Any:
        """What stands at a key of a rule after overrides; None where it is missing or left out."""
        value = self.values.get(f"{rule.name}.{key}")
        source = getattr(rule, key)
        return value.on() if value is not None and (value.given or source is None) else source

    @property
    def missing(self) -> tuple[str, ...]:
        return tuple(
            name for name, value in self.values.items() if value.missing and value.origin == "missing"
        )

    @property
    def deviations(self) -> tuple[str, ...]:
        return tuple(name for name, value in self.values.items() if value.deviates)


def parameter_values(policy: Policy, overrides: Mapping[str, Any] | None = None) -> Parameters:
    """The parameters of a run; an override nobody declared, or outside its bounds, is an error of the call."""
    values = {name: _declared(name, parameter) for name, parameter in policy.parameters.items()}
    values |= {value.name: value for value in of_rules(policy)}
    values.setdefault(BACKDATING, Value(BACKDATING, "user"))
    if called := [rule for _, _, rule in policy.rules() if isinstance(rule, Callback)]:
        values.setdefault(SEED, Value(SEED, "missing" if any(rule.is_sampled for rule in called) else "user"))
    named = values.keys() | policy.facts.keys()
    for name, given in (overrides or {}).items():
        if name not in values:
            raise CallError(_unknown(name, values), parameter=name)
        values[name] = _overridden(values[name], given, policy.parameters.get(name), named)
    resolved = Parameters(values)
    broken = [str(each) for name in overrides or {} for each in violations(policy, resolved, name)]
    if broken:
        raise CallError("; ".join(dict.fromkeys(broken)))
    return resolved


def of_rules(policy: Policy) -> Iterator[Value]:
    """What rules declare by themselves: what they leave out or leave to a document, and every figure they state."""
    for _, kind, rule in policy.rules():
        if kind == "step":
            continue
        if key := left_out(rule):
            yield Value(f"{rule.name}.{key}", "missing")
        for key in type(rule).model_fields:
            figure = getattr(rule, key)
            if isinstance(figure, Reference):
                yield Value(f"{rule.name}.{key.rstrip('_')}", "missing")
            if isinstance(figure, LITERALS) and key not in NOT_PARAMETERS and key in rule.model_fields_set:
                yield Value(f"{rule.name}.{key.rstrip('_')}", "text", ((None, figure),))


def left_out(rule: Rule) -> str | None:
    """The key without which this rule cannot be judged, where it is absent."""
    if isinstance(rule, Timed) and not isinstance(rule, Window):
        soft = rule.within is None and rule.every is None and rule.ahead_of is None
        return "within" if soft else None
    if isinstance(rule, Charge):
        return "amount" if rule.amount is None and rule.sanction is None else None
    return "keep" if isinstance(rule, Archive) and rule.keep is None else None


def _declared(name: str, parameter: Parameter) -> Value:
    if parameter.value is not None:
        return Value(name, parameter.origin, ((None, parameter.value),), unit=parameter.unit)
    dated = sorted(parameter.values, key=lambda each: each.from_)
    return Value(
        name, parameter.origin, tuple((each.from_, each.value) for each in dated), unit=parameter.unit
    )


def _overridden(value: Value, given: Any, parameter: Parameter | None, named: Collection[str]) -> Value:
    read = as_written(given) if isinstance(given, str) else given
    kind = wanted(value, parameter)
    if kind is not None:
        read = READERS[kind](value, given, read, named)
    elif "." in value.name and isinstance(read, str) and (limit := limit_written(read)):
        read = parse_limit(limit)
    if value.name.endswith(".amount") and isinstance(read, int | float):
        read = Decimal(str(read))
    return Value(value.name, "user", ((None, read),), value.origin == "text", value.unit, given=True)


def wanted(value: Value, parameter: Parameter | None = None) -> str | None:
    """What alone can stand here, a key of `READERS`; None where anything can."""
    key = value.name.rpartition(".")[2] if "." in value.name else value.name
    if key in KEYS:
        return KEYS[key]
    if value.missing:
        return "number" if parameter is not None and bounds_of(parameter) else None
    shown = (kind for kind, type_ in SHOWS if isinstance(value.dated[0][1], type_))
    return next(shown, None) if key != SEED else None


def _limit(value: Value, given: Any, read: Any, named: Collection[str]) -> Any:
    if isinstance(read, str) and (limit := limit_written(read)):
        return parse_limit(limit) if "." in value.name else limit
    if isinstance(read, Limit) or (isinstance(read, str) and read in named):
        return read
    raise CallError(
        f"{value.name} = {given}: expected a limit such as '2 hours', '3 working days' or 'next day 10:00'",
        parameter=value.name,
    )


def _period(value: Value, given: Any, read: Any, named: Collection[str]) -> Period | Name:
    if isinstance(read, str) and read in named and value.name.endswith((".every", ".in")):
        return Name(read)
    try:
        return read if isinstance(read, Period) else parse_period(limit_written(str(read)) or read)
    except Wrong:
        raise CallError(
            f"{value.name} = {given}: expected a period such as 'calendar month' or '3 months'",
            parameter=value.name,
        ) from None


def _number(value: Value, given: Any, read: Any, _named: Collection[str]) -> Any:
    if isinstance(read, int | float | Decimal) and not isinstance(read, bool) and isfinite(read):
        return read
    if value.unit and isinstance(read, str) and limit_written(read):
        return read
    raise CallError(f"{value.name} = {given}: expected a number such as 20 or 0.95", parameter=value.name)


def _flag(value: Value, given: Any, read: Any, _named: Collection[str]) -> bool:
    if isinstance(read, bool):
        return read
    raise CallError(f"{value.name} = {given}: expected true or false", parameter=value.name)


READERS = {"limit": _limit, "period": _period, "number": _number, "flag": _flag}
KEYS = {
    "within": "limit", "keep": "limit", BACKDATING: "limit", "every": "period", "in": "period", "amount": "number",
}  # fmt: skip
SHOWS = (
    ("limit", Limit),
    ("period", Period),
    ("flag", bool),
    ("number", int | float | Decimal),
)  # a flag is an int


def as_written(text: str) -> Any:
    """A value given as text on the command line or in a table: number, true/false, date, or text."""
    if text in ("true", "false"):
        return text == "true"
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text)
    if re.fullmatch(r"[+-]?\d*\.\d+", text):
        return float(text)
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        return dt.date.fromisoformat(text)
    return text


def _unknown(name: str, known: Mapping[str, Value]) -> str:
    return f"no parameter {name!r} in this policy. {near_words(near(name, known), 'en')}".rstrip()


@dataclass(frozen=True)
class Broken:
    """A value outside its bounds."""

    name: str
    value: Any
    bound: str

    def __str__(self) -> str:
        return f"{self.name} = {written(self.value)} breaks its bound {self.bound}"


def violations(policy: Policy, resolved: Parameters, name: str) -> list[Broken]:
    """Where a declared parameter, or one bounded by it, lies outside its bounds."""
    concerned = [
        other
        for other, parameter in policy.parameters.items()
        if other == name or Name(name) in bounds_of(parameter).values() or parameter.from_ == name
    ]
    return [broken for other in concerned for broken in outside(policy.parameters[other], resolved, other)]


def outside(parameter: Parameter, resolved: Parameters, name: str) -> list[Broken]:
    """The bounds of one parameter that its values break, on each day a value begins."""
    found = []
    for start, value in resolved[name].dated:
        if parameter.choices and value not in parameter.choices:
            found.append(Broken(name, value, f"choices = {written(list(parameter.choices))}"))
        for key, source in bounds_of(parameter).items():
            bound = resolved[source.name].on(start) if _known(source, resolved) else source
            if not holds(key, _distance(value, parameter, resolved, start), bound):
                found.append(Broken(name, value, f"{key} = {written_bound(source, bound)}"))
    return found


def written_bound(source: Any, bound: Any) -> str:
    return str(bound) if source is bound else f"{source} ({bound})"


def bounds_of(parameter: Parameter) -> dict[str, Any]:
    keys = ("at_least", "above", "at_most", "below")
    return {key: bound for key in keys if (bound := getattr(parameter, key)) is not None}


def _known(source: object, resolved: Parameters) -> bool:
    return isinstance(source, Name) and source.name in resolved


def _distance(value: Any, parameter: Parameter, resolved: Parameters, day: dt.date | None) -> Any:
    start = resolved[parameter.from_].on(day) if parameter.from_ and parameter.from_ in resolved else 0
    return value - start if isinstance(value, int | float) and isinstance(start, int | float) else None


def holds(key: str, value: Any, bound: Any) -> bool:
    """Whether a bound is kept; what cannot be compared breaks none."""
    if value is None or bound is None or isinstance(bound, Name | Reference | str):
        return True
    return bool(
        {
            "at_least": value >= bound,
            "above": value > bound,
            "at_most": value <= bound,
            "below": value < bound,
        }[key]
    )
