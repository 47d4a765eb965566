"""Why something is due then: day by day, with the article and the notice."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.desk import explaining, queries
from bihuan.desk.pages.whose import viewer


def why(request: HttpRequest, number: str, place: int) -> HttpResponse:
    """One row of what a case owes."""
    seen = queries.whole(viewer(request), number)
    row, explanations = explaining.why(seen, place)
    told = {"case": seen.case, "policy": seen.policy, "row": row, "explanations": explanations}
    told["calendars"] = seen.office.calendars()
    return render(request, "desk/why.html", told)
