"""Rows that differ only where a mapping does not look, or makes two words one, are two events."""

import polars as pl
import pytest

from bihuan.engine.log import UNSAID
from bihuan.files.leftovers import number_of
from bihuan.files.logs import read_log
from bihuan.files.mapping import parse_mapping
from bihuan.files.partition import iter_log

LONG = {"case": "no", "event": "what", "at": "when", "zone": "Asia/Shanghai"}
HEAD = "no,what,when,desk,grade\n"
FIRST = "1,taken,2026-03-02 09:00,a,x\n"


def log_of(tmp_path, rows, **mapping):
    path = tmp_path / "log.csv"
    path.write_text(HEAD + rows, "utf-8")
    return read_log(path, parse_mapping(LONG | mapping)), path


@pytest.mark.parametrize(
    ("second", "mapping", "events"),
    [
        ("1,noted,2026-03-02 09:00,a,x\n", {"events": {"accepted": ["taken", "noted"]}}, 2),
        (FIRST, {"events": {"accepted": ["taken", "noted"]}}, 1),
        ("1, taken ,2026/3/2 9:00,a ,x\n", {"events": {"accepted": ["taken", "noted"]}}, 1),
        ("1,taken,2026-03-02 09:00,b,x\n", {}, 2),
        ("1,taken,2026-03-02 09:00,b,x\n", {"ignored": ["desk"]}, 2),
        ("1,taken,2026-03-02 09:00,b,x\n", {"actor": "desk"}, 2),
        ("1,taken,2026-03-02 09:00,b,x\n", {"actor": {"column": "desk", "values": {"z": ["a", "b"]}}}, 2),
        ("1,taken,2026-03-02 09:00,a,y\n", {"facts": {"grade": "grade"}}, 2),
        ("1,taken,2026-03-02 09:00,a,y\n", {"carried": {"grade": "grade"}}, 2),
        (FIRST, {"facts": {"grade": "grade"}, "ignored": ["desk"]}, 1),
    ],
)
def test_rows_that_differ_anywhere_are_two_events(tmp_path, second, mapping, events):
    log, path = log_of(tmp_path, FIRST + second, **mapping)
    assert (log.events.height, log.duplicates) == (events, 2 - events)
    assert UNSAID not in log.events.columns
    apart = list(iter_log(path, parse_mapping(LONG | mapping), chunk=1))
    assert sum(one.events.height for one in apart) == events


def test_a_number_depends_on_the_cell_and_its_column_alone():
    one = pl.DataFrame({"desk": ["a", None, " a", ""], "grade": ["a", "b", "c", "d"]})
    other = pl.DataFrame({"desk": ["a"]})
    desk = one.select(number_of(one, "desk")).to_series().to_list()
    assert desk[0] == desk[2] == other.select(number_of(other, "desk")).item()
    assert desk[1] == desk[3] == 0 != desk[0]
    assert one.select(number_of(one, "grade")).item(0, 0) != desk[0]


def test_two_columns_of_one_event_on_one_day_are_two_events(tmp_path):
    path = tmp_path / "wide.csv"
    row = "1,2026-03-01,2026-03-02,2026-03-02\n"
    path.write_text("no,in,first,second\n" + row + row, "utf-8")
    mapping = {"format": "wide", "case": "no", "zone": "UTC"}
    events = {"accepted": "in", "called_back": ["first", "second"]}
    log = read_log(path, parse_mapping(mapping | {"events": events}))
    assert log.events["event"].cast(str).to_list() == ["accepted", "called_back", "called_back"]
    assert log.duplicates == 3
