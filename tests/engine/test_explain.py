"""The days between start and due time, against counts made by hand."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from bihuan.engine.errors import CallError
from bihuan.engine.explain import explain
from bihuan.engine.log import as_log
from bihuan.engine.policy import parse_policy
from bihuan.files.calendars import read_calendars
from bihuan.files.policies import read_toml

POLICY = Path(__file__).parents[2] / "examples" / "working-days" / "2025-01-01.toml"


def seconds(text):
    return int(datetime.fromisoformat(f"{text}+08:00").astimezone(UTC).timestamp())


def lines_of(within, *events, **settings):
    return explained(within, *events, **settings).lines


def explained(within, *events, as_of="2025-12-31 00:00"):
    data = read_toml(POLICY)
    rule = data["article"][1]["obligation"][0]
    del rule["when"]
    data["article"] = data["article"][1:]
    data["article"][0]["obligation"] = [rule | within]
    policy = parse_policy(data)
    log = as_log(
        [{"case": "1", "event": event, "at": seconds(at)} for at, event in events], zone="Asia/Shanghai"
    )
    calendars = read_calendars()
    (found,) = explain(policy, calendars, log, "1", seconds(as_of))
    return found


def days(lines):
    return [(line.first, line.last, line.kind, line.numbers) for line in lines if line.what == "days"]


ACCEPTED = ("2025-09-26 16:00", "accepted")


def test_working_days_are_numbered_and_rest_days_named():
    lines = lines_of({"within": "5 working days"}, ACCEPTED)
    assert days(lines) == [
        (date(2025, 9, 27), date(2025, 9, 27), "rest", ()),
        (date(2025, 9, 28), date(2025, 9, 28), "make-up", (1,)),
        (date(2025, 9, 29), date(2025, 9, 30), "workday", (2, 3)),
        (date(2025, 10, 1), date(2025, 10, 8), "holiday", ()),
        (date(2025, 10, 9), date(2025, 10, 10), "workday", (4, 5)),
    ]
    holiday = next(line for line in lines if line.kind == "holiday")
    assert holiday.name == "国庆节、中秋节"
    assert holiday.notice == "国务院办公厅关于2025年部分节假日安排的通知"


def test_the_last_number_is_the_limit_and_its_day_is_the_due_day():
    lines = lines_of({"within": "7 working days"}, ACCEPTED)
    due = next(line for line in lines if line.what == "due")
    assert days(lines)[-1][1] == due.first
    assert days(lines)[-1][3][-1] == 7


def test_calendar_days_all_count():
    assert days(lines_of({"within": "6 days"}, ACCEPTED)) == [
        (date(2025, 9, 27), date(2025, 10, 2), "workday", (1, 2, 3, 4, 5, 6))
    ]


def test_a_first_day_that_counts_is_the_first():
    assert days(lines_of({"within": "2 days", "days": {"first": True}}, ACCEPTED)) == [
        (date(2025, 9, 26), date(2025, 9, 27), "workday", (1, 2))
    ]


@pytest.mark.parametrize("within", ["30 hours", "2 months", "last day of this month"])
def test_limits_that_count_no_days_list_none(within):
    lines = lines_of({"within": within}, ACCEPTED)
    assert [line.what for line in lines] == ["start", "due"]


def test_working_hours_are_shared_out_among_the_days():
    lines = lines_of({"within": "4 working hours", "calendar": "cn-office"}, ("2025-09-26 16:30", "accepted"))
    assert [(line.first.day, line.worked) for line in lines if line.what == "days"] == [
        (26, 3600),  # 16:30 to 17:30
        (27, 0),
        (28, 3 * 3600),  # the make-up Sunday, 9:00 to 12:00
    ]


def test_start_events_and_end_stand_among_the_days():
    lines = lines_of({"within": "5 working days"}, ACCEPTED, ("2025-10-09 10:00", "answered"))
    assert [(line.what, line.event) for line in lines if line.what != "days"] == [
        ("start", "accepted"),
        ("done", "answered"),
        ("due", None),
    ]


def test_days_that_a_pause_took_have_no_number_and_move_the_last():
    pause = {"within": "5 working days", "pauses": [{"from": "suspended", "to": "resumed"}]}
    events = [ACCEPTED, ("2025-09-29 10:00", "suspended"), ("2025-09-30 10:00", "resumed")]
    lines = lines_of(pause, *events)
    assert [
        (line.first.day, line.last.day, line.numbers, line.paused) for line in lines if line.what == "days"
    ] == [
        (27, 27, (), False),
        (28, 28, (1,), False),
        (29, 29, (2,), False),
        (30, 30, (), True),
        (1, 8, (), False),
        (9, 10, (3, 4), False),
        (11, 11, (5,), False),  # Saturday 11 October is worked
    ]
    (resumed,) = [line for line in lines if line.what == "resumed"]
    assert (resumed.amount, resumed.unit) == (1, "working day")
    assert [at.day for at in (resumed.due_before, resumed.due_after)] == [10, 11]


def test_an_unknown_case_is_a_wrong_call():
    policy = parse_policy(read_toml(POLICY))
    log = as_log(
        [{"case": "1", "event": "accepted", "at": seconds("2025-09-26 16:00")}], zone="Asia/Shanghai"
    )
    with pytest.raises(CallError, match="no case '2'"):
        explain(policy, read_calendars(), log, "2")


def test_a_start_outside_working_time_says_from_when_it_counts():
    """Saturday 27 September, before the make-up Sunday: 19:00 is Sunday 19:00, after closing: Monday 9:00."""
    moved = {"rest_day": "next working day", "after": "next opening"}
    limit = {"within": "2 working days", "calendar": "cn-office", "days": {"outside": moved}}
    lines = lines_of(limit, ("2025-09-27 19:00", "accepted"))
    (begin,) = [line.at for line in lines if line.what == "from"]
    assert begin.strftime("%m-%d %H:%M") == "09-29 09:00"
    assert [(line.first, line.numbers) for line in lines if line.what == "days"] == [
        (date(2025, 9, 27), ()),
        (date(2025, 9, 30), (1,)),
        (date(2025, 10, 1), ()),
        (date(2025, 10, 9), (2,)),
    ]


def test_a_pause_says_how_many_working_hours_it_took():
    """Monday 9:00; suspended from 10:00 to Tuesday 11:00, which is 6 + 2 hours of office time."""
    limit = {
        "within": "8 working hours",
        "calendar": "cn-office",
        "pauses": [{"from": "suspended", "to": "resumed"}],
    }
    at = ("2025-10-13 09:00", "2025-10-13 10:00", "2025-10-14 11:00")
    found = explained(limit, *zip(at, ("accepted", "suspended", "resumed"), strict=True))
    assert [line.seconds for line in found.lines if line.what == "resumed"] == [(6 + 2) * 3600]
    late = zip((*at[:2], "2105-10-14 11:00"), ("accepted", "suspended", "resumed"), strict=True)
    beyond = explained(limit, *late, as_of="2105-12-31 00:00")
    (line,) = [line for line in beyond.lines if line.what == "resumed"]
    assert (line.why, line.due_after, line.seconds) == ("outside", None, 0)
    assert sum(line.worked for line in found.lines) == 8 * 3600
