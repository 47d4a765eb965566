"""What the desk answers where it refuses, in the language in use. The reasons are the engine's irregularities."""

from collections.abc import Sequence
from typing import Any

from bihuan.engine.policy import Policy
from bihuan.i18n import _

KINDS = {
    "state": "{event} is not allowed at this stage ({detail})",
    "person": "{actor} may not do this: {event}",
    "gate": "{event} needs something else first: {detail}",
    "field": "{event} lacks: {detail}",
    "early": "it is too early for {event}",
    "prohibited": "{event} is forbidden here",
}


def refusal(policy: Policy, findings: Sequence[dict[str, Any]]) -> str:
    return "; ".join(dict.fromkeys(one_said(policy, finding) for finding in findings))


def one_said(policy: Policy, finding: dict[str, Any]) -> str:
    """One irregularity as a sentence, with its article first."""
    labels = {name: fact.label or name for name, fact in policy.facts.items()} | policy.event_labels
    detail = "、".join(labels.get(part, part) for part in (finding["detail"] or "").split("、"))
    said = _(KINDS[finding["kind"]]).format(
        event=labels.get(finding["event"], finding["event"]),
        actor=finding["actor"] or "?",
        detail=detail or "—",
    )
    return f"{finding['article'] or '—'}: {said}"
