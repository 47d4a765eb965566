"""What a person sees, and what a program reads."""

import csv
import io
import json
from datetime import UTC, date, datetime

import pytest

from bihuan import i18n
from bihuan.cli.show import PIPED_WIDTH, Record, Table, show
from bihuan.spoken import instant, shown, span, word

LATE = {"case": "7", "rule": "contact", "due_at": datetime(2025, 10, 10, 23, 59, 59), "state": "late"}
OPEN = {"case": "8", "rule": "contact", "due_at": None, "state": "open"}


def printed(capsys, parts, form="table"):
    show(parts, form)
    return capsys.readouterr().out


def lines(text):
    return [line.rstrip() for line in text.splitlines() if line.strip()]


def test_an_instant_that_ends_a_day_is_shown_as_2400():
    assert instant(datetime(2025, 10, 10, 23, 59, 59)) == "2025-10-10 24:00"


def test_seconds_are_shown_only_where_they_matter():
    assert [instant(datetime(2025, 1, 2, 3, 4, second)) for second in (0, 5)] == [
        "2025-01-02 03:04",
        "2025-01-02 03:04:05",
    ]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (59, "59 s"), (60, "1 min"), (3660, "1 h 1 min"), (90000, "1 d 1 h"), (86460, "1 d")],
)
def test_a_span_shows_its_two_largest_parts(seconds, text):
    assert span(seconds) == text


def test_a_table_for_people(capsys):
    assert lines(printed(capsys, [Table("rows", [LATE, OPEN])])) == [
        "case   rule      due at             state",
        "─────────────────────────────────────────",
        "7      contact   2025-10-10 24:00   late",
        "8      contact                      open",
    ]


def test_a_table_in_chinese_keeps_its_columns_in_line(capsys):
    i18n.use("zh")
    text = lines(printed(capsys, [Table("rows", [LATE | {"case": "投诉七"}, OPEN])]))
    assert text[0].split() == ["工单", "规则", "到期", "状态"]
    assert text[2].split() == ["投诉七", "contact", "2025-10-10", "24:00", "逾期完成"]
    # 投诉七 is six columns wide, so is 8 and five blanks
    assert text[3].startswith("8        contact")


def test_only_the_columns_asked_for_in_their_order(capsys):
    assert lines(printed(capsys, [Table("rows", [LATE], columns=("state", "case"))]))[0] == "state   case"


def test_a_long_table_says_how_many_rows_it_left_out(capsys):
    text = printed(capsys, [Table("rows", [LATE] * 5, most=2)])
    assert text.count("contact") == 2
    assert "… 3 more" in text


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_data_is_never_cut(capsys, form):
    assert printed(capsys, [Table("rows", [LATE] * 5, most=2)], form).count("contact") == 5


@pytest.mark.parametrize("form", ["json", "jsonl", "csv"])
def test_data_does_not_change_with_the_language(capsys, form):
    english = printed(capsys, [Table("rows", [LATE, OPEN])], form)
    i18n.use("zh")
    assert printed(capsys, [Table("rows", [LATE, OPEN])], form) == english


def test_one_table_as_json_is_a_list(capsys):
    text = printed(
        capsys, [Table("rows", [{"at": datetime(2025, 1, 2, tzinfo=UTC), "on": date(2025, 1, 2)}])], "json"
    )
    assert json.loads(text) == [{"at": "2025-01-02T00:00:00+00:00", "on": "2025-01-02"}]


def test_several_parts_as_json_are_named(capsys):
    text = printed(capsys, [Record("summary", {"cases": 2}), Table("rows", [OPEN])], "json")
    assert json.loads(text) == {"summary": {"cases": 2}, "rows": [OPEN]}


def test_several_parts_as_json_lines_name_their_table(capsys):
    text = printed(capsys, [Record("summary", {"cases": 2}), Table("rows", [OPEN])], "jsonl")
    assert [json.loads(line) for line in text.splitlines()] == [
        {"table": "summary", "cases": 2},
        {"table": "rows", **OPEN},
    ]


def test_several_tables_as_csv_share_one_header(capsys):
    parts = [Record("summary", {"cases": 2}), Table("a", [{"x": 1}]), Table("b", [{"x": 2, "y": ["p", "q"]}])]
    rows = list(csv.reader(io.StringIO(printed(capsys, parts, "csv"))))
    assert rows == [["table", "x", "y"], ["a", "1", ""], ["b", "2", '["p", "q"]']]


def test_a_record_is_name_and_value(capsys):
    assert lines(
        printed(capsys, [Record("summary", {"cases": 2, "as_of": LATE["due_at"]}, title="Demo")])
    ) == [
        "Demo",
        "cases   2",
        "as of   2025-10-10 24:00",
    ]


def test_brackets_in_a_log_are_text_and_not_markup(capsys):
    assert "[red]x[/red]" in printed(capsys, [Table("rows", [{"case": "[red]x[/red]"}])])


def test_a_table_that_is_piped_is_wide(capsys):
    assert "x" * (PIPED_WIDTH - 40) in printed(capsys, [Table("rows", [{"note": "x" * (PIPED_WIDTH - 40)}])])


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("late_by", 90000, "1 d 1 h"), ("on_time", 0.925, "92.5%"), ("holds", False, "no"),
        ("set", {"a": 1}, "a = 1"), ("articles", ["第一条", "第二条"], "第一条, 第二条"), ("note", None, ""),
    ],
)  # fmt: skip
def test_values_are_shown_as_people_write_them(name, value, text):
    assert shown(name, value) == text


def test_the_notes_about_a_calendar_name_it():
    i18n.use("en")
    assert word("note", "outside-calendar:cn-office; provisional:cn") == (
        "outside the days of calendar cn-office; beyond the last notice of calendar cn"
    )
    i18n.use("zh")
    assert word("note", "outside-calendar:cn-office") == "超出日历所载的日子,日历 cn-office"
