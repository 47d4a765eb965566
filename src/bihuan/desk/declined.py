"""Which customers want no calls: said in one of their cases (`actions.decline_calls`) and not taken back since.

A wish and no rule: what is owed stays owed, and whoever would call is told. A customer is whom lists name; where a regulation
names none, the wish is about the one case.
"""

import datetime as dt
from collections.abc import Iterable, Sequence

from bihuan.desk import stored
from bihuan.desk.models import Case, Declined, Event, Person
from bihuan.desk.sight import whose_customer_is_known
from bihuan.desk.tables import condition, marks

DECLINED, ALLOWED = "calls_declined", "calls_allowed"

#: That a callback is owed to such a customer.
WISHED = condition("""desk_obligation.case_id IN (
  SELECT case_id FROM desk_declined
  UNION SELECT theirs.id FROM desk_declined d JOIN desk_case said ON said.id = d.case_id
  JOIN desk_case theirs ON theirs.customer = said.customer AND NOT (theirs.customer = '')
)""")


def wishes(person: Person, cases: Sequence[Case]) -> dict[int, dt.datetime]:
    """The cases, by their ids, whose customer wants no calls, and since when at the latest, as far as the person may know."""
    return {case: max(one.at for one in said) for case, said in said_of(person, cases).items() if said}


def said_of(person: Person, cases: Sequence[Case]) -> dict[int, list[Declined]]:
    """Of each case where its customer said so: in it, or in another of theirs. By a customer who is hidden from the person in
    either, the one does not lead to the other.
    """
    known = whose_customer_is_known(person, cases)
    ids, names = {case.pk for case in cases}, {case.customer for case in known} - {""}
    found = [
        one.case_id for one in stored.found(Declined, SAID.format(marks(ids), marks(names)), *ids, *names)
    ]
    if not found:
        return {}
    rows = Declined.objects.filter(pk__in=found).select_related("case__edition").defer("case__edition__text")
    said = {one.case_id: one for one in rows}
    by_name: dict[str, list[Declined]] = {}
    for case in whose_customer_is_known(person, [one.case for one in said.values()]):
        by_name.setdefault(case.customer, []).append(said[case.pk])
    named = {case.pk: by_name.get(case.customer, []) for case in known if case.customer}
    own = {case.pk: [said[case.pk]] for case in cases if case.pk in said}
    return own | named


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
