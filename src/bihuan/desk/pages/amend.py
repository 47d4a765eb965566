"""What is rarely done to a case: an event corrected or struck out, two cases made one, another edition.

Nothing is overwritten: each is an event or a note in the record, with the reason.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bihuan.desk import access, actions, clock, queries, sight
from bihuan.desk.actions import once
from bihuan.desk.errors import DeskError, MissingError
from bihuan.desk.models import Case, Edition, Event, Person
from bihuan.desk.office import policy_of
from bihuan.desk.pages import fields
from bihuan.desk.pages.forms import Written, moment
from bihuan.desk.pages.labels import labelled
from bihuan.desk.pages.refusals import done, tell
from bihuan.desk.pages.regulations import told_apart
from bihuan.desk.pages.weighed import Weighed
from bihuan.desk.pages.whose import viewer
from bihuan.desk.queries import Whole
from bihuan.i18n import _

OWN = ("corrects", "corrected_at", "corrected_whole_day")


def reason_field(label: str) -> forms.CharField:
    return forms.CharField(label=label, max_length=500, widget=forms.Textarea({"rows": 2}))


# --- corrected ---


class Correct(Written):
    """How it truly was; what is left empty stays as it was."""

    struck = forms.BooleanField(required=False)
    at = moment(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["struck"].label = _("It never happened: strike it out")
        self.order_fields([name for name in self.fields if name.startswith(fields.PREFIX)])
        self.fields["at"].label = _("When it truly happened")
        self.fields["at"].help_text = _("empty: as it was")


def correct(request: HttpRequest, number: str, seq: int) -> HttpResponse:
    """Restate an event, or strike it out."""
    person = viewer(request)
    access.to_act(person, number)
    seen = queries.whole(person, number)
    event = next((one for one in seen.events if one.seq == seq and one.kind == "event"), None)
    if event is None or event.event == "corrected":
        raise MissingError(f"case {number} has no event {seq} that could be corrected", case=number)
    asked = {"reason": reason_field(_("Why it is corrected")), **restated(seen, event)}
    form = Correct(request.POST or None, asked=asked, initial={"version": seen.case.version})
    sent = request.method == "POST" and form.is_valid()
    if sent and done(form, lambda: corrected(person, number, seq, form.cleaned_data)):
        messages.success(request, _("The correction is in the record."))
        return redirect("case", number)
    told = {"case": seen.case, "form": form, "event": event, **said_of_event(seen, event)}
    return render(request, "desk/correct.html", told, status=409 if form.errors else 200)


def said_of_event(seen: Whole, event: Event) -> dict[str, Any]:
    """What the event is called and carries, as the viewer may see it."""
    facts = sight.shown(seen.policy, event.brings, seen.veil)
    label = seen.policy.event_labels.get(event.event, event.event)
    return {"label": label, "facts": list(labelled(seen.policy, facts))}


def restated(seen: Whole, event: Event) -> dict[str, forms.Field]:
    """The facts that the event carries, each to be typed anew or left as it was."""
    names = [name for name in event.facts or {} if name not in OWN]
    asked = fields.fields_for(seen.policy, names)
    for field in asked.values():
        field.required = False
        field.help_text = _("empty: as it was")
    return asked


def corrected(person: Person, number: str, seq: int, said: dict[str, Any]) -> None:
    facts = {} if said["struck"] else fields.carried(said)
    how = {name: said[name] for name in ("reason", "at", "struck", "version")}
    what = ["correct", number, seq, facts, said["at"], said["struck"]]
    once.run(person, said["key"], what, lambda: actions.correct(number, seq, by=person, facts=facts, **how))


# --- merged ---


class Merge(Weighed):
    """Into which case, and why."""

    into = forms.CharField(max_length=64)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, asked={"reason": reason_field(_("Why they are one matter"))}, **kwargs)
        self.fields["into"].label = _("Number of the case that goes on")


def merge(request: HttpRequest, number: str) -> HttpResponse:
    """Show the case that would go on, then merge this one into it."""
    person = viewer(request)
    case = access.to_act(person, number)
    form = Merge(request.POST or None, initial={"version": case.version})
    other: Case | None = None
    if request.method == "POST" and form.is_valid():
        try:
            other = access.to_act(person, form.cleaned_data["into"].strip())
            if form.confirmed:
                merged(person, number, form.cleaned_data)
                messages.success(request, _("Merged into {number}.").format(number=other.number))
                return redirect("case", other.number)
            form.looked()
        except DeskError as error:
            tell(form, error)
            other = None
    told = {"case": case, "form": form, "other": other}
    return render(request, "desk/merge.html", told, status=409 if form.errors else 200)


def merged(person: Person, number: str, said: dict[str, Any]) -> None:
    into, how = said["into"].strip(), {name: said[name] for name in ("reason", "version")}
    what = ["merge", number, into]
    once.run(person, said["key"], what, lambda: actions.merge(number, into, by=person, **how))


# --- moved to another edition ---


class Move(Weighed):
    """To which edition, and why."""

    def __init__(self, *args: Any, others: list[Edition], **kwargs: Any) -> None:
        named = [(one.hash, told_apart(one)) for one in others]
        choice = forms.ChoiceField(label=_("Edition"), choices=named)
        asked = {"edition": choice, "reason": reason_field(_("Why it is moved"))}
        super().__init__(*args, asked=asked, **kwargs)


def move(request: HttpRequest, number: str) -> HttpResponse:
    """Show what the case owes under both editions, then judge it by the other from now on."""
    person = access.to_administer(viewer(request))
    case = access.to_see(person, number)
    others = list(
        Edition.objects.filter(policy=case.edition.policy)
        .exclude(pk=case.edition_id)
        .order_by("-since", "-id")
    )
    form = Move(request.POST or None, others=others, initial={"version": case.version})
    both: list[dict[str, Any]] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if form.confirmed:
                moved(person, number, form.cleaned_data)
                messages.success(request, _("The case is judged by the other edition from now on."))
                return redirect("case", number)
            both = beside(case, form.cleaned_data["edition"])
            form.looked()
        except DeskError as error:
            tell(form, error)
            both = None
    told = {"case": case, "form": form, "both": both, "others": others}
    return render(request, "desk/move.html", told, status=409 if form.errors else 200)


def beside(case: Case, hash: str) -> list[dict[str, Any]]:
    """What is owed under the one edition and under the other, row by row."""
    before, after = actions.preview_move(case.number, hash)
    rows: dict[Any, dict[str, Any]] = {}
    for side, found, edition in (("before", before, case.edition.hash), ("after", after, hash)):
        for row in found.obligations:
            told = rows.setdefault((row["rule"], row["round"], row["key"]), {"before": None, "after": None})
            told |= {"says": policy_of(edition).says(row["rule"])} | {
                name: row[name] for name in ("rule", "article", "round")
            }
            told[side] = (row["state"], None if row["due_at"] is None else clock.instant(row["due_at"]))
    return list(rows.values())


def moved(person: Person, number: str, said: dict[str, Any]) -> None:
    edition, how = said["edition"], {name: said[name] for name in ("reason", "version")}
    what = ["move", number, edition]
    once.run(person, said["key"], what, lambda: actions.move(number, edition, by=person, **how))
