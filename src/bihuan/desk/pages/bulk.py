"""The same event on several cases at once: chosen in a list, asked for once, done case by case, told case by case.

Each case has its own action, judged on its own; that one is refused changes nothing for the others.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from bihuan.desk import access, actions
from bihuan.desk.asked import SENDS, Asked, asked
from bihuan.desk.entitled import Offices, offices_of, open_to
from bihuan.desk.errors import DeskError, RefusedError
from bihuan.desk.models import Case, Person
from bihuan.desk.office import policy_of
from bihuan.desk.pages import asking, fields
from bihuan.desk.pages.forms import Entered
from bihuan.desk.pages.opening import starts
from bihuan.desk.pages.whose import viewer
from bihuan.i18n import _
from bihuan.said import error_said

MOST = 100  # cases at once
FEW = 1  # facts that an event may ask for, to be entered for several cases


@dataclass(frozen=True)
class Done:
    """What became of one case."""

    number: str
    well: bool
    said: str


class Together(Entered):
    """What the event asks for, the same for every case."""


def bulk(request: HttpRequest) -> HttpResponse:
    """Ask what the event needs, once; then enter it case by case."""
    person = viewer(request)
    data = request.POST or request.GET
    event, back = data.get("event", ""), back_to(request, data.get("back", ""))
    cases = chosen(person, data.getlist("case"))
    fits = [case for case in cases if may_be_bulk(case.edition.hash, event)]
    told: dict[str, Any] = {
        "event": event,
        "back": back,
        "cases": cases,
        "form": None,
        "done": None,
        "again": [],
    }
    told |= {"label": label_of(fits, event), "strange": len(cases) - len(fits)}
    if fits:
        form = Together(request.POST or None, asked=fields_of(fits, event))
        mark_wanted(form, fits, event)
        told["form"] = form
        if request.method == "POST" and form.is_valid():
            versions = {number: data.get(f"version-{number}", "") for number in data.getlist("case")}
            told["done"] = done = [
                one_by_one(person, case, event, form.cleaned_data, versions) for case in fits
            ]
            form.put("again", "on")  # of each that is left, what stands in its way is told now
            told["again"] = chosen(person, [one.number for one in done if not one.well])
    return render(request, "desk/bulk.html", told, status=status_of(told))


def status_of(told: Mapping[str, Any]) -> int:
    form, done = told["form"], told["done"]
    if form is None or form.errors:
        return 409
    return 409 if done and not any(one.well for one in done) else 200


def back_to(request: HttpRequest, address: str) -> str:
    """Where the list was; only addresses of this desk."""
    if address.startswith("/") and url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return address
    return reverse("work")


def chosen(person: Person, numbers: Sequence[str]) -> list[Case]:
    """The chosen cases that the person may see, each once, in the order of their numbers."""
    wanted = [number.replace("\0", "") for number in numbers[:MOST]]
    return list(
        access.cases_seen(person)
        .select_related("edition")
        .defer("edition__text")
        .filter(number__in=wanted)
        .order_by("number")
    )


def may_be_bulk(edition: str, event: str) -> bool:
    """Events that ask for little, and those that send a case somewhere."""
    one = asked(edition).get(event)
    return one is not None and (event in SENDS or len(typed(one)) <= FEW)


def typed(one: Asked) -> list[str]:
    """What has to be typed; the unit that has a case is known of each."""
    return [name for name in one.asks if name != "unit"]


def offered(person: Person, editions: Iterable[str], owed: Container[str] = ()) -> list[tuple[str, str]]:
    """Steps that somebody may take on several cases under some editions, with their labels; those that are owed come first."""
    found: dict[str, str] = {}
    held = offices_of(person)
    for edition in editions:
        for name, label in steps_of(edition, held).items():
            found.setdefault(name, label)
    return sorted(found.items(), key=lambda one: one[0] not in owed)


@lru_cache(maxsize=256)
def steps_of(edition: str, held: Offices) -> Mapping[str, str]:
    """Those that whoever holds these offices may take on several cases, with their labels."""
    policy, mine = policy_of(edition), open_to(edition, held)
    taken = [name for name in asked(edition) if name in mine and name not in starts(policy)]
    return {name: policy.event_labels.get(name, name) for name in taken if may_be_bulk(edition, name)}


def label_of(cases: Sequence[Case], event: str) -> str:
    return policy_of(cases[0].edition.hash).event_labels.get(event, event) if cases else event


def fields_of(cases: Sequence[Case], event: str) -> dict[str, forms.Field]:
    """What the editions of the cases ask for, each fact once."""
    found: dict[str, forms.Field] = {}
    for edition in {case.edition.hash: None for case in cases}:
        found = {**asking.of_event(edition, event, {}), **found}
    return found if event in SENDS else asking.leaving(found, asking.UNIT)


def mark_wanted(form: Together, cases: Sequence[Case], event: str) -> None:
    """What the event must carry is marked, and told where it was left empty: before anything is written."""
    form.full_clean()
    said = fields.carried(form.cleaned_data) if form.is_bound else {}
    for edition in {case.edition.hash: None for case in cases}:
        for fact, article in asking.wanted(edition, event, said).items():
            name = fields.PREFIX + fact
            if name not in form.fields:
                continue
            form.fields[name].wanted = True  # type: ignore[attr-defined]
            if form.is_bound and fact not in said and not form.has_error(name):
                form.add_error(name, _("{article} wants this").format(article=article))


def one_by_one(
    person: Person, case: Case, event: str, said: Mapping[str, Any], versions: Mapping[str, str]
) -> Done:
    facts, unit = asking.told(said)
    own = {name: value for name, value in facts.items() if name in policy_of(case.edition.hash).facts}
    seen = versions.get(case.number, "")
    if unit is None and "unit" in asked(case.edition.hash)[event].asks:
        unit = case.unit or None
    try:
        access.to_act(person, case.number)
        actions.append(
            case.number,
            event,
            by=person,
            facts=own,
            unit=unit,
            version=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 9 else None,
            key=f"{said['key'][:30]}:{case.number}",
            again=said["again"],
        )
    except DeskError as error:
        refused = isinstance(error, RefusedError) and error.findings
        return Done(case.number, False, error.message if refused else error_said(error))
    return Done(case.number, True, _("recorded"))
