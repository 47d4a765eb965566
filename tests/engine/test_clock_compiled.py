"""The kernel as `compiled` compiles it answers as the kernel interpreted, for every kind of limit."""

from itertools import product

import numpy as np
import pytest

from bihuan.engine import clock, compiled
from bihuan.engine.calendar import natural, stack
from bihuan.files.calendars import read_calendar
from tests.engine.clock_cases import BECOMES, KINDS, instant

pytestmark = pytest.mark.skipif(not compiled.available(), reason="no compiler is installed (extra `fast`)")

KERNEL = ("due_at", "lead_before", "paused_since", "used_between")
CALENDARS = [natural("America/New_York"), read_calendar("cn-office")]
CONVENTIONS = list(product((0, 1), (0, 1), (clock.DEFAULT, clock.CLOSE, clock.SAME_TIME), BECOMES.values()))
LIMITS = list(product(KINDS.values(), (clock.DEFAULT, clock.CLOSE, 9000)))
AMOUNTS = [3, 7200, 20, 14400, 2, 1, 1, 1, 6, 31, 3, 1, 0]  # by kind
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


def lists_and_arrays():
    """Tables, limits and conventions as the interpreter and as the compiler takes them."""
    kinds, clocks = zip(*LIMITS, strict=True)
    n = [AMOUNTS[kind] for kind in kinds]
    limits = clock.Limits(kinds, n, [1] * len(kinds), [3] * len(kinds), clocks, [3] * len(kinds))
    first, rolls, ends, becomes = zip(*CONVENTIONS, strict=True)
    days = clock.Days(first, rolls, ends, becomes, becomes, becomes, [1] * len(first))
    tables = stack(CALENDARS)
    lists = clock.Tables(*(np.asarray(column).tolist() for column in tables))
    return (lists, limits, days), tuple(compiled.lay_out(part) for part in (tables, limits, days))


(TABLES, COUNTED, DAYS), ARRAYS = lists_and_arrays()


def test_due_and_lead():
    kernel = compiled.functions(*KERNEL)
    for limit, convention, calendar in product(range(len(LIMITS)), range(len(CONVENTIONS)), (0, 1)):
        for start in STARTS:
            asked = limit, convention, calendar, start
            due = clock.due_at(TABLES, COUNTED, DAYS, *asked, 1, 2)
            assert kernel["due_at"](*ARRAYS, *asked, 1, 2) == due
            assert kernel["lead_before"](*ARRAYS, *asked) == clock.lead_before(TABLES, COUNTED, DAYS, *asked)


def test_pauses_and_use():
    kernel = compiled.functions(*KERNEL)
    for limit, calendar, a, b in product(range(len(LIMITS)), (0, 1), STARTS, STARTS):
        paused = clock.paused_since(TABLES, COUNTED, limit, calendar, a, a, b, 1)
        assert kernel["paused_since"](*ARRAYS[:2], limit, calendar, a, a, b, 1) == paused
        used = clock.used_between(TABLES, COUNTED, limit, calendar, a, b)
        assert kernel["used_between"](*ARRAYS[:2], limit, calendar, a, b) == used


def test_something_was_compared():
    found = [
        clock.due_at(TABLES, COUNTED, DAYS, limit, 0, 1, STARTS[0], 0, 0) for limit in range(len(LIMITS))
    ]
    assert len(set(found)) > 12
    assert clock.NONE not in found
