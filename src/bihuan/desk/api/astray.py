"""What Django answers itself, before a view or in place of one: a problem to whoever asks the API, a page to everybody else."""

import re
from collections.abc import Callable
from functools import wraps

from django.http import HttpRequest, HttpResponse

from bihuan.desk.api import problems
from bihuan.desk.api.root import spoken
from bihuan.desk.pages import astray

Answer = Callable[..., HttpResponse]
API = re.compile("/+api/")


def either(page: Answer, problem: Answer) -> Answer:
    told = spoken(problem)

    @wraps(page)
    def answered(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
        why = () if exception is None else (exception,)
        return (told if API.match(request.path) else page)(request, *why)

    return answered


malformed = either(astray.malformed, problems.of_suspicion)
nowhere = either(astray.nowhere, problems.unknown)
failed = either(astray.failed, problems.of_defect)
