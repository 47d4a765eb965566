"""The whole API: its resources, its description, its errors, and the language it answers in."""

from collections.abc import Callable, Iterable, Iterator
from functools import wraps
from http.client import responses
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path, register_converter
from django.utils.translation import get_language_from_request, override
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from bihuan import __version__
from bihuan.desk import numbers
from bihuan.desk.api import (
    archives,
    calendars,
    cases,
    figures,
    files,
    messages,
    outside,
    people,
    problems,
    regulations,
    whole,
    work,
)
from bihuan.desk.api.problems import Problem
from bihuan.desk.api.tokens import Bearer
from bihuan.i18n import speaking

register_converter(numbers.Anything, "anything")

View = Callable[..., HttpResponse]
REFUSALS = (400, 401, 403, 404, 405, 409, 413, 422, 429, 503)
RESOURCES = (
    ("/cases", cases.router),
    ("/cases", files.router),
    ("", work.router),
    ("", archives.router),
    ("", figures.router),
    ("", messages.router),
    ("", regulations.router),
    ("", people.router),
    ("", calendars.router),
    ("", outside.router),
    ("", whole.router),
)
ABOUT = (
    "What the desk's pages do, for other programs. Errors are problem details (RFC 9457) in the language of "
    "Accept-Language; lists are pages with a cursor; writes take an Idempotency-Key. docs/api.md explains it."
)


class Api(NinjaAPI):
    """Describes errors as what they are, and names the scope that an operation needs."""

    def get_openapi_schema(self, *, path_prefix: str | None = None, path_params: Any = None) -> OpenAPISchema:
        if not hasattr(self, "described"):
            self.described = described(
                super().get_openapi_schema(path_prefix="api/"), list(self.operations())
            )
        return self.described

    def operations(self) -> Iterator[Operation]:
        for bound in self._get_bound_routers():
            for view in bound.path_operations.values():
                yield from view.operations

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


def described(found: OpenAPISchema, operations: Iterable[Operation]) -> OpenAPISchema:
    """With every error that any operation may answer, and the scope that each needs."""
    scopes = {one.view_func.__name__: one.auth_callbacks for one in operations}
    for path in found["paths"].values():
        for told in path.values():
            told["summary"] = told.get("description", "").partition(". ")[0].rstrip(".")
            callbacks = [one for one in scopes[told["operationId"]] if isinstance(one, Bearer)]
            told["security"] = [{"Bearer": [one.scope]} for one in callbacks]
            told["responses"] |= {
                str(status): {"$ref": f"#/components/responses/{status}"} for status in REFUSALS
            }
    problem = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    found["components"]["schemas"] |= problem.pop("$defs") | {"Problem": problem}
    content = {problems.MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    found["components"]["responses"] = {
        str(status): {"description": responses[status], "content": content} for status in REFUSALS
    }
    return found


api = Api(title="Bihuan", version=__version__, description=ABOUT, docs_url=None, urls_namespace="api")
problems.register(api)
for place, router in RESOURCES:
    api.add_router(place, router)


def spoken(view: View) -> View:
    """Answered in the caller's language; who may call is asked by the operation itself, by its token."""

    @csrf_exempt
    @login_not_required
    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        language = get_language_from_request(request)
        with override(language), speaking("zh" if language.startswith("zh") else "en"):
            answer = view(request, *args, **kwargs)
            if answer.status_code == 405:
                answer = problems.not_allowed(request, answer["Allow"])
        answer["Content-Language"] = language
        answer["Cache-Control"] = "no-store"
        return answer

    return answered


def patterns() -> list[URLPattern]:
    """A case alone comes last: its number may be several parts of the path (`numbers`)."""
    found = [one for one in api.urls[0] if isinstance(one, URLPattern)]
    found.sort(key=lambda one: str(one.pattern).endswith("<anything:number>"))
    for one in found:
        one.callback = spoken(problems.unknown if one.name == "api-root" else one.callback)
    return [*found, re_path("", spoken(problems.unknown))]


urls = patterns(), "api", "api"
