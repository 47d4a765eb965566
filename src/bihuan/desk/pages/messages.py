"""Messages: what the desk tells a person, the newest first, and how many are not read."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from bihuan.desk import clock
from bihuan.desk.models import Message, Person
from bihuan.desk.pages.whose import viewer
from bihuan.desk.tables import fetch
from bihuan.desk.telling.texts import said
from bihuan.i18n import _

SIZE = 50
MANY = 99


def messages_page(request: HttpRequest) -> HttpResponse:
    person = viewer(request)
    rows = Message.objects.filter(person=person).order_by("-id")
    if (before := request.GET.get("before", "")).isdecimal() and len(before) < 19:
        rows = rows.filter(id__lt=int(before))
    found = list(rows.select_related("told__case__edition", "told__subject__edition")[: SIZE + 1])
    further = f"{request.path}?before={found[SIZE - 1].pk}" if len(found) > SIZE else None
    told: dict[str, Any] = {"lines": [(one, said(one.told)) for one in found[:SIZE]], "further": further}
    told["any_unread"] = any(one.read_at is None for one in found[:SIZE])
    told["last"] = found[0].pk if found else 0
    return render(request, "desk/messages.html", told)


@require_POST
def read(request: HttpRequest) -> HttpResponse:
    """Everything up to the newest that was on the page is read; what came meanwhile is not."""
    last = request.POST.get("last", "")
    if last.isdecimal() and len(last) < 19:
        mine = Message.objects.filter(person=viewer(request), read_at__isnull=True, id__lte=int(last))
        n = mine.update(read_at=clock.now())
        messages.success(request, _("{n} marked as read").format(n=n))
    return redirect("messages")


def unread(person: Person) -> str:
    """How many messages a person has not read; empty where none."""
    [(n,)] = fetch(UNREAD, person.pk, MANY + 1)
    return "" if n == 0 else str(n) if n <= MANY else f"{MANY}+"


UNREAD = (
    "SELECT COUNT(*) FROM "
    "(SELECT 1 FROM desk_message WHERE person_id = %s AND read_at IS NULL LIMIT %s) AS waiting"
)
