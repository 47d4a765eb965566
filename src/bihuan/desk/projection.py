"""What the engine found, put into the tables: rows that changed are changed, rows that vanished go, the rest stands.

A row keeps its identity by rule, round, key and the event that began it, so that who was told of it stays known. Where
its due time moves, nobody has been told yet. Called by `actions`, `tick` and `rebuild` only.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from bihuan.desk.clock import instant
from bihuan.desk.judging import Found, Row
from bihuan.desk.models import Case, Concern, Edition, Irregularity, Obligation, Reach, Subject

INSTANTS = ("started_at", "due_at", "warn_at", "done_at")
STATED = (
    "kind", "place", "rule", "article", "round", "key", "unit", "owner", *INSTANTS, "closed_by", "state", "allowed",
    "used", "late_by", "provisional", "note", "row", "verdict", "method", "customer", "drawn",
)  # fmt: skip
WRONG = ("place", "event", "at", "actor", "kind", "rule", "step", "article", "detail", "row")
Whose = Mapping[str, Any]  # {"case": …} or {"subject": …}


def refresh(whose: Whose, found: Found) -> tuple[bool, bool]:
    """Put the rows of one case or subject into the tables. Whether anything was otherwise before, and whether
    something is overdue of which nobody was told.
    """
    rows = [obligation(row, place) for place, row in enumerate(found.obligations)]
    changed, untold = put_obligations(whose, rows)
    wrong = [irregularity(row, place) for place, row in enumerate(found.irregularities)]
    return put_irregularities(whose, wrong) or changed, untold


def obligation(row: Row, place: int) -> Row:
    cells = {name: row.get(name) for name in STATED} | {"place": place, "note": row["note"] or ""}
    return cells | {name: None if (at := cells[name]) is None else instant(at) for name in INSTANTS}


def irregularity(row: Row, place: int) -> Row:
    return {name: row.get(name) for name in WRONG} | {"place": place, "at": instant(row["at"])}


def identity(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["rule"], row["round"], row["key"], row["row"], row["started_at"]


def put_obligations(whose: Whose, wanted: list[Row]) -> tuple[bool, bool]:
    held: dict[tuple[Any, ...], Obligation] = {}
    doubled = []
    for old in Obligation.objects.filter(**whose).order_by("place"):
        name = identity(vars(old))
        doubled += [held[name].pk] if name in held else []
        held[name] = old
    fresh: list[Obligation] = []
    altered: list[Obligation] = []
    kept: list[Obligation] = []
    for row in wanted:
        stood = held.pop(identity(row), None)
        if stood is None:
            fresh.append(Obligation(**whose, **row))
        elif any(getattr(stood, name) != row[name] for name in STATED):
            altered.append(restated(stood, row))
        else:
            kept.append(stood)
    gone = [*doubled, *(old.pk for old in held.values())]
    if gone:
        Obligation.objects.filter(pk__in=gone).delete()
    if altered:
        Obligation.objects.bulk_update(altered, [*STATED, "told_at", "warned_at"])
    if fresh:
        Obligation.objects.bulk_create(fresh)
    untold = any(one.state == "overdue" and one.told_at is None for one in (*fresh, *altered, *kept))
    return bool(fresh or altered or gone), untold


def restated(old: Obligation, row: Row) -> Obligation:
    if old.due_at != row["due_at"]:
        old.told_at = None
    if old.warn_at != row["warn_at"]:
        old.warned_at = None
    for name in STATED:
        setattr(old, name, row[name])
    return old


def put_irregularities(whose: Whose, wanted: list[Row]) -> bool:
    held = list(Irregularity.objects.filter(**whose).order_by("place").values(*WRONG))
    if held == wanted:
        return False
    Irregularity.objects.filter(**whose).delete()
    Irregularity.objects.bulk_create([Irregularity(**whose, **row) for row in wanted])
    return True


def concern(case: Case, edition: Edition, subjects: Iterable[tuple[str, str]]) -> list[Subject]:
    """Remember which subjects a case is about, and that they are to be judged anew."""
    found = []
    for fact, key in sorted(subjects):
        subject, _ = Subject.objects.get_or_create(edition=edition, fact=fact, key=key[:200])
        if fact != "company":
            Concern.objects.get_or_create(case=case, subject=subject)
        found.append(subject)
    return found


def stale(subjects: Iterable[Subject], at: dt.datetime) -> None:
    sleeping = Q(wake_at__isnull=True) | Q(wake_at__gt=at)
    Subject.objects.filter(sleeping, pk__in=[one.pk for one in subjects]).update(wake_at=at)


def reach(case: Case, units: Iterable[str | None]) -> set[str]:
    """Remember which units have had to do with a case; all of them. Once reached, a case stays in their sight."""
    known = set(Reach.objects.filter(case=case).values_list("unit", flat=True))
    fresh = {unit[:200] for unit in units if unit} - known
    Reach.objects.bulk_create([Reach(case=case, unit=unit) for unit in sorted(fresh)], ignore_conflicts=True)
    return known | fresh
