"""Reports that are themselves due: the seventh at 16:00 whatever the day, Sunday 17:00, the last day of the month."""

import polars as pl
import pytest

import bihuan
from bihuan import i18n
from bihuan.engine.policy import parse_policy
from bihuan.engine.site import Site
from bihuan.limits import limit_text

POLICY = {
    "policy": {
        "id": "test/reports", "title": "报表", "edition": "unknown", "status": "in force", "zone": "Asia/Shanghai",
        "calendar": "cn", "days": {"rolls": "next working day"}, "source": {"file": "x", "lines": "1"},
    },
    "facts": {
        "unit": {"type": "unit", "register": True},
        "report": {"label": "报表", "choices": {"weekly": "周报", "monthly": "月报", "last": "月末报"}},
    },
    "roles": {"desk": "客服班", "centre": "客服中心", "marketing": "营销部"},
    "article": [
        {
            "no": "第一条", "says": "月报",
            "report": [{
                "id": "monthly", "says": "每月7日16时前报上月汇总,节假日不顺延", "every": "calendar month",
                "within": "day 7 of next month 16:00", "days": {"rolls": "no"},
                "owes": {"event": "reported", "where": {"report": "monthly"}}, "by": "centre", "to": ["marketing"],
                "contains": ["done-share"],
            }],
            "indicator": [{"id": "done-share", "label": "办结率", "count": {"rows": "cases"}, "period": "calendar month"}],
        },
        {
            "no": "第二条", "says": "周报",
            "report": [{
                "id": "weekly", "every": "calendar week", "within": "Sunday 17:00", "days": {"rolls": "no"},
                "owes": {"event": "reported", "where": {"report": "weekly"}}, "by": "desk", "to": ["centre", "marketing"],
            }],
        },
        {
            "no": "第三条", "says": "各单位月末报",
            "report": [{
                "id": "last", "every": "calendar month", "within": "last day of this month", "days": {"rolls": "no"},
                "owes": {"event": "reported", "where": {"report": "last"}}, "across": "unit", "by": "desk", "to": ["centre"],
            }],
        },
    ],
}  # fmt: skip
EVENTS = [
    ("A", "accepted", "2025-09-03 09:00", "城东", None),
    ("A", "reported", "2025-09-07 17:00", "城东", "weekly"),  # Sunday, on the instant: in time
    ("A", "reported", "2025-09-14 17:01", "城东", "weekly"),  # a minute late
    ("A", "reported", "2025-09-30 23:59", "城东", "last"),
    ("A", "reported", "2025-10-07 16:01", "城东", "monthly"),  # in the holidays, and not moved for them
    ("B", "accepted", "2025-09-04 09:00", "城西", None),
    ("B", "closed", "2025-10-20 09:00", "城西", None),
]


@pytest.fixture(scope="module")
def policy():
    return parse_policy(POLICY)


@pytest.fixture(scope="module")
def log():
    rows = [
        {"case": case, "event": event, "at": at, "unit": unit, "report": report}
        for case, event, at, unit, report in EVENTS
    ]
    frame = pl.DataFrame(rows).with_columns(
        pl.col("at").str.to_datetime("%Y-%m-%d %H:%M").dt.replace_time_zone("Asia/Shanghai").dt.epoch("s")
    )
    return bihuan.as_log(frame, zone="Asia/Shanghai")


def replayed(policy, log):
    outcome = bihuan.replay(
        policy, bihuan.read_calendars(()), log, None, None, bihuan.parameter_values(policy, {})
    )
    return outcome.obligations.with_columns(pl.col("rule", "state").cast(pl.String))


def rows_of(table, rule):
    return [
        (row["case"], f"{row['due_at']:%m-%d %H:%M}", row["state"])
        for row in table.filter(pl.col("rule") == rule).sort("due_at", "case").to_dicts()
    ]


def test_the_seventh_is_not_moved_by_holidays(policy, log):
    assert rows_of(replayed(policy, log), "monthly")[0] == ("company", "10-07 16:00", "late")


def test_sunday_at_five(policy, log):
    assert rows_of(replayed(policy, log), "weekly")[:3] == [
        ("company", "09-07 17:00", "met"), ("company", "09-14 17:00", "late"), ("company", "09-21 17:00", "overdue"),
    ]  # fmt: skip


def test_the_last_day_of_the_month_for_every_unit(policy, log):
    assert rows_of(replayed(policy, log), "last")[:2] == [
        ("城东", "09-30 23:59", "met"),
        ("城西", "09-30 23:59", "overdue"),
    ]


UNITS = pl.DataFrame({"unit": ["公司", "城东", "城西"], "parent": [None, "公司", "公司"]})


def report(policy, log, **about):
    i18n.use("zh")
    calendars = bihuan.read_calendars(())
    document, _as_of = bihuan.make_report((policy,), calendars, log, site=Site(units=UNITS), **about)
    return document


def test_who_owes_which_report_to_whom(policy, log):
    owed = {row["article"]: row for row in report(policy, log, period="2025-09").summary["tables"]["reports"]}
    monthly, weekly, last = (owed[no] for no in ("第一条", "第二条", "第三条"))
    assert (monthly["owner"], monthly["to"], monthly["contains"]) == ("客服中心", "营销部", "办结率")
    assert (weekly["owner"], weekly["to"]) == ("客服班", "客服中心、营销部")
    assert (weekly["met"], weekly["late"], weekly["overdue"]) == (1, 1, 2)
    assert (last["met"], last["late"], last["overdue"]) == (1, 0, 1)
    assert monthly["due"] is None


def test_the_report_about_a_month_is_of_the_month_in_which_it_is_due(policy, log):
    owed = {row["article"]: row for row in report(policy, log, period="2025-10").summary["tables"]["reports"]}
    assert (owed["第一条"]["due"], owed["第一条"]["late"]) == (1, 1)


def test_only_cases_are_counted_as_cases(policy, log):
    """What the company or a unit owes is a row of theirs, no case."""
    told = report(policy, log, period="2025-09").summary["figures"]
    assert (told["due"], told["cases"]) == (6, 0)


def test_a_unit_sees_the_reports_about_itself(policy, log):
    rows = report(policy, log, period="2025-09", unit="城西").summary["tables"]["report-rows"]
    assert [(row["case"], row["state"]) for row in rows] == [("城西", "overdue")]


def test_an_edition_without_a_date_is_called_so(policy, log):
    document = report(policy, log, period="2025-09")
    assert dict(document.about)["版本"].text == "日期不详"
    assert "版本日期不详" in document.footer
    [definitions] = [
        table for part in document.sections for table in part.tables if table.id == "definitions"
    ]
    place = [column.name for column in definitions.columns].index("edition")
    assert {(row[place].value, row[place].text) for row in definitions.rows} == {("unknown", "日期不详")}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day 7 of next month 16:00", "次月 7 日 16:00"),
        ("Sunday 17:00", "周日 17:00"),
        ("last day of this month", "本月最后一天"),
        ("working day 3 of next month", "次月第 3 个工作日"),
        ("4 working days close", "4 个工作日 下班"),
        ("24 hours", "24 小时"),
        ("next working day 10:00", "下一个工作日 10:00"),
        (None, ""),
        ("by agreement", "by agreement"),
    ],
)
def test_limits_are_said_in_chinese(text, said):
    i18n.use("zh")
    assert limit_text(text) == said
