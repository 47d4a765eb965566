"""One call that serves several cases: it is entered in each of them, as a replay tells it to them (docs/semantics.md#merge).

What belongs together the engine says. Cases are written one after the other, each in a transaction of its own, so that
two calls at once never wait for each other. A case stays awake until `tick` has seen to it that a crash loses nothing.
"""

from django.db.models import Count, Exists, F, OuterRef, QuerySet

from bihuan.desk import clock
from bihuan.desk.actions.acting import ENGINE, act, merging, supposed
from bihuan.desk.actions.chain import Draft
from bihuan.desk.database import writing
from bihuan.desk.events import events_of
from bihuan.desk.judging import Row
from bihuan.desk.logged import logged
from bihuan.desk.models import Case, Edition, Event, Obligation
from bihuan.desk.office import office_now, policy_of
from bihuan.engine.merging import FROM, merges
from bihuan.engine.replay import calls_for_others


def share(case: Case) -> int:
    """Enter the calls that serve several cases in all that belong together with this one; how many were entered."""
    made = 0
    while entered := sum(enter_call(row) for row in missing(case)):  # what was entered may serve others
        made += entered
    return made


def missing(case: Case) -> list[Row]:
    """Calls that a case should have and has not, each with the case that has it, and its number there."""
    together = list(pool(case).order_by("id").values_list("id", flat=True))
    if len(together) < 2:
        return []
    office, hash = office_now(), case.edition.hash
    policy, parameters = policy_of(hash), office.parameters(hash)
    log, as_of = logged(policy, together), clock.seconds(clock.now())
    found = calls_for_others(policy, office.calendars(), log, as_of, office.site, parameters)
    return found.select("case", FROM, "line", "at").to_dicts() if found.height else []


def enter_call(row: Row) -> bool:
    """False where the case has it already."""
    with writing():
        held = Case.objects.select_for_update(of=("self",)).select_related("edition")
        case, call = held.get(number=row["case"]), Event.objects.get(case__number=row[FROM], seq=row["line"])
        before, at, now = events_of(case), clock.instant(row["at"]), clock.now()
        mine = {FROM: row[FROM]}
        if any(
            (one.event, one.at) == (call.event, at) and mine.items() <= one.brings.items() for one in before
        ):
            return False
        facts = {**(call.facts or {}), **mine}
        draft = Draft(
            call.event, at, call.actor, call.unit, facts, meta={"by": ENGINE}, whole_day=call.whole_day
        )
        office = office_now()
        act(case, before, [draft], office, now, supposed(case, before, [draft], office, now))
    return True


def pool(case: Case) -> QuerySet[Case]:
    """The cases whose calls may serve each other, this one among them."""
    found = with_calls(case.edition)
    if is_by_customer(case.edition):
        return found.filter(customer=case.customer) if case.customer else found.none()
    return found


def awaken(edition: Edition) -> None:
    """Have `tick` look at the cases that were loaded and may be served by calls for others."""
    found = with_calls(edition)
    if is_by_customer(edition):
        several = found.exclude(customer="").values("customer").annotate(n=Count("pk")).filter(n__gt=1)
        found = found.filter(customer__in=several.values("customer"))
    found.update(wake_at=F("judged_at"))


def with_calls(edition: Edition) -> QuerySet[Case]:
    names = merging(edition.hash)
    calls = Obligation.objects.filter(case=OuterRef("pk"), kind="callback", rule__in=names)
    cases = Case.objects.filter(Exists(calls), edition=edition, destroyed=None)
    return cases if names else cases.none()


def is_by_customer(edition: Edition) -> bool:
    """Whether the cases of a pool can be told by the customer that lists show."""
    policy = policy_of(edition.hash)
    return {rule.merge.by for rule in merges(policy) if rule.merge} == {policy.header.customer}
