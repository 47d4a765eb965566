"""`indicators`: every figure a policy declares, by unit and period, with what it is held against and the rows behind it.

One judgement serves figures, charges and outcome. Each edition has figures of its own, over the cases of its days.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import polars as pl

from bihuan.engine import bands, behind, rollup
from bihuan.engine.assess import Assessment, assessed, now
from bihuan.engine.calendar import Calendar
from bihuan.engine.editions import judged_editions
from bihuan.engine.errors import CallError, PolicyError
from bihuan.engine.figure import Figure
from bihuan.engine.finding import near, near_words
from bihuan.engine.formula import Key, Run, filled, is_card
from bihuan.engine.log import Log
from bihuan.engine.measure import COUNT, Source, sides
from bihuan.engine.outcome import Outcome
from bihuan.engine.parameters import Parameters
from bihuan.engine.period import Span, parse_span, span_of
from bihuan.engine.policy import Policy
from bihuan.engine.replay import Judgement, judged_cases, tables_of
from bihuan.engine.rules import Indicator
from bihuan.engine.site import Site


@dataclass
class Measured:
    """Figures, with the assessment and the outcome they were taken from."""

    figures: pl.DataFrame
    assessment: Assessment
    summary: dict[str, Any]
    runs: list[Run] = field(repr=False)
    unit: str | None = None

    @cached_property
    def behind(self) -> pl.DataFrame:
        """Every row behind every figure; `rows_behind` gives those of some."""
        return self.rows_behind()

    @property
    def counted(self) -> list[str]:
        """The indicators measured, and those they are made of, that count rows themselves."""
        names = self.summary["indicators"]
        return list(dict.fromkeys(name for run in self.runs for name in behind.counted(run, names)))

    def rows_behind(self, *names: str) -> pl.DataFrame:
        """The rows behind these indicators, or behind all."""
        return behind.rows(self.runs, names or tuple(named(self.runs)), self.unit)


def indicators(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int | None = None,
    site: Site | None = None,
    parameters: Parameters | None = None,
    *,
    decisions: Log | None = None,
    period: str | None = None,
    unit: str | None = None,
    names: Sequence[str] = (),
) -> Measured:
    """Judge a log and measure it: all indicators, or those named, of all periods, or of one such as 2026-10."""
    judged = judged_cases(policy, calendars, log, as_of, site, parameters)
    return measured([judged], tables_of(judged), site, decisions, period, unit, names)


def indicators_editions(
    editions: Sequence[Policy],
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int | None = None,
    site: Site | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    decisions: Log | None = None,
    period: str | None = None,
    unit: str | None = None,
    names: Sequence[str] = (),
) -> Measured:
    """The same, every case under the edition of its day."""
    judged, outcome = judged_editions(editions, calendars, log, as_of, site, settings)
    return measured(judged, outcome, site, decisions, period, unit, names)


def measured(
    judged: Sequence[Judgement],
    outcome: Outcome,
    site: Site | None,
    decisions: Log | None,
    period: str | None,
    unit: str | None,
    names: Sequence[str],
) -> Measured:
    span = parse_span(period) if period else None
    begun(span, now(judged[-1]).date())
    assessment = assessed(judged, outcome, site, decisions, None)
    tree = rollup.above(site.units) if site else rollup.above(Site().units)
    runs = [
        Run(source, tree, span, {span.name: span} if span else {}) for source in sources(judged, assessment)
    ]
    refuse_unknown_unit(runs, site, unit)
    wanted = chosen(runs, span, names)
    units = [None, *(site.units["unit"].to_list() if site and span else [])]
    rows = [row for run in runs for row in of_run(run, wanted, units, unit)]
    summary = {**assessment.outcome.summary, "period": period, "unit": unit, "indicators": wanted}
    summary["other_periods"] = {
        name: kind for name, kind in named(runs).items() if name not in wanted and not names
    }
    return Measured(table(rows, judged[-1]), assessment, summary, runs, unit)


def sources(judged: Sequence[Judgement], assessment: Assessment) -> list[Source]:
    """Each edition with its own rows; rows that are of no case, as of a subject, go with the last."""
    outcome = assessment.outcome
    tables = (assessment.charges, outcome.irregularities, outcome.exempted)
    if len(judged) == 1:
        return [Source(judged[0], *tables)]
    found, left = [], list(tables)
    for each in judged[:-1]:
        cases = each.facts.rows.cases.implode()
        mine = [table.filter(pl.col("case").cast(pl.String).is_in(cases)) for table in left]
        left = [table.filter(~pl.col("case").cast(pl.String).is_in(cases)) for table in left]
        found.append(Source(each, mine[0], mine[1], mine[2]))
    return [*found, Source(judged[-1], left[0], left[1], left[2])]


# --- what is asked for ---


def begun(span: Span | None, today: dt.date) -> None:
    if span is not None and span.first > today:
        raise CallError(
            f"period {span.name} has not begun: what is known ends on {today}; take an earlier period"
        )


def refuse_unknown_unit(runs: Sequence[Run], site: Site | None, unit: str | None) -> None:
    """A unit is known by the site, or by some row."""
    if unit is None or (site and unit in site.units["unit"]):
        return
    known = {
        each
        for run in runs
        for rows in ("cases", "obligations", "callbacks")
        for part in run.source.rows(rows)
        for each in part.unit().unique().drop_nulls()
    } | set(site.units["unit"] if site else ())
    if unit not in known:
        raise CallError(f"no unit is called {unit!r}. {near_words(near(unit, known), 'en')}".rstrip())


def named(runs: Sequence[Run]) -> dict[str, str | None]:
    """Every indicator with the kind of its periods; None: it has none of its own."""
    return {
        rule.id: kind_of(rule)
        for run in runs
        for _, _, rule in run.source.judgement.plan.prepared.policy.rules()
        if isinstance(rule, Indicator)
    }


def kind_of(rule: Indicator) -> str | None:
    """The kind of its periods, where it has periods of its own."""
    if rule.period is not None and rule.period.calendar is None:
        raise PolicyError(
            f"indicator {rule.id} cannot be of the period `{rule.period}`: a figure is of a calendar day, week, month,"
            " quarter, half-year or year"
        )
    return rule.period.calendar if rule.period else None


def chosen(runs: Sequence[Run], span: Span | None, names: Sequence[str]) -> list[str]:
    """The indicators asked for, where their periods are of the kind asked for."""
    every = named(runs)
    if unknown := [name for name in names if name not in every]:
        hint = near_words(near(unknown[0], every), "en")
        raise CallError(f"there is no indicator {unknown[0]!r}. {hint}".rstrip())
    if not every:
        raise CallError(f"{runs[-1].source.judgement.plan.prepared.policy.id} declares no indicator")
    wanted = list(names) or list(every)
    fitting = [name for name in wanted if span is None or every[name] in (None, span.kind)]
    others = [name for name in wanted if name not in fitting]
    if span is not None and others and (names or not fitting):
        kind = every[others[0]]
        like = span_of(kind, span.first).name if kind else "none"
        raise CallError(f"indicator {others[0]} is by the {kind}: expected a period such as {like}")
    return fitting


# --- rows ---


def of_run(
    run: Run, wanted: Sequence[str], units: Sequence[str | None], unit: str | None
) -> Iterator[dict[str, Any]]:
    policy = run.source.judgement.plan.prepared.policy
    as_of = now(run.source.judgement)
    for article, _, rule in policy.rules():
        if not isinstance(rule, Indicator) or rule.id not in wanted:
            continue
        kind = run.span.kind if run.span else kind_of(rule)
        about = about_rule(run, rule, article.no, as_of)
        keys = [Key(each, None, run.span.name if run.span else None) for each in units]
        for key, figure in filled(run, rule, kind, keys if run.span or kind is None else ()):
            span = run.spans.get(key.period or "")
            if (unit is None or key.unit == unit) and (span is None or span.first <= as_of.date()):
                yield about | row(run, rule, key, figure, span, as_of.date())


def about_rule(run: Run, rule: Indicator, article: str, as_of: dt.datetime) -> dict[str, Any]:
    """What all figures of an indicator have in common."""
    return {
        "indicator": rule.id,
        "label": rule.label or rule.says or rule.id,
        "article": article,
        "edition": str(run.source.judgement.plan.prepared.policy.header.edition or "unknown"),
        "formula_given": rule.formula_given,
        "as_of": as_of,
        "share": is_share(rule),
    }


def row(
    run: Run, rule: Indicator, key: Key, figure: Figure, span: Span | None, today: dt.date
) -> dict[str, Any]:
    return {
        **key._asdict(),
        "period_from": span.first if span else None,
        "period_until": span.next if span else None,
        "numerator": told(figure.numerator),
        "denominator": told(figure.denominator),
        "value": told(figure.value),
        "state": figure.state,
        **held_against(run, rule, figure, noted(figure, span, today)),
    }


def told(value: Any) -> str | None:
    return None if value is None else bands.text(value)


def is_share(rule: Indicator) -> bool:
    """Whether the value is a part of a whole, to be shown in per cent."""
    if is_card(rule):
        return False
    upper, lower = sides(rule)
    return lower is not None and upper.what == lower.what == COUNT


def noted(figure: Figure, span: Span | None, today: dt.date) -> list[str]:
    notes = list(figure.notes)
    if span is not None and span.next > today:
        notes.append("period-not-over")
    return notes


def held_against(run: Run, rule: Indicator, figure: Figure, notes: list[str]) -> dict[str, Any]:
    """Target and band; a bound that is missing is named."""
    parameters, value = run.source.parameters, figure.value
    found: dict[str, Any] = {"target": None, "target_met": None, "band": None}
    try:
        if rule.target is not None:
            found["target"] = bands.said(rule.target, parameters)
            if value is not None:
                found["target_met"] = bands.kept(value, bands.bounds(rule.target, parameters))
        if rule.bands and value is not None:
            found["band"] = bands.band(value, rule.bands, parameters)
            notes += [] if found["band"] else ["no-band"]
    except bands.Lacking as lacking:
        notes.append(f"missing:{lacking.name}")
    return {**found, "note": "; ".join(notes) or None}


def table(rows: list[dict[str, Any]], judgement: Judgement) -> pl.DataFrame:
    texts = ("indicator", "label", "article", "edition", "unit", "group", "period")
    schema: dict[str, Any] = dict.fromkeys(texts, pl.String)
    schema |= dict.fromkeys(("period_from", "period_until"), pl.Date)
    schema |= dict.fromkeys(("numerator", "denominator", "value", "state"), pl.String)
    schema |= {
        "share": pl.Boolean,
        "formula_given": pl.Boolean,
        "target": pl.String,
        "target_met": pl.Boolean,
    }
    zone = judgement.plan.prepared.policy.header.zone
    schema |= {"band": pl.String, "as_of": pl.Datetime("us", zone), "note": pl.String}
    order = {name: n for n, name in enumerate(dict.fromkeys(row["indicator"] for row in rows))}
    found = pl.DataFrame(rows, schema=schema, orient="row")
    place = (
        found["indicator"].replace_strict(order, return_dtype=pl.Int64, default=0)
        if rows
        else found["indicator"]
    )
    return (
        found.with_columns(place.alias("place"))
        .sort("place", "edition", "period_from", "unit", "group", nulls_last=False, maintain_order=True)
        .drop("place")
    )
