"""Which customers want no calls: said in one of their cases (`actions.decline_calls`) and not taken back since.

A wish and no rule: what is owed stays owed, and whoever would call is told. A customer is whom lists name; where a regulation
names none, the wish is about the one case.
"""

import datetime as dt
from collections.abc import Collection, Iterable

from bihuan.desk import stored
from bihuan.desk.models import Case, Declined, Event
from bihuan.desk.tables import condition, fetch, marks

DECLINED, ALLOWED = "calls_declined", "calls_allowed"

#: That a callback is owed to such a customer.
WISHED = condition("""desk_obligation.case_id IN (
  SELECT case_id FROM desk_declined
  UNION SELECT theirs.id FROM desk_declined d JOIN desk_case said ON said.id = d.case_id
  JOIN desk_case theirs ON theirs.customer = said.customer AND NOT (theirs.customer = '')
)""")


def wishes(cases: Collection[Case]) -> dict[int, dt.datetime]:
    """The cases, by their ids, whose customer wants no calls, and since when at the latest."""
    said = said_in(cases)
    if not said:
        return {}
    at = {one.case_id: one.at for one in said}
    asked = f"SELECT customer, id FROM desk_case WHERE id IN ({marks(at)}) AND NOT (customer = '')"
    latest: dict[str, dt.datetime] = {}
    for customer, case in fetch(asked, *at):
        latest[customer] = max(at[case], latest.get(customer, at[case]))
    told = {case.pk: latest.get(case.customer, at.get(case.pk)) for case in cases}
    return {case: since for case, since in told.items() if since is not None}


def said_in(cases: Iterable[Case]) -> list[Declined]:
    """Where the customers of some cases said so: in these, or in others of theirs."""
    ids, names = {case.pk for case in cases}, {case.customer for case in cases} - {""}
    return stored.found(Declined, SAID.format(marks(ids), marks(names)), *ids, *names)


SAID = """JOIN desk_case ON desk_case.id = desk_declined.case_id
WHERE desk_declined.case_id IN ({}) OR desk_case.customer IN ({})"""


def hold(case: Case, events: Iterable[Event]) -> bool:
    """Keep what the latest note of a case says; whether it was otherwise before."""
    notes = (one for one in events if one.kind == "note" and one.event in (DECLINED, ALLOWED))
    last = max(notes, key=lambda one: one.seq, default=None)
    wanted = [last.recorded_at] if last is not None and last.event == DECLINED else []
    if wanted == [one.at for one in stored.found(Declined, "WHERE case_id = %s", case.pk)]:
        return False
    Declined.objects.filter(case=case).delete()
    Declined.objects.bulk_create(Declined(case=case, at=at) for at in wanted)
    return True
