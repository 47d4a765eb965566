"""Who there is: units as a tree with their people, new units and people. For administrators.

What may be done with one person is in `person`.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bihuan.desk import access, actions
from bihuan.desk.actions import once
from bihuan.desk.models import Edition, Person, Unit
from bihuan.desk.office import policy_of
from bihuan.desk.pages.forms import Written
from bihuan.desk.pages.refusals import done
from bihuan.desk.pages.whose import viewer
from bihuan.engine.declared import Role
from bihuan.i18n import _


@dataclass
class Branch:
    """A unit with its people and the units beneath it."""

    unit: Unit
    people: list[Person] = field(default_factory=list)
    parts: list["Branch"] = field(default_factory=list)


def people(request: HttpRequest) -> HttpResponse:
    """The tree, and everybody who is in no unit."""
    access.to_administer(viewer(request))
    found = Person.objects.order_by("-is_active", "code").select_related("unit")
    tops, rest = tree(list(Unit.objects.order_by("path")), list(found))
    return render(request, "desk/people.html", {"tops": tops, "rest": rest, "offices": offices()})


def offices() -> Mapping[int, list[str]]:
    """By person the roles held today, and for which unit where it is not the person's own."""
    labels, found = labels_of_roles(), defaultdict[int, list[str]](list)
    for one in access.held_today().select_related("unit", "person").order_by("id"):
        label = labels.get(one.role, one.role)
        elsewhere = one.unit if one.unit_id != one.person.unit_id else None
        found[one.person_id].append(f"{label} → {elsewhere.name}" if elsewhere else label)
    return {person: list(dict.fromkeys(held)) for person, held in found.items()}


def roles() -> dict[str, str]:
    """Every role by office that an edition of the desk names, with its label."""
    return {name: role.label for name, role in named_roles() if role.fact is None and not role.did}


def named_roles() -> Iterator[tuple[str, Role]]:
    """Every role of every edition on the desk, those in force last. Some may be held though a fact names who has them."""
    for hash in Edition.objects.order_by("in_force", "id").values_list("hash", flat=True):
        yield from policy_of(hash).roles.items()


def labels_of_roles() -> dict[str, str]:
    return {name: role.label for name, role in named_roles()}


def tree(units: list[Unit], people: list[Person]) -> tuple[list[Branch], list[Person]]:
    """The units under each other, in the order of their paths; and people without a unit."""
    branches = {unit.pk: Branch(unit) for unit in units}
    for person in people:
        if person.unit_id is not None:
            branches[person.unit_id].people.append(person)
    for branch in branches.values():
        if branch.unit.parent_id is not None:
            branches[branch.unit.parent_id].parts.append(branch)
    tops = [one for one in branches.values() if one.unit.parent_id is None]
    return tops, [person for person in people if person.unit_id is None]


def unit_field(label: str, *, empty: str = "—") -> "forms.ModelChoiceField[Unit]":
    units: QuerySet[Unit] = Unit.objects.order_by("path")
    return forms.ModelChoiceField(units, label=label, required=False, empty_label=empty)


def password_field(label: str, *, required: bool = True) -> forms.CharField:
    """A password that is not shown, and that a browser does not fill in."""
    widget = forms.PasswordInput({"autocomplete": "new-password"})
    return forms.CharField(label=label, required=required, widget=widget, max_length=128, strip=False)


class NewPerson(Written):
    """Somebody new."""

    code = forms.SlugField(max_length=150, allow_unicode=True)  # words of its own below: Django's say “slug”
    name = forms.CharField(max_length=150)
    administrator = forms.BooleanField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        password = password_field(_("First password"), required=False)
        asked = {"unit": unit_field(_("Unit")), "password": password}
        super().__init__(*args, asked=asked, **kwargs)
        self.fields["code"].label, self.fields["name"].label = _("Code"), _("Name")
        self.fields["code"].help_text = _("what events and regulations call the person; never changed")
        said = _("letters, digits, “-” and “_”, without spaces")
        self.fields["code"].error_messages["invalid"] = said
        self.fields["administrator"].label = _("Administrator")
        self.fields["password"].help_text = _("empty: the person cannot log in yet")
        self.order_fields(["code", "name", "unit", "password", "administrator"])

    def clean_password(self) -> str:
        typed: str = self.cleaned_data["password"]
        if typed:
            who = Person(code=self.cleaned_data.get("code", ""), name=self.cleaned_data.get("name", ""))
            validate_password(typed, who)
        return typed


def person_new(request: HttpRequest) -> HttpResponse:
    """Add somebody."""
    by = access.to_administer(viewer(request))
    form = NewPerson(request.POST or None)
    sent = request.method == "POST" and form.is_valid()
    if sent and done(form, lambda: added(form.cleaned_data, by)):
        messages.success(request, _("{name}: added").format(name=form.cleaned_data["name"]))
        return redirect("person", form.cleaned_data["code"])
    told = {"form": form, "heading": _("Add a person"), "press": _("Add"), "back": "people"}
    return render(request, "desk/form.html", told, status=409 if form.errors else 200)


def added(said: dict[str, Any], by: Person) -> None:
    who = said["code"], said["name"], said["unit"].name if said["unit"] else None
    how = {"password": said["password"] or None, "administrator": said["administrator"]}
    what = ["person", *who, said["administrator"]]
    once.run(by, said["key"], what, lambda: actions.add_person(*who, by=by, **how))


class NewUnit(Written):
    """A unit and what it is part of; one that is there already is moved."""

    name = forms.CharField(max_length=200)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        parent = unit_field(_("Part of"), empty=_("nothing: a top"))
        super().__init__(*args, asked={"parent": parent}, **kwargs)
        self.fields["name"].label = _("Name")
        self.fields["name"].help_text = _("a unit that is there already is put under the other")

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if any(part in name for part in "\n\r\t"):
            raise ValidationError(_("a name has one line"))
        return name


def unit_new(request: HttpRequest) -> HttpResponse:
    """Add a unit, or put one under another."""
    by = access.to_administer(viewer(request))
    form = NewUnit(request.POST or None)
    sent = request.method == "POST" and form.is_valid()
    if sent and done(form, lambda: placed(form.cleaned_data, by)):
        messages.success(request, _("{name}: added").format(name=form.cleaned_data["name"]))
        return redirect("people")
    told = {"form": form, "heading": _("Add or move a unit"), "press": _("Save"), "back": "people"}
    return render(request, "desk/form.html", told, status=409 if form.errors else 200)


def placed(said: dict[str, Any], by: Person) -> None:
    where = said["name"], said["parent"].name if said["parent"] else None
    once.run(by, said["key"], ["unit", *where], lambda: actions.add_unit(*where, by=by))
