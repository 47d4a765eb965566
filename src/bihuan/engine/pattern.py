"""Event patterns and conditions as a policy writes them, read into plain values.

What a string in a condition means depends on the fact it is compared with (docs/writing-policies.md, 2): a choice stays a
string, where a number, limit or instant is wanted a bare word is a `Name`. Neither is evaluated here.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from bihuan.engine.finding import Wrong, gather, near
from bihuan.engine.limit import NAME, Name, Reference, is_limit, parse_clock, parse_limit, parse_reference

BOUNDS = ("at_least", "above", "at_most", "below")
EVENT = rf"{NAME}(\.{NAME})?|[a-z][a-z0-9_-]*(\.(met|missed|late|void|reached))?"
PATTERN_KEYS = ("event", "where", "by", "since", "at_least")
NUMERIC = ("number", "money")
WORDS = ("choice", "text", "person", "unit", "calendar", "case", "file")


@dataclass(frozen=True, slots=True)
class Kind:
    """What a name in a condition stands for: the type of its values and whether they have an order."""

    type: str
    ordered: bool = False


Kinds = Mapping[str, Kind]


@dataclass(frozen=True, slots=True)
class Test:
    """One entry of a condition: a fact and what is asked of it."""

    __test__ = False  # not a test of pytest

    fact: str
    op: str
    values: tuple[Any, ...] = ()
    bounds: Mapping[str, Any] = field(default_factory=dict)
    from_: Name | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """Entries that must all hold."""

    tests: tuple[Test, ...] = ()


@dataclass(frozen=True, slots=True)
class EventPattern:
    """One of some events, with what is asked of its facts, its actor and what came before."""

    event: tuple[str, ...]
    where: Condition | None = None
    by: str | None = None
    since: str | None = None
    at_least: int = 1


@dataclass(frozen=True, slots=True)
class Pattern:
    """Any of some events, or all of some patterns; exactly one of the two is given."""

    any: tuple[EventPattern, ...] = ()
    all: tuple[Pattern, ...] = ()


def parse_pattern(value: object, kinds: Kinds) -> Pattern:
    """Read a name, a list (any), `{ all = [...] }` (all) or a table with `event`."""
    if isinstance(value, dict) and "all" in value:
        return _all(value, kinds)
    if isinstance(value, list):
        return Pattern(any=tuple(_each(value, lambda one: _event(one, kinds))))
    return Pattern(any=(_event(value, kinds),))


def parse_patterns(value: object, kinds: Kinds) -> tuple[Pattern, ...]:
    """Read what must all have happened: one pattern or a list of them."""
    parts = value if isinstance(value, list) else [value]
    return tuple(_each(parts, lambda one: parse_pattern(one, kinds)))


def _all(value: dict[str, object], kinds: Kinds) -> Pattern:
    parts = value["all"]
    if set(value) != {"all"} or not isinstance(parts, list) or not parts:
        raise Wrong("pattern-all", value)
    return Pattern(all=tuple(_each(parts, lambda one: parse_pattern(one, kinds))))


def _each(values: list[Any], parse: Callable[[Any], Any]) -> list[Any]:
    """Parse every element; the defects of all of them are raised together."""
    if not values:
        raise Wrong("pattern", values)
    read, wrongs = [], []
    for number, value in enumerate(values, 1):
        try:
            read.append(parse(value))
        except Wrong as wrong:
            wrongs.append(wrong.under(number) if len(values) > 1 else wrong)
    gather(wrongs)
    return read


def _event(value: object, kinds: Kinds) -> EventPattern:
    if isinstance(value, str):
        return EventPattern((event_name(value),))
    if not isinstance(value, dict) or "event" not in value:
        raise Wrong("pattern", value)
    wrongs = [
        Wrong("unknown-key", key, at=key, names=PATTERN_KEYS, near=near(key, PATTERN_KEYS))
        for key in value
        if key not in PATTERN_KEYS
    ]
    events = value["event"] if isinstance(value["event"], list) else [value["event"]]
    for key in ("by", "since"):
        if not isinstance(value.get(key, ""), str):
            wrongs.append(Wrong("name", value[key], at=key))
    at_least = value.get("at_least", 1)
    if not isinstance(at_least, int) or isinstance(at_least, bool) or at_least < 1:
        wrongs.append(Wrong("whole", at_least, at="at_least"))
    where = None
    try:
        names = tuple(_each(events, event_name))
        where = parse_condition(value["where"], kinds) if "where" in value else None
    except Wrong as wrong:
        wrongs.append(wrong.under("event" if wrong.code in ("event-name", "pattern") else "where"))
    gather(wrongs)
    return EventPattern(names, where, value.get("by"), value.get("since"), at_least)


def event_name(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(EVENT, value):
        raise Wrong("event-name", value)
    return value


def parse_condition(value: object, kinds: Kinds) -> Condition:
    """Read a table whose entries must all hold."""
    if not isinstance(value, dict):
        raise Wrong("condition", value)
    tests, wrongs = [], []
    for fact, asked in value.items():
        try:
            tests.append(_test(fact, asked, kinds.get(fact)))
        except Wrong as wrong:
            wrongs.append(wrong.under(fact))
    gather(wrongs)
    return Condition(tuple(tests))


def _test(fact: str, asked: object, kind: Kind | None) -> Test:
    if not isinstance(asked, dict):
        return Test(fact, "in", _values(asked, kind))
    keys = set(asked)
    if keys == {"known"}:
        if not isinstance(asked["known"], bool):
            raise Wrong("flag", asked["known"], at="known")
        return Test(fact, "known", (asked["known"],))
    if keys == {"not"} or keys == {"all"}:
        op = next(iter(keys))
        return Test(fact, op, _values(asked[op], kind))
    if keys and keys <= {*BOUNDS, "from"} and keys != {"from"}:
        return _compare(fact, asked, kind)
    raise Wrong("test", asked)


def _compare(fact: str, asked: dict[str, Any], kind: Kind | None) -> Test:
    start = asked.get("from")
    if start is not None and not isinstance(start, str):
        raise Wrong("name", start, at="from")
    bounds = {key: asked[key] for key in BOUNDS if key in asked}
    if ("above" in bounds and "at_least" in bounds) or ("below" in bounds and "at_most" in bounds):
        raise Wrong("bound-twice", asked)
    read = _distance if start is not None else bound
    return Test(
        fact,
        "compare",
        bounds={key: _under(key, read, value, kind) for key, value in bounds.items()},
        from_=Name(start) if start is not None else None,
    )


def _under(key: str, read: Callable[[Any, Kind | None], Any], value: object, kind: Kind | None) -> Any:
    try:
        return read(value, kind)
    except Wrong as wrong:
        raise wrong.under(key) from None


def _values(asked: object, kind: Kind | None) -> tuple[Any, ...]:
    listed = asked if isinstance(asked, list) else [asked]
    if not listed:
        raise Wrong("test", asked)
    return tuple(literal(each, kind) for each in listed)


def bound(value: object, kind: Kind | None) -> Any:
    """What a value is compared with."""
    if isinstance(value, dict):
        return parse_reference(value)
    if kind is not None and kind.type == "choice" and not kind.ordered:
        raise Wrong("not-ordered", value)
    if kind is not None:
        return literal(value, kind)
    if isinstance(value, str):
        return parse_limit(value) if is_limit(value) else name(value)
    return value


def _distance(value: object, kind: Kind | None) -> Any:
    """An amount between two values of one kind."""
    if isinstance(value, dict):
        return parse_reference(value)
    if isinstance(value, str):
        return name(value) if re.fullmatch(NAME, value) else parse_limit(value)
    return number(value)


def literal(value: object, kind: Kind | None) -> Any:
    """A value of the kind wanted, or the name of what holds one."""
    if kind is None:
        return value
    if kind.type in WORDS:
        if not isinstance(value, str):
            raise Wrong("word", value)
        return value
    if isinstance(value, str) and re.fullmatch(NAME, value):
        return Name(value)
    return _LITERALS[kind.type](value)


def name(value: object) -> Name:
    if not isinstance(value, str) or not re.fullmatch(NAME, value):
        raise Wrong("name", value)
    return Name(value)


def number(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Wrong("number", value)
    return value


def number_source(value: object) -> int | float | Name | Reference:
    """A number, the name of what holds one, or the document that says it."""
    if isinstance(value, dict):
        return parse_reference(value)
    return name(value) if isinstance(value, str) else number(value)


def _flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise Wrong("flag", value)
    return value


def _date(value: object) -> dt.date:
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        raise Wrong("date", value)
    return value


def _instant(value: object) -> dt.date:
    if not isinstance(value, dt.date):
        raise Wrong("instant", value)
    return value


def _clock(value: object) -> int:
    if isinstance(value, dt.time):
        return value.hour * 3600 + value.minute * 60 + value.second
    if not isinstance(value, str):
        raise Wrong("clock", value)
    return parse_clock(value)


_LITERALS: dict[str, Callable[[Any], Any]] = {
    "number": number,
    "money": number,
    "flag": _flag,
    "date": _date,
    "instant": _instant,
    "clock": _clock,
    "limit": parse_limit,
}
FACT_TYPES = (*WORDS, *_LITERALS)
