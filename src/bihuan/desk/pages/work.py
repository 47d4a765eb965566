"""My work: what is owed, the earliest due first, with the time that is left."""

import datetime as dt
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.desk import access, clock, queries
from bihuan.desk.models import Person, Unit
from bihuan.desk.pages.bulk import offered
from bihuan.desk.pages.forms import Form
from bihuan.desk.pages.lines import lines
from bihuan.desk.pages.offered import ending
from bihuan.desk.pages.whose import viewer
from bihuan.desk.tables import fetch
from bihuan.i18n import _


class Filter(Form):
    """Which of the work; every field may be left empty."""

    policy = forms.ChoiceField(required=False)
    unit = forms.ChoiceField(required=False)
    kind = forms.ChoiceField(required=False)
    due = forms.ChoiceField(required=False)

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        units = access.units_seen(person)
        editions = fetch("SELECT policy, title FROM desk_edition WHERE in_force ORDER BY policy")
        choices: dict[str, tuple[str, list[tuple[str, str]]]] = {
            "policy": (_("Regulation"), list(dict(editions).items())),
            "unit": (_("Unit"), [(one, one) for one in (every_unit() if units is None else units)]),
            "kind": (
                _("What"),
                [
                    ("obligation", _("obligations")),
                    ("callback", _("callbacks")),
                    ("report", _("reports")),
                    ("window", _("windows")),
                ],
            ),
            "due": (_("Due"), [("over", _("overdue")), ("today", _("today")), ("week", _("within 7 days"))]),
        }
        for name, (label, found) in choices.items():
            self.fields[name].label = label
            self.fields[name].choices = [("", _("all")), *found]  # type: ignore[attr-defined]


def work(request: HttpRequest) -> HttpResponse:
    person = viewer(request)
    form = Filter(request.GET or None, person=person)
    wanted = form.cleaned_data if form.is_valid() else {}
    page = queries.worklist(
        person,
        kinds=[wanted["kind"]] if wanted.get("kind") else [],
        unit=wanted.get("unit") or None,
        policy=wanted.get("policy") or None,
        due_before=horizon(wanted.get("due", "")),
        after=request.GET.get("after"),
    )
    found = lines(page.rows)
    told = {"form": form, "lines": found, "further": further(request, page.after)}
    told["places"] = _(", ").join(one.name for one in access.acting_as(person)[1:])
    told["owed"] = owed = {name for one in found for name in ending(one.policy, one.row)}
    told["steps"] = offered(person, dict.fromkeys(one.edition for one in found if one.row.case_id), owed)
    return render(request, "desk/_work.html" if is_part(request) else "desk/work.html", told)


def horizon(due: str) -> dt.datetime | None:
    """Before when what is wanted falls due."""
    now, tomorrow = clock.now(), clock.tomorrow()
    return {"over": now, "today": tomorrow, "week": tomorrow + dt.timedelta(days=6)}.get(due)


def further(request: HttpRequest, after: str | None) -> str | None:
    """The address of the next page."""
    if after is None:
        return None
    query = request.GET.copy()
    query["after"] = after
    return f"{request.path}?{query.urlencode()}"


def is_part(request: HttpRequest) -> bool:
    """Whether htmx asks for the rows alone."""
    return bool(getattr(request, "htmx", None)) and not request.htmx.boosted  # type: ignore[attr-defined]


def every_unit() -> list[str]:
    return list(Unit.objects.order_by("path").values_list("name", flat=True))
