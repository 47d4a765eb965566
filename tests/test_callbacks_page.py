"""Is docs/callbacks.md true? Its commands are called again, its policy holds its examples and is sound."""

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

import bihuan
from bihuan.cli.root import cli
from bihuan.engine.check import check
from bihuan.engine.checks.names import COLUMNS

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "callbacks.md").read_text("utf-8")
CALLS = re.findall(r"^```console\n\$ (bihuan .*)\n((?:(?!^```).*\n)*)", PAGE, re.M)
POLICY = ROOT / "examples" / "callbacks" / "policy" / "unknown.toml"


@pytest.fixture(scope="module")
def edition():
    return bihuan.newest(bihuan.read_editions(POLICY))


def plain(text):
    return [line.rstrip() for line in text.strip().splitlines()]


@pytest.mark.parametrize(("call", "expected"), CALLS, ids=range(1, len(CALLS) + 1))
def test_outputs_are_real(call, expected, monkeypatch):
    monkeypatch.chdir(ROOT)
    done = CliRunner().invoke(cli, ["--lang", "zh", *shlex.split(call)[1:]])
    assert done.exit_code == 0, done.output
    assert plain(done.stdout) == plain(expected)


def test_the_page_has_commands():
    assert len(CALLS) == 3


def test_the_examples_of_its_policy_hold(edition):
    results = bihuan.run_examples(edition, bihuan.read_examples(edition), bihuan.read_calendars())
    assert [each.text() for each in results if each.state != "held"] == []
    assert len(results) == 6


def test_its_policy_is_sound(edition):
    examples = [each for file in bihuan.read_examples(edition) for each in file.example]
    assert [each.text() for each in check(edition, examples) if each.level != "info"] == []


def test_every_column_of_the_page_can_be_asked_for():
    table = PAGE.partition("## 回访表的列")[2]
    named = {
        name for row in re.findall(r"^\|(.*?)\|", table, re.M) for name in re.findall(r"`([a-z_]+)`", row)
    }
    assert {"attempts", "next_at", "points"} <= named
    assert named - {"customer"} <= set(COLUMNS)
