"""Setting a parameter that a regulation leaves open: first which due times of open cases move, then the value."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from bihuan.desk import access, actions
from bihuan.desk.actions import once
from bihuan.desk.errors import MissingError
from bihuan.desk.models import Edition, Person
from bihuan.desk.office import office_now, policy_of
from bihuan.desk.pages.refusals import tell
from bihuan.desk.pages.regulations import edition_at, plain, set_one
from bihuan.desk.pages.shifts import Shifts, shifts
from bihuan.desk.pages.weighed import Weighed
from bihuan.desk.pages.whose import viewer
from bihuan.engine.errors import BihuanError
from bihuan.engine.parameters import parameter_values, wanted
from bihuan.engine.policy import Policy
from bihuan.i18n import _


class Value(Weighed):
    """A value as it would stand in a file, and why."""

    reason = forms.CharField(max_length=500, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, policy: Policy, name: str, **kwargs: Any) -> None:
        super().__init__(*args, asked={"value": value_field(policy, name)}, **kwargs)
        self.fields["reason"].label = _("Why this value")
        self.order_fields(["value", "reason"])


def value_field(policy: Policy, name: str) -> forms.Field:
    declared, own = policy.parameters.get(name), parameter_values(policy)[name]
    choices = declared.choices if declared else ()
    if choices:
        listed = [(written(one), plain(policy, one)) for one in choices]
        return forms.ChoiceField(label=_("Value"), choices=[("", "—"), *listed])
    help = {
        "limit": _("a limit such as 3 working days, 2 hours or 1 month"),
        "period": _("a period such as 'calendar month' or '3 months'"),
        "number": _("a number such as 20 or 0.95"),
        "flag": _("yes or no as true or false"),
    }
    another = _("a number, a day such as 2026-01-31, or yes or no as true or false")
    said = help.get(wanted(own, declared) or "", another)
    return forms.CharField(label=_("Value"), max_length=200, help_text=said)


def written(value: Any) -> str:
    """As a file would have it.

    >>> written(True), written(2), written("accepted")
    ('true', '2', 'accepted')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def parameter(request: HttpRequest, id: int, name: str) -> HttpResponse:
    """Look what a value would move, then set it."""
    person = access.to_administer(viewer(request))
    edition, office = edition_at(id), office_now()
    policy, values = policy_of(edition.hash), office.parameters(edition.hash)
    if name not in values:
        raise MissingError(f"{policy.id} has no parameter {name!r}")
    form = Value(request.POST or None, policy=policy, name=name)
    moved: Shifts | None = None
    if request.method == "POST" and form.is_valid():
        try:
            moved = looked_or_set(form, edition, name, person)
        except BihuanError as error:
            tell(form, error)
        else:
            if moved is None:
                said = set_one(policy, values, parameter_values(policy), name).why or name
                messages.success(request, _("{name}: set").format(name=said))
                return redirect("regulation", edition.pk)
    stands = set_one(policy, values, parameter_values(policy), name)
    told = {"edition": edition, "stands": stands, "form": form, "moved": moved}
    return render(request, "desk/parameter.html", told, status=409 if form.errors else 200)


def looked_or_set(form: Value, edition: Edition, name: str, person: Person) -> Shifts | None:
    """What would move; None where it was looked at before and is set now."""
    said = form.cleaned_data
    if not form.confirmed:
        moved = shifts(actions.preview_parameter(edition.policy, name, said["value"]))
        form.looked()
        return moved
    what = ["parameter", edition.policy, name, said["value"]]
    once.run(person, said["key"], what, lambda: set_(edition.policy, name, said, person))
    return None


def set_(policy: str, name: str, said: dict[str, Any], person: Person) -> None:
    actions.set_parameter(policy, name, said["value"], by=person, reason=said["reason"])
