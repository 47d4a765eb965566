"""The first steps on an empty desk, for whoever made it: what is there already and what comes next.

Shown as the first page until somebody holds a role. Does nothing itself.
"""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from bihuan.desk import access
from bihuan.desk.models import Case, Edition, Holding, Person, Unit
from bihuan.desk.pages.whose import viewer
from bihuan.i18n import _


@dataclass(frozen=True)
class First:
    """A step, where it is done, and whether it is."""

    says: str
    links: list[tuple[str, str]]
    done: bool


def begun() -> bool:
    """Whether somebody holds a role, so that cases can be accepted."""
    return Holding.objects.exists()


def begin(request: HttpRequest) -> HttpResponse:
    """What is to be done before the first case."""
    person = access.to_administer(viewer(request))
    return render(request, "desk/begin.html", {"steps": firsts(person)})


def firsts(person: Person) -> list[First]:
    regulations = [(reverse("regulations"), _("Regulations"))]
    units = [(reverse("unit_new"), _("Add or move a unit")), (reverse("person_new"), _("Add a person"))]
    roles = [
        (reverse("person", args=[person.code]), _("Give yourself a role")),
        (reverse("people"), _("People and units")),
    ]
    first = [(reverse("intake"), _("Intake"))]
    return [
        First(_("Put a regulation in force."), regulations, Edition.objects.filter(in_force=True).exists()),
        First(_("Enter units and people; alone, one can do without."), units, Unit.objects.exists()),
        First(_("Give roles: they say who may do what."), roles, begun()),
        First(_("Accept the first case."), first, Case.objects.exists()),
    ]
