"""Archives that are to be destroyed: asked for by one administrator, approved by another, not before their time.

Who may and when is for `actions` to say; this page shows what is asked, until when it is kept, and what was destroyed.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bihuan.desk import access, actions
from bihuan.desk.actions import once
from bihuan.desk.errors import DeskError
from bihuan.desk.models import Case, Entry, Person
from bihuan.desk.pages.forms import Written
from bihuan.desk.pages.refusals import tell
from bihuan.desk.pages.whose import viewer
from bihuan.i18n import _

MOST = 50


class Reason(Written):
    """Why it is destroyed, or why not."""

    reason = forms.CharField(max_length=500, required=False, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, waits: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = (
            _("Why not, if it is declined") if waits else _("Why the archive is destroyed")
        )


def archives(request: HttpRequest) -> HttpResponse:
    """What waits for approval, and what was destroyed lately."""
    access.to_administer(viewer(request))
    done, pending = (
        list(Entry.objects.filter(kind="destroyed").order_by("-id")[:MOST]),
        actions.waiting_destructions(),
    )
    whose = {code for one in (*done, *pending) for code in (one.by, one.content.get("approved_by"))}
    names = dict(Person.objects.filter(code__in=whose).values_list("code", "name"))
    told = {"pending": pending, "destroyed": done, "most": MOST, "names": names}
    return render(request, "desk/archives.html", told)


def destroy(request: HttpRequest, number: str) -> HttpResponse:
    """Ask that the archive of a case be destroyed; approve or decline what another asked for."""
    person = access.to_administer(viewer(request))
    case = access.to_see(person, number)
    waiting = next((one for one in actions.waiting_destructions() if one.about == number), None)
    form = Reason(request.POST or None, waits=waiting is not None)
    if request.method == "POST" and form.is_valid():
        try:
            messages.success(request, done(person, case, waiting, form.cleaned_data, request.POST))
        except DeskError as error:
            tell(form, error)
        else:
            return redirect("archives")
    told = {
        "case": case,
        "asked": waiting,
        "own": waiting is not None and waiting.by == person.code,
        "kept": [] if case.destroyed_id else actions.kept(case),
        "form": form,
    }
    return render(request, "desk/destroy.html", told, status=409 if form.errors else 200)


def done(person: Person, case: Case, waiting: Entry | None, said: dict[str, Any], pressed: Any) -> str:
    """Asked for, approved or declined, once; what became of it, in words."""
    number, reason, words = case.number, said["reason"], ""

    def act() -> Entry:
        nonlocal words
        if waiting is None:
            words = _("Asked for; another administrator approves it.")
            return actions.ask_destruction(number, by=person, reason=reason)
        if "decline" in pressed:
            words = _("Declined.")
            return actions.decline_destruction(waiting.id, by=person, reason=reason)
        words = _("The archive of case {number} is destroyed.").format(number=number)
        return actions.approve_destruction(waiting.id, by=person)

    once.run(person, said["key"], ["destroy", number, reason], act)
    return words or _("This was answered meanwhile.")
