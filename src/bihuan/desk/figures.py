"""The indicators of the regulations for the periods that run and those before them, over all cases of the desk, and the charges of two
months: taken by `tick`, kept with the rows behind.

What a figure is and which rows are behind it is the engine's to say. The cases are read and judged in portions, so that
memory does not grow with them; figures that need all cases at once are told from the newest where there are too many,
and say so. Figures are no part of the record, for they follow from it.
"""

import datetime as dt
import io
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import polars as pl
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from bihuan.desk import clock
from bihuan.desk.database import writing
from bihuan.desk.events import last_event
from bihuan.desk.logged import logged
from bihuan.desk.models import Case, Edition, Measure, Obligation
from bihuan.desk.office import office_now, policy_of
from bihuan.engine.assess import assessed
from bihuan.engine.counted_apart import counted_apart, is_apart
from bihuan.engine.errors import BihuanError
from bihuan.engine.indicators import measured
from bihuan.engine.log import Log
from bihuan.engine.period import Span, before, span_of
from bihuan.engine.policy import Policy
from bihuan.engine.portions import Judge, draws
from bihuan.engine.replay import judged_cases, tables_of
from bihuan.engine.rules import Charge, Indicator
from bihuan.said import said

EVERY = dt.timedelta(hours=1)
MOST = 1_000_000  # cases
AT_ONCE = 100_000  # cases, where figures need all of them at once: 30 KiB each
PORTION = 5000  # cases judged together
GROUP = 50_000  # rows behind figures that are read together
KEPT = (
    "indicator", "label", "article", "unit", "group", "period", "numerator", "denominator", "value", "state", "share",
    "target", "target_met", "band", "note",
)  # fmt: skip
WHOSE = ("indicator", "unit", "group")
BEFORE = ("period", "numerator", "denominator", "value", "state")
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
    now, today = clock.now(), clock.today()
    last = dict(Measure.objects.values_list("edition", "as_of"))
    for edition in Edition.objects.filter(Exists(Case.objects.filter(edition=OuterRef("pk")))).order_by("id"):
        at = last.get(edition.pk, dt.datetime.min.replace(tzinfo=dt.UTC))
        policy = policy_of(edition.hash)
        spans = running(policy, today)
        if (spans or is_charging(policy)) and at + EVERY <= now:
            yield edition, at, spans


def running(policy: Policy, today: dt.date) -> list[Span]:
    """The periods of its indicators in which a day lies, the longest first.

    An indicator without a period of its own is measured for each, for the month where there is none; rolling ones have none.
    """
    own = [rule.period for _article, _kind, rule in policy.rules() if isinstance(rule, Indicator)]
    kinds = {one.calendar for one in own if one is not None and one.calendar}
    if not kinds and own:
        kinds = {"month"}
    return sorted((span_of(kind, today) for kind in kinds), key=lambda one: (one.first, one.name))


def is_charging(policy: Policy) -> bool:
    return any(isinstance(rule, Charge) for _article, _kind, rule in policy.rules())


def charged_since(policy: Policy, today: dt.date) -> dt.date | None:
    """The first day of which charges are shown, that of the month before."""
    return before(span_of("month", today)).first if is_charging(policy) else None


Row = dict[str, Any]
NOTHING = pl.DataFrame(schema=dict.fromkeys(BEHIND, pl.String))
Found = list[tuple[pl.DataFrame, pl.DataFrame]]  # by period: figures, and the rows behind


def taken(edition: Edition, spans: list[Span]) -> dict[str, Any]:
    """What is kept of the figures of an edition; what cannot be measured says why."""
    now, policy = clock.now(), policy_of(edition.hash)
    every = [*spans, *map(before, spans)]
    since = charged_since(policy, timezone.localdate(now))
    ids, whole = chosen(edition, policy, min([*(span.first for span in every), *([since] if since else [])]))
    told: dict[str, Any] = {"as_of": now, "cases": len(ids), "whole": whole, "problem": ""}
    try:
        found, charges = figures(edition, every, ids, clock.seconds(now), since)
    except BihuanError as error:
        return told | {"problem": said(str(error))[:500], "figures": [], "behind": b"", "charges": b""}
    tables = [figures.select(KEPT).to_dicts() for figures, _behind in found]
    pairs = zip(tables[: len(spans)], tables[len(spans) :], strict=True)
    rows = [row for running_, over in pairs for row in compared(running_, over)]
    behind = pl.concat([NOTHING, *(behind.select(BEHIND) for _figures, behind in found)])
    behind = behind.sort("indicator", "period", maintain_order=True)
    shown = charges.filter(pl.col("at").dt.date() >= since) if since else charges.clear()
    return told | {"figures": rows, "behind": packed(behind), "charges": packed(shown.sort("at", "number"))}


