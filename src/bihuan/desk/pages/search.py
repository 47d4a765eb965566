"""Search over everything that was said in cases, two characters and up. Rows are drawn in Python, as `drawn` says why."""

from collections.abc import Iterable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from markupsafe import Markup

from bihuan.desk import search as index
from bihuan.desk.pages.drawn import case_address, escape, minute, quiet
from bihuan.desk.pages.whose import viewer
from bihuan.desk.pages.work import further, is_part
from bihuan.i18n import _


def search(request: HttpRequest) -> HttpResponse:
    """The cases that say all the words, the newest first."""
    person = viewer(request)
    asked = request.GET.get("q", "").replace("\0", "")[:100].strip()
    page = index.find(person, asked, after=whole(request.GET.get("after", "")))
    told = {
        "asked": asked,
        "short": bool(asked) and not index.phrases(asked) and not page.rows,
        "hits": drawn(page.rows),
        "further": further(request, str(page.after) if page.after else None),
    }
    return render(request, "desk/_search.html" if is_part(request) else "desk/search.html", told)


def drawn(hits: Iterable[index.Hit]) -> Markup:
    words = _("Case"), _("Where it says so"), _("Unit"), _("Regulation"), _("Open since")
    number, where, unit, regulation, since = map(escape, words)
    rows = []
    for hit in hits:
        case = hit.case
        mark = f" {quiet(_('closed'))}" if case.closed_at else ""
        rows.append(
            f'<tr><td data-head="{number}"><div><a href="{escape(case_address(case.number))}">'
            f"{escape(case.number)}</a>{mark}</div></td>"
            f'<td data-head="{where}"><div>{"".join(place(*one) for one in hit.places)}</div></td>'
            f'<td data-head="{unit}">{escape(case.unit)}</td>'
            f'<td data-head="{regulation}">{escape(hit.policy.header.title)}</td>'
            f'<td data-head="{since}">{minute(case.opened_at)}</td></tr>'
        )
    return Markup("\n".join(rows))


def place(label: str, text: str) -> str:
    about = f"{quiet(label)} " if label else ""
    return f"<div>{about}{escape(text)}</div>"


def whole(text: str) -> int | None:
    """A cursor: the id of a case; anything else begins anew."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else None
