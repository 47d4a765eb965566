"""A portion of a log, judged in one run of the engine and turned into the rows of every table."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from bihuan.desk.loaded.cases import concerned, named, people, reached, standing
from bihuan.desk.loaded.events import Brought, event_rows, facts_told, places
from bihuan.desk.loaded.lists import matters, on_board
from bihuan.desk.loaded.owed import owed_rows, wakes, wrong_rows
from bihuan.desk.loaded.said import texts
from bihuan.desk.packed import Packed, instants, packed
from bihuan.engine.calendar import Calendar
from bihuan.engine.called import tables as found_tables
from bihuan.engine.derived import dated
from bihuan.engine.facts import Facts
from bihuan.engine.log import Log
from bihuan.engine.policy import Policy
from bihuan.engine.replay import Plan, completed, finder, irregularities, judge
from bihuan.engine.rows import rows


@dataclass(frozen=True)
class Under:
    """What a portion is judged by, the units there are, and those of whoever acted."""

    policy: Policy
    plan: Plan
    calendars: Mapping[str, Calendar]
    homes: Mapping[str, str]
    units: frozenset[str]
    basis: int
    folder: Path | None = None  # where SQLite takes rows from
    way: str = "auto"


@dataclass(frozen=True)
class Portion:
    """The rows of every table."""

    rows: Packed
    concerns: dict[str, pl.DataFrame]  # by kind of subject: key and case
    count: tuple[int, int]  # cases and events


def portion(log: Log, under: Under, brought: Brought) -> Portion:
    """Judge an arranged log of whole cases of one edition, as of when it is recorded, and make its rows."""
    policy, plan, as_of = under.policy, under.plan, brought.recorded
    case = places(log.events["case"])
    lined = numbered(log, case)
    cases = rows(lined)
    numbers = cases.cases.alias("number")
    judged_by = (
        cases if not dated(plan.prepared.policy, plan.layouts) else rows(completed(plan, policy, lined))
    )
    facts = Facts(plan.prepared, judged_by)
    found = finder(plan, policy, under.calendars)
    one = judge(plan.layouts[""], facts, found, judged_by, as_of, under.way)
    owed = owed_rows(*found_tables(one), policy, numbers, judged_by.data["line"], as_of)
    carried = facts_told(log)
    events = event_rows(log, carried, numbers, brought)
    told = named(log, numbers, case, owed, brought.edition, under.units)
    units, who = reached(log, case, owed, told, under.homes), people(told)
    stands = standing(log, numbers, policy, case).with_columns(
        wake_at=wakes(owed, one.folded.next, as_of),
        judged_at=pl.lit(as_of),
        basis=pl.lit(under.basis),
        edition_id=pl.lit(brought.edition_id),
        matter=matters(log, carried, numbers, policy, case),
        **heads(events),
    )
    wrong = wrong_rows(irregularities(plan.prepared.parameters, [one]), numbers)
    stands = on_board(stands, log, case, wrong, owed, brought.edition)
    tables = {
        "desk_case": stands,
        "desk_event": events,
        "desk_obligation": owed,
        "desk_irregularity": wrong,
        "desk_reach": units,
        "desk_named": who,
        "desk_findable": texts(log, carried, numbers, policy, case, units, who),
    }
    made = packed({table: held(rows) for table, rows in tables.items()}, under.folder)
    return Portion(made, concerned(plan, facts), (len(numbers), events.height))


def numbered(log: Log, case: pl.Series) -> Log:
    """The log with the number of each event in its case for its line."""
    line = pl.int_range(1, pl.len() + 1).over(case)
    return Log(log.events.with_columns(line.alias("line")), log.facts, zone=log.zone, arranged=True)


def heads(events: pl.DataFrame) -> dict[str, pl.Series]:
    """The number of the last event of each case, and its hash."""
    last = events.group_by("case", maintain_order=True).agg(pl.col("seq", "hash").last())
    return {"version": last["seq"], "hash": last["hash"]}


def held(rows: pl.DataFrame) -> pl.DataFrame:
    """Instants as the database writes them."""
    return rows.with_columns(
        [instants(rows[name]) for name in rows.columns if name == "at" or name.endswith("_at")]
    )
