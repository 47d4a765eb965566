"""What is missing: articles without a rule, duties without an owner, numbers, documents, other texts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from bihuan.engine.checks.mentions import walk
from bihuan.engine.finding import Finding
from bihuan.engine.limit import Reference
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Article, Policy
from bihuan.engine.rules import Obligation, Rule

ASSESSED = ("charge", "multiplier", "indicator", "archive")
# Without a number here, rows are judged all the same.
SPARED = frozenset(("target", "merge.within", "minimum"))


def check_complete(
    policy: Policy, parameters: Parameters, known: Collection[str] | None
) -> Iterator[Finding]:
    for article in policy.article:
        yield from article_says(article, policy)
        for rule in article.rules():
            yield from (each.at(article=article.no, rule=rule.name) for each in owner(rule))
    yield from missing(policy, parameters)
    yield from others(policy, known)
    yield from state_of_text(policy)
    yield from contradictions(policy)


def article_says(article: Article, policy: Policy) -> Iterator[Finding]:
    """An article has rules, or says why it has none."""
    silent = not any(article.rules()) and not article.no_rule and not article.lost
    if silent and policy.header.status != "reference":
        yield Finding("error", "no-rule", article=article.no)
    if article.no_rule and any(article.rules()):
        yield Finding("error", "no-rule-and-rules", article=article.no, found=article.no_rule)


def owner(rule: Rule) -> Iterator[Finding]:
    """A duty that nobody owes."""
    if isinstance(rule, Obligation) and rule.by is None:
        yield Finding("warning", "no-owner", found=rule.name)


def missing(policy: Policy, parameters: Parameters) -> Iterator[Finding]:
    """Numbers that nobody gave, with the rules that stay unset for want of them."""
    users = used_by(policy)
    for name in parameters.missing:
        rule, _, key = name.rpartition(".")
        if rule in policy.named and isinstance(getattr(policy.named[rule], key, None), Reference):
            continue  # said below, by its document
        if rule in policy.named:
            yield Finding(
                "info", "missing-number", "", policy.article_of(rule), rule, key, name, {"rules": (rule,)}
            )
        else:
            yield from missing_parameter(name, users.get(name, {}))
    for name, document in policy.references.items():
        rules = tuple(sorted(users.get(name, ())))
        if rules and not document.held:
            args = {"title": document.title, "rules": rules}
            yield Finding("info", "not-held", key=f"references.{name}", found=name, args=args)


def missing_parameter(name: str, users: Mapping[str, set[str]]) -> Iterator[Finding]:
    """The rules that stay unset, then those that only lack a goal or that their calls be merged."""
    spared = {rule for rule, keys in users.items() if keys <= SPARED}
    for code, rules in (("missing-number", users.keys() - spared), ("missing-beside", spared)):
        if rules or (code == "missing-number" and not users):
            args = {"rules": tuple(sorted(rules))}
            yield Finding("info", code, key=f"parameters.{name}", found=name, args=args)


def used_by(policy: Policy) -> dict[str, dict[str, set[str]]]:
    """The rules that use a name, themselves or through the facts they look up, and at which keys."""
    through = {name: {mention.name for mention in walk(fact)} for name, fact in policy.facts.items()}
    found: dict[str, dict[str, set[str]]] = {}
    for _, _, rule in policy.rules():
        for mention in walk(rule):
            for name in reached(mention.name, through):
                found.setdefault(name, {}).setdefault(rule.name, set()).add(mention.key)
    return found


def reached(name: str, through: Mapping[str, set[str]]) -> set[str]:
    """A name and all that it is looked up by."""
    waiting, seen = [name], set[str]()
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            waiting += through.get(one, ())
    return seen


def others(policy: Policy, known: Collection[str] | None) -> Iterator[Finding]:
    """Texts that this one builds on or stands beside and that are not loaded."""
    wanted = {"supplements": policy.header.supplements, "variant_of": policy.header.variant_of}
    held = {f"references.{name}": document.policy for name, document in policy.references.items()}
    for key, other in {**{f"policy.{k}": v for k, v in wanted.items()}, **held}.items():
        if other is not None and known is not None and other not in known:
            yield Finding("warning", "not-loaded", key=key, found=other)


def state_of_text(policy: Policy) -> Iterator[Finding]:
    header = policy.header
    if header.status == "reference" and any(True for _ in policy.rules()):
        yield Finding("error", "reference-rules", key="policy.status", found=header.status)
    elif header.status != "in force":
        yield Finding("info", "not-in-force", key="policy.status", found=header.status)
    if header.until and header.edition and header.until < header.edition:
        yield Finding(
            "error", "until", key="policy.until", found=str(header.until), args={"edition": header.edition}
        )
    for article in policy.article:
        if article.lost:
            yield Finding("info", "lost", article=article.no)


def contradictions(policy: Policy) -> Iterator[Finding]:
    """What the text gets wrong, printed with what is done about it."""
    for each in policy.contradiction:
        args = {"reading": each.reading, "articles": each.articles}
        yield Finding("info", "contradiction", article="、".join(each.articles), found=each.says, args=args)
