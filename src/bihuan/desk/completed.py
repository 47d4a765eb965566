"""Columns that an older version did not keep, filled in for many cases at once: what became of the calls of a callback,
and what lists show of a case.

The calls say what the events say, whenever a case was judged; so whole portions are judged together, in a fiftieth of the
time. Lists need no judging. Knows of no other column: what else changed is for `rebuild`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from bihuan.desk import clock, naming, projection, search, stored
from bihuan.desk.actions.acting import show
from bihuan.desk.events import events_by_case
from bihuan.desk.judging import given_of, standing
from bihuan.desk.loaded.owed import owed_rows
from bihuan.desk.logged import logged
from bihuan.desk.models import Case, Edition, Event, Obligation
from bihuan.desk.naming import Reached
from bihuan.desk.office import office_at, policy_of
from bihuan.desk.projection import identity
from bihuan.desk.tables import cell, fetch, marks, update
from bihuan.engine.called import tables
from bihuan.engine.derived import dated
from bihuan.engine.facts import Facts
from bihuan.engine.log import arrange
from bihuan.engine.replay import completed, finder, judge
from bihuan.engine.rows import rows

CALLS = ("attempts", "last_attempt_at", "last_method", "next_at", "points")
INSTANTS = ("started_at", "last_attempt_at", "next_at")
SHOWN = ("matter", "sent", "owed_at")
Row = dict[str, Any]


def fill(ids: Sequence[int]) -> set[int]:
    """Fill in the calls of these cases; of which of them something else is otherwise, too."""
    among = f"IN ({marks(ids)})"
    cases = stored.found(Case, f"WHERE id {among} ORDER BY edition_id, basis, id", *ids)
    found: dict[tuple[Any, ...], Row] = {}
    for (edition, basis), some in groupby(cases, lambda case: (case.edition_id, case.basis)):
        for row in called(edition, basis, list(some)):
            found[row["case"], *identity(row)] = row
    lacking = f"WHERE kind = 'callback' AND attempts IS NULL AND case_id {among}"
    held = stored.found(Obligation, lacking, *ids)
    names = {one.pk: (one.case_id, *identity(vars(one))) for one in held}
    known = [(one, found[names[one.pk]]) for one in held if names[one.pk] in found]
    update(Obligation, CALLS, ([*(cell(row[name]) for name in CALLS), one.pk] for one, row in known))
    return {one.case_id for one in held if one.case_id is not None} - {one.case_id for one, _ in known}


def list_all(ids: Sequence[int]) -> None:
    """Fill in what lists show of these cases, and whom they concern."""
    events, wrong, owed = events_by_case(ids), wrong_of(ids), owed_of(ids)
    known, offices = (
        projection.reached_by(ids),
        units_called({row["owner"] for rows in owed.values() for row in rows}),
    )
    cases = stored.linked(Case, {"edition": ("text",)}, f"WHERE desk_case.id IN ({marks(ids)})", *ids)
    for case in cases:
        mine = events[case.pk]
        show(case, standing(mine), given_of(mine), wrong[case.pk], owed[case.pk])
        concern(case, mine, owed[case.pk], known[case.pk], offices)
    update(Case, SHOWN, ([*(cell(getattr(one, name)) for name in SHOWN), one.pk] for one in cases))


def concern(
    case: Case, events: Sequence[Event], owed: Sequence[Row], known: Reached, units: set[str]
) -> None:
    """Put the case into the sight of whom the regulation names in it. Who acted, and from which unit, was kept always."""
    owe = naming.owners(case.edition.hash, owed)
    every = naming.named(case.edition.hash, events) | Reached(owe.units & units, owe.people)
    if every - known:
        search.index(case, policy_of(case.edition.hash), events, projection.reach(case, every))


def units_called(names: Collection[str | None]) -> set[str]:
    """Those of some names that units have."""
    return {name for (name,) in fetch(f"SELECT name FROM desk_unit WHERE name IN ({marks(names)})", *names)}


def wrong_of(ids: Sequence[int]) -> Mapping[int, list[Row]]:
    """The events of cases that are against the rules."""
    found: defaultdict[int, list[Row]] = defaultdict(list)
    asked = f"SELECT case_id, event, kind, row FROM desk_irregularity WHERE case_id IN ({marks(ids)})"
    for case, event, kind, row in fetch(asked, *ids):
        found[case].append({"event": event, "kind": kind, "row": row})
    return found


def owed_of(ids: Sequence[int]) -> Mapping[int | None, list[Row]]:
    """What is or was owed in cases, by whom and by when."""
    found: defaultdict[int | None, list[Row]] = defaultdict(list)
    for one in stored.found(Obligation, f"WHERE case_id IN ({marks(ids)})", *ids):
        row: Row = {name: getattr(one, name) for name in ("rule", "owner", "unit", "state")}
        found[one.case_id].append(row | {"due_at": one.due_at and clock.seconds(one.due_at)})
    return found


def called(edition: int, basis: int, cases: Sequence[Case]) -> Iterable[Row]:
    """The callbacks of cases, as of the last instant at which any of them was judged."""
    [held] = stored.found(Edition, "WHERE id = %s", edition, without=("text",))
    policy, office = policy_of(held.hash), office_at(basis)
    plan = office.plan(held.hash)
    as_of = max(clock.seconds(case.judged_at) for case in cases)
    log = arrange(logged(policy, [case.pk for case in cases]))
    told = rows(completed(plan, policy, log) if dated(plan.prepared.policy, plan.layouts) else log)
    found = finder(plan, policy, office.calendars())
    one = judge(plan.layouts[""], Facts(plan.prepared, told), found, told, as_of, "auto")
    table = owed_rows(*tables(one), policy, told.cases, told.data["line"], as_of)
    place = {case.number: case.pk for case in cases}
    numbers = told.cases.to_list()
    for row in table.filter(table["kind"] == "callback").to_dicts():
        instants = {name: None if row[name] is None else clock.instant(row[name]) for name in INSTANTS}
        yield row | instants | {"case": place[numbers[row["case"]]]}
