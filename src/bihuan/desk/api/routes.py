"""How an operation is declared: its scope, its answers, its idempotency key, the version its writer had seen.

`read`, `look`, `write` and `administer` put a function on a router.
"""

import re
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Annotated, Any, TypeVar

from django.http import HttpRequest
from ninja import Header, Router, Status
from ninja.errors import HttpError
from pydantic import Field

from bihuan.desk.actions import once
from bihuan.desk.api.tokens import Bearer, asker
from bihuan.desk.database import writing
from bihuan.i18n import _

View = TypeVar("View", bound=Callable[..., Any])
Receipt = Mapping[str, Any]
KEY = r"^[\w.:\-]{1,100}$"
Key = Annotated[
    str | None,
    Header(
        None,
        alias="Idempotency-Key",
        pattern=KEY,
        description="chosen by the client: the same request under the same key is carried out once",
    ),
]
Match = Annotated[
    str | None,
    Header(
        None,
        alias="If-Match",
        max_length=20,
        description="the version of the case that the writer has seen, as its ETag",
    ),
]
VERSION = re.compile(r'(?:W/)?"?(\d{1,9})"?')
Version = Annotated[int | None, Field(None, ge=0, le=2**31 - 1, description="as If-Match")]


def read(router: Router, path: str, answer: Any, **more: Any) -> Callable[[View], View]:
    return router.get(path, auth=Bearer("read"), response=answer, **more)


def look(router: Router, path: str, answer: Any, **more: Any) -> Callable[[View], View]:
    """Something that writes nothing but has more to say than fits an address."""
    return router.post(path, auth=Bearer("read"), response=answer, **more)


def write(
    router: Router, path: str, answer: Any, *, status: int = 201, scope: str = "write", **more: Any
) -> Callable[[View], View]:
    """Something that writes; its answer has this status."""
    put = router.post(path, auth=Bearer(scope), response={status: answer}, **more)

    def declared(view: View) -> View:
        @wraps(view)
        def answered(*args: Any, **kwargs: Any) -> Status[Any]:
            return Status(status, view(*args, **kwargs))

        put(answered)
        return view

    return declared


def administer(router: Router, path: str, answer: Any, **more: Any) -> Callable[[View], View]:
    return write(router, path, answer, scope="admin", **more)


def version_of(match: str | None, version: int | None) -> int | None:
    """The version that the writer has seen, told in the header or in the body."""
    if match is None or match == "*":
        return version
    found = VERSION.fullmatch(match)
    if found is None:
        said = _('If-Match is {found}: expected a version, such as "3"')
        raise HttpError(400, said.format(found=match))
    return int(found[1])


def carried_out(request: HttpRequest, key: str | None, what: Any, act: Callable[[], Receipt]) -> Receipt:
    """Do it once: its repetition under the same key writes nothing and has the same receipt.

    A receipt names what was written and says nothing of a case, which may be destroyed.
    """
    by, asked = asker(request), once.asked(key, request.method, request.path, what)
    with writing():
        before = once.answered(by, key, asked)
        if before is not None:
            return before
        receipt = act()
        once.keep(by, key, asked, receipt)
    return receipt
