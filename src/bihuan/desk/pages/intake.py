"""Intake, while the caller talks: who calls, what about, what the category needs, and what will be owed by when.

What is asked stands in `opening`, what is known of the caller in `caller`. Saving is one action.
"""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bihuan.desk import access, actions, queries, sight
from bihuan.desk.errors import DeskError
from bihuan.desk.models import Case, Edition, Person
from bihuan.desk.office import policy_of
from bihuan.desk.pages import asking, fields
from bihuan.desk.pages.caller import by_name, caller
from bihuan.desk.pages.forms import Entered, moment
from bihuan.desk.pages.opening import Opening, opening, starts
from bihuan.desk.pages.refusals import tell
from bihuan.desk.pages.whose import viewer
from bihuan.engine.policy import Policy
from bihuan.i18n import _

PARTS = {"caller": "desk/_caller.html", "asked": "desk/_asked.html"}


class Intake(Entered):
    """The regulation's questions for the event that opens a case."""

    event = forms.ChoiceField()
    at = moment(required=False)
    shown = forms.CharField(required=False, widget=forms.HiddenInput)
    same = forms.CharField(required=False, max_length=100, widget=forms.HiddenInput)

    def __init__(self, *args: Any, policy: Policy, asks: Opening, same: Case | None, **kwargs: Any) -> None:
        asked = fields.fields_for(policy, asks.names, wanted=asks.wanted)
        super().__init__(*args, asked=asked, **kwargs)
        self.asks = asks
        if same is not None:
            told = _("empty: {name}, as in case {number}")
            said = told.format(name=sight.in_part(same.customer or ""), number=same.number)
            self.fields[fields.PREFIX + str(policy.header.customer)].help_text = said
        begins = [(name, policy.event_labels.get(name, name)) for name in starts(policy)]
        self.fields["event"].choices = begins  # type: ignore[attr-defined]
        if len(begins) == 1:
            self.fields["event"].widget = forms.HiddenInput()
            self.fields["event"].initial = begins[0][0]
        self.fields["event"].label, self.fields["at"].label = _("What opens the case"), _("When it happened")
        self.fields["at"].help_text = _("empty: now")

    def of(self, names: tuple[str, ...]) -> list[forms.BoundField]:
        return [self[fields.PREFIX + name] for name in names if fields.PREFIX + name in self.fields]

    @property
    def caller(self) -> list[forms.BoundField]:
        return self.of(self.asks.caller)

    @property
    def matter(self) -> list[forms.BoundField]:
        return self.of(self.asks.matter)

    @property
    def come_up(self) -> list[str]:
        """Questions that the answers have brought up, and that the form that was sent did not show."""
        shown = self.data.get("shown")
        seen = shown.split(",") if shown else self.asks.names
        return [str(one.label) for one in self.matter if one.name.removeprefix(fields.PREFIX) not in seen]


def intake(request: HttpRequest) -> HttpResponse:
    """Choose a regulation, type what the caller says, see what will be owed, save."""
    person = viewer(request)
    editions = queries.editions_of_today()
    sent = request.POST or request.GET
    chosen = sent.get("policy") or ""
    if not chosen and len(editions) == 1:
        chosen = editions[0].policy
    edition = next((one for one in editions if one.policy == chosen), None)
    if edition is None:
        return render(request, "desk/intake.html", {"editions": editions, "edition": None})
    policy, typed = policy_of(edition.hash), typed_in(sent)
    same = same_as(person, policy, sent.get("pick") or sent.get("same"))
    form = form_of(request, edition, typed, same)
    told: dict[str, Any] = {"editions": editions, "edition": edition, "form": form, "promised": None}
    told["policy"] = policy
    told["roles"] = access.held_today().filter(person=person).exists()
    if form.is_bound and form.is_valid():
        try:
            if "look" in request.POST or form.come_up:
                told["promised"] = promised(person, edition, form.cleaned_data, same)
            else:
                made = accepted(person, edition, form.cleaned_data, same)
                messages.success(request, _("case {number} accepted").format(number=made.number))
                return redirect("case", made.number)
        except DeskError as error:
            tell(form, error)
    told["caller"] = caller(person, policy, typed, same)
    part = request.GET.get("part", "")
    if part == "asked" and sent.get("shown") == form.asks.shown:
        return HttpResponse(status=204)  # the same questions: nothing is drawn anew
    template = PARTS.get(part, "desk/intake.html")
    return render(request, template, told, status=409 if form.errors else 200)


