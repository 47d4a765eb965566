"""The slow way to count: minute by minute and date by date, with nothing but the standard library.

Shares no code with the engine, on purpose. It is told a calendar as plain data.
"""

import calendar as months
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as wall_time
from functools import cache
from zoneinfo import ZoneInfo

ONE = timedelta(days=1)


@dataclass(eq=False)
class Office:
    zone: str
    first: date
    last: date
    week: list[list[tuple[int, int]]]  # per weekday, in minutes of the day
    changed: dict[date, list[tuple[int, int]]] = field(default_factory=dict)

    def hours(self, day: date) -> list[tuple[int, int]]:
        return self.changed.get(day, self.week[day.weekday()])

    def counts(self, day: date) -> bool:
        return bool(self.hours(day))

    def local(self, t: int) -> datetime:
        return datetime.fromtimestamp(t, ZoneInfo(self.zone))

    def at(self, day: date, second: int) -> int:
        """A wall time, fold=0."""
        naive = datetime.combine(day, wall_time()) + timedelta(seconds=second)
        return int(naive.replace(tzinfo=ZoneInfo(self.zone)).timestamp())

    @cache  # noqa: B019 - an office lives for one example
    def begins(self, day: date) -> int:
        """First second whose date is not before the day."""
        t = self.at(day, 0)
        while self.local(t).date() >= day:
            t -= 1800
        while self.local(t).date() < day:
            t += 60
        return t

    def ends(self, day: date) -> int:
        return self.begins(day + ONE) - 1

    def covers(self, t: int) -> bool:
        return self.begins(self.first) <= t <= self.ends(self.last)

    def open(self, t: int) -> bool:
        """Does the clock on the wall show a working minute?"""
        now = self.local(t)
        minute = now.hour * 60 + now.minute
        return any(a <= minute < b for a, b in self.hours(now.date()))

    def worked(self, a: int, b: int) -> int:
        return 60 * sum(self.open(t) for t in range(a, b, 60))

    def work_from(self, t: int, seconds: int) -> int | None:
        """When so many seconds have been worked; the next opening for none."""
        while seconds > 0 or not self.open(t):
            if not self.covers(t):
                return None
            if self.open(t):
                seconds -= 60
                if seconds == 0:
                    return t + 60
            t += 60
        return t if self.covers(t) else None

    def closing(self, day: date) -> int:
        if not self.hours(day):
            return self.ends(day)
        minute = self.hours(day)[-1][1]
        return self.ends(day) if minute == 1440 else self.at(day, minute * 60)

    def working_day_after(self, day: date, n: int) -> date:
        while n > 0:
            day += ONE
            if day > self.last:
                raise OutsideError
            n -= self.counts(day)
        return day

    def working_day_before(self, day: date, n: int) -> date:
        while n > 0:
            day -= ONE
            if day < self.first:
                raise OutsideError
            n -= self.counts(day)
        return day


class OutsideError(Exception):
    """The calendar does not reach there."""


@dataclass
class Rule:
    """A limit in words, with its day conventions."""

    kind: str
    n: int = 1
    ahead: int = 0
    span: int = 1
    clock: int | str | None = None  # second, "close" or nothing
    first: bool = False
    rolls: bool = False
    ends: int | str | None = None  # second, "close", "same time" or nothing
    rest_day: str = "as is"
    before: str = "as is"
    after: str = "as is"


def due(office: Office, rule: Rule, start: int, extra: int = 0, paused: int = 0) -> int | None:
    try:
        return due_or_raise(office, rule, start, extra, paused)
    except OutsideError:
        return None


def due_or_raise(office: Office, rule: Rule, start: int, extra: int, paused: int) -> int | None:
    start = begun(office, rule, start)
    if rule.kind == "seconds":
        return start + rule.n + extra + paused
    if not office.covers(start):
        raise OutsideError
    if rule.kind == "working seconds":
        return office.work_from(start, rule.n + extra + paused)
    today = office.local(start).date()
    counted_today = rule.first and (rule.kind != "working days" or office.counts(today))
    amount = rule.n + extra
    if rule.kind == "working days":
        day = office.working_day_after(today, amount + paused - counted_today)
    elif rule.kind == "days":
        day = today + (amount + paused - counted_today) * ONE
    elif rule.kind == "months":
        day = months_after(today, amount) + (paused - counted_today) * ONE
    else:
        day = named(office, rule, today, 0)
        recurs = rule.kind in ("weekday", "month day", "month workday", "last day")
        if recurs and moment(office, rule, inside(office, day), start) <= start:
            day = named(office, rule, today, 1)
        inside(office, day)
        if rule.kind in ("next working day", "month workday"):
            day = office.working_day_after(day, paused)
        else:
            day += paused * ONE
    day = inside(office, max(day, today))
    if rule.rolls and not office.counts(day):
        day = office.working_day_after(day, 1)
    found = moment(office, rule, day, start)
    return office.ends(day) if found <= start else found


