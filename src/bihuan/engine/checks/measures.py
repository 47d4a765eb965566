"""Indicators that cannot be: made of themselves, asking rows for what they have not, of no period, weights that do not sum."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from graphlib import CycleError, TopologicalSorter
from itertools import chain

from bihuan.engine.finding import Finding, near
from bihuan.engine.limit import Name, Reference
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Archive, Charge, Count, Indicator, Measure, Multiplier, Prohibition, Timed

OF_RULES = frozenset((
    "case", "rule", "article", "round", "key", "unit", "owner", "started_at", "due_at", "warn_at", "done_at",
    "closed_by", "state", "allowed", "used", "late_by", "provisional", "note",
))  # fmt: skip
OF_CALLBACKS = OF_RULES | {"verdict", "method", "attempts", "last_method", "points"}
OF_FINDINGS = frozenset(("case", "event", "at", "actor", "kind", "rule", "step", "article", "detail"))
OF_CHARGES = frozenset((
    "number", "case", "id", "article", "on", "round", "key", "at", "unit", "payer", "payee", "established_by",
    "state", "stage", "measure", "sanction", "ledger", "note", "amount",
))  # fmt: skip
OF_CASES = frozenset(("case", "event", "unit", "started_at", "done_at"))
TABLES = {
    "cases": OF_CASES,
    "obligations": OF_RULES,
    "callbacks": OF_CALLBACKS,
    "irregularities": OF_FINDINGS,
    "charges": OF_CHARGES,
}
NUMBERS = frozenset(("round", "used", "late_by", "amount", "attempts", "points"))
ADDABLE = ("number", "money")
ROWLESS = (Indicator, Multiplier, Archive)


def check_measures(policy: Policy, parameters: Parameters) -> Iterator[Finding]:
    """What is wrong with each indicator by itself, and with all of them together."""
    for article, _, rule in policy.rules():
        if isinstance(rule, Indicator):
            found = chain(
                formula(policy, rule),
                periods(rule),
                weights(rule, parameters),
                groups(policy, rule),
                shares(rule),
            )
            yield from (each.at(article=article.no, rule=rule.id) for each in found)
    yield from circles(policy)


def measures(rule: Indicator) -> Iterator[tuple[str, str, Measure]]:
    """Every measure of a formula: its key, what is done with it, and itself."""
    for what in ("count", "sum", "mean"):
        if (upper := getattr(rule, what)) is not None:
            yield what, what, upper
        if rule.over is not None and (lower := getattr(rule.over, what)) is not None:
            yield f"over.{what}", what, lower


def formula(policy: Policy, rule: Indicator) -> Iterator[Finding]:
    for key, what, measure in measures(rule):
        yield from (each.at(key=f"{key}.{each.key}") for each in measured(policy, what, measure))
    if rule.over is not None and (rule.mean is not None or rule.weights is not None or rule.base is not None):
        yield Finding("error", "over-nothing", key="over", found="over")


def measured(policy: Policy, what: str, measure: Measure) -> Iterator[Finding]:
    """The rows have what is asked of them, and something that can be added up."""
    columns = columns_of(policy, measure.rows)
    if columns is None:
        yield Finding("error", "rows-of-nothing", key="rows", found=measure.rows)
        return
    for test in measure.where.tests if measure.where else ():
        if test.fact in EVERY and test.fact not in columns and test.fact not in policy.facts:
            args = {"rows": measure.rows, "near": near(test.fact, columns)}
            yield Finding("error", "no-such-column", key="where", found=test.fact, args=args)
    if (what == "count") != (measure.of is None):
        yield Finding("error", "of-what", key="of", found=measure.of or "", args={"what": what})
    elif measure.of is not None and not addable(policy, measure.of, columns):
        yield Finding("error", "not-addable", key="of", found=measure.of)


def columns_of(policy: Policy, rows: str) -> frozenset[str] | None:
    """The columns of a table of rows; None where this names no rows."""
    rule = policy.named.get(rows)
    if rows in TABLES:
        return TABLES[rows]
    if isinstance(rule, Timed):
        return OF_CALLBACKS if rule.kind == "callback" else OF_RULES
    if isinstance(rule, Prohibition | Count):
        return OF_FINDINGS
    return OF_CHARGES if isinstance(rule, Charge) else None if isinstance(rule, ROWLESS) else OF_RULES


EVERY = frozenset(chain.from_iterable(TABLES.values()))


def addable(policy: Policy, name: str, columns: frozenset[str]) -> bool:
    fact = policy.facts.get(name)
    if fact is None:
        return name in NUMBERS & columns or name not in EVERY  # a name that nothing has is found elsewhere
    return fact.type in ADDABLE or bool(fact.points)


def periods(rule: Indicator) -> Iterator[Finding]:
    """A figure is of a calendar period."""
    if rule.period is not None and (rule.period.calendar is None or rule.period.clock is not None):
        yield Finding("error", "figure-period", key="period", found=str(rule.period))


def weights(rule: Indicator, parameters: Parameters) -> Iterator[Finding]:
    """Weights that are all known come to what the text says they come to."""
    whole = known(rule.weights_sum, parameters)
    parts = [known(weight, parameters) for weight in (rule.weights or {}).values()]
    if whole is not None and parts and None not in parts:
        total = sum((part for part in parts if part is not None), Fraction(0))
        if total != whole:
            args = {"total": f"{float(total):g}", "whole": f"{float(whole):g}"}
            yield Finding("error", "weights-do-not-sum", key="weights", found=f"{float(total):g}", args=args)


def known(source: object, parameters: Parameters) -> Fraction | None:
    """A number as written or as a parameter says; None where it is missing."""
    value = parameters[source.name].on() if isinstance(source, Name) and source.name in parameters else source
    if value is None or isinstance(value, bool | str | Name | Reference):
        return None
    return Fraction(str(value))


def groups(policy: Policy, rule: Indicator) -> Iterator[Finding]:
    """A card is divided as its parts are."""
    own = set(rule.group) - {"unit"}
    for name in (*(rule.weights or {}), *(each.of for each in rule.deduct)):
        part = policy.named.get(name)
        if own and isinstance(part, Indicator) and set(part.group) - {"unit"} != own:
            yield Finding("error", "group-of-parts", key="group", found=name, args={"group": rule.group})


def shares(rule: Indicator) -> Iterator[Finding]:
    """A share is a part of one: 0.95, and not 95."""
    if rule.count is None or rule.over is None or rule.over.count is None or rule.deduct:
        return
    held = [("target", rule.target)] if rule.target else []
    for key, bounds in [*held, *(("bands", band) for band in rule.bands)]:
        for side in ("at_least", "above"):
            bound = getattr(bounds, side)
            if isinstance(bound, int | float) and bound > 1:
                yield Finding("warning", "share-above-one", key=f"{key}.{side}", found=f"{bound:g}")


def circles(policy: Policy) -> Iterator[Finding]:
    """An indicator that is made of itself has no figure."""
    parts = {
        rule.id: [*(rule.weights or {}), *(each.of for each in rule.deduct)]
        for _, _, rule in policy.rules()
        if isinstance(rule, Indicator)
    }
    try:
        TopologicalSorter({name: [one for one in of if one in parts] for name, of in parts.items()}).prepare()
    except CycleError as error:
        found = " → ".join(reversed(error.args[1]))
        name = error.args[1][0]
        yield Finding("error", "indicator-circle", "", policy.article_of(name), name, found=found)
