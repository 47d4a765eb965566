"""The same rows inserted and read by Django's models: what the desk's jobs cost before anybody judges or asks for rights.

The rows of a case and of an event come from a case that the desk itself wrote (`BARE_PATTERN`: before, and after the event).
"""

import json
import os
from functools import lru_cache
from typing import Any

from django.db import connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from bihuan.desk.database import writing
from bihuan.desk.models import Case, Event, Findable, Irregularity, Obligation, Reach
from bihuan.desk.queries import running

PARTS: tuple[Any, ...] = (Event, Obligation, Irregularity, Reach)
Rows = list[dict[str, Any]]


@lru_cache(maxsize=1)
def patterns() -> tuple[Case, list[Rows], str, Case, list[Rows], str]:
    """The rows of a new case, and those of one with an event more."""
    first, second = os.environ["BARE_PATTERN"].split()
    return (*held(first), *held(second))


def held(number: str) -> tuple[Case, list[Rows], str]:
    case = Case.objects.get(number=number)
    parts = [list(model.objects.filter(case=case).values()) for model in PARTS]
    return case, parts, Findable.objects.get(case=case).text


@csrf_exempt
def create(request: HttpRequest) -> HttpResponse:
    said = json.loads(request.body)
    case, parts, text, *_ = patterns()
    with writing():
        made = Case(**{one.attname: getattr(case, one.attname) for one in Case._meta.fields})
        made.pk, made.number = None, said["number"]
        made.save(force_insert=True)
        for model, rows in zip(PARTS, parts, strict=True):
            model.objects.bulk_create(model(**{**row, "id": None, "case_id": made.pk}) for row in rows)
        findable(made.pk, None, text)
    return JsonResponse({"number": made.number}, status=201)


@csrf_exempt
def append(request: HttpRequest, number: str) -> HttpResponse:
    json.loads(request.body)
    _, before, _, after, parts, text = patterns()
    events, obligations, *_ = parts
    with writing():
        case = Case.objects.get(number=number)
        case.version, case.last_event, case.last_at = after.version, after.last_event, after.last_at
        case.judged_at, case.wake_at, case.hash = after.judged_at, after.wake_at, after.hash
        case.save()
        fresh = [row for row in events if row["seq"] > before_version(before)]
        Event.objects.bulk_create(Event(**{**row, "id": None, "case_id": case.pk}) for row in fresh)
        there = list(Obligation.objects.filter(case=case).order_by("place"))
        changed, new = obligations[: len(there)], obligations[len(there) :]
        for one, row in zip(there, changed, strict=True):
            for name in ("state", "due_at", "done_at", "closed_by", "place"):
                setattr(one, name, row[name])
        Obligation.objects.bulk_update(there[:1], ["state", "due_at", "done_at", "closed_by", "place"])
        Obligation.objects.bulk_create(Obligation(**{**row, "id": None, "case_id": case.pk}) for row in new)
        findable(case.pk, Findable.objects.filter(case=case).values_list("text", flat=True).first(), text)
    return JsonResponse({"number": number, "seq": after.version}, status=201)


def before_version(rows: list[Rows]) -> int:
    return max((row["seq"] for row in rows[0]), default=0)


def findable(case: int, before: str | None, text: str) -> None:
    with connection.cursor() as cursor:
        if before is not None:
            cursor.execute(
                "INSERT INTO desk_words (desk_words, rowid, text) VALUES ('delete', %s, %s)", [case, before]
            )
            cursor.execute("UPDATE desk_findable SET text = %s WHERE case_id = %s", [text, case])
        else:
            cursor.execute("INSERT INTO desk_findable (case_id, text) VALUES (%s, %s)", [case, text])
        cursor.execute("INSERT INTO desk_words (rowid, text) VALUES (%s, %s)", [case, text])


def work(request: HttpRequest) -> HttpResponse:
    """Fifty that are owed, by due time."""
    rows = running(Obligation.objects.all())  # by the index, as the desk asks
    found = rows.select_related("case").order_by("due_at", "id")[:50]
    return render(request, "bare/work.html", {"rows": list(found)})


def case(request: HttpRequest, number: str) -> HttpResponse:
    """A case with its events and what it owes."""
    found = Case.objects.get(number=number)
    told = {
        "case": found,
        "events": list(found.events.order_by("seq")),
        "owed": list(found.obligations.order_by("place")),
        "wrong": list(found.irregularities.order_by("place")),
        "attachments": list(found.attachments.order_by("id")),
    }
    return render(request, "bare/case.html", told)
