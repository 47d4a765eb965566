"""What a case is about, in a line: what was said of the matter itself, never who said it. Kept with the case, for lists.

It stands there as anybody may read it, whoever that is: nothing that the regulation hides from any role, names and ways to
reach people not at all, numbers within a text in part. Knows no table and no page.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any

from bihuan.desk import sight
from bihuan.desk.office import policy_of
from bihuan.engine.declared import Fact
from bihuan.engine.log import COLUMNS
from bihuan.engine.policy import Policy

PART, MOST = 80, 200  # characters of one thing that was said, and of all
FOREMOST = 2
MANY = 10  # choices
BETWEEN = " · "
About = Mapping[str, Fact]


def about(policy: Policy) -> dict[str, Fact]:
    """The facts that tell of the matter, in the order of the regulation: texts and categories, not who calls."""
    return {
        name: fact
        for name, fact in policy.facts.items()
        if fact.personal not in sight.MASKED and fact.type in ("text", "choice") and name not in COLUMNS
    }


def open_to_all(policy: Policy) -> dict[str, Fact]:
    """Those of them that nobody is kept from; first the categories, which say most in the fewest words. Where it is hidden who
    somebody is, the categories alone: any text may name them.
    """
    hides_somebody = any(policy.facts[name].personal in sight.MASKED for name in policy.hiding)
    types = ("choice",) if hides_somebody else ("choice", "text")
    shown = (
        (name, fact) for name, fact in about(policy).items() if fact.type in types and not fact.hidden_from
    )
    return dict(sorted(shown, key=lambda one: not is_category(one[1])))


def is_category(fact: Fact) -> bool:
    """Whether it tells many kinds of matters apart: in branches, or more than one would read through."""
    return bool(fact.tree) or len(fact.leaves) > MANY


@lru_cache(maxsize=64)
def open_in(edition: str) -> About:
    """As `open_to_all`, by the hash of an edition."""
    return open_to_all(policy_of(edition))


def matter(facts: About, rows: Iterable[Mapping[str, Any]], given: Mapping[str, Any]) -> str:
    """Of the events that stand, in their order, and of what was given with the case, the latest of each fact."""
    known = dict(given)
    for row in rows:
        known.update(row)
    told = [said(fact, known[name]) for name, fact in facts.items() if name in known]
    return cut(BETWEEN.join(filter(None, told)))


def said(fact: Fact, value: Any) -> str | None:
    """A value as it reads in the line; numbers and lists do not stand there."""
    if not isinstance(value, str):
        return None
    text = fact.leaves.get(value) or sight.mask(" ".join(words(fact, value).split()))
    return text if len(text) <= PART else f"{text[: PART - 1]}…"


def words(fact: Fact, value: str) -> str:
    """What a value says; of a category that is not in the text of the regulation, its last part."""
    return fact.leaves.get(value) or value.rsplit(" / ", 1)[-1]


def brief(line: str) -> str:
    """What stands foremost: the category and what was said."""
    return BETWEEN.join(line.split(BETWEEN)[:FOREMOST])


def cut(line: str) -> str:
    return line if len(line) <= MOST else f"{line[: MOST - 1]}…"
