"""Why something is due then: the engine's own explanation, day by day, with the article and the notice."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan import story
from bihuan.desk import clock, queries
from bihuan.desk.errors import MissingError
from bihuan.desk.judging import evened, in_order, told
from bihuan.desk.office import office_now
from bihuan.desk.pages.whose import viewer
from bihuan.desk.queries import Whole
from bihuan.engine.explain import explain
from bihuan.engine.line import Explanation
from bihuan.engine.log import as_log


def why(request: HttpRequest, number: str, place: int) -> HttpResponse:
    """One row of what a case owes."""
    seen = queries.whole(viewer(request), number)
    row = next((one for one in seen.obligations if one.place == place), None)
    if row is None:
        raise MissingError(f"case {number} owes nothing under this number", case=number)
    found = [
        one
        for one in explained(seen, row.rule)
        if one.row["round"] == row.round and one.row["key"] == row.key
    ]
    told_of = [
        (one, [story.told(line, seen.policy.event_labels).strip() for line in one.lines]) for one in found
    ]
    return render(request, "desk/why.html", {"case": seen.case, "row": row, "explanations": told_of})


def explained(seen: Whole, rule: str) -> list[Explanation]:
    office, hash = office_now(), seen.case.edition.hash
    happened = in_order([told(event) for event in seen.events if event.kind == "event"])
    given: dict[str, Any] = next((event.given for event in seen.events if event.given), {})
    number = seen.case.number
    log = as_log(
        evened([{**row, "case": number} for row in happened]),
        [{"case": number, **given}] if given else (),
        zone=seen.policy.header.zone,
    )
    as_of = clock.seconds(clock.now())
    return explain(
        seen.policy,
        office.calendars(),
        log,
        number,
        as_of,
        office.site,
        office.parameters(hash),
        rules=[rule],
    )
