"""Middleware: the language of the person asking, and errors of the desk as pages rather than as tracebacks."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import override

from bihuan.desk.database import unanswered
from bihuan.desk.errors import DeskError, ForbiddenError, MissingError, UnavailableError
from bihuan.desk.pages import astray
from bihuan.i18n import _, speaking
from bihuan.said import said

Answering = Callable[[HttpRequest], HttpResponse]


class Speaking:
    """Speaks the language of the person's choice, else the desk's; tells what an action refused where no form does."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", "") and not request.path.startswith("/api/"):
            request.GET = without_nul(request.GET)  # type: ignore[assignment]
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with override(language), speaking("zh" if language.startswith("zh") else "en"):
            return self.answer(request)

    def process_view(self, request: HttpRequest, *view: Any) -> None:
        if request.method != "POST" or request.path.startswith("/api/"):
            return
        if any("\0" in one for _name, values in request.POST.lists() for one in values):
            request.POST = without_nul(request.POST)  # type: ignore[assignment]

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError):
            error = unanswered(error, reads=astray.reads(request))
        if not isinstance(error, DeskError) or request.path.startswith("/api/"):
            return None
        if isinstance(error, UnavailableError):  # a page that asks the database nothing
            return astray.unreached(request, error)
        status, heading = kind_of(error)
        told = {"heading": heading, "said": said(error.message)}  # which case or person, the address says
        return render(request, "desk/refused.html", told, status=status)


def kind_of(error: DeskError) -> tuple[int, str]:
    if isinstance(error, ForbiddenError):
        return 403, _("You may not do this")
    if isinstance(error, MissingError):
        return 404, _("There is no such thing")
    return 409, _("This was refused")


def without_nul(asked: QueryDict) -> QueryDict:
    """What no database holds cannot be looked for or kept: nothing of the kind is asked or typed."""
    found = asked.copy()
    for name, values in asked.lists():
        found.setlist(name, [value.replace("\0", "") for value in values])
    return found
