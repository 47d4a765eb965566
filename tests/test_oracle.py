"""The slow judge on cases small enough to be judged by hand, from the decisions of docs/semantics.md."""

import tomllib
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from tests.oracle import Event, World, judge

SHANGHAI = ZoneInfo("Asia/Shanghai")
NATIONAL = {date(2026, 10, n) for n in range(1, 8)}
OFFICE = World(
    SHANGHAI,
    lambda day: day not in NATIONAL and (day.weekday() < 5 or day == date(2026, 10, 10)),
    ((32400, 43200), (48600, 63000)),
)


def instant(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).timestamp())


def told(policy, events, as_of):
    """Rule, round, start, due, end and state of each row, as text."""
    found = judge(
        {"policy": {}, **tomllib.loads(policy)},
        OFFICE,
        [Event(instant(at), name, data[0] if data else {}) for at, name, *data in events],
        instant(as_of),
    )
    return [
        (row.rule, row.round, shown(row.started_at), shown(row.due_at), shown(row.done_at), row.state)
        for row in found
    ]


def shown(at):
    return None if at is None else OFFICE.local(at).strftime("%m-%d %H:%M:%S")


RESOLVE = """
[[article]]
[[article.obligation]]
id = "resolve"
after = "dispatched"
owes = { all = ["investigated", "answered"] }
within = "4 working days"
void_by = "returned"
[[article.obligation]]
id = "escalate"
after = "resolve.missed"
owes = "escalated"
within = "2 working hours"
"""


def test_working_days_go_round_a_holiday_and_count_the_make_up_day():
    rows = told(RESOLVE, [("2026-09-30 15:50", "dispatched")], "2026-10-12 09:00")
    assert rows == [("resolve", 1, "09-30 15:50:00", "10-12 23:59:59", None, "open")]


def test_what_is_missed_starts_what_comes_after_it_at_the_due_instant():
    rows = told(RESOLVE, [("2026-09-30 15:50", "dispatched")], "2026-10-13 11:00:01")
    assert rows == [
        ("resolve", 1, "09-30 15:50:00", "10-12 23:59:59", None, "overdue"),
        ("escalate", 1, "10-12 23:59:59", "10-13 11:00:00", None, "overdue"),
    ]


@pytest.mark.parametrize(("second", "state"), [("23:59:59", "met"), ("00:00:00", "late")])
def test_the_last_of_all_that_is_owed_counts_and_the_due_second_is_in_time(second, state):
    day = "2026-10-12" if state == "met" else "2026-10-13"
    events = [
        ("2026-09-30 15:50", "dispatched"),
        ("2026-10-09 10:00", "answered"),
        (f"{day} {second}", "investigated"),
    ]
    assert told(RESOLVE, events, "2026-10-20")[0][-1] == state


def test_void_up_to_the_due_time_and_a_breach_that_stands_after_it():
    early = [("2026-10-08 09:00", "dispatched"), ("2026-10-09 09:00", "returned")]
    late = [("2026-10-08 09:00", "dispatched"), ("2026-10-16 09:00", "returned")]
    assert told(RESOLVE, early, "2026-10-20")[0][-1] == "void"
    assert told(RESOLVE, late, "2026-10-20")[0][-1] == "overdue"


CURE = """
[[article]]
[[article.obligation]]
id = "total"
after = "accepted"
owes = "resolved"
within = "3 days"
void_by = "cure.met"
[[article.obligation]]
id = "cure"
after = "accepted"
owes = "resolved"
within = "1 day"
"""


def test_void_beats_done_though_the_same_event_raised_it():
    events = [("2026-10-08 09:00", "accepted"), ("2026-10-09 09:00", "resolved")]
    states = {row[0]: row[-1] for row in told(CURE, events, "2026-10-20")}
    assert states == {"cure": "met", "total": "void"}


PAUSED = """
[[article]]
[[article.obligation]]
id = "resolve"
after = "accepted"
owes = "resolved"
within = "{within}"
restarted_by = "reopened"
pauses = [{{ from = "suspended", to = "resumed", both_days = {both} }}]
extensions = [{{ by = "extended", add = "{add}", at_most = "{add}", needs = ["approved"] }}]
"""


@pytest.mark.parametrize(
    ("within", "both", "due"),
    [
        ("24 hours", "false", "10-11 16:00:00"),
        ("3 days", "false", "10-13 23:59:59"),
        ("3 days", "true", "10-14 23:59:59"),
        ("3 working days", "false", "10-13 23:59:59"),
        ("4 working hours", "false", "10-12 09:30:00"),
    ],
)
def test_pauses_in_the_unit_of_the_limit(within, both, due):
    policy = PAUSED.format(within=within, both=both, add=f"1 {within.split(' ', 1)[1]}")
    events = [
        ("2026-10-08 15:00", "accepted"),
        ("2026-10-09 10:00", "suspended"),
        ("2026-10-09 15:00", "suspended"),
        ("2026-10-11 11:00", "resumed"),
        ("2026-12-01 09:00", "suspended"),
    ]
    assert told(policy, events, "2026-10-11 12:00")[0][3] == due


def test_an_extension_with_consent_lengthens_the_amount_and_is_capped():
    policy = PAUSED.format(within="3 days", both="false", add="2 days")
    events = [
        ("2026-10-08 15:00", "accepted"),
        ("2026-10-09 10:00", "extended"),
        ("2026-10-09 11:00", "approved"),
        ("2026-10-10 10:00", "extended"),
        ("2026-10-10 11:00", "approved"),
    ]
    assert told(policy, events, "2026-10-11")[0][3] == "10-13 23:59:59"


def test_a_restart_keeps_the_round():
    policy = PAUSED.format(within="3 days", both="false", add="2 days")
    events = [("2026-10-08 15:00", "accepted"), ("2026-10-10 10:00", "reopened")]
    assert told(policy, events, "2026-10-11") == [
        ("resolve", 1, "10-10 10:00:00", "10-13 23:59:59", None, "open")
    ]


ROUNDS = """
[[article]]
[[article.window]]
id = "three-years"
after = "accepted"
within = "36 months"
[[article.obligation]]
id = "callback"
after = { event = "called_back", where = { verdict = "dissatisfied" } }
owes = { event = "called_back", where = { verdict = "satisfied" } }
within = "next day 10:00"
void_by = "often.reached"
[[article.count]]
id = "often"
of = { event = "called_back", where = { verdict = "dissatisfied" } }
above = 2
"""


def test_a_count_that_is_reached_voids_in_its_turn_what_the_same_event_opened():
    bad = {"verdict": "dissatisfied"}
    events = [
        ("2026-10-08 15:00", "accepted"),
        ("2026-10-08 16:00", "called_back", bad),
        ("2026-10-08 17:00", "called_back", {"verdict": "satisfied"}),
        ("2026-10-09 16:00", "called_back", bad),
        ("2026-10-09 17:00", "called_back", bad),
    ]
    rows = [row for row in told(ROUNDS, events, "2026-10-20") if row[0] == "callback"]
    assert [(row[1], row[3], row[-1]) for row in rows] == [
        (1, "10-09 10:00:00", "met"),
        (2, "10-10 10:00:00", "void"),
        (3, "10-10 10:00:00", "void"),
    ]
