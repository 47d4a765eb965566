"""Why a row of an outcome says what it says, day by day: for people who count on their fingers.

It counts nothing anew but shows the calendar's own days between start and due time, and the events of the case that
the rule knows. Days are numbered only where nothing but the calendar moved the due time. Knows no language.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

import polars as pl

from bihuan.engine.calendar import About, Calendar, natural
from bihuan.engine.clock import NONE, effective_start
from bihuan.engine.clock import Days as Conventions
from bihuan.engine.errors import CallError
from bihuan.engine.limit import parse_limit
from bihuan.engine.log import Log
from bihuan.engine.outcome import Outcome
from bihuan.engine.pattern import Pattern
from bihuan.engine.policy import Policy
from bihuan.engine.tables import days_record
from bihuan.engine.timed import Timed

EPOCH = date(1970, 1, 1)
#: Notes of rows whose due time something else than the calendar has moved.
MOVED = ("moved", "extended", "restarted", "paused", "paused-now")
#: The longest stretch of days that is shown.
MOST_DAYS = 400
SECONDS = {"second": 1, "minute": 60, "hour": 3600, "working hour": 3600}


@dataclass(frozen=True)
class Line:
    """Days that are alike, or an instant. `what` is `days`, `event`, `start`, `from`, `due` or `done`.

    `from` is when the clock begins to count, where a start outside working time becomes another.
    """

    what: str
    first: date
    last: date
    at: datetime | None = None
    event: str | None = None
    kind: str | None = None  # of days: workday, rest, holiday, make-up
    name: str | None = None
    notice: str | None = None
    numbers: tuple[int, ...] = ()  # the counted days among them, where they can be numbered
    worked: int = 0  # seconds, where working hours are counted


@dataclass(frozen=True)
class Explanation:
    """One row of an outcome, the rule behind it, and the days and events between its start and its end."""

    row: Mapping[str, Any]
    says: str
    calendar: str | None
    lines: tuple[Line, ...]
    paused: int = 0  # working seconds between start and due time that a pause took


def explain(
    policy: Policy, calendars: Mapping[str, Calendar], log: Log, outcome: Outcome, case: str
) -> list[Explanation]:
    """Every obligation and callback of a case, in the order in which they began."""
    rows = pl.concat([outcome.obligations, outcome.callbacks], how="diagonal_relaxed")
    mine = rows.filter(pl.col("case").cast(pl.String) == case).sort("started_at", maintain_order=True)
    events = happened(log, case, policy.header.zone)
    if not events:
        raise CallError(f"no case {case!r} in this log, or all its rows were left out", case=case)
    return [explained(policy, calendars, row, events) for row in mine.to_dicts()]


def happened(log: Log, case: str, zone: str) -> list[tuple[datetime, str]]:
    """The events of a case, in order."""
    mine = log.events.filter(pl.col("case").cast(pl.String) == case).sort("at", maintain_order=True)
    at = pl.from_epoch("at", time_unit="s").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return mine.select(at, pl.col("event").cast(pl.String)).rows()


def explained(
    policy: Policy, calendars: Mapping[str, Calendar], row: dict[str, Any], events: list[tuple[datetime, str]]
) -> Explanation:
    rule = policy.timed[row["rule"]]
    name = counting(policy, rule, row["allowed"] or "")
    calendar = natural(policy.header.zone) if name == "natural" else calendars.get(name or "")
    days_of_rule = policy.days_of(rule)
    begin = counted_from(row, calendar, days_record(days_of_rule)) if calendar else row["started_at"]
    lines = [
        *instants(row),
        *touching(policy, rule, row, events),
        *(days(row, begin, calendar, days_of_rule.first is True) if calendar else ()),
    ]
    if begin != row["started_at"]:
        lines.append(Line("from", begin.date(), begin.date(), begin))
    lines.sort(key=lambda line: (line.first, line.what != "days", line.at.timestamp() if line.at else 0))
    article = next(article for article, _, one in policy.rules() if one is rule)
    return Explanation(row, rule.says or article.says, name, tuple(lines), paused(row, lines))


def counted_from(row: Mapping[str, Any], calendar: Calendar, conventions: tuple[int, ...]) -> datetime:
    """What the policy makes of a start on a rest day, before opening or after closing."""
    started: datetime = row["started_at"]
    columns = Conventions(*([value] for value in conventions))
    at = effective_start(calendar.tables, columns, 0, 0, int(started.timestamp()))
    return started if at in (NONE, int(started.timestamp())) else datetime.fromtimestamp(at, started.tzinfo)


def paused(row: Mapping[str, Any], lines: list[Line]) -> int:
    """What is left of the working time between start and due time, where only pauses have moved it."""
    if (
        set(codes(row)) & set(MOVED) != {"paused"}
        or "working hour" not in row["allowed"]
        or not row["due_at"]
    ):
        return 0
    limit = parse_limit(row["allowed"])
    return sum(line.worked for line in lines) - (limit.amount or 0) * SECONDS[limit.unit or ""]


def codes(row: Mapping[str, Any]) -> list[str]:
    return (row["note"] or "").split("; ")


def counting(policy: Policy, rule: Timed, allowed: str) -> str | None:
    """The calendar whose days decide this limit, if any does: hours and months need none."""
    if "working" in allowed:
        return policy.calendar_of(rule)
    return "natural" if any(unit in allowed for unit in (" day", " week")) and "of" not in allowed else None


def instants(row: Mapping[str, Any]) -> Iterator[Line]:
    """Due time and end."""
    if (due := row["due_at"]) is not None:
        yield Line("due", due.date(), due.date(), due)
    if (done := row["done_at"]) is not None:
        yield Line("done", done.date(), done.date(), done, row["closed_by"])


def touching(
    policy: Policy, rule: Timed, row: Mapping[str, Any], events: list[tuple[datetime, str]]
) -> Iterator[Line]:
    """The start with the event that made it, and events that the rule names from there to the end of the row."""
    known, start, end = named(policy, rule), row["started_at"], row["done_at"]
    at_start = [event for at, event in events if at == start]
    begun_by = next((event for event in at_start if event in known), at_start[0] if at_start else None)
    yield Line("start", start.date(), start.date(), start, begun_by)
    for at, event in events:
        if event in known and at > start and (end is None or at < end):
            yield Line("event", at.date(), at.date(), at, event)


def named(policy: Policy, rule: Timed) -> set[str]:
    """All events in a rule's patterns."""
    patterns = [rule.after, rule.ends, rule.void_by, rule.restarted_by, policy.header.void_by]
    for pause in rule.pauses:
        patterns += [pause.from_, pause.to]
    for extension in rule.extensions:
        patterns += [extension.by, *extension.needs]
    return {event for pattern in patterns for event in of_pattern(pattern)}


