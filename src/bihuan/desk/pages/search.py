"""Search over everything that was said in cases, two characters and up."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.desk import search as index
from bihuan.desk.pages.whose import viewer
from bihuan.desk.pages.work import further, is_part


def search(request: HttpRequest) -> HttpResponse:
    """The cases that say all the words, the newest first."""
    person = viewer(request)
    asked = request.GET.get("q", "").replace("\0", "")[:100].strip()
    page = index.find(person, asked, after=whole(request.GET.get("after", "")))
    told = {
        "asked": asked,
        "short": bool(asked) and not index.phrases(asked) and not page.rows,
        "hits": page.rows,
        "further": further(request, str(page.after) if page.after else None),
    }
    return render(request, "desk/_search.html" if is_part(request) else "desk/search.html", told)


def whole(text: str) -> int | None:
    """A cursor: the id of a case; anything else begins anew."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
