"""Calendars: which there are and until when they are confirmed; next year's notice, which two administrators load.

One asks, after seeing which due times of open cases move; another approves, who sees the same. The old due times stay
in the records of their cases. Whether a file can be used is the reader of calendars' to say.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bihuan.desk import access, actions, clock
from bihuan.desk.actions import once
from bihuan.desk.actions.notices import waiting_notice, waiting_notices
from bihuan.desk.errors import DeskError
from bihuan.desk.models import Entry, Notice, Person
from bihuan.desk.office import office_now
from bihuan.desk.pages.refusals import tell
from bihuan.desk.pages.shifts import Shifts, shifts
from bihuan.desk.pages.uploaded import Uploaded
from bihuan.desk.pages.weighed import Weighed
from bihuan.desk.pages.whose import viewer
from bihuan.i18n import _

EPOCH = dt.date(1970, 1, 1)
SHORT = 60  # days before its confirmed days end in which a calendar asks for its next notice


@dataclass(frozen=True)
class Listed:
    """A calendar, and until when its days are confirmed."""

    name: str
    title: str
    zone: str
    confirmed: dt.date
    short: bool
    notices: list[str]


def calendars(request: HttpRequest) -> HttpResponse:
    """Everybody may see which days count."""
    viewer(request)
    today = clock.today()
    found = [listed(name, calendar, today) for name, calendar in office_now().calendars().items()]
    pending = waiting_notices()
    names = dict(Person.objects.filter(code__in=[one.by for one in pending]).values_list("code", "name"))
    told = {
        "calendars": found,
        "files": list(Notice.objects.order_by("name")),
        "pending": pending,
        "names": names,
    }
    return render(request, "desk/calendars.html", told)


def listed(name: str, calendar: Any, today: dt.date) -> Listed:
    confirmed = EPOCH + dt.timedelta(days=int(calendar.confirmed))
    said = calendar.declaration
    titles = [notice.title for notice in said.notices]
    return Listed(name, said.title, said.zone, confirmed, (confirmed - today).days < SHORT, titles[::-1])


class File(Uploaded, Weighed):
    """A calendar file."""

    name = forms.CharField(max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["name"])
        self.fields["name"].label = _("Name")
        self.fields["name"].help_text = _(
            "such as 2027; a file of the same name takes the place of the old one"
        )
        self.fields["file"].label = _("A calendar file (TOML)")


EXAMPLE = """\
[[notice]]
title = "国务院办公厅关于2027年部分节假日安排的通知"
calendar = "cn"
confirms = 2027-12-31
[notice.off]
"元旦" = ["2027-01-01..2027-01-03"]
"劳动节" = ["2027-05-01..2027-05-05"]
[notice.work]
"劳动节" = [2027-04-25, 2027-05-08]
"""


def calendar_new(request: HttpRequest) -> HttpResponse:
    """Look what a calendar file would move, then ask another administrator to approve it."""
    person = access.to_administer(viewer(request))
    form = File(request.POST or None, request.FILES or None)
    moved: Shifts | None = None
    if request.method == "POST" and form.is_valid():
        said = form.cleaned_data
        try:
            if form.confirmed:
                asked(said, person)
                messages.success(request, _("Asked for; another administrator approves it."))
                return redirect("calendars")
            moved = shifts(actions.preview_notice(said["name"], said["text"]))
            form.looked()
        except DeskError as error:
            tell(form, error)
    alone = not Person.objects.filter(is_administrator=True, is_active=True).exclude(pk=person.pk).exists()
    told = {"form": form, "moved": moved, "alone": alone, "example": EXAMPLE}
    return render(request, "desk/calendar_new.html", told, status=409 if form.errors else 200)


def asked(said: dict[str, Any], person: Person) -> None:
    what = said["name"], said["text"]
    once.run(person, said["key"], ["notice", *what], lambda: actions.ask_notice(*what, by=person))


class Answer(Weighed):
    """Approved, or declined with a reason."""

    reason = forms.CharField(required=False, max_length=500)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"].label = _("Why not, if it is declined")


def calendar_waiting(request: HttpRequest, id: int) -> HttpResponse:
    """Approve what another asked for after seeing what moves, or decline it."""
    person = access.to_administer(viewer(request))
    waiting = waiting_notice(id) if request.method != "POST" else waiting_or_done(id)
    if waiting is None:
        messages.info(request, _("This was answered meanwhile."))
        return redirect("calendars")
    form = Answer(request.POST or None)
    moved: Shifts | None = None
    if request.method == "POST" and form.is_valid():
        try:
            if "decline" in request.POST:
                actions.decline_notice(id, by=person, reason=form.cleaned_data["reason"])
                messages.success(request, _("Declined."))
                return redirect("calendars")
            if form.confirmed and waiting.by != person.code:
                done = actions.approve_notice(id, by=person)
                messages.success(request, _("Loaded; {n} due times moved.").format(n=len(done)))
                return redirect("calendars")
            moved = shifts(actions.preview_notice(waiting.content["name"], waiting.content["text"]))
            form.looked()
        except DeskError as error:
            tell(form, error)
    told = {"asked": waiting, "own": waiting.by == person.code, "form": form, "moved": moved}
    return render(request, "desk/calendar_waiting.html", told, status=409 if form.errors else 200)


def waiting_or_done(id: int) -> Entry | None:
    return next((entry for entry in waiting_notices() if entry.id == id), None)
