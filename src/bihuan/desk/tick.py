"""Time passes: what fell due is found under a partial index, judged anew and claimed, so that it is told once.

Several workers may run. Whoever changes the row from untold to told writes it down in the same transaction; a crash
undoes both, and the next worker finds it again. Due times are stored, nothing is kept in memory.
"""

import datetime as dt
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

from django.contrib.sessions.backends.db import SessionStore
from django.db import connection
from django.db.models import F, Min, Q

from bihuan.desk import actions, clock, figures, health, hooks, projection
from bihuan.desk.actions.acting import stand
from bihuan.desk.actions.subjects import enlist, refresh_subjects
from bihuan.desk.database import DEADLOCK, NOT_IN_TIME, sqlstate, writing
from bihuan.desk.errors import UnavailableError
from bihuan.desk.events import events_of
from bihuan.desk.judging import judged
from bihuan.desk.models import Case, Edition, Obligation, Seal, Subject, Told, Woken
from bihuan.desk.office import office_now
from bihuan.desk.telling import outbox, sending

MOST = 500  # cases in one round
LOG = logging.getLogger("bihuan.desk")
Found = TypeVar("Found")


@dataclass
class Ticked:
    """What one round did."""

    cases: int = 0
    subjects: int = 0
    told: int = 0
    drawn: list[str] = field(default_factory=list)
    sealed: list[str] = field(default_factory=list)
    delivered: int = 0  # to addresses that subscribed
    failed: int = 0
    dead: int = 0
    handed_on: int = 0  # to people and their channels
    sent: int = 0
    failing: int = 0
    measured: int = 0  # editions whose figures were taken

    @property
    def anything(self) -> bool:
        return any(vars(self).values())


def tick(*, alone: bool = True) -> Ticked:
    """One round: draws that are due, cases and subjects that wake, yesterday's seal. Where another round follows
    (not `alone`), figures are taken beside it.
    """
    done = Ticked(drawn=tried("draws", actions.cut_due) or [])
    due = Case.objects.filter(wake_at__lte=clock.now()).order_by("wake_at")
    for case in list(due.select_related("edition")[:MOST]):
        done.cases += bool(tried("a case", partial(see_to, done, case)))
    enlist()
    for id in waking(clock.now()):
        done.subjects += bool(tried("a subject", partial(wake_subject, done, id)))
    done.sealed = seal_yesterday()
    carry_on(done, alone)
    return done


def tried(what: str, act: Callable[[], Found]) -> Found | None:
    """What is not to be had for locks of others is left to the next round, and the rest of this one goes on."""
    try:
        return act()
    except UnavailableError as error:
        if sqlstate(error) not in (NOT_IN_TIME, DEADLOCK):
            raise
        LOG.warning("%s could not be had for others at work there; the next round tries again", what)
        return None


def carry_on(done: Ticked, alone: bool) -> None:
    """What was told becomes messages, and what is to go out goes; that `tick` runs is remembered."""
    done.handed_on = outbox.spread()
    done.delivered, done.failed, done.dead = hooks.send().values()
    out = sending.send(sending.LONG if alone else sending.SHORT)
    done.sent, done.failing = out.sent, out.failing
    if alone:
        done.measured = figures.take()
    else:
        figures.take_beside()
    if done.sealed:  # once a day
        SessionStore.clear_expired()
        actions.sweep()
    health.ticked(clock.now())


def locked(rows: Any) -> Any:
    """Rows under work by somebody else are left to them, where the database knows how."""
    return rows.select_for_update(
        of=("self",), no_key=True, skip_locked=connection.features.has_select_for_update_skip_locked
    )


def see_to(done: Ticked, case: Case) -> bool:
    """Enter the calls that serve this case, too; then judge it."""
    actions.share(case)
    return wake_case(done, case)


def wake_case(done: Ticked, seen: Case) -> bool:
    """Judge a case whose time has come. False where somebody else has done so, or acted on it since it was seen."""
    with writing():
        now = clock.now()
        mine = locked(Case.objects).select_related("edition").filter(pk=seen.pk, version=seen.version)
        case = mine.filter(wake_at__lte=now).first()
        if case is None:
            return False
        events, as_of = events_of(case), max(now, case.judged_at)
        found = judged(office_now(), case.edition.hash, events, clock.seconds(as_of))
        projection.refresh({"case": case}, found)
        projection.wake(Subject.objects.filter(concerns__case=case))
        stand(case, events, found)
        case.save()
        done.told += tell({"case": case}, now)
    return True


def waking(now: dt.datetime) -> list[int]:
    """The subjects of which something falls due, and those to which something happened."""
    due = Subject.objects.filter(wake_at__lte=now).order_by("wake_at").values_list("pk", flat=True)
    woken = Woken.objects.values("subject").annotate(first=Min("pk")).order_by("first")
    return list(dict.fromkeys((*due[:MOST], *woken.values_list("subject", flat=True)[:MOST])))[:MOST]


def wake_subject(done: Ticked, id: int) -> bool:
    """Judge a subject whose time has come. False where somebody else has done so, or is at it."""
    with writing():
        now = clock.now()
        subject = locked(Subject.objects).select_related("edition").filter(pk=id).first()
        if subject is None or not (is_due(subject, now) or subject.woken_set.exists()):
            return False
        refresh_subjects([subject], now)
        done.told += tell({"subject": subject}, now)
    return True


def is_due(subject: Subject, now: dt.datetime) -> bool:
    return subject.wake_at is not None and subject.wake_at <= now


def tell(whose: dict[str, Any], now: dt.datetime) -> int:
    """Write down what fell due and what is to be warned of, once each: whoever changes the row has claimed it."""
    mine = Obligation.objects.filter(**whose)
    overdue = mine.filter(state="overdue", told_at__isnull=True)
    soon = mine.filter(
        Q(due_at__isnull=True) | Q(due_at__gte=now), state="open", warn_at__lte=now, warned_at__isnull=True
    )
    told = []
    for what, column, rows in (
        ("due", "told_at", overdue),
        ("warning", "warned_at", soon.exclude(due_at=None)),
    ):
        for row in rows.order_by("place"):
            claimed = Obligation.objects.filter(pk=row.pk, due_at=F("due_at"), **{f"{column}__isnull": True})
            if claimed.update(**{column: now}) == 1:
                says = {name: getattr(row, name) for name in SAYS}
                told.append(Told.objects.create(**whose, what=what, at=now, **says))
    hooks.fell_due(told, next(iter(whose.values())).edition.policy)
    return len(told)


SAYS = ("rule", "article", "round", "key", "unit", "owner", "due_at")


def seal_yesterday() -> list[str]:
    """The seal of the last day that is over, once there is anything to seal; in a later round where writers hold it up."""
    yesterday = clock.today() - dt.timedelta(days=1)
    if Seal.objects.filter(day__gte=yesterday).exists() or not Edition.objects.exists():
        return []
    sealed = actions.seal(yesterday)
    return [sealed.day.isoformat()] if sealed else []
