"""`bihuan replay` on the demo month and on the example of three due times."""

import csv
import io
import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli
from bihuan.demo.__main__ import main as demo

WORKING_DAYS = Path(__file__).parents[2] / "examples" / "working-days"
LOG, POLICY = str(WORKING_DAYS / "log.csv"), str(WORKING_DAYS)


def run(*arguments, code=0):
    done = CliRunner().invoke(cli, list(arguments), prog_name="bihuan")
    assert done.exit_code == code, done.output
    return done


def due(text):
    return {row["case"]: (row["due_at"], row["state"]) for row in json.loads(text)["obligations"]}


def test_the_three_due_times():
    assert due(run("replay", LOG, "--policy", POLICY, "--format", "json").stdout) == {
        "national-day": ("2025-10-10T23:59:59+08:00", "met"),
        "make-up-sunday": ("2025-09-28T23:59:59+08:00", "late"),
        "plain-saturday": ("2025-11-17T23:59:59+08:00", "met"),
    }


def test_people_see_24_00_and_the_rules_in_the_order_of_the_text():
    text = run("replay", LOG, "--policy", POLICY).stdout
    assert "2025-09-28 24:00" in text
    assert text.index("answer-question ") < text.index("answer-complaint ")


def test_of_rows_equally_late_the_first_of_the_log_is_shown_first(tmp_path):
    rows = [f"C{n:04},accepted,2025-09-01 09:00,question" for n in range(3000)]
    (log := tmp_path / "log.csv").write_text("\n".join(["case,event,at,matter", *rows]) + "\n")
    text = run("replay", str(log), "--policy", POLICY, "--as-of", "2025-10-01").stdout
    shown = [line.split()[0] for line in text.splitlines() if line.startswith("C0")]
    assert shown == [f"C{n:04}" for n in range(12)]


def test_as_of_ends_the_story_there():
    text = run("replay", LOG, "--policy", POLICY, "--as-of", "2025-09-29", "--format", "json").stdout
    assert due(text)["national-day"][1] == "open"
    assert due(text)["make-up-sunday"][1] == "late"
    assert json.loads(text)["summary"]["as_of"] == "2025-09-29T23:59:59+08:00"


def test_a_setting_changes_the_due_time_and_is_told():
    setting = "answer-complaint.within=4 working days"
    told = json.loads(run("replay", LOG, "--policy", POLICY, "--set", setting, "--format", "json").stdout)
    assert (
        next(row["due_at"] for row in told["obligations"] if row["case"] == "national-day")[:10]
        == "2025-10-09"
    )
    assert told["summary"]["deviations"] == ["answer-complaint.within"]


def test_an_unknown_parameter_is_a_wrong_call():
    done = run("replay", LOG, "--policy", POLICY, "--set", "answer-complaint.withn=1 day", code=2)
    assert "answer-complaint.within" in done.stderr


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_lines_and_csv_have_the_same_rows(form):
    text = run("replay", LOG, "--policy", POLICY, "--format", form).stdout
    rows = (
        [json.loads(line) for line in text.splitlines()]
        if form == "jsonl"
        else csv.DictReader(io.StringIO(text))
    )
    found = [row for row in rows if row["table"] == "obligations"]
    assert [row["case"] for row in found] == ["national-day", "make-up-sunday", "plain-saturday"]
    assert found[0]["due_at"] == "2025-10-10T23:59:59+08:00"


def test_a_few_lines_say_the_regulation_what_was_judged_kept_and_kept_worst():
    lines = run("replay", LOG, "--policy", POLICY, "--brief", "--lang", "zh").stdout.splitlines()
    assert "(2025-01-01 版),截至 2025-11-17 15:00" in lines[0]
    assert lines[1].startswith("判断了 3 件")
    assert lines[2] == "合计:按时 66.7%(应办 3,按时 2,迟办 1,逾期未办 0)"
    assert lines[3] == "按时率最低的:"
    assert lines[4].endswith("按时 50.0%(应办 2,按时 1,迟办 1,逾期未办 0)")
    assert len(lines) == 5


