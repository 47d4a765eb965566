"""The demo month: the same for the same seed, and with something to find in it."""

import tomllib
from collections import Counter
from pathlib import Path
from random import Random

import pytest
from click.testing import CliRunner

from bihuan.demo.__main__ import main
from bihuan.demo.office import people
from bihuan.demo.tickets import COLUMNS, month
from bihuan.engine.vocabulary import EVENTS
from bihuan.files.logs import read_log
from bihuan.files.site import read_site

POLICY = Path(__file__).parents[2] / "src/bihuan/policies/power/dazu-complaint-assessment/unknown.toml"


@pytest.fixture(scope="module")
def rows():
    return month()


@pytest.fixture(scope="module")
def policy():
    return tomllib.loads(POLICY.read_text(encoding="utf-8"))


def test_the_same_seed_makes_the_same_month(rows):
    assert month() == rows
    assert month(seed=10) != rows


def test_rows_stand_in_order_of_time(rows):
    times = [row["at"] for row in rows]
    assert times == sorted(times)


def test_every_case_begins_with_its_acceptance(rows):
    first = {}
    for row in rows:
        first.setdefault(row["case"], row["event"])
    assert len(first) == 400
    assert set(first.values()) == {"accepted"}


def test_only_events_that_the_regulation_knows(rows, policy):
    assert {row["event"] for row in rows} <= {*EVENTS, *policy["events"]}


def test_only_facts_that_the_regulation_knows(policy):
    assert set(COLUMNS) - {"case", "event", "at", "actor"} <= set(policy["facts"])


def test_only_choices_that_the_regulation_knows(rows, policy):
    def leaves(tree):
        return {
            leaf
            for key, value in tree.items()
            if key != "label"
            for leaf in (leaves(value) if isinstance(value, dict) else {key})
        }

    for name, fact in policy["facts"].items():
        allowed = set(fact.get("choices", ())) or leaves(fact.get("tree", {}))
        if name in COLUMNS and allowed:
            assert {row[name] for row in rows if name in row} <= allowed, name


def test_something_of_everything_happens(rows):
    counts = Counter(row["event"] for row in rows)
    for event in (
        "returned",
        "redispatched",
        "extended",
        "briefed",
        "withdrawn",
        "called_in_vain",
        "transferred",
    ):
        assert counts[event] > 0, event
    assert counts["called_back"] < counts["archived"]


def test_it_is_written_as_a_log_and_a_site(tmp_path, policy):
    done = CliRunner().invoke(main, [str(tmp_path / "new"), "--cases", "3"])
    assert done.exit_code == 0, done.output
    log = read_log(tmp_path / "new" / "log.csv", zone="Asia/Shanghai")
    site = read_site(tmp_path / "new" / "site")
    assert log.excluded.is_empty()
    assert f"3 cases, {log.events.height} events" in done.stderr
    assert set(log.events["actor"].drop_nulls()) <= set(site.people["person"])
    assert set(site.people["role"]) <= set(policy["roles"])
    assert set(log.events["unit"].drop_nulls()) <= set(site.units["unit"])


def test_nobody_has_two_names_or_two_offices(rows):
    office = people(Random(9))
    names = [name for unit in office.units for name in unit.people if unit.kind != "marketing"]
    names += [*office.desk, *office.leaders, *office.marketing, *office.directors]
    assert len(names) == len(set(names))
