"""Calendars and notices out of TOML, and every example of docs/calendars.md."""

import re
from datetime import date
from pathlib import Path

import pytest

from bihuan.engine.errors import CalendarError
from bihuan.files.calendars import calendar_names, found_calendar, read_calendar, read_calendars

DOCS = Path(__file__).parents[2] / "docs" / "calendars.md"
EXAMPLES = re.findall(r"```toml\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)


def number(day: str) -> int:
    return date.fromisoformat(day).toordinal() - 719163


def hours_worked(calendar, day: str):
    begin = calendar.columns.begin[number(day) - calendar.first]
    return calendar.between(begin, begin + 86399) / 3600


@pytest.fixture
def file(tmp_path):
    def write(text: str, name: str = "calendar.toml"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def example(file, words: str):
    (found,) = [text for text in EXAMPLES if words in text]
    return file(found, f"{words}.toml")


def test_bundled():
    assert calendar_names() == ["natural", "cn-office", "cn"]
    assert read_calendar("natural", "Asia/Tokyo").zone == "Asia/Tokyo"
    assert hours_worked(read_calendar("cn-office"), "2026-10-10") == 7
    assert read_calendar("cn") is read_calendar("cn")


def test_a_bundled_calendar_is_built_when_it_is_first_asked_for():
    found_calendar.cache_clear()
    calendars = read_calendars()
    assert (list(calendars), len(calendars), "cn" in calendars, "us" in calendars) == (
        ["cn-office", "cn"], 2, True, False,
    )  # fmt: skip
    assert found_calendar.cache_info().currsize == 0
    assert calendars["cn"] is calendars["cn"] is read_calendar("cn")
    assert found_calendar.cache_info().currsize == 1
    with pytest.raises(KeyError):
        calendars["us"]


def test_a_wrong_notice_is_refused_before_its_calendar_is_asked_for(file):
    path = file('[[notice]]\ntitle = "x"\ncalendar = "cn"\n[notice.work]\n"x" = [2026-11-18]\n')
    with pytest.raises(CalendarError, match="it is one already"):
        read_calendars([path])


def test_every_example_of_the_page_is_used_here():
    words = ["2027年", "防御台风", 'my-office"', "service-desk", "shift", "us-office"]
    assert len(EXAMPLES) == len(words)
    assert all(any(word in text for word in words) for text in EXAMPLES)


def test_notice_of_a_new_year(file):
    path = example(file, "2027年")
    for name in ("cn", "cn-office"):
        calendar = read_calendar(name, files=[path])
        assert calendar.confirmed == number("2027-12-31")
        assert not calendar.about(number("2027-01-01")).counts
        assert calendar.about(number("2027-05-08")).counts
        assert calendar.about(number("2028-01-03")).provisional
    assert read_calendar("cn").confirmed == number("2026-12-31")


def test_local_day_off_and_half_day(file):
    calendar = read_calendar("cn-office", files=[example(file, "防御台风")])
    about = calendar.about(number("2026-08-12"))
    assert (about.counts, about.name) == (False, "停工")
    assert hours_worked(calendar, "2026-08-13") == 4
    assert calendar.confirmed == number("2026-12-31")
    assert read_calendar("cn").about(number("2026-08-12")).counts


def test_own_hours_on_the_same_days(file):
    calendar = read_calendar("my-office", files=[example(file, 'my-office"\n')])
    assert hours_worked(calendar, "2026-10-10") == 9
    assert hours_worked(calendar, "2026-10-01") == 0
    assert calendar.zone == "Asia/Shanghai"


def test_hours_of_each_weekday_and_of_make_up_days(file):
    calendar = read_calendar("service-desk", files=[example(file, "service-desk")])
    found = [hours_worked(calendar, f"2026-10-{day:02}") for day in (7, 8, 9, 10, 11)]
    assert found == [0, 12, 10, 12, 0]


def test_every_day_of_the_year(file):
    calendar = read_calendar("shift", files=[example(file, "shift")])
    assert calendar.about(number("2026-10-01")).counts
    assert hours_worked(calendar, "2026-10-01") == pytest.approx(22, abs=0.001)
    assert calendar.confirmed == calendar.last


def test_public_holidays_of_another_country(file):
    pytest.importorskip("holidays")
    calendar = read_calendar("us-office", files=[example(file, "us-office")])
    fourth = calendar.about(number("2025-07-04"))
    assert (fourth.counts, fourth.kind, fourth.name) == (False, "holiday", "Independence Day")
    assert calendar.about(number("2025-04-21")).name == "Patriots' Day"
    assert hours_worked(calendar, "2025-07-03") == 8.5
    assert calendar.about(number("2027-07-05")).provisional


def test_a_calendar_of_the_installation_takes_the_place_of_a_bundled_one(file):
    own = file('[calendar]\nname = "cn-office"\nbased_on = "cn"\nhours = ["08:00-12:00"]\n')
    assert hours_worked(read_calendar("cn-office", files=[own]), "2026-10-10") == 4


BROKEN = [
    ("[calendar", "is not TOML"),
    ("", r"neither \[calendar\] nor \[\[notice\]\]"),
    ('[calendar]\nname = "x"\ncolour = 1\n', "calendar.colour: Extra inputs"),
    ('[calendar]\ntitle = "x"\n', "calendar.name: Field required"),
    ('[calendar]\nname = "x"\n', "needs `zone`"),
    ('[calendar]\nname = "x"\nzone = "Asia/Shanghai"\n', "needs `week`, `based_on` or `country`"),
    ('[calendar]\nname = "x"\nbased_on = "y"\n', "y: is not known; there are cn, cn-office, natural, x"),
    ('[calendar]\nname = "x"\nbased_on = "x"\n', "circle: x → x"),
    ('[calendar]\nname = "natural"\nbased_on = "cn"\n', "'natural' is declared already"),
    ('[calendar]\nname = "x"\nbased_on = "cn"\nhours = ["9:00-12:00"]\n', "'9:00-12:00' is not an interval"),
    ('[calendar]\nname = "x"\nbased_on = "cn"\nhours = ["22:00-06:00"]\n', "a night shift is two intervals"),
    ('[calendar]\nname = "x"\nbased_on = "cn"\nhours = ["09:00-12:00", "11:00-13:00"]\n', "follow each other"),
    ('[calendar]\nname = "x"\nbased_on = "cn"\nhours = "09:00-12:00"\n', "is not a list"),
    ('[calendar]\nname = "x"\nbased_on = "cn"\nweek = { Montag = [] }\n', "'Montag' is neither a weekday nor a range"),
    ('[calendar]\nname = "x"\nbased_on = "cn"\nweek = { monday = [], "monday..friday" = [] }\n', "monday is given twice"),
    ('[calendar]\nname = "x"\nbased_on = "cn"\nfirst = "2020-01-01"\n', "is not a date such as 2027-01-01"),
    ('[calendar]\nname = "x"\nzone = "Asia/Shanghai"\ncountry = "US"\n', "needs `first`, and `confirmed`"),
    ('[calendar]\nname = "x"\nzone = "Asia/Shanghai"\ncountry = "CN"\nfirst = 2020-01-01\nconfirmed = 2030-01-01\n', "use the calendar 'cn'"),
    ('[calendar]\nname = "x"\nzone = "Asia/Shanghai"\ncountry = "XX"\nfirst = 2020-01-01\nconfirmed = 2030-01-01\n', "country 'XX'"),
    ('[[notice]]\ntitle = "n"\n', "needs `calendar`"),
    ('[[notice]]\ntitle = "n"\ncalendar = "cm"\n', "cm: is not known"),
    ('[[notice]]\ntitle = "n"\ncalendar = "cn"\noff = { "x" = ["2027-01-03..2027-01-01"] }\n', "ends before it begins"),
    ('[[notice]]\ntitle = "n"\ncalendar = "cn"\noff = { "x" = ["2027-1-1"] }\n', "neither a date nor a range"),
    ('[[notice]]\ntitle = "n"\ncalendar = "cn"\noff = { "x" = [2027-01-02] }\nwork = { "x" = [2027-01-02] }\n', "2027-01-02 both off and worked"),
    ('[[notice]]\ntitle = "n"\ncalendar = "cn"\nwork = { "x" = [2027-01-04] }\n', "2027-01-04 a workday, but it is one already"),
    ('[[notice]]\ntitle = "n"\ncalendar = "cn"\nhours = { "2027-01-04" = [] }\n', "belongs under `off`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), BROKEN)
def test_mistakes_are_explained(file, text, words):
    path = file(text)
    with pytest.raises(CalendarError, match=words):
        read_calendar("x" if 'name = "x"' in text else "cn", files=[path])


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(CalendarError, match=r"nowhere\.toml: cannot be read"):
        read_calendar("cn", files=[tmp_path / "nowhere.toml"])


def test_two_files_may_not_declare_one_name(file):
    text = '[calendar]\nname = "x"\nbased_on = "cn"\n'
    with pytest.raises(CalendarError, match="'x' is declared already"):
        read_calendar("x", files=[file(text, "a.toml"), file(text, "b.toml")])
