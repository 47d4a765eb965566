"""Corrections: an event `corrected` replaces or strikes out an earlier event of its case.

What was replaced is handed back beside the log, never thrown away. docs/logs.md says how a correction is written.
Works row by row on the few cases that have corrections; knows no file and no policy.
"""

from collections.abc import Iterable
from typing import Any

import polars as pl

#: The columns of a correction, present only in logs that have corrections; they are no facts.
CORRECTION: dict[str, Any] = {
    "id": pl.String,  # an event's own name in the system that exported it
    "corrects": pl.String,  # such an id, or the name of an event
    "corrects_at": pl.Int64,  # which one, where the name alone does not say
    "corrected_at": pl.Int64,  # when it truly happened; none: it never did
    "corrected_whole_day": pl.Boolean,
}
#: Not taken over from the correction: they say who corrected, not what happened.
KEPT = frozenset(("case", "event", "at", "whole_day", "actor", "unit", "file", "line", "row", *CORRECTION))

Row = dict[str, Any]


def correct(events: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame, pl.DataFrame]:
    """The events as they stand corrected, those superseded, and the corrections that fit no event."""
    none = events.clear()
    if "corrects" not in events.columns:
        return events, none, none
    fixing = (pl.col("event") == "corrected") & pl.col("corrects").is_not_null()
    touched = events.filter(fixing)["case"].unique()
    if not len(touched):
        return events, none, none
    numbered = events.with_row_index("row")
    concerned = numbered.filter(pl.col("case").is_in(touched.implode()))
    standing: list[Row] = []
    old: list[Row] = []
    refused: list[Row] = []
    for case in concerned.partition_by("case", maintain_order=True):
        correct_case(case.rows(named=True), standing, old, refused)
    schema = concerned.schema
    rest = numbered.filter(~pl.col("case").is_in(touched.implode()))
    # The first place of the case is kept, so that the cases keep their order.
    whole = pl.concat([rest, pl.DataFrame(standing, schema=schema)])
    whole = whole.sort(pl.col("row").min().over("case"), "at", "row")
    superseded, unfit = (pl.DataFrame(rows, schema=schema).drop("row") for rows in (old, refused))
    return whole.drop("row"), superseded, unfit


def correct_case(rows: list[Row], standing: list[Row], old: list[Row], refused: list[Row]) -> None:
    stands = {row["row"]: row for row in rows}
    for fix in rows:
        if fix["event"] != "corrected" or fix["corrects"] is None:
            continue
        target = _target(fix, stands.values())
        if target is None:
            refused.append(stands.pop(fix["row"]))
            continue
        old.append(target)
        if fix["corrected_at"] is None:
            del stands[target["row"]]
        else:
            stands[target["row"]] = _restated(target, fix)
    standing.extend(stands.values())


def _target(fix: Row, stands: Iterable[Row]) -> Row | None:
    """By id; else the latest such event before the correction; else (entered with a wrong, later date) the next."""
    others = [row for row in stands if row["event"] != "corrected"]
    by_id = [row for row in others if row["id"] is not None and row["id"] == fix["corrects"]]
    if by_id:
        return by_id[-1]
    named = [row for row in others if row["event"] == fix["corrects"]]
    if fix["corrects_at"] is not None:
        named = [row for row in named if row["at"] == fix["corrects_at"]]
    before = [row for row in named if row["at"] <= fix["at"]]
    if before:
        return max(before, key=_place)
    return min(named, key=_place, default=None)


def _place(row: Row) -> tuple[int, int]:
    return row["at"], row["row"]


def _restated(target: Row, fix: Row) -> Row:
    """The same event at its true instant, with the facts that the correction states anew, entered when corrected."""
    stated = {name: value for name, value in fix.items() if name not in KEPT and value is not None}
    true_time = {"at": fix["corrected_at"], "whole_day": bool(fix["corrected_whole_day"])}
    return target | stated | {"recorded_at": fix["recorded_at"]} | true_time
