"""Do not call: a customer wants no calls, or may be called again. Kept with what they said; what is owed stays owed."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from bihuan.desk import access, actions, queries
from bihuan.desk.actions import once
from bihuan.desk.declined import said_of
from bihuan.desk.models import Case, Declined, Obligation, Person
from bihuan.desk.pages.amend import reason_field
from bihuan.desk.pages.callbacks import chosen, following, told_of
from bihuan.desk.pages.forms import Written
from bihuan.desk.pages.refusals import done
from bihuan.desk.pages.whose import viewer
from bihuan.i18n import _


class Wish(Written):
    """Whether the customer wants calls, and how they put it."""

    wanted = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, asked={"reason": reason_field(_("What the customer said"))}, **kwargs)


def calls(request: HttpRequest, number: str) -> HttpResponse:
    """Say that the customer of a case wants no calls; where they said so, that they may be called again."""
    person = viewer(request)
    case = access.to_act(person, number)
    said_in = said_of(person, [case]).get(case.pk, [])
    since = max((one.at for one in said_in), default=None)
    form = Wish(request.POST or None, initial={"version": case.version, "wanted": since is not None})
    sent = request.method == "POST" and form.is_valid()
    row = called_from(case, request.GET.get("place"))
    if sent and done(form, lambda: said(person, number, form.cleaned_data)):
        follows = following(request, person, row) if row else None
        messages.success(request, told_of(_("The customer’s wish"), follows, chosen(request)))
        return redirect(reverse("callbacks") + chosen(request) if row else reverse("case", args=[number]))
    told = {"case": case, "form": form, "row": row, "chosen": chosen(request)}
    told |= {
        "since": since,
        "where": where(person, said_in),
        "wanted": form["wanted"].value() in (True, "True"),
    }
    return render(request, "desk/calls.html", told, status=409 if form.errors else 200)


def called_from(case: Case, place: str | None) -> Obligation | None:
    """The callback from whose script somebody came: they go on with the next of the list."""
    rows = queries.parts(Obligation, case, "place") if place else ()
    return next((one for one in rows if str(one.place) == place), None)


def where(person: Person, said_in: Sequence[Declined]) -> list[str]:
    """The cases in which the customer said so, as far as the person sees them."""
    found = access.cases_seen(person).filter(pk__in=[one.case_id for one in said_in])
    return list(found.order_by("-id").values_list("number", flat=True))


def said(person: Person, number: str, said: dict[str, Any]) -> None:
    act = actions.allow_calls if said["wanted"] else actions.decline_calls
    how = {name: said[name] for name in ("reason", "version")}
    what = ["calls", number, said["wanted"], said["reason"]]
    once.run(person, said["key"], what, lambda: act(number, by=person, **how))
