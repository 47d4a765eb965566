"""Lists with days from–to: what holds for a key on a day, for whole columns.

Keys are integers; both days are included, a missing one is open. It knows no people and no registers.
"""

from collections.abc import Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from bihuan.engine.values import day_number

Ints = NDArray[np.int64]

OPEN_SINCE, OPEN_UNTIL = -(2**31), 2**31 - 1


class Spells(NamedTuple):
    """Disjoint spells, sorted by key and first day."""

    key: Ints
    since: Ints
    until: Ints

    def at(self, key: Any, day: Ints) -> Ints:
        """Index of the spell that holds for a key on a day, -1 if none does."""
        if not len(self.key):
            return np.full(np.broadcast(key, day).shape, -1)
        at = np.searchsorted(_order(self.key, self.since), _order(np.asarray(key), day), side="right") - 1
        at = np.maximum(at, 0)
        return np.where((self.key[at] == key) & (self.since[at] <= day) & (day <= self.until[at]), at, -1)


def _order(key: Ints, day: Ints) -> Ints:
    return key.astype(np.int64) * (1 << 33) + np.maximum(day, OPEN_SINCE) - OPEN_SINCE


def united(spells: Iterable[tuple[int, int, int]]) -> Spells:
    """Key, first and last day as numbers; spells of one key that overlap or touch become one."""
    merged: list[tuple[int, int, int]] = []
    for key, since, until in sorted(spells):
        if merged and merged[-1][0] == key and since <= merged[-1][2] + 1:
            merged[-1] = key, merged[-1][1], max(until, merged[-1][2])
        else:
            merged.append((key, since, until))
    return _columns(merged)


def replaced(spells: Iterable[tuple[int, Any, Any]]) -> tuple[Spells, Ints]:
    """Key, first and last day; a later spell of a key ends the one before. With it, whose place each took."""
    listed = [(key, first(since), last(until), place) for place, (key, since, until) in enumerate(spells)]
    listed.sort()
    cut = [
        (key, since, min(until, after[1] - 1) if after[0] == key else until)
        for (key, since, until, _), after in zip(listed, [*listed, (None, 0, 0, 0)][1:], strict=True)
    ]
    return _columns(cut), np.array([place for *_, place in listed], np.int64)


def _columns(spells: list[tuple[int, int, int]]) -> Spells:
    columns = np.array(spells, np.int64).reshape(-1, 3)
    return Spells(columns[:, 0], columns[:, 1], columns[:, 2])


def first(since: Any) -> int:
    return OPEN_SINCE if since is None else day_number(since)


def last(until: Any) -> int:
    return OPEN_UNTIL if until is None else day_number(until)
