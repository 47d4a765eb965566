"""Supervision: what is late, what will be late today and this week, by unit, regulation and rule; figures and their lists.

A figure and the list behind it come of one and the same filter, so that they agree. Counts only what has a due time.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from bihuan.desk import access, clock
from bihuan.desk.models import Edition, Obligation, Person
from bihuan.desk.office import policy_of
from bihuan.desk.pages import figures
from bihuan.desk.pages.lines import lines
from bihuan.desk.pages.whose import viewer
from bihuan.desk.pages.work import further, is_part
from bihuan.desk.queries import BY_DUE, SIZE, keyed, running
from bihuan.i18n import _
from bihuan.words import WEEKDAYS

WHEN = ("late", "today", "week")
BY = ("unit", "rule")
MOST = 40  # rows of a chart
DAYS = 14  # of the outlook


@dataclass(frozen=True)
class Bar:
    """A row of the chart: how many are late, will be today, and within seven days."""

    name: str
    label: str
    late: int
    today: int
    week: int

    @property
    def total(self) -> int:
        return self.late + self.today + self.week


@dataclass(frozen=True)
class Day:
    """How many fall due on a day."""

    label: str
    weekday: str
    count: int


def supervision(request: HttpRequest) -> HttpResponse:
    person = viewer(request)
    asked = {name: request.GET.get(name, "") for name in ("policy", "unit", "rule", "when", "by")}
    by = asked["by"] if asked["by"] in BY else "unit"
    when = asked["when"] if asked["when"] in WHEN else ""
    rows = narrowed(owed(person), asked)
    wanted = rows.filter(span(when)) if when else rows.filter(span("late") | span("today"))
    wanted = wanted.select_related("case__edition", "subject__edition")
    page = keyed(wanted, BY_DUE, request.GET.get("after"), SIZE)
    told: dict[str, Any] = {"lines": lines(page.rows), "further": further(request, page.after), "steps": []}
    if is_part(request):
        return render(request, "desk/_work.html", told)
    editions = Edition.objects.filter(cases__isnull=False).distinct().values_list("policy", "title")
    bars = chart(rows, by)
    told |= {
        "asked": asked,
        "by": by,
        "rule_said": labels_of([{"rule": asked["rule"]}], "rule").get(asked["rule"], asked["rule"]),
        "when": when,
        "policies": dict(editions),
        "bars": bars[:MOST],
        "left_off": len(bars) - MOST,
        "most": max((bar.total for bar in bars), default=0),
        "sums": {name: sum(getattr(bar, name) for bar in bars) for name in WHEN},
        "days": outlook(rows),
        "figures": figures.taken(person, asked["policy"]),
        "link": lambda **other: address(request, asked, other),
    }
    return render(request, "desk/supervision.html", told)


def address(request: HttpRequest, asked: Mapping[str, str], other: Mapping[str, str]) -> str:
    """This page with something asked otherwise."""
    wanted = {name: value for name, value in {**asked, **other}.items() if value}
    return f"{request.path}?{urlencode(wanted)}"


def owed(person: Person) -> QuerySet[Obligation]:
    """What runs and has a due time; what may be done but need not (windows) is never late."""
    return running(access.obligations_seen(person)).exclude(kind="window")


def narrowed(rows: QuerySet[Obligation], asked: Mapping[str, str]) -> QuerySet[Obligation]:
    if asked["policy"]:
        rows = rows.filter(
            Q(case__edition__policy=asked["policy"]) | Q(subject__edition__policy=asked["policy"])
        )
    if asked["unit"]:
        rows = rows.filter(unit=None if asked["unit"] == NOBODY else asked["unit"])
    return rows.filter(rule=asked["rule"]) if asked["rule"] else rows


NOBODY = "-"  # the unit of what no unit owes


def span(when: str) -> Q:
    """What is late, what will be before midnight, what will be on the six days after."""
    now, night = clock.now(), clock.tomorrow()
    return {
        "late": Q(due_at__lt=now),
        "today": Q(due_at__gte=now, due_at__lt=night),
        "week": Q(due_at__gte=night, due_at__lt=night + dt.timedelta(days=6)),
    }[when]


def chart(rows: QuerySet[Obligation], by: str) -> list[Bar]:
    """Counted by the database in one question; those with the most late first."""
    counts = {name: Count("pk", filter=span(name)) for name in WHEN}
    week = clock.tomorrow() + dt.timedelta(days=6)
    found = list(rows.filter(due_at__lt=week).order_by().values(by).annotate(**counts))
    labels = labels_of(found, by)
    bars = [
        Bar(name := row[by] or NOBODY, labels.get(name, name), *(row[one] for one in WHEN)) for row in found
    ]
    return sorted(bars, key=lambda bar: (-bar.late, -bar.total, bar.name))


def labels_of(found: Iterable[Mapping[str, Any]], by: str) -> dict[str, str]:
    if by == "unit":
        return {NOBODY: _("no unit")}
    wanted = {row["rule"] for row in found}
    policies = [policy_of(hash) for hash in Edition.objects.values_list("hash", flat=True)]
    return {
        name: f"{policy.article_of(name)} {policy.says(name)}"
        for policy in policies
        for name in wanted & policy.timed.keys()
    }


def outlook(rows: QuerySet[Obligation]) -> list[Day]:
    """How many fall due on each of the coming days, today first."""
    now, following = clock.now(), clock.tomorrow()
    edges = [following + dt.timedelta(days=n) for n in range(-1, DAYS)]
    asked = {
        f"d{n}": Count("pk", filter=Q(due_at__gte=max(now, edges[n]), due_at__lt=edges[n + 1]))
        for n in range(DAYS)
    }
    found = rows.filter(due_at__gte=now, due_at__lt=edges[-1]).aggregate(**asked)
    return [day_of(timezone.localtime(edges[n]), found[f"d{n}"]) for n in range(DAYS)]


def day_of(day: dt.datetime, count: int) -> Day:
    return Day(f"{day:%m-%d}", _(WEEKDAYS[day.weekday()]), count)
