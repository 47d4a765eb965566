"""Where a case stands for the dispatch board: waiting to be sent to a unit or with one, and since when that one is late.

Kept with the case, so that the board counts in an index. Knows events that stand and what the engine found, no table.
"""

from collections.abc import Collection, Iterable, Mapping
from functools import lru_cache
from typing import Any

from bihuan.desk.asked import SENDS, asked
from bihuan.desk.models import RUNNING
from bihuan.engine.irregular import FORBIDDEN

RETURNED = "returned"
Row = Mapping[str, Any]


@lru_cache(maxsize=64)
def sends(edition: str) -> bool:
    """Whether cases are sent to units under an edition, by its hash."""
    return not asked(edition).keys().isdisjoint(SENDS)


def is_sent(rows: Iterable[Row], astray: Collection[int]) -> bool:
    """Whether a unit was given the case and has it still; a return against the rules (`astray`, by line) leaves it there."""
    found = False
    for row in rows:
        if row["event"] in SENDS:
            found = True
        elif row["event"] == RETURNED and row["line"] not in astray:
            found = False
    return found


def astray(irregularities: Iterable[Row]) -> set[int]:
    """The returns among irregular events."""
    return {row["row"] for row in irregularities if row["event"] == RETURNED and row["kind"] in FORBIDDEN}


def owed_at(unit: str, owed: Iterable[Row]) -> int | None:
    """When the first thing falls due that a unit owes and has not done."""
    due: Iterable[int | None] = (
        row["due_at"] for row in owed if row["unit"] == unit and row["state"] in RUNNING
    )
    return min((at for at in due if at is not None), default=None)
