"""Whether event patterns stand where the engine takes them for what they say.

Elsewhere `{ all }` would be read as any, `since` as nothing, and nobody would notice: such patterns are refused, by
`check` and before anything is judged. What their names mean is asked in `names`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from bihuan.engine.checks.charging import needs_the_fold
from bihuan.engine.checks.mentions import inside, walk
from bihuan.engine.fields import Part
from bihuan.engine.finding import Finding
from bihuan.engine.limit import Name
from bihuan.engine.listening import all_parts, flat, source_of
from bihuan.engine.pattern import EventPattern, Pattern
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Archive, Charge, Count, Prohibition, Step, Timed

#: Where `{ all = [...] }` is understood, and `since` by itself.
WHOLE = ("after", "owes", "may", "needs", "extensions.by", "extensions.needs")
SINCE = ("step.needs",)
HEADER = "policy"
NEEDS = "step.needs"
INSTANTS = ("instant", "date")


@dataclass(frozen=True, slots=True)
class Place:
    """A pattern and where it stands; `kind` is that of the rule, or that it is the header."""

    kind: str
    key: str
    pattern: Pattern

    @property
    def plain(self) -> str:
        """The key without the numbers of list entries."""
        return ".".join(part.partition("[")[0] for part in self.key.split("."))

    @property
    def name(self) -> str:
        return f"{self.kind}.{self.plain}"

    def finding(self, code: str, found: str, **args: object) -> Finding:
        return Finding("error", code, key=self.key, found=found, args=args)


def check_patterns(policy: Policy) -> Iterator[Finding]:
    for place in places(HEADER, policy.header):
        yield from (replace(each, key=f"{HEADER}.{each.key}") for each in misread(policy, place))
    for article, kind, rule in policy.rules():
        if isinstance(rule, Archive):  # kept for readers; nothing is judged by it
            continue
        if isinstance(rule, Charge) and needs_the_fold(rule.on, policy):  # told in `charging`
            continue
        here = [
            *mixed_keys(rule),
            *series_keys(policy, rule),
            *nobodys_facts(policy, rule),
            *nobodys_step(rule),
            *(each for place in places(kind, rule) for each in misread(policy, place)),
        ]
        yield from (replace(each, article=article.no, rule=rule.name) for each in here)


def places(kind: str, part: Part) -> Iterator[Place]:
    """Every pattern of a rule or of the header, whatever key it stands at."""
    yield from (Place(kind, key, pattern) for pattern, key in patterns_in(part, ""))


def patterns_in(value: Any, key: str) -> Iterator[tuple[Pattern, str]]:
    for inner, _, place in inside(value, "", key):
        if isinstance(inner, Pattern):
            yield inner, place
        elif isinstance(inner, Part | tuple):
            yield from patterns_in(inner, place)


def misread(policy: Policy, place: Place) -> Iterator[Finding]:
    """What of one pattern would be taken for something else."""
    for ask in ASKED:
        yield from ask(policy, place)


def all_as_any(policy: Policy, place: Place) -> Iterator[Finding]:
    if place.pattern.all and place.plain not in WHOLE:
        events = named_by(place.pattern)
        yield place.finding("all-here", ", ".join(events), events=events, names=WHOLE)


def twice_as_once(policy: Policy, place: Place) -> Iterator[Finding]:
    parts = all_parts(place.pattern)
    for n, part in enumerate(parts):
        if part in parts[:n]:
            yield place.finding("all-twice", ", ".join(named_by(part)))


def since_as_nothing(policy: Policy, place: Place) -> Iterator[Finding]:
    for event in flat(place.pattern):
        if event.since and event.at_least < 2 and place.name not in SINCE:
            yield place.finding("since-here", event.since)


def nobodys_deed(policy: Policy, place: Place) -> Iterator[Finding]:
    """Who did it is asked of what nobody does: what became of a rule, or a date that comes."""
    for event in flat(place.pattern):
        for name in event.event:
            if event.at_least > 1 and (is_outcome(policy, name) or is_dated(policy, name)):
                yield place.finding("nobodys-deed", name, asked=f"at_least = {event.at_least}")
            if event.by and (name.endswith(".missed") or is_dated(policy, name)):
                yield place.finding("nobodys-deed", name, asked=f'by = "{event.by}"')


def untold_by(policy: Policy, place: Place) -> Iterator[Finding]:
    """Roles that only a step can ask about."""
    for event in flat(place.pattern):
        role = policy.roles.get(event.by or "")
        if event.by == "owner" or (role and role.did):
            yield place.finding("by-here", event.by or "")


def unlike_alternatives(policy: Policy, place: Place) -> Iterator[Finding]:
    """A need is asked with one `since` and one number of persons, for all its alternatives together."""
    if place.name != NEEDS:
        return
    for part in all_parts(place.pattern):
        for key in ("since", "at_least"):
            if len(part.any) > 1 and is_unlike(key, part.any):
                events = named_by(part)
                yield place.finding("unlike-alternatives", ", ".join(events), events=events, asked=key)


def is_unlike(key: str, events: tuple[EventPattern, ...]) -> bool:
    if key == "since":
        return len({event.since for event in events}) > 1
    return any(event.at_least > 1 for event in events)


def untold_in_header(policy: Policy, place: Place) -> Iterator[Finding]:
    """The header belongs to no rule: nothing is remembered for it and no outcome told to it."""
    if place.kind != HEADER:
        return
    if any(event.at_least > 1 for event in flat(place.pattern)):
        yield place.finding("not-in-header", "at_least")
    names = (name for name in named_by(place.pattern) if is_outcome(policy, name))
    yield from (place.finding("not-in-header", name) for name in names)


ASKED: tuple[Callable[[Policy, Place], Iterator[Finding]], ...] = (
    all_as_any,
    twice_as_once,
    since_as_nothing,
    nobodys_deed,
    untold_by,
    unlike_alternatives,
    untold_in_header,
)


def mixed_keys(rule: object) -> Iterator[Finding]:
    """Parts of a trigger are gathered for the case, not for each value of `per`."""
    if isinstance(rule, Timed) and rule.after is not None and rule.after.all and rule.per:
        yield Finding("error", "all-per", key="after", found=rule.per)


def series_keys(policy: Policy, rule: object) -> Iterator[Finding]:
    """A series of periods belongs to the case or the subject, and follows the calendar or one start."""
    if not isinstance(rule, Timed) or rule.every is None:
        return
    if rule.per:
        yield Finding("error", "every-per", key="per", found=rule.per)
    if rule.restarted_by is not None:
        yield Finding("error", "every-restart", key="restarted_by", found=named_by(rule.restarted_by)[0])
    if rule.pauses and rule.within is None:
        yield Finding("error", "every-pause", key="pauses", found=named_by(rule.pauses[0].from_)[0])
    for key, limit in (("from", rule.from_), ("until", rule.until)):
        if isinstance(limit, Name) and limit.name in policy.facts:
            yield Finding("error", "every-fact", key=key, found=limit.name)


def nobodys_facts(policy: Policy, rule: object) -> Iterator[Finding]:
    """A due time that passes is no event of a case: over several cases it has no facts but those of the subject."""
    subject = getattr(rule, "across", None)
    missed = missed_in(policy, getattr(rule, "after", None)) if subject else ""
    if not missed:
        return
    for mention in walk(rule):
        fact = policy.facts.get(mention.name)
        asked = mention.key.partition(".")[0] in (
            "when",
            "after",
            "within",
            "target",
            "not_before",
            "calendar",
        )
        if fact is not None and asked and fact.of != subject and mention.name != subject:
            yield Finding(
                "error", "across-missed", key=mention.key, found=mention.name, args={"missed": missed}
            )


def missed_in(policy: Policy, pattern: Pattern | None) -> str:
    """A due time of cases that a pattern names: what recurs is of no case, and sees the last event of its subject."""
    for name in named_by(pattern) if pattern else ():
        rule = policy.named.get(source_of(name))
        if name.endswith(".missed") and isinstance(rule, Timed) and rule.every is None:
            return name
    return ""


def nobodys_step(rule: object) -> Iterator[Finding]:
    """A step belongs to no obligation, so that it has no owner; and the company itself does nothing."""
    for key in ("by", "not_by", "distinct") if isinstance(rule, Step) else ():
        for role in getattr(rule, key):
            if role in ("owner", "company"):
                yield Finding("error", "step-role", key=key, found=role)


def named_by(pattern: Pattern) -> list[str]:
    return list(dict.fromkeys(name for event in flat(pattern) for name in event.event))


def is_outcome(policy: Policy, name: str) -> bool:
    return isinstance(policy.named.get(source_of(name)), Timed | Count | Prohibition)


def is_dated(policy: Policy, name: str) -> bool:
    return name in policy.facts and policy.facts[name].type in INSTANTS
