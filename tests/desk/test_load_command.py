"""`bihuan load`: what it says of what it could not take, in each format, and with which exit code."""

import json
import os
import subprocess

import pytest

from tests.desk.conftest import BIHUAN

POLICY = "dazu-complaint-assessment"
ROWS = ["case,event,at", *(f"T{n},accepted,2025-09-01 09:00" for n in range(30)), "T1,accepted,no day"]


@pytest.fixture
def load(tmp_path):
    env = {name: value for name, value in os.environ.items() if not name.startswith("BIHUAN_")}
    env |= {"BIHUAN_HOME": str(tmp_path / "desk"), "DATABASE_URL": "", "LANGUAGE": "en"}
    made = subprocess.run([BIHUAN, "init", "--policy", POLICY], env=env, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr

    def load(rows, *arguments):
        (path := tmp_path / "log.csv").write_text("\n".join(rows) + "\n", "utf-8")
        command = [BIHUAN, "load", str(path), "--policy", POLICY, *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True)

    return load


def test_each_row_and_case_left_out_is_told_with_its_place_and_reason(load, tmp_path):
    first = load(ROWS)
    assert first.returncode == 1
    assert "32" in first.stdout
    assert "no day" in first.stdout
    again = load(ROWS, "--format", "json")
    assert again.returncode == 1
    told = json.loads(again.stdout)
    assert told["load"] == {"cases": 0, "events": 0, "excluded": 31}
    rows = told["excluded"]
    path = str(tmp_path / "log.csv")
    assert {name: rows[0][name] for name in ("file", "line", "column", "found")} == {
        "file": path, "line": 32, "column": "at", "found": "no day",
    }  # fmt: skip
    assert rows[-1]["column"] == "case"
    assert "on the desk already" in rows[-1]["reason"]
    assert len(rows) == 31


def test_people_are_shown_some_of_much_that_was_left_out(load):
    load(ROWS)
    shown = load(ROWS, "--lang", "zh").stdout
    assert shown.count("工单台上已有这个编号的工单") + shown.count("no day") == 20
    assert "11" in shown.splitlines()[-2]


def test_progress_is_told_where_it_was_asked_for_and_only_there(load):
    assert load(ROWS[:20]).stderr == ""
    told = load([ROWS[0], *ROWS[20:30]], "--progress", "--lang", "zh").stderr
    assert told.splitlines()[-1] == "装入 … 10"


def test_a_log_of_which_all_is_taken_ends_well(load):
    done = load(ROWS[:-1])
    assert (done.returncode, "excluded   0" in done.stdout) == (0, True)
