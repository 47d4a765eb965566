"""The files of a case: put there if they are what they say they are, handed out to whoever may see the case.

They never lie where the web server looks, and a browser is told to save them, not to show them.
"""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.views.decorators.http import require_POST, require_safe

from bihuan.desk import access, actions, files, queries
from bihuan.desk.actions import once
from bihuan.desk.attached import media_type
from bihuan.desk.errors import DeskError, MissingError
from bihuan.desk.models import Person
from bihuan.desk.pages.forms import Written
from bihuan.desk.pages.whose import viewer
from bihuan.desk.queries import Whole
from bihuan.i18n import _
from bihuan.said import error_said


class Attach(Written):
    """A file for the case, as its page asks for it."""

    file = forms.FileField(max_length=200)


@require_POST
def attach(request: HttpRequest, number: str) -> HttpResponse:
    """Put a file to the case."""
    person = viewer(request)
    access.to_act(person, number)
    form = Attach(request.POST, request.FILES)
    if not form.is_valid():
        messages.error(request, "; ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("case", number)
    file = form.cleaned_data["file"]
    try:
        put(number, file, form.cleaned_data, person)
    except DeskError as error:
        messages.error(request, error_said(error))
    else:
        messages.success(request, _("{name}: attached").format(name=file.name))
    return redirect("case", number)


def put(number: str, file: Any, said: dict[str, Any], person: Person) -> None:
    name, content = file.name, file.read()
    what = ["attach", number, name, len(content)]
    once.run(person, said["key"], what, lambda: actions.attach(number, name, content, by=person))


@require_safe
def download(request: HttpRequest, number: str, id: int) -> HttpResponseBase:
    """A file of a case that the person may see."""
    answer = handed_out(queries.whole(viewer(request), number), id)
    if answer is None:
        raise MissingError("this case has no such file", case=number)
    return answer


def handed_out(seen: Whole, id: int) -> FileResponse | None:
    """A file of a case, only ever to be saved, under its name as the viewer may see it; None where it is not there."""
    held = next((one for one in seen.attachments if one.pk == id), None)
    if held is None or not (place := files.place(held.sha256)).exists():
        return None
    name, kind = seen.veil.text(held.name), media_type(held.media_type)
    headers = {"X-Content-Type-Options": "nosniff"}
    return FileResponse(
        place.open("rb"), as_attachment=True, filename=name, content_type=kind, headers=headers
    )
