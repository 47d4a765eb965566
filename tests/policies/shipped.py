"""The shipped policies as their files say it: plain TOML, read without the engine."""

import re
import tomllib
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import bihuan
from tests.policies.inventory import ENTRIES

HOME = Path(bihuan.__file__).parent / "policies"
PAGES = Path(__file__).parents[2] / "docs" / "regulations"
POLICIES = tuple(ENTRIES)
RULES = (
    *("obligation", "window", "callback", "report", "step", "prohibition", "count"),
    *("charge", "multiplier", "indicator", "archive"),
)
Raw = dict[str, Any]


@lru_cache
def raw(policy: str) -> Raw:
    """The one edition of a policy."""
    (file,) = (HOME / policy).glob("*.toml")
    return tomllib.loads(file.read_text("utf-8"))


def rules(policy: str) -> Iterator[tuple[Raw, str, Raw]]:
    """Article, kind and rule."""
    for article in raw(policy)["article"]:
        for kind in RULES:
            yield from ((article, kind, rule) for rule in article.get(kind, []))


def name_of(article: Raw, rule: Raw) -> str:
    """A rule by its id, a step by its event and article."""
    return rule.get("id") or f"{rule['event']}@{article['no']}"


@lru_cache
def examples(policy: str) -> list[Raw]:
    files = sorted((HOME / policy / "examples").glob("*.toml"))
    return [each for file in files for each in tomllib.loads(file.read_text("utf-8"))["example"]]


def expected(example: Raw) -> Iterator[tuple[str, Any]]:
    """Rule or table, and what an example expects of it, in all its cases."""
    cases = example.get("cases", {})
    for key, wanted in example["expect"].items():
        yield from wanted.items() if key in cases else [(key, wanted)]


def rows(wanted: Any) -> list[Raw]:
    return [row for row in (wanted if isinstance(wanted, list) else [wanted]) if isinstance(row, dict)]


def page(policy: str) -> str:
    return (PAGES / f"{policy.rpartition('/')[2]}.md").read_text("utf-8")


def ids(text: str) -> set[str]:
    """Ids of entries, ranges written out.

    >>> sorted(ids("ARC-T9—T11、C1"))
    ['C1', 'T10', 'T11', 'T9']
    """
    found = set()
    for kind, first, last in re.findall(r"\b([A-Z])(\d+)(?:\s*[-–—]\s*[A-Z]?(\d+))?", text):
        found |= {f"{kind}{n}" for n in range(int(first), int(last or first) + 1)}
    return found
