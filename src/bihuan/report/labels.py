"""What a policy calls its rules, roles and limits, for people: `4 working days` becomes 4 个工作日.

Knows policies; knows no row.
"""

from typing import Any

from bihuan.engine.limit import Limit, Name, Period, Reference
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Report, Rule, Timed
from bihuan.i18n import _, language
from bihuan.limits import limit, period

STOPS = ":;,。,;:("
LONGEST = 40  # characters of a rule's name in a table, where lines break
IN_A_CHART = 24


def says(policy: Policy, rule: Rule) -> str:
    """What the rule says, in our words; where it says nothing of its own, what its article says."""
    article = next(article for article, _kind, one in policy.rules() if one is rule)
    return rule.says or article.says


def rule_name(policy: Policy, name: str) -> str:
    """What a rule says, up to its first stop; its id where that would be too long or is not there."""
    rule = policy.named.get(name)
    said = getattr(rule, "label", None) or (rule.says if rule else None)
    return short(said) if said else name


def short(text: str, longest: int = LONGEST) -> str:
    """What is said before the first stop, or as much of it as there is room for.

    >>> short("一次解决率:第一次回访即妥当的占第一次回访的")
    '一次解决率'
    """
    end = min((at for stop in STOPS if (at := text.find(stop)) > 1), default=len(text))
    return text[:end] if end <= longest else text[: longest - 1] + "…"


def role(policy: Policy, name: str | None) -> str:
    return policy.roles[name].label if name in policy.roles else name or ""


def thing(policy: Policy, name: str) -> str:
    """An event, a fact or a role by its label."""
    if language() == "en":
        return name
    fact = policy.facts.get(name)
    return policy.event_labels.get(name) or (fact.label if fact else None) or role(policy, name)


def owes_to(policy: Policy, rule: Report) -> str:
    return "、".join(role(policy, each) for each in rule.to)


def contains(policy: Policy, rule: Report) -> str:
    return "、".join(rule_name(policy, each) for each in rule.contains)


def allowed(policy: Policy, parameters: Parameters, rule: Timed) -> str:
    """How long, or by when: the period and the limit of a rule with the parameters in force."""
    parts = [
        said(policy, parameters, value)
        for key in ("every", "within")
        if (value := parameters.of(rule, key)) is not None
    ]
    if f"{rule.name}.within" in parameters and parameters[f"{rule.name}.within"].missing:
        parts.append(_("no number in the text"))
    return ", ".join(part for part in parts if part)


def said(policy: Policy, parameters: Parameters, value: Any) -> str:
    """A limit, a period, or what stands for one."""
    if isinstance(value, Reference):
        document = policy.references.get(value.by)
        return _("by a document that is not held: {title}").format(
            title=document.title if document else value.by
        )
    if isinstance(value, Name):
        return named(policy, parameters, value.name)
    return (
        limit(value)
        if isinstance(value, Limit)
        else period(value)
        if isinstance(value, Period)
        else str(value)
    )


def named(policy: Policy, parameters: Parameters, name: str) -> str:
    """What a parameter comes to, or the fact that has it."""
    if name in policy.facts:
        return policy.facts[name].label or name
    if name not in parameters or parameters[name].missing:
        return _("no value for") + f" {name}"
    value = parameters[name].limit_on() if name in parameters else None
    return f"{limit(value)} ({name})" if isinstance(value, Limit) else f"{parameters[name].on()} ({name})"
