"""Obligations and callbacks of one run as two tables: a callback also says what became of its calls.

Nothing is judged.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine import layout as at
from bihuan.engine.calls import attempts, points
from bihuan.engine.clock import NONE
from bihuan.engine.outcome import STATES, Judged, instants, known_at, obligation_rows, of_rows
from bihuan.engine.rows import among
from bihuan.engine.rules import Callback

Ints = NDArray[np.int64]
CALL_AGAIN = "call_again_at"  # the fact in which a call leaves the time that the customer named
OWED = (at.S_OPEN, at.S_OVERDUE, at.S_UNSET, at.S_WAITING)


def tables(judged: Judged, **more: pl.Series) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Obligations, and callbacks, which say more; `more` are further columns by row of the fold."""
    numbers = [n for n, node in enumerate(judged.layout.rules) if isinstance(node, Callback)]
    called = among(judged.folded.columns["rule"], numbers, len(judged.layout.rules))
    owed, calls = np.flatnonzero(~called), of_rows(judged, np.flatnonzero(called))
    obligations = obligation_rows(of_rows(judged, owed) if called.any() else judged)
    callbacks = obligation_rows(calls).with_columns(**callback_columns(calls), drawn=pl.lit(True))
    mine = pl.Series(called)
    return (
        obligations.with_columns(**{name: column.filter(~mine) for name, column in more.items()}),
        callbacks.with_columns(**{name: column.filter(mine) for name, column in more.items()}),
    )


def callback_columns(called: Judged) -> dict[str, pl.Series]:
    """What callbacks say beside what every obligation says: the verdict and method of their last event, what became of
    the calls and, where the policy says who is called, the customer.
    """
    columns, customer = called.folded.columns, called.facts.policy.header.customer
    extra = {name: known_at(called, name, columns["end_row"]) for name in ("verdict", "method")}
    extra |= calls_made(called)
    if customer:
        extra["customer"] = known_at(called, customer, columns["row"])
    return extra


def calls_made(judged: Judged) -> dict[str, pl.Series]:
    """Of callbacks how often somebody tried, the last time when and how, when next, and the points of the answers."""
    facts, folded = judged.facts, judged.folded
    count, last = attempts(judged.layout, facts, judged.rows, folded, judged.refused, judged.as_of)
    called = np.where(last < 0, NONE, judged.rows.at[last] if len(judged.rows.at) else NONE)
    scored = np.where(folded.columns["end_row"] < 0, -1, last)
    return {
        "attempts": pl.Series(count, dtype=pl.Int32),
        "last_attempt_at": instants(called, judged.zone),
        "last_method": known_at(judged, "method", last),
        "next_at": instants(named_time(judged, last), judged.zone),
        "points": pl.Series(points(facts, scored), dtype=pl.Float64).fill_nan(None),
    }


def named_time(judged: Judged, last: Ints) -> Ints:
    """When the customer wants to be called again, as the last call said, while the callback is still owed."""
    fact = judged.facts.policy.facts.get(CALL_AGAIN)
    owed = among(judged.folded.columns["state"], OWED, len(STATES)) & (last >= 0)
    if fact is None or fact.type not in ("instant", "date") or not owed.any():
        return np.full(len(last), NONE, np.int64)
    said = np.where(judged.facts.carries(CALL_AGAIN), judged.facts.instant(CALL_AGAIN), NONE)
    return np.where(owed, said[last], NONE)
