"""What a case shows only in part, in full, once: whoever looks says why, and the record keeps who, when and why.

What the regulation hides from somebody's role stays hidden. Nothing in full is kept by a browser.
"""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.desk import access, actions, queries, sight
from bihuan.desk.actions import once
from bihuan.desk.errors import DeskError
from bihuan.desk.models import Person
from bihuan.desk.pages.forms import Written
from bihuan.desk.pages.labels import labelled
from bihuan.desk.pages.refusals import tell
from bihuan.desk.pages.whose import viewer
from bihuan.desk.queries import Whole
from bihuan.i18n import _


class Reason(Written):
    """Why it is needed."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Why you need to see it")
        self.fields["reason"].help_text = _("kept in the record with your name and the time")


def unmask(request: HttpRequest, number: str) -> HttpResponse:
    """Ask why; then show it, this one time."""
    person = viewer(request)
    case = access.to_act(person, number)
    form = Reason(request.POST or None)
    full: list[tuple[str, str]] | None = None
    if request.method == "POST" and form.is_valid():
        try:
            full = shown(person, number, form.cleaned_data)
        except DeskError as error:
            tell(form, error)
        else:
            if full is None:
                form.add_error(None, _("This was shown once. To see it again, say again why."))
    told = {"case": case, "form": form if full is None else None, "full": full}
    return render(request, "desk/unmask.html", told, status=409 if form.errors else 200)


def shown(person: Person, number: str, said: dict[str, Any]) -> list[tuple[str, str]] | None:
    """The facts in full, after it is in the record that somebody looked; None where this was shown before."""
    seen = queries.whole(person, number)
    names, full = masked(seen)

    reason = said["reason"]
    what = ["unmask", number, reason]
    told = once.run(
        person, said["key"], what, lambda: actions.log_unmasking(number, names, by=person, reason=reason)
    )
    return full if told else None


def masked(seen: Whole) -> tuple[list[str], list[tuple[str, str]]]:
    """The facts of which this viewer is shown only a part: their names, and what they say in full."""
    found = list({(name, str(value)): (name, value) for name, value in differing(seen)}.values())
    names = list(dict.fromkeys(name for name, _value in found))
    full = [row for name, value in found for row in labelled(seen.policy, {name: value})]
    return names, full


def differing(seen: Whole) -> Iterator[tuple[str, Any]]:
    for event in seen.events:
        facts = event.brings
        part = sight.shown(seen.policy, facts, seen.veil)
        whole = sight.shown(seen.policy, facts, seen.veil, unmasked=True)
        yield from ((name, value) for name, value in whole.items() if value != part[name])
