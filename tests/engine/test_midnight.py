"""Local midnights against zoneinfo, day by day, in zones with histories."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from bihuan.engine.midnight import EARLIEST, LATEST, midnights, transitions

ZONES = [
    "Asia/Shanghai",
    "America/New_York",
    "America/Noronha",  # an hour less than a week in October 2000
    "Africa/Casablanca",  # off for Ramadan
    "Africa/Cairo",
    "Asia/Gaza",
    "Asia/Pyongyang",
    "Australia/Lord_Howe",
    "Pacific/Apia",  # no 30 December 2011
    "America/Caracas",
]


def seconds(offset: timedelta | None) -> int:
    assert offset is not None
    return offset // timedelta(seconds=1)


@pytest.mark.parametrize("zone", ZONES)
def test_no_change_of_offset_is_missed(zone):
    at, offset = transitions(zone)
    days = np.arange(EARLIEST, 24_837) * 86400  # until 2037
    real = [seconds(datetime.fromtimestamp(t, ZoneInfo(zone)).utcoffset()) for t in days.tolist()]
    assert (offset[np.searchsorted(at, days, side="right")] == real).all()


@pytest.mark.parametrize("zone", ZONES)
def test_a_day_begins_when_its_date_does(zone):
    begin = midnights(zone, EARLIEST, LATEST).begin
    for day in range(9000, 20_000, 29):
        after = datetime.fromtimestamp(begin[day - EARLIEST], ZoneInfo(zone))
        before = datetime.fromtimestamp(begin[day - EARLIEST] - 1, ZoneInfo(zone))
        assert after.toordinal() - 719163 >= day > before.toordinal() - 719163


def test_days_follow_each_other():
    for zone in ZONES:
        assert (np.diff(midnights(zone, EARLIEST, LATEST).begin) >= 0).all()
