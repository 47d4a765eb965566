"""Who listens to what in a policy: event patterns taken apart, and whose events each rule is folded over."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from bihuan.engine.pattern import EventPattern, Pattern
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Callback, Count, Prohibition, Rule, Timed

OUTCOMES = ("met", "late", "missed", "void")
COMPANY = "company"
EACH = " for each "  # an event repeated for the further values of a fact; only rules `per` that fact hear it


@dataclass(frozen=True)
class Mark:
    """Remembers when one of some events happened last."""

    events: tuple[EventPattern, ...]


Node = Timed | Count | Prohibition | Mark


def subjects(policy: Policy) -> list[str]:
    """The subjects that rules are about: "" for cases, then the facts of `across`, then the company."""
    return list(dict.fromkeys(["", *(subject_of(policy, rule) for _, _, rule in policy.rules())]))


def subject_of(policy: Policy, rule: Rule, above: frozenset[str] = frozenset()) -> str:
    """Whose events a rule is folded over. A rule after outcomes is folded where they are; a circle belongs to cases."""
    if isinstance(rule, Timed | Count) and rule.across:
        return rule.across
    if isinstance(rule, Timed) and rule.every is not None and rule.after is None:
        return COMPANY
    if not isinstance(rule, Timed | Count | Prohibition) or rule.name in above:
        return ""
    sources = [policy.named.get(source_of(name)) for name in names_of(trigger(rule))]
    if not sources or None in sources:
        return ""
    found = {subject_of(policy, one, above | {rule.name}) for one in sources if one is not None} - {""}
    return found.pop() if found else ""


def is_sampled(rule: Rule) -> bool:
    """Whether only a sample is called back: such callbacks are owed by those drawn, and draws are made elsewhere."""
    return isinstance(rule, Callback) and rule.is_sampled


def trigger(rule: Rule) -> Pattern | None:
    if isinstance(rule, Timed):
        return rule.after
    return rule.of if isinstance(rule, Count) else rule.on if isinstance(rule, Prohibition) else None


def flat(pattern: Pattern | None) -> Iterator[EventPattern]:
    if pattern is not None:
        yield from pattern.any
        for part in pattern.all:
            yield from flat(part)


def names_of(*patterns: Pattern | None) -> list[str]:
    return [name for pattern in patterns for event in flat(pattern) for name in event.event]


def listens_to(rule: Node) -> list[str]:
    """Every event and outcome that a rule reacts to."""
    if isinstance(rule, Mark):
        return [name for event in rule.events for name in event.event]
    if isinstance(rule, Count):
        return names_of(rule.of, rule.reset_by)
    if isinstance(rule, Prohibition):
        return names_of(rule.on)
    return names_of(*patterns_of(rule))


def patterns_of(rule: Timed) -> list[Pattern | None]:
    patterns = [rule.after, rule.ends, rule.void_by, rule.restarted_by]
    patterns += [p for pause in rule.pauses for p in (pause.from_, pause.to)]
    return patterns + [p for e in rule.extensions for p in (e.by, *e.needs)]


def events_of(node: Node) -> Iterator[EventPattern]:
    """Every event pattern of a rule."""
    if isinstance(node, Count):
        yield from (*flat(node.of), *flat(node.reset_by))
    elif isinstance(node, Prohibition):
        yield from flat(node.on)
    elif isinstance(node, Timed):
        for pattern in patterns_of(node):
            yield from flat(pattern)


def source_of(name: str) -> str:
    """The rule that a name of an outcome belongs to; the name itself for an event."""
    head, dot, tail = name.rpartition(".")
    return head if dot and tail in (*OUTCOMES, "reached") else name


def all_parts(pattern: Pattern) -> list[Pattern]:
    """The any-patterns of which every one must come."""
    return [p for part in pattern.all for p in all_parts(part)] if pattern.all else [pattern]


def quorum(event: EventPattern) -> tuple[EventPattern, ...]:
    """What must be remembered to count the persons of a pattern: each single deed."""
    return (replace(event, at_least=1, since=None),) if event.at_least > 1 else ()


def since_events(event: EventPattern) -> tuple[EventPattern, ...]:
    return (EventPattern((event.since,)),) if event.since else ()
