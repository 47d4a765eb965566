"""Events of which a step asks who acted, and nobody knows it: they violate nothing, and the summary counts them.

It reads the answers that the fold was given and judges nothing (docs/semantics.md#unknown-is-no-violation).
"""

from collections import Counter
from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from bihuan.engine import layout as at
from bihuan.engine.outcome import Judged

Rows = NDArray[np.bool_]


def strangers(judged: Iterable[Judged]) -> dict[str, int]:
    """How many events of which name could not be judged for want of who acted."""
    found: Counter[str] = Counter()
    for one in judged:
        names = {code: name for name, code in one.layout.events.items()}
        unknown = np.zeros(len(one.answers.events.event), np.bool_)
        for step in range(len(one.layout.steps)):
            unknown |= unjudged(one, step)
        codes, counts = np.unique(np.asarray(one.answers.events.event)[unknown], return_counts=True)
        found.update({names[int(code)]: int(count) for code, count in zip(codes, counts, strict=True)})
    return dict(found.most_common())


def unjudged(one: Judged, step: int) -> Rows:
    """The rows to which a step applies and of which it cannot tell whether the actor is one it allows."""
    columns, events = one.layout.columns, one.answers.events
    record, n = columns["steps"][step], len(events.event)
    tests = np.asarray(events.tests).reshape(n, len(one.layout.tests))

    def held(first: int, stop: int) -> NDArray[np.int8]:
        """By role and row: 1, 0 or -1, which is what nobody can tell."""
        items = columns["step_items"][record[first] : record[stop]]
        earned = np.where(np.asarray(events.actor) < 0, -1, 0).astype(np.int8)
        return np.array([tests[:, item] if item >= 0 else earned for item in items], np.int8).reshape(
            len(items), n
        )

    by, not_by = held(at.STEP_BY, at.STEP_NOT_BY), held(at.STEP_NOT_BY, at.STEP_DISTINCT)
    unknown: Rows = ((by < 0).any(0) & ~(by == 1).any(0)) | (not_by < 0).any(0)
    unknown &= np.asarray(events.event) == event_of(columns["step_from"], step)
    if record[at.STEP_WHEN] >= 0:
        unknown &= tests[:, record[at.STEP_WHEN]] == 1
    return unknown


def event_of(step_from: list[int], step: int) -> int:
    """The code of the event that a step is about."""
    return int(np.searchsorted(step_from, step, "right")) - 1
