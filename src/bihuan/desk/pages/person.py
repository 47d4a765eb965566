"""One person: roles and deputies from–to, the account. Administrators change it; everybody sees their own.

The page has several small forms; `do` says which of them was sent, the others stay as they are.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bihuan.desk import access, actions, clock
from bihuan.desk.actions import once
from bihuan.desk.errors import DeskError, ForbiddenError, MissingError
from bihuan.desk.models import Deputy, Holding, Person
from bihuan.desk.pages.forms import Form, Written, out_of_date
from bihuan.desk.pages.people import labels_of_roles, password_field, roles, unit_field
from bihuan.desk.pages.refusals import tell
from bihuan.desk.pages.weighed import day_field
from bihuan.desk.pages.whose import viewer
from bihuan.i18n import _


class About(Written):
    """Something that is done with a person; as it stands, it needs no more than to be pressed."""

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        self.person = person
        super().__init__(*args, **kwargs)


class Spell(About):
    """From one day to another, both included."""

    def __init__(self, *args: Any, asked: dict[str, forms.Field], **kwargs: Any) -> None:
        days = {"since": day_field(_("From")), "until": day_field(_("Until"))}
        super().__init__(*args, asked={**asked, **days}, **kwargs)


class Grant(Spell):
    """A role for a unit."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        role = forms.ChoiceField(label=_("Role"), choices=[("", "—"), *roles().items()])
        unit = unit_field(_("For unit"), empty=_("every unit"))
        super().__init__(*args, asked={"role": role, "unit": unit}, **kwargs)


class Stand(Spell):
    """Somebody who stands in."""

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        others = Person.objects.filter(is_active=True).exclude(pk=person.pk).order_by("code")
        deputy = forms.ModelChoiceField(others, label=_("Deputy"))
        super().__init__(*args, person=person, asked={"deputy": deputy}, **kwargs)


class Ended(About):
    """The last day of a role or of a deputyship."""

    row = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        until = day_field(_("Last day"), required=True, today=True)
        super().__init__(*args, asked={"until": until}, **kwargs)


class Password(About):
    """A password for somebody else."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        asked: dict[str, forms.Field] = {"password": password_field(_("New password"))}
        tokens = actions.open_tokens(kwargs["person"].code)
        if tokens:
            said = _("Also revoke the API tokens that open the desk all the same: {n}").format(n=len(tokens))
            asked["revoke"] = forms.BooleanField(label=said, required=False)
        super().__init__(*args, asked=asked, **kwargs)

    def clean_password(self) -> str:
        typed: str = self.cleaned_data["password"]
        validate_password(typed, self.person)
        return typed


Doing = Callable[[Person, dict[str, Any], Person], Any]


def grant(person: Person, said: dict[str, Any], by: Person) -> Holding:
    unit = said["unit"].name if said["unit"] else None
    return actions.grant(person.code, said["role"], unit, by=by, since=said["since"], until=said["until"])


def stand(person: Person, said: dict[str, Any], by: Person) -> Deputy:
    other = said["deputy"].code
    return actions.add_deputy(person.code, other, by=by, since=said["since"], until=said["until"])


def end_role(person: Person, said: dict[str, Any], by: Person) -> Holding:
    if not Holding.objects.filter(pk=said["row"], person=person).exists():
        raise MissingError("this person has no such role")
    return actions.end_role(said["row"], by=by, until=said["until"])


def end_deputy(person: Person, said: dict[str, Any], by: Person) -> Deputy:
    if not Deputy.objects.filter(pk=said["row"], person=person).exists():
        raise MissingError("this person has no such deputy")
    return actions.end_deputy(said["row"], by=by, until=said["until"])


def password(person: Person, said: dict[str, Any], by: Person) -> Person:
    if said.get("revoke"):
        actions.revoke_tokens(person.code, by=by)
    return actions.set_password(person.code, said["password"], by=by)


def close(person: Person, said: dict[str, Any], by: Person) -> Person:
    return actions.close_account(person.code, by=by)


def administrator(person: Person, said: dict[str, Any], by: Person) -> Person:
    return actions.set_administrator(person.code, not person.is_administrator, by=by)


DOES: dict[str, tuple[type[Form], Doing]] = {
    "grant": (Grant, grant),
    "deputy": (Stand, stand),
    "end_role": (Ended, end_role),
    "end_deputy": (Ended, end_deputy),
    "password": (Password, password),
    "close": (About, close),
    "administrator": (About, administrator),
}


@dataclass(frozen=True)
class Held:
    """A role or a deputyship with the form that ends it, while it runs."""

    row: Any
    label: str
    ends: Form | None


def person(request: HttpRequest, code: str) -> HttpResponse:
    """Somebody's own page, or anybody's for an administrator."""
    by = viewer(request)
    if by.code != code:
        access.to_administer(by)
    found = Person.objects.select_related("unit").filter(code=code).first()
    if found is None:
        raise MissingError(f"there is no person {code}", person=code)
    sent: tuple[str, Form] | None = None
    if request.method == "POST":
        access.to_administer(by)
        sent = form_sent(request, found)
        if done(request, sent, found, by):
            return redirect("person", code)
    return render(request, "desk/person.html", shown(found, by, sent), status=409 if sent else 200)


def form_sent(request: HttpRequest, person: Person) -> tuple[str, Form]:
    do = request.POST.get("do", "")
    if do not in DOES:
        raise ForbiddenError("there is no such thing to do with a person")
    return do, DOES[do][0](request.POST, prefix=do, person=person)


def done(request: HttpRequest, sent: tuple[str, Form], person: Person, by: Person) -> bool:
    do, form = sent
    if not form.is_valid():
        if any(one.errors for one in form.hidden_fields()):  # its row or its form may be gone from the page
            messages.error(request, out_of_date())
        return False
    told = (str(value) for name, value in form.cleaned_data.items() if name not in ("key", "password"))
    what = [do, person.code, *told]
    try:
        once.run(by, form.cleaned_data["key"], what, lambda: DOES[do][1](person, form.cleaned_data, by))
    except DeskError as error:
        tell(form, error)
        return False
    messages.success(request, _("Done."))
    return True


def shown(person: Person, by: Person, sent: tuple[str, Form] | None) -> dict[str, Any]:
    now, labels = clock.today(), labels_of_roles()
    held = Holding.objects.filter(person=person).select_related("unit").order_by("id")
    deputies = Deputy.objects.filter(person=person).select_related("deputy").order_by("id")
    told: dict[str, Any] = {
        "person": person,
        "own": by.pk == person.pk,
        "administers": by.is_administrator,
        "roles": [
            Held(one, labels.get(one.role, one.role), ending("end_role", one, person, now, sent))
            for one in held
        ],
        "deputies": [
            Held(one, one.deputy.name, ending("end_deputy", one, person, now, sent)) for one in deputies
        ],
        "stands_for": list(Deputy.objects.filter(deputy=person).select_related("person").order_by("id")),
    }
    others = [do for do in DOES if not do.startswith("end_")] if by.is_administrator else []
    told["forms"] = {
        do: sent[1] if sent and sent[0] == do else DOES[do][0](prefix=do, person=person) for do in others
    }
    return told


def ending(do: str, row: Any, person: Person, now: dt.date, sent: tuple[str, Form] | None) -> Form | None:
    """The form that ends a row; the one that was sent, with what is wrong with it."""
    if row.until is not None and row.until < now:
        return None
    if sent and sent[0] == do and sent[1].data.get(f"{do}-row") == str(row.pk):
        return sent[1]
    return Ended(prefix=do, person=person, initial={"row": row.pk}, auto_id=f"{do}_{row.pk}_%s")
