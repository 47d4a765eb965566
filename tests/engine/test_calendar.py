"""Building calendars, their columns of instants, and what they say of a day."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from bihuan.engine import clock
from bihuan.engine.calendar import ALL_DAY, MANY, build, natural, stack
from bihuan.engine.errors import CalendarError
from bihuan.engine.timetable import Declaration, Notice, as_week
from bihuan.files.calendars import read_calendar

MORNING = ((9 * 3600, 12 * 3600),)
ODD = ((9 * 3600 + 7, 12 * 3600 + 11), (13 * 3600 + 60, 17 * 3600 + 13))
DAYS = (date(2025, 1, 1).toordinal() - 719163, date(2025, 12, 31).toordinal() - 719163)


def day(month: int, of_month: int) -> int:
    return date(2025, month, of_month).toordinal() - 719163


def declared(hours=MORNING, **rest) -> Declaration:
    week = as_week((*(hours,) * 5, (), ()))
    return Declaration("test", "test", "Asia/Shanghai", week, *DAYS)._replace(**rest)


CALENDARS = {
    "office": read_calendar("cn-office"),
    "natural": natural("America/New_York"),
    "odd hours": build(declared(ODD)),  # no common measure: searched, not looked up
    "one hour more": build(declared(((9 * 3600, 12 * 3600), (13 * 3600, 17 * 3600)), zone="Europe/London")),
}


@pytest.mark.parametrize("many", [MANY // 20, MANY])
@pytest.mark.parametrize("name", CALENDARS)
def test_columns_answer_as_the_kernel(name, many):
    calendar = replace(CALENDARS[name])  # few are searched, as long as many were never looked up
    begin, end = int(calendar.columns.begin[0]), int(calendar.columns.begin[-1])
    at = np.sort(np.random.default_rng(7).integers(max(begin, 10**9), min(end, 2 * 10**9), many))
    at = np.concatenate(([begin, end - 1], at, calendar.columns.opens[:500], calendar.columns.closes[:500]))
    worked = calendar.worked(at)
    some = slice(0, None, many // 1000)
    assert worked[some].tolist() == [clock.worked(calendar.tables, 0, t) for t in at[some].tolist()]
    assert calendar.day_of(at)[some].tolist() == [
        clock.day_of(calendar.tables, 0, t) for t in at[some].tolist()
    ]
    spans = np.minimum(
        np.arange(len(at)) % 90_000,
        calendar.columns.before[-1] - 1 - worked.clip(max=calendar.columns.before[-1] - 1),
    )
    reached = calendar.add(at, spans)
    again = [clock.reached(calendar.tables, 0, w) for w in (worked + spans)[some].tolist()]
    assert reached[some].tolist() == again
    assert (calendar.worked(reached) == worked + spans).all()


def test_odd_hours_have_no_direct_tables():
    assert CALENDARS["odd hours"].direct is None or CALENDARS["odd hours"].direct.grain < 60
    assert CALENDARS["office"].direct is not None


def test_one_span_for_all_is_the_same_span_each():
    office = CALENDARS["office"]
    at = np.arange(1_700_000_000, 1_710_000_000, 997)
    assert (office.add(at, 5000) == office.add(at, np.full(len(at), 5000))).all()


def test_nth_working_day_forth_and_back():
    calendar = build(declared())
    friday, saturday, monday = day(9, 26), day(9, 27), day(9, 29)
    assert calendar.nth_working_day([friday, saturday, monday], 1).tolist() == [monday, monday, monday + 1]
    assert calendar.nth_working_day([friday, saturday, monday], -1).tolist() == [friday - 1, friday, friday]
    assert calendar.nth_working_day([saturday, monday], 0).tolist() == [saturday, monday]


def test_outside_is_an_error_that_names_calendar_and_day():
    calendar = build(declared())
    with pytest.raises(
        CalendarError, match="calendar test: begins with 2025-01-01 and cannot answer for 2024-12-31"
    ):
        calendar.check_days(DAYS[0] - 1)
    with pytest.raises(
        CalendarError, match="calendar test: ends with 2025-12-31 and cannot answer for 2026-01-01"
    ):
        calendar.worked(calendar.columns.begin[-1])
    with pytest.raises(CalendarError, match="ends with 2025-12-31"):
        calendar.add(calendar.columns.begin[-1] - 1, 1)
    with pytest.raises(CalendarError, match="begins with 2025-01-01"):
        calendar.reached(-1)
    with pytest.raises(CalendarError, match="begins with 2025-01-01"):
        calendar.nth_working_day(DAYS[0], -1)
    with pytest.raises(CalendarError, match="ends with 2025-12-31"):
        calendar.nth_working_day(DAYS[1], 1)
    with pytest.raises(CalendarError, match="cannot answer for a day"):
        calendar.check(2**60)


def test_a_later_notice_overrides_an_earlier_one():
    off = Notice("first", off=(("feast", day(10, 1), day(10, 3)),))
    back = Notice("second", work=(("feast", day(10, 2), day(10, 2)),))
    calendar = build(declared(notices=(off, back)))
    assert [calendar.about(day(10, d)).counts for d in (1, 2, 3)] == [False, True, False]
    assert calendar.about(day(10, 2)).notice == back


def test_hours_of_one_day_may_be_changed():
    short = Notice("half day", hours=((day(9, 30), ((9 * 3600, 10 * 3600),)),))
    calendar = build(declared(notices=(short,)))
    begin = calendar.columns.begin[day(9, 30) - DAYS[0]]
    assert calendar.between(begin, begin + 86400) == 3600


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"notices": (Notice("n", work=(("x", day(9, 26), day(9, 26)),)),)}, "2025-09-26 a workday.*already"),
        ({"notices": (Notice("n", off=(("x", DAYS[0] - 1, DAYS[0]),)),)}, "2024-12-31.*2025-01-01 to 2025-12-31"),
        ({"week": as_week(((),) * 7)}, "no working time"),
        ({"zone": "Asia/Chongqing_City"}, "'Asia/Chongqing_City' is not known"),
        ({"first": -40_000}, "1950-01-01"),
        (
            {"week": as_week((*(ALL_DAY,) * 4, MORNING, (), ())), "notices": (Notice("n", work=(("x", day(9, 28), day(9, 28)),)),)},
            "weekdays of different hours.*make_up",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_built_says_why(change, words):
    with pytest.raises(CalendarError, match=words):
        build(declared(**change))


def test_what_is_confirmed():
    assert build(declared()).confirmed == DAYS[1]  # a pattern without notices is the whole rule
    assert build(declared(notices=(Notice("n", confirms=day(6, 30)),))).confirmed == day(6, 30)
    assert build(
        declared(confirmed=day(9, 30), notices=(Notice("n", confirms=day(6, 30)),))
    ).confirmed == day(9, 30)


def test_a_calendar_alone_is_stacked_without_a_copy():
    one = natural("Asia/Shanghai")
    assert stack([one]).begin is one.columns.begin
    assert stack([one]).seek is one.columns.seek


def test_stacked_calendars_answer_as_each_alone():
    calendars = list(CALENDARS.values())
    tables = stack(calendars)
    for c, calendar in enumerate(calendars):
        for t in range(1_735_700_000, 1_760_000_000, 777_777):
            assert clock.worked(tables, c, t) == clock.worked(calendar.tables, 0, t)
            work = clock.worked(tables, c, t) + 12345
            assert clock.reached(tables, c, work) == clock.reached(calendar.tables, 0, work)
            row = clock.day_of(tables, c, t)
            assert clock.nth(tables, c, clock.number(tables, c, row)) <= row
