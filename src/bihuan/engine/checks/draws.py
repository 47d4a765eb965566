"""Whether the samples of callbacks can be drawn: from what, of whom, in which order."""

from collections.abc import Iterator

from bihuan.engine.finding import Finding
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Callback
from bihuan.engine.sampled import outcomes_in, sampled

ORDERED = ("number", "money", "flag", "date", "instant")


def check_draws(policy: Policy, parameters: Parameters) -> Iterator[Finding]:
    for rule in sampled(policy, parameters):
        found = (*from_outcome(policy, rule), *of_what(rule), *in_which_order(policy, rule))
        yield from (each.at(article=policy.article_of(rule.name), rule=rule.name) for each in found)


def from_outcome(policy: Policy, rule: Callback) -> Iterator[Finding]:
    """What follows from other rules is not known when a sample is drawn."""
    for name in outcomes_in(policy, rule):
        yield Finding("error", "draw-outcome", key="after", found=name)


def of_what(rule: Callback) -> Iterator[Finding]:
    """Cases are drawn, or subjects of a register."""
    for key in ("across", "every", *(() if rule.draw_from else ("per",))):
        if getattr(rule, key) is not None:
            yield Finding("error", "draw-unit", key=key, found=key)


def in_which_order(policy: Policy, rule: Callback) -> Iterator[Finding]:
    """What has no order can have no priority."""
    fact = policy.facts.get(rule.priority or "")
    if fact is not None and not (fact.ordered or fact.type in ORDERED):
        yield Finding(
            "error",
            "unfit",
            key="priority",
            found=rule.priority or "",
            args={"type": fact.type, "wanted": ORDERED},
        )
