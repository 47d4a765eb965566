"""The regulations of the desk: which editions are in force, each article beside its rules, what is missing or wrong.

Everybody may read a regulation. What an article says, its rules and its findings are the engine's own. Changes nothing;
see `parameters` and `drafts`.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

import bihuan
from bihuan import limits
from bihuan.desk import clock
from bihuan.desk.actions.words import label, stage
from bihuan.desk.errors import MissingError
from bihuan.desk.models import Case, Edition
from bihuan.desk.office import Office, office_now, policy_of
from bihuan.desk.pages.shipped import shipped
from bihuan.desk.pages.whose import viewer
from bihuan.engine.declared import Parameter
from bihuan.engine.finding import Finding
from bihuan.engine.limit_wording import limit_written
from bihuan.engine.listening import names_of
from bihuan.engine.parameters import Parameters, bounds_of, written_bound
from bihuan.engine.policy import Article, Policy
from bihuan.engine.rules import Rule, Step, Timed
from bihuan.i18n import _, language
from bihuan.report import labels
from bihuan.said import finding_said
from bihuan.spoken import edition as named

BACKDATING = "backdating_tolerance"  # of every regulation, whatever its text


def kinds() -> dict[str, str]:
    """What a rule of each kind does, in a word."""
    return {
        "obligation": _("owes"),
        "window": _("may"),
        "callback": _("calls back"),
        "step": _("allows"),
        "prohibition": _("forbids"),
        "count": _("counts"),
        "charge": _("charges"),
        "multiplier": _("multiplies"),
        "indicator": _("measures"),
        "report": _("reports"),
        "archive": _("keeps"),
    }


@dataclass(frozen=True)
class Held:
    """A regulation of the desk in the list."""

    newest: Edition
    drafts: int
    editions: int
    running: int
    missing: int


@dataclass(frozen=True)
class Ruled:
    """A rule of an article in words."""

    kind: str
    id: str
    says: str
    allowed: str
    who: str


@dataclass(frozen=True)
class Written:
    """An article and its rules."""

    article: Article
    rules: list[Ruled]


@dataclass(frozen=True)
class Stepped:
    """A row of the table of steps."""

    article: str
    events: str
    by: str
    states: str
    needs: str


@dataclass(frozen=True)
class Set:
    """A parameter as it stands on the desk."""

    name: str
    value: str
    missing: bool
    origin: str
    given: bool
    bounds: str
    why: str

    @property
    def folded(self) -> bool:
        """A figure that the text itself states: shown on demand."""
        return self.origin == "text" and not self.given


def regulations(request: HttpRequest) -> HttpResponse:
    """Every regulation of the desk, and those that are shipped and could be installed."""
    person = viewer(request)
    editions = list(Edition.objects.order_by("policy", "-in_force", "-since", "-id"))
    held = list(listed(editions, office_now()))
    on_desk = {one.hash for one in editions}
    more = [one for one in shipped() if one.hash not in on_desk] if person.is_administrator else []
    today = clock.today()
    standing = {one.newest.pk: in_force_said(one.newest, today) for one in held}
    return render(request, "desk/regulations.html", {"held": held, "shipped": more, "standing": standing})


def listed(editions: list[Edition], office: Office) -> Iterator[Held]:
    open_ones = Count("id", filter=Q(closed_at=None))
    running = dict(Case.objects.values_list("edition__policy").annotate(running=open_ones).order_by())
    of_policy: dict[str, list[Edition]] = {}
    for one in editions:
        of_policy.setdefault(one.policy, []).append(one)
    for policy, mine in of_policy.items():
        drafts = sum(not one.in_force for one in mine)
        missing = len(office.parameters(mine[0].hash).missing)
        yield Held(mine[0], drafts, len(mine), running.get(policy, 0), missing)


def edition_at(id: int) -> Edition:
    """The edition that an address names."""
    found = Edition.objects.filter(pk=id).first()
    if found is None:
        raise MissingError("there is no such edition on this desk")
    return found


def regulation(request: HttpRequest, id: int) -> HttpResponse:
    """One edition: articles beside their rules, and what to know of it."""
    viewer(request)
    edition, office = edition_at(id), office_now()
    policy, parameters = policy_of(edition.hash), office.parameters(edition.hash)
    editions = list(Edition.objects.filter(policy=edition.policy).order_by("-in_force", "-since", "-id"))
    held = {one.hash for one in editions}
    told = {
        "edition": edition,
        "policy": policy,
        "editions": editions,
        "standing": {one.pk: in_force_said(one, clock.today()) for one in editions},
        "shipped": [one for one in shipped() if one.policy == edition.policy and one.hash not in held],
        "articles": [Written(one, ruled_all(policy, parameters, one)) for one in policy.article],
        "parameters": settings_of(policy, parameters),
        "steps": list(steps_of(policy)),
        "findings": [
            finding_said(one) for one in findings_of(edition.hash, office) if one.code != "contradiction"
        ],
        "language": language(),
    }
    return render(request, "desk/regulation.html", told)


# --- articles and rules ---


def ruled_all(policy: Policy, parameters: Parameters, article: Article) -> list[Ruled]:
    return [ruled(policy, parameters, rule) for rule in article.rules()]


def ruled(policy: Policy, parameters: Parameters, rule: Rule) -> Ruled:
    timed = labels.allowed(policy, parameters, rule) if isinstance(rule, Timed) else ""
    name = events_said(policy, rule.event) if isinstance(rule, Step) else rule.name
    return Ruled(kinds()[rule.kind], name, rule.says or "", timed, who(policy, rule))


def who(policy: Policy, rule: Rule) -> str:
    """The roles that owe, may, pay or take a step."""
    named = getattr(rule, "by", None) or getattr(rule, "payer", None) or ()
    names = named if isinstance(named, tuple) else (named,)
    said = (labels.thing(policy, str(one)) for one in names)
    return "、".join(_("owner") if one == "owner" else one for one in said)  # whoever owed what was late


def events_said(policy: Policy, events: tuple[str, ...]) -> str:
    return "、".join(policy.event_labels.get(one, one) for one in events)


def steps_of(policy: Policy) -> Iterator[Stepped]:
    for article, _kind, rule in policy.rules():
        if isinstance(rule, Step):
            before = "、".join(stage(policy, one) for one in rule.from_)
            way = " → ".join(part for part in (before, stage(policy, rule.to or "")) if part)
            needed = events_said(policy, tuple(names_of(*rule.needs)))
            yield Stepped(article.no, events_said(policy, rule.event), who(policy, rule), way, needed)


# --- parameters ---


def settings_of(policy: Policy, parameters: Parameters) -> list[Set]:
    """Every parameter that may be set: the missing ones first, then those that were left to whoever uses the text."""
    own = bihuan.parameter_values(policy)  # as the text has them, before anything was set
    found = [set_one(policy, parameters, own, name) for name in parameters.values]
    order = {"missing": 0, "user": 1, "outside": 2, "text": 3}
    return sorted(found, key=lambda one: (not one.missing, order.get(one.origin, 9)))


def set_one(policy: Policy, parameters: Parameters, own: Parameters, name: str) -> Set:
    value, declared = parameters[name], policy.parameters.get(name)
    bounds = bounds_said(policy, declared) if declared else []
    shown = "" if value.missing else plain(policy, value.on())
    if value.unit and shown:
        shown = limits.limit_text(f"{shown} {value.unit}")
    why = (declared.why or "") if declared else rule_says(policy, name)
    why = why or {BACKDATING: _("how late an event may be entered without being marked")}.get(name, "")
    return Set(name, shown, value.missing, own[name].origin, value.given, "; ".join(bounds), why)


def bounds_said(policy: Policy, declared: Parameter) -> list[str]:
    """What a parameter may be."""
    words = {
        "at_least": _("at least"),
        "above": _("more than"),
        "at_most": _("at most"),
        "below": _("less than"),
    }
    bounds = [f"{words[key]} {written_bound(one, one)}" for key, one in bounds_of(declared).items()]
    if declared.choices:
        bounds.append("、".join(plain(policy, one) for one in declared.choices))
    return bounds


def rule_says(policy: Policy, name: str) -> str:
    """Whose figure it is: the rule a parameter such as `reply.within` belongs to, by its article and what it owes after
    what, for rules without words of their own say all the same.
    """
    rule = policy.named.get(name.rpartition(".")[0])
    if rule is None:
        return ""
    each = (names_of(getattr(rule, "after", None)), names_of(getattr(rule, "owes", None)))
    way = " → ".join("、".join(happening(policy, one) for one in names) for names in each if names)
    head = " ".join(part for part in (policy.article_of(rule.name), way) if part)
    return _("{rule}: {says}").format(rule=head, says=labels.says(policy, rule))


def happening(policy: Policy, name: str) -> str:
    """An event, or what became of a rule: said as what the rule says."""
    said = label(policy, name)
    return said if said != name else labels.rule_name(policy, name.partition(".")[0])


def plain(policy: Policy, value: Any) -> str:
    """A value of a parameter in words; an event by its label."""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    text = str(value)
    return policy.event_labels.get(text) or limits.period_text(limits.limit_text(limit_written(text) or text))


# --- findings ---


def findings_of(hash: str, office: Office) -> tuple[Finding, ...]:
    """What `check` finds in an edition, without its examples."""
    known = {*bihuan.policy_ids(), *Edition.objects.values_list("policy", flat=True)}
    return found_in(hash, frozenset(known), frozenset(office.calendars()))


@lru_cache(maxsize=64)
def found_in(hash: str, known: frozenset[str], calendars: frozenset[str]) -> tuple[Finding, ...]:
    return tuple(bihuan.check(policy_of(hash), None, known, ["natural", *calendars]))


def told_apart(edition: Edition) -> str:
    """An edition by what tells it from the others of its regulation."""
    today = clock.today()
    return f"{named(edition.edition)} · {in_force_said(edition, today)} · {edition.hash[:8]}"


def in_force_said(edition: Edition, today: dt.date) -> str:
    """Whether cases are accepted under it, in words."""
    if not edition.in_force:
        return _("draft")
    if edition.since and edition.since > today:
        return _("in force from {day}").format(day=edition.since)
    if edition.until and edition.until < today:
        return _("in force until {day}").format(day=edition.until)
    return _("in force")
