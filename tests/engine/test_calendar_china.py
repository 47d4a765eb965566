"""China's working days: official dates typed from the notices, and every day against two packages."""

from datetime import date, timedelta

import pytest

from bihuan.engine.errors import CalendarError
from bihuan.files.calendars import read_calendar
from tests.engine.calendar_oracle import Rule
from tests.engine.clock_cases import due, instant

CN = read_calendar("cn")
OFFICE = read_calendar("cn-office")
EPOCH = date(1970, 1, 1)


def number(day: date | str) -> int:
    return ((date.fromisoformat(day) if isinstance(day, str) else day) - EPOCH).days


# Weekdays off and rest days worked, typed from the published arrangements, not from our data file.
OFF = [
    "2004-01-01",
    "2004-01-22",
    "2004-01-28",
    "2004-05-07",
    "2004-10-07",
    "2005-01-03",
    "2005-02-09",
    "2005-02-15",
    "2005-05-06",
    "2005-10-07",
    "2006-01-02",
    "2006-01-03",
    "2006-02-03",
    "2006-05-05",
    "2006-10-06",
    "2007-01-02",
    "2007-01-03",
    "2007-02-23",
    "2007-05-04",
    "2007-05-07",
    "2007-10-05",
    "2007-12-31",
    "2008-01-01",
    "2008-02-06",
    "2008-02-12",
    "2008-04-04",
    "2008-05-02",
    "2008-06-09",
    "2008-09-15",
    "2008-09-29",
    "2008-09-30",
    "2009-01-02",
    "2009-01-30",
    "2009-04-06",
    "2009-05-29",
    "2009-10-08",
    "2010-01-01",
    "2010-02-19",
    "2010-04-05",
    "2010-05-03",
    "2010-06-16",
    "2010-09-24",
    "2010-10-07",
    "2011-01-03",
    "2011-02-02",
    "2011-02-08",
    "2011-04-04",
    "2011-05-02",
    "2011-06-06",
    "2011-09-12",
    "2011-10-07",
    "2012-01-02",
    "2012-01-03",
    "2012-01-27",
    "2012-04-02",
    "2012-04-30",
    "2012-06-22",
    "2012-10-05",
    "2013-01-03",
    "2013-02-15",
    "2013-04-05",
    "2013-04-29",
    "2013-06-12",
    "2013-09-20",
    "2013-10-07",
    "2014-01-31",
    "2014-02-06",
    "2014-04-07",
    "2014-05-02",
    "2014-06-02",
    "2014-09-08",
    "2014-10-07",
    "2015-01-02",
    "2015-02-18",
    "2015-02-24",
    "2015-04-06",
    "2015-06-22",
    "2015-09-03",
    "2015-09-04",
    "2015-10-07",
    "2016-02-12",
    "2016-04-04",
    "2016-05-02",
    "2016-06-10",
    "2016-09-16",
    "2016-10-07",
    "2017-01-02",
    "2017-01-27",
    "2017-02-02",
    "2017-04-03",
    "2017-05-29",
    "2017-10-06",
    "2018-02-15",
    "2018-02-21",
    "2018-04-06",
    "2018-04-30",
    "2018-06-18",
    "2018-09-24",
    "2018-12-31",
    "2019-02-08",
    "2019-05-02",
    "2019-05-03",
    "2019-06-07",
    "2019-09-13",
    "2019-10-07",
    "2020-01-24",
    "2020-01-31",
    "2020-04-06",
    "2020-05-05",
    "2020-06-26",
    "2020-10-08",
    "2021-02-11",
    "2021-02-17",
    "2021-04-05",
    "2021-05-05",
    "2021-06-14",
    "2021-09-20",
    "2021-10-07",
    "2022-01-03",
    "2022-01-31",
    "2022-02-04",
    "2022-04-04",
    "2022-05-04",
    "2022-06-03",
    "2022-09-12",
    "2022-10-07",
    "2023-01-02",
    "2023-01-27",
    "2023-04-05",
    "2023-05-03",
    "2023-06-23",
    "2023-09-29",
    "2023-10-06",
    "2024-01-01",
    "2024-02-12",
    "2024-02-16",
    "2024-04-05",
    "2024-05-03",
    "2024-06-10",
    "2024-09-16",
    "2024-10-07",
    "2025-01-01",
    "2025-01-28",
    "2025-02-04",
    "2025-04-04",
    "2025-05-05",
    "2025-06-02",
    "2025-10-08",
    "2026-01-02",
    "2026-02-16",
    "2026-02-23",
    "2026-04-06",
    "2026-05-05",
    "2026-06-19",
    "2026-09-25",
    "2026-10-07",
]
WORKED = [
    "2004-01-17",
    "2004-01-18",
    "2004-05-08",
    "2004-10-10",
    "2005-02-05",
    "2005-04-30",
    "2005-05-08",
    "2005-10-09",
    "2005-12-31",
    "2006-01-28",
    "2006-02-05",
    "2006-04-30",
    "2006-10-08",
    "2006-12-30",
    "2006-12-31",
    "2007-02-17",
    "2007-02-25",
    "2007-04-28",
    "2007-09-29",
    "2007-12-29",
    "2008-02-02",
    "2008-02-03",
    "2008-05-04",
    "2008-09-27",
    "2009-01-04",
    "2009-01-24",
    "2009-02-01",
    "2009-05-31",
    "2009-09-27",
    "2009-10-10",
    "2010-02-20",
    "2010-06-13",
    "2010-09-19",
    "2010-09-25",
    "2010-10-09",
    "2011-01-30",
    "2011-02-12",
    "2011-04-02",
    "2011-10-09",
    "2011-12-31",
    "2012-01-21",
    "2012-01-29",
    "2012-03-31",
    "2012-04-01",
    "2012-04-28",
    "2012-09-29",
    "2013-01-05",
    "2013-02-17",
    "2013-04-07",
    "2013-04-28",
    "2013-06-08",
    "2013-09-22",
    "2013-10-12",
    "2014-01-26",
    "2014-02-08",
    "2014-05-04",
    "2014-10-11",
    "2015-01-04",
    "2015-02-28",
    "2015-09-06",
    "2015-10-10",
    "2016-02-06",
    "2016-06-12",
    "2016-09-18",
    "2016-10-09",
    "2017-01-22",
    "2017-04-01",
    "2017-05-27",
    "2017-09-30",
    "2018-02-11",
    "2018-02-24",
    "2018-04-08",
    "2018-04-28",
    "2018-09-30",
    "2018-12-29",
    "2019-02-03",
    "2019-04-28",
    "2019-05-05",
    "2019-10-12",
    "2020-01-19",
    "2020-04-26",
    "2020-06-28",
    "2020-10-10",
    "2021-02-07",
    "2021-02-20",
    "2021-04-25",
    "2021-09-18",
    "2021-10-09",
    "2022-01-30",
    "2022-04-02",
    "2022-05-07",
    "2022-10-09",
    "2023-01-29",
    "2023-04-23",
    "2023-06-25",
    "2023-10-08",
    "2024-02-04",
    "2024-02-18",
    "2024-04-07",
    "2024-05-11",
    "2024-09-14",
    "2024-10-12",
    "2025-01-26",
    "2025-02-08",
    "2025-04-27",
    "2025-09-28",
    "2025-10-11",
    "2026-01-04",
    "2026-02-14",
    "2026-02-28",
    "2026-05-09",
    "2026-09-20",
    "2026-10-10",
]


