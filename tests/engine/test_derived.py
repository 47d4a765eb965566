"""What follows from the log itself: a part's events for its whole, dated facts, dates without a time."""

import pytest

from bihuan.engine.parameters import parameter_values
from bihuan.engine.portions import Judge, replay_cases
from bihuan.engine.replay import replay
from tests.engine.small import at, log_of, policy_of, rows_of

PERMITS = policy_of(
    {"id": "close", "after": "permit.ended", "owes": "closed", "within": "2 hours", "by": "unit"},
    facts={"permit": {"type": "case", "label": "总票", "shows": ["ended"]}},
)


def test_a_whole_sees_the_shown_events_of_its_parts():
    log = log_of(
        ("whole", "issued", "2026-03-02 08:00"),
        ("part", "issued", "2026-03-02 08:30", {"permit": "whole"}),
        ("part", "ended", "2026-03-02 15:00"),
        ("whole", "closed", "2026-03-02 16:00"),
    )
    found = replay(PERMITS, {}, log)
    assert rows_of(found, "case", "rule", "started_at", "due_at", "state") == [
        ("whole", "close", "2026-03-02 15:00", "2026-03-02 17:00", "met")
    ]


def test_an_event_that_is_not_shown_stays_with_the_part():
    log = log_of(
        ("whole", "issued", "2026-03-02 08:00"),
        ("part", "interrupted", "2026-03-02 08:30", {"permit": "whole"}),
    )
    assert rows_of(replay(PERMITS, {}, log), "case") == []


def test_a_dated_fact_is_an_event_at_its_instant_as_known_last():
    policy = policy_of(
        {"id": "report", "after": "visit_on", "owes": "reported", "within": "3 days", "by": "unit"},
        facts={"visit_on": {"type": "date", "label": "走访日"}},
    )
    log = log_of(
        ("1", "accepted", "2026-03-02 09:00", {"visit_on": "2026-03-05"}),
        ("1", "appointed", "2026-03-03 09:00", {"visit_on": "2026-03-09"}),
        ("1", "reported", "2026-03-12 10:00"),
    )
    assert rows_of(replay(policy, {}, log), "started_at", "due_at", "state") == [
        ("2026-03-09 00:00", "2026-03-12 24:00", "met")
    ]


def test_the_last_event_of_the_log_and_not_a_dated_fact_says_as_of_when():
    policy = policy_of(
        {"id": "report", "after": "visit_on", "owes": "reported", "within": "3 days", "by": "unit"},
        facts={"visit_on": {"type": "date", "label": "走访日"}},
    )
    found = replay(policy, {}, log_of(("1", "accepted", "2026-03-02 09:00", {"visit_on": "2026-05-01"})))
    assert found.summary["as_of"] == at("2026-03-02 09:00")
    assert rows_of(found, "state") == []


DAILY = policy_of({"id": "answer", "after": "accepted", "owes": "answered", "within": "3 days", "by": "unit"})
HOURLY = policy_of(
    {"id": "answer", "after": "accepted", "owes": "answered", "within": "24 hours", "by": "unit"}
)


def test_dates_without_a_time_judge_limits_in_days():
    log = log_of(("1", "accepted", "2026-03-02"), ("1", "answered", "2026-03-05"))
    assert rows_of(replay(DAILY, {}, log), "due_at", "state") == [("2026-03-05 24:00", "met")]
    log = log_of(("1", "accepted", "2026-03-02"), ("1", "answered", "2026-03-06"))
    assert rows_of(replay(DAILY, {}, log), "state") == [("late",)]


def test_a_date_without_a_time_cannot_judge_a_limit_in_hours_and_says_so():
    log = log_of(("1", "accepted", "2026-03-02"), ("1", "answered", "2026-03-02 10:00"))
    assert rows_of(replay(HOURLY, {}, log), "state", "note") == [("unset", "date-without-time")]
    log = log_of(("1", "accepted", "2026-03-02 09:00"), ("1", "answered", "2026-03-03"))
    assert rows_of(replay(HOURLY, {}, log), "state", "note") == [("unset", "date-without-time")]


