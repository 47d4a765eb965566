"""Middleware: the language of the person asking, and errors of the desk as pages rather than as tracebacks."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import override

from bihuan.desk.errors import DeskError, ForbiddenError, MissingError
from bihuan.i18n import _, speaking
from bihuan.said import error_said

Answering = Callable[[HttpRequest], HttpResponse]


class Speaking:
    """Speaks the language of the person's choice, else the desk's; tells what an action refused where no form does."""

    def __init__(self, answer: Answering) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        language = chosen if chosen in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
        with override(language), speaking("zh" if language.startswith("zh") else "en"):
            return self.answer(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if not isinstance(error, DeskError) or request.path.startswith("/api/"):
            return None
        status, heading = told(error)
        return render(
            request, "desk/refused.html", {"heading": heading, "said": error_said(error)}, status=status
        )


def told(error: DeskError) -> tuple[int, str]:
    if isinstance(error, ForbiddenError):
        return 403, _("You may not do this")
    if isinstance(error, MissingError):
        return 404, _("There is no such thing")
    return 409, _("This was refused")