def form_of(request: HttpRequest, edition: Edition, typed: Mapping[str, str], same: Case | None) -> Intake:
    """What is asked, as the answers so far leave it; bound where it was sent to be saved or looked at."""
    policy, sent = policy_of(edition.hash), request.POST or request.GET
    event = sent.get("event") or starts(policy)[0]
    asks = opening(edition.hash, event, read(policy, typed))
    at_hand = picked(policy, typed) if "pick" in sent else typed
    initial = {fields.PREFIX + name: value for name, value in at_hand.items()}
    initial |= {"event": event, "same": same.number if same else ""}
    saved = request.POST if request.method == "POST" and "pick" not in request.POST else None
    return Intake(saved, policy=policy, asks=asks, same=same, initial=initial)


def typed_in(sent: Any) -> dict[str, str]:
    """What was typed, by fact."""
    return {
        name.removeprefix(fields.PREFIX): value.replace("\0", "").strip()
        for name, value in sent.items()
        if name.startswith(fields.PREFIX) and isinstance(value, str) and value.strip()
    }


def picked(policy: Policy, typed: Mapping[str, str]) -> dict[str, str]:
    """Once a case says who the customer is: the number that was typed in their place is where they are reached."""
    said = typed.get(policy.header.customer or "", "")
    reach = next((name for name, fact in policy.facts.items() if fact.personal == "contact"), None)
    rest = {name: value for name, value in typed.items() if name != policy.header.customer}
    return {reach: said, **rest} if reach and said and not by_name(said) else rest


def read(policy: Policy, typed: Mapping[str, str]) -> dict[str, str]:
    """As the engine would read it: a choice that was typed by its label is meant by its key."""
    found = {}
    for name, value in typed.items():
        if fact := policy.facts.get(name):
            keys = {label: key for key, label in fields.paths(fact).items()} if fact.leaves else {}
            found[name] = keys.get(value, value)
    return found


def same_as(person: Person, policy: Policy, number: str | None) -> Case | None:
    """A case, which the person may see, whose customer is calling again."""
    found = (
        access.cases_seen(person).filter(number=number).first() if number and policy.header.customer else None
    )
    known = sight.whose_customer_is_known(person, [found] if found is not None and found.customer else [])
    return known[0] if known else None


def meant(person: Person, edition: Edition, said: dict[str, Any], same: Case | None) -> dict[str, Any]:
    """The case as `actions` takes it."""
    access.to_open(person)
    facts, named = asking.told(said)
    if same is not None and (customer := policy_of(edition.hash).header.customer):
        facts.setdefault(customer, same.customer)
    unit = named or (person.unit.name if person.unit else None)
    told = {"by": person, "event": said["event"], "facts": facts, "unit": unit, "at": said["at"]}
    return {"policy": edition.policy, **told}


def accepted(person: Person, edition: Edition, said: dict[str, Any], same: Case | None) -> Case:
    return actions.accept(**meant(person, edition, said, same), key=said["key"], again=said["again"])


def promised(
    person: Person, edition: Edition, said: dict[str, Any], same: Case | None
) -> list[tuple[Any, str]]:
    """What the case would owe by when. Nothing is written."""
    policy = policy_of(edition.hash)
    owed = actions.preview_accept(**meant(person, edition, said, same))
    return [(row, policy.says(row.rule)) for row in owed]
