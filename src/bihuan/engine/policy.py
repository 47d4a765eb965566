"""A policy: one regulation, one edition, as its file says it, in the order of its articles.

`parse_policy` turns the content of a file into frozen values or raises one error with every defect found. It
neither opens files nor knows other policies; what the names mean together is asked by `check`.
"""

from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from pydantic import Field, PrivateAttr, ValidationError

from bihuan.engine.declared import (
    Contradiction,
    Days,
    Document,
    Entry,
    Fact,
    Form,
    Header,
    Ledger,
    Outside,
    Parameter,
    Role,
    kind_of,
)
from bihuan.engine.errors import PolicyError
from bihuan.engine.fields import Flag, Part, Text
from bihuan.engine.finding import Finding
from bihuan.engine.pattern import Kind
from bihuan.engine.rules import (
    RULES,
    Archive,
    Callback,
    Charge,
    Count,
    Indicator,
    Multiplier,
    Obligation,
    Prohibition,
    Report,
    Rule,
    Step,
    Timed,
    Window,
)
from bihuan.engine.translate import findings_of
from bihuan.engine.vocabulary import EVENTS

NATURAL_DAYS = Days.model_construct(
    first=False, rolls="no", ends=24 * 3600 - 1, outside=Outside.model_construct()
)


class Article(Part):
    """One printed article: its number, what it says in our words, and its rules."""

    no: Text
    says: Text
    no_rule: Text | None = Field(None, description="why it has no rule")
    lost: Flag = Field(False, description="the text of this article is lost")
    obligation: tuple[Obligation, ...] = ()
    window: tuple[Window, ...] = ()
    callback: tuple[Callback, ...] = ()
    step: tuple[Step, ...] = ()
    prohibition: tuple[Prohibition, ...] = ()
    count: tuple[Count, ...] = ()
    charge: tuple[Charge, ...] = ()
    multiplier: tuple[Multiplier, ...] = ()
    indicator: tuple[Indicator, ...] = ()
    report: tuple[Report, ...] = ()
    archive: tuple[Archive, ...] = ()

    def rules(self) -> Iterator[Rule]:
        for kind in RULES:
            yield from getattr(self, kind.kind)


class Policy(Part):
    """One edition of a regulation."""

    header: Header = Field(alias="policy")
    events: dict[str, Text] = Field({})
    parameters: dict[str, Parameter] = Field({})
    references: dict[str, Document] = Field({})
    facts: dict[str, Fact] = Field({})
    roles: dict[str, Role] = Field({})
    ladders: dict[str, tuple[Text, ...]] = Field({})
    ledgers: dict[str, Ledger] = Field({})
    forms: dict[str, Form] = Field({})
    article: tuple[Article, ...] = ()
    contradiction: tuple[Contradiction, ...] = ()
    _path: str = PrivateAttr("")

    @property
    def id(self) -> str:
        return self.header.id

    @property
    def path(self) -> str:
        """Where it was read from."""
        return self._path

    def rules(self) -> Iterator[tuple[Article, str, Rule]]:
        """Every rule with its article and kind, article by article."""
        for article in self.article:
            for rule in article.rules():
                yield article, rule.kind, rule

    @cached_property
    def named(self) -> dict[str, Rule]:
        """Rules by id; steps have none."""
        return {rule.name: rule for _, kind, rule in self.rules() if kind != "step"}

    @cached_property
    def timed(self) -> dict[str, Timed]:
        """Obligations, windows, callbacks and reports by id."""
        return {name: rule for name, rule in self.named.items() if isinstance(rule, Timed)}

    @cached_property
    def event_labels(self) -> dict[str, str]:
        """Every event that may be named, with its label."""
        return {**EVENTS, **self.events}

    @cached_property
    def leading(self) -> dict[str, tuple[str, ...]]:
        """By state of the steps the events that lead to it."""
        found: dict[str, dict[str, None]] = {}
        for _, _, rule in self.rules():
            if isinstance(rule, Step) and rule.to:
                found.setdefault(rule.to, {}).update(dict.fromkeys(rule.event))
        return {state: tuple(events) for state, events in found.items()}

    @cached_property
    def hiding(self) -> dict[str, frozenset[str]]:
        """The facts that are hidden from somebody, with the roles that must not see them."""
        return {name: frozenset(fact.hidden_from) for name, fact in self.facts.items() if fact.hidden_from}

    def asked(self, step: Step) -> tuple[Entry, ...]:
        """What a step asks for, whether it names a form or lists it."""
        if isinstance(step.asks, tuple):
            return step.asks
        return self.forms[step.asks].fields if step.asks in self.forms else ()

    @cached_property
    def homes(self) -> dict[str, tuple[Article, Rule]]:
        """By name the first rule that has it, with its article."""
        found: dict[str, tuple[Article, Rule]] = {}
        for article, _, rule in self.rules():
            found.setdefault(rule.name, (article, rule))
        return found

    def article_of(self, rule: str) -> str:
        return self.homes[rule][0].no if rule in self.homes else ""

    def says(self, name: str) -> str:
        """What a rule says in our words: its own, else its article's; of no rule, its name."""
        if name not in self.homes:
            return name
        article, rule = self.homes[name]
        return rule.says or article.says

    def days_of(self, rule: Timed) -> Days:
        """The day conventions in force for this rule."""
        base = self.header.days.over(NATURAL_DAYS)
        return rule.days.over(base) if rule.days else base

    def calendar_of(self, rule: Timed) -> str:
        return rule.calendar or self.header.calendar


def parse_policy(data: Mapping[str, Any], path: str = "") -> Policy:
    """Read the content of a policy file; every defect of the file is in the one error raised."""
    try:
        policy = Policy.model_validate(data, context=kinds_in(data))
        policy._path = path
        return policy
    except ValidationError as error:
        findings = findings_of(error, data, Policy, path)
    raise PolicyError(summary(findings), findings=findings, file=path or None)


def summary(findings: list[Finding]) -> str:
    count = len(findings)
    head = "1 defect" if count == 1 else f"{count} defects"
    return "\n".join([head, *(f"  {finding.text()}" for finding in findings)])


def kinds_in(data: Mapping[str, Any]) -> dict[str, Kind]:
    """What the names that conditions use stand for, before anything is read."""
    facts = _table(data, "facts")
    kinds = {name: kind for name, fact in facts.items() if (kind := kind_of(fact))}
    events = [*EVENTS, *_table(data, "events")]
    return {**{f"{event}_at": Kind("instant") for event in events}, **kinds}


def _table(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    table = data.get(key)
    return table if isinstance(table, Mapping) else {}
