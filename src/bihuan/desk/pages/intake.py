"""Intake, while the caller talks: who calls, what about, what the category needs, and what will be owed by when."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.db import transaction
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bihuan.desk import access, actions, clock, queries, search
from bihuan.desk.errors import DeskError
from bihuan.desk.models import Case, Edition, Event, Person
from bihuan.desk.office import policy_of
from bihuan.desk.pages import asking, fields
from bihuan.desk.pages.forms import Written, moment
from bihuan.desk.pages.refusals import tell
from bihuan.desk.pages.whose import viewer
from bihuan.engine.contacts import contact_events
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Step, Timed
from bihuan.i18n import _

EARLIER = 5
LATELY = 30  # days


class Intake(Written):
    """The regulation's questions for the event that opens a case."""

    event = forms.ChoiceField()
    at = moment(required=False)

    def __init__(self, *args: Any, policy: Policy, **kwargs: Any) -> None:
        asked = fields.fields_for(policy, asked_at_intake(policy))
        super().__init__(*args, asked=asked, **kwargs)
        starts = policy.header.starts or ("accepted",)
        self.fields["event"].choices = [(name, policy.event_labels.get(name, name)) for name in starts]  # type: ignore[attr-defined]
        self.fields["event"].label, self.fields["at"].label = _("What opens the case"), _("When it happened")
        self.fields["at"].help_text = _("empty: now")


def asked_at_intake(policy: Policy) -> list[str]:
    """The customer, what the opening steps ask for, and what tells cases apart in what they owe."""
    starts = policy.header.starts or ("accepted",)
    steps = [rule for _article, kind, rule in policy.rules() if kind == "step" and isinstance(rule, Step)]
    asked = [
        entry.fact
        for step in steps
        if set(step.event) & set(starts)
        for entry in (policy.forms[step.asks].fields if isinstance(step.asks, str) else step.asks)
    ]
    deciding = [
        test.fact
        for rule in policy.timed.values()
        if rule.when is not None and begins_with(rule, starts)
        for test in rule.when.tests
        if test.fact in policy.facts and not policy.facts[test.fact].decided_by
    ]
    customer = [policy.header.customer] if policy.header.customer else []
    return list(dict.fromkeys((*customer, *asked, *deciding)))


def begins_with(rule: Timed, starts: Iterable[str]) -> bool:
    """Whether what opens a case starts the clock of a rule."""
    return rule.after is None or any(set(one.event) & set(starts) for one in rule.after.any)


def intake(request: HttpRequest) -> HttpResponse:
    """Choose a regulation, type what the caller says, see what will be owed, save."""
    person = viewer(request)
    editions = list(Edition.objects.filter(in_force=True).order_by("title"))
    chosen = request.POST.get("policy") or request.GET.get("policy") or ""
    edition = next((one for one in editions if one.policy == chosen), None)
    if edition is None:
        return render(request, "desk/intake.html", {"editions": editions, "edition": None})
    policy = policy_of(edition.hash)
    form = Intake(request.POST or None, policy=policy)
    told: dict[str, Any] = {"editions": editions, "edition": edition, "form": form, "promised": None}
    told["caller"] = caller(person, policy, request)
    if request.method == "POST" and form.is_valid():
        try:
            if "look" in request.POST:
                told["promised"] = promised(person, edition, form.cleaned_data)
            else:
                made = accepted(person, edition.policy, form.cleaned_data)
                messages.success(request, _("case {number} accepted").format(number=made.number))
                return redirect("case", made.number)
        except DeskError as error:
            tell(form, error)
    template = "desk/_caller.html" if request.GET.get("part") == "caller" else "desk/intake.html"
    return render(request, template, told, status=409 if form.errors else 200)


def accepted(person: Person, policy: str, said: dict[str, Any]) -> Case:
    access.to_open(person)
    facts, named = asking.told(said)
    unit = named or (person.unit.name if person.unit else None)
    return actions.accept(
        policy,
        by=person,
        event=said["event"],
        facts=facts,
        unit=unit,
        at=said["at"],
        key=said["key"],
    )


def promised(person: Person, edition: Edition, said: dict[str, Any]) -> list[tuple[Any, str]]:
    """What the case would owe by when: accepted, looked at, and taken back."""
    policy = policy_of(edition.hash)
    with transaction.atomic():
        made = accepted(person, edition.policy, {**said, "key": None})
        owed = [(row, policy.says(row.rule)) for row in made.obligations.order_by("due_at", "place")]
        transaction.set_rollback(True)
    return owed


def caller(person: Person, policy: Policy, request: HttpRequest) -> dict[str, Any]:
    """Who calls: open cases and earlier ones of the same customer, how often they were contacted, and similar cases.

    All of it among what the person may see.
    """
    typed = {
        name.removeprefix(fields.PREFIX): value.replace("\0", "").strip()
        for name, value in (request.POST or request.GET).items()
        if name.startswith(fields.PREFIX) and isinstance(value, str)
    }
    said = typed.pop(policy.header.customer or "", "")
    told: dict[str, Any] = {"customer": said, "open": [], "earlier": [], "load": None}
    if said:
        for name, is_open in (("open", True), ("earlier", False)):
            told[name] = queries.cases(person, customer=said, is_open=is_open, size=EARLIER).rows
        told["load"] = load(person, policy, said)
    near = search.similar(person, words(policy, typed))
    told["similar"] = [hit for hit in near if hit.case.customer != said or not said]
    return told


def words(policy: Policy, typed: Mapping[str, str]) -> list[str]:
    """What was typed of the matter itself: texts and categories, not who calls."""
    found = []
    for name, value in typed.items():
        fact = policy.facts.get(name)
        if (
            fact is not None
            and value
            and fact.personal not in access.MASKED
            and fact.type in ("text", "choice")
        ):
            found.append(fact.leaves.get(value, value.rsplit(" / ", 1)[-1]))
    return found


def load(person: Person, policy: Policy, customer: str) -> tuple[int, dt.datetime | None]:
    """How often the customer was contacted lately, and when last; what a contact is, the regulation says."""
    mine = access.cases_seen(person).filter(customer=customer)
    since = clock.now() - dt.timedelta(days=LATELY)
    events = Event.objects.filter(case__in=mine, event__in=contact_events(policy), at__gte=since)
    found = events.aggregate(n=Count("pk"), last=Max("at"))
    return found["n"], found["last"]
