"""Whether every name of a policy is the name of something, and of one thing only.

What there is follows from the policy, the shared vocabulary and what the engine builds in.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from bihuan.engine.checks.mentions import Mention, mentions
from bihuan.engine.declared import Fact
from bihuan.engine.finding import Finding, near
from bihuan.engine.limit import Limit, Name, Reference
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Test
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Count, Prohibition, Timed, Window
from bihuan.engine.vocabulary import BUILT_IN_CALENDARS, BUILT_IN_ROLES, EVENTS, MONTH_STEPS

ROW_TABLES = ("cases", "callbacks", "irregularities", "charges", "obligations")
COLUMNS = (
    "case", "rule", "article", "round", "key", "unit", "owner", "started_at", "due_at", "warn_at", "done_at",
    "closed_by", "state", "allowed", "used", "late_by", "provisional", "note", "verdict", "method", "drawn", "attempts", "last_attempt_at", "last_method", "next_at", "points", "kind",
    "event", "amount", "payer", "payee", "at", "actor", "id", "merged",
    "attempts", "last_method", "points", "stage", "measure", "detail", "step", "number", "on", "ledger", "sanction",
    "established_by",
)  # fmt: skip
INSTANTS = ("instant", "date")
LOG_COLUMNS = (
    "case",
    "event",
    "at",
    "recorded_at",
    "file",
    "line",
    "whole_day",
    "drawn_for",
    "drawn_period",
)  # `actor`, `unit` are meant as facts
WANTED = {
    "limit": ("limit", "instant", "date"),
    "number": ("number", "money"),
    "period": (),
}


class Names:
    """What a policy can speak of, by the meaning a field gives to its names."""

    def __init__(self, policy: Policy, parameters: Parameters, calendars: Collection[str] = ()) -> None:
        self.policy, self.parameters = policy, parameters
        self.calendars = (*BUILT_IN_CALENDARS, *calendars)

    @cached_property
    def events(self) -> frozenset[str]:
        """Events, outcomes, dated facts and parameters that name an event."""
        plain = {**EVENTS, **self.policy.events}
        parts = (f"{name}.{event}" for name, fact in self.policy.facts.items() for event in fact.shows)
        return frozenset((*plain, *parts, *self.outcomes, *self.dated, *self.policy.parameters))

    @cached_property
    def outcomes(self) -> frozenset[str]:
        return frozenset(name for rule in self.policy.named.values() for name in outcomes_of(rule))

    @cached_property
    def dated(self) -> frozenset[str]:
        return frozenset(name for name, fact in self.policy.facts.items() if fact.type in INSTANTS)

    @cached_property
    def tested(self) -> frozenset[str]:
        """What a condition may ask about."""
        ats = (f"{event.replace('.', '_')}_at" for event in self.events)
        dotted = (f"{event}_at" for event in self.events)
        return frozenset((*self.policy.facts, *self.policy.parameters, *ats, *dotted))

    @cached_property
    def by_meaning(self) -> Mapping[str, frozenset[str]]:
        policy, named = self.policy, self.policy.named
        roles = frozenset((*policy.roles, *BUILT_IN_ROLES))
        values = frozenset((*policy.facts, *policy.parameters))
        kinds = {kind: frozenset(r.name for _, k, r in policy.rules() if k == kind) for kind in KINDS}
        return {
            "event": self.events,
            "tested": self.tested,
            "role": roles,
            "party": roles | frozenset(policy.facts),
            "fact": frozenset(policy.facts),
            "subject": frozenset(name for name, fact in policy.facts.items() if fact.register_),
            "value": values | self.tested,
            "limit": values | self.tested,
            "number": values,
            "period": values,
            "anchor": frozenset((*self.events, *policy.facts, *self.tested)),
            "window": kinds["window"],
            "charge": kinds["charge"] | {"all"},
            "indicator": kinds["indicator"],
            "rule": frozenset(policy.timed),
            "rows": frozenset((*named, *ROW_TABLES)),
            "contents": frozenset((*named, *ROW_TABLES, *policy.forms)),
            "column": frozenset((*policy.facts, *COLUMNS)),
            "form": frozenset(policy.forms),
            "ledger": frozenset(policy.ledgers),
            "ladder": frozenset(policy.ladders),
            "reference": frozenset(policy.references),
            "parameter": frozenset(self.parameters.values),
        }


KINDS = ("window", "charge", "indicator")


def outcomes_of(rule: object) -> tuple[str, ...]:
    """The events that a rule raises."""
    if isinstance(rule, Window):
        return tuple(f"{rule.id}.{outcome}" for outcome in ("met", "missed", "void"))
    if isinstance(rule, Timed):
        return tuple(f"{rule.id}.{outcome}" for outcome in ("met", "missed", "late", "void"))
    if isinstance(rule, Count):
        return (f"{rule.id}.reached",)
    return (rule.id,) if isinstance(rule, Prohibition) else ()


def check_names(policy: Policy, parameters: Parameters, calendars: Collection[str] = ()) -> Iterator[Finding]:
    """Unknown names, names of the wrong kind, and names that mean two things."""
    names = Names(policy, parameters, calendars)
    yield from clashes(policy)
    seen: set[Mention] = set()
    for mention in mentions(policy):
        plain = Mention(mention.means, mention.name, mention.key, mention.article, mention.rule)
        if plain not in seen:
            yield from unknown(mention, names)
            yield from unfit(mention, policy)
        seen.add(plain)
        if mention.test and mention.name in policy.facts:
            yield from choices_tested(mention, mention.test, policy.facts[mention.name])
    yield from choices_given(policy)
    yield from documents(policy)
    yield from zone(policy)


def unknown(mention: Mention, names: Names) -> Iterator[Finding]:
    """A name that nothing declares."""
    if mention.means == "calendar":
        yield from unknown_calendar(mention, names)
        return
    allowed = names.by_meaning[mention.means]
    if measured(mention) and mention.means in ("tested", "value"):
        allowed = allowed | frozenset(COLUMNS)
    if begins_a_ledger(mention):
        allowed = allowed | frozenset(MONTH_STEPS)
    if mention.name not in allowed:
        yield mention.finding("error", f"unknown-{mention.means}", near=near(mention.name, allowed))


def measured(mention: Mention) -> bool:
    """Whether this stands in what an indicator counts, where columns are known too."""
    return mention.key.partition(".")[0] in ("count", "sum", "mean", "over")


def begins_a_ledger(mention: Mention) -> bool:
    """Whether this stands where a step of the month may, too."""
    return mention.key.startswith("ledgers.") and mention.key.endswith(".starts")


def unknown_calendar(mention: Mention, names: Names) -> Iterator[Finding]:
    """Calendars are data of the installation: one that nothing here declares is only doubtful."""
    if mention.name in names.calendars or mention.name in names.policy.parameters:
        return
    fact = names.policy.facts.get(mention.name)
    if fact is None:
        yield mention.finding("warning", "unknown-calendar", near=near(mention.name, names.calendars))
    elif fact.type != "calendar":
        yield mention.finding("error", "unfit", type=fact.type, wanted=("calendar",))


def unfit(mention: Mention, policy: Policy) -> Iterator[Finding]:
    """A fact of a type that cannot stand here."""
    fact, wanted = policy.facts.get(mention.name), WANTED.get(mention.means)
    if fact is not None and wanted is not None and fact.type not in wanted:
        yield mention.finding("error", "unfit", type=fact.type, wanted=wanted or ("parameter",))


def clashes(policy: Policy) -> Iterator[Finding]:
    """Facts, parameters and events share one name space; ids are used once."""
    spaces: dict[str, Collection[str]] = {
        "fact": policy.facts,
        "parameter": policy.parameters,
        "event": policy.event_labels,
    }
    uses = Counter(name for space in spaces.values() for name in space)
    for name, count in uses.items():
        if count > 1:
            kinds = tuple(kind for kind, space in spaces.items() if name in space)
            yield Finding("error", "name-clash", key=name, found=name, args={"kinds": kinds})
    for name in sorted({*policy.facts} & {*LOG_COLUMNS}):
        yield Finding("error", "reserved", key=f"facts.{name}", found=name, args={"names": LOG_COLUMNS})
    used: set[str] = set()
    for article, kind, rule in policy.rules():
        if kind != "step" and rule.name in used:
            yield Finding("error", "id-twice", "", article.no, rule.name, found=rule.name)
        used.add(rule.name)


def choices_tested(mention: Mention, test: Test, fact: Fact) -> Iterator[Finding]:
    """A condition asks for a choice that the fact does not have."""
    values = (*test.values, *test.bounds.values()) if test.op in ("in", "not", "all", "compare") else ()
    if test.from_ is None:
        yield from (
            mention.finding(
                "error",
                "unknown-choice",
                choice=value,
                names=tuple(fact.branches),
                near=near(value, fact.branches),
            )
            for value in strange(values, fact)
        )


def choices_given(policy: Policy) -> Iterator[Finding]:
    """Values, defaults and points of a fact that are none of its choices."""
    for name, fact in policy.facts.items():
        given = [*(row.is_ for row in fact.rows), fact.default, fact.otherwise, *fact.points]
        for value in strange(given, fact):
            args = {"choice": value, "names": tuple(fact.branches), "near": near(value, fact.branches)}
            yield Finding("error", "unknown-choice", key=f"facts.{name}", found=name, args=args)


def strange(values: Iterable[Any], fact: Fact) -> Iterator[str]:
    if fact.type != "choice" or fact.open or not (fact.choices or fact.tree):
        return
    for value in values:
        members = value if isinstance(value, tuple) else (value,)
        for each in members:
            if (
                each is not None
                and not isinstance(each, Name | Reference | Limit)
                and each not in fact.branches
            ):
                yield str(each)


def documents(policy: Policy) -> Iterator[Finding]:
    """A document said to be held must say which policy holds it."""
    for name, document in policy.references.items():
        if document.held and document.policy is None:
            yield Finding("error", "held-where", key=f"references.{name}", found=name)


def zone(policy: Policy) -> Iterator[Finding]:
    try:
        ZoneInfo(policy.header.zone)
    except (KeyError, ValueError, OSError):
        yield Finding("error", "zone", key="policy.zone", found=policy.header.zone)
