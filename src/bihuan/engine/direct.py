"""Working time of a column of instants by direct look-up: no search, one gather each way.

Time is cut into grains of which each is worked wholly or not at all, work into grains that lie in one slot each.
Calendars whose hours have no common measure of some minutes have no such tables and are searched instead.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from bihuan.engine.timetable import Columns

Ints = NDArray[np.int64]

MOST = 1 << 23  # entries of a table


class Direct(NamedTuple):
    origin: int
    grain: int
    code: Ints  # per grain of time: twice the work before it, plus 1 if it is worked
    work_grain: int
    ahead: Ints  # per grain of work, the first for no work: instant minus work

    def worked(self, at: Ints) -> Ints:
        since = at - self.origin
        index = since // self.grain
        code = np.take(self.code, index, mode="clip")
        index *= self.grain
        since -= index
        since *= code & 1
        code >>= 1
        code += since
        return code

    def reached(self, work: Ints) -> Ints:
        index = work - 1
        index //= self.work_grain
        index += 1
        at = np.take(self.ahead, index, mode="clip")
        at += work
        return at


def direct_tables(columns: Columns) -> Direct | None:
    origin = int(columns.begin[0])
    opens, closes = columns.opens[:-1] - origin, columns.closes[:-1] - origin
    end = int(columns.begin[-1]) - origin
    grain = int(np.gcd.reduce(np.concatenate((opens, closes, [end]))))
    work_grain = int(np.gcd.reduce(closes - opens))
    if end // grain > MOST:
        return None
    worked = np.zeros(end // grain + 1, np.int64)
    worked[opens // grain] += 1  # no two open at once, nor close
    worked[closes // grain] -= 1
    worked = np.cumsum(worked)
    before = (np.cumsum(worked) - worked) * grain
    ahead = np.repeat(columns.opens[:-1] - columns.slot_before[:-1], (closes - opens) // work_grain)
    return Direct(origin, grain, before * 2 + worked, work_grain, np.concatenate(([origin], ahead)))