def test_a_date_without_a_time_is_not_before_what_the_log_tells_earlier_of_that_day():
    log = log_of(("1", "accepted", "2026-03-02 10:00"), ("1", "answered", "2026-03-02"))
    assert rows_of(replay(DAILY, {}, log), "state") == [("met",)]
    log = log_of(("1", "accepted", "2026-03-02"), ("1", "answered", "2026-03-02 09:00"))
    assert rows_of(replay(DAILY, {}, log), "state") == [("met",)]


def test_an_event_entered_later_than_it_may_be_is_irregular_and_judges_all_the_same():
    log = log_of(
        ("1", "accepted", "2026-03-02 09:00", {"recorded_at": at("2026-03-02 09:01")}),
        ("1", "answered", "2026-03-04 09:00", {"recorded_at": at("2026-03-06 09:01"), "actor": "张三"}),
    )
    tolerant = parameter_values(DAILY, {"backdating_tolerance": "2 days"})
    found = replay(DAILY, {}, log, parameters=tolerant)
    assert rows_of(found, "state") == [("met",)]
    assert found.irregularities.select("case", "event", "kind", "actor", "detail").rows() == [
        ("1", "answered", "backdated", "张三", "2026-03-06 09:01")
    ]
    tolerant = parameter_values(DAILY, {"backdating_tolerance": "49 hours"})
    assert replay(DAILY, {}, log, parameters=tolerant).irregularities.height == 0
    assert replay(DAILY, {}, log).irregularities.height == 0  # nobody said how late is too late


@pytest.mark.parametrize(
    "article",
    [
        {"no_rule": "definition"},
        {"count": [{"id": "many", "of": "accepted", "across": "station", "at_least": 9}]},
        {"obligation": [{"id": "monthly", "every": "calendar month", "owes": "reported", "by": "unit"}]},
    ],
    ids=["no rule", "across", "company"],
)
def test_an_event_entered_too_late_is_found_whatever_the_rules_are_about(article):
    station = {"station": {"type": "text", "label": "站", "register": True}}
    policy = policy_of(facts=station, article=article)
    late = {"station": "east", "recorded_at": at("2026-03-06 09:01")}
    log = log_of(("1", "accepted", "2026-03-02 09:00", late), ("1", "answered", "2026-03-03 09:00"))
    tolerant = parameter_values(policy, {"backdating_tolerance": "2 days"})
    at_once = replay(policy, {}, log, parameters=tolerant)
    portion, _ = replay_cases(Judge(policy, {}, at("2026-03-03 09:00"), None, tolerant), log)
    for found in (at_once, portion):
        assert found.irregularities.select("case", "event", "kind").rows() == [("1", "accepted", "backdated")]
        assert found.summary["irregularities"] == {"backdated": 1}


def test_what_an_event_of_one_case_brings_is_not_known_at_a_case_of_the_same_subject():
    policy = policy_of(
        {
            "id": "brief",
            "after": {"event": "resolved", "where": {"grave": True}},
            "when": {"grave": True},
            "owes": "reported",
            "within": "1 day",
            "by": "unit",
            "across": "station",
        },
        facts={
            "station": {"type": "text", "label": "站", "register": True},
            "grave": {"type": "flag", "label": "严重"},
        },
    )
    log = log_of(
        ("1", "accepted", "2026-03-02 09:00", {"station": "east", "grave": True}),
        ("2", "accepted", "2026-03-02 10:00", {"station": "east"}),
        ("2", "resolved", "2026-03-02 11:00", {"station": "east"}),
        ("1", "resolved", "2026-03-02 12:00", {"station": "east"}),
        ("1", "resolved", "2026-03-02 13:00", {"station": "east", "grave": True}),
    )
    assert rows_of(replay(policy, {}, log), "case", "rule", "started_at") == [
        ("east", "brief", "2026-03-02 13:00")
    ]
