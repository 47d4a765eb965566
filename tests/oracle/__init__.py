"""The slow judge that the engine is judged by: docs/semantics.md in the plainest Python, second by second.

`time` walks days and hours, `conditions`, `persons` and `patterns` say what is true of what has happened, `instances`
and `periods` when something is due, `steps` and `counts` what is irregular, `case` in which order all that goes.
"""

from typing import Any

from tests.oracle.case import judge as judged
from tests.oracle.rows import rows
from tests.oracle.state import Case, Event, Irregularity, Row
from tests.oracle.time import World

__all__ = ["Case", "Event", "Irregularity", "Row", "World", "judge", "judged", "rows"]


def judge(
    policy: dict[str, Any], world: World, events: list[Event], as_of: int, facts: dict[str, Any] | None = None
) -> list[Row]:
    """The rows of one case."""
    return rows(judged(Case(policy, world, as_of, facts or {}), list(events)))
