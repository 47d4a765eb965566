"""Which customers want no calls: said in one of their cases (`actions.decline_calls`) and not taken back since.

A wish and no rule: what is owed stays owed, and whoever would call is told. A customer is whom lists name; where a regulation
names none, the wish is about the one case.
"""

import datetime as dt
from collections.abc import Collection, Iterable

from django.db.models import Q, QuerySet

from bihuan.desk.models import Case, Declined, Event
from bihuan.desk.tables import condition

DECLINED, ALLOWED = "calls_declined", "calls_allowed"

#: That a callback is owed to such a customer.
WISHED = condition("""desk_obligation.case_id IN (
  SELECT case_id FROM desk_declined
  UNION SELECT theirs.id FROM desk_declined d JOIN desk_case said ON said.id = d.case_id
  JOIN desk_case theirs ON theirs.customer = said.customer AND NOT (theirs.customer = '')
)""")


def wishes(cases: Collection[Case]) -> dict[int, dt.datetime]:
    """The cases, by their ids, whose customer wants no calls, and since when at the latest."""
    said = said_in(cases).values_list("case", "case__customer", "at")
    by_case = {case: at for case, _customer, at in said}
    by_name = {customer: at for _case, customer, at in said if customer}
    told = {case.pk: by_name.get(case.customer, by_case.get(case.pk)) for case in cases}
    return {case: at for case, at in told.items() if at is not None}


def said_in(cases: Iterable[Case]) -> QuerySet[Declined]:
    """Where the customers of some cases said so, the latest last: in these or in others of theirs."""
    ids, names = {case.pk for case in cases}, {case.customer for case in cases} - {""}
    of = Q(case__in=ids) | Q(case__customer__in=names)
    return Declined.objects.filter(of).order_by("at")


def hold(case: Case, events: Iterable[Event]) -> bool:
    """Keep what the latest note of a case says; whether it was otherwise before."""
    notes = (one for one in events if one.kind == "note" and one.event in (DECLINED, ALLOWED))
    last = max(notes, key=lambda one: one.seq, default=None)
    wanted = last.recorded_at if last is not None and last.event == DECLINED else None
    held = Declined.objects.filter(case=case).values_list("at", flat=True).first()
    if wanted == held:
        return False
    Declined.objects.filter(case=case).delete()
    if wanted is not None:
        Declined.objects.create(case=case, at=wanted)
    return True
