"""Where is my complaint? For anybody, without logging in: the state of a case and its next due time, nothing else.

Asked by the case's number and the last four digits of the telephone number that is known of it. A wrong number and wrong
digits get the same answer after the same work; who asks too often waits.
"""

import datetime as dt
import hmac
import re
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.desk import counts, judging
from bihuan.desk.models import Case, Event, Obligation
from bihuan.desk.office import policy_of
from bihuan.desk.pages.forms import Form
from bihuan.desk.record import hashed
from bihuan.engine.policy import Policy
from bihuan.i18n import _

FROM_ONE = 20  # questions from one address
ABOUT_ONE = 5  # questions about one case
WITHIN = 3600  # seconds
NONE = "no number"


class Asked(Form):
    """Which case, and by whose number."""

    number = forms.CharField(max_length=64)
    digits = forms.RegexField(
        r"^[0-9]{4}$", max_length=4, widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].label = _("Number of your case")
        self.fields["digits"].label = _("Last four digits of your telephone number")
        self.fields["digits"].error_messages["invalid"] = _("four digits")


@dataclass(frozen=True)
class Standing:
    """What a customer is told."""

    state: str
    next: dt.datetime | None
    late: bool


@login_not_required
def where(request: HttpRequest) -> HttpResponse:
    """Ask, and be told."""
    form = Asked(request.POST or None)
    told: Standing | None = None
    status = 200
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"].strip()
        if too_often(request, number):
            form.add_error(None, _("You have asked too often. Try again in an hour, or call us."))
            status = 429
        else:
            told = found(number, form.cleaned_data["digits"])
            if told is None:
                form.add_error(None, _("No case goes with this number and these digits."))
                status = 404
    return render(request, "desk/where.html", {"form": form, "told": told}, status=status)


def too_often(request: HttpRequest, number: str) -> bool:
    """Counted by address and by the number asked for, whether there is such a case or not."""
    counts = [(f"from {request.META.get('REMOTE_ADDR', '')}", FROM_ONE), (f"about {number}", ABOUT_ONE)]
    over = [counted(name) > most for name, most in counts]  # both are counted, whichever is over
    return any(over)


def counted(name: str) -> int:
    """How often within the time, this one included."""
    return counts.counted(hashed("where", name), WITHIN)


def found(number: str, digits: str) -> Standing | None:
    """The case's standing if the digits are right. Where there is no such case, another one is looked up for nothing."""
    asked = (
        Case.objects.select_related("edition")
        .defer("edition__text")
        .filter(number=number, destroyed=None)
        .first()
    )
    other = (
        Case.objects.select_related("edition")
        .defer("edition__text")
        .filter(destroyed=None)
        .order_by("-last_at", "-id")
        .first()
    )
    case = asked or other
    if case is None:
        return None
    policy = policy_of(case.edition.hash)
    known = [hmac.compare_digest(one, digits) for one in endings(policy, list(case.events.order_by("seq")))]
    told = standing(case)
    return told if any(known) and asked is not None else None


def endings(policy: Policy, events: list[Event]) -> list[str]:
    """The last four digits of every telephone number that stands in the case."""
    facts = [name for name, fact in policy.facts.items() if fact.personal == "contact"]
    rows = [judging.given_of(events), *judging.standing(events)]
    told = [str(row[name]) for row in rows for name in facts if row.get(name)]
    numbers = [re.sub(r"\D", "", one) for one in told]
    return [one[-4:] for one in numbers if len(one) >= 7] or [NONE]


def standing(case: Case) -> Standing:
    """In plain words; whose work it is and what was said are nobody's to read here."""
    dues = Obligation.objects.filter(case=case, kind__in=("obligation", "callback"), due_at__isnull=False)
    late = dues.filter(state="overdue").exists()
    next = dues.filter(state="open").order_by("due_at").values_list("due_at", flat=True).first()
    if case.merged_into_id is not None:
        return Standing(_("It goes on together with another case."), None, False)
    if case.closed_at is not None:
        return Standing(_("It is closed."), None, False)
    return Standing(_("It is being handled."), next, late)
