"""An event that carries several values of a separating fact is several events; nothing is lost or added."""

import polars as pl
import pytest

from bihuan.engine.log import as_log
from bihuan.engine.several import each_alone


def apart(values):
    table = pl.DataFrame({"case": "1", "event": "reported", "at": range(len(values)), "fault": values})
    return each_alone(as_log(table), ["fault"]).events.select("at", "fault").rows()


@pytest.mark.parametrize("written", ["a;b", "a、b", "a,b", " a ; b", ["a", "b"]])
def test_values_come_apart_in_the_order_in_which_they_are_written(written):
    found = [(at, fault.strip()) for at, fault in apart([written, written])]
    assert found == [(0, "a"), (0, "b"), (1, "a"), (1, "b")]


def test_an_event_without_a_value_stays_one_event():
    assert apart(["a;b", None, ";"]) == [(0, "a"), (0, "b"), (1, None), (2, None)]


def test_a_log_in_which_nothing_is_several_is_handed_back_as_it_is():
    log = as_log(pl.DataFrame({"case": "1", "event": "reported", "at": [0], "fault": ["a"]}))
    assert each_alone(log, ["fault", "other"]) is log
