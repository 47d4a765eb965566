"""What a question may be answered with: the scale of its fact, in words, and the points of an answer.

A closed scale is a list of choices, yes or no, or a range of numbers; a text is an open question. Points are exact
decimals. It knows facts, and neither forms nor who is asked.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from bihuan.engine.declared import Fact

YES_NO, ONE, SEVERAL, SCORE, OPEN = "yes or no", "one of", "several of", "score", "open"
NUMBERS = ("number", "money")


def answered_with(fact: Fact) -> str:
    """The kind of a fact's answers: one of those above, or the fact's own type, such as `instant`."""
    if fact.type == "flag":
        return YES_NO
    if fact.leaves:
        return SEVERAL if fact.many else ONE
    if fact.range:
        return SCORE
    return OPEN if fact.type == "text" else fact.type


def has_scale(fact: Fact) -> bool:
    """Whether it is known what fits: only of a bare number, and of a choice without choices, nobody can say."""
    return answered_with(fact) not in (*NUMBERS, "choice")


def is_degree(fact: Fact) -> bool:
    """Whether its answers say how much: yes or no, points, or an order."""
    return fact.type == "flag" or bool(fact.points or fact.ordered)


def scale(fact: Fact) -> str:
    """What fits, as it is written beside a question and in an irregularity.

    >>> scale(Fact(type="number", range=(0, 5)))
    '0–5'
    """
    if fact.leaves:
        return ", ".join(key if key == label else f"{key} {label}" for key, label in fact.leaves.items())
    if fact.range:
        return "–".join(f"{bound:g}" for bound in fact.range)
    return "true 是, false 否" if fact.type == "flag" else fact.type


def scored(fact: Fact) -> bool:
    """Whether an answer gives points: of its choices, of yes and no, or the number itself."""
    return bool(fact.points) or (fact.type in NUMBERS and fact.range is not None)


def points_of(fact: Fact, answer: Any) -> Decimal | None:
    """The points of an answer: a choice's key, "true" or "false", a number; None where it has none."""
    if fact.points:
        found = fact.points.get(str(answer).lower() if fact.type == "flag" else str(answer))
        return None if found is None else Decimal(str(found))
    return Decimal(str(answer)) if scored(fact) else None


def most_of(fact: Fact) -> Decimal:
    """The points of the best answer."""
    return max(
        Decimal(str(each)) for each in (*fact.points.values(), *(() if fact.points else fact.range or (0,)))
    )