@pytest.mark.parametrize("day", OFF)
def test_weekday_off(day):
    about = CN.about(number(day))
    assert (about.counts, about.kind, date.fromisoformat(day).weekday() < 5) == (False, "holiday", True)


@pytest.mark.parametrize("day", WORKED)
def test_rest_day_worked(day):
    about = CN.about(number(day))
    assert (about.counts, about.kind, date.fromisoformat(day).weekday() >= 5) == (True, "make-up", True)


def test_the_make_up_day_that_the_extension_of_2020_took_back():
    # Saturday 1 February 2020 was to be worked, until the holiday was extended to the 2nd.
    about = CN.about(number("2020-02-01"))
    assert (about.counts, about.name) == (False, "春节")
    assert about.notice is not None
    assert "延长2020年春节假期" in about.notice.title


@pytest.mark.parametrize(
    ("day", "kind", "name", "title"),
    [
        ("2025-10-01", "holiday", "国庆节、中秋节", "国务院办公厅关于2025年部分节假日安排的通知"),
        ("2025-09-28", "make-up", "国庆节、中秋节", "国务院办公厅关于2025年部分节假日安排的通知"),
        ("2019-05-02", "holiday", "劳动节", "国务院办公厅关于调整2019年劳动节假期安排的通知"),
        ("2015-09-03", "holiday", "抗日战争胜利70周年纪念日", "国务院关于中国人民抗日战争暨世界反法西斯战争胜利70周年纪念日调休放假的通知"),
        ("2005-12-31", "make-up", "元旦", "国务院办公厅关于2006年部分节假日安排的通知"),
        ("2025-09-26", "workday", None, None),
        ("2025-09-27", "rest", None, None),
    ],
)  # fmt: skip
def test_reason_and_notice(day, kind, name, title):
    about = CN.about(number(day))
    assert (about.kind, about.name, about.notice.title if about.notice else None) == (kind, name, title)
    assert not about.provisional


