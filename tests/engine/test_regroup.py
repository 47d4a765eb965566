"""Rules about a subject: what an event knows is what its own case knew then, and nothing of another case."""

import datetime as dt
from functools import cache

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engine.log import as_log
from bihuan.engine.portions import Judge, entries, replay_cases, replay_subjects
from bihuan.engine.replay import replay
from bihuan.engine.site import REGISTER, Site
from tests.engine.small import at, log_of, policy_of, rows_of

FACTS = {
    "station": {"type": "text", "label": "站", "register": True},
    "grave": {"type": "flag", "label": "严重"},
    "limit": {
        "type": "limit",
        "rows": [{"when": {"grave": True}, "is": "1 day"}, {"when": {"grave": False}, "is": "2 days"}],
    },
}
BRIEF = {"id": "brief", "after": "resolved", "owes": "reported", "by": "unit", "across": "station"}


def briefs(rule, *events, **article):
    return replay(policy_of(BRIEF | rule, facts=FACTS, article=article), {}, log_of(*events))


def test_a_limit_is_looked_up_by_the_facts_of_the_event_s_own_case():
    found = briefs(
        {"within": "limit", "per": "grave"},
        ("1", "accepted", "2026-03-02 09:00", {"station": "east", "grave": True}),
        ("2", "accepted", "2026-03-02 10:00", {"station": "east", "grave": False}),
        ("1", "resolved", "2026-03-02 12:00", {"grave": True}),
        ("2", "resolved", "2026-03-02 13:00", {"grave": False}),
    )
    assert rows_of(found, "case", "started_at", "due_at") == [
        ("east", "2026-03-02 12:00", "2026-03-03 24:00"),
        ("east", "2026-03-02 13:00", "2026-03-04 24:00"),
    ]


def test_what_another_case_knows_starts_nothing():
    found = briefs(
        {"within": "1 day", "when": {"grave": True}},
        ("1", "accepted", "2026-03-02 09:00", {"station": "east", "grave": True}),
        ("2", "resolved", "2026-03-02 11:00", {"station": "east", "grave": False}),
        ("3", "resolved", "2026-03-02 12:00", {"station": "east", "grave": True}),
    )
    assert rows_of(found, "started_at") == [("2026-03-02 12:00",)]


def test_what_another_case_knows_later_does_not_make_a_waiting_row_known():
    found = briefs(
        {"within": "limit"},
        ("1", "accepted", "2026-03-02 09:00", {"station": "east", "grave": True}),
        ("2", "resolved", "2026-03-02 11:00", {"station": "east"}),
        ("1", "resolved", "2026-03-02 12:00"),
    )
    assert rows_of(found, "started_at", "state") == [("2026-03-02 11:00", "waiting")]


def test_where_sees_only_what_the_event_itself_brings():
    count = {"id": "bad", "of": {"event": "called_back", "where": {"grave": True}}, "across": "station"}
    found = briefs(
        {"within": "1 day"},
        ("1", "called_back", "2026-03-02 09:00", {"station": "east", "grave": True}),
        ("1", "called_back", "2026-03-02 10:00", {"station": "east"}),
        count=[count | {"at_least": 2}],
    )
    assert found.counts.height == 0


def test_a_waiting_row_becomes_known_by_an_event_of_its_own_case():
    found = briefs(
        {"within": "limit"},
        ("2", "resolved", "2026-03-02 11:00", {"station": "east"}),
        ("1", "accepted", "2026-03-02 12:00", {"station": "east", "grave": True}),
        ("2", "called_back", "2026-03-02 13:00", {"grave": False}),
    )
    assert rows_of(found, "started_at", "due_at", "note") == [
        ("2026-03-02 11:00", "2026-03-04 24:00", "fact-known-later")
    ]


