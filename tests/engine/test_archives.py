"""What is kept of each case, against dates counted by hand and against the last filing of made-up logs."""

import datetime as dt

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engine.archives import archives, archives_editions
from bihuan.engine.errors import BihuanError
from bihuan.engine.parameters import parameter_values
from tests.engine.small import at, log_of, policy_of, shown

LETTERS = {"id": "letters", "holds": ["letter"], "after": "archived", "keep": "1 year"}
FORM = {"forms": {"letter": {"label": "来信", "fields": ["letter"]}}, "facts": {"letter": {"type": "file"}}}
START = dt.date(2024, 1, 1)


def policy(*archive, **more):
    article = {"archive": list(archive or [LETTERS]), **more.pop("article", {})}
    return policy_of(article=article, **FORM, **more)


def kept(rules, *events, as_of, **given):
    table = archives(rules, {}, log_of(*events), at(as_of), **given)
    return [
        tuple(shown(row[name]) for name in table.columns if name not in ("unit", "article"))
        for row in table.to_dicts()
    ]


def test_a_year_ends_with_its_last_day():
    filed = ("A", "archived", "2024-02-29 10:00")
    assert kept(policy(), filed, as_of="2025-02-28 23:59:59") == [
        ("A", "letters", "2024-02-29 10:00", "2025-02-28 24:00", "kept", "")
    ]
    assert kept(policy(), filed, as_of="2025-03-01 00:00")[0][4] == "over"


def test_what_is_not_filed_is_not_kept():
    assert kept(policy(), ("A", "accepted", "2024-03-01 10:00"), as_of="2026-01-01") == []


def test_a_missing_number_is_named_and_may_be_given():
    rules = policy({"id": "letters", "holds": ["letter"], "after": "archived"})
    filed = ("A", "archived", "2024-03-01 10:00")
    assert kept(rules, filed, as_of="2026-01-01") == [
        ("A", "letters", "2024-03-01 10:00", None, "unset", "missing:letters.keep")
    ]
    three = parameter_values(rules, {"letters.keep": "3 years"})
    assert kept(rules, filed, as_of="2026-01-01", parameters=three)[0][3:5] == ("2027-03-01 24:00", "kept")


def test_what_ends_open_duties_ends_no_keeping():
    rules = policy(policy={"void_by": "withdrawn"})
    events = ("A", "archived", "2024-03-01 10:00"), ("A", "withdrawn", "2024-03-02 10:00")
    assert kept(rules, *events, as_of="2024-06-01")[0][3:5] == ("2025-03-01 24:00", "kept")


def test_a_refused_filing_files_nothing():
    step = {"event": "archived", "needs": ["reviewed"], "refused": True}
    events = (
        ("A", "archived", "2024-03-01 10:00"),
        ("B", "reviewed", "2024-03-01 10:00"),
        ("B", "archived", "2024-03-02 10:00"),
    )
    found = kept(policy(article={"step": [step]}), *events, as_of="2024-06-01")
    assert [row[0] for row in found] == ["B"]


def test_a_refusal_may_depend_on_a_duty_that_the_header_ends():
    duty = {"id": "reply", "after": "accepted", "owes": "replied", "within": "1 day", "by": "unit"}
    step = {"event": "archived", "settled": ["reply"], "refused": True}
    rules = policy(article={"step": [step], "obligation": [duty]}, policy={"void_by": "withdrawn"})
    events = (
        *(("A", "accepted", "2024-03-01 10:00"), ("A", "archived", "2024-03-01 11:00")),
        *(
            ("B", "accepted", "2024-03-01 10:00"),
            ("B", "withdrawn", "2024-03-01 10:30"),
            ("B", "archived", "2024-03-01 11:00"),
        ),
    )
    assert [row[0] for row in kept(rules, *events, as_of="2024-06-01")] == ["B"]


def test_each_edition_keeps_as_long_as_it_says():
    dated = [
        policy({**LETTERS, "keep": keep}, policy={"edition": day, "until": until, "edition_by": "archived"})
        for keep, day, until in (
            ("1 year", dt.date(2020, 1, 1), dt.date(2023, 12, 31)),
            ("2 years", dt.date(2024, 1, 1), None),
        )
    ]
    log = log_of(("A", "archived", "2023-12-31 10:00"), ("B", "archived", "2024-01-01 10:00"))
    found = archives_editions(dated, {}, log, at("2024-06-01"))
    assert [(row["case"], shown(row["keep_until"])) for row in found.to_dicts()] == [
        ("A", "2024-12-31 24:00"),
        ("B", "2026-01-01 24:00"),
    ]
    with pytest.raises(BihuanError, match="nothing"):
        archives_editions(dated, {}, log, settings={"nothing": 1})


@settings(max_examples=30)
@given(
    st.lists(st.tuples(st.sampled_from("ABC"), st.integers(0, 900)), min_size=1, max_size=12),
    st.integers(1, 400),
    st.integers(0, 1500),
)
def test_the_last_filing_counts(filings, length, until):
    rules = policy({**LETTERS, "keep": f"{length} days"})
    day = {n: START + dt.timedelta(days=n) for n in range(2000)}
    log = log_of(*((case, "archived", f"{day[n]} 10:00") for case, n in filings))
    table = archives(rules, {}, log, at(f"{day[until]} 12:00"))
    last = {case: n for case, n in sorted(filings) if n <= until}
    assert [
        (row["case"], row["filed_at"].date(), row["keep_until"].date(), row["state"])
        for row in table.to_dicts()
    ] == [
        (case, day[n], day[n + length], "over" if n + length < until else "kept")
        for case, n in sorted(last.items())
    ]
