"""`bihuan contacts` on a small log: what people see, what programs get, and what is refused."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner, Result

from bihuan.cli.root import cli

BEFORE, AFTER = "relay-engineering-callback-before", "relay-engineering-callback"
LOG = """case,event,at,customer,station,receipt
A,receipt_returned,2025-03-03 17:00,甲厂,new,1
A,called_back,2025-03-05 10:00,甲厂,new,1
A,receipt_returned,2025-03-10 17:00,甲厂,new,2
A,commissioned,2025-03-10 18:00,甲厂,new,
A,accepted_works,2025-03-12 10:00,甲厂,new,
B,receipt_returned,2025-03-12 17:00,,new,3
"""


@pytest.fixture
def log(tmp_path: Path) -> str:
    (tmp_path / "log.csv").write_text(LOG, "utf-8")
    return str(tmp_path / "log.csv")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["--lang", "en", "contacts", *arguments])


def test_people_see_who_is_called_most(log: str) -> None:
    done = run(log, "--policy", BEFORE)
    assert done.exit_code == 0, done.output
    assert "甲厂" in done.output
    assert "without customer" in done.output


def test_two_policies_share_a_call(log: str) -> None:
    done = run(log, "--policy", BEFORE, "--policy", AFTER, "--draft", "--format", "json")
    assert done.exit_code == 0, done.output
    found = json.loads(done.output)
    (customer,) = found["customers"]
    assert (customer["made"], customer["planned"]) == (1, 2)  # receipt 2, and the first round
    assert found["summary"]["without_customer"] == 1
    assert [each["rule"] for each in found["contacts"] if each["kind"] == "made"] == ["every-trip"]


def test_what_is_written_is_what_is_shown(log: str, tmp_path: Path) -> None:
    assert run(log, "--policy", BEFORE, "--every", "year", "--out", str(tmp_path / "out")).exit_code == 0
    periods = pl.read_parquet(tmp_path / "out" / "periods.parquet")
    assert periods.select("period", "contacts", "made", "planned").rows() == [
        ("2025", 1, 1, 0),
        (None, 1, 0, 1),
    ]
    assert json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))["every"] == "year"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--policy", "quality-service-scorecard"], "does not say who is called"),
        (["--policy", BEFORE, "--window", "3 working days"], "expected a stretch such as 30 days"),
        (
            ["--policy", BEFORE, "--set", "second.within=1 day"],
            "no policy here has a parameter second.within",
        ),
        (["--policy", AFTER], "not in force"),
    ],
)
def test_what_cannot_be_asked_is_refused(log: str, arguments: list[str], words: str) -> None:
    done = run(log, *arguments)
    assert done.exit_code == 2, done.output
    assert words in done.output
