"""What is asked while a case is opened: who calls and what is said, what the opening steps want, the category, and what
rules that begin at once turn on, as far as the answers so far leave it open.

Which branch is taken the engine says. Knows no page; what is asked later is not asked here.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from bihuan.desk import matter
from bihuan.desk.office import office_now, policy_of
from bihuan.engine.declared import Fact
from bihuan.engine.pattern import Condition
from bihuan.engine.policy import Policy
from bihuan.engine.questionnaire import questions, ruled_out
from bihuan.engine.rules import Step, Timed

GONE = ("skipped", "later")


class Opening(NamedTuple):
    """Names of facts: of the caller and the matter, those that depend on each other, and those that must be told."""

    caller: tuple[str, ...]
    matter: tuple[str, ...]
    wanted: frozenset[str]

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.caller, *self.matter)

    @property
    def shown(self) -> str:
        """The names, as a form carries them to say what it showed."""
        return ",".join(self.names)


def opening(edition: str, event: str, answers: Mapping[str, Any]) -> Opening:
    """What to ask for an event that opens a case, as the answers so far leave it."""
    policy = policy_of(edition)
    known = {name: value for name, value in answers.items() if name in policy.facts}
    steps = list(asked_by(policy, edition, event, known))
    caller = tuple(dict.fromkeys(who_and_what(policy)))
    matter = dict.fromkeys(
        (*(name for name, _ in steps), *categories(policy), *turned_on(policy, edition, known))
    )
    return Opening(
        caller, tuple(name for name in matter if name not in caller), frozenset(name for name, must in steps if must)
    )  # fmt: skip


def starts(policy: Policy) -> tuple[str, ...]:
    return policy.header.starts or ("accepted",)


def asked_by(
    policy: Policy, edition: str, event: str, known: Mapping[str, Any]
) -> Iterator[tuple[str, bool]]:
    """Facts that the steps of the event ask for, and whether each must be told."""
    if not any(event in step.event and step.asks for step in steps_of(policy)):
        return
    office = office_now()
    for one in questions(policy, event, known, {}, office.parameters(edition), office.site):
        if one.state not in GONE:
            yield one.fact, not one.optional


def steps_of(policy: Policy) -> list[Step]:
    return [rule for _article, _kind, rule in policy.rules() if isinstance(rule, Step)]


def who_and_what(policy: Policy) -> Iterator[str]:
    """The customer, how to reach them, and what they say; not what a later step asks for."""
    later = {
        entry.fact
        for step in steps_of(policy)
        if not set(step.event) & set(starts(policy))
        for entry in policy.asked(step)
    }
    if policy.header.customer:
        yield policy.header.customer
    for kind in ("contact", "content"):
        for name, fact in policy.facts.items():
            if fact.personal == kind and fact.type == "text" and not fact.many and name not in later:
                yield name


def categories(policy: Policy) -> Iterator[str]:
    """Long lists and trees of choices by which matters are told apart."""
    return (name for name, fact in policy.facts.items() if is_category(fact))


def is_category(fact: Fact) -> bool:
    free = not (fact.looked_up or fact.decided_by or fact.many or fact.of)
    return free and fact.type == "choice" and matter.is_category(fact)


def turned_on(policy: Policy, edition: str, known: Mapping[str, Any]) -> Iterator[str]:
    """What conditions of rules that begin at once still turn on; beyond the first, once something of it is told."""
    tried = [
        rule.when
        for rule in policy.timed.values()
        if rule.when is not None and begins_with(rule, starts(policy))
    ]
    office = office_now()
    out = ruled_out(policy, tried, known, office.parameters(edition), office.site)
    for condition, gone in zip(tried, out, strict=True):
        yield from () if gone else of_condition(policy, condition, known)


def of_condition(policy: Policy, condition: Condition, known: Mapping[str, Any]) -> list[str]:
    names = [
        test.fact
        for test in condition.tests
        if test.fact in policy.facts and sayable(policy.facts[test.fact])
    ]
    return names if any(name in known for name in names) else names[:1]


def sayable(fact: Fact) -> bool:
    return not (fact.decided_by or fact.looked_up)


def begins_with(rule: Timed, events: Iterable[str]) -> bool:
    """Whether what opens a case starts the clock of a rule."""
    return rule.after is None or any(set(one.event) & set(events) for one in rule.after.any)
