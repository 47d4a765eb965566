"""What is told of a case in the end: a row for each instance."""

from __future__ import annotations

from tests.oracle import instances
from tests.oracle.instances import Clock
from tests.oracle.state import Case, Instance, Row


def rows(case: Case) -> list[Row]:
    return [row(case, one) for one in case.instances]


def row(case: Case, one: Instance) -> Row:
    now = instances.clock_of(case, one)
    due = instances.due(case, one)
    done = one.over_at if one.over in ("done", "lapsed") and one.ended else None
    warn = instances.warned(case, one, now.start)
    told = state(case, one, due, now)
    return Row(one.rule["id"], one.round, one.key, now.start, due, warn, done, told, notes(one, now))


def notes(one: Instance, now: Clock) -> frozenset[str]:
    found = one.notes | now.notes
    if one.applies is None:
        found = found | {"fact-not-known"}
    return frozenset(found | ({"fact-known-later"} if one.later else set()))


def state(case: Case, one: Instance, due: int | None, now: Clock) -> str:
    stood = instances.due_of(case, one, now) if one.over == "void" else due  # in a pause no due time passes
    late = one.missed or bool(
        one.over and stood is not None and instances.too_late(one, stood, one.over_at or 0)
    )
    if one.over == "void" and not (late and one.applies is None):
        return "void" if not late else "lapsed" if one.kind == "window" else "overdue"
    if one.applies is None or instances.awaits(case, one, now):
        return "waiting"
    if instances.is_unset(one):
        return "unset"
    if one.kind == "window":
        return "lapsed" if late else "used" if one.over else "open"
    return ("late" if late else "met") if one.over else "overdue" if late else "open"
