"""Large logs from the command line: the same as at once, with progress where it is wanted."""

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from bihuan.cli import long
from bihuan.cli.root import cli
from bihuan.demo.__main__ import main as demo

DAZU = ("--policy", "dazu-complaint-assessment")


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    folder = tmp_path_factory.mktemp("month")
    assert CliRunner().invoke(demo, [str(folder), "--cases", "60"]).exit_code == 0
    return str(folder / "log.csv"), *DAZU, "--site", str(folder / "site")


def run(*arguments):
    done = CliRunner().invoke(cli, list(arguments), prog_name="bihuan")
    assert done.exit_code == 0, done.output
    return done


def content(text):
    """Rows as bags: the order of cases is that of the portions."""
    told = json.loads(text)
    return {
        name: Counter(json.dumps(row | {"row": None}, sort_keys=True) for row in part)
        if isinstance(part, list)
        else part
        for name, part in told.items()
    }


@pytest.mark.parametrize(
    "command", [("replay",), ("compare", "--with-set", "contact.within=1 hour")], ids=lambda c: c[0]
)
def test_data_is_the_same_in_portions(month, command):
    call = (command[0], *month, *command[1:], "--format", "json")
    whole, portions = content(run(*call, "--chunk", "0").stdout), content(run(*call, "--chunk", "90").stdout)
    assert list(whole) == list(portions)
    assert whole == portions


def test_people_see_the_same_totals(month):
    whole, portions = (run("replay", *month, "--chunk", rows).stdout.splitlines() for rows in ("0", "90"))
    upto = whole.index("Late, the worst first")
    assert whole[:upto] == portions[:upto]
    assert whole[-8:] == portions[-8:]
    assert len(whole) == len(portions)


def test_a_log_is_long_by_its_size_or_as_the_call_says(tmp_path, monkeypatch):
    monkeypatch.setattr(long, "LONG", 100)
    monkeypatch.setattr(long, "LONG_PACKED", 10)
    for name in ("log.csv", "log.parquet", "log.csv.gz", "log.xlsx"):
        (tmp_path / name).write_bytes(b"x" * 50)
    found = [
        long.is_long(str(tmp_path / n), None)
        for n in ("log.csv", "log.parquet", "log.csv.gz", "log.xlsx", "gone.csv")
    ]
    assert found == [False, True, True, False, False]
    (tmp_path / "log.csv").write_bytes(b"x" * 101)
    assert long.is_long(str(tmp_path / "log.csv"), None)
    assert not long.is_long(str(tmp_path / "log.csv"), 0)
    assert long.is_long(str(tmp_path / "log.parquet"), 5)


def test_progress_is_told_where_it_was_asked_for_and_only_there(month):
    assert run("replay", *month, "--chunk", "90").stderr == ""
    lines = run("replay", *month, "--chunk", "90", "--progress").stderr.splitlines()
    doings = list(dict.fromkeys(line.partition(" … ")[0] for line in lines))
    assert doings[:4] == ["looking through", "reading", "looking for the last event", "judging"]
    chinese = run("replay", *month, "--chunk", "90", "--progress", "--lang", "zh").stderr
    assert "正在找最后一个事件 … " in chinese


def test_what_is_written_is_what_is_printed(month, tmp_path):
    import polars as pl

    told = json.loads(
        run("replay", *month, "--chunk", "90", "--out", str(tmp_path / "out"), "--format", "json").stdout
    )
    for name in ("obligations", "callbacks", "irregularities"):
        assert pl.read_parquet(tmp_path / "out" / f"{name}.parquet").height == len(told[name])
    assert json.loads(Path(tmp_path / "out" / "summary.json").read_text("utf-8")) == told["summary"]


def test_one_table_in_another_format_says_the_same(month):
    lines = run("replay", *month, "--chunk", "90", "--format", "jsonl").stdout.splitlines()
    table = run("replay", *month, "--chunk", "90", "--format", "csv").stdout.splitlines()
    assert len(table) == len(lines)  # a head for the summary's line