def compared(running: Iterable[Row], over: Iterable[Row]) -> Iterator[Row]:
    """Each figure with what it was in the period before."""
    then = {tuple(row[name] for name in WHOSE): row for row in over}
    for row in running:
        old = then.get(tuple(row[name] for name in WHOSE))
        yield row | {"before": None if old is None else {name: old[name] for name in BEFORE}}


def chosen(edition: Edition, policy: Policy, first: dt.date) -> tuple[list[int], bool]:
    """Of which cases figures since a day are made, the oldest first, and whether these are all of them."""
    apart = is_apart(policy)
    framed = office_now().plan(edition.hash).framing is not None
    alone = apart and not framed and not has_caps(policy)
    cases = cases_for(edition, first) if alone else held(edition)
    most = MOST if apart else AT_ONCE
    ids = list(cases.order_by("-last_at", "-id").values_list("id", flat=True)[: most + 1])
    return sorted(ids[:most]), len(ids) <= most


def has_caps(policy: Policy) -> bool:
    """Whether what is charged depends on what was charged before."""
    return any(isinstance(rule, Charge) and rule.cap for _article, _kind, rule in policy.rules())


def held(edition: Edition) -> QuerySet[Case]:
    return Case.objects.filter(edition=edition, destroyed=None)


def cases_for(edition: Edition, first: dt.date) -> QuerySet[Case]:
    """Cases that may have rows since a day: open, or with an event or something due since then."""
    begun = timezone.make_aware(dt.datetime.combine(first, dt.time()))
    since = Exists(Obligation.objects.filter(case=OuterRef("pk"), due_at__gte=begun))
    return held(edition).filter(Q(closed_at=None) | Q(last_at__gte=begun) | since)


def figures(
    edition: Edition, spans: list[Span], ids: Sequence[int], as_of: int, since: dt.date | None
) -> tuple[Found, pl.DataFrame]:
    """Every case judged once, whatever the number of periods; and the charges, at least those since a day."""
    office, policy = office_now(), policy_of(edition.hash)
    calendars, parameters = office.calendars(), office.parameters(edition.hash)
    upto = last_event()
    if is_apart(policy):
        judging = Judge(policy, calendars, as_of, office.site, parameters)
        logs = in_portions(policy, ids, upto)
        drawn = draws(judging, logs()) if judging.plan.framing else None
        since = dt.date.min if since and has_caps(policy) else since
        apart = counted_apart(judging, logs(), spans, drawn, since=since)
        return apart.figures, apart.charges
    judged = judged_cases(policy, calendars, logged(policy, ids, upto), as_of, office.site, parameters)
    outcome = tables_of(judged)
    found = [measured([judged], outcome, office.site, None, span.name, None, ()) for span in spans]
    charges = assessed([judged], outcome, office.site, None, None).charges
    return [(one.figures, one.behind) for one in found], charges


def in_portions(policy: Policy, ids: Sequence[int], upto: int) -> Callable[[], Iterator[Log]]:
    """The cases as logs of some at a time, as often as they are asked for."""
    starts = range(0, len(ids), PORTION)
    return lambda: (logged(policy, ids[start : start + PORTION], upto) for start in starts)


def packed(rows: pl.DataFrame) -> bytes:
    """As Parquet; of rows in order some are found without reading all."""
    file = io.BytesIO()
    rows.write_parquet(file, row_group_size=GROUP)
    return file.getvalue()


# --- beside the rounds of `tick` ---

AT_IT = threading.Lock()


def take_beside() -> None:
    """Take them in a thread of its own, unless one is at it: nobody is told later for it."""
    if not AT_IT.acquire(blocking=False):
        return
    threading.Thread(target=take_and_part, name="figures", daemon=True).start()


def take_and_part() -> None:
    try:
        take()
    except Exception:
        logging.getLogger("bihuan.desk").exception(
            "the figures could not be taken; the next round tries again"
        )
    finally:
        connection.close()
        AT_IT.release()


# --- read ---


def behind(measure: Measure, indicator: str, period: str, units: set[str] | None) -> pl.DataFrame:
    """The rows behind a figure, of some units or of all."""
    if not measure.behind:
        return NOTHING
    rows = pl.scan_parquet(io.BytesIO(bytes(measure.behind)))
    rows = rows.filter((pl.col("indicator") == indicator) & (pl.col("period") == period))
    return (rows if units is None else rows.filter(pl.col("unit").is_in(sorted(units)))).collect()


def charges(measure: Measure, units: set[str] | None) -> pl.DataFrame:
    """The charges of this month and the one before, of some units or of all."""
    if not measure.charges:
        return pl.DataFrame()
    rows = pl.read_parquet(io.BytesIO(bytes(measure.charges)))
    return rows if units is None else rows.filter(pl.col("unit").is_in(sorted(units)))