def begun(office: Office, rule: Rule, start: int) -> int:
    if {rule.rest_day, rule.before, rule.after} == {"as is"}:
        return start
    if not office.covers(start):
        raise OutsideError
    becomes = rule_for(office, rule, start)
    if becomes == "next working day":
        day = office.local(start).date()
        start = office.at(office.working_day_after(day, 1), wall_second(office, start))
        becomes = rule_for(office, rule, start)
    if becomes == "next opening":
        opened = office.work_from(start - start % 60, 0)
        if opened is None:
            raise OutsideError
        return max(start, opened)
    return start


def rule_for(office: Office, rule: Rule, start: int) -> str:
    if not office.covers(start):
        raise OutsideError
    day = office.local(start).date()
    if not office.counts(day):
        return rule.rest_day
    if start < office.at(day, office.hours(day)[0][0] * 60):
        return rule.before
    if start > office.ends(day) or start >= office.at(day, office.hours(day)[-1][1] * 60):
        return rule.after
    return "as is"


def wall_second(office: Office, t: int) -> int:
    now = office.local(t)
    return now.hour * 3600 + now.minute * 60 + now.second


def inside(office: Office, day: date) -> date:
    if not office.first <= day <= office.last:
        raise OutsideError
    return day


def moment(office: Office, rule: Rule, day: date, start: int) -> int:
    clock = rule.ends if rule.clock is None else rule.clock
    if clock == "same time":
        clock = wall_second(office, start)
    if clock is None or clock == 86400:
        return office.ends(day)
    if clock == "close":
        return min(office.closing(day), office.ends(day))
    return min(office.at(day, int(clock)), office.ends(day))


def named(office: Office, rule: Rule, today: date, later: int) -> date:
    if rule.kind == "same day":
        return today
    if rule.kind == "next day":
        return today + ONE
    if rule.kind == "next working day":
        return office.working_day_after(today, 1)
    if rule.kind == "weekday":
        day = today
        while day.weekday() != rule.n:
            day += ONE
        return day + 7 * later * ONE
    ahead = rule.ahead + later
    if rule.kind == "month day":
        begin = months_after(today.replace(day=1), ahead)
        return begin.replace(day=min(rule.n, months.monthrange(begin.year, begin.month)[1]))
    if rule.kind == "month workday":
        begin = months_after(today.replace(day=1), ahead)
        days = [begin + i * ONE for i in range(months.monthrange(begin.year, begin.month)[1])]
        for day in (days[0], days[-1]):
            inside(office, day)
        worked = [day for day in days if office.counts(day)]
        return worked[: rule.n][-1]
    begin = today.replace(day=1)
    while (begin.month - 1) % rule.span:
        begin = months_after(begin, -1)
    return months_after(begin, (ahead + 1) * rule.span) - ONE


def months_after(day: date, n: int) -> date:
    count = day.year * 12 + day.month - 1 + n
    year, month = count // 12, count % 12 + 1
    return date(year, month, min(day.day, months.monthrange(year, month)[1]))


def excluded(office: Office, working: bool, a: int, b: int, both_days: bool, already: set[date]) -> set[date]:
    """Dates that a pause takes out of a limit of days: after its own until that of resumption."""
    day, last = office.local(a).date(), office.local(b).date()
    dates = {day} if both_days else set()
    while day < last:
        day += ONE
        dates.add(day)
    return {d for d in dates if office.counts(d) or not working} - already


def lead(office: Office, rule: Rule, anchor: int) -> int | None:
    """So long before the anchor, by stepping back."""
    if rule.kind == "seconds" or rule.n == 0:
        return anchor - rule.n
    if not office.covers(anchor):
        return None
    if rule.kind == "working seconds":
        return work_back(office, anchor, rule.n)
    today = office.local(anchor).date()
    try:
        if rule.kind == "working days":
            day = office.working_day_before(today, rule.n)
        elif rule.kind == "days":
            day = inside(office, today - rule.n * ONE)
        else:
            day = inside(office, months_after(today, -rule.n))
    except OutsideError:
        return None
    return office.ends(day)


def work_back(office: Office, anchor: int, seconds: int) -> int | None:
    """Latest minute from which so much is worked until the anchor."""
    t = anchor
    while seconds > 0:
        t -= 60
        if not office.covers(t):
            return None
        if office.open(t):
            seconds -= 60
    return t


def utc(text: str) -> int:
    return int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp())
