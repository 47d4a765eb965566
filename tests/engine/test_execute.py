"""A log folded in turn, by several threads, by several processes, and by a process of somebody else's pool."""

import gc
import multiprocessing

import numpy as np
import pytest

from bihuan.engine.replay import judged_cases
from bihuan.files.calendars import read_calendars
from tests.engine.small import at, log_of, policy_of

POLICY = policy_of(
    {"id": "answer", "after": "accepted", "owes": "answered", "within": "2 working days"},
    {"id": "escalate", "after": "answer.missed", "owes": "escalated", "within": "4 hours"},
    policy={"calendar": "cn"},
)
CALENDARS = read_calendars(())
CASES = 2_500  # more than two steps of an interpreted fold


def made_log():
    events = [(f"{case:05}", "accepted", f"2025-03-{1 + case % 28:02} 09:00") for case in range(CASES)]
    events += [(f"{case:05}", "answered", f"2025-04-{1 + case % 28:02} 10:00") for case in range(0, CASES, 3)]
    return log_of(*events)


@pytest.fixture(scope="module")
def log():
    return made_log()


def folded(log, threads, way="interpreted"):
    [judged] = judged_cases(POLICY, CALENDARS, log, at("2025-05-01 00:00"), way=way, threads=threads).judged
    return judged.folded


def same(one, other):
    assert all(
        np.array_equal(one.columns[name], other.columns[name])
        for name in ("case", "row", *other.parts[0].columns)
    )
    assert np.array_equal(one.findings, other.findings)
    assert np.array_equal(one.next, other.next)


@pytest.mark.parametrize(("threads", "way"), [(2, "interpreted"), (3, "interpreted"), (2, "compiled")])
def test_the_steps_of_a_log_say_the_same_side_by_side_as_in_turn(log, threads, way):
    alone = folded(log, 1)
    assert len(alone.columns["rule"]) > CASES
    same(alone, folded(log, threads, way))
    assert gc.isenabled()


def rows_found():
    return len(folded(made_log(), 2).columns["rule"])


def test_a_process_that_may_have_no_children_folds_alone(log):
    with multiprocessing.get_context("spawn").Pool(1) as pool:
        assert pool.apply(rows_found) == len(folded(log, 1).columns["rule"])
