"""The dispatch board: which cases wait to be sent to a unit, how many each unit has, and sending or returning several."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.desk import access, clock
from bihuan.desk.asked import SENDS
from bihuan.desk.board import RETURNED, sends
from bihuan.desk.entitled import enterable, offices_of
from bihuan.desk.models import RUNNING, Case, Edition, Obligation, Person
from bihuan.desk.office import office_now, policy_of
from bihuan.desk.pages.left import Left, left
from bihuan.desk.pages.whose import viewer
from bihuan.desk.pages.work import further, is_part
from bihuan.desk.queries import SIZE, Page, keyed
from bihuan.desk.search.asking import marked
from bihuan.desk.tables import condition, marks
from bihuan.engine.listening import names_of
from bihuan.i18n import _

ORDER = ("opened_at", "id")


@dataclass(frozen=True)
class Waiting:
    """A case of the board, with the duty to send it or else what falls due first."""

    case: Case
    label: str  # of the last event
    duty: Obligation | None
    left: Left


@dataclass(frozen=True)
class Load:
    """How much a unit has."""

    unit: str
    cases: int
    overdue: int


def dispatch(request: HttpRequest) -> HttpResponse:
    """What waits, or with `unit` what a unit has."""
    person = viewer(request)
    editions = boards()
    policies = {one.policy: one.title for one in editions}
    chosen = request.GET.get("policy", "")
    mine = [one for one in editions if one.policy == chosen] or editions
    unit = request.GET.get("unit", "")
    rows = with_unit(person, mine, unit) if unit else on_board(person, mine, sent=False)
    page = keyed(rows.select_related("edition").defer("edition__text"), ORDER, request.GET.get("after"), SIZE)
    told: dict[str, Any] = {
        "policies": policies,
        "policy": chosen if chosen in policies else "",
        "unit": unit,
        "lines": lines(page),
        "further": further(request, page.after),
        "steps": steps(person, mine, returning=bool(unit)),
    }
    if is_part(request):
        return render(request, "desk/_dispatch.html", told)
    return render(request, "desk/dispatch.html", told | {"units": loads(person, mine)})


def boards() -> list[Edition]:
    """The editions under which cases are sent to units, with cases."""
    held = Edition.objects.filter(Exists(Case.objects.filter(edition=OuterRef("pk")))).defer("text")
    return [one for one in held.order_by("id") if sends(one.hash)]


def on_board(person: Person, editions: Sequence[Edition], *, sent: bool) -> QuerySet[Case]:
    """Open cases that wait to be sent to a unit, or that one has. By the index that says so: there is one by edition, too."""
    ids = [one.pk for one in editions]
    mine = access.cases_seen(person, marked(person)).filter(sent=sent)
    return mine.filter(condition(f"+desk_case.edition_id IN ({marks(ids)})", *ids))


def with_unit(person: Person, editions: Sequence[Edition], unit: str) -> QuerySet[Case]:
    return on_board(person, editions, sent=True).filter(unit=unit)


def loads(person: Person, editions: Sequence[Edition]) -> list[Load]:
    """The units that have open cases, those with the most overdue first."""
    cases = on_board(person, editions, sent=True).order_by().values("unit")
    counts = cases.annotate(n=Count("pk"), late=Count("pk", filter=Q(owed_at__lt=clock.now())))
    found = [Load(row["unit"], row["n"], row["late"]) for row in counts]
    return sorted(found, key=lambda one: (-one.overdue, -one.cases, one.unit))


def lines(page: Page[Case]) -> list[Waiting]:
    office, now, duties, found = office_now(), clock.now(), duties_of(page.rows), []
    for case in page.rows:
        policy, duty = policy_of(case.edition.hash), duties.get(case.pk)
        time = left(office, case.edition.hash, duty, now) if duty else Left("", "", 0.0)
        label = policy.event_labels.get(case.last_event, _(case.last_event))
        found.append(Waiting(case, label, duty, time))
    return found


def duties_of(cases: Sequence[Case]) -> dict[int, Obligation]:
    """By case the duty to send it on, also one whose limit is not in the text; else what falls due first."""
    editions = {case.pk: case.edition.hash for case in cases}
    due = Q(state__in=RUNNING, due_at__isnull=False) | Q(state="unset")
    found: dict[int, tuple[tuple[bool, bool, dt.datetime], Obligation]] = {}
    for row in Obligation.objects.filter(due, case__in=list(editions)).order_by("place"):
        sending = row.case_id is not None and is_sending(editions[row.case_id], row.rule)
        if row.case_id is None or not (sending or row.due_at):
            continue
        rank = (row.due_at is None, not sending, row.due_at or clock.now())
        if row.case_id not in found or rank < found[row.case_id][0]:
            found[row.case_id] = rank, row
    return {case: row for case, (_rank, row) in found.items()}


def is_sending(edition: str, rule: str) -> bool:
    owed = getattr(policy_of(edition).timed.get(rule), "owes", None)
    return bool(owed is not None and set(names_of(owed)) & set(SENDS))


def steps(person: Person, editions: Sequence[Edition], *, returning: bool) -> list[tuple[str, str]]:
    """What this person can do to several cases here: send them, or give them back or on."""
    wanted, held = (RETURNED, *SENDS) if returning else SENDS, offices_of(person)
    found: dict[str, str] = {}
    for edition in editions:
        labels, mine = policy_of(edition.hash).event_labels, enterable(edition.hash, held)
        found |= {name: labels.get(name, name) for name in wanted if name in mine}
    return [(name, found[name]) for name in wanted if name in found]
