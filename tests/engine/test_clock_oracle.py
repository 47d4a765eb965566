"""The kernel against the slow oracle, over calendars, limits, pauses and conventions that nobody chose."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bihuan.engine import clock
from bihuan.engine.calendar import Calendar, build
from bihuan.engine.timetable import Declaration, Hours, Notice, as_week
from tests.engine import calendar_oracle as slow
from tests.engine.calendar_oracle import Office, Rule
from tests.engine.clock_cases import BECOMES, KINDS, coded

EPOCH = date(1970, 1, 1)
ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "Europe/London",
    "America/Sao_Paulo",  # skipped midnights until 2018
    "America/Havana",  # midnights twice
    "Australia/Lord_Howe",  # half an hour
    "Asia/Kathmandu",
]
HOURS = [
    [(540, 720), (810, 1050)],
    [(510, 1020)],
    [(0, 1440)],
    [(0, 360), (1320, 1440)],
    [(480, 481), (600, 635), (1439, 1440)],
]
SLOW = settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
SLOWEST = settings(SLOW, max_examples=40)


def day_number(day: date) -> int:
    return (day - EPOCH).days


@st.composite
def offices(draw: st.DrawFn, days: int = 60) -> Office:
    # Around the changes of the clock more often than not.
    first = draw(
        st.sampled_from(
            [date(2018, 3, 1), date(2018, 10, 1), date(2016, 1, 20), date(2018, 10, 20), date(1986, 4, 1)]
        )
    )
    last = first + timedelta(draw(st.integers(days // 2, days)))
    week = [draw(st.sampled_from([[], *HOURS])) for _ in range(5)] + [
        draw(st.sampled_from([[], [], HOURS[0]])) for _ in range(2)
    ]
    if not any(week):
        week[0] = HOURS[0]
    office = Office(draw(st.sampled_from(ZONES)), first, last, week)
    for offset in draw(st.lists(st.integers(0, (last - first).days), max_size=6, unique=True)):
        day = first + timedelta(offset)
        office.changed[day] = [] if office.counts(day) else HOURS[1]
    return office


def compiled_calendar(office: Office) -> Calendar:
    def hours(day: list[tuple[int, int]]) -> Hours:
        return tuple((a * 60, b * 60) for a, b in day)

    changed = sorted(office.changed.items())
    off = tuple(("off", day_number(d), day_number(d)) for d, found in changed if not found)
    work = tuple(("work", day_number(d), day_number(d)) for d, found in changed if found)
    return build(
        Declaration(
            "office",
            "office",
            office.zone,
            as_week(tuple(hours(day) for day in office.week)),
            day_number(office.first),
            day_number(office.last),
            make_up=hours(HOURS[1]),
            notices=(Notice("changes", off=off, work=work),),
        )
    )


@st.composite
def rules(draw: st.DrawFn, kinds: list[str] | None = None) -> Rule:
    kind = draw(st.sampled_from(kinds or [kind for kind in KINDS if kind != "unlimited"]))
    n = {
        "seconds": st.integers(0, 90_000),
        "working seconds": st.integers(0, 30 * 60).map(lambda minutes: minutes * 60),
        "weekday": st.integers(0, 6),
        "month day": st.integers(1, 31),
        "month workday": st.integers(1, 25),
        "months": st.integers(0, 2),
    }.get(kind, st.integers(0, 15))
    clocks = st.sampled_from([None, None, "close", 17 * 3600, 9000, 86400, 30 * 60])
    becomes = st.sampled_from(list(BECOMES))
    return Rule(
        kind,
        draw(n),
        draw(st.integers(0, 1)),
        draw(st.sampled_from([1, 3, 6, 12])),
        draw(clocks),
        draw(st.booleans()),
        draw(st.booleans()),
        draw(st.sampled_from([None, "close", "same time", 10 * 3600])),
        *([draw(becomes) for _ in range(3)] if draw(st.booleans()) else []),
    )


@st.composite
def instants(draw: st.DrawFn, office: Office, minutes: bool = False) -> int:
    """Anywhere, or next to where something opens, closes or begins."""
    day = office.first + timedelta(draw(st.integers(0, (office.last - office.first).days)))
    if draw(st.booleans()) and office.hours(day):
        edges = [minute for pair in office.hours(day) for minute in pair]
        t = office.at(day, draw(st.sampled_from(edges)) * 60)
        t += draw(st.sampled_from([0, 60, -60] if minutes else [-1, 0, 1]))
    else:
        t = office.begins(day) + draw(st.integers(0, 24 * 60 - 1)) * 60
        t += 0 if minutes else draw(st.integers(0, 59))
    return max(t, office.begins(office.first))


@SLOW
@given(st.data())
def test_due_as_counted_day_by_day(data):
    office = data.draw(offices())
    rule = data.draw(rules())
    start = data.draw(instants(office, minutes=rule.kind == "working seconds"))
    unit = 60 if rule.kind == "working seconds" else 1
    amounts = ("seconds", "working seconds", "days", "working days", "months")
    extra = data.draw(st.sampled_from([0, 0, 1, 2])) * unit if rule.kind in amounts else 0
    paused = data.draw(st.sampled_from([0, 0, 1, 5])) * unit
    limits, days = coded(rule)
    tables = compiled_calendar(office).tables
    found = clock.due_at(tables, limits, days, 0, 0, 0, start, extra, paused)
    expected = slow.due(office, rule, start, extra, paused)
    assert (None if found == clock.NONE else found) == expected


@SLOW
@given(st.data())
def test_lead_as_stepped_back(data):
    office = data.draw(offices())
    rule = data.draw(rules(["seconds", "days", "working days", "months", "working seconds"]))
    plain = Rule(rule.kind, rule.n)
    anchor = data.draw(instants(office, minutes=rule.kind == "working seconds"))
    limits, days = coded(plain)
    found = clock.lead_before(compiled_calendar(office).tables, limits, days, 0, 0, 0, anchor)
    expected = slow.lead(office, plain, anchor)
    assert (None if found == clock.NONE else found) == expected


@SLOWEST
@given(st.data())
def test_worked_and_reached_minute_by_minute(data):
    office = data.draw(offices(days=16))
    calendar = compiled_calendar(office)
    tables = calendar.tables
    a, b = sorted(data.draw(instants(office, minutes=True)) for _ in range(2))
    if not office.covers(a) or not office.covers(b):
        return
    work = clock.worked(tables, 0, b) - clock.worked(tables, 0, a)
    assert work == office.worked(a, b)
    assert calendar.between(a, b) == work
    if work:
        assert clock.reached(tables, 0, clock.worked(tables, 0, a) + work) == office.work_from(a, work)
    assert calendar.reached(calendar.worked(b)) == clock.reached(tables, 0, clock.worked(tables, 0, b)) <= b


@SLOW
@given(st.data())
def test_pauses_take_out_each_date_once(data):
    office = data.draw(offices())
    kind = data.draw(st.sampled_from(["days", "working days", "next working day", "months"]))
    both_days = data.draw(st.booleans())
    first = data.draw(st.booleans())
    moments = sorted(data.draw(instants(office)) for _ in range(5))
    if not all(office.covers(t) for t in moments):
        return
    tables = compiled_calendar(office).tables
    limits, _ = coded(Rule(kind, 5))
    start, *pauses = moments
    since = clock.NONE if first else start
    already = set() if first else {office.local(start).date()}
    total, expected = 0, set()
    for a, b in (pauses[:2], pauses[2:]):
        total += clock.paused_since(tables, limits, 0, 0, since, a, b, int(both_days))
        since = b
        expected |= slow.excluded(
            office, kind in ("working days", "next working day"), a, b, both_days, already
        )
        already |= expected
    assert total == len(expected)


@SLOWEST
@given(st.data())
def test_pauses_and_use_of_working_time_minute_by_minute(data):
    office = data.draw(offices(days=16))
    a, b = sorted(data.draw(instants(office, minutes=True)) for _ in range(2))
    if not office.covers(a) or not office.covers(b):
        return
    limits, _ = coded(Rule("working seconds", 3600))
    tables = compiled_calendar(office).tables
    assert clock.paused_between(tables, limits, 0, 0, a, b, 1) == office.worked(a, b)
    assert clock.used_between(tables, limits, 0, 0, a, b) == office.worked(a, b)


@SLOW
@given(st.data())
def test_wall_clock_there_and_back(data):
    office = data.draw(offices())
    tables = compiled_calendar(office).tables
    t = data.draw(instants(office))
    if not office.covers(t):
        return
    day = office.local(t).date()
    assert clock.day_of(tables, 0, t) == day_number(day)
    assert clock.wall(tables, 0, t) == slow.wall_second(office, t)
    assert clock.instant(tables, 0, day_number(day), slow.wall_second(office, t)) == office.at(
        day, slow.wall_second(office, t)
    )
    assert clock.end_of(tables, 0, day_number(day)) == office.ends(day)


@pytest.mark.parametrize("day", [date(2000, 1, 31), date(2024, 2, 29), date(1969, 12, 31), date(2100, 2, 28)])
@pytest.mark.parametrize("n", [-13, -1, 0, 1, 2, 12, 49])
def test_months_clip_to_the_shorter_month(day, n):
    assert clock.add_months(day_number(day), n) == day_number(slow.months_after(day, n))


@given(st.dates(date(1600, 1, 1), date(2900, 12, 31)))
def test_civil_dates(day):
    number = day_number(day)
    assert clock.day_from_civil(day.year, day.month, day.day) == number
    assert clock.month_of(number) == day.year * 12 + day.month - 1
    assert clock.weekday(number) == day.weekday()
