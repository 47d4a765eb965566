"""What is answered where no page answers: an address that leads nowhere, a form without its token, a defect of ours, a
database that does not answer.

Asks the database nothing more than the frame of every page does; after a defect, and where the database is what fails,
nothing at all: not even who is asking, for which each question would wait as long again.
"""

import re
import sys
from collections.abc import Sequence
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import DisallowedHost
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string

from bihuan.desk.database import unanswered
from bihuan.desk.errors import Outcome, UnavailableError
from bihuan.desk.pages.words import hidden
from bihuan.i18n import _, language
from bihuan.said import error_said

CHOSEN = re.compile(r"[a-z0-9_,./-]*")  # picked from a list or carried unseen: sent again, not shown


def nowhere(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """There is no such page."""
    said = _("The address {path} leads nowhere. Perhaps it was copied only in part.").format(
        path=request.path
    )
    return refused(request, _("There is no such page"), said, 404)


def malformed(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Django could not read what was sent, perhaps before it was asked who this is."""
    if not hasattr(request, "user"):
        request.user = AnonymousUser()
    said = _("What the browser sent could not be read.")
    if isinstance(exception, DisallowedHost):
        said = _("This desk does not go by that name. Whoever runs it adds the name to BIHUAN_HOSTS.")
    return refused(request, _("This was refused"), said, 400)


def unproven(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the token of this session: an old page, or one of somebody else, which is not sent on from here."""
    said = _("This page is older than your login. Copy what you typed, load the page again and send it.")
    kept = [one for values in typed(request).values() for one in values if not CHOSEN.fullmatch(one)]
    return refused(request, _("This was refused"), said, 403, kept)


def failed(request: HttpRequest) -> HttpResponse:
    """A defect; the log has it. Or the database went before a page was reached: while it was asked who this is."""
    if isinstance(error := sys.exception(), OperationalError):
        return unreached(request, unanswered(error, reads=reads(request)))
    if reads(request):
        said = _("Something is wrong in Bihuan itself. The log says what; nothing was changed.")
        return alone(request, said, {}, 500, headings()["read"])
    said = _("Something is wrong in Bihuan itself. The log says what; this step was not recorded.")
    return alone(request, said, {}, 500, headings()["unsaved"])


def unreached(request: HttpRequest, error: UnavailableError) -> HttpResponse:
    """The database cannot take it now: what was typed is kept, to be sent again where it is not saved already."""
    kept = {} if error.outcome == "saved" else typed(request)
    return alone(request, error_said(error), kept, 503, headings()[error.outcome])


def reads(request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD")


def headings() -> dict[Outcome, str]:
    return {
        "read": _("Cannot be shown now"),
        "unsaved": _("Not saved"),
        "saved": _("Saved, but cannot be shown"),
        "unsure": _("Perhaps saved, perhaps not"),
    }


def alone(
    request: HttpRequest, said: str, kept: dict[str, list[str]], status: int, heading: str
) -> HttpResponse:
    """A page without the frame of all others."""
    told = {
        "heading": heading,
        "again": request.get_full_path() if reads(request) else "",
        "said": said,
        "typed": kept,
        "written": [
            one
            for name, values in kept.items()
            if name != "key"
            for one in values
            if not CHOSEN.fullmatch(one)
        ],
        "lang": "zh-Hans" if language() == "zh" else "en",
        "csrf_input": hidden("csrfmiddlewaretoken", get_token(request)),
    }
    return HttpResponse(render_to_string("desk/unavailable.html", told), status=status)


def typed(request: HttpRequest) -> dict[str, list[str]]:
    """What the form held, to be sent again as it was; never a password."""
    if request.method != "POST" or any("password" in name for name in request.POST):
        return {}
    return {name: values for name, values in request.POST.lists() if name != "csrfmiddlewaretoken"}


def refused(
    request: HttpRequest, heading: str, said: str, status: int, written: Sequence[str] = ()
) -> HttpResponse:
    told = {"heading": heading, "said": said, "written": written}
    return render(request, "desk/refused.html", told, status=status)
