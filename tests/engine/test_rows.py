"""A log as arrays."""

import polars as pl
import pytest

from bihuan.engine.log import as_log
from bihuan.engine.rows import rows

TABLE = {
    "case": ["b", "a", "b"],
    "event": ["closed", "accepted", "accepted"],
    "at": [9, 1, 2],
    "line": [2, 3, 4],
    "channel": ["call", None, "web"],
}


@pytest.mark.parametrize("kind", [pl.String, pl.Categorical, pl.Enum(["unused", "closed", "accepted"])])
def test_arrays_say_the_same_whatever_type_the_names_have(kind):
    found = rows(as_log(pl.DataFrame(TABLE, schema_overrides={"event": kind})))
    assert found.cases.to_list() == ["b", "a"]
    assert found.offsets.tolist() == [0, 2, 3]
    assert [found.names[code] for code in found.event] == ["accepted", "closed", "accepted"]
    assert sorted(found.names) == ["accepted", "closed"]
    assert found.at.tolist() == [2, 9, 1]
    assert found.data["channel"].to_list() == ["web", "call", None]
    assert found.data["line"].to_list() == [4, 2, 3]


def test_case_ids_may_be_numbers():
    found = rows(
        as_log([{"case": 7, "event": "accepted", "at": 1}, {"case": 3, "event": "accepted", "at": 1}])
    )
    assert found.cases.to_list() == ["7", "3"]


def test_facts_stand_in_the_order_of_the_cases_and_are_unknown_where_not_given():
    log = as_log(pl.DataFrame(TABLE), [{"case": "a", "x": 1}])
    assert rows(log).facts["x"].to_list() == [None, 1]


def test_data_has_no_column_that_the_arrays_have():
    assert rows(as_log(pl.DataFrame(TABLE))).data.columns == [
        "actor",
        "unit",
        "recorded_at",
        "line",
        "channel",
    ]


def test_an_empty_log_gives_empty_arrays():
    found = rows(as_log(pl.DataFrame(schema={"case": pl.String, "event": pl.String, "at": pl.Int64})))
    assert (len(found.cases), found.offsets.tolist(), len(found.event)) == (0, [0], 0)