def of_pattern(pattern: Pattern | None) -> Iterator[str]:
    if pattern is None:
        return
    for one in pattern.any:
        yield from one.event
    for part in pattern.all:
        yield from of_pattern(part)


def days(row: Mapping[str, Any], begin: datetime, calendar: Calendar, first_counts: bool) -> Iterator[Line]:
    """The days from start to due time, those alike together; none counts before the clock does."""
    start, due = row["started_at"], row["due_at"]
    if due is None or not 0 <= (due.date() - start.date()).days <= MOST_DAYS:
        return
    hours = "hour" in row["allowed"]
    shown = (start.date() - EPOCH).days + (begin == start and not first_counts and not hours)
    first = (begin.date() - EPOCH).days + (not first_counts and not hours)
    span = [calendar.about(day) for day in range(shown, (due.date() - EPOCH).days + 1)]
    numbered = not any(code in codes(row) for code in MOVED)
    counted = 0
    for _, group in groupby(span, key=lambda day: (day.counts, day.kind, day.name, day.day < first)):
        alike = list(group)
        counts = alike[0].counts
        if counts and alike[0].day < first:
            continue  # worked, but before the clock counts
        numbers = range(counted + 1, counted + 1 + len(alike)) if counts else range(0)
        counted += len(numbers)
        yield line(
            alike,
            tuple(numbers) if numbered and not hours else (),
            worked(row, begin, calendar, alike) if hours else 0,
        )


def line(alike: list[About], numbers: tuple[int, ...], worked: int) -> Line:
    about = alike[0]
    first, last = (EPOCH + timedelta(day.day) for day in (alike[0], alike[-1]))
    notice = about.notice.title if about.notice else None
    return Line(
        "days", first, last, kind=about.kind, name=about.name, notice=notice, numbers=numbers, worked=worked
    )


def worked(row: Mapping[str, Any], since: datetime, calendar: Calendar, alike: list[About]) -> int:
    """Working seconds of these days that lie between the clock's beginning and the due time."""
    columns, first = calendar.columns, calendar.first
    begin = max(int(since.timestamp()), int(columns.begin[alike[0].day - first]))
    end = min(int(row["due_at"].timestamp()), int(columns.begin[alike[-1].day - first + 1]) - 1)
    return int(calendar.between(begin, end)) if end > begin else 0
