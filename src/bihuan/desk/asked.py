"""What is asked of whoever enters an event: by the steps about it, and by the rules that look at what it carries.

Also events that no step is about but that rules hear (withdrawn, suspended, extended …) can be entered. Read from the
regulation alone; whether an event is allowed now, the engine says.
"""

from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import NamedTuple

from bihuan.desk.office import policy_of
from bihuan.engine.listening import events_of, listens_to, names_of, source_of
from bihuan.engine.pattern import Condition
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Prohibition, Step

MADE = frozenset(("drawn", "corrected", "merged", "handed_over"))  # by actions of their own
SENDS = ("dispatched", "redispatched", "transferred")  # to a unit, which whoever sends chooses


class Asked(NamedTuple):
    """Of one event: the articles, the facts that it must carry, and those that rules test in it."""

    articles: tuple[str, ...]
    asks: tuple[str, ...]
    tested: tuple[str, ...]
    step: bool  # whether some step is about it


@lru_cache(maxsize=64)
def asked(edition: str) -> Mapping[str, Asked]:
    """By event, those of steps first, in the order of the articles. `edition` is a hash."""
    policy = policy_of(edition)
    found = dict(of_steps(policy))
    for name, articles in heard(policy).items():
        found.setdefault(name, Asked(tuple(articles), (), (), False))
    looked_at = looked(policy)
    return {
        name: one._replace(tested=unique(one.tested, looked_at.get(name, ()), leave=one.asks))
        for name, one in found.items()
    }


@lru_cache(maxsize=64)
def refusable(edition: str) -> frozenset[str]:
    """Events that may be refused: those of steps, and those that a prohibition hears or a rule that can be done too early.

    Where such a rule hears what becomes of others, any event may be what it hears in the end.
    """
    policy, known = policy_of(edition), asked(edition)
    forbidding = [rule for _article, _kind, rule in policy.rules() if isinstance(rule, Prohibition)]
    early = [rule for rule in policy.timed.values() if rule.not_before is not None]
    heard = {name for one in forbidding for name in listens_to(one)}
    heard |= {name for one in early for name in listens_to(one)}
    if any(source_of(name) != name for name in heard):
        return frozenset(known)
    return frozenset(name for name, one in known.items() if one.step or name in heard)


@lru_cache(maxsize=64)
def confined(edition: str) -> Mapping[str, tuple[Condition, ...]]:
    """Events whose steps are all about some cases only, with what these must be. Without those that are asked the very facts."""
    policy, found = policy_of(edition), dict[str, list[Condition | None]]()
    for _article, _kind, step in policy.rules():
        if isinstance(step, Step):
            own = {entry.fact for entry in policy.asked(step)}
            when = step.when if step.when and own.isdisjoint(facts_of(policy, step.when)) else None
            for event in step.event:
                found.setdefault(event, []).append(when)
    return {event: tuple(one for one in whens if one) for event, whens in found.items() if None not in whens}


@lru_cache(maxsize=64)
def doers(edition: str) -> Mapping[str, frozenset[str]]:
    """By event the roles, with their deputies, one of which its steps ask for. Without what some step leaves to anybody, or
    to whoever is of a unit that a fact names.
    """
    policy, found, free = policy_of(edition), dict[str, frozenset[str]](), set[str]()
    for _article, _kind, step in policy.rules():
        if isinstance(step, Step):
            roles = frozenset(step.by).union(*(policy.roles[name].deputies for name in step.by))
            if not roles or any(is_of_units(policy, name) for name in roles):
                free |= set(step.event)
            found |= {event: found.get(event, frozenset()) | roles for event in step.event}
    return {event: roles for event, roles in found.items() if event not in free}


def is_of_units(policy: Policy, role: str) -> bool:
    fact = policy.facts.get(policy.roles[role].fact or "")
    return fact is not None and fact.type == "unit"


def of_steps(policy: Policy) -> Iterator[tuple[str, Asked]]:
    found: dict[str, Asked] = {}
    for article, _kind, step in policy.rules():
        if not isinstance(step, Step):
            continue
        fields = [entry.fact for entry in policy.asked(step)]
        tests = [*facts_of(policy, step.requires), *facts_of(policy, step.when)]
        for event in step.event:
            one = found.get(event, Asked((), (), (), True))
            found[event] = Asked(
                unique(one.articles, [article.no]), unique(one.asks, fields), unique(one.tested, tests), True
            )
    yield from found.items()


def heard(policy: Policy) -> dict[str, list[str]]:
    """The events that end a case and those that timed rules hear, each with the articles of those rules."""
    closing = (*names_of(policy.header.void_by), *policy.header.ends)
    found: dict[str, list[str]] = {name: [] for name in closing if name not in MADE}
    for rule in policy.timed.values():
        for name in listens_to(rule):
            if name in policy.event_labels and source_of(name) == name and name not in MADE:
                article = policy.article_of(rule.name)
                found.setdefault(name, []).extend([article] if article not in found.get(name, ()) else [])
    return found


def looked(policy: Policy) -> dict[str, list[str]]:
    """By event, the facts that rules look at in that very event."""
    found: dict[str, list[str]] = {}
    for rule in policy.timed.values():
        for pattern in events_of(rule):
            for name in pattern.event:
                found.setdefault(name, []).extend(facts_of(policy, pattern.where))
    return found


def facts_of(policy: Policy, condition: Condition | None) -> Iterator[str]:
    """Facts that a condition tests and that somebody can say."""
    for test in condition.tests if condition is not None else ():
        fact = policy.facts.get(test.fact)
        if fact is not None and not fact.looked_up:
            yield test.fact


def unique(*each: Iterable[str], leave: Iterable[str] = ()) -> tuple[str, ...]:
    found = dict.fromkeys(name for one in each for name in one)
    return tuple(name for name in found if name not in frozenset(leave))