def test_a_few_lines_are_for_people():
    assert "--brief" in run("replay", LOG, "--policy", POLICY, "--brief", "--format", "csv", code=2).stderr


def test_a_log_that_is_not_there_is_a_wrong_call():
    done = run("replay", "gone.csv", "--policy", POLICY, code=2)
    assert "gone.csv" in done.stderr
    assert "Traceback" not in done.output


def test_a_policy_with_defects_is_refused_with_all_of_them(tmp_path):
    text = (WORKING_DAYS / "2025-01-01.toml").read_text("utf-8")
    broken = tmp_path / "x.toml"
    broken.write_text(
        text.replace("5 working days", "5 workdays").replace('zone = "Asia', 'zon = "Asia'), "utf-8"
    )
    done = run("replay", LOG, "--policy", str(broken), code=2)
    assert "5 workdays" in done.stderr
    assert "zon" in done.stderr
    chinese = run("replay", LOG, "--policy", str(broken), "--lang", "zh", code=2)
    assert chinese.stderr.startswith("错误")


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    folder = tmp_path_factory.mktemp("month")
    assert CliRunner().invoke(demo, [str(folder)]).exit_code == 0
    out = folder / "result"
    done = run(
        "replay", str(folder / "log.csv"), "--policy", "dazu-complaint-assessment", "--site", str(folder / "site"),
        "--out", str(out), "--format", "json",
    )  # fmt: skip
    return out, json.loads(done.stdout)


def test_the_demo_month_is_judged_whole(month):
    _, told = month
    assert told["summary"]["log"]["cases"] == 400
    assert told["summary"]["log"]["excluded"] == 0


@pytest.mark.parametrize("rule", ["send", "contact", "resolve", "severe-brief", "bulletin"])
def test_the_demo_month_has_met_and_late_rows_of_every_rule_with_a_number(month, rule):
    states = {row["state"] for row in month[1]["obligations"] if row["rule"] == rule}
    assert {"met", "late"} <= states


def test_the_demo_month_has_a_customer_who_was_not_called(month):
    assert {"met", "late", "overdue"} <= {row["state"] for row in month[1]["callbacks"]}


@pytest.mark.parametrize("kind", ["gate", "field", "person"])
def test_the_demo_month_has_irregularities(month, kind):
    assert any(row["kind"] == kind for row in month[1]["irregularities"])


def test_what_is_written_is_what_is_printed(month):
    out, told = month
    for name in ("obligations", "callbacks", "irregularities"):
        assert pl.read_parquet(out / f"{name}.parquet").height == len(told[name])
    assert json.loads((out / "summary.json").read_text("utf-8")) == told["summary"]


def test_what_make_run_prints_of_the_demo_month_is_whole_and_chinese(tmp_path):
    root = Path(__file__).parents[2]
    asked = ("make", "--dry-run", "run", f"DEMO={tmp_path}/demo", f"BIN={Path(sys.executable).parent}")
    recipe = subprocess.run(asked, cwd=root, capture_output=True, text=True, check=True).stdout.splitlines()
    told = "\n".join(line for line in recipe if "bihuan.demo" in line or " replay " in line)
    said = subprocess.run(("sh", "-ec", told), cwd=root, capture_output=True, text=True, check=True)
    lines = said.stdout.splitlines()
    assert lines[0].startswith("《供电公司客户投诉管理考核办法》(版本日期不详)")
    assert lines[1].startswith("判断了 400 件")
    assert "第二十二条" in said.stdout
    assert "unknown" not in said.stdout
    assert len(lines) < 10
    assert not {"│", "─", "…"} & set(said.stdout)


def test_tables_in_chinese_name_events_in_chinese(month):
    folder = month[0].parent
    text = run(
        "replay", str(folder / "log.csv"), "--policy", "dazu-complaint-assessment", "--site", str(folder / "site"),
        "--lang", "zh",
    ).stdout  # fmt: skip
    assert "不该由此人办" in text
    assert "回访" in text
    assert "called_back" not in text
