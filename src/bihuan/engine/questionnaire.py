"""A questionnaire in use: what to ask next, what is wrong with the answers, how many points they give.

A questionnaire is a form, or all that the steps of an event ask. Answers are read and branches decided by the very facts
and conditions that `replay` judges by, as one event of one case. It knows no screen, and remembers nothing between
two calls: whoever asks keeps the answers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

import polars as pl

from bihuan.engine.declared import Entry, Fact
from bihuan.engine.errors import CallError
from bihuan.engine.facts import Facts
from bihuan.engine.finding import near
from bihuan.engine.log import as_log
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition
from bihuan.engine.policy import Policy
from bihuan.engine.replay import planned
from bihuan.engine.rows import rows
from bihuan.engine.rules import Step
from bihuan.engine.scales import answered_with, most_of, points_of, scale, scored
from bihuan.engine.site import Site
from bihuan.engine.values import plain

CASE, ASKING = "case", "asking"
NEXT, ANSWERED, OUTSIDE, BLANK, SKIPPED, LATER = "next", "answered", "outside", "blank", "skipped", "later"


@dataclass(frozen=True)
class Question:
    """One field of a questionnaire, with what has become of it.

    `state` is `next` (to be asked), `answered`, `outside` (the answer is none of the scale), `blank` (may be left out),
    `skipped` (another branch was taken) or `later` (that is not known yet).
    """

    fact: str
    label: str
    ask: str | None  # without it, a field that is filled in and not asked
    answered_with: str
    scale: str
    choices: Mapping[str, str]
    optional: bool
    article: str  # whose step asks it; empty for a form that no step asks
    state: str
    answer: str | None
    points: Decimal | None
    most: Decimal | None  # points of the best answer


@dataclass(frozen=True)
class Score:
    """The points of the questions that were asked and answered; a blank counts neither for nor against."""

    points: Decimal
    most: Decimal
    answered: int
    blank: int


def questions(
    policy: Policy,
    name: str,
    answers: Mapping[str, Any],
    facts: Mapping[str, Any] | None = None,
    parameters: Parameters | None = None,
    site: Site | None = None,
) -> list[Question]:
    """The fields of a form, or of all that the steps of an event ask, in their order, as the answers so far leave them.

    `facts` is what is known of the case.
    """
    asked = entries(policy, name)
    refuse_unknown(policy, answers)
    given = {key: text for key, value in answers.items() if (text := plain(value))}
    told = facts_of(policy, given, facts or {}, parameters, site)
    found: dict[str, Question] = {}
    for article, entry, conditions in asked:
        question = question_of(told, policy.facts[entry.fact], article, entry, conditions, given)
        if question.state == LATER and waits_in_vain(conditions, found):
            question = replace(question, state=SKIPPED)
        if entry.fact not in found or found[entry.fact].state in (SKIPPED, LATER):
            found[entry.fact] = question
    return list(found.values())


def waits_in_vain(conditions: Iterable[Condition], found: Mapping[str, Question]) -> bool:
    """Whether a question depends on one that is not asked."""
    tested = (test.fact for one in conditions for test in one.tests)
    return any(name in found and found[name].state == SKIPPED for name in tested)


def entries(policy: Policy, name: str) -> list[tuple[str, Entry, list[Condition]]]:
    """What a form or the steps of an event ask: the article of each, and all that must hold for it to be asked."""
    if name in policy.forms:
        article = next((no for no, step in steps(policy) if step.asks == name), "")
        return [(article, entry, conditions(entry.when)) for entry in policy.forms[name].fields]
    found = [
        (article, entry, conditions(step.when, entry.when))
        for article, step in steps(policy)
        if name in step.event
        for entry in policy.asked(step)
    ]
    if not found:
        known = [
            *policy.forms,
            *dict.fromkeys(event for _, step in steps(policy) if step.asks for event in step.event),
        ]
        raise CallError(
            f"{policy.id} has no form {name!r}, and no step of such an event asks anything; there are {', '.join(known)}"
        )
    return found


def steps(policy: Policy) -> Iterator[tuple[str, Step]]:
    return ((article.no, rule) for article, _, rule in policy.rules() if isinstance(rule, Step))


def conditions(*each: Condition | None) -> list[Condition]:
    return [one for one in each if one is not None]


def refuse_unknown(policy: Policy, answers: Mapping[str, Any]) -> None:
    """An answer to what nobody can have asked is a mistake of the call."""
    for name in answers:
        if name not in policy.facts:
            perhaps = near(name, policy.facts)
            raise CallError(
                f"{policy.id} has no fact {name!r} to answer; perhaps {', '.join(perhaps) or 'none'}"
            )


def facts_of(
    policy: Policy,
    answers: Mapping[str, str],
    known: Mapping[str, Any],
    parameters: Parameters | None,
    site: Site | None,
) -> Facts:
    """The facts of a case of one event, which carries the answers."""
    event = pl.DataFrame([{"case": CASE, "event": ASKING, "at": 0, **answers}])
    given = pl.DataFrame([{"case": CASE, **{name: plain(value) for name, value in known.items()}}])
    return Facts(planned(policy, parameters, site).prepared, rows(as_log(event, given)))


def ruled_out(
    policy: Policy,
    conditions: Iterable[Condition],
    answers: Mapping[str, Any],
    parameters: Parameters | None = None,
    site: Site | None = None,
) -> list[bool]:
    """Which of some conditions cannot hold any more, whatever else is still to be said of a case."""
    given = {key: text for key, value in answers.items() if (text := plain(value))}
    told = facts_of(policy, given, {}, parameters, site)
    return [int(told.test(one)[0]) == 0 for one in conditions]


def question_of(
    told: Facts,
    fact: Fact,
    article: str,
    entry: Entry,
    conditions: Iterable[Condition],
    answers: Mapping[str, str],
) -> Question:
    counted = entry.ask is not None and scored(fact)
    return Question(
        fact=entry.fact,
        label=fact.label or entry.fact,
        ask=entry.ask,
        answered_with=answered_with(fact),
        scale=scale(fact),
        choices=fact.leaves,
        optional=entry.optional,
        article=article,
        state=(state := state_of(told, entry, conditions)),
        answer=answers.get(entry.fact),
        points=points_of(fact, plain(value_of(told, entry.fact))) if counted and state == ANSWERED else None,
        most=most_of(fact) if counted else None,
    )


def state_of(told: Facts, entry: Entry, conditions: Iterable[Condition]) -> str:
    """What became of a question."""
    held = [int(told.test(one)[0]) for one in conditions]
    if 0 in held:
        return SKIPPED
    if -1 in held:
        return LATER
    if told.unfit(entry.fact)[0]:
        return OUTSIDE
    if told.carries(entry.fact)[0]:
        return ANSWERED
    return BLANK if entry.optional else NEXT


def value_of(told: Facts, name: str) -> Any:
    """The value as it was read: a choice by its key, a number as it was written."""
    codes, labels = told.key(name)
    return labels[codes[0]]


def lacking(found: Iterable[Question]) -> list[Question]:
    """What is irregular if it is left so: questions without an answer, and answers outside their scale."""
    return [each for each in found if each.state in (NEXT, OUTSIDE)]


def score(found: Iterable[Question]) -> Score:
    """The points of a questionnaire."""
    counted = [each for each in found if each.most is not None]
    given = [each for each in counted if each.points is not None]
    return Score(
        points=sum((each.points for each in given if each.points is not None), Decimal(0)),
        most=sum((each.most for each in given if each.most is not None), Decimal(0)),
        answered=len(given),
        blank=sum(each.state in (BLANK, NEXT) for each in counted),
    )
