"""A matter judged by the engine and by the oracle, both as plain rows that can be compared."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import polars as pl

from bihuan.engine.calendar import Calendar, build
from bihuan.engine.log import Log, as_log
from bihuan.engine.outcome import Outcome
from bihuan.engine.policy import parse_policy
from bihuan.engine.replay import Judgement, judged_cases, tables_of
from bihuan.engine.site import PEOPLE, REGISTER, Site
from bihuan.engine.timetable import Declaration, Notice, as_week
from tests.engine.hostile import BASE, Matter, Office
from tests.oracle import Case, Event, Row, judged, rows
from tests.oracle.words import named, rules_of

EPOCH = date(1970, 1, 1)
FIRST, LAST = date(2023, 1, 1), date(2027, 12, 31)
#: Notes that docs/semantics.md decides; the others only help a reader.
NOTES = frozenset(
    ["trigger-ignored", "too-early-ignored", "fact-known-later", "fact-not-known", "extended", "restarted"]
)


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
        {
            "case": f"c{n}",
            "event": e.name,
            "at": e.at,
            "actor": e.actor,
            **{k: written(v) for k, v in e.data.items()},
        }
        for n, case in enumerate(matter.cases)
        for e in case
    ]
    rows = [rows[n] for n in order] if order else rows
    texts = ("case", "event", "actor", *matter.policy["facts"])
    frame = pl.DataFrame(rows, schema={"at": pl.Int64, **dict.fromkeys(texts, pl.String)})
    given = [
        {"case": f"c{n}", **{k: written(v) for k, v in facts.items()}}
        for n, facts in enumerate(matter.facts)
        if facts
    ]
    return as_log(frame, given, zone=matter.office.zone)


def written(value: Any) -> Any:
    """Instants as a log writes them."""
    return datetime.fromtimestamp(value, UTC).isoformat() if isinstance(value, int) else value


def site(matter: Matter) -> Site:
    """Who holds which role, and when the register has a station; nobody who is not named is known."""
    held = [{"person": p, "role": role} for p, roles in matter.people.items() for role in roles]
    listed = [
        (name, *(None if day is None else BASE + timedelta(day) for day in time))
        for name, times in matter.register.items()
        for time in times
    ]
    registers = {"station": pl.DataFrame(listed, schema=REGISTER, orient="row")} if listed else {}
    return Site(people=pl.DataFrame(held, schema=PEOPLE), registers=registers)


def engine(matter: Matter, log: Log | None = None, way: str = "interpreted") -> Outcome:
    return tables_of(judgement(matter, log, way))


def judgement(matter: Matter, log: Log | None = None, way: str = "interpreted") -> Judgement:
    calendars = {"office": calendar(matter.office)}
    policy = parse_policy(matter.policy)
    return judged_cases(policy, calendars, log or log_of(matter), matter.as_of, site(matter), way=way)


def engine_rows(outcome: Outcome) -> list[tuple[str, Row]]:
    return sorted((told(row) for row in outcome.obligations.iter_rows(named=True)), key=place)


def told(row: dict[str, Any]) -> tuple[str, Row]:
    start, due, warn, done = (seconds(row[name]) for name in ("started_at", "due_at", "warn_at", "done_at"))
    notes = frozenset(row["note"].split("; ")) & NOTES if row["note"] else frozenset()
    assert start is not None
    return row["case"], Row(
        row["rule"], row["round"], row["key"], start, due, warn, done, row["state"], frozenset(notes)
    )


def engine_findings(matter: Matter, outcome: Outcome) -> list[str]:
    """Irregularities and counts as text: a step by its event, a rule by its id."""
    tables = (outcome.irregularities, outcome.counts)
    found = [row for table in tables for row in table.iter_rows(named=True)]
    return sorted(
        finding(
            matter,
            row["case"],
            int(row["at"].timestamp()),
            *(row[n] for n in ("event", "kind", "rule", "step", "detail")),
        )
        for row in found
    )


def finding(
    matter: Matter,
    case: str,
    at: int,
    event: str,
    kind: str,
    rule: str | None,
    step: str | None,
    detail: str | None,
) -> str:
    """Of a finding on an outcome only the rule is decided, not which line of the log is named beside it."""
    if step:
        return f"{case} {shown(at)} {kind} {event}: {step} {detail or ''}"
    return f"{case} {shown(at)} {kind} {'' if of_outcome(matter, rule) else event} {rule}"


def of_outcome(matter: Matter, rule: str | None) -> bool:
    rules = [each for _, each in rules_of(matter.policy, "prohibition", "count") if each["id"] == rule]
    plain = {name for each in rules for name in named(each.get("on", each.get("of")))}
    ids = {each["id"] for _, each in rules_of(matter.policy, "prohibition", "count", "obligation", "window")}
    return any(name.split(".")[0] in ids for name in plain)


def oracle_tells(matter: Matter) -> tuple[list[tuple[str, Row]], list[str]]:
    """The rows and the findings of the oracle, judged once."""
    cases = slowly(matter)
    return rows_of(cases), findings_of(matter, cases)


def slowly(matter: Matter) -> dict[str, Case]:
    """Every case judged by the oracle."""
    cases = {}
    for n, (events, facts) in enumerate(zip(matter.cases, matter.facts, strict=True)):
        case = Case(matter.policy, matter.office.world, matter.as_of, facts, matter.people)
        cases[f"c{n}"] = judged(case, list(events))
    return cases


def oracle_rows(matter: Matter) -> list[tuple[str, Row]]:
    return rows_of(slowly(matter))


def rows_of(cases: dict[str, Case]) -> list[tuple[str, Row]]:
    found = [(name, row) for name, case in cases.items() for row in rows(case)]
    return sorted(((name, replace(row, notes=row.notes & NOTES)) for name, row in found), key=place)


def findings_of(matter: Matter, cases: dict[str, Case]) -> list[str]:
    return sorted(
        finding(matter, name, f.at, f.event, f.kind, f.rule, f.step, f.detail)
        for name, case in cases.items()
        for f in [*case.irregular, *case.counts]
    )


def place(row_of_case: tuple[str, Row]) -> tuple[Any, ...]:
    case, row = row_of_case
    return case, row.rule, row.key or "", row.round, row.started_at


def seconds(at: datetime | None) -> int | None:
    return None if at is None else int(at.timestamp())


def readable(rows: list[tuple[str, Row]]) -> str:
    return "\n".join(
        f"{case} {row.rule} {row.round} {row.key or ''} {shown(row.started_at)} due {shown(row.due_at)}"
        f" warn {shown(row.warn_at)} done {shown(row.done_at)} {row.state} {' '.join(sorted(row.notes))}"
        for case, row in rows
    )


def shown(at: int | None) -> str:
    return "-" if at is None else datetime.fromtimestamp(at, UTC).strftime("%m-%d %H:%M:%S")


def events_shown(events: tuple[Event, ...]) -> str:
    ordered = sorted(events, key=lambda e: e.at)
    return "\n".join(f"    {shown(e.at)} {e.name} {e.actor or ''} {e.data or ''}" for e in ordered)