def test_an_agreed_time_of_another_case_moves_nothing():
    agreed = {"agreed": {"type": "instant"}}
    policy = policy_of(BRIEF | {"within": "agreed"}, facts=FACTS | agreed)
    log = log_of(
        ("1", "accepted", "2026-03-02 09:00", {"station": "east", "agreed": "2026-03-05 09:00"}),
        ("2", "accepted", "2026-03-02 09:00", {"station": "east", "agreed": "2026-03-07 09:00"}),
        ("1", "resolved", "2026-03-02 11:00"),
        ("2", "called_back", "2026-03-02 12:00"),
    )
    assert rows_of(replay(policy, {}, log), "due_at") == [("2026-03-05 09:00",)]


def test_the_instant_of_an_event_is_that_of_the_event_s_own_case():
    slow = {"resolved_at": {"from": "accepted_at", "above": "90 minutes"}}
    found = briefs(
        {"within": "1 day", "when": slow},
        ("1", "accepted", "2026-03-02 09:00", {"station": "east"}),
        ("2", "accepted", "2026-03-02 10:30", {"station": "east"}),
        ("1", "resolved", "2026-03-02 11:00"),
        ("2", "resolved", "2026-03-02 11:30"),
    )
    assert rows_of(found, "started_at", "state") == [("2026-03-02 11:00", "open")]


def test_a_register_that_tells_later_makes_what_recurs_known():
    """Of what no case's event began, any event of the subject may tell."""
    rule = {"id": "monthly", "every": "calendar month", "owes": "reported", "by": "unit", "across": "station"}
    policy = policy_of(rule | {"when": {"grave": True}}, facts=FACTS)
    log = log_of(("1", "accepted", "2026-03-02 09:00", {"station": "east", "grave": True}))
    assert rows_of(replay(policy, {}, log), "case", "state") == [("east", "open")]


# --- the same rule over cases, and over a subject with an instance for each case ---

KINDS = {
    **FACTS,
    "number": {"type": "text"},
    "agreed": {"type": "instant"},
    "channel": {"type": "text"},
}
HEARD = ("accepted", "resolved", "reported", "called_back", "urged")
RULES = (
    {"within": "limit"},
    {"within": "agreed"},
    {"within": "1 day", "when": {"grave": True}},
    {"within": "1 day", "after": {"event": "resolved", "where": {"grave": True}}},
    {"within": "1 day", "after": {"event": "resolved", "where": {"channel": ["web", "phone"]}}},
    {"within": "1 day", "when": {"resolved_at": {"from": "accepted_at", "above": "90 minutes"}}},
    {"within": "1 day", "when": {"called_back_at": {"known": True}, "channel": "web"}},
    {"within": "urged_at"},
)
DATA = st.fixed_dictionaries(
    {},
    optional={
        "grave": st.sampled_from([True, False, "?"]),
        "station": st.sampled_from(["east", "west"]),
        "channel": st.sampled_from(["web", "phone", ""]),
        "agreed": st.integers(0, 60).map(
            lambda hours: f"{dt.datetime(2026, 3, 2) + dt.timedelta(hours=hours)}"
        ),
    },
)
EVENTS = st.lists(st.tuples(st.integers(0, 3), st.sampled_from(HEARD), st.integers(0, 48), DATA), max_size=12)
GIVEN = st.lists(
    st.fixed_dictionaries({"channel": st.sampled_from(["web", "phone", None])}), min_size=4, max_size=4
)


def small_log(told, given, cases=range(4)):
    """Events by the half hour, each at a second of its own; every case has an east from its beginning."""
    opened = [(case, "accepted", 0, {"station": "east", "grave": None}) for case in range(4)]
    events = [
        {
            "case": f"c{case}",
            "event": event,
            "at": at("2026-03-02") + half * 1800 + n,
            "whole_day": False,
            **data,
        }
        for n, (case, event, half, data) in enumerate([*opened, *told])
        if case in cases
    ]
    facts = [{"case": f"c{case}", "number": f"c{case}", **given[case]} for case in cases]
    return as_log(pl.DataFrame(events, infer_schema_length=None, strict=False), facts, zone="Asia/Shanghai")


