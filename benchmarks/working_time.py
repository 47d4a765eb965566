"""Adding two working hours to a column of instants: the calendar against what other libraries offer.

Peers get as many instants as they can do in about a second. Agreement is with ours, in the same second; a start
outside hours and an end at closing time are where libraries differ.
"""

import datetime as dt
from collections.abc import Callable
from importlib.util import find_spec
from zoneinfo import ZoneInfo

import numpy as np

from benchmarks.measure import Row, keep, timed
from bihuan.files.calendars import read_calendar

HOURS = 7200
ZONE = ZoneInfo("Asia/Shanghai")


def main() -> None:
    calendar = read_calendar("cn-office")
    low, high = (int(dt.datetime(y, 1, 5, tzinfo=ZONE).timestamp()) for y in (2019, 2026))
    at = np.random.default_rng(1).integers(low, high, 1_000_000)
    ours = calendar.add(at, HOURS)
    rows: list[Row] = []

    def tell(name: str, n: int, call: Callable[[], object], agrees: float | None = None) -> None:
        wall, cpu, _ = timed(call)
        first = rows[0]["cpu ns"] if rows else cpu / n * 1e9
        rows.append(
            {
                "what": name,
                "instants": n,
                "ns": round(wall / n * 1e9, 1),
                "cpu ns": round(cpu / n * 1e9, 1),
                "ratio": round(cpu / n * 1e9 / first, 1),
                "agrees": "" if agrees is None else f"{agrees:.0%}",
            }
        )

    tell("bihuan Calendar.add", len(at), lambda: calendar.add(at, HOURS))
    tell("numpy add (the limit)", len(at), lambda: at + HOURS)
    naive = [dt.datetime.fromtimestamp(t, ZONE).replace(tzinfo=None) for t in at[:300].tolist()]
    off = [
        dt.date.fromordinal(719163 + day)
        for day in range(calendar.first, calendar.last)
        if not calendar.columns.counted[day - calendar.first] and 17800 < day < 20700
    ]
    days, holidays = (at // 86400).astype("datetime64[D]"), np.array(off, "datetime64[D]")
    tell(
        "numpy busday_offset (days only)",
        len(at),
        lambda: np.busday_offset(days, 1, roll="backward", weekmask="1111111", holidays=holidays),
    )
    if find_spec("pandas"):
        from pandas.tseries.offsets import CustomBusinessHour

        hour = CustomBusinessHour(
            2, start=["09:00", "13:30"], end=["12:00", "17:30"], weekmask="1111111", holidays=off
        )
        tell("pandas CustomBusinessHour", 300, lambda: [t + hour for t in naive], share(naive, hour, ours))
    if find_spec("businesstimedelta"):
        import businesstimedelta as b

        week = list(range(7))
        slots = [
            b.WorkDayRule(dt.time(9), dt.time(12), week),
            b.WorkDayRule(dt.time(13, 30), dt.time(17, 30), week),
        ]
        rest = b.HolidayRule(dict.fromkeys(off, "off"))
        span = b.BusinessTimeDelta(b.Rules([*slots, rest]), hours=2)
        tell("businesstimedelta", 300, lambda: [t + span for t in naive], share(naive, span, ours))
    for peer in ("pandas", "businesstimedelta"):
        if not find_spec(peer):
            print(f"{peer} is not installed (extra `bench`)")
    keep("working-time", rows)


def share(naive: list[dt.datetime], span: object, ours: np.ndarray) -> float:
    theirs = [(t + span).replace(tzinfo=ZONE).timestamp() for t in naive]  # type: ignore[operator]
    return float(np.mean(np.array(theirs) == ours[: len(naive)]))


if __name__ == "__main__":
    main()
