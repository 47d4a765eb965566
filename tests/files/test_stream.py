"""A log judged portion by portion says what it says judged at once, holds little, and leaves nothing half-written."""

import csv
import json
import statistics
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

import polars as pl
import pytest
from click.testing import CliRunner

from bihuan.demo.__main__ import main as demo
from bihuan.engine.compare import TABLES as COMPARED
from bihuan.engine.compare import compare
from bihuan.engine.errors import CallError
from bihuan.engine.listening import subjects
from bihuan.engine.merging import merges, stretch_of
from bihuan.engine.outcome import Outcome
from bihuan.engine.parameters import parameter_values
from bihuan.engine.policy import parse_policy
from bihuan.engine.portions import total
from bihuan.engine.replay import replay
from bihuan.engine.site import Site
from bihuan.files.calendars import read_calendars
from bihuan.files.comparing import write_compared
from bihuan.files.logs import read_log
from bihuan.files.outcomes import (
    TABLES,
    comparison_summary,
    scan_folder,
    summary_of,
    write_outcome,
    write_outcomes,
)
from bihuan.files.policies import policy_ids, read_policy
from bihuan.files.site import read_site
from bihuan.files.stream import iter_outcomes

CALENDARS = read_calendars(())
CHUNK = 300
DAZU = "power/dazu-complaint-assessment"


def at_once(policy, path, site=None, as_of=None, **parameters):
    header = policy.header
    log = read_log(path, zone=header.zone, known_events=policy.event_labels, starts=header.starts)
    return replay(policy, CALENDARS, log, as_of, site, parameter_values(policy, parameters))


def in_portions(policy, path, site=None, as_of=None, chunk=CHUNK, progress=None, **parameters):
    values = parameter_values(policy, parameters)
    return iter_outcomes(
        policy,
        CALENDARS,
        path,
        as_of=as_of,
        registers=site,
        parameters=values,
        chunk=chunk,
        progress=progress,
    )


def rows(table):
    """As a bag; which row of the log in memory it came from is no part of it."""
    text = table.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String)).drop("row", strict=False)
    return Counter(map(repr, text.rows()))


def assert_same(whole, portions):
    assert len(portions) > 1
    for name in (*TABLES, "counts", "excluded"):
        assert sum((rows(getattr(one, name)) for one in portions), Counter()) == rows(getattr(whole, name)), (
            name
        )
    assert total(one.summary for one in portions) == whole.summary


def shuffled(path, seed=3):
    head, *lines = path.read_text("utf-8").splitlines()
    Random(seed).shuffle(lines)
    target = path.with_name("shuffled.csv")
    target.write_text("\n".join([head, *lines]) + "\n", "utf-8")
    return target


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    folder = tmp_path_factory.mktemp("month")
    assert CliRunner().invoke(demo, [str(folder), "--cases", "120"]).exit_code == 0
    return shuffled(folder / "log.csv"), read_site(folder / "site")


