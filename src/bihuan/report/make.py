"""From a log to a report: judged once, assessed, measured, cut to a period and a unit, and put into words.

This is what `bihuan report` and the desk call.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import polars as pl

from bihuan.engine.assess import assessed
from bihuan.engine.calendar import Calendar
from bihuan.engine.contact_load import ContactLoad, Judged, contact_load
from bihuan.engine.editions import judged_editions
from bihuan.engine.indicators import kind_of, measured
from bihuan.engine.log import Log
from bihuan.engine.months import MONTH
from bihuan.engine.outcome import Outcome
from bihuan.engine.parameters import Parameters
from bihuan.engine.period import Span, span_of
from bihuan.engine.policy import Policy
from bihuan.engine.replay import Judgement
from bihuan.engine.rules import Indicator
from bihuan.engine.site import Site
from bihuan.report.content import report
from bihuan.report.document import Document
from bihuan.report.material import material
from bihuan.report.scope import Scope, scope

KINDS = ("day", "week", "month", "quarter", "half-year", "year")  # from the shortest


def make_report(
    editions: Sequence[Policy],
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int | None = None,
    site: Site | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    period: str,
    unit: str | None = None,
    decisions: Log | None = None,
) -> tuple[Document, datetime]:
    """The content of a report, and the instant as of which it was made."""
    judged, outcome = judged_editions(editions, calendars, log, as_of, site, settings)
    about = judged[-1].plan.prepared
    wanted = scope(period, unit, site, judged[-1].as_of, about.policy.header.zone)
    month = period if MONTH.fullmatch(period) else None
    assessment = assessed(judged, outcome, site, decisions, month)
    frames = list(figures(judged, outcome, site, decisions, wanted))
    found = material(
        about.policy,
        about.parameters,
        wanted,
        log,
        assessment,
        site,
        figures=pl.concat(frames) if frames else None,
        load=load(about.policy, about.parameters, outcome, wanted),
    )
    return report(found), found.as_of


def load(policy: Policy, parameters: Parameters, outcome: Outcome, about: Scope) -> ContactLoad | None:
    """How often customers were contacted, where the policy says who is."""
    if policy.header.customer is None:
        return None
    return contact_load(Judged(policy, outcome, parameters), every=about.period.kind)


def figures(
    judged: Sequence[Judgement], outcome: Outcome, site: Site | None, decisions: Log | None, about: Scope
) -> Iterator[pl.DataFrame]:
    """The indicators of the period itself, of the longer one that it lies in, and of the shorter ones within it."""
    kinds: dict[str | None, list[str]] = {}
    for part in judged:
        for rule in part.plan.prepared.policy.named.values():
            if isinstance(rule, Indicator) and rule.id not in kinds.setdefault(kind_of(rule), []):
                kinds[kind_of(rule)].append(rule.id)
    for kind, names in kinds.items():
        span = span_for(kind, about.period)
        found = measured(judged, outcome, site, decisions, span, None, names).figures
        inside = pl.col("period_from").is_between(about.period.first, about.period.next, closed="left")
        yield of_scope(about, found if span else found.filter(inside | pl.col("period_from").is_null()))


def span_for(kind: str | None, period: Span) -> str | None:
    """The period to measure; none where all periods of a shorter kind are wanted."""
    if kind is None:
        return period.name
    if kind not in KINDS or KINDS.index(kind) < KINDS.index(period.kind):
        return None
    return span_of(kind, period.first).name


def of_scope(about: Scope, figures: pl.DataFrame) -> pl.DataFrame:
    """Of the whole company and its units; of one unit, that and those beneath it."""
    return figures if about.unit is None else figures.filter(pl.col("unit").is_in(sorted(about.units)))
