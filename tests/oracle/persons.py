"""Who is who on a case: True, False, or None where nobody can tell."""

from __future__ import annotations

from tests.oracle.state import Case


def is_in_role(case: Case, role: str, actor: str | None) -> bool | None:
    if actor is None:
        return None
    if did := earned_by(case, role):
        doers = [event.actor for event in case.history if event.name in did]
        return True if actor in doers else None if None in doers else False
    return role in case.people[actor] if actor in case.people else None


def holder(case: Case, role: str, actor: str | None, event: str) -> str | None:
    """The one person who has a role on this case: the latest of its doers, this event's own actor included."""
    if role == "actor":
        return actor
    did = earned_by(case, role)
    doers = [each.actor for each in case.history if each.name in did]
    return ([*doers, *([actor] if event in did else [])] or [None])[-1]


def earned_by(case: Case, role: str) -> list[str]:
    """The events whose doer has the role."""
    declared = case.policy["roles"][role]
    return declared["did"] if isinstance(declared, dict) else []
