"""How many of which rule are in which state at which unit, and how late: counted from codes, without any table of rows.

A log of any size is counted in pieces of whole cases; pieces add up. Subjects of rules `across` cases need the
whole log, so policies with such rules are counted in one piece only.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import polars as pl

from bihuan.engine import layout as at
from bihuan.engine.calendar import Calendar
from bihuan.engine.listening import Mark
from bihuan.engine.log import Log
from bihuan.engine.outcome import STATES, Ints, Judged, overrun
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Policy
from bihuan.engine.replay import judged_cases
from bihuan.engine.site import Site

KEYS = ("rule", "unit", "state")
SCHEMA = {
    "rule": pl.String, "article": pl.String, "unit": pl.String, "state": pl.String, "rows": pl.Int64, "late_by": pl.Int64,
}  # fmt: skip


def statistics(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int | None = None,
    registers: Site | None = None,
    parameters: Parameters | None = None,
    *,
    way: str = "auto",
    threads: int = 2,
) -> pl.DataFrame:
    """Rows of each rule, unit and state, with the seconds of lateness added up; what `replay` would have listed."""
    judged = judged_cases(policy, calendars, log, as_of, registers, parameters, way=way, threads=threads)
    return added(counted(one) for one in judged.judged)


def counted(judged: Judged) -> pl.DataFrame:
    codes, labels = judged.facts.units()
    sizes = len(judged.layout.rules), 1 + len(labels), len(STATES)
    rows, late = (np.zeros(sizes[0] * sizes[1] * sizes[2], np.int64) for _ in range(2))
    for part in judged.folded.parts:  # each still in the processor's cache
        count_part(part.columns, codes, sizes[1], judged.as_of, rows, late)
    there = np.flatnonzero(rows)
    rule, unit, state = np.unravel_index(there, sizes)
    names = [node.name if not isinstance(node, Mark) else "" for node in judged.layout.rules]
    return pl.DataFrame(
        {
            "rule": texts(names, rule),
            "article": texts(judged.layout.articles, rule),
            "unit": texts([None, *map(str, labels)], unit),
            "state": texts(STATES, state),
            "rows": rows[there],
            "late_by": late[there],
        },
        schema=SCHEMA,
    )


def texts(labels: Sequence[str | None], codes: Ints) -> pl.Series:
    return pl.Series(labels, dtype=pl.String)[codes]


def count_part(c: Any, codes: Any, units: int, as_of: int, rows: Ints, late: Ints) -> None:
    """Add a part up, by rule, unit and state; `codes` of the units by row of the log, of which -1 is counted first."""
    cell = np.add(codes.take(c["row"]), 1, dtype=np.int64)
    cell += np.multiply(c["rule"], units, dtype=np.int64)
    cell *= len(STATES)
    cell += c["state"]
    rows += np.bincount(cell, minlength=len(rows))
    where = np.flatnonzero((c["state"] == at.S_LATE) | (c["state"] == at.S_OVERDUE))
    over = overrun({name: c[name][where] for name in ("done", "ended", "due")}, as_of)
    # Floats are exact up to 2**53 seconds; one part stays far below.
    late += np.bincount(cell[where], over, len(late)).astype(np.int64)


def added(tables: Iterable[pl.DataFrame]) -> pl.DataFrame:
    """The statistics of several pieces as one."""
    every = pl.concat([pl.DataFrame(schema=SCHEMA), *tables])
    keys = ("rule", "article", "unit", "state")
    return every.group_by(keys, maintain_order=True).agg(pl.col("rows", "late_by").sum()).sort(*KEYS)
