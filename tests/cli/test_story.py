"""What an explanation prints of each kind of thing that can happen, whole, counted by hand.

The days are those of the State Council's notice for 2025: Sunday 28 September and Saturday 11 October are worked, 1 to
8 October are a holiday. The office works 9:00 to 12:00 and 13:30 to 17:30.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from bihuan.cli.explain import told
from bihuan.engine.calendar import natural
from bihuan.engine.explain import explain
from bihuan.engine.log import as_log
from bihuan.engine.policy import parse_policy
from bihuan.files.calendars import read_calendars
from bihuan.i18n import use

FACTS = {
    "level": {"label": "等级", "choices": {"high": "高", "low": "低"}},
    "promised": {"label": "约定时间", "type": "instant"},
    "station": {"label": "供电所", "type": "unit", "register": True},
}
NOTICE = "国庆节、中秋节  国务院办公厅关于2025年部分节假日安排的通知"
ACCEPTED = ("2025-09-26 16:00", "accepted")
STOPS = {"from": "suspended", "to": "resumed"}


@pytest.fixture(autouse=True)
def language():
    use("en")
    yield
    use("en")


def policy_of(rule, zone):
    rule = {"id": "answer", "after": "accepted", "owes": "answered"} | rule
    header = {"id": "test/answers", "title": "答复", "edition": "unknown", "status": "in force", "zone": zone}
    header |= {"calendar": "cn-office", "source": {"file": "test.txt", "lines": "1"}}
    step = {"event": "redispatched", "requires": {"level": "high"}, "refused": True}
    article = {"no": "第一条", "says": "按期答复", "obligation": [rule], "step": [step]}
    return parse_policy({"policy": header, "facts": FACTS, "article": [article]})


def printed(rule, *events, as_of="2025-10-20 00:00", zone="Asia/Shanghai", case="1", lang="en"):
    def seconds(text):
        return int(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())

    use(lang)
    policy, calendars = policy_of(rule, zone), dict(read_calendars())
    if zone != "Asia/Shanghai":
        calendars["cn-office"] = natural(zone)
    rows = [
        {"case": "1", "event": event, "at": seconds(at), **(data[0] if data else {})}
        for at, event, *data in events
    ]
    found = explain(policy, calendars, as_log(rows, zone=zone), case, seconds(as_of))
    return [line.removeprefix("    ") for each in found for line in list(told(each, policy.event_labels))[2:]]


def test_a_pause_in_working_days():
    """Both days after that of the pause are lost; the 10th of October becomes Monday 13."""
    rule = {"within": "5 working days", "pauses": [STOPS]}
    stops = [("2025-09-28 10:00", "suspended"), ("2025-09-30 10:00", "resumed")]
    assert printed(rule, ACCEPTED, *stops) == [
        "2025-09-26 Fri 16:00     accepted: the clock starts; this day does not count",
        "2025-09-27 Sat           rest day",
        f"2025-09-28 Sun           1  make-up workday {NOTICE}",
        "2025-09-28 Sun 10:00     suspended: the clock is stopped; no due time meanwhile",
        "2025-09-29 Mon … 09-30   paused: does not count",
        "2025-09-30 Tue 10:00     resumed: goes on; 2 working days did not count; "
        "due 2025-10-10 24:00 → 2025-10-13 24:00",
        f"2025-10-01 Wed … 10-08   holiday {NOTICE}",
        "2025-10-09 Thu … 10-10   2 3",
        f"2025-10-11 Sat           4  make-up workday {NOTICE}",
        "2025-10-12 Sun           rest day",
        "2025-10-13 Mon           5",
        "2025-10-13 Mon 24:00     due",
        "  → overdue; late by 6 d; paused".removeprefix("    "),
    ]


def test_a_pause_in_chinese():
    rule = {"within": "2 working days", "pauses": [STOPS]}
    stops = [
        ("2025-09-28 10:00", "suspended"),
        ("2025-09-29 10:00", "resumed"),
        ("2025-09-30 09:00", "answered"),
    ]
    assert printed(rule, ACCEPTED, *stops, lang="zh") == [
        "2025-09-26 周五 16:00     受理:开始计时; 当日不计",
        "2025-09-27 周六           休息日",
        f"2025-09-28 周日           1  调休上班 {NOTICE}",
        "2025-09-28 周日 10:00     挂起:计时暂停; 其间没有到期时间",
        "2025-09-29 周一           暂停,不计",
        "2025-09-29 周一 10:00     恢复:恢复计时,其间 1 个工作日不计; 到期 2025-09-29 24:00 → 2025-09-30 24:00",
        "2025-09-30 周二           2",
        "2025-09-30 周二 09:00     答复客户:了结",
        "2025-09-30 周二 24:00     到期",
        "  → 按时; 曾暂停",
    ]


def test_pauses_within_days_of_working_hours():
    """Monday: 9 to 10, 11 to 12, 13:30 to 15, that is 3 h 30 min; Tuesday 10 to 17:30 without lunch 6 h; 2 h 30 min left."""
    rule = {"within": "12 working hours", "pauses": [STOPS]}
    events = [
        ("2025-10-13 08:00", "accepted"),
        ("2025-10-13 10:00", "suspended"),
        ("2025-10-13 11:00", "resumed"),
        ("2025-10-13 15:00", "suspended"),
        ("2025-10-14 10:00", "resumed"),
    ]
    assert printed(rule, *events) == [
        "2025-10-13 Mon 08:00     accepted: the clock starts",
        "2025-10-13 Mon           3 h 30 min  paused for 3 h 30 min",
        "2025-10-13 Mon 10:00     suspended: the clock is stopped; no due time meanwhile",
        "2025-10-13 Mon 11:00     resumed: goes on; 1 h did not count; due 2025-10-14 15:30 → 2025-10-14 16:30",
        "2025-10-13 Mon 15:00     suspended: the clock is stopped; no due time meanwhile",
        "2025-10-14 Tue           6 h  paused for 1 h",
        "2025-10-14 Tue 10:00     resumed: goes on; 3 h 30 min did not count; due 2025-10-14 16:30 → 2025-10-15 11:30",
        "2025-10-15 Wed           2 h 30 min",
        "2025-10-15 Wed 11:30     due",
        "  → overdue; late by 4 d 12 h; paused",
    ]


def test_a_pause_that_goes_on_and_one_that_comes_too_late():
    rule = {"within": "2 working days", "pauses": [STOPS]}
    going_on = printed(rule, ACCEPTED, ("2025-09-28 10:00", "suspended"), as_of="2025-09-30 12:00")
    assert going_on[3:] == [
        "2025-09-28 Sun 10:00     suspended: the clock is stopped; no due time meanwhile",
        "2025-09-29 Mon … 09-30   paused: does not count",
        "  → open; paused; paused now",
    ]
    late = printed(rule, ACCEPTED, ("2025-10-09 10:00", "suspended"))
    assert late[-2:] == [
        "2025-10-09 Thu 10:00     suspended: no pause: it came after the due time",
        "  → overdue; late by 20 d; a pause began after the due time",
    ]


def test_extensions_granted_capped_and_refused():
    """4 + 3 days are 7, then 8 at most: the 8th working day after 26 September is Tuesday 14 October."""
    extension = {
        "by": "extended",
        "add": "3 working days",
        "at_most": "4 working days",
        "needs": ["approved"],
    }
    events = [
        ("2025-09-28 10:00", "extended"),
        ("2025-09-29 10:00", "approved"),
        ("2025-09-30 10:00", "extended"),
        ("2025-09-30 11:00", "approved"),
        ("2025-10-09 10:00", "extended"),
        ("2025-10-09 11:00", "approved"),
        ("2025-10-15 10:00", "extended"),
        ("2025-10-15 11:00", "approved"),
    ]
    assert printed({"within": "4 working days", "extensions": [extension]}, ACCEPTED, *events) == [
        "2025-09-26 Fri 16:00     accepted: the clock starts; this day does not count",
        "2025-09-27 Sat           rest day",
        f"2025-09-28 Sun           1  make-up workday {NOTICE}",
        "2025-09-28 Sun 10:00     extended: an extension still needs approved",
        "2025-09-29 Mon … 09-30   2 3",
        "2025-09-29 Mon 10:00     approved: extended, by 3 working days in all; due 2025-10-09 24:00 → 2025-10-13 24:00",
        "2025-09-30 Tue 10:00     extended: an extension still needs approved",
        "2025-09-30 Tue 11:00     approved: extended, by 4 working days in all; due 2025-10-13 24:00 → 2025-10-14 24:00",
        f"2025-10-01 Wed … 10-08   holiday {NOTICE}",
        "2025-10-09 Thu … 10-10   4 5",
        "2025-10-09 Thu 10:00     extended: an extension still needs approved",
        "2025-10-09 Thu 11:00     approved: no extension: nothing more can be added",
        f"2025-10-11 Sat           6  make-up workday {NOTICE}",
        "2025-10-12 Sun           rest day",
        "2025-10-13 Mon … 10-14   7 8",
        "2025-10-14 Tue 24:00     due",
        "2025-10-15 Wed 10:00     extended: an extension still needs approved",
        "2025-10-15 Wed 11:00     approved: no extension: it came after the due time",
        "  → overdue; late by 5 d; extended; an extension had no effect",
    ]


def test_an_extension_to_a_new_limit_and_its_condition():
    extension = {"by": "extended", "to": "3 working days", "when": {"level": "high"}}
    events = [
        ("2025-09-28 09:00", "extended"),
        ("2025-09-28 10:00", "extended", {"level": "low"}),
        ("2025-09-28 11:00", "extended", {"level": "high"}),
    ]
    found = printed({"within": "2 working days", "extensions": [extension]}, ACCEPTED, *events)
    assert found[3:] == [
        "2025-09-28 Sun 09:00     extended: no extension: it is not known whether its condition holds",
        "2025-09-28 Sun 10:00     extended: no extension: its condition does not hold",
        "2025-09-28 Sun 11:00     extended: extended to 3 working days; due 2025-09-29 24:00 → 2025-09-30 24:00",
        "2025-09-29 Mon … 09-30   2 3",
        "2025-09-30 Tue 24:00     due",
        "  → overdue; late by 19 d; extended; an extension had no effect",
    ]


def test_a_restart_counts_anew_and_a_trigger_meanwhile_does_not():
    rule = {"within": "3 working days", "restarted_by": "returned"}
    events = [
        ("2025-09-28 10:00", "accepted"),
        ("2025-09-29 10:00", "returned"),
        ("2025-10-10 09:00", "answered"),
    ]
    assert printed(rule, ACCEPTED, *events) == [
        "2025-09-26 Fri 16:00     accepted: the clock starts; this day does not count",
        "2025-09-27 Sat           rest day",
        f"2025-09-28 Sun           1  make-up workday {NOTICE}",
        "2025-09-28 Sun 10:00     accepted: a trigger while this is open: nothing starts anew",
        "2025-09-29 Mon           2",
        "2025-09-29 Mon 10:00     returned: the clock starts anew; this day does not count; due 2025-09-30 24:00 → 2025-10-10 24:00",
        "2025-09-30 Tue           1",
        f"2025-10-01 Wed … 10-08   holiday {NOTICE}",
        "2025-10-09 Thu … 10-10   2 3",
        "2025-10-10 Fri 09:00     answered: done",
        "2025-10-10 Fri 24:00     due",
        "  → met; another trigger came while it was open; restarted",
    ]


def test_an_agreed_instant_that_moves():
    booked, again = {"promised": "2025-09-29 10:00"}, {"promised": "2025-09-30 10:00"}
    events = [("2025-09-26 16:00", "accepted", booked), ("2025-09-28 10:00", "appointed", again)]
    assert printed({"within": "promised"}, *events, as_of="2025-09-30 09:00") == [
        "2025-09-26 Fri 16:00     accepted: the clock starts",
        "2025-09-28 Sun 10:00     appointed: another instant is agreed; due 2025-09-29 10:00 → 2025-09-30 10:00",
        "2025-09-30 Tue 10:00     due",
        "  → open; the agreed instant was moved",
    ]


def test_too_early_and_the_earlier_goal():
    rule = {"within": "10 days", "not_before": "5 days", "target": "8 days"}
    assert printed(rule, ACCEPTED, ("2025-09-28 10:00", "answered")) == [
        "2025-09-26 Fri 16:00     accepted: the clock starts; this day does not count",
        "2025-09-27 Sat … 10-06   1 … 10",
        "2025-09-28 Sun 10:00     answered: too early, does not count",
        "2025-10-01 Wed 00:00     nothing counts before this",
        "2025-10-04 Sat 24:00     the earlier goal",
        "2025-10-06 Mon 24:00     due",
        "  → overdue; late by 13 d; an event came too early",
    ]


def test_ahead_of_what_is_planned_the_days_are_counted_back():
    planned = ("2025-09-26 16:00", "accepted", {"promised": "2025-10-13 10:00"})
    assert printed({"ahead_of": "promised", "lead": "3 working days"}, planned, as_of="2025-09-30 00:00") == [
        "2025-09-26 Fri 16:00     accepted: the clock starts",
        "2025-10-09 Thu … 10-10   3 2",
        "2025-10-09 Thu 24:00     due",
        f"2025-10-11 Sat           1  make-up workday {NOTICE}",
        "2025-10-12 Sun           rest day",
        "2025-10-13 Mon 10:00     due 3 working days ahead of this",
        "  → open",
    ]


def test_a_hold_moves_only_a_due_time_that_falls_in_it():
    rule = {"within": "2 days", "pauses": [STOPS | {"holds": True}]}
    stops = [("2025-09-28 10:00", "suspended"), ("2025-09-30 10:00", "resumed")]
    assert printed(rule, ACCEPTED, *stops, as_of="2025-09-30 10:00") == [
        "2025-09-26 Fri 16:00     accepted: the clock starts; this day does not count",
        "2025-09-27 Sat … 09-28   1 2",
        "2025-09-28 Sun 10:00     suspended: from here the due time cannot fall; no due time meanwhile",
        "2025-09-30 Tue 10:00     resumed: the due time can fall again; due 2025-09-28 24:00 → 2025-09-30 10:00",
        "2025-09-30 Tue 10:00     due",
        "  → open; the agreed instant was moved",
    ]


def test_parts_void_and_a_breach_that_stands():
    rule = {"within": "2 days", "void_by": "withdrawn", "owes": {"all": ["answered", "replied"]}}
    early = [("2025-09-27 10:00", "answered"), ("2025-09-28 10:00", "withdrawn")]
    assert printed(rule, ACCEPTED, *early)[2:] == [
        "2025-09-27 Sat 10:00     answered: still owed: replied",
        "2025-09-28 Sun 10:00     withdrawn: no longer owed",
        "2025-09-28 Sun 24:00     due",
        "  → void",
    ]
    assert printed(rule, ACCEPTED, ("2025-09-29 10:00", "withdrawn"))[2:] == [
        "2025-09-28 Sun 24:00     due",
        "2025-09-29 Mon 10:00     withdrawn: no longer owed, but the breach stands",
        "  → overdue; late by 10 h",
    ]


def test_an_event_that_a_step_refuses_has_no_effect():
    rule = {"within": "2 days", "restarted_by": "redispatched"}
    assert printed(rule, ACCEPTED, ("2025-09-27 10:00", "redispatched", {"level": "low"}))[2:-1] == [
        "2025-09-27 Sat 10:00     redispatched: refused by a step, without effect",
        "2025-09-28 Sun 24:00     due",
    ]


def test_a_first_day_that_counts_and_a_last_that_rolls():
    rule = {"within": "6 days", "days": {"first": True, "rolls": "next working day"}}
    assert printed(rule, ACCEPTED) == [
        "2025-09-26 Fri 16:00     accepted: the clock starts; this day counts",
        "2025-09-26 Fri … 09-30   1 2 3 4 5",
        f"2025-10-01 Wed           6  holiday {NOTICE}  the last day moves on",
        f"2025-10-02 Thu … 10-08   holiday {NOTICE}  the last day moves on",
        "2025-10-09 Thu 24:00     due",
        "  → overdue; late by 10 d",
    ]


def test_a_first_day_that_would_count_but_is_a_rest_day():
    rule = {"within": "1 working day", "days": {"first": True}}
    assert printed(rule, ("2025-09-27 10:00", "accepted"), as_of="2025-09-27 11:00")[:3] == [
        "2025-09-27 Sat 10:00     accepted: the clock starts; this day does not count",
        "2025-09-27 Sat           rest day",
        f"2025-09-28 Sun           1  make-up workday {NOTICE}",
    ]


@pytest.mark.parametrize(
    ("within", "at", "left", "due"),
    [
        ("same day", "23:50", "10 min", "24:00"),
        ("same day", "23:59:58", "2 s", "24:00"),
        ("same day 12:00", "11:30", "30 min", "12:00"),
        ("same day 12:00", "13:00", "11 h", "24:00"),
        ("same day close", "17:00", "30 min", "17:30"),
    ],
)
def test_what_is_left_of_the_same_day(within, at, left, due):
    found = printed({"within": within}, (f"2025-09-29 {at}", "accepted"), as_of="2025-09-29 23:59:59")
    assert found[0] == f"2025-09-29 Mon {at:<8}  accepted: the clock starts; {left} left"
    assert f"2025-09-29 Mon {due:<8}  due" in found
    assert "; 还剩" in printed({"within": within}, (f"2025-09-29 {at}", "accepted"), lang="zh")[0]


def test_a_start_outside_working_time():
    outside = {"rest_day": "next working day", "after": "next opening", "before": "as is"}
    found = printed(
        {"within": "1 working day", "days": {"outside": outside}}, ("2025-09-27 19:00", "accepted")
    )
    assert found[:4] == [
        "2025-09-27 Sat 19:00     accepted: the clock starts",
        "2025-09-27 Sat           rest day",
        "2025-09-29 Mon 09:00     counted from here; this day does not count",
        "2025-09-30 Tue           1",
    ]


def test_what_is_waited_for_and_what_is_missing():
    assert printed({"within": "2 days", "when": {"level": "high"}}, ACCEPTED)[-2:] == [
        "2025-09-28 Sun 24:00     due, if it applies",
        "  → waiting; a fact is not known; waits for level",
    ]
    later = ("2025-09-28 10:00", "classified", {"level": "high"})
    assert printed({"within": "2 days", "when": {"level": "high"}}, ACCEPTED, later)[2:] == [
        "2025-09-28 Sun 10:00     classified: now it is known",
        "2025-09-28 Sun 24:00     due",
        "  → overdue; late by 21 d; a fact became known later",
    ]
    assert printed({}, ACCEPTED) == [
        "2025-09-26 Fri 16:00     accepted: the clock starts",
        "  → unset; no value for answer.within",
    ]


def test_many_weeks_are_folded_and_days_beyond_the_notice_marked():
    found = printed({"within": "90 working days"}, ("2026-10-27 19:00", "accepted"), as_of="2026-11-01 00:00")
    assert found[1:] == [
        "2026-10-28 Wed … 12-31   1 … 47",
        "2027-01-01 Fri … 03-02   48 … 90  beyond the last notice",
        "2027-03-02 Tue 24:00     due",
        "  → open; beyond the last notice of calendar cn-office",
    ]


def test_clocks_that_are_put_forward():
    found = printed({"within": "48 hours"}, ("2025-03-29 12:00", "accepted"), zone="Europe/Berlin")
    assert found[:3] == [
        "2025-03-29 Sat 12:00     accepted: the clock starts",
        "2025-03-30 Sun 03:00     clocks go forward 1 h",
        "2025-03-31 Mon 13:00     due",
    ]


def test_a_subject_of_rules_across_cases():
    rule = {"across": "station", "every": "calendar month", "owes": "inspected"}
    events = [("2025-09-02 12:00", "accepted", {"station": "城东"}), ("2025-09-20 12:00", "inspected")]
    assert printed(rule, *events, case="城东", as_of="2025-09-25 00:00") == [
        "2025-09-01 Mon 00:00     a period begins: the clock starts",
        "2025-09-20 Sat 12:00     inspected: done",
        "2025-09-30 Tue 24:00     due",
        "  → met",
    ]


def test_what_happens_to_one_key_is_not_told_of_another():
    """The return concerns the matter that is of a high level, so the other keeps its clock."""
    rule = {"within": "2 days", "per": "level", "restarted_by": "returned"}
    events = [
        ("2025-09-26 16:00", "accepted", {"level": "low"}),
        ("2025-09-26 17:00", "accepted", {"level": "high"}),
        ("2025-09-27 10:00", "returned", {"level": "high"}),
    ]
    found = printed(rule, *events)
    assert found[0:3] == [
        "2025-09-26 Fri 16:00     accepted: the clock starts; this day does not count",
        "2025-09-27 Sat … 09-28   1 2",
        "2025-09-28 Sun 24:00     due",
    ]
    assert [line for line in found if "returned" in line] == [
        "2025-09-27 Sat 10:00     returned: the clock starts anew; this day does not count; due 2025-09-28 24:00 → 2025-09-29 24:00"
    ]
