"""Rows: a log as flat sorted arrays, the form in which facts and the fold see it.

One array element per event, sorted by case then instant; `offsets` cut them into cases. Event names are codes.
Knows what a log is and nothing of rules.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl

from bihuan.engine.corrections import CORRECTION
from bihuan.engine.log import Bools, Ints, Log, arrange, begins

Codes = np.ndarray[Any, np.dtype[np.int32]]

#: What the arrays say is not said again in `Rows.data`.
IN_ARRAYS = ("case", "event", "at", "whole_day", "file", *CORRECTION)

#: So many rows have mostly seen every event there is.
FEW = 1 << 16


@dataclass(frozen=True)
class Rows:
    """Events of case `i` are the elements `offsets[i]` to `offsets[i + 1]` of each array and rows of `data`."""

    ids: pl.Series  # of the cases, as the log has them: texts, numbers or categories
    offsets: Ints
    names: tuple[str, ...]
    event: Codes
    at: Ints
    whole_day: Bools
    data: pl.DataFrame
    facts: pl.DataFrame

    @cached_property
    def cases(self) -> pl.Series:
        """The ids as texts, made when they are first asked for: whoever only counts needs none."""
        return self.ids.cast(pl.String).alias("case")


class Lists(dict[str, list[Any]]):
    """As much of a table as facts ask of a few rows, by column: to make one takes Polars ten times as long."""

    def __init__(self, rows: Sequence[Mapping[str, Any]]) -> None:
        self.columns = list(dict.fromkeys(name for row in rows for name in row))
        super().__init__({name: [row.get(name) for row in rows] for name in self.columns})


def rows(log: Log, starts: Collection[str] = ()) -> Rows:
    """The log in order, as arrays.

    >>> from bihuan.engine.log import as_log
    >>> found = rows(as_log([{"case": "1", "event": "closed", "at": 9}, {"case": "1", "event": "accepted", "at": 5}]))
    >>> [found.names[code] for code in found.event], found.at.tolist(), found.offsets.tolist()
    (['accepted', 'closed'], [5, 9], [0, 2])
    """
    log = arrange(log, starts)
    events = log.events
    first = begins(events["case"])
    ids = events["case"][first]
    names, codes = coded(events["event"])
    return Rows(
        ids=ids,
        offsets=np.append(first, events.height),
        names=names,
        event=codes,
        at=events["at"].to_numpy(),
        whole_day=flags(events["whole_day"]),
        data=events.drop(IN_ARRAYS, strict=False),
        facts=_facts_of(ids, log.facts),
    )


def flags(values: pl.Series) -> Bools:
    """The column as an array; one without a true value is not unpacked."""
    return values.to_numpy() if values.any() else np.zeros(len(values), np.bool_)


def coded(events: pl.Series) -> tuple[tuple[str, ...], Codes]:
    """The names that occur and each row's index into them; no text is touched per row where codes exist."""
    if not isinstance(events.dtype, pl.Categorical | pl.Enum):
        events = events.cast(pl.Enum(events.unique(maintain_order=True).drop_nulls()))
    codes = events.to_physical()
    used = occurring(codes.to_numpy())
    names = pl.Series(used, dtype=codes.dtype).cat.to(events.dtype).cast(pl.String).to_list()
    return tuple(names), _packed(codes.to_numpy(), used)


def among(codes: np.ndarray[Any, Any], wanted: Iterable[int], size: int) -> Bools:
    """Which codes below `size` are wanted, -1 never: looked up, as `np.isin` goes over the column several times.

    >>> among(np.array([0, 2, -1]), [2], 3).tolist()
    [False, True, False]
    """
    table = np.zeros(size + 1, np.bool_)
    table[list(wanted)] = True
    found: Bools = table[codes]
    return found


def with_names(rows: Rows, names: Collection[str]) -> Bools:
    """Which rows are events of these names."""
    return among(rows.event, (n for n, name in enumerate(rows.names) if name in names), len(rows.names))


def occurring(codes: np.ndarray[Any, Any]) -> Ints:
    """The codes that occur, ascending; small ones are looked for at the beginning, where mostly all of them are."""
    seen = np.zeros(int(codes.max()) + 1 if len(codes) else 0, np.bool_)
    for part in (codes[:FEW], codes[FEW:]):
        if not seen.all():
            seen[part] = True
    return np.flatnonzero(seen)


def _packed(codes: np.ndarray[Any, Any], used: Ints) -> Codes:
    """Codes counted from 0, without gaps."""
    first = int(used[0]) if len(used) else 0
    if len(used) and int(used[-1]) - first == len(used) - 1:
        packed: Codes = codes.astype(np.int32)
        return packed - np.int32(first) if first else packed
    place: Codes = np.zeros(int(used.max(initial=0)) + 1, np.int32)
    place[used] = np.arange(len(used))
    taken: Codes = place[codes]
    return taken


def _facts_of(ids: pl.Series, facts: pl.DataFrame) -> pl.DataFrame:
    if facts.width == 1:
        return pl.DataFrame(height=len(ids))
    if facts.height == len(ids) and (facts["case"] == ids).all():
        return facts.drop("case")
    wanted = pl.DataFrame({"case": ids})
    return wanted.join(facts, on="case", how="left", maintain_order="left").drop("case")
