"""Middleware: browsers are told to load nothing but the desk's own files, to let nobody frame its pages and to keep none.

The same words for every page, put together once. No page has a script or a style of its own in it, so none is let off.
"""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

POLICY = {
    "default-src": "'self'",
    "img-src": "'self' data:",
    "object-src": "'none'",
    "base-uri": "'none'",
    "form-action": "'self'",
    "frame-ancestors": "'none'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{what} {where}" for what, where in POLICY.items()),
    "X-Frame-Options": "DENY",  # the same, for browsers that know no `frame-ancestors`
    "Cache-Control": "no-store",  # whoever sits down at the same machine next goes back to nothing
}


def guarding(answer: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def answered(request: HttpRequest) -> HttpResponse:
        found = answer(request)
        for name, value in HEADERS.items():
            found[name] = value
        return found

    return answered
