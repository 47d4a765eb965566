"""The policy's words taken apart: event names, the parts of a pattern, rules in the order of dependence."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Rule = dict[str, Any]


def named(pattern: Any) -> list[str]:
    """Every event name in a pattern."""
    if isinstance(pattern, str):
        return [pattern]
    if isinstance(pattern, list):
        return [name for part in pattern for name in named(part)]
    if "all" in pattern:
        return named(pattern["all"])
    return [*named(pattern["event"]), *([pattern["since"]] if "since" in pattern else [])]


def parts(pattern: Any) -> list[Any]:
    """What must all happen."""
    return list(pattern["all"]) if isinstance(pattern, dict) and "all" in pattern else [pattern]


def rules_of(policy: dict[str, Any], *kinds: str) -> Iterator[tuple[str, Rule]]:
    for article in policy["article"]:
        for kind in kinds:
            for rule in article.get(kind, []):
                yield kind, rule


def patterns_in(rule: Rule) -> Iterator[Any]:
    for key in ("after", "owes", "may", "void_by", "restarted_by", "of", "reset_by", "on", "ahead_of"):
        if key in rule:
            yield rule[key]
    for pause in rule.get("pauses", []):
        yield from (pause["from"], pause["to"])
    for extension in rule.get("extensions", []):
        yield extension["by"]
        yield from extension.get("needs", [])


def in_order(rules: list[tuple[str, Rule]]) -> list[tuple[str, Rule]]:
    """Rules after those to whose outcomes they refer."""
    ids = {rule["id"] for _, rule in rules}
    done: list[tuple[str, Rule]] = []
    while len(done) < len(rules):
        settled = {rule["id"] for _, rule in done}
        done.append(next(each for each in rules if each not in done and wants(each[1], ids) <= settled))
    return done


def wants(rule: Rule, ids: set[str]) -> set[str]:
    names = [name.split(".")[0] for pattern in patterns_in(rule) for name in named(pattern)]
    names += [rule["inside"]] if "inside" in rule else []
    return {name for name in names if name in ids}
