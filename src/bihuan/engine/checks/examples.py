"""Whether the worked examples speak of every rule, and only of what there is."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bihuan.engine.example import Example
from bihuan.engine.finding import Finding, near
from bihuan.engine.limit import Limit, Name
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Archive, Count, Multiplier, Prohibition, Rule, Step, Timed, Window

MET = frozenset(("met", "used"))
MISSED = frozenset(("late", "overdue", "lapsed"))
DEMANDS = ("from_", "by", "not_by", "distinct", "needs", "requires", "inside", "settled", "asks")
TABLES = ("irregularities", "charges", "indicators", "callbacks", "exempted")


def check_examples(policy: Policy, parameters: Parameters, examples: Sequence[Example]) -> Iterator[Finding]:
    yield from unknown(policy, parameters, examples)
    yield from not_opened(policy, examples)
    shown = Shown(policy, examples)
    for article, kind, rule in policy.rules():
        if lacking := lacks(rule, shown, policy):
            args = {"lacking": lacking, "kind": kind}
            yield Finding(
                "warning", f"no-example-{lacking}", "", article.no, rule.name, found=rule.name, args=args
            )


class Shown:
    """What the examples expect: states by rule, irregularities, and which events pass without one."""

    def __init__(self, policy: Policy, examples: Sequence[Example]) -> None:
        self.states: dict[str, set[str]] = defaultdict(set)
        self.irregular: set[tuple[str, str]] = set()
        self.regular: set[str] = set()
        self.named: set[str] = set()
        for example in examples:
            for _, key, wanted in example.expected():
                self._take(key, wanted)
            self._pass(example)

    def _take(self, key: str, wanted: Any) -> None:
        if key == "indicators" and isinstance(wanted, Mapping):
            self.named |= set(wanted)
        elif key in ("irregularities", "charges"):
            for row in rows(wanted):
                self.named |= {str(row[name]) for name in ("id", "rule") if name in row}
                self.irregular.add((str(row.get("event")), str(row.get("article"))))
        else:
            self.named.add(key)
            self.states[key] |= {str(row["state"]) for row in rows(wanted) if "state" in row}

    def _pass(self, example: Example) -> None:
        """Events of an example that are expected, or left, without irregularity."""
        refused = {
            str(row.get("event"))
            for _, key, wanted in example.expected()
            if key == "irregularities"
            for row in rows(wanted)
        }
        self.regular |= {each.event for case in example.by_case().values() for each in case.events} - refused


def rows(wanted: Any) -> list[Mapping[str, Any]]:
    listed = wanted if isinstance(wanted, list | tuple) else [wanted]
    return [row for row in listed if isinstance(row, Mapping)]


def lacks(rule: Rule, shown: Shown, policy: Policy) -> str:
    """What no example shows of a rule: `met`, `missed`, or anything at all; empty if nothing lacks."""
    if isinstance(rule, Timed):
        return timed_lacks(rule, shown)
    if isinstance(rule, Step):
        return step_lacks(rule, shown, policy)
    if isinstance(rule, Prohibition):
        article = policy.article_of(rule.id)
        events = {event for each in rule.on.any for event in each.event}
        told = any((event, article) in shown.irregular for event in events)
        return "" if told or rule.id in shown.named else "missed"
    if isinstance(rule, Count):
        return ""  # seen through the rules after it
    if isinstance(rule, Archive | Multiplier):
        return ""  # nothing of theirs can be expected by name yet
    return "" if rule.name in shown.named else "any"


def timed_lacks(rule: Timed, shown: Shown) -> str:
    states = shown.states[rule.name]
    if not judged(rule):
        return "" if rule.name in shown.named else "any"
    usable = rule.ends is not None
    if usable and not states & MET:
        return "met"
    unlimited = isinstance(rule, Window) and rule.within is None
    return "" if states & MISSED or unlimited else "missed"


def judged(rule: Timed) -> bool:
    """Whether anybody can be late: it has a limit, a period or something it lies ahead of."""
    limited = isinstance(rule.within, Limit | Name) or isinstance(rule, Window)
    return limited or rule.every is not None or rule.ahead_of is not None


def step_lacks(step: Step, shown: Shown, policy: Policy) -> str:
    if not set(step.event) & shown.regular:
        return "met"
    demands = any(getattr(step, key) for key in DEMANDS)
    articles = {article.no for article, _, rule in policy.rules() if rule is step}
    refused = any((event, no) in shown.irregular for event in step.event for no in articles)
    return "missed" if demands and not refused else ""


def unknown(policy: Policy, parameters: Parameters, examples: Sequence[Example]) -> Iterator[Finding]:
    """Names in examples that the policy does not have."""
    allowed = {*policy.named, *TABLES}
    for example in examples:
        for _, key, _ in example.expected():
            yield from strange(key, allowed, example, "expect")
        for name in example.set:
            yield from strange(name, set(parameters.values), example, "set")
        for case in example.by_case().values():
            for each in case.events:
                yield from strange(each.event, set(policy.event_labels), example, "events")


def not_opened(policy: Policy, examples: Sequence[Example]) -> Iterator[Finding]:
    """Cases that no event opens: a log sets them aside."""
    starts = policy.header.starts
    for example in examples:
        for name, case in example.by_case().items():
            if starts and case.events and not {each.event for each in case.events} & set(starts):
                yield Finding(
                    "warning", "example-start", rule=example.name, found=name, args={"names": starts}
                )


def strange(name: str, allowed: set[str], example: Example, key: str) -> Iterator[Finding]:
    if name not in allowed:
        yield Finding(
            "error",
            "example-name",
            rule=example.name,
            key=key,
            found=name,
            args={"near": near(name, allowed)},
        )
