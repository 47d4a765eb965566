"""Every name that a policy uses, where it stands and what it has to be the name of.

One walk over the values of a policy; the fields themselves say what their names mean (`fields.Means`). Whether
there is such a thing is not asked here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from bihuan.engine.fields import Between, Floor, Means, Part
from bihuan.engine.finding import Finding, Level
from bihuan.engine.limit import Name, Reference
from bihuan.engine.pattern import Condition, EventPattern, Pattern, Test
from bihuan.engine.policy import Policy

NAMES = "names in use"


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in use: what it should be, and where it stands."""

    means: str
    name: str
    key: str = ""
    article: str = ""
    rule: str = ""
    test: Test | None = None

    def finding(self, level: Level, code: str, **args: object) -> Finding:
        return Finding(level, code, "", self.article, self.rule, self.key, self.name, args)


def mentions(policy: Policy) -> Iterator[Mention]:
    """Every name in use in a policy, in the order of the file."""
    for key in type(policy).model_fields:
        if key != "article":
            written = "policy" if key == "header" else key
            yield from walk(getattr(policy, key), "", written)
    for article, _, rule in policy.rules():
        for mention in walk(rule):
            yield replace(mention, article=article.no, rule=rule.name)


def names_in(policy: Policy) -> frozenset[str]:
    """Every name in use, kept with the policy as its cached properties are: it never changes."""
    kept = vars(policy)
    if NAMES not in kept:
        kept[NAMES] = frozenset(mention.name for mention in mentions(policy))
    found: frozenset[str] = kept[NAMES]
    return found


def walk(value: Any, means: str = "", key: str = "") -> Iterator[Mention]:
    """The names in one value."""
    match value:
        case Name(name):
            yield Mention(means or "value", name, key)
        case Reference(by):
            yield Mention("reference", by, key)
        case str() if means:
            yield Mention(means, value, key)
        case None | str() | int() | float():
            return
        case Pattern() | EventPattern() | Condition() | Test():
            yield from of_pattern(value, key)
        case _:
            for inner, meant, place in inside(value, means, key):
                yield from walk(inner, meant, place)


def inside(value: Any, means: str, key: str) -> Iterator[tuple[Any, str, str]]:
    """The values that a table, list or range is made of, with what their names mean and where they stand."""
    match value:
        case Part():
            for name, field in type(value).model_fields.items():
                held, place = getattr(value, name), dotted(key, field.alias or name)
                yield held, means_of(type(value), name), place
                if isinstance(held, Mapping) and (meant := keys_mean(type(value), name)):
                    yield tuple(held), meant, place
        case Between() | Floor():
            yield from ((getattr(value, slot), means, key) for slot in value.__slots__)
        case Mapping():
            yield from ((each, means, dotted(key, str(name))) for name, each in value.items())
        case tuple():
            for number, each in enumerate(value, 1):
                yield each, means, f"{key}[{number}]" if isinstance(each, Part) else key


def of_pattern(value: object, key: str) -> Iterator[Mention]:
    match value:
        case Pattern():
            for part in (*value.any, *value.all):
                yield from of_pattern(part, key)
        case EventPattern():
            for event in (*value.event, *([value.since] if value.since else ())):
                yield Mention("event", event, key)
            if value.by:
                yield Mention("role", value.by, dotted(key, "by"))
            if value.where:
                yield from of_pattern(value.where, dotted(key, "where"))
        case Condition():
            for test in value.tests:
                yield from of_pattern(test, key)
        case Test():
            yield Mention("tested", value.fact, key, test=value)
            if value.from_:
                yield Mention("tested", value.from_.name, dotted(key, value.fact))
            for each in (*value.values, *value.bounds.values()):
                yield from walk(each, "", dotted(key, value.fact))


def dotted(key: str, name: str) -> str:
    return f"{key}.{name}" if key else name


@cache
def means_of(model: type[BaseModel], name: str) -> str:
    """What the names at a field are names of; empty where they are plain text."""
    field = model.model_fields[name]
    found = [each.what for each in field.metadata if isinstance(each, Means)]
    return found[-1] if found else _means_in(field.annotation)


@cache
def keys_mean(model: type[BaseModel], name: str) -> str:
    """What the keys of a table are names of; empty where they are the table's own."""
    for each in (model.model_fields[name].annotation, *get_args(model.model_fields[name].annotation)):
        if get_origin(each) is dict:
            return _means_in(get_args(each)[0])
    return ""


def _means_in(annotation: Any) -> str:
    metadata = getattr(annotation, "__metadata__", ())
    found = [each.what for each in metadata if isinstance(each, Means)]
    parts = get_args(annotation)[1:] if get_origin(annotation) is dict else get_args(annotation)
    inner = (each for each in parts if not isinstance(each, str))
    return found[-1] if found else next((what for each in inner if (what := _means_in(each))), "")
