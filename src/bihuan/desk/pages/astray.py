"""What is answered where no page answers: an address that leads nowhere, a form without its token, a defect of ours.

Asks the database nothing more than the frame of every page does; after a defect, nothing at all.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.i18n import _


def nowhere(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """There is no such page."""
    said = _("The address {path} leads nowhere. Perhaps it was copied only in part.").format(
        path=request.path
    )
    return refused(request, _("There is no such page"), said, 404)


def malformed(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Django could not read what was sent."""
    return refused(request, _("This was refused"), _("What the browser sent could not be read."), 400)


def unproven(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the token of this session: an old page, or one of somebody else."""
    said = _(
        "This page is older than your login. Go back, copy what you typed, load the page again and send it."
    )
    return refused(request, _("This was refused"), said, 403)


def failed(request: HttpRequest) -> HttpResponse:
    """A defect; the log has it."""
    said = _("Something is wrong in Bihuan itself. The log says what; this step was not recorded.")
    return render(request, "desk/unavailable.html", {"said": said, "typed": {}}, status=500)


def refused(request: HttpRequest, heading: str, said: str, status: int) -> HttpResponse:
    return render(request, "desk/refused.html", {"heading": heading, "said": said}, status=status)
