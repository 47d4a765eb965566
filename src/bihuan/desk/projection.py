"""What the engine found, put into the tables: rows that changed are changed, rows that vanished go, the rest stands.

A row keeps its identity by rule, round, key and the event that began it, so that who was told of it stays known. Where
its due time moves, nobody has been told yet. Called by `actions`, `tick` and `rebuild` only.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Any

from django.db.models import Model

from bihuan.desk import stored
from bihuan.desk.clock import instant
from bihuan.desk.judging import Found, Row
from bihuan.desk.models import (
    Case,
    Concern,
    Edition,
    Irregularity,
    Named,
    Obligation,
    Reach,
    Subject,
    Woken,
)
from bihuan.desk.models.judged import LONG
from bihuan.desk.naming import Reached
from bihuan.desk.tables import cell, fetch, insert, marks, update

INSTANTS = ("started_at", "due_at", "warn_at", "done_at", "last_attempt_at", "next_at")
STATED = (
    "kind", "place", "rule", "article", "round", "key", "unit", "owner", *INSTANTS, "closed_by", "state", "allowed",
    "used", "late_by", "provisional", "note", "row", "verdict", "method", "customer", "drawn",
    "attempts", "last_method", "points",
)  # fmt: skip
what_is_stated = itemgetter(*STATED)
WRONG = ("place", "event", "at", "actor", "kind", "rule", "step", "article", "detail", "row")
Whose = Mapping[str, Any]  # {"case": …} or {"subject": …}


def refresh(whose: Whose, found: Found, *, begins: bool = False) -> tuple[bool, bool]:
    """Put the rows of one case or subject into the tables. Whether anything was otherwise before, and whether
    something is overdue or to be warned of, and nobody was told. A case that `begins` has no rows yet.
    """
    rows = [obligation(row, place) for place, row in enumerate(found.obligations)]
    stood = () if begins else standing(whose)
    changed, untold = put_obligations(whose, rows, stood, instant(found.as_of))
    wrong = [irregularity(row, place) for place, row in enumerate(found.irregularities)]
    return put_irregularities(whose, wrong, begins) or changed, untold


def obligation(row: Row, place: int) -> Row:
    cells = {name: row.get(name) for name in STATED} | {"place": place, "note": row["note"] or ""}
    return cells | {name: None if (at := cells[name]) is None else instant(at) for name in INSTANTS}


def irregularity(row: Row, place: int) -> Row:
    return {name: row.get(name) for name in WRONG} | {"place": place, "at": instant(row["at"])}


def identity(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return row["rule"], row["round"], row["key"], row["row"], row["started_at"]


def put_obligations(
    whose: Whose, wanted: list[Row], standing: Iterable[Obligation], as_of: dt.datetime
) -> tuple[bool, bool]:
    held: dict[tuple[Any, ...], Obligation] = {}
    doubled = []
    for old in standing:
        name = identity(vars(old))
        doubled += [held[name].pk] if name in held else []
        held[name] = old
    fresh: list[Row] = []
    altered: list[Obligation] = []
    kept: list[Obligation] = []
    for row in wanted:
        stood = held.pop(identity(row), None)
        if stood is None:
            fresh.append(row)
        elif what_is_stated(vars(stood)) != what_is_stated(row):
            altered.append(restated(stood, row))
        else:
            kept.append(stood)
    gone = [*doubled, *(old.pk for old in held.values())]
    if gone:
        Obligation.objects.filter(pk__in=gone).delete()
    if altered:
        columns = (*STATED, "told_at", "warned_at")
        update(
            Obligation, columns, ([cell(getattr(one, name)) for name in (*columns, "id")] for one in altered)
        )
    if fresh:
        add(Obligation, whose, STATED, fresh)
    every = (*fresh, *(vars(one) for one in (*altered, *kept)))
    return bool(fresh or altered or gone), any(is_untold(row, as_of) for row in every)


def is_untold(row: Mapping[str, Any], as_of: dt.datetime) -> bool:
    """Whether a row is overdue, or to be warned of by then, of which nobody was told."""
    if row["state"] == "overdue":
        return row.get("told_at") is None
    warn, due = row["warn_at"], row["due_at"]
    return (
        row["state"] == "open"
        and warn is not None
        and warn <= as_of
        and due is not None
        and row.get("warned_at") is None
    )


def standing(whose: Whose) -> list[Obligation]:
    """The rows as they are held, in order."""
    (name, one), *_ = whose.items()
    return stored.found(Obligation, f"WHERE {name}_id = %s ORDER BY place", one.pk)


def add(model: type[Model], whose: Whose, columns: Sequence[str], rows: Iterable[Row]) -> None:
    (name, one), *_ = whose.items()
    cells = [(one.pk, *(cell(row[column]) for column in columns)) for row in rows]
    if cells:
        insert(model, (name, *columns), cells)


def restated(old: Obligation, row: Row) -> Obligation:
    if old.due_at != row["due_at"]:
        old.told_at = None
    if old.warn_at != row["warn_at"]:
        old.warned_at = None
    for name in STATED:
        setattr(old, name, row[name])
    return old


def put_irregularities(whose: Whose, wanted: list[Row], begins: bool) -> bool:
    (name, one), *_ = whose.items()
    standing = () if begins else stored.found(Irregularity, f"WHERE {name}_id = %s ORDER BY place", one.pk)
    held = [{column: getattr(row, column) for column in WRONG} for row in standing]
    if held == wanted:
        return False
    if held:
        Irregularity.objects.filter(**whose).delete()
    add(Irregularity, whose, WRONG, wanted)
    return True


def concern(case: Case, edition: Edition, subjects: Iterable[tuple[str, str]]) -> list[Subject]:
    """Remember which subjects a case is about, and that they are to be judged anew."""
    wanted = sorted({(fact, key[:200]) for fact, key in subjects})
    if not wanted:
        return []
    known = known_subjects(edition, wanted)
    if fresh := [
        Subject(edition=edition, fact=fact, key=key) for fact, key in wanted if (fact, key) not in known
    ]:
        Subject.objects.bulk_create(fresh, ignore_conflicts=True)
        known = known_subjects(edition, wanted)
    pairs = [Concern(case=case, subject=one) for one in known.values() if one.fact != "company"]
    Concern.objects.bulk_create(pairs, ignore_conflicts=True)
    return [known[one] for one in wanted]


def known_subjects(edition: Edition, wanted: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Subject]:
    facts, keys = {fact for fact, _ in wanted}, {key for _, key in wanted}
    rows = Subject.objects.filter(edition=edition, fact__in=facts, key__in=keys)
    found = {(one.fact, one.key): one for one in rows}
    return {one: found[one] for one in wanted if one in found}


def wake(subjects: Iterable[Subject]) -> None:
    """Have the next `tick` judge them."""
    Woken.objects.bulk_create(Woken(subject=one) for one in subjects)


def reach(case: Case, found: Reached, *, begins: bool = False) -> Reached:
    """Remember which units and people have had to do with a case; all of them. Once reached, a case stays in their sight.

    Who writes holds the lock of the case, so nobody else adds to them meanwhile.
    """
    known = Reached() if begins else reached(case)
    fresh = Reached(cut(found.units), cut(found.people)) - known
    if fresh.units:
        insert(Reach, ("case", "unit"), [(case.pk, unit) for unit in sorted(fresh.units)])
    if fresh.people:
        insert(Named, ("case", "person"), [(case.pk, person) for person in sorted(fresh.people)])
    return known | fresh


def cut(names: Iterable[str]) -> frozenset[str]:
    return frozenset(name[:LONG] for name in names)


def reached(case: Case) -> Reached:
    """Who has had to do with a case, as it is held."""
    return reached_by([case.pk])[case.pk]


def reached_by(cases: Sequence[int]) -> dict[int, Reached]:
    """The same of several cases."""
    among = marks(cases)
    units: dict[int, set[str]] = {case: set() for case in cases}
    people: dict[int, set[str]] = {case: set() for case in cases}
    for case, unit, person in fetch(REACHED.format(among, among), *cases, *cases):
        if person is None:
            units[case].add(unit)
        else:
            people[case].add(person)
    return {case: Reached(frozenset(units[case]), frozenset(people[case])) for case in cases}


REACHED = """
SELECT case_id, unit, NULL FROM desk_reach WHERE case_id IN ({})
UNION ALL SELECT case_id, NULL, person FROM desk_named WHERE case_id IN ({})
"""