def made_up(policy, path, seed):
    """Cases of events that the policy knows, with facts of all its types, in no order, some rows twice."""
    dice, header = Random(seed), policy.header
    names = [name for name in policy.event_labels if "." not in name]
    facts = {name: fact for name, fact in policy.facts.items() if fact.rows is None and fact.of is None}
    lines = []
    for case in range(90):
        at = datetime(2026, 1, 1) + timedelta(minutes=dice.randrange(200 * 1440))
        opening = [dice.choice(header.starts)] if header.starts and case % 10 else []
        for event in [*opening, *dice.choices(names, k=dice.randrange(1, 12))]:
            known = {name: value(fact, dice) for name, fact in facts.items() if dice.random() < 0.4}
            who = {"actor": f"p{dice.randrange(4)}", "unit": f"u{dice.randrange(3)}"}
            lines.append({"case": f"c{case}", "event": event, "at": f"{at:%Y-%m-%d %H:%M}", **who, **known})
            at += timedelta(minutes=dice.choice([0, 5, 300, 3000, 40000]))
    lines += [*lines[:7], lines[0] | {"at": "2026-02-30 10:00"}, lines[1] | {"event": "nonsense"}]
    dice.shuffle(lines)
    columns = [
        "case",
        "event",
        "at",
        "actor",
        "unit",
        *(name for name in facts if name not in ("actor", "unit")),
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(lines)
    return path


def value(fact, dice):
    kinds = {
        "flag": lambda: dice.choice(["true", "false"]),
        "number": lambda: dice.randrange(1, 40),
        "money": lambda: dice.randrange(1, 40),
        "date": lambda: f"2026-0{dice.randrange(1, 8)}-15",
        "instant": lambda: f"2026-0{dice.randrange(1, 8)}-15 10:00",
    }
    if fact.type == "choice" and fact.choices:
        return dice.choice(list(fact.choices))
    return kinds.get(fact.type, lambda: f"s{dice.randrange(4)}")()


def registers(policy):
    """Every subject of `across` has a register with subjects that occur and one that does not."""
    days = [datetime(2026, 1, 1).date()] * 5
    table = pl.DataFrame(
        {"subject": ["s0", "s1", "u0", "u1", "never seen"], "since": days, "until": [None] * 5}
    )
    table = table.cast({"until": pl.Date})
    return Site(registers={subject: table for subject in subjects(policy) if subject})


def is_whole(name):
    """Whether one call may serve several cases of a customer, so that a log is not judged in portions."""
    policy = read_policy(name, draft=True)
    return any(stretch_of(rule, parameter_values(policy)) is not None for rule in merges(policy))


WHOLE = [name for name in policy_ids() if is_whole(name)]
APART = [name for name in policy_ids() if name not in WHOLE]


@pytest.mark.parametrize("name", WHOLE)
def test_where_a_call_serves_several_cases_portions_are_refused(month, name):
    path, site = month
    with pytest.raises(CallError, match="judge the log whole"):
        list(in_portions(read_policy(name, draft=True), path, site))


@pytest.mark.parametrize("name", APART)
def test_the_demo_month_shuffled_under_every_policy(month, name):
    path, site = month
    policy = read_policy(name, draft=True)
    assert_same(at_once(policy, path, site), list(in_portions(policy, path, site)))


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("name", APART)
def test_made_up_logs_under_every_policy(tmp_path, name, seed):
    policy = read_policy(name, draft=True)
    path, site = made_up(policy, tmp_path / "log.csv", seed), registers(policy)
    whole = at_once(policy, path, site)
    assert whole.excluded.height >= 2
    assert_same(whole, list(in_portions(policy, path, site)))


def test_rules_across_subjects_are_among_those_policies(tmp_path):
    found = {}
    for name in APART:
        policy = read_policy(name, draft=True)
        path, site = made_up(policy, tmp_path / "log.csv", 1), registers(policy)
        portions = list(in_portions(policy, path, site))
        about = {case for one in portions for case in one.obligations["case"]}
        found[name] = bool(about & {"s0", "u0"}), "company" in about, "never seen" in about
    assert {place for kinds in found.values() for place, there in enumerate(kinds) if there} == {0, 1, 2}


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_sorted_log_is_cut_between_cases(tmp_path, month, kind):
    table = pl.read_csv(month[0], infer_schema=False).sort("case", "at")
    path = tmp_path / f"log.{kind}"
    getattr(table, f"write_{kind}")(path)
    policy = read_policy(DAZU)
    assert_same(at_once(policy, path, month[1]), list(in_portions(policy, path, month[1])))


def test_the_last_event_is_the_last_that_is_judged(tmp_path):
    """Neither a case that was never opened nor an event that nobody knows says how late it is."""
    policy = read_policy(str(Path(__file__).parents[2] / "examples" / "working-days"))
    start = policy.header.starts[0] if policy.header.starts else "accepted"
    lines = [f"c{n},{start},2025-09-{1 + n % 28:02} 09:00" for n in range(40)]
    lines += ["late,nonsense,2031-01-01 09:00", "c1,,2032-01-01 09:00"]
    path = tmp_path / "log.csv"
    path.write_text("case,event,at\n" + "\n".join(lines) + "\n", "utf-8")
    assert_same(at_once(policy, path), list(in_portions(policy, path, chunk=10)))


PARTS = """
[policy]
id = "test/parts"
title = "整体与部分"
edition = 2026-01-01
status = "in force"
zone = "Asia/Shanghai"
source = { file = "test_stream.py", lines = "made up" }

[facts]
whole = { label = "所属", type = "case", shows = ["resolved"] }

[[article]]
no = "1"
says = "the whole is answered two days after a part is resolved"
[[article.obligation]]
id = "answer"
after = "whole.resolved"
owes = "answered"
by = "actor"
within = "2 days"
"""


def test_a_whole_sees_its_parts_wherever_they_stand(tmp_path):
    policy = parse_policy(tomllib.loads(PARTS), "parts.toml")
    lines = [f"P{n},resolved,2026-01-{1 + n % 28:02} 09:00,W{n % 9}" for n in range(120)]
    lines += [f"P{n},reopened,2026-02-01 09:00,W{(n + 1) % 9}" for n in range(0, 120, 7)]  # changed its whole
    lines += [f"W{n},{event},2026-01-0{1 + n} 08:00," for n in range(9) for event in ("accepted", "answered")]
    Random(5).shuffle(lines)
    path = tmp_path / "log.csv"
    path.write_text("case,event,at,whole\n" + "\n".join(lines) + "\n", "utf-8")
    whole = at_once(policy, path)
    assert whole.obligations.height >= 9
    portions = list(in_portions(policy, path, chunk=20))
    assert {name: sum((rows(getattr(one, name)) for one in portions), Counter()) for name in TABLES} == {
        name: rows(getattr(whole, name)) for name in TABLES
    }
    assert total(one.summary for one in portions) == whole.summary


# What is held


def many(path, cases):
    """Sorted, on Parquet, four events a case."""
    case = pl.int_range(cases, eager=True).cast(pl.String).str.zfill(8)
    base = pl.int_range(cases, eager=True) * 60 + 1_767_225_600
    events = ["accepted", "dispatched", "contacted", "answered"]
    tables = [
        pl.DataFrame(
            {
                "case": case,
                "event": event,
                "matter": "question",
                "at": pl.from_epoch(base + 3600 * n, "s").dt.replace_time_zone("UTC"),
            }
        )
        for n, event in enumerate(events)
    ]
    pl.concat(tables).sort("case", "at").write_parquet(path)
    return path


def test_no_portion_is_larger_than_asked_for(tmp_path):
    path = many(tmp_path / "log.parquet", 5_000)
    policy = read_policy(DAZU)
    held = [one.summary["log"] for one in in_portions(policy, path, chunk=1000)]
    assert sum(log["cases"] for log in held) == 5_000
    assert max(log["cases"] for log in held) <= 251  # and the case that the cut before left over


def test_portions_are_judged_only_as_they_are_asked_for(tmp_path):
    told = []
    path = many(tmp_path / "log.parquet", 2_000)
    portions = in_portions(
        read_policy(DAZU), path, chunk=1000, as_of=1_800_000_000, progress=lambda *news: told.append(news)
    )
    next(portions)
    assert [done for doing, done, _ in told if doing == "reading"] == [1000]
    next(portions)
    assert [done for doing, done, _ in told if doing == "reading"] == [1000, 2000]
    portions.close()


PEAK = """
import resource, sys
from bihuan import iter_outcomes, read_calendars, read_policy, write_outcomes
policy = read_policy(sys.argv[3])
write_outcomes(sys.argv[2], iter_outcomes(policy, read_calendars(()), sys.argv[1], chunk=40_000))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


WORKING_DAYS = str(
    Path(__file__).parents[2] / "examples" / "working-days"
)  # no rule about the company as a whole


def peak(folder, cases):
    path = many(folder / f"{cases}.parquet", cases)
    command = [sys.executable, "-c", PEAK, str(path), str(folder / f"out {cases}"), WORKING_DAYS]
    return int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.skipif(sys.platform == "win32", reason="no resource module")
def test_four_times_the_log_takes_no_more_memory(tmp_path):
    small, large = peak(tmp_path, 30_000), peak(tmp_path, 120_000)
    assert large < 1.35 * small
    judged = [pl.scan_parquet(tmp_path / f"out {n}" / "obligations.parquet") for n in (30_000, 120_000)]
    few, lot = (table.select(pl.col("case").n_unique()).collect().item() for table in judged)
    assert (few, lot) == (30_000, 120_000)


# What is written


def test_a_folder_written_in_portions_holds_the_same(tmp_path, month):
    path, site = month
    policy = read_policy(DAZU)
    whole = at_once(policy, path, site)
    write_outcome(tmp_path / "whole", whole)
    write_outcomes(tmp_path / "portions", in_portions(policy, path, site))
    one, other = scan_folder(tmp_path / "whole"), scan_folder(tmp_path / "portions")
    assert one[0] == other[0] == json.loads(json.dumps(summary_of(whole)))
    assert list(one[1]) == list(other[1]) == sorted(TABLES)
    for name in TABLES:
        assert one[1][name].collect_schema() == other[1][name].collect_schema()
        assert rows(one[1][name].collect()) == rows(other[1][name].collect())


def test_what_was_left_out_is_one_table_with_one_head(tmp_path):
    policy = read_policy(DAZU)
    path = made_up(policy, tmp_path / "log.csv", 4)
    whole = at_once(policy, path)
    write_outcomes(tmp_path / "out", in_portions(policy, path))
    text = (tmp_path / "out" / "excluded.csv").read_bytes()
    assert text.count(b"\xef\xbb\xbf") == 1
    assert text.count(b"file,line,column,found,reason") == 1
    assert rows(pl.read_csv(text, schema=whole.excluded.schema)) == rows(whole.excluded)


@pytest.fixture
def own_temp(tmp_path, monkeypatch):
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


@pytest.mark.parametrize("reason", [KeyboardInterrupt, OSError])
def test_an_interruption_leaves_the_earlier_outcome_and_no_other_file(tmp_path, month, own_temp, reason):
    policy = read_policy(DAZU)
    write_outcomes(tmp_path / "out", [at_once(policy, *month)])
    before = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}

    def stop(doing, done, of):
        if doing == "judging":
            raise reason

    with pytest.raises(reason):
        write_outcomes(tmp_path / "out", in_portions(policy, month[0], month[1], progress=stop))
    assert {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()} == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["out", "temporary"]
    assert list(own_temp.iterdir()) == []


def test_nothing_to_write_is_an_error(tmp_path):
    with pytest.raises(CallError, match="no portion"):
        write_outcomes(tmp_path / "out", [])
    assert list(tmp_path.iterdir()) == []


def test_a_log_without_rows_is_judged_too(tmp_path):
    policy = read_policy(DAZU)
    path = tmp_path / "log.csv"
    path.write_text("case,event,at\n", "utf-8")
    portions = list(in_portions(policy, path))
    assert total(one.summary for one in portions) == at_once(policy, path).summary


# Comparison


@pytest.mark.parametrize("log", ["month", "made up"])
@pytest.mark.parametrize("name", [DAZU, "power/tianjin-callback"])
def test_a_comparison_in_portions_is_the_same(tmp_path, month, name, log):
    policy = read_policy(name, draft=True)
    path, site = month if log == "month" else (made_up(policy, tmp_path / "log.csv", 6), registers(policy))
    shorter = {
        f"{rule}.within": "3 hours" for rule in policy.timed if f"{rule}.within" in parameter_values(policy)
    }
    whole = compare(at_once(policy, path, site), at_once(policy, path, site, **shorter))
    sides = in_portions(policy, path, site), in_portions(policy, path, site, **shorter)
    summary, tables = scan_folder(write_compared(tmp_path / "out", *sides, parts=7))
    assert summary == json.loads(json.dumps(comparison_summary(whole)))
    assert whole.rules["moved"].sum() > 0
    for table in COMPARED:
        found = tables[table].collect()
        assert rows(found) == rows(getattr(whole, table)), table
        assert found.columns == getattr(whole, table).columns


def test_the_median_of_shifts_is_that_of_all_rows():
    from bihuan.engine.compare import medians

    shifts = [5, 5, -3, 8, 20, 21]
    counted = pl.DataFrame(
        {"rule": "r", "unit": None, "shift": shifts, "times": [2, 1, 4, 1, 1, 1]},
        schema_overrides={"unit": pl.String},
    )
    every = [shift for shift, times in zip(shifts, [2, 1, 4, 1, 1, 1], strict=True) for _ in range(times)]
    assert medians(counted).rows() == [("r", None, int(statistics.median(every)), -3, 21)]


def test_an_outcome_without_callbacks_of_customers_says_nothing_of_contacts(tmp_path, month):
    policy = read_policy("telecom/telecom-install-service", draft=True)
    found = at_once(policy, *month)
    assert "customer" not in found.callbacks.columns or found.callbacks.is_empty()
    _, tables = scan_folder(write_compared(tmp_path / "out", [found], [found]))
    assert [tables[name].collect().height for name in ("rows", "irregularities", "load", "contacts")] == [
        0
    ] * 4


def test_empty_sides_compare(tmp_path):
    policy = read_policy(DAZU)
    path = tmp_path / "log.csv"
    path.write_text("case,event,at\n", "utf-8")
    one = at_once(policy, path)
    assert isinstance(one, Outcome)
    _, tables = scan_folder(write_compared(tmp_path / "out", [one], [one]))
    assert {name: table.collect().height for name, table in tables.items()} == dict.fromkeys(COMPARED, 0)
