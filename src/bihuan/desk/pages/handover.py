"""Somebody leaves: roles, deputyship and open cases go to another, with a record. What goes is shown before."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bihuan.desk import access, actions
from bihuan.desk.actions import once
from bihuan.desk.actions.accounts import keep_administrator
from bihuan.desk.errors import DeskError
from bihuan.desk.models import Holding, Person
from bihuan.desk.pages.people import labels_of_roles
from bihuan.desk.pages.refusals import tell
from bihuan.desk.pages.weighed import Weighed
from bihuan.desk.pages.whose import viewer
from bihuan.i18n import _

MOST = 200  # numbers of cases that are listed


class Leaving(Weighed):
    """Who leaves, who takes over, and why."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        people = [
            (one.code, f"{one.name} ({one.code})")
            for one in Person.objects.filter(is_active=True).order_by("code")
        ]
        choices = [("", "—"), *people]
        asked = {
            "person": forms.ChoiceField(label=_("Who leaves"), choices=choices),
            "to": forms.ChoiceField(label=_("Who takes over"), choices=choices),
        }
        super().__init__(*args, asked=asked, **kwargs)
        self.fields["reason"].label = _("Why")
        self.order_fields(["person", "to", "reason"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("person") and cleaned.get("person") == cleaned.get("to"):
            self.add_error("to", _("nobody hands over to themselves"))
        return cleaned


def handover(request: HttpRequest) -> HttpResponse:
    """Show what goes, then hand it over."""
    by = access.to_administer(viewer(request))
    form = Leaving(request.POST or None, initial={"person": request.GET.get("person")})
    goes: dict[str, Any] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            keep_administrator(form.cleaned_data["person"])
            if form.confirmed:
                handed(form.cleaned_data, by)
                messages.success(request, _("Handed over."))
                return redirect("people")
            goes = preview(form.cleaned_data["person"])
            form.looked()
        except DeskError as error:
            tell(form, error)
    return render(
        request, "desk/handover.html", {"form": form, "goes": goes}, status=409 if form.errors else 200
    )


def preview(person: str) -> dict[str, Any]:
    held, numbers = actions.preview_handover(person)
    labels = labels_of_roles()
    return {
        "roles": [(labels.get(one.role, one.role), unit_of(one)) for one in held],
        "cases": numbers[:MOST],
        "total": len(numbers),
    }


def unit_of(held: Holding) -> str:
    return held.unit.name if held.unit else _("every unit")


def handed(said: dict[str, Any], by: Person) -> None:
    person, to, reason = said["person"], said["to"], said["reason"]
    what = ["handover", person, to, reason]
    once.run(by, said["key"], what, lambda: actions.handover(person, to, by=by, reason=reason))
