"""What the desk answers where it refuses, in the language in use. The reasons are the engine's irregularities."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from bihuan.desk.office import policy_of
from bihuan.engine.pattern import Test
from bihuan.engine.policy import Policy
from bihuan.i18n import _, language


def kinds() -> dict[str, str]:
    """What each kind of irregularity that is refused says, in the language in use; `separate` is of the kind
    `person`, `required` of the kind `gate`.
    """
    return {
        "state": _("{event} is not allowed at this stage ({detail})"),
        "person": _("{event} is for {roles} to do"),
        "separate": _("{event} is not for whoever is {detail}"),
        "gate": _("{event} needs something else first: {detail}"),
        "required": _("{event} is allowed here only with {detail}"),
        "field": _("{event} lacks: {detail}"),
        "early": _("it is too early for {event}"),
        "prohibited": _("{event} is forbidden here"),
    }


def refusal(edition: str, findings: Sequence[dict[str, Any]]) -> str:
    """Why something is refused under an edition, by its hash."""
    return "; ".join(dict.fromkeys(one_said(edition, finding) for finding in findings))


def stage(policy: Policy, state: str) -> str:
    """A state of a regulation's steps, which has no label of its own, by the events that lead to it."""
    if state in policy.event_labels or not state:
        return policy.event_labels.get(state, state)
    events = dict.fromkeys(policy.event_labels.get(name, name) for name in policy.leading.get(state, ()))
    return _("after {events}").format(events="、".join(events)) if events else _("the beginning")


def one_said(edition: str, finding: dict[str, Any]) -> str:
    """One irregularity as a sentence, with its article first."""
    return sentence(language(), edition, *(finding[name] for name in ("article", "kind", "event", "detail")))


@lru_cache(maxsize=5000)
def sentence(
    _language: str, edition: str, article: str | None, kind: str, event: str, detail: str | None
) -> str:
    """Kept, for each page of a case refuses a dozen steps, most of them for the same reasons as the page before."""
    policy = policy_of(edition)
    separate = kind == "person" and bool(detail)
    required = "" if detail or kind != "gate" else "、".join(required_by(policy, article, event))
    said = kinds()["separate" if separate else "required" if required else kind].format(
        event=label(policy, event),
        roles="" if separate or kind != "person" else "、".join(done_by(policy, article, event)) or "—",
        detail=required or detailed(policy, kind, detail) or "—",
    )
    return f"{article or '—'}: {said}"


def detailed(policy: Policy, kind: str, detail: str | None) -> str:
    """What an irregularity is about, in the regulation's words."""
    say = stage if kind == "state" else label
    return "、".join(say(policy, part) for part in (detail or "").split("、"))


def done_by(policy: Policy, no: str | None, event: str) -> list[str]:
    """Who may do what somebody was refused: the roles that the steps of the article name for the event."""
    steps = (one for article in policy.article if article.no == no for one in article.step)
    names = dict.fromkeys(role for step in steps if event in step.event for role in step.by)
    return [label(policy, name) for name in names]


def required_by(policy: Policy, no: str | None, event: str) -> list[str]:
    """What the steps of the article ask of the facts at the event: a fact with its values, where it names some."""
    steps = (one for article in policy.article if article.no == no for one in article.step)
    tests = (test for one in steps if event in one.event and one.requires for test in one.requires.tests)
    return list(dict.fromkeys(asked_of(policy, test) for test in tests))


def asked_of(policy: Policy, test: Test) -> str:
    fact = policy.facts.get(test.fact)
    choices = fact.leaves if fact else {}
    values = [
        yes_or_no(one) if isinstance(one, bool) else choices.get(str(one), str(one)) for one in test.values
    ]
    named = label(policy, test.fact)
    return f"{named} = {' / '.join(values)}" if values and test.op == "in" else named


def yes_or_no(value: bool) -> str:
    return _("yes") if value else _("no")


def label(policy: Policy, name: str) -> str:
    """What the regulation calls an event, a fact or a role; that something was not done in time, after its rule."""
    if name.endswith(".missed"):
        return _("not done in time: {rule}").format(rule=policy.says(name.removesuffix(".missed")))
    held = policy.facts.get(name) or policy.roles.get(name)
    return policy.event_labels.get(name) or (held.label if held is not None else None) or name
