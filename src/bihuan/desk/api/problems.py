"""Errors as RFC 9457 problem details, in the caller's language, with the articles behind a refusal.

Every error of the desk has a kind of its own here; what nobody foresaw stays a 500 of the server.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import DisallowedHost, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, Throttled, ValidationError
from pydantic import Field

from bihuan.desk.database import unanswered
from bihuan.desk.errors import (
    DeskError,
    DoubledError,
    ForbiddenError,
    MissingError,
    RefusedError,
    StaleError,
    UnavailableError,
)
from bihuan.engine.errors import BihuanError
from bihuan.i18n import _
from bihuan.said import said

MEDIA = "application/problem+json"
FINDING = ("article", "kind", "rule", "step", "event", "detail", "fact", "found", "expected")


class Finding(Schema):
    """What the regulation says against it, with its article."""

    article: str | None = None
    kind: str | None = None
    rule: str | None = None
    step: str | None = None
    event: str | None = None
    detail: str | None = None
    fact: str | None = None
    found: str | None = None
    expected: str | None = None


class Since(Schema):
    """An event that the writer had not seen."""

    seq: int
    event: str
    actor: str | None
    at: str


class Flaw(Schema):
    """What is wrong at a place of what was sent."""

    place: str
    says: str


class Problem(Schema):
    """RFC 9457, with findings (of the regulation), since (what happened meanwhile), flaws (of what was sent)."""

    type: str
    title: str
    status: int
    detail: str
    where: dict[str, str] = Field({})
    findings: list[Finding] = Field([])
    since: list[Since] = Field([])
    flaws: list[Flaw] = Field([])


def problem(
    kind: str, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None, **more: Any
) -> HttpResponse:
    told = {"type": f"urn:bihuan:{kind}", "title": title, "status": status, "detail": detail}
    text = json.dumps(told | {name: value for name, value in more.items() if value}, ensure_ascii=False)
    answer = HttpResponse(text, content_type=MEDIA, status=status)
    for name, value in (headers or {}).items():
        answer[name] = value
    return answer


# --- the desk's own errors ---


def of_desk(request: HttpRequest, error: BihuanError) -> HttpResponse:
    kind, status, title = sort_of(error)
    headers = {"Retry-After": "5"} if status == 503 else None
    found = getattr(error, "findings", ()) if isinstance(error, RefusedError) else ()
    detail = error.message if found else said(error.message)
    where = {name: str(value) for name, value in error.where.items()}
    since = happened(error.since) if isinstance(error, StaleError) else []
    return problem(kind, status, title, detail, headers, where=where, findings=findings(found), since=since)


def sort_of(error: BihuanError) -> tuple[str, int, str]:
    match error:
        case ForbiddenError():
            return "forbidden", 403, _("You may not do this")
        case MissingError():
            return "missing", 404, _("There is no such thing")
        case StaleError():
            return "stale", 409, _("Somebody else acted meanwhile")
        case DoubledError():
            return "doubled", 409, _("This was sent before")
        case UnavailableError():
            return "busy", 503, _("The database does not answer")
        case DeskError():
            return "refused", 409, _("This was refused")
    return "invalid", 422, _("What was sent cannot be used")


def findings(found: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    return [{name: str(one[name]) for name in FINDING if one.get(name) is not None} for one in found]


def happened(events: Iterable[Any]) -> list[dict[str, Any]]:
    return [
        {"seq": one.seq, "event": one.event, "actor": one.actor, "at": one.at.isoformat()} for one in events
    ]


# --- what cannot be read ---


def flaws_said() -> dict[str, str]:
    """What is wrong, by the kind of error of the library that reads."""
    return {
        "missing": _("is missing"),
        "extra_forbidden": _("is not known"),
        "string_type": _("is no text"),
        "string_unicode": _("is no text"),
        "string_too_long": _("is longer than {max_length} characters"),
        "string_too_short": _("is shorter than {min_length} characters"),
        "string_pattern_mismatch": _("has characters that are not allowed"),
        "int_type": _("is no whole number"),
        "int_parsing": _("is no whole number"),
        "int_parsing_size": _("is too large a number"),
        "int_from_float": _("is no whole number"),
        "float_type": _("is no number"),
        "float_parsing": _("is no number"),
        "finite_number": _("is no number"),
        "bool_parsing": _("is neither true nor false"),
        "bool_type": _("is neither true nor false"),
        "greater_than_equal": _("is less than {ge}"),
        "less_than_equal": _("is more than {le}"),
        "literal_error": _("is none of {expected}"),
        "dict_type": _("is no object"),
        "model_attributes_type": _("is no object"),
        "list_type": _("is no list"),
        "too_long": _("has more than {max_length} parts"),
        "too_short": _("has fewer than {min_length} parts"),
        "timezone_aware": _("has no zone, such as +08:00"),
        "value_error": _("lies outside the years 1970 to 2199"),
        "no_value": _("is no text, number, true or false, nor a list of such"),
    }


def of_validation(request: HttpRequest, error: ValidationError) -> HttpResponse:
    flaws = [flaw(one) for one in told_once(error.errors)]
    detail = "; ".join(f"{one['place']}: {one['says']}" for one in flaws[:5])
    return problem("invalid", 422, _("What was sent cannot be used"), detail, flaws=flaws)


BRANCHES = frozenset(("bool", "constrained-int", "constrained-float", "constrained-str"))
OF_TYPE = ("_type", "_parsing", "_parsing_size", "_unicode", "finite_number", "int_from_float")


def told_once(errors: Iterable[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """What may be of several kinds is tried as each; told is what breaks a bound, else that it is of no kind."""
    found: dict[tuple[Any, ...], Mapping[str, Any]] = {}
    for error in errors:
        place = tuple(
            part for part in error["loc"] if part not in BRANCHES and not str(part).startswith("list[")
        )
        is_branch = len(place) < len(error["loc"])
        kind = "no_value" if is_branch and str(error["type"]).endswith(OF_TYPE) else error["type"]
        if place not in found or found[place]["type"] == "no_value":
            found[place] = {**error, "loc": place, "type": kind}
    yield from found.values()


def flaw(error: Mapping[str, Any]) -> dict[str, str]:
    place = ".".join(str(part) for part in error.get("loc", ()) if part not in ("body", "said"))
    kind, told = error.get("type", ""), {**error.get("ctx", {})}
    if kind.startswith(("datetime", "date_")) or kind == "timezone_naive":
        return {"place": place, "says": _("is no date or instant as ISO 8601 writes it")}
    says = flaws_said().get(kind)
    return {"place": place, "says": says.format(**told) if says else str(error.get("msg", ""))}


# --- the rest ---


def of_http(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error, Throttled):
        wait = str(error.wait or 1)
        detail = _("try again in {n} seconds").format(n=wait)
        return problem("throttled", 429, _("Too many requests"), detail, {"Retry-After": wait})
    if error.status_code == 401:
        detail = _("send the header Authorization: Bearer and a token that is still good")
        return problem("unauthorized", 401, _("A token is needed"), detail, {"WWW-Authenticate": "Bearer"})
    no_json = error.message.startswith("Cannot parse request body")
    detail = _("the body cannot be read as JSON") if no_json else said(error.message)
    return problem("unreadable", error.status_code, _("What was sent cannot be used"), detail)


def unreadable(detail: str) -> HttpResponse:
    return problem("unreadable", 400, _("What was sent cannot be used"), detail)


def of_parts(request: HttpRequest, error: MultiPartParserError) -> HttpResponse:
    return unreadable(_("the parts of the body cannot be read"))


def of_suspicion(request: HttpRequest, error: Exception) -> HttpResponse:
    if isinstance(error, DisallowedHost):
        return unreadable(
            _("This desk does not go by that name. Whoever runs it adds the name to BIHUAN_HOSTS.")
        )
    if isinstance(error, RequestDataTooBig):
        return problem("too-large", 413, _("What was sent is too large"), _("send less at once"))
    return unreadable(_("the request is not one that this server takes"))


def of_database(request: HttpRequest, error: OperationalError) -> HttpResponse:
    return of_desk(request, unanswered(error, reads=request.method in ("GET", "HEAD")))


def of_defect(request: HttpRequest) -> HttpResponse:
    """Of ours; the log has it."""
    if request.method in ("GET", "HEAD"):
        said = _("Something is wrong in Bihuan itself. The log says what; nothing was changed.")
        return problem("defect", 500, _("Cannot be shown now"), said)
    said = _("Something is wrong in Bihuan itself. The log says what; this step was not recorded.")
    return problem("defect", 500, _("Not saved"), said)


def unknown(request: HttpRequest, error: Exception | None = None, **where: Any) -> HttpResponse:
    detail = _("there is nothing at {path}").format(path=request.path)
    return problem("missing", 404, _("There is no such thing"), detail)


def not_allowed(request: HttpRequest, allowed: str) -> HttpResponse:
    detail = _("here one may only {methods}").format(methods=allowed)
    return problem("method", 405, _("You may not do this"), detail, {"Allow": allowed})


def register(api: NinjaAPI) -> None:
    for kind, handler in (
        (BihuanError, of_desk),
        (ValidationError, of_validation),
        (HttpError, of_http),
        (SuspiciousOperation, of_suspicion),
        (MultiPartParserError, of_parts),
        (OperationalError, of_database),
        (Http404, unknown),
    ):
        api.add_exception_handler(kind, handler)  # type: ignore[arg-type]
