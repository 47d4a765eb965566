"""A sorted table cut between cases: nothing lost, no case twice, no piece larger than it must be."""

import itertools

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.engine.log import Log
from bihuan.files.cutting import NotSortedError, in_order, whole_cases
from bihuan.files.logs import read_log
from bihuan.files.mapping import parse_mapping
from bihuan.files.partition import iter_log, parted

ZONE = "Asia/Shanghai"

ids = st.lists(st.one_of(st.integers(0, 8), st.none()), max_size=40)
widths = st.lists(st.integers(0, 7), max_size=12)


def tables(cases, widths, kind=pl.Int64):
    """The cases in order, with a number each, as tables of these widths; the rest is the last table."""
    known = iter(sorted(case for case in cases if case is not None))
    told = [None if case is None else next(known) for case in cases]
    whole = pl.DataFrame({"case": pl.Series(told, dtype=pl.Int64).cast(kind)}).with_row_index("row")
    ends = [0, *itertools.accumulate(widths), whole.height]
    return whole, [whole.slice(a, max(b - a, 0)) for a, b in itertools.pairwise(ends)]


@pytest.mark.parametrize("kind", [pl.Int64, pl.String])
@given(cases=ids, widths=widths, size=st.integers(1, 9))
def test_a_sorted_table_is_cut_between_cases(kind, cases, widths, size):
    whole, given = tables(cases, widths, kind)
    cut = list(whole_cases(given, lambda table: table["case"], size))
    assert pl.concat([whole.clear(), *cut]).equals(whole)
    seen = [case for table in cut for case in table["case"].drop_nulls().unique()]
    assert len(seen) == len(set(seen))
    assert all(table.height >= size for table in cut[:-1])
    longest = max(in_order(whole["case"], None).value_counts()["count"], default=0)
    assert all(table.height < size + 2 * longest for table in cut)


@given(cases=ids.filter(lambda cases: len(set(cases) - {None}) > 1), widths=widths, size=st.integers(1, 9))
def test_a_case_that_comes_back_is_never_two_cases(cases, widths, size):
    known = [case for case in cases if case is not None]
    given = tables(cases, widths)[1]
    back = pl.DataFrame({"row": [99], "case": [min(known)]}, schema=given[0].schema)
    with pytest.raises(NotSortedError):
        list(whole_cases([*given, back], lambda table: table["case"], size))


def stored(path, case, group=7):
    """A log in which the cases stand as told, in row groups."""
    rows = pl.DataFrame({"case": case}).with_row_index("row")
    at = pl.from_epoch(1_767_225_600 + pl.col("row").cast(pl.Int64) * 60, "s").dt.replace_time_zone("UTC")
    rows.select("case", pl.lit("urged").alias("event"), at.alias("at")).write_parquet(
        path, row_group_size=group
    )
    return path


def told(logs: list[Log]) -> list[tuple]:
    events = [log.events.with_columns(pl.col("event", "file", "case").cast(pl.String)) for log in logs]
    return sorted(pl.concat(events).rows())


@pytest.mark.parametrize(
    "case",
    [
        [n // 3 for n in range(60)],
        [f"{n // 3:03}" for n in range(60)],
        [float(n // 3) for n in range(60)],
        [n // 3 + (n % 3) / 10 for n in range(60)],  # one case: a number is cut off at its point
        [None if n % 5 == 0 else n // 3 for n in range(60)],
        [n % 20 for n in range(60)],
        pl.Series([f"{n // 3:03}" for n in range(60)], dtype=pl.Categorical),
        pl.Series([f"{n % 7}" for n in range(60)], dtype=pl.Enum([*"6543210"])),
    ],
    ids=["numbers", "text", "floats", "fractions", "gaps", "unsorted", "categories", "enum"],
)
@pytest.mark.parametrize("chunk", [1, 10, 1000])
def test_parquet_in_parts_is_parquet_at_once(tmp_path, case, chunk):
    path = stored(tmp_path / "log.parquet", case)
    whole, parts = read_log(path, zone=ZONE), list(iter_log(path, zone=ZONE, chunk=chunk))
    assert told(parts) == told([whole])
    assert sum(part.read for part in parts) == whole.read
    assert pl.concat([part.excluded for part in parts]).sort("line").equals(whole.excluded)
    cases = [one for part in parts for one in part.events["case"].cast(pl.String).unique()]
    assert len(cases) == len(set(cases))


def test_a_log_trusted_to_be_sorted_says_where_it_is_not(tmp_path):
    path = stored(tmp_path / "log.parquet", [1, 1, 2, 2, 3, 3, 1, 1])
    with parted(path, zone=ZONE, chunk=2, trusting=True) as parts, pytest.raises(NotSortedError):
        list(parts.logs())


def test_a_log_trusted_to_be_sorted_is_read_once(tmp_path):
    path = stored(tmp_path / "log.parquet", [n // 3 for n in range(30)])
    stages = []
    with parted(
        path, zone=ZONE, chunk=9, trusting=True, progress=lambda stage, rows: stages.append((stage, rows))
    ) as parts:
        assert parts.rows == 30
        assert told(list(parts.logs())) == told([read_log(path, zone=ZONE)])
    assert stages == [("reading", 9), ("reading", 18), ("reading", 27), ("reading", 30)]


def test_what_is_said_of_the_whole_file_comes_once(tmp_path):
    path = stored(tmp_path / "log.parquet", [n // 3 for n in range(30)])
    mapping = parse_mapping({"case": "case", "event": "event", "at": "at"})
    pl.read_parquet(path).with_columns(colour=pl.lit("red")).write_parquet(path)
    notes = [dict(log.notes) for log in iter_log(path, mapping, zone=ZONE, chunk=9)]
    assert notes == [dict(read_log(path, mapping, zone=ZONE).notes), {}, {}, {}]


def test_an_empty_parquet_log_says_that_it_is_empty(tmp_path):
    path = stored(tmp_path / "log.parquet", pl.Series([], dtype=pl.Int64))
    (only,) = iter_log(path, zone=ZONE, chunk=9)
    assert dict(only.notes) == dict(read_log(path, zone=ZONE).notes) != {}
