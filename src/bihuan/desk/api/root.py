"""The whole API: its resources, its description, its errors, and the language it answers in."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, re_path
from django.utils.translation import get_language_from_request, override
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation

from bihuan import __version__
from bihuan.desk.api import calendars, cases, files, outside, people, problems, regulations, whole, work
from bihuan.desk.api.tokens import Bearer
from bihuan.i18n import speaking

View = Callable[..., HttpResponse]
RESOURCES = (
    ("/cases", cases.router),
    ("/cases", files.router),
    ("", work.router),
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
        found = super().get_openapi_schema(path_prefix=path_prefix, path_params=path_params)
        for path in found["paths"].values():
            for operation in path.values():
                operation["summary"] = operation.get("description", "").partition(". ")[0].rstrip(".")
                for answer in operation["responses"].values():
                    restate(answer)
        for bound in self._get_bound_routers():
            for view in bound.path_operations.values():
                scoped(found, view.operations)
        return found

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return operation.view_func.__name__


def scoped(found: OpenAPISchema, operations: Sequence[Operation]) -> None:
    """Which scope each operation needs, where a description says what security it asks for."""
    scopes = {one.view_func.__name__: one.auth_callbacks for one in operations}
    for path in found["paths"].values():
        for told in path.values():
            if callbacks := scopes.get(told["operationId"]):
                told["security"] = [{"Bearer": [one.scope for one in callbacks if isinstance(one, Bearer)]}]


def restate(answer: dict[str, Any]) -> None:
    """An error has a media type of its own."""
    content = answer.get("content", {})
    schema = content.get("application/json", {}).get("schema", {})
    if schema.get("$ref", "").endswith("/Problem") or schema.get("title") == "Problem":
        answer["content"] = {problems.MEDIA: {"schema": {"$ref": "#/components/schemas/Problem"}}}


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
    found = [one for one in api.urls[0] if isinstance(one, URLPattern) and one.name != "api-root"]
    for one in found:
        one.callback = spoken(one.callback)
    return [*found, re_path("", spoken(problems.unknown))]


urls = patterns(), "api", "api"
