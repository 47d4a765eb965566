"""The three due times of the README, counted by hand from the State Council's notice for 2025."""

import json

import polars as pl
import pytest
from click.testing import CliRunner

import bihuan
from bihuan.cli.root import cli
from tests.examples.real import EXAMPLES

FOLDER = EXAMPLES / "working-days"
#: Friday before the make-up Sunday of 28 September and the holiday of 1 to 8 October; that Saturday; a plain one.
DUE = {
    "national-day": ("2025-09-26T16:00:00", "2025-10-10T23:59:59"),
    "make-up-sunday": ("2025-09-27T10:00:00", "2025-09-28T23:59:59"),
    "plain-saturday": ("2025-11-15T10:00:00", "2025-11-17T23:59:59"),
}


@pytest.fixture(scope="module")
def rows():
    policy = bihuan.read_policy(FOLDER)
    log = bihuan.read_log(FOLDER / "log.csv", zone=policy.header.zone)
    return bihuan.replay(policy, bihuan.read_calendars(), log).obligations


@pytest.mark.parametrize("case", DUE)
def test_due_time(rows, case):
    owed = rows.filter((pl.col("case") == case) & (pl.col("state") != "waiting"))
    starts = owed["started_at"].dt.strftime("%Y-%m-%dT%H:%M:%S").to_list()
    dues = owed["due_at"].dt.strftime("%Y-%m-%dT%H:%M:%S").to_list()
    assert (starts, dues) == ([DUE[case][0]], [DUE[case][1]])


@pytest.mark.parametrize(
    ("case", "said"),
    [
        (
            "national-day",
            ["2025-09-28 Sun", "make-up workday", "2025-10-01 Wed … 10-08", "2025-10-10 Fri 24:00"],
        ),
        ("make-up-sunday", ["2025-09-28 Sun", "make-up workday", "2025-09-28 Sun 24:00"]),
        ("plain-saturday", ["2025-11-16 Sun", "rest day", "2025-11-17 Mon 24:00"]),
    ],
)
def test_explain_shows_the_days_and_the_due_time(case, said):
    done = CliRunner().invoke(cli, ["explain", str(FOLDER / "log.csv"), case, "--policy", str(FOLDER)])
    assert done.exit_code == 0, done.output
    assert [words for words in said if words not in done.output] == []


def test_the_command_line_gives_the_same_instants():
    done = CliRunner().invoke(
        cli, ["replay", str(FOLDER / "log.csv"), "--policy", str(FOLDER), "--format", "json"]
    )
    assert done.exit_code == 0, done.output
    found = {row["case"]: row["due_at"][:19] for row in json.loads(done.output)["obligations"]}
    assert found == {case: due for case, (_, due) in DUE.items()}
