"""`bihuan explain`, whole outputs compared."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli

WORKING_DAYS = Path(__file__).parents[2] / "examples" / "working-days"

NATIONAL_DAY = """\
national-day  answer-complaint  2  5 working days  calendar cn
  A complaint is answered within 5 working days of its receipt.
    2025-09-26 Fri 16:00     accepted: the clock starts; this day does not count
    2025-09-27 Sat           rest day
    2025-09-28 Sun           1  make-up workday 国庆节、中秋节  国务院办公厅关于2025年部分节假日安排的通知
    2025-09-29 Mon … 09-30   2 3
    2025-10-01 Wed … 10-08   holiday 国庆节、中秋节  国务院办公厅关于2025年部分节假日安排的通知
    2025-10-09 Thu … 10-10   4 5
    2025-10-10 Fri 17:20     answered: done
    2025-10-10 Fri 24:00     due
  → met

"""


def run(*arguments, code=0):
    call = ["explain", str(WORKING_DAYS / "log.csv"), *arguments, "--policy", str(WORKING_DAYS)]
    done = CliRunner().invoke(cli, call, prog_name="bihuan")
    assert done.exit_code == code, done.output
    return done


def test_the_national_day_week_day_by_day():
    assert run("national-day").stdout == NATIONAL_DAY


def test_in_chinese():
    text = run("make-up-sunday", "--lang", "zh").stdout
    assert "2025-09-28 周日           1  调休上班" in text
    assert "受理:开始计时; 当日不计" in text
    assert "→ 逾期完成; 逾期 9 小时 30 分" in text


def test_as_data():
    (row,) = json.loads(run("national-day", "--format", "json").stdout)
    assert row["due_at"] == "2025-10-10T23:59:59+08:00"
    assert [line["numbers"] for line in row["lines"] if line["numbers"]] == [[1], [2, 3], [4, 5]]


def test_only_the_rules_asked_for():
    assert run("national-day", "--rule", "answer-question").stdout == ""


@pytest.mark.parametrize("arguments", [("nobody",), ("national-day", "--rule", "answer-complain")])
def test_unknown_cases_and_rules_are_wrong_calls(arguments):
    assert arguments[-1] in run(*arguments, code=2).stderr


def test_an_unknown_case_is_answered_with_those_like_it():
    assert "did you mean national-day?" in run("national-dya", code=2).stderr


def test_every_line_of_the_data_has_every_field():
    (row,) = json.loads(run("national-day", "--format", "json").stdout)
    assert {tuple(line) for line in row["lines"]} == {tuple(row["lines"][0])}
    assert [line["what"] for line in row["lines"]] == ["start", *["days"] * 5, "done", "due"]
