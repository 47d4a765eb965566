"""The desk's own cases under two editions of a regulation: the engine judges both, `compare` says what differs.

Takes the newest cases where there are more than a page can wait for, and says so.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.utils import timezone

import bihuan
from bihuan.desk import clock
from bihuan.desk.events import last_event
from bihuan.desk.logged import logged
from bihuan.desk.models import Case, Edition
from bihuan.desk.office import Office, office_now, policy_of
from bihuan.engine.compare import Comparison
from bihuan.engine.log import Log
from bihuan.engine.outcome import Outcome

MOST = 100_000  # cases
FEW = 1000  # compared while a page waits
ROWS = 100


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
    ids, all = chosen(after, since, MOST)
    log = logged(policy_of(after.hash), ids, last_event())  # as they are now, whoever writes meanwhile
    office = office_now()
    found = bihuan.compare(judged(office, before, log), judged(office, after, log))
    return shown(found, after, len(ids), all)


def chosen(edition: Edition, since: dt.date | None, most: int) -> tuple[list[int], bool]:
    """The newest cases of the regulation, the oldest of them first, and whether these are all of them."""
    cases = Case.objects.filter(edition__policy=edition.policy, destroyed=None)
    if since is not None:
        cases = cases.filter(opened_at__gte=timezone.make_aware(dt.datetime.combine(since, dt.time())))
    ids = list(cases.order_by("-opened_at", "-id").values_list("id", flat=True)[: most + 1])
    return sorted(ids[:most]), len(ids) <= most


def judged(office: Office, edition: Edition, log: Log) -> Outcome:
    policy = policy_of(edition.hash)
    as_of = clock.seconds(clock.now())
    return bihuan.replay(policy, office.calendars(), log, as_of, office.site, office.parameters(edition.hash))


def shown(found: Comparison, after: Edition, cases: int, all: bool) -> Compared:
    differing = found.rows.group_by("rule", "unit").len("differing")
    rules = found.rules.join(differing, on=["rule", "unit"], nulls_equal=True, maintain_order="left")
    differ = pl.col("before") != pl.col("after")
    return Compared(
        cases,
        all,
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
    "differing",
)


def changed_of(row: dict[str, Any], after: Edition) -> Changed:
    says = policy_of(after.hash).says(row["rule"])
    return Changed(says, row["article"] or "", row["unit"] or "", {name: row[name] for name in NUMBERS})
