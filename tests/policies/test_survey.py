"""Are two rates from one register drawn apart, each rounded up, and may nobody be drawn where no rate is given?"""

from collections.abc import Mapping
from datetime import date, datetime
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

import bihuan
from bihuan.engine.outcome import Outcome
from bihuan.engine.parameters import parameter_values
from bihuan.engine.site import REGISTER

POLICY = bihuan.read_policy("power/power-satisfaction-survey")
CALENDARS = bihuan.read_calendars()
ANNOUNCED = int(datetime(2026, 3, 10, 9, tzinfo=ZoneInfo("Asia/Shanghai")).timestamp())
sizes = st.integers(0, 120)


def campaign(residents: int, others: int, parameters: Mapping[str, Any]) -> Outcome:
    """One announcement to a register of so many residents and so many others."""
    names = [f"户{n}" for n in range(residents)] + [f"企{n}" for n in range(others)]
    kinds = ["true"] * residents + ["false"] * others
    register = pl.DataFrame(
        {"subject": names, "since": [date(2026, 1, 1)] * len(names), "until": None, "resident": kinds},
        schema={**REGISTER, "resident": pl.String},
    )
    log = bihuan.as_log([{"case": "K", "event": "announced", "at": ANNOUNCED}], zone="Asia/Shanghai")
    site = bihuan.Site(registers={"customer": register})
    return bihuan.replay(
        POLICY, CALENDARS, log, ANNOUNCED + 86_400, site, parameter_values(POLICY, parameters)
    )


def drawn(outcome: Outcome, kind: str) -> int:
    return outcome.callbacks.filter(pl.col("key").cast(pl.String).str.starts_with(kind)).height


@settings(max_examples=12)
@given(sizes, sizes)
def test_one_of_a_hundred_residents_and_one_of_ten_others(residents: int, others: int) -> None:
    outcome = campaign(residents, others, {"resident_rate": 0.01, "nonresident_rate": 0.1})
    assert (drawn(outcome, "户"), drawn(outcome, "企")) == (ceil(residents / 100), ceil(others / 10))
    assert outcome.callbacks.height == ceil(residents / 100) + ceil(others / 10)


@settings(max_examples=4)
@given(sizes, sizes)
def test_a_rate_that_nobody_gave_draws_nobody_and_is_named(residents: int, others: int) -> None:
    outcome = campaign(residents, others, {"resident_rate": 0.01})
    assert (drawn(outcome, "户"), drawn(outcome, "企")) == (ceil(residents / 100), 0)
    assert "nonresident_rate" in outcome.summary["missing"]