def told_by(outcome, name):
    shown = outcome.obligations.select(pl.col(name), "started_at", "due_at", "done_at", "state", "round")
    return sorted(shown.with_columns(pl.col("state").cast(str)).rows(), key=str)


@cache
def ruled(number, per=None, across="station"):
    return policy_of(BRIEF | RULES[number] | {"per": per, "across": across}, facts=KINDS)


@settings(max_examples=60)
@given(st.sampled_from(range(len(RULES))), EVENTS, GIVEN)
def test_a_rule_across_with_an_instance_for_each_case_says_what_it_says_of_the_cases(rule, told, given):
    stays = [(*event, {k: v for k, v in data.items() if k != "station"}) for *event, data in told]
    log = small_log(stays, given)
    of_cases, of_station = ruled(rule, across=None), ruled(rule, per="number")
    assert told_by(replay(of_station, {}, log), "key") == told_by(replay(of_cases, {}, log), "case")


@settings(max_examples=60)
@given(st.sampled_from(range(len(RULES))), EVENTS, GIVEN)
def test_cases_read_apart_say_what_they_say_together(rule, told, given):
    policy = ruled(rule, per="channel")
    log = small_log(told, given)
    end = int(log.events["at"].max())
    judging, seen = Judge(policy, {}, end), []
    for cases in ([0, 1], [2], [3]):
        _, subjects = replay_cases(judging, small_log(told, given, cases))
        seen.append(subjects["station"])
    together = pl.concat(seen, how="diagonal_relaxed")
    apart = replay_subjects(judging, "station", together, entries(judging, "station"))
    whole = replay(policy, {}, log, as_of=end)
    assert told_by(apart, "case") == told_by(whole, "case")
    assert told_by(apart, "key") == told_by(whole, "key")


MONTHLY = {"id": "monthly", "owes": "inspected", "by": "unit", "across": "station", "every": "calendar month"}


def months_owed(*times, rule=MONTHLY):
    listed = [("east", *(day and dt.date.fromisoformat(day) for day in time)) for time in times]
    site = Site(registers={"station": pl.DataFrame(listed, schema=REGISTER, orient="row")})
    log = log_of(("1", "accepted", "2026-01-10 09:00", {"station": "east"}))
    found = replay(policy_of(rule, facts=FACTS), {}, log, at("2026-06-02 09:00"), site)
    return [started[5:7] for (started,) in rows_of(found, "started_at")]


def test_only_months_within_a_time_in_the_register_are_owed():
    assert months_owed(("2026-02-20", "2026-04-15")) == ["03"]
    assert months_owed(("2026-01-01", "2026-01-31"), ("2026-03-10", None)) == ["01", "04", "05", "06"]
    assert months_owed(("2026-03-10", None), ("2026-01-01", "2026-01-31")) == ["01", "04", "05", "06"]


def test_who_is_in_the_register_since_nobody_says_when_begins_with_the_first_event():
    assert months_owed((None, "2026-03-31")) == ["01", "02", "03"]
    assert months_owed((None, None)) == ["01", "02", "03", "04", "05", "06"]


def test_times_in_the_register_that_follow_each_other_are_one():
    assert months_owed(("2026-02-01", "2026-03-10"), ("2026-03-11", None)) == ["02", "03", "04", "05", "06"]
    assert months_owed(("2026-02-01", "2026-03-10"), ("2026-03-11", "2026-04-30")) == ["02", "03", "04"]


def test_a_series_that_an_event_begins_goes_on_in_its_own_month_of_the_register():
    rule = MONTHLY | {"after": "accepted"}
    assert months_owed(("2025-12-01", "2026-03-31"), rule=rule) == ["01", "02", "03"]
    assert months_owed(("2026-02-01", "2026-03-31"), rule=rule) == ["02", "03"]
