"""Events entered later than they may be: `recorded_at` after `at` by more than the parameter `backdating_tolerance`.

`at` judges all the same; that it was written down late is an irregularity of its own (docs/semantics.md#backdated).
"""

from typing import Any

import numpy as np
import polars as pl

from bihuan.engine.clock import DAY, DAYS, SECONDS
from bihuan.engine.coded import texts
from bihuan.engine.errors import CallError
from bihuan.engine.facts import Facts
from bihuan.engine.irregular import KINDS
from bihuan.engine.outcome import instants, named
from bihuan.engine.parameters import BACKDATING, Parameters
from bihuan.engine.rows import Rows
from bihuan.engine.tables import amount_of


def tolerance(parameters: Parameters) -> int | None:
    """Seconds by which an event may be entered late; None: nobody said."""
    limit = parameters[BACKDATING].limit_on()
    if limit is None:
        return None
    kind, n = amount_of(limit)
    if limit.day or kind not in (SECONDS, DAYS):
        raise CallError(
            f"{BACKDATING} is {limit}: expected hours or days, such as '2 days'", parameter=BACKDATING
        )
    return n if kind == SECONDS else n * DAY


def backdated(
    parameters: Parameters, rows: Rows, facts: Facts, columns: dict[str, Any]
) -> pl.DataFrame | None:
    """Irregularities of the kind `backdated`, in the columns of the others; None where nothing can be said."""
    allowed = tolerance(parameters)
    if allowed is None or "recorded_at" not in rows.data.columns:
        return None
    recorded = rows.data["recorded_at"].cast(pl.Int64).to_numpy().astype(np.float64)  # null becomes nan
    happened = rows.at + np.where(rows.whole_day, DAY - 1, 0)
    row = np.flatnonzero(recorded - happened > allowed)
    zone = facts.policy.header.zone
    found: dict[str, Any] = {
        "case": rows.cases.gather(facts.grid.case[row]),
        "event": named(rows.event[row], rows.names),
        "at": instants(rows.at[row], zone),
        "actor": texts(facts.parties.labels, facts.actor[row]),
        "kind": named(np.full(len(row), KINDS.index("backdated")), KINDS),
        "detail": instants(recorded[row].astype(np.int64), zone).dt.strftime("%Y-%m-%d %H:%M"),
    }
    if "line" in rows.data.columns:
        found["line"] = rows.data["line"].gather(row)
    empty = {
        name: pl.Series([None] * len(row), dtype=dtype)
        for name, dtype in columns.items()
        if name not in found
    }
    return pl.DataFrame({**found, **empty}).select(list(columns))
