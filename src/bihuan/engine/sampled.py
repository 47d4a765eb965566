"""Which callbacks are owed by a sample or have exemptions, and the policy by which they are judged.

A sampled callback is judged as what it comes to once the draw is made: owed after the event `drawn` that names it. For
the draw itself it is a window at every trigger, so that the same fold finds who could be drawn. Both are policies like
any other; only the language's own words occur in them.
"""

from collections.abc import Sequence
from typing import Any

from bihuan.engine.declared import Fact, Row
from bihuan.engine.errors import PolicyError
from bihuan.engine.limit import Name
from bihuan.engine.listening import OUTCOMES, names_of
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition, EventPattern, Pattern, Test
from bihuan.engine.policy import Article, Policy
from bihuan.engine.rules import RULES, Callback, Rule, Window

DRAWN = "drawn"
DRAWN_FOR = "drawn_for"  # what the event `drawn` carries: the rule
DRAWN_PERIOD = "drawn_period"  # and the period, by name


def callbacks(policy: Policy) -> list[Callback]:
    return [rule for _, _, rule in policy.rules() if isinstance(rule, Callback)]


def sampled(policy: Policy, parameters: Parameters) -> list[Callback]:
    """The callbacks that only those drawn are owed."""
    return [rule for rule in callbacks(policy) if draws(rule, parameters)]


def draws(rule: Callback, parameters: Parameters) -> bool:
    return rule.draw_from is not None or not is_everybody(parameters.of(rule, "rate"), parameters)


def is_everybody(rate: Any, parameters: Parameters) -> bool:
    """Whether a rate is 1, in figures or by the name of a parameter; of a table who has which is known at the draw only."""
    if isinstance(rate, Name) and rate.name in parameters:
        dated = parameters[rate.name].dated
        return bool(dated) and all(value == 1 for _, value in dated)
    return bool(rate == 1)


def starts_from_draw(rule: Callback) -> bool:
    """Whether the text itself lets the callback begin with the draw, so that its population is the register alone."""
    return DRAWN in names_of(rule.after)


# --- the policy by which drawn callbacks are judged ---


def judged_policy(policy: Policy, parameters: Parameters) -> Policy:
    """The policy in which a sampled callback is owed after its draw, and exemptions are part of conditions."""
    drawn = {id(rule) for rule in sampled(policy, parameters)}
    if not any(rule.is_sampled or rule.exempt or id(rule) in drawn for rule in callbacks(policy)):
        return policy
    facts = {name: fact for rule in callbacks(policy) for name, fact in exempting(rule)}
    names = {rule.name: rule.says or rule.name for rule in callbacks(policy)}
    facts[DRAWN_FOR] = Fact(label="抽中的规则", type="choice", choices=names)

    def changed(rule: Callback) -> Callback:
        return after_draw(rule) if id(rule) in drawn else of_all(with_exemptions(rule))

    articles = tuple(
        article.model_copy(update={"callback": tuple(map(changed, article.callback))})
        for article in policy.article
    )
    return remade(policy, articles, facts)


def after_draw(rule: Callback) -> Callback:
    """The callback that those drawn are owed: the draw has decided who, so nothing else is asked."""
    mine = Condition((Test(DRAWN_FOR, "in", (rule.name,)),))
    after = Pattern(any=(EventPattern((DRAWN,), mine),))
    return rule.model_copy(
        update={"after": after, "when": None, "rate": 1.0, "draw_from": None, "exempt": ()}
    )


def of_all(rule: Callback) -> Callback:
    """The callback that everybody is owed, whatever share the text draws."""
    return rule if rule.rate == 1 else rule.model_copy(update={"rate": 1.0})


def exempting(rule: Callback) -> list[tuple[str, Fact]]:
    """A flag that says whether one of the rule's exemptions holds; what is not known exempts nobody."""
    if not rule.exempt:
        return []
    rows = tuple(Row.model_construct(article=each.article, when=each.when, is_=True) for each in rule.exempt)
    return [(exempt_name(rule), Fact.model_construct(type="flag", rows=rows, otherwise=False))]


def exempt_name(rule: Callback) -> str:
    return f"exempt from {rule.name}"


def with_exemptions(rule: Callback) -> Callback:
    """The callback of which the exempted are not owed; it keeps its exemptions, for `exempted` to say who they are."""
    if not rule.exempt:
        return rule
    tests = rule.when.tests if rule.when else ()
    not_exempt = Test(exempt_name(rule), "in", (False,))
    return rule.model_copy(update={"when": Condition((*tests, not_exempt))})


# --- the policy by which the draw finds its population ---


def framing_policy(policy: Policy, rules: Sequence[Callback]) -> Policy:
    """The policy in which each of these callbacks is a window that every trigger opens anew."""
    for rule in rules:
        refuse_outcomes(policy, rule)
    framed = {id(rule) for rule in rules}
    whole = any(step.refused for article in policy.article for step in article.step)
    return remade(policy, tuple(framing_article(article, framed, whole) for article in policy.article), {})


def framing_article(article: Article, framed: set[int], whole: bool) -> Article:
    """The windows of an article, beside its rules where a step may refuse a trigger."""
    windows = tuple(frame_of(rule) for rule in article.callback if id(rule) in framed)
    if not whole:
        return article.model_copy(
            update=dict.fromkeys([kind.kind for kind in RULES], ()) | {"window": windows}
        )
    others = tuple(with_exemptions(rule) for rule in article.callback if id(rule) not in framed)
    return article.model_copy(update={"window": (*article.window, *windows), "callback": others})


def frame_of(rule: Callback) -> Window:
    return Window.model_construct(
        id=frame_name(rule), after=rule.after, may=rule.after, once=rule.once, void_by=rule.void_by
    )


def frame_name(rule: Rule) -> str:
    return f"frame of {rule.name}"


def outcomes_in(policy: Policy, rule: Callback) -> list[str]:
    """The outcomes of other rules that a sampled callback waits for, which no draw can foresee."""
    heads = ((name, *name.rpartition(".")) for name in names_of(rule.after))
    return [
        name
        for name, head, _, tail in heads
        if name in policy.named or (head in policy.named and tail in (*OUTCOMES, "reached"))
    ]


def refuse_outcomes(policy: Policy, rule: Callback) -> None:
    if found := outcomes_in(policy, rule):
        raise PolicyError(
            f"callback {rule.name} draws a sample after {found[0]}, an outcome; "
            "let it start from an event of the log or draw from a register",
            file=policy.path or None,
        )


def remade(policy: Policy, articles: tuple[Article, ...], facts: dict[str, Fact]) -> Policy:
    """The policy with other articles and further facts; what it had worked out about itself is forgotten."""
    made = policy.model_copy(update={"article": articles, "facts": {**policy.facts, **facts}})
    for name in made.__dict__.keys() - type(made).model_fields.keys():
        del made.__dict__[name]
    return made
