"""Middleware around everything: every answer is counted and logged, and a database that cannot write is told as that."""

import logging
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from bihuan.desk.database import TURN, WAITS
from bihuan.desk.health import ANSWERED, TOOK
from bihuan.desk.models import Person
from bihuan.desk.patience import PATIENCE

LOG = logging.getLogger("bihuan.desk")
QUIET = ("healthz", "metrics")
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class Watching:
    """Which page, how it ended, how long it took; who only by the number of the account."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began, TURN.saved = time.perf_counter(), False
        with PATIENCE.limited(WAITS):
            answer = self.answer(request)
        took = time.perf_counter() - began
        page = name_of(request)
        method = request.method if request.method in METHODS else "other"
        ANSWERED.labels(page, method, str(answer.status_code)).inc()
        TOOK.labels(page).observe(took)
        if page not in QUIET:
            level = logging.ERROR if answer.status_code >= 500 else logging.INFO
            said = {
                "page": page,
                "method": request.method,
                "status": answer.status_code,
                "ms": round(took * 1000),
            }
            LOG.log(level, "answered", extra=said | {"person": person_of(request)})
        return answer


def name_of(request: HttpRequest) -> str:
    """The page by its name: an address may hold what somebody searched for."""
    match = request.resolver_match
    if match is None:
        return "static" if request.path.startswith("/static/") else "none"
    return match.view_name or "none"


def person_of(request: HttpRequest) -> int | None:
    """Who is logged in, as far as the page asked; else whose token was shown, though it was refused."""
    for known in (vars(request).get("user"), getattr(request, "_cached_user", None)):
        if known is not None and issubclass(type(known), Person):  # `isinstance` would ask the database
            return int(known.pk)
    return getattr(request, "asked_by", None)
