"""The calls of a callback: how often somebody tried between its trigger and its end, and what the answers came to.

A call is an event that the callback owes, or `called_in_vain`; one that a step refuses is none
(docs/semantics.md#attempts). Whole columns at once; nothing is judged here.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from bihuan.engine.clock import NONE
from bihuan.engine.declared import Fact
from bihuan.engine.draft import Layout
from bihuan.engine.execute import Folded
from bihuan.engine.facts import Facts
from bihuan.engine.listening import names_of
from bihuan.engine.pattern import Condition
from bihuan.engine.policy import Policy
from bihuan.engine.rows import Rows, with_names
from bihuan.engine.rules import Callback, Step
from bihuan.engine.scales import points_of, scored

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
CALL, IN_VAIN = "called_back", "called_in_vain"
EXACT = 4  # decimals of points


def attempts(
    layout: Layout, facts: Facts, rows: Rows, folded: Folded, refused: Bools, as_of: int
) -> tuple[Ints, Ints]:
    """Of each row of the fold how many calls were made, and the row of the last of them (-1: none).

    Of what is no callback, none.
    """
    count, last = (np.full(len(folded.columns["rule"]), fill, np.int64) for fill in (0, -1))
    for number, rule in enumerate(layout.rules):
        mine = np.flatnonzero(folded.columns["rule"] == number)
        if isinstance(rule, Callback) and len(mine):
            count[mine], last[mine] = of_rule(rule, facts, rows, folded, mine, refused, as_of)
    return count, last


def of_rule(
    rule: Callback, facts: Facts, rows: Rows, folded: Folded, mine: Ints, refused: Bools, as_of: int
) -> tuple[Ints, Ints]:
    """Calls sorted by case and key, so that those of one instance lie together."""
    columns, total = folded.columns, len(rows.event)
    calls = np.flatnonzero(is_call(rule, rows) & ~refused & (rows.at <= as_of))
    case = np.searchsorted(rows.offsets, calls, side="right") - 1
    keys = key_codes(rule, facts)
    own = columns["key"][mine].astype(np.int64) if keys is not None else np.zeros(len(mine), np.int64)
    width = total + 1
    many = int(own.max(initial=0)) + 2
    of_call = keys[calls] if keys is not None else np.zeros(len(calls), np.int64)
    fitting = of_call < many
    place = np.sort((case * many + of_call)[fitting] * width + calls[fitting])
    group = (columns["case"][mine].astype(np.int64) * many + own) * width
    first = np.searchsorted(place, group + columns["row"][mine], side="right")
    stop = np.searchsorted(place, group + last_rows(rows, folded, mine, as_of), side="right")
    count = np.maximum(stop - first, 0)
    found = np.append(place, -1)[np.where(count > 0, stop - 1, -1)]
    return count, np.where(count > 0, found % width, -1)


def is_call(rule: Callback, rows: Rows) -> Bools:
    """Which events are calls: the one owed where it is `called_back`, else whatever is owed; and those in vain."""
    owed = names_of(rule.owes)
    names = {CALL, IN_VAIN} if CALL in owed else {*owed, IN_VAIN}
    return with_names(rows, names)


def key_codes(rule: Callback, facts: Facts) -> Ints | None:
    """By row what separates the instances of a rule; None where nothing does, or an event may carry several."""
    fact = facts.policy.facts.get(rule.per or "")
    if rule.per is None or fact is None or fact.many:
        return None
    codes, _ = facts.key(rule.per)
    return np.where(facts.carries(rule.per), codes, np.iinfo(np.int32).max).astype(np.int64)


def last_rows(rows: Rows, folded: Folded, mine: Ints, as_of: int) -> Ints:
    """The last row that an instance has seen: the one that ended it, else the last of its case until then."""
    columns = folded.columns
    case, end = columns["case"][mine].astype(np.int64), columns["end_row"][mine].astype(np.int64)
    ended = columns["ended"][mine].astype(np.int64)
    stop = rows.offsets[case + 1] - 1
    until = np.where(ended == NONE, as_of, np.minimum(ended, as_of))
    late = np.flatnonzero((end < 0) & (rows.at[np.maximum(stop, 0)] > until))
    for n in late:  # few: what time alone has ended, and events after `as_of`
        begin = rows.offsets[case[n]]
        stop[n] = begin - 1 + np.searchsorted(rows.at[begin : stop[n] + 1], until[n], side="right")
    return np.where(end < 0, stop, end)


# --- points ---


def points(facts: Facts, row: Ints) -> NDArray[np.float64]:
    """The points of the answers that events carry; not a number where none of them gives any."""
    found = np.full(len(row), np.nan)
    for event, name, fact, asked in scored_questions(facts.policy):
        if event not in facts.rows.names:
            continue
        here = (row >= 0) & (facts.rows.event[row] == facts.rows.names.index(event))
        here &= reduce(np.logical_and, (facts.test(one)[row] == 1 for one in asked), facts.carries(name)[row])
        found[here] = np.nan_to_num(found[here]) + of_answers(facts, name, fact)[row[here]]
    return np.round(found, EXACT)


def scored_questions(policy: Policy) -> Iterator[tuple[str, str, Fact, list[Condition]]]:
    """By event the questions whose answers give points, each once, and all that must hold for it to be asked."""
    seen: set[tuple[str, str, str]] = set()
    steps = (rule for _, _, rule in policy.rules() if isinstance(rule, Step))
    for step in steps:
        for entry in policy.asked(step):
            fact = policy.facts.get(entry.fact)
            if fact is None or entry.ask is None or not scored(fact):
                continue
            asked = [one for one in (step.when, entry.when) if one is not None]
            for event in step.event:
                if (event, entry.fact, repr(asked)) not in seen:
                    yield event, entry.fact, fact, asked
                seen.add((event, entry.fact, repr(asked)))


def of_answers(facts: Facts, name: str, fact: Fact) -> NDArray[np.float64]:
    """By row the points of what is known of a fact."""
    if not fact.points:
        return facts.number(name)
    codes, labels = facts.key(name)
    of_code = [float(found) if (found := points_of(fact, label)) is not None else np.nan for label in labels]
    return np.array([*of_code, np.nan])[codes]
