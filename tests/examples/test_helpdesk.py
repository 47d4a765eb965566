"""An Italian help desk: first response, and a resolution whose clock stops while the customer is waited for."""

import datetime as dt
import json
from collections import Counter

import holidays
import polars as pl
import pytest
from click.testing import CliRunner

import bihuan
from bihuan.cli.root import cli
from tests.examples.real import EXAMPLES, HELPDESK, judged, read, real_log

FOLDER = EXAMPLES / "helpdesk"
OPENS, CLOSES, ALLOWED = 9 * 3600, 18 * 3600, 80 * 3600
FIRST = dt.date(2010, 1, 1)


@pytest.fixture(scope="module")
def log():
    return read("helpdesk", HELPDESK, bihuan.read_policy(FOLDER / "policy"))


@pytest.fixture(scope="module")
def outcome():
    return judged("helpdesk", HELPDESK)


@pytest.fixture(scope="module")
def unpaused():
    return judged("helpdesk", HELPDESK, "without-pauses")


@pytest.fixture(scope="module")
def both(outcome, unpaused):
    """The resolutions with pauses, and without (`_plain`)."""
    rows = [
        each.obligations.filter(pl.col("rule") == "resolve").with_columns(pl.col("state").cast(pl.String))
        for each in (outcome, unpaused)
    ]
    return rows[0].join(rows[1], on="case", suffix="_plain", validate="1:1")


def test_every_event_of_the_file_is_read(log):
    """The counts are those of the file's own <event> and <trace> elements."""
    assert log.read == 21_348
    assert log.events["case"].n_unique() == 4_580
    assert log.excluded.height == 0
    assert log.duplicates == 127  # events that occur twice in their trace, attribute for attribute
    assert log.events.height + log.duplicates == log.read


def test_first_response(outcome):
    states = outcome.summary["rules"]["respond"]
    assert states == {"met": 2_481, "late": 1_804, "overdue": 295}
    assert sum(states.values()) == 4_580


def test_resolution(outcome, unpaused):
    assert outcome.summary["rules"]["resolve"] == {"met": 3_348, "late": 1_221, "overdue": 8, "open": 3}
    assert unpaused.summary["rules"]["resolve"] == {"met": 2_843, "late": 1_726, "overdue": 11}


def test_pauses_never_make_a_case_worse(both):
    moves = Counter(both.select("state_plain", "state").iter_rows())
    assert moves == {
        ("met", "met"): 2_843,
        ("late", "late"): 1_221,
        ("late", "met"): 505,
        ("overdue", "overdue"): 8,
        ("overdue", "open"): 3,
    }
    assert (both["due_at"] >= both["due_at_plain"]).all()


def test_a_pause_without_an_end_leaves_the_case_open_without_a_due_time(both, log):
    open_cases = both.filter(pl.col("state") == "open")
    assert open_cases["due_at"].null_count() == open_cases.height == 3
    last = log.events.group_by("case", maintain_order=True).last()
    events = last.join(open_cases.select("case"), on="case", how="semi")["event"].cast(pl.String)
    assert set(events) == {"suspended"}


def test_every_state_is_that_of_a_slow_second_judgement(both, log):
    expected = slow_states(log)
    differing = [case for case, state in both.select("case", "state").iter_rows() if expected[case] != state]
    assert differing == []


def slow_states(log):
    """Case by case, with dates from `holidays` and plain addition of seconds worked."""
    worked = seconds_worked()
    local = pl.from_epoch("at").dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Rome")
    rows = log.events.select("case", pl.col("event").cast(pl.String), local.dt.replace_time_zone(None))
    cases: dict[str, list[tuple[str, int]]] = {}
    for case, event, at in rows.iter_rows():
        cases.setdefault(case, []).append((event, worked(at)))
    return {case: slow_state(events) for case, events in cases.items()}


def slow_state(events):
    due, since = events[0][1] + ALLOWED, None
    for event, at in events:
        if since is not None and event != "suspended":
            due, since = due + at - since, None
        if event == "resolved":
            return "met" if at <= due else "late"
        if event == "suspended" and since is None and at < due:
            since = at
    return "overdue" if since is None else "open"


def seconds_worked():
    """Seconds worked from FIRST until an instant: Italian workdays, 9:00 to 18:00."""
    off = holidays.country_holidays("IT", years=range(2010, 2015))
    before = {FIRST: 0}
    for n in range(365 * 5):
        day = FIRST + dt.timedelta(n)
        open_ = day.weekday() < 5 and day not in off
        before[day + dt.timedelta(1)] = before[day] + (CLOSES - OPENS if open_ else 0)

    def worked(at):
        day = at.date()
        if before[day + dt.timedelta(1)] == before[day]:
            return before[day]
        second = at.hour * 3600 + at.minute * 60 + at.second
        return before[day] + min(max(second, OPENS), CLOSES) - OPENS

    return worked


def test_people_work_on_no_italian_holiday(log):
    """What the calendar of the example rests on: only tickets that close by themselves have events on days off."""
    off = holidays.country_holidays("IT", years=range(2010, 2015))
    local = pl.from_epoch("at").dt.replace_time_zone("UTC").dt.convert_time_zone("Europe/Rome")
    days = log.events.filter(pl.col("event") != "closed").select(local.dt.date().alias("day"))["day"].unique()
    assert [day for day in days if day in off and day.weekday() < 5] == []


def test_the_command_line_says_the_same(tmp_path, outcome):
    done = CliRunner().invoke(
        cli,
        [
            *("replay", str(real_log(HELPDESK)), "--policy", str(FOLDER / "policy")),
            *("--mapping", str(FOLDER / "mapping.toml"), "--site", str(FOLDER / "site")),
            *("--out", str(tmp_path / "out")),
        ],
    )
    assert done.exit_code == 0, done.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text("utf-8"))
    assert summary["log"]["read"] == 21_348
    assert summary["rules"] == outcome.summary["rules"]
    written = pl.read_parquet(tmp_path / "out" / "obligations.parquet")
    assert written.height == 2 * 4_580


def test_another_limit_by_a_parameter():
    shorter = judged("helpdesk", HELPDESK, resolution_limit="8 working hours")
    assert shorter.summary["rules"]["resolve"]["met"] < 3_348
    assert shorter.summary["rules"]["respond"]["met"] == 2_481