def test_every_day_against_two_packages():
    holidays = pytest.importorskip("holidays")
    chinese_calendar = pytest.importorskip("chinese_calendar")
    china = holidays.China(years=range(2004, 2027))
    days = [date(2004, 1, 1) + timedelta(i) for i in range((date(2027, 1, 1) - date(2004, 1, 1)).days)]
    ours = {day: CN.about(number(day)).counts for day in days}
    assert [day for day in days if ours[day] != china.is_working_day(day)] == []
    # Saturday 2005-12-31 was worked: the notice for 2006 says so, and chinesecalendar leaves it out.
    assert [day for day in days if ours[day] != chinese_calendar.is_workday(day)] == [date(2005, 12, 31)]


@pytest.mark.parametrize(
    ("n", "received", "expected"),
    [
        (5, "2025-09-26 16:00", "2025-10-10 24:00"),
        (1, "2025-09-27 10:00", "2025-09-28 24:00"),
        (1, "2025-11-15 10:00", "2025-11-17 24:00"),
        (5, "2018-02-09 16:00", "2018-02-22 24:00"),  # a weekday rule would say the 16th
        (1, "2005-12-30 10:00", "2005-12-31 24:00"),
        (1, "2020-01-23 10:00", "2020-02-03 24:00"),
    ],
)
def test_working_days(n, received, expected):
    assert due(CN, Rule("working days", n), received) == expected
    assert due(OFFICE, Rule("working days", n), received) == expected


def test_after_the_last_notice_the_week_goes_on_and_days_are_provisional():
    assert CN.confirmed == OFFICE.confirmed == number("2026-12-31")
    new_year = CN.about(number("2027-01-01"))  # a Friday: nobody has said yet that it is off
    assert (new_year.counts, new_year.kind, new_year.provisional) == (True, "workday", True)
    assert not CN.about(number("2026-12-31")).provisional


def test_before_2004_is_an_error_that_names_calendar_and_day():
    with pytest.raises(
        CalendarError, match=r"calendar cn: begins with 2004-01-01 and cannot answer for 2003-12-31"
    ):
        CN.about(number("2003-12-31"))
    with pytest.raises(
        CalendarError, match=r"calendar cn-office: begins with 2004-01-01 and cannot answer for 2003-12-31"
    ):
        OFFICE.worked([instant(OFFICE, "2003-12-31 23:59:59")])


def test_office_hours_of_a_make_up_day():
    rule = Rule("working seconds", 7 * 3600)
    assert due(OFFICE, rule, "2025-09-26 17:30") == "2025-09-28 17:30"
