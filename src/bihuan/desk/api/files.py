"""Files of cases: put to a case, and handed out only ever to be saved."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import File, Form, Router
from ninja.files import UploadedFile

from bihuan.desk import access, actions, queries
from bihuan.desk.api import told
from bihuan.desk.api.cases import receipt
from bihuan.desk.api.routes import Key, Match, Version, carried_out, version_of, write
from bihuan.desk.api.tokens import Bearer, asker
from bihuan.desk.api.types import Existing, Id
from bihuan.desk.errors import MissingError
from bihuan.desk.pages.files import handed_out
from bihuan.desk.record import hashed

router = Router(tags=["files"])
BINARY = {"description": "The file", "content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}


@write(router, "/{anything:number}/attachments", told.Receipt)
def attach(
    request: HttpRequest,
    response: HttpResponse,
    number: Existing,
    file: UploadedFile = File(...),  # type: ignore[type-arg]  # noqa: B008
    version: Version = Form(None),  # type: ignore[type-arg]  # noqa: B008
    key: Key = None,
    match: Match = None,
) -> Any:
    """Put a file to the case. What it is its content says, not its name."""
    person = asker(request)
    access.to_act(person, number)
    content = file.read()
    seen = version_of(match, version)

    def act() -> dict[str, Any]:
        made = actions.attach(number, file.name or "", content, by=person, version=seen)
        return {"case": number, "seq": made.seq}

    asked = {"name": file.name, "sha": hashed(content.hex()), "version": seen}
    return receipt(request, response, carried_out(request, key, asked, act))


@router.get(
    "/{anything:number}/attachments/{id}",
    auth=Bearer("read"),
    response={200: None},
    openapi_extra={"responses": {200: BINARY}},
)
def get_attachment(request: HttpRequest, number: Existing, id: Id) -> Any:
    """A file of the case."""
    answer = handed_out(queries.whole(asker(request), number), id)
    if answer is None:
        raise MissingError(f"case {number} has no file {id}", case=number)
    return answer
