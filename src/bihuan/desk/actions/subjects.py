"""Subjects that rules across cases are about, judged anew with the events of all their cases.

Called when something happened to one of their cases or something fell due, by the actions, by `tick` and by `rebuild`.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from bihuan.desk import clock, projection
from bihuan.desk.database import writing
from bihuan.desk.judging import Found, judged_subjects
from bihuan.desk.logged import logged
from bihuan.desk.models import Case, Edition, Event, Registered, Subject, Woken
from bihuan.desk.office import office_at, office_now, policy_of
from bihuan.engine.listening import COMPANY
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Timed


def enlist() -> None:
    """Subjects that only a register knows owe something, too: a building that was never inspected has no case."""
    now, today = clock.now(), clock.today()
    begun = Q(since=None) | Q(since__lte=today)
    for edition in Edition.objects.filter(begun, in_force=True):
        held = Subject.objects.filter(edition=edition, fact=OuterRef("register"), key=OuterRef("subject"))
        found = Registered.objects.filter(
            ~Exists(held), begun, register__in=owing_untold(policy_of(edition.hash))
        )
        fresh = [
            Subject(edition=edition, fact=fact, key=key, wake_at=now)
            for fact, key in found.values_list("register", "subject").distinct()
        ]
        if fresh:
            with writing():
                Subject.objects.bulk_create(fresh, ignore_conflicts=True)


def owing_untold(policy: Policy) -> set[str]:
    """The facts whose subjects owe something without any event."""
    timed = (rule for _, _, rule in policy.rules() if isinstance(rule, Timed))
    return {rule.across for rule in timed if rule.across and rule.across != COMPANY and not rule.after}


class Refreshed(NamedTuple):
    """Of the subjects that were judged, those whose rows changed, and those of which something is still to be told."""

    changed: list[Subject]
    untold: list[Subject]


def refresh_subjects(subjects: Iterable[Subject], now: dt.datetime, *, afresh: bool = True) -> Refreshed:
    """Judge these subjects with all that has happened to them so far."""
    done = Refreshed([], [])
    ordered = sorted(
        held(subjects), key=lambda one: (one.edition_id, one.fact, one.basis, one.judged_at or now, one.pk)
    )

    def same(one: Subject) -> Any:
        return (one.edition_id, one.fact) if afresh else (one.edition_id, one.fact, one.basis, one.judged_at)

    for _, group in groupby(ordered, same):
        refresh_alike(done, list(group), now, afresh)
    return done


def held(subjects: Iterable[Subject]) -> list[Subject]:
    """The subjects, locked, as they are then: who judges the same waits here, and sees what was written before. In one
    order, so that nobody waits in a circle; SQLite has one writer anyway.
    """
    wanted = list(subjects)
    if not wanted or not connection.features.has_select_for_update:
        return wanted
    rows = Subject.objects.select_for_update(of=("self",), no_key=True).select_related("edition")
    return list(rows.filter(pk__in=[one.pk for one in wanted]).order_by("pk"))


def refresh_alike(done: Refreshed, subjects: Sequence[Subject], now: dt.datetime, afresh: bool) -> None:
    """Subjects of one kind under one edition, in one run of the engine. What woke them before is seen by it."""
    first = subjects[0]
    woken = list(Woken.objects.filter(subject__in=subjects).values_list("pk", flat=True))
    known = first.judged_at is not None and not afresh
    office = office_at(first.basis) if known else office_now()
    before = [one.judged_at for one in subjects if one.judged_at]
    as_of = clock.seconds(first.judged_at if known and first.judged_at else max([now, *before]))
    hash = first.edition.hash
    found = judged_subjects(office, hash, first.fact, logged(policy_of(hash), cases_of(subjects)), as_of)
    for one in subjects:
        put(done, one, found.get(one.key, Found([], [], as_of, office.basis, None)))
    if woken:
        Woken.objects.filter(pk__in=woken).delete()


def put(done: Refreshed, subject: Subject, found: Found) -> None:
    changed, untold = projection.refresh({"subject": subject}, found)
    subject.judged_at, subject.basis = clock.instant(found.as_of), found.basis
    subject.wake_at = None if found.wake is None else clock.instant(found.wake)
    subject.save()
    done.changed.extend([subject] if changed else [])
    done.untold.extend([subject] if untold else [])


def cases_of(subjects: Sequence[Subject]) -> list[int]:
    """The cases that the subjects are concerned with, in the order in which they were accepted."""
    first = subjects[0]
    cases = Case.objects.filter(edition=first.edition, destroyed=None)
    cases = of_company(cases, first) if first.fact == COMPANY else of_subjects(cases, subjects)
    return list(cases.order_by("id").values_list("id", flat=True))


def of_subjects(cases: QuerySet[Case], subjects: Sequence[Subject]) -> QuerySet[Case]:
    return cases.filter(concerns__subject__in=[one.pk for one in subjects]).distinct()


def of_company(cases: QuerySet[Case], subject: Subject) -> QuerySet[Case]:
    """The cases with an event that rules about the company hear, and the first, with which the company begins."""
    heard = office_now().plan(subject.edition.hash).heard_by_company
    if heard is None:
        return cases
    first = cases.order_by("opened_at", "id").values_list("id", flat=True).first()
    telling = Event.objects.filter(case=OuterRef("pk"), event__in=heard)
    return cases.filter(Exists(telling) | Q(pk=first))
