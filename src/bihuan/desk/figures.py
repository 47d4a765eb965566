"""The indicators of the regulations for the period that runs, over the desk's own cases: taken by `tick`, kept with the rows behind.

What a figure is and which rows are behind it is `bihuan.indicators`' to say. Takes the newest cases where there are more
than one round can wait for, and says so; figures are no part of the record, for they follow from it.
"""

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any

import polars as pl
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from bihuan.desk import clock
from bihuan.desk.database import writing
from bihuan.desk.judging import log_of
from bihuan.desk.models import Case, Edition, Event, Measure, Obligation
from bihuan.desk.office import office_now, policy_of
from bihuan.engine.errors import BihuanError
from bihuan.engine.indicators import Measured, measured
from bihuan.engine.period import Span, span_of
from bihuan.engine.policy import Policy
from bihuan.engine.replay import judged_cases, tables_of
from bihuan.engine.rules import Indicator
from bihuan.said import said

EVERY = dt.timedelta(hours=1)
MOST = 5000  # cases
PORTION = 500
KEPT = (
    "indicator",
    "label",
    "article",
    "unit",
    "group",
    "period",
    "numerator",
    "denominator",
    "value",
    "state",
    "share",
)
HELD = ("target", "target_met", "band", "note")
BEHIND = ("indicator", "unit", "group", "period", "part", "case", "why")


def take() -> int:
    """Take the figures of the edition whose figures are the oldest, where they are too old; how many were."""
    due = min(waiting(), key=lambda one: one[1], default=None)
    if due is None:
        return 0
    edition, _last, spans = due
    told = taken(edition, spans)
    with writing():
        Measure.objects.update_or_create(edition=edition, defaults=told)
    return 1


def waiting() -> Iterator[tuple[Edition, dt.datetime, list[Span]]]:
    """Editions with indicators and cases, when their figures were taken, and the periods that run."""
    now, today = clock.now(), timezone.localdate(clock.now())
    last = dict(Measure.objects.values_list("edition", "as_of"))
    for edition in Edition.objects.filter(Exists(Case.objects.filter(edition=OuterRef("pk")))).order_by("id"):
        at = last.get(edition.pk, dt.datetime.min.replace(tzinfo=dt.UTC))
        spans = running(policy_of(edition.hash), today)
        if spans and at + EVERY <= now:
            yield edition, at, spans


def running(policy: Policy, today: dt.date) -> list[Span]:
    """The periods of its indicators in which a day lies, the longest first.

    An indicator without a period of its own is measured for each, for the month where there is none; rolling ones have none.
    """
    own = [rule.period for _article, _kind, rule in policy.rules() if isinstance(rule, Indicator)]
    kinds = {one.calendar for one in own if one is not None and one.calendar}
    if not kinds and None in own:
        kinds = {"month"}
    return sorted((span_of(kind, today) for kind in kinds), key=lambda one: (one.first, one.name))


def taken(edition: Edition, spans: list[Span]) -> dict[str, Any]:
    """What is kept of the figures of an edition; what cannot be measured says why."""
    chosen = cases_for(edition, spans[0])
    ids = list(chosen.order_by("-last_at", "-id").values_list("id", flat=True)[: MOST + 1])
    now = clock.now()
    told = {"as_of": now, "cases": min(len(ids), MOST), "whole": len(ids) <= MOST, "problem": ""}
    try:
        tables = [tables_for(found) for found in figures(edition, spans, ids[:MOST], clock.seconds(now))]
    except BihuanError as error:
        return told | {"problem": said(str(error))[:500], "figures": [], "behind": b""}
    rows = [row for figures, _behind in tables for row in figures]
    behind = io.BytesIO()
    pl.concat([behind for _figures, behind in tables]).write_parquet(behind)
    return told | {"figures": rows, "behind": behind.getvalue()}


def cases_for(edition: Edition, span: Span) -> QuerySet[Case]:
    """Cases that may have rows in a period: open, or with an event or something due since it began."""
    first = timezone.make_aware(dt.datetime.combine(span.first, dt.time()))
    since = Exists(Obligation.objects.filter(case=OuterRef("pk"), due_at__gte=first))
    held = Case.objects.filter(edition=edition, destroyed=None)
    return held.filter(Q(closed_at=None) | Q(last_at__gte=first) | since)


def figures(edition: Edition, spans: list[Span], ids: list[int], as_of: int) -> Iterator[Measured]:
    """Judged once, measured for each kind of period."""
    office, policy = office_now(), policy_of(edition.hash)
    log = log_of(policy, told_of(ids))
    parameters = office.parameters(edition.hash)
    judged = judged_cases(policy, office.calendars(), log, as_of, office.site, parameters)
    outcome = tables_of(judged)
    for span in spans:
        yield measured([judged], outcome, office.site, None, span.name, None, ())


def told_of(ids: list[int]) -> Iterator[tuple[str, list[Event]]]:
    for start in range(0, len(ids), PORTION):
        portion = ids[start : start + PORTION]
        numbers = dict(Case.objects.filter(id__in=portion).values_list("id", "number"))
        events: dict[str, list[Event]] = {}
        for event in Event.objects.filter(case__in=portion).order_by("case_id", "seq"):
            events.setdefault(numbers[event.case_id], []).append(event)
        yield from events.items()


def tables_for(found: Measured) -> tuple[list[dict[str, Any]], pl.DataFrame]:
    return found.figures.select(KEPT + HELD).to_dicts(), found.behind.select(BEHIND)


# --- read ---


def behind(measure: Measure, indicator: str, period: str, units: set[str] | None) -> pl.DataFrame:
    """The rows behind a figure, of some units or of all."""
    if not measure.behind:
        return pl.DataFrame(schema=dict.fromkeys(BEHIND, pl.String))
    rows = pl.read_parquet(io.BytesIO(bytes(measure.behind)))
    rows = rows.filter((pl.col("indicator") == indicator) & (pl.col("period") == period))
    return rows if units is None else rows.filter(pl.col("unit").is_in(sorted(units)))
