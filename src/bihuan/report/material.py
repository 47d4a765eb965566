"""What a report is made of: what was judged, assessed and measured, cut to its period and units.

`Material` is what the sections read; nothing in it is in words yet.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from bihuan.engine.assess import Assessment
from bihuan.engine.contact_load import ContactLoad
from bihuan.engine.log import Log
from bihuan.engine.months import MONTH
from bihuan.engine.outcome import Outcome
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Policy
from bihuan.engine.rules import Report
from bihuan.engine.site import Site
from bihuan.report.scope import Scope, came_about_in, due_in, of_units, with_unit, within

JUDGED = ("met", "late", "overdue")
LATE = ("late", "overdue")
UNJUDGED = ("unset", "waiting")
SHARE = Decimal("0.000001")


@dataclass(frozen=True)
class Material:
    """The rows a report is about, and what they were judged by."""

    policy: Policy
    parameters: Parameters
    scope: Scope
    as_of: datetime
    site: Site | None
    outcome: Outcome
    assessment: Assessment
    rows: pl.DataFrame  # obligations and callbacks, windows among them
    callbacks: pl.DataFrame
    irregularities: pl.DataFrame
    charges: pl.DataFrame
    reports: pl.DataFrame  # rows of reports that are due in the period or about it
    figures: pl.DataFrame | None = None  # indicators of the period
    load: ContactLoad | None = None  # how often customers were contacted


def material(
    policy: Policy,
    parameters: Parameters,
    scope: Scope,
    log: Log,
    assessment: Assessment,
    site: Site | None = None,
    *,
    figures: pl.DataFrame | None = None,
    load: ContactLoad | None = None,
) -> Material:
    """Everything cut to the period and the units."""
    outcome = assessment.outcome
    every = pl.concat([outcome.obligations, outcome.callbacks], how="diagonal_relaxed").with_columns(
        pl.col("rule", "state").cast(pl.String)
    )
    every = every.with_columns(unit=subject_unit(scope))
    owed = due_in(scope, every)
    called = owed.filter(pl.col("rule").is_in(names(outcome.callbacks)))
    return Material(
        policy,
        parameters,
        scope,
        datetime.fromtimestamp(outcome.summary["as_of"], ZoneInfo(outcome.summary["zone"])),
        site,
        outcome,
        assessment,
        owed,
        called,
        came_about_in(scope, with_unit(outcome.irregularities, log)),
        charges(scope, assessment),
        reports(policy, scope, every),
        figures,
        load,
    )


def subject_unit(scope: Scope) -> pl.Expr:
    """The unit of a row; of a rule about units themselves, the unit that it is about."""
    known = [unit for unit, _ in scope.tree]
    return pl.coalesce("unit", pl.when(pl.col("case").is_in(known)).then(pl.col("case").cast(pl.String)))


def names(callbacks: pl.DataFrame) -> list[str]:
    return callbacks["rule"].cast(pl.String).unique().to_list()


def charges(scope: Scope, assessment: Assessment) -> pl.DataFrame:
    """Those of the month's cut, where the assessment is of that month; else what came about in the period."""
    if MONTH.fullmatch(scope.period.name):
        return of_units(scope, assessment.charges)
    return came_about_in(scope, assessment.charges)


def reports(policy: Policy, scope: Scope, every: pl.DataFrame) -> pl.DataFrame:
    """Rows of reports that fall due in the period, or are about a time in it."""
    mine = [name for name, rule in policy.timed.items() if isinstance(rule, Report)]
    about = within(scope, pl.col("started_at")) | within(scope, pl.col("due_at"))
    return of_units(scope, every.filter(pl.col("rule").is_in(mine) & about))


def tallied(rows: pl.DataFrame, *by: str) -> list[dict[str, Any]]:
    """How many rows in which state, and the share that was in time of those that were due."""
    judged = rows.filter(pl.col("state").is_in(JUDGED))
    counts = ((pl.col("state") == state).sum().alias(state) for state in JUDGED)
    table = (
        judged.group_by(by).agg(pl.len().alias("due"), *counts)
        if by
        else judged.select(pl.len().alias("due"), *counts)
    )
    return [row | {"on_time": share(row["met"], row["due"])} for row in table.to_dicts()]


def share(part: int, whole: int) -> Decimal | None:
    """Exact to the millionth; nothing of nothing is no figure.

    >>> share(1, 3), share(0, 0)
    (Decimal('0.333333'), None)
    """
    return (Decimal(part) / Decimal(whole)).quantize(SHARE) if whole else None


def in_order(policy: Policy, rows: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """In the order of the regulation."""
    place = {name: number for number, name in enumerate(policy.named)}
    return sorted(rows, key=lambda row: (place.get(row["rule"], len(place)), str(row.get("unit") or "")))
