"""Whether questionnaires can be asked as they stand: scales, branches, and forms that nobody uses.

Branches are followed in the order of the questions: one may only ask about what was answered before, and some
answers have to lead to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from bihuan.engine.checks.cells import Space, Undecided
from bihuan.engine.checks.mentions import walk
from bihuan.engine.declared import Entry, Fact, Form
from bihuan.engine.finding import Finding, Level, near
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition, Test
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Step
from bihuan.engine.scales import answered_with, has_scale, is_degree

Entries = Sequence[Entry]
WHICH = re.compile(
    "何种|何时|何地|哪|什么|多少|几|谁|[Ww]hich|[Ww]ho |[Hh]ow many"
)  # asks for a name, not how much


def check_questions(policy: Policy, parameters: Parameters) -> Iterator[Finding]:
    """Every list of questions: forms, and what steps ask by themselves."""
    for name, form in policy.forms.items():
        yield from (replace(each, key=f"forms.{name}") for each in of_list(form.fields, policy, parameters))
    for article, _, rule in policy.rules():
        if isinstance(rule, Step) and isinstance(rule.asks, tuple):
            for each in of_list(rule.asks, policy, parameters):
                yield each.at(article=article.no, rule=rule.name, key="asks")
    yield from unused(policy)
    yield from points(policy)


def of_list(entries: Entries, policy: Policy, parameters: Parameters) -> Iterator[Finding]:
    """What is wrong with one list of questions."""
    for place, entry in enumerate(entries):
        fact = policy.facts.get(entry.fact)
        if fact is not None and entry.ask is not None:
            yield from scale(entry, fact)
        if entry.when is not None:
            later = asked_later(entry, entries[:place], entries[place:])
            yield from later
            if not later and not reachable(entry, entries[:place], policy, parameters):
                yield Finding("error", "question-unreachable", found=entry.fact)


def scale(entry: Entry, fact: Fact) -> Iterator[Finding]:
    """A question that nobody can say what fits, or that asks which and is answered by how much."""
    args = {"type": fact.type, "ask": entry.ask}
    if not has_scale(fact):
        yield Finding("error", "question-scale", found=entry.fact, args=args)
    elif is_degree(fact) and WHICH.search(entry.ask or ""):
        yield Finding("warning", "question-kind", found=entry.fact, args=args)


def asked_later(entry: Entry, before: Entries, rest: Entries) -> list[Finding]:
    """A branch on what is asked in the same list only afterwards."""
    known = {each.fact for each in before}
    tested = {test.fact for test in entry.when.tests} - known if entry.when else set()
    after = [each.fact for each in rest if each.fact in tested]
    return [Finding("error", "question-later", found=entry.fact, args={"other": name}) for name in after[:1]]


def reachable(entry: Entry, before: Entries, policy: Policy, parameters: Parameters) -> bool:
    """Whether some answers lead to a question; what cannot be told before a value is known may be."""
    conditions = [*leading(entry, before), *ranges(entry, before, policy)]
    try:
        space = Space(conditions, policy.facts, parameters)
        truth = space.holds(Condition(tuple(test for each in conditions for test in each.tests)))
    except Undecided:
        return True
    return bool(truth.any())


def leading(entry: Entry, before: Entries) -> Iterator[Condition]:
    """The conditions on the way to a question: its own, and those under which what it asks about was asked."""
    if entry.when is None:
        return
    yield entry.when
    tested = {test.fact for test in entry.when.tests if test.op != "known" or test.values[0]}
    for place, each in enumerate(before):
        if each.fact in tested:
            yield from leading(each, before[:place])


def ranges(entry: Entry, before: Entries, policy: Policy) -> Iterator[Condition]:
    """No answer lies outside its range."""
    for test in {test.fact: test for each in leading(entry, before) for test in each.tests}.values():
        fact = policy.facts.get(test.fact)
        if fact is not None and fact.range and test.from_ is None:
            bounds = dict(zip(("at_least", "at_most"), fact.range, strict=True))
            yield Condition((Test(test.fact, "compare", (), bounds),))


def unused(policy: Policy) -> Iterator[Finding]:
    """Forms that no rule names; a questionnaire of which nobody says when it is filled in is worth a warning."""
    used = {mention.name for _, _, rule in policy.rules() for mention in walk(rule)}
    for name, form in policy.forms.items():
        if name not in used and not form.lost:
            level: Level = "warning" if asks(form) else "info"
            yield Finding(level, "form-unused", key=f"forms.{name}", found=name)


def asks(form: Form) -> bool:
    return any(entry.ask for entry in form.fields)


def points(policy: Policy) -> Iterator[Finding]:
    """A score that leaves choices out, or gives points to what is no answer."""
    for name, fact in policy.facts.items():
        answers = ("true", "false") if fact.type == "flag" else tuple(fact.leaves)
        left = tuple(choice for choice in answers if choice not in fact.points)
        if fact.points and left:
            yield Finding(
                "warning", "points-left", key=f"facts.{name}.points", found=name, args={"names": left}
            )
        if (
            answers
            and fact.type == "flag"
            and (strange := [key for key in fact.points if key not in answers])
        ):
            args = {"choice": strange[0], "names": answers, "near": near(strange[0], answers)}
            yield Finding("error", "unknown-choice", key=f"facts.{name}.points", found=name, args=args)
        if fact.points and not answers:
            args = {"type": answered_with(fact)}
            yield Finding("error", "points-of-nothing", key=f"facts.{name}.points", found=name, args=args)
