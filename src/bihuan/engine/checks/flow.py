"""How rules and states follow one another: circles, states nobody reaches, triggers that come again, scopes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

from bihuan.engine.checks.mentions import walk
from bihuan.engine.declared import Fact
from bihuan.engine.finding import Finding
from bihuan.engine.pattern import Pattern
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Count, Prohibition, Rule, Step, Timed

START = "start"
COMPANY = "the whole company"
CASE = "the case"


def check_flow(policy: Policy) -> Iterator[Finding]:
    yield from circles(policy)
    yield from fact_circles(policy)
    yield from states(policy)
    yield from repeats(policy)
    yield from scopes(policy)


def circles(policy: Policy) -> Iterator[Finding]:
    """Rules that wait for one another's outcomes."""
    graph = {rule.name: sorted(followed(rule, policy)) for _, _, rule in policy.rules() if in_fold(rule)}
    circle = circle_in(graph)
    if circle:
        yield Finding(
            "error", "circle", "", policy.article_of(circle[0]), circle[0], found=" → ".join(circle)
        )


def fact_circles(policy: Policy) -> Iterator[Finding]:
    """Looked-up facts that wait for one another."""
    graph = {
        name: sorted(asked_by(fact) & set(policy.facts)) for name, fact in policy.facts.items() if fact.rows
    }
    circle = circle_in(graph)
    if circle:
        yield Finding("error", "fact-circle", key=f"facts.{circle[0]}", found=" → ".join(circle))


def circle_in(graph: Mapping[str, Iterable[str]]) -> list[str]:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


def in_fold(rule: Rule) -> bool:
    """Rules whose outcomes are events."""
    return isinstance(rule, Timed | Count | Prohibition)


def followed(rule: Rule, policy: Policy) -> set[str]:
    """The rules whose outcomes this rule waits for."""
    named = (mention.name for mention in walk(rule) if mention.means == "event")
    owners = {name if name in policy.named else name.rpartition(".")[0] for name in named}
    return {owner for owner in owners if owner in policy.named and in_fold(policy.named[owner])}


def asked_by(fact: Fact) -> set[str]:
    return {mention.name for mention in walk(fact) if mention.means in ("tested", "value")}


def states(policy: Policy) -> Iterator[Finding]:
    """States that no step leads to."""
    steps = [(article.no, rule) for article, _, rule in policy.rules() if isinstance(rule, Step)]
    reached = reachable([step for _, step in steps])
    for article, step in steps:
        lost = [state for state in step.from_ if (step.track, state) not in reached]
        if lost:
            args = {"track": step.track or CASE}
            yield Finding("error", "unreachable", "", article, step.name, "from", ", ".join(lost), args)


def reachable(steps: list[Step]) -> set[tuple[str | None, str]]:
    """The states, by track, that some order of events leads to."""
    found = {(step.track, START) for step in steps}
    while True:
        more = {
            (step.track, step.to)
            for step in steps
            if step.to and (not step.from_ or any((step.track, state) in found for state in step.from_))
        } - found
        if not more:
            return found
        found |= more


def repeats(policy: Policy) -> Iterator[Finding]:
    """A trigger that the policy itself expects again, and a rule that then ignores it."""
    again = expected_again(policy)
    for article, _, rule in policy.rules():
        if not isinstance(rule, Timed) or rule.after is None or rule.every is not None:
            continue
        settled = rule.once or rule.per or rule.restarted_by or rule.void_by
        events = [event for event in single_events(rule.after) if event in again]
        if events and not settled:
            args = {"why": again[events[0]]}
            yield Finding("warning", "repeats", "", article.no, rule.name, "after", events[0], args)


def expected_again(policy: Policy) -> dict[str, str]:
    """Events that come more than once on a case, with what shows it."""
    found: dict[str, str] = {}
    for _, _, rule in policy.rules():
        if isinstance(rule, Count):
            found |= dict.fromkeys(single_events(rule.of), rule.name)
        if isinstance(rule, Step):
            needs = (pattern for need in rule.needs for pattern in need.any)
            found |= {pattern.since: rule.name for pattern in needs if pattern.since}
    return {event: why for event, why in found.items() if "." not in event}


def single_events(pattern: Pattern) -> list[str]:
    """The events of which one alone is the trigger."""
    return [event for each in pattern.any for event in each.event]


def scopes(policy: Policy) -> Iterator[Finding]:
    """A rule folded over cases cannot see outcomes of one folded over a subject, nor the other way round."""
    for article, _, rule in policy.rules():
        if not in_fold(rule) or isinstance(rule, Prohibition):
            continue
        for other in sorted(followed(rule, policy)):
            if scope(policy.named[other]) != scope(rule) and not isinstance(policy.named[other], Prohibition):
                args = {"scope": scope(rule), "other": scope(policy.named[other])}
                yield Finding("error", "other-scope", "", article.no, rule.name, found=other, args=args)


def scope(rule: Rule) -> str:
    """What a rule is folded over."""
    across = getattr(rule, "across", None)
    if across:
        return str(across)
    periodic = isinstance(rule, Timed) and rule.every is not None and rule.after is None
    return COMPANY if periodic else CASE
