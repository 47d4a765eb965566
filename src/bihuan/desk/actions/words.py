"""What the desk answers where it refuses, in the language in use. The reasons are the engine's irregularities."""

from collections.abc import Sequence
from typing import Any

from bihuan.engine.policy import Policy
from bihuan.i18n import _


def kinds() -> dict[str, str]:
    """What each kind of irregularity says, in the language in use."""
    return {
        "state": _("{event} is not allowed at this stage ({detail})"),
        "person": _("{actor} may not do this: {event}"),
        "gate": _("{event} needs something else first: {detail}"),
        "field": _("{event} lacks: {detail}"),
        "early": _("it is too early for {event}"),
        "prohibited": _("{event} is forbidden here"),
    }


def refusal(policy: Policy, findings: Sequence[dict[str, Any]]) -> str:
    return "; ".join(dict.fromkeys(one_said(policy, finding) for finding in findings))


def stage(policy: Policy, state: str) -> str:
    """A state of a regulation's steps, which has no label of its own, by the events that lead to it."""
    if state in policy.event_labels or not state:
        return policy.event_labels.get(state, state)
    events = dict.fromkeys(policy.event_labels.get(name, name) for name in policy.leading.get(state, ()))
    return _("after {events}").format(events="、".join(events)) if events else _("the beginning")


def one_said(policy: Policy, finding: dict[str, Any]) -> str:
    """One irregularity as a sentence, with its article first."""
    parts = (finding["detail"] or "").split("、")
    by_state = finding["kind"] == "state"
    detail = "、".join(stage(policy, part) if by_state else label(policy, part) for part in parts)
    said = kinds()[finding["kind"]].format(
        event=label(policy, finding["event"]),
        actor=finding["actor"] or "?",
        detail=detail or "—",
    )
    return f"{finding['article'] or '—'}: {said}"


def label(policy: Policy, name: str) -> str:
    """What the regulation calls an event or a fact."""
    fact = policy.facts.get(name)
    return policy.event_labels.get(name) or (fact.label if fact is not None else None) or name
