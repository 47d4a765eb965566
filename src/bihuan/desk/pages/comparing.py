"""The desk's own cases under two editions of a regulation: the engine judges both, `compare` says what differs.

Takes the newest cases where there are more than one page can wait for, and says so.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.db.models import QuerySet
from django.utils import timezone

import bihuan
from bihuan.desk import clock
from bihuan.desk.judging import log_of
from bihuan.desk.models import Case, Edition, Event
from bihuan.desk.office import Office, office_now, policy_of
from bihuan.engine.compare import Comparison
from bihuan.engine.log import Log
from bihuan.engine.outcome import Outcome

MOST = 5000  # cases
ROWS = 100
PORTION = 500


@dataclass(frozen=True)
class Changed:
    """What changes of a rule at a unit."""

    says: str
    article: str
    unit: str
    numbers: dict[str, int]


@dataclass(frozen=True)
class Compared:
    """What an edition would change."""

    cases: int
    all: bool
    rules: list[Changed]
    rows: list[dict[str, Any]]
    more: int
    kinds: list[dict[str, Any]]
    load: list[dict[str, Any]]


def compared(before: Edition, after: Edition, since: dt.date | None) -> Compared:
    """The cases of the regulation, whatever edition they are under, judged by both."""
    cases = Case.objects.filter(edition__policy=after.policy, destroyed=None)
    if since is not None:
        cases = cases.filter(opened_at__gte=timezone.make_aware(dt.datetime.combine(since, dt.time())))
    ids = list(cases.order_by("-opened_at", "-id").values_list("id", flat=True)[: MOST + 1])
    log = log_of(policy_of(after.hash), told(Case.objects.filter(id__in=ids[:MOST])))
    office = office_now()
    found = bihuan.compare(judged(office, before, log), judged(office, after, log))
    return shown(found, after, len(ids))


def told(cases: QuerySet[Case]) -> Iterator[tuple[str, list[Event]]]:
    last = 0
    while portion := list(cases.filter(id__gt=last).order_by("id")[:PORTION]):
        last = portion[-1].pk
        events: dict[int, list[Event]] = {}
        for event in Event.objects.filter(case__in=portion).order_by("case_id", "seq"):
            events.setdefault(event.case_id, []).append(event)
        yield from ((case.number, events.get(case.pk, [])) for case in portion)


def judged(office: Office, edition: Edition, log: Log) -> Outcome:
    policy = policy_of(edition.hash)
    as_of = clock.seconds(clock.now())
    return bihuan.replay(policy, office.calendars(), log, as_of, office.site, office.parameters(edition.hash))


def shown(found: Comparison, after: Edition, cases: int) -> Compared:
    changed = found.rows.select("rule", "unit").unique()
    rules = found.rules.join(
        changed, on=["rule", "unit"], how="semi", nulls_equal=True, maintain_order="left"
    )
    differ = pl.col("before") != pl.col("after")
    return Compared(
        min(cases, MOST),
        cases <= MOST,
        [changed_of(row, after) for row in rules.to_dicts()],
        [row | {"says": policy_of(after.hash).says(row["rule"])} for row in telling(found.rows).to_dicts()],
        max(0, found.rows.height - ROWS),
        found.kinds.filter(differ).to_dicts(),
        found.load.filter(differ).to_dicts(),
    )


def telling(rows: pl.DataFrame) -> pl.DataFrame:
    """The first rows to read: those that end otherwise come before those of which only the due time moves."""
    other = pl.col("state_before").ne_missing(pl.col("state_after"))
    return rows.sort(other, descending=True, maintain_order=True).head(ROWS)


NUMBERS = (
    "rows_before",
    "rows_after",
    "late_before",
    "late_after",
    "overdue_before",
    "overdue_after",
    "moved",
)


def changed_of(row: dict[str, Any], after: Edition) -> Changed:
    says = policy_of(after.hash).says(row["rule"])
    return Changed(says, row["article"] or "", row["unit"] or "", {name: row[name] for name in NUMBERS})
