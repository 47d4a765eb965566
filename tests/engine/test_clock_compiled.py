"""The kernel compiled by numba answers as the kernel interpreted, for every kind of limit."""

import inspect
from functools import cache
from itertools import product
from types import FunctionType

import numpy as np
import pytest

from bihuan.engine import clock
from bihuan.engine.calendar import natural, stack
from bihuan.files.calendars import read_calendar
from tests.engine.clock_cases import BECOMES, KINDS, instant

CALENDARS = [natural("America/New_York"), read_calendar("cn-office")]
CONVENTIONS = list(product((0, 1), (0, 1), (clock.DEFAULT, clock.CLOSE, clock.SAME_TIME), BECOMES.values()))
LIMITS = list(product(KINDS.values(), (clock.DEFAULT, clock.CLOSE, 9000)))
STARTS = [
    instant(CALENDARS[1], text)
    for text in (
        "2025-09-26 16:00",
        "2025-09-27 10:00",
        "2025-02-28 17:30",
        "2004-01-01 00:00",
        "2099-12-30 09:00",
    )
]


@cache
def compiled() -> dict:
    numba = pytest.importorskip("numba")
    names = dict(vars(clock))
    for name, function in inspect.getmembers(clock, inspect.isfunction):
        names[name] = numba.njit(FunctionType(function.__code__, names, name))
    return names


def columns(values: tuple, kind: type) -> tuple:
    return kind(*(np.array(column, np.int64) for column in values))


@pytest.fixture(scope="module")
def both() -> list[tuple]:
    """Tables, limits and conventions as lists and as arrays."""
    kinds, clocks = zip(*LIMITS, strict=True)
    n = [[3, 7200, 20, 14400, 2, 1, 1, 1, 6, 31, 3, 1, 0][kind] for kind in kinds]
    limits = (kinds, n, [1] * len(kinds), [3] * len(kinds), clocks, [-1] * len(kinds))
    first, rolls, ends, becomes = zip(*CONVENTIONS, strict=True)
    days = (first, rolls, ends, becomes, becomes, becomes)
    arrays = stack(CALENDARS), columns(limits, clock.Limits), columns(days, clock.Days)
    lists = [type(part)(*(column.tolist() for column in part)) for part in arrays]
    return [tuple(lists), arrays]


def test_due_and_lead(both):
    (t, limits, days), arrays = both
    kernel = compiled()
    for limit, convention, calendar in product(range(len(LIMITS)), range(len(CONVENTIONS)), (0, 1)):
        for start in STARTS:
            asked = limit, convention, calendar, start
            due = clock.due_at(t, limits, days, *asked, 1, 2)
            assert kernel["due_at"](*arrays, *asked, 1, 2) == due
            assert kernel["lead_before"](*arrays, *asked) == clock.lead_before(t, limits, days, *asked)


def test_pauses_and_use(both):
    (t, limits, _), (tables, coded, _) = both
    kernel = compiled()
    for limit, calendar, (a, b) in product(range(len(LIMITS)), (0, 1), product(STARTS, STARTS)):
        paused = clock.paused_since(t, limits, limit, calendar, a, a, b, 1)
        assert kernel["paused_since"](tables, coded, limit, calendar, a, a, b, 1) == paused
        used = clock.used_between(t, limits, limit, calendar, a, b)
        assert kernel["used_between"](tables, coded, limit, calendar, a, b) == used
