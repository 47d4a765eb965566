"""The part of a policy that can find fault with an event: its steps, prohibitions and rules one can be too early for.

Of the others only those whose outcomes or windows these wait for. What is owed besides, and what steps ask an event to
carry, changes no finding but those about missing fields; only where a violating event has no effect do fields matter.
"""

from collections.abc import Iterator

from bihuan.engine.checks.mentions import walk
from bihuan.engine.listening import source_of
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Article, Policy
from bihuan.engine.rules import RULES, Prohibition, Rule, Step, Timed
from bihuan.engine.sampled import remade


def finding_faults(policy: Policy, parameters: Parameters) -> Policy:
    """The policy that finds the same faults with every event, but for missing fields."""
    wanted = waited_for(policy, parameters)
    return remade(policy, tuple(part(article, wanted) for article in policy.article), {})


def part(article: Article, wanted: set[str]) -> Article:
    rules: dict[str, list[Rule]] = {kind.kind: [] for kind in RULES}
    for rule in article.rules():
        if isinstance(rule, Step):
            rules["step"].append(rule if rule.refused else rule.model_copy(update={"asks": ()}))
        elif rule.name in wanted:
            rules[rule.kind].append(rule)
    return article.model_copy(update={kind: tuple(kept) for kind, kept in rules.items()})


def waited_for(policy: Policy, parameters: Parameters) -> set[str]:
    """Rules that find faults, and all that they depend on by name."""
    begin = [rule for _, _, rule in policy.rules() if finds(rule)]
    found = {rule.name for rule in begin}
    while begin:
        names = set(named_by(begin.pop(), parameters)) & policy.named.keys() - found
        found |= names
        begin += [policy.named[name] for name in names]
    return found


def finds(rule: Rule) -> bool:
    return isinstance(rule, Step | Prohibition) or (isinstance(rule, Timed) and rule.not_before is not None)


def named_by(rule: Rule, parameters: Parameters) -> Iterator[str]:
    """Every name that could be a rule's, by itself or in that of an outcome, or in a parameter that names events."""
    for mention in walk(rule):
        value = parameters[mention.name].on() if mention.name in parameters else None
        for name in (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ():
            yield source_of(str(name))
        yield from (mention.name, source_of(mention.name))
