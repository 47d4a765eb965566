"""Periods by name, and the period of a day."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.engine.errors import CallError
from bihuan.engine.period import FORMS, dated, numbered, parse_span, span_of

days = st.dates(dt.date(1900, 1, 1), dt.date(2199, 12, 30))


@pytest.mark.parametrize(
    ("name", "first", "after"),
    [
        ("2026", "2026-01-01", "2027-01-01"),
        ("2026-H1", "2026-01-01", "2026-07-01"),
        ("2026-H2", "2026-07-01", "2027-01-01"),
        ("2026-Q4", "2026-10-01", "2027-01-01"),
        ("2026-12", "2026-12-01", "2027-01-01"),
        ("2024-02", "2024-02-01", "2024-03-01"),
        ("2026-W01", "2025-12-29", "2026-01-05"),
        ("2026-W53", "2026-12-28", "2027-01-04"),
        ("2026-10-31", "2026-10-31", "2026-11-01"),
    ],
)
def test_first_days(name, first, after):
    span = parse_span(name)
    assert (str(span.first), str(span.next), span.name) == (first, after, name)


@pytest.mark.parametrize(
    "text",
    ["", "2026-13", "2026-Q5", "2026-W54", "2025-W53", "2026-02-30", "10/2026", "2026-10 ", "２０２６"],
)
def test_what_is_no_period_is_refused_with_examples(text):
    with pytest.raises(CallError, match="2026-Q4"):
        parse_span(text)


@given(days, st.sampled_from(sorted(FORMS)))
def test_a_day_lies_in_exactly_one_period_of_a_kind_and_its_name_leads_back(day, kind):
    span = span_of(kind, day)
    assert span.first <= day < span.next
    assert parse_span(span.name) == span
    assert span_of(kind, span.next).first == span.next
    assert dated(numbered(day)) == day
