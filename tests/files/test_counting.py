"""Counted in pieces on several threads, a log says what it says counted at once."""

import time
from datetime import datetime
from pathlib import Path
from threading import Lock

import polars as pl
import pytest

from bihuan.engine.errors import LogError
from bihuan.engine.listening import subjects
from bihuan.engine.statistics import statistics
from bihuan.files import counting
from bihuan.files.calendars import read_calendars
from bihuan.files.counting import count_log, side_by_side
from bihuan.files.logs import read_log
from bihuan.files.policies import policy_ids, read_policy
from tests.files.test_stream import made_up, registers

CALENDARS = read_calendars(())
WORKING_DAYS = str(Path(__file__).parents[2] / "examples" / "working-days")
AS_OF = int(datetime(2026, 8, 1).timestamp())


def at_once(policy, path, as_of=None, site=None):
    header = policy.header
    log = read_log(path, zone=header.zone, known_events=policy.event_labels, starts=header.starts)
    return statistics(policy, CALENDARS, log, as_of, site)


def as_parquet(path, sort):
    """The made-up log typed: its times native, its cases numbers, its names codes."""
    table = pl.read_csv(path, infer_schema=False).filter(~pl.col("at").str.contains("02-30"))
    names = table["event"].unique().sort()
    table = table.with_columns(
        pl.col("case").str.strip_prefix("c").cast(pl.Int64),
        pl.col("at").str.to_datetime("%Y-%m-%d %H:%M").dt.replace_time_zone("Asia/Shanghai"),
        pl.col("event").cast(pl.Enum(names)),
    )
    table = table.sort("case", "at") if sort else table
    target = path.with_suffix(".parquet")
    table.write_parquet(target, row_group_size=50)
    return target


@pytest.mark.parametrize("name", policy_ids())
@pytest.mark.parametrize("kind", ["csv", "sorted parquet", "unsorted parquet"])
def test_pieces_add_up_to_the_whole_under_every_policy(tmp_path, name, kind):
    policy = read_policy(name, draft=True)
    path, site = made_up(policy, tmp_path / "log.csv", 1), registers(policy)
    path = path if kind == "csv" else as_parquet(path, kind == "sorted parquet")
    whole = at_once(policy, path, AS_OF, site)
    found = count_log(policy, CALENDARS, path, as_of=AS_OF, registers=site, piece=60)
    assert whole.height
    assert found.statistics.equals(whole)


def test_without_an_instant_the_last_event_says_how_late_it_is(tmp_path):
    policy = read_policy(WORKING_DAYS)
    path = as_parquet(made_up(policy, tmp_path / "log.csv", 3), sort=True)
    assert count_log(policy, CALENDARS, path, piece=60).statistics.equals(at_once(policy, path))


def test_what_was_found_is_kept_where_it_is_asked_for(tmp_path):
    policy = read_policy(WORKING_DAYS)
    path = as_parquet(made_up(policy, tmp_path / "log.csv", 3), sort=True)
    found = count_log(policy, CALENDARS, path, as_of=AS_OF, piece=60, keep=True)
    assert len(found.found) > 3
    assert sum(len(one.folded.columns["rule"]) for one in found.found) == found.statistics["rows"].sum()
    cases = [case for one in found.found for case in one.ids]
    assert cases == sorted(set(cases), key=int)
    assert found.cases == len(cases) == 90
    assert count_log(policy, CALENDARS, path, as_of=AS_OF, piece=60).found == []


def test_a_policy_about_subjects_sees_the_log_at_once(tmp_path, monkeypatch):
    policy = next(p for p in (read_policy(name, draft=True) for name in policy_ids()) if any(subjects(p)))
    path, site = made_up(policy, tmp_path / "log.csv", 1), registers(policy)
    monkeypatch.setattr(counting, "parted", None)
    found = count_log(policy, CALENDARS, path, as_of=AS_OF, registers=site, piece=60)
    assert found.statistics.equals(at_once(policy, path, AS_OF, site))


def test_a_log_of_nothing_counts_nothing(tmp_path):
    policy = read_policy(WORKING_DAYS)
    path = as_parquet(made_up(policy, tmp_path / "log.csv", 3), sort=True)
    pl.read_parquet(path).clear().write_parquet(path)
    found = count_log(policy, CALENDARS, path)
    assert (found.cases, found.statistics.height) == (0, 0)


def test_a_log_that_cannot_be_read_is_told(tmp_path):
    path = tmp_path / "log.parquet"
    path.write_bytes(b"PAR1 but no more")
    with pytest.raises(LogError, match="no Parquet file"):
        count_log(read_policy(WORKING_DAYS), CALENDARS, path)


def test_side_by_side_keeps_the_order_and_takes_no_more_than_it_can_do():
    lock, taken, done = Lock(), [], []

    def given():
        for number in range(20):
            with lock:
                taken.append(number)
                assert len(taken) - len(done) <= 4
            yield number

    def do(number):
        time.sleep(0.002 * (number % 3))
        with lock:
            done.append(number)
        return -number

    assert list(side_by_side(do, given(), 2)) == [-number for number in range(20)]


def test_side_by_side_tells_what_went_wrong():
    def do(number):
        if number == 3:
            raise LogError("bad", line=number)
        return number

    with pytest.raises(LogError, match="line 3: bad"):
        list(side_by_side(do, range(100), 2))
