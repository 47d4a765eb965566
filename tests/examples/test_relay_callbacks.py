"""The tutorial on the change of callbacks: what it shows is what the commands say, and its numbers are in the log."""

import csv
import re
import shlex
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

import bihuan
from bihuan.cli.root import cli
from bihuan.demo.works import log
from bihuan.demo.works import main as works

PAGE = (Path(__file__).parents[2] / "docs" / "tutorial" / "relay-callbacks.md").read_text("utf-8")
SHOWN = re.compile(r"^\$ (bihuan (?:.*\\\n)*.*)\n((?:(?!^\$ |^```).*\n)+)", re.MULTILINE)
BEFORE, AFTER = "relay-engineering-callback-before", "relay-engineering-callback"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("works")
    works.main([str(folder / "out" / "works")], standalone_mode=False)
    return folder


@pytest.fixture(scope="module")
def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "out" / "works" / "works.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("number", range(4))
def test_what_the_page_shows_is_what_the_command_says(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """Between dots, the lines stand one after another in what the command prints."""
    monkeypatch.chdir(folder)
    shown = SHOWN.findall(PAGE)
    assert len(shown) == 4
    call, said = shown[number]
    done = CliRunner().invoke(cli, ["--lang", "zh", *shlex.split(call.replace("\\\n", " "))[1:]])
    assert done.exit_code == 0, done.output
    printed = squeezed(done.stdout.splitlines())
    for excerpt in squeezed(said.splitlines()).split("…"):
        assert excerpt.strip("\n") in printed, call


def squeezed(lines: list[str]) -> str:
    """Without the widths of columns, which depend on the rows left out and on the screen."""
    return "\n".join(re.sub(r"─+", "─", re.sub(r" {2,}", "  ", line.strip())) for line in lines)


def test_the_log_is_the_same_for_the_same_seed() -> None:
    assert log(5, 40) == log(5, 40) != log(6, 40)


def owed(policy: str, folder: Path, **settings: str) -> Counter[str]:
    """By customer, the callbacks that a regulation owes."""
    read = bihuan.read_policy(policy)
    path = folder / "out" / "works" / "works.csv"
    found = bihuan.read_log(path, zone=read.header.zone, known_events=read.event_labels)
    values = bihuan.parameter_values(read, settings)
    calls = bihuan.replay(read, bihuan.read_calendars(), found, parameters=values).callbacks
    return Counter(row["customer"] for row in calls.to_dicts() if row["state"] not in ("void", "waiting"))


def test_before_the_change_every_receipt_is_a_call(folder: Path, rows: list[dict[str, str]]) -> None:
    receipts = Counter(row["customer"] for row in rows if row["event"] == "receipt_returned")
    assert owed(BEFORE, folder) == receipts
    assert receipts.total() == 915


def test_after_it_every_accepted_new_station_is_called_three_times_at_most(
    folder: Path, rows: list[dict[str, str]]
) -> None:
    """First at acceptance, second once the first was made, third once two years have passed."""
    end = max(row["at"] for row in rows)
    wanted: Counter[str] = Counter()
    for accepted in (row for row in rows if row["event"] == "accepted_works"):
        calls = [
            row["at"]
            for row in rows
            if row["case"] == accepted["case"]
            and row["event"] == "called_back"
            and row["at"] > accepted["at"]
        ]
        day = accepted["at"][:10]
        two_years_on = f"{int(day[:4]) + 2}{day[4:]} 23:59:59"
        wanted[accepted["customer"]] += 1 + bool(calls) + (two_years_on <= end)
    found = owed(AFTER, folder, **{"second.within": "7 months"})
    assert found == wanted
    assert found.total() == 315
