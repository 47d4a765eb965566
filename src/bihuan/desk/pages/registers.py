"""Registers: the dated lists of subjects that rules are about, such as stations, workers, customers. For administrators."""

import json
from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bihuan.desk import access, actions, queries
from bihuan.desk.actions import once
from bihuan.desk.errors import DeskError
from bihuan.desk.models import Edition, Person, Registered
from bihuan.desk.office import policy_of
from bihuan.desk.pages.fields import labelled
from bihuan.desk.pages.forms import Written
from bihuan.desk.pages.refusals import done
from bihuan.desk.pages.weighed import day_field
from bihuan.desk.pages.whose import viewer
from bihuan.desk.pages.work import further
from bihuan.i18n import _
from bihuan.said import error_said

WHOLE = 2**53 - 1  # numbers beyond it are kept as text: tables do not hold them


def names() -> dict[str, str]:
    """Every register that an edition of the desk keeps, with its label, and those that have entries."""
    found = {
        name: name for name in Registered.objects.order_by().values_list("register", flat=True).distinct()
    }
    for hash in Edition.objects.order_by("in_force", "id").values_list("hash", flat=True):
        facts = policy_of(hash).facts.items()
        found |= {name: fact.label or name for name, fact in facts if fact.register_}
    return found


def told_of() -> Callable[[Registered], list[tuple[str, str]]]:
    """What is known of an entry, with the labels of facts and choices that some edition gives them."""
    facts = {
        name: fact
        for hash in Edition.objects.order_by("in_force", "id").values_list("hash", flat=True)
        for name, fact in policy_of(hash).facts.items()
    }
    return lambda one: [
        (labelled(name, facts[name]), facts[name].leaves.get(str(value), str(value)))
        if name in facts
        else (name, str(value))
        for name, value in one.facts.items()
    ]


class Entered(Written):
    """A subject, and what is known of it."""

    subject = forms.CharField(max_length=200)
    facts = forms.CharField(required=False, max_length=4000, widget=forms.Textarea({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        register = forms.ChoiceField(label=_("Register"), choices=list(names().items()))
        days = {"since": day_field(_("From")), "until": day_field(_("Until"))}
        super().__init__(*args, asked={"register": register, **days}, **kwargs)
        self.fields["subject"].label, self.fields["facts"].label = _("Subject"), _("What is known of it")
        self.fields["facts"].help_text = _("one a line: name = value")
        self.order_fields(["register", "subject", "since", "until", "facts"])

    def clean_facts(self) -> dict[str, Any]:
        lines = [line for line in self.cleaned_data["facts"].splitlines() if line.strip()]
        return dict(pair(line) for line in lines)


def pair(line: str) -> tuple[str, Any]:
    name, equals, value = (part.strip() for part in line.partition("="))
    if not equals or not name:
        raise ValidationError(_("{line}: expected name = value").format(line=line))
    return name, plain(value)


def plain(value: str) -> Any:
    """Numbers that can be counted with and yes or no as such, everything else as text.

    >>> plain("12"), plain("true"), plain("城东"), plain("NaN"), plain("1e999")
    (12, True, '城东', 'NaN', '1e999')
    """
    try:
        read = json.loads(value)
    except ValueError:
        return value
    is_number = isinstance(read, int | float) and -WHOLE <= read <= WHOLE
    return read if is_number else value


def registers(request: HttpRequest) -> HttpResponse:
    """What stands in the registers, and a form for one more."""
    person = access.to_administer(viewer(request))
    form = Entered(request.POST or None, initial={"register": request.GET.get("register")})
    sent = request.method == "POST" and form.is_valid()
    if sent and done(form, lambda: entered(form.cleaned_data, person)):
        messages.success(request, _("{name}: added").format(name=form.cleaned_data["subject"]))
        return redirect("registers")
    wanted, asked = (request.GET.get(name, "").replace("\0", "").strip() for name in ("register", "named"))
    rows = Registered.objects.filter(register=wanted) if wanted else Registered.objects.all()
    rows = rows.filter(subject__contains=asked) if asked else rows
    page = queries.keyed(rows, ("register", "subject", "id"), request.GET.get("after"), queries.SIZE)
    told = {
        "form": form,
        "names": names(),
        "rows": page.rows,
        "further": further(request, page.after),
        "wanted": wanted,
        "asked": asked,
        "known": told_of(),
    }
    return render(request, "desk/registers.html", told, status=409 if form.errors else 200)


def entered(said: dict[str, Any], by: Person) -> None:
    what = [said[name] for name in ("register", "subject", "facts")]
    days = {name: said[name] for name in ("since", "until")}
    once.run(by, said["key"], ["registered", *what], lambda: actions.add_subject(*what, by=by, **days))


@require_POST
def register_end(request: HttpRequest, id: int) -> HttpResponse:
    """The last day of a subject in its register."""
    person = access.to_administer(viewer(request))
    field = day_field(_("Last day"), required=True)
    try:
        actions.end_subject(id, by=person, until=field.clean(request.POST.get("until")))
    except ValidationError as error:
        messages.error(request, "; ".join(error.messages))
    except DeskError as error:
        messages.error(request, error_said(error))
    return redirect("registers")
