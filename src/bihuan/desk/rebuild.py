"""The projection made anew from the record: what every case and subject owes, as of when and under what it was judged.

That nothing changes by it is tested; where something does, it is told and put right.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet

from bihuan.desk import clock, declined, projection, search
from bihuan.desk.actions.acting import stand
from bihuan.desk.actions.subjects import refresh_subjects
from bihuan.desk.completed import fill, list_all
from bihuan.desk.database import writing
from bihuan.desk.events import events_of
from bihuan.desk.judging import judged
from bihuan.desk.models import Case, Obligation, Subject
from bihuan.desk.office import office_at, office_now, policy_of

STANDS = (
    "customer", "unit", "opened_at", "last_event", "last_at", "closed_at", "wake_at", "matter", "sent", "owed_at",
)  # fmt: skip
PORTION, MANY = 200, 2000


@dataclass
class Rebuilt:
    """How many were judged, and which were otherwise before."""

    cases: int = 0
    subjects: int = 0
    changed: list[str] = field(default_factory=list)


def rebuild(*, afresh: bool = False) -> Rebuilt:
    """Judge every case as of its own instant and basis; `afresh`, as of now and under what is known now."""
    done = Rebuilt()
    for numbers in portions():
        with writing():
            for id in numbers:
                rebuild_case(done, id, afresh)
    with writing():
        subjects = list(Subject.objects.select_related("edition").order_by("id"))
        done.subjects = len(subjects)
        made = refresh_subjects(subjects, clock.now(), afresh=afresh)
        done.changed += [f"{one.fact} {one.key}" for one in made.changed]
        projection.wake(made.untold)
        search.renew()
    return done


def complete() -> Rebuilt:
    """After an upgrade: fill in what an older version did not keep of all that the engine says. Told to stop, it goes
    on where it stopped.
    """
    done = Rebuilt()
    for ids in portions(Case.objects.filter(matter=None), MANY):
        with writing():
            list_all(ids)
    lacking = Obligation.objects.filter(kind="callback", attempts=None)
    for ids in portions(lacking.values("case"), MANY):
        with writing():
            for id in fill(ids):
                rebuild_case(done, id, afresh=False)
        done.cases += len(ids)
    with writing():
        subjects = list(Subject.objects.filter(pk__in=lacking.values("subject")).select_related("edition"))
        projection.wake(refresh_subjects(subjects, clock.now(), afresh=False).untold)
        done.subjects = len(subjects)
    return done


def portions(among: QuerySet[Any, Any] | None = None, size: int = PORTION) -> Iterator[list[int]]:
    cases = Case.objects.filter(destroyed=None).order_by("id")
    if among is not None:
        cases = cases.filter(pk__in=among)
    last = 0
    while ids := list(cases.filter(id__gt=last).values_list("id", flat=True)[:size]):
        yield ids
        last = ids[-1]


def rebuild_case(done: Rebuilt, id: int, afresh: bool) -> None:
    """One case judged anew, as of its own instant and basis or (`afresh`) of now; its number goes to `done` if anything changed."""
    case = Case.objects.select_for_update(of=("self",)).select_related("edition").get(pk=id)
    office = office_now() if afresh else office_at(case.basis)
    as_of = clock.now() if afresh else case.judged_at
    events = events_of(case)
    found = judged(office, case.edition.hash, events, clock.seconds(as_of))
    before = [getattr(case, name) for name in STANDS]
    held = case.wake_at
    stand(case, events, found)
    changed, untold = projection.refresh({"case": case}, found)
    if untold:
        case.wake_at = case.judged_at
    elif held is not None and held <= case.judged_at:
        case.wake_at = held  # `tick` has still to look at it
    done.cases += 1
    changed |= declined.hold(case, events)
    changed |= search.index(case, policy_of(case.edition.hash), events, projection.reached(case))
    if changed or before != [getattr(case, name) for name in STANDS]:
        done.changed.append(case.number)
    case.save()
