"""A matter judged by the engine and by the oracle, both as plain rows that can be compared."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from bihuan.engine.calendar import Calendar, build
from bihuan.engine.log import Log, as_log
from bihuan.engine.outcome import Outcome
from bihuan.engine.policy import parse_policy
from bihuan.engine.replay import replay
from bihuan.engine.timetable import Declaration, Notice, as_week
from tests.engine.hostile import BASE, Matter, Office
from tests.oracle import Case, Event, Row

EPOCH = date(1970, 1, 1)
FIRST, LAST = date(2023, 1, 1), date(2027, 12, 31)
INSTANTS = ("promised",)


def calendar(office: Office) -> Calendar:
    workdays = ((0, 86400),) if office.natural else office.hours
    rest = workdays if office.natural else ()
    notice = Notice(
        "notice",
        off=tuple(("off", number(n), number(n)) for n in sorted(office.off) if not office.natural),
        work=tuple(("work", number(n), number(n)) for n in sorted(office.work) if not office.natural),
    )
    return build(
        Declaration(
            "office",
            "office",
            office.zone,
            as_week((*[workdays] * 5, rest, rest)),
            first=(FIRST - EPOCH).days,
            last=(LAST - EPOCH).days,
            make_up=workdays,
            notices=(notice,),
        )
    )


def number(n: int) -> int:
    return (BASE + timedelta(n) - EPOCH).days


def log_of(matter: Matter, order: list[int] | None = None) -> Log:
    """The cases' events in one log; `order` interleaves the cases."""
    rows = [
        {"case": f"c{n}", "event": e.name, "at": e.at, **e.data}
        for n, case in enumerate(matter.cases)
        for e in case
    ]
    rows = [rows[n] for n in order] if order else rows
    carried = {
        fact: pl.Int64 if fact in INSTANTS else pl.String for fact in ("part", "verdict", "level", "promised")
    }
    frame = pl.DataFrame(rows, schema={"case": pl.String, "event": pl.String, "at": pl.Int64, **carried})
    given = [{"case": f"c{n}", **facts} for n, facts in enumerate(matter.facts) if facts]
    return as_log(frame, given, zone=matter.office.zone)


def engine(matter: Matter, log: Log | None = None, way: str = "interpreted") -> Outcome:
    calendars = {"office": calendar(matter.office)}
    return replay(parse_policy(matter.policy), calendars, log or log_of(matter), matter.as_of, way=way)


def engine_rows(outcome: Outcome) -> list[tuple[str, Row]]:
    columns = ["case", "rule", "round", "key", "started_at", "due_at", "done_at", "state"]
    return sorted((told(*cells) for cells in outcome.obligations.select(columns).rows()), key=place)


def told(
    case: str,
    rule: str,
    turn: int,
    key: Any,
    start: datetime,
    due: datetime | None,
    done: datetime | None,
    state: str,
) -> tuple[str, Row]:
    return case, Row(rule, turn, key, int(start.timestamp()), seconds(due), seconds(done), state)


def oracle_rows(matter: Matter) -> list[tuple[str, Row]]:
    found = []
    for n, (events, facts) in enumerate(zip(matter.cases, matter.facts, strict=True)):
        case = Case(matter.policy, matter.office.world, matter.as_of, facts)
        found += [(f"c{n}", row) for row in case.judge(list(events))]
    return sorted(found, key=place)


def place(row_of_case: tuple[str, Row]) -> tuple[Any, ...]:
    case, row = row_of_case
    return case, row.rule, row.key or "", row.round, row.started_at


def seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def readable(rows: list[tuple[str, Row]]) -> str:
    return "\n".join(
        f"{case} {row.rule} {row.round} {row.key or ''} {shown(row.started_at)} due {shown(row.due_at)}"
        f" done {shown(row.done_at)} {row.state}"
        for case, row in rows
    )


def shown(at: int | None) -> str:
    return "-" if at is None else datetime.fromtimestamp(at, UTC).strftime("%m-%d %H:%M:%S")


def events_shown(events: tuple[Event, ...]) -> str:
    ordered = sorted(events, key=lambda e: e.at)
    return "\n".join(f"    {shown(e.at)} {e.name} {e.data or ''}" for e in ordered)
