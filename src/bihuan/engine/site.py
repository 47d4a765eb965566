"""The installation as a value: its units, who holds which role from when to when, and its dated registers.

Dates are inclusive, a missing one is open. It knows neither files nor policies.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import polars as pl

SPELL: dict[str, Any] = {"since": pl.Date, "until": pl.Date}
PEOPLE: dict[str, Any] = {"person": pl.String, "role": pl.String, "unit": pl.String, **SPELL}
DEPUTIES: dict[str, Any] = {"person": pl.String, "deputy": pl.String, **SPELL}
UNITS: dict[str, Any] = {"unit": pl.String, "parent": pl.String}
REGISTER: dict[str, Any] = {"subject": pl.String, **SPELL}
PAY: dict[str, Any] = {"party": pl.String, "month": pl.Date, "amount": pl.Decimal(18, 2)}


@dataclass(frozen=True)
class Site:
    """What an installation knows about itself. A register has one row per subject and spell, facts as columns."""

    people: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PEOPLE))
    deputies: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=DEPUTIES))
    units: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=UNITS))
    registers: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    pay: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=PAY))  # month: its first day
    parameters: Mapping[str, Any] = field(default_factory=dict)  # as written, by name or `<rule>.<key>`
    notices: tuple[str, ...] = ()  # paths of calendar files
