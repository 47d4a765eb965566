"""Are limits and periods read as a regulation means them?"""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.engine.finding import Wrong
from bihuan.engine.limit import (
    LAST_SECOND,
    LIMIT,
    PERIOD,
    SPANS,
    UNITS,
    WEEKDAYS,
    DayWord,
    Limit,
    Name,
    Period,
    Reference,
    is_limit,
    parse_clock,
    parse_limit,
    parse_limit_source,
    parse_period,
)

amounts = st.builds(
    lambda n, unit: f"{n} {unit}{'s' if n > 1 else ''}", st.integers(1, 999), st.sampled_from(UNITS)
)
long_amounts = st.builds(
    lambda n, unit: f"{n} {unit}s", st.integers(2, 99), st.sampled_from(("day", "month", "year"))
)
day_words = st.one_of(
    st.sampled_from(("same day", "next day", "next working day", *WEEKDAYS)),
    st.builds(lambda n, of: f"day {n} of {of} month", st.integers(1, 31), st.sampled_from(("this", "next"))),
    st.builds(
        lambda n, of: f"working day {n} of {of} month", st.integers(1, 23), st.sampled_from(("this", "next"))
    ),
    st.builds(lambda span: f"last day of this {span}", st.sampled_from(SPANS)),
)
clocks = st.one_of(
    st.just("close"), st.builds(lambda h, m: f"{h:02}:{m:02}", st.integers(0, 23), st.integers(0, 59))
)
limits = st.one_of(
    amounts, day_words, st.builds(lambda a, b: f"{a} {b}", st.one_of(long_amounts, day_words), clocks)
)


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("45 minutes", Limit(45, "minute")),
        ("1 hour", Limit(1, "hour")),
        ("4 working hours", Limit(4, "working hour")),
        ("4 working days", Limit(4, "working day")),
        ("3 working days close", Limit(3, "working day", clock="close")),
        ("next day 10:00", Limit(day=DayWord("next day"), clock=36000)),
        ("Sunday 17:00", Limit(day=DayWord("weekday", 6), clock=61200)),
        ("day 7 of next month 16:00", Limit(day=DayWord("month day", 7, "next"), clock=57600)),
        ("working day 3 of this month", Limit(day=DayWord("month working day", 3, "this"))),
        ("last day of this half-year", Limit(day=DayWord("last day", 0, "half-year"))),
        ("same day 24:00", Limit(day=DayWord("same day"), clock=LAST_SECOND)),
    ],
)
def test_a_limit_is_an_amount_or_a_day_with_an_hour(text, limit):
    assert parse_limit(text) == limit


@given(limits)
def test_a_limit_is_written_as_it_was_read(text):
    assert str(parse_limit(text)) == text


@given(limits)
def test_the_pattern_of_the_schema_takes_what_is_read(text):
    assert re.fullmatch(LIMIT, text)
    assert is_limit(text)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("0 days", "limit-zero"),
        ("-3 days", "limit-negative"),
        ("1.5 days", "limit-fraction"),
        ("4 workingdays", "limit"),
        ("four days", "limit"),
        ("4days close early", "limit"),
        ("", "limit"),
        (3, "limit"),
        ("day 0 of next month", "limit-day"),
        ("day 32 of this month", "limit-day"),
        ("working day 24 of next month", "limit-day"),
        ("day 7 of last month", "limit"),
        ("next day 24:01", "clock"),
        ("next day 9:00", "clock"),
        ("2 hours 10:00", "limit-clock"),
        ("2 working hours close", "limit-clock"),
    ],
)
def test_an_impossible_limit_says_what_is_wrong_with_it(text, code):
    with pytest.raises(Wrong) as wrong:
        parse_limit(text)
    assert wrong.value.code == code


@given(st.text(max_size=20))
def test_any_other_text_is_refused_as_a_limit_and_never_breaks(text):
    try:
        assert str(parse_limit(text))
    except Wrong:
        assert not is_limit(text) or re.search(r"\b0+ |day (0|[3-9]\d|\d{3,})|2[4-9]:", text)


def test_where_a_limit_is_wanted_a_bare_word_is_a_name():
    assert parse_limit_source("repair_limit") == Name("repair_limit")
    assert parse_limit_source({"by": "yu-2005-7"}) == Reference("yu-2005-7")
    with pytest.raises(Wrong):
        parse_limit_source({"by": "a", "to": "b"})


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("calendar month", Period("month")),
        ("calendar day 12:00", Period("day", clock=43200)),
        ("working day", Period(working_day=True)),
        ("3 months", Period(rolling=Limit(3, "month"))),
    ],
)
def test_a_period_is_of_the_calendar_or_rolls(text, period):
    assert parse_period(text) == period
    assert str(period) == text
    assert re.fullmatch(PERIOD, text)


@pytest.mark.parametrize(
    "text", ["month", "calendar fortnight", "calendar day close", "3 months 10:00", "Sunday", 7]
)
def test_no_other_period_is_read(text):
    with pytest.raises(Wrong):
        parse_period(text)


def test_midnight_at_the_end_is_the_last_second_in_time():
    assert parse_clock("24:00") == 86399
    assert parse_clock("00:00") == 0
