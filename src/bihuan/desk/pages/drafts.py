"""Editions that come onto the desk: uploaded or shipped, looked at over the desk's own cases, put in force on a day.

An edition that is not in force judges nothing. What would differ is `bihuan.compare`'s to say.
"""

import datetime as dt
import tomllib
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bihuan.desk import access, actions, clock
from bihuan.desk.actions import once
from bihuan.desk.models import Edition, Person
from bihuan.desk.office import policy_of
from bihuan.desk.pages.comparing import Compared
from bihuan.desk.pages.comparing_apart import AGAIN, looked_at
from bihuan.desk.pages.forms import Form, Written
from bihuan.desk.pages.refusals import done, tell
from bihuan.desk.pages.regulations import edition_at, told_apart
from bihuan.desk.pages.shipped import text_of
from bihuan.desk.pages.uploaded import Uploaded
from bihuan.desk.pages.weighed import day_field
from bihuan.desk.pages.whose import viewer
from bihuan.engine.errors import BihuanError, PolicyError
from bihuan.engine.policy import parse_policy
from bihuan.i18n import _, language
from bihuan.said import finding_said, said

YEAR = 365


class Draft(Uploaded, Written):
    """A regulation's file."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["file"].label = _("A policy file (TOML)")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        for problem in problems(cleaned["text"]):
            self.add_error("text", problem)
        return cleaned


def problems(text: str) -> list[str]:
    """Every defect of a file, each with its place."""
    try:
        parse_policy(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        return [said(str(error))]
    except PolicyError as error:
        return [finding_said(one).text(language()) for one in error.findings]
    return []


def draft_new(request: HttpRequest) -> HttpResponse:
    """Upload a file, or change the text of an edition: it becomes one of the desk that judges nothing yet."""
    person, base = access.to_administer(viewer(request)), request.GET.get("from", "")
    begun = {"text": edition_at(int(base)).text} if base.isascii() and base.isdecimal() else {}
    form = Draft(request.POST or None, request.FILES or None, initial=begun)
    if request.method == "POST" and form.is_valid():
        edition = actions.install(form.cleaned_data["text"], by=person)
        messages.success(request, _("{title}: on this desk as a draft").format(title=edition.title))
        return redirect("compare", edition.pk)
    return render(request, "desk/draft.html", {"form": form}, status=409 if form.errors else 200)


@require_POST
def install_shipped(request: HttpRequest, hash: str) -> HttpResponse:
    """Install a shipped edition as a draft."""
    person = access.to_administer(viewer(request))
    edition = actions.install(text_of(hash), by=person)
    messages.success(request, _("{title}: on this desk as a draft").format(title=edition.title))
    return redirect("regulation", edition.pk)


# --- compared ---


class Over(Form):
    """Which of the desk's cases an edition is tried on."""

    since = forms.DateField(required=False)
    against = forms.ModelChoiceField(Edition.objects.none(), required=False)

    def __init__(self, *args: Any, edition: Edition, **kwargs: Any) -> None:
        others = (
            Edition.objects.filter(policy=edition.policy)
            .exclude(pk=edition.pk)
            .order_by("-in_force", "-since", "-id")
        )
        since = day_field(_("Cases opened since"))
        against = Against(others, label=_("Compared with"), required=False, empty_label=None)
        super().__init__(*args, asked={"since": since, "against": against}, **kwargs)


class Against(forms.ModelChoiceField):  # type: ignore[type-arg]
    """Editions by what tells them apart."""

    def label_from_instance(self, obj: Any) -> str:
        return told_apart(obj)


def compare(request: HttpRequest, id: int) -> HttpResponse:
    """What this edition would change for the cases that the desk had under another."""
    access.to_administer(viewer(request))
    edition = edition_at(id)
    year_ago = clock.today() - dt.timedelta(days=YEAR)
    form = Over(request.GET or None, edition=edition, initial={"since": year_ago})
    found: Compared | None = None
    waits = False
    if request.GET and form.is_valid() and form.cleaned_data["against"]:
        try:
            found = looked_at(form.cleaned_data["against"], edition, form.cleaned_data["since"])
            waits = found is None
        except BihuanError as error:
            tell(form, error)
    others = form.fields["against"].queryset.exists()  # type: ignore[attr-defined]
    told = {"edition": edition, "form": form, "found": found, "others": others, "waits": waits}
    page = render(request, "desk/compare.html", told, status=409 if form.errors else 200)
    if waits:
        page["Refresh"] = str(AGAIN)
    return page


# --- in force ---


class Force(Written):
    """From which day to which."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        asked = {
            "since": day_field(_("First day"), required=True),
            "until": day_field(_("Last day")),
        }
        super().__init__(*args, asked=asked, **kwargs)
        self.fields["until"].help_text = _("empty: until another edition follows")

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until < since:
            self.add_error("until", _("the last day lies before the first"))
        return cleaned


def in_force(request: HttpRequest, id: int) -> HttpResponse:
    """Put an edition in force on purpose; cases that are open stay on their own."""
    person = access.to_administer(viewer(request))
    edition = edition_at(id)
    days = {name: day for name in ("since", "until") if (day := getattr(edition, name))}
    form = Force(request.POST or None, initial=days if edition.in_force else {"since": first_day(edition)})
    sent = request.method == "POST" and form.is_valid()
    if sent and done(form, lambda: put(edition, form.cleaned_data, person)):
        messages.success(request, _("{title}: in force").format(title=edition.title))
        return redirect("regulation", edition.pk)
    others = Edition.objects.filter(policy=edition.policy, in_force=True).exclude(pk=edition.pk)
    told = {"edition": edition, "form": form, "others": list(others.order_by("-since", "-id"))}
    return render(request, "desk/in_force.html", told, status=409 if form.errors else 200)


def first_day(edition: Edition) -> dt.date:
    """Today, or the day from which the text itself says that it holds, where that is still to come."""
    said = policy_of(edition.hash).header.edition
    return max(clock.today(), said) if isinstance(said, dt.date) else clock.today()


def put(edition: Edition, said: dict[str, Any], person: Person) -> None:
    hash, days = edition.hash, {name: said[name] for name in ("since", "until")}
    what = ["in_force", hash, *days.values()]
    once.run(person, said["key"], what, lambda: actions.put_in_force(hash, by=person, **days))
