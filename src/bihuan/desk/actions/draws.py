"""Samples: a draw is made by the engine over the cases of its period and recorded as events `drawn` of the cases.

A recorded draw wins over one that could be computed, so that nobody's draw changes afterwards.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import polars as pl
from django.utils import timezone

from bihuan.desk import clock
from bihuan.desk.actions.acting import act, events_of
from bihuan.desk.actions.chain import By, Draft, enter
from bihuan.desk.database import writing
from bihuan.desk.errors import MissingError, RefusedError
from bihuan.desk.judging import log_of
from bihuan.desk.models import Case, Draw, Edition, Event
from bihuan.desk.office import Office, office_now, policy_of
from bihuan.engine.drawing import scheduled, seed_of
from bihuan.engine.period import Span, span_of
from bihuan.engine.sample import sample

ENGINE = "bihuan"  # who draws when a period is over


def cut(
    edition: str, period: str, *, by: By, rules: tuple[str, ...] = (), at: dt.datetime | None = None
) -> list[Draw]:
    """Draw for a period as far as it has come, and record who was drawn. `edition` is a hash."""
    with writing():
        found = Edition.objects.filter(hash=edition).first()
        if found is None:
            raise MissingError(f"no edition with the hash {edition[:12]} is on this desk")
        office, now = office_now(), clock.now()
        plan = office.plan(edition)
        if plan.framing is None:
            raise RefusedError(f"{found} draws no sample")
        if seed_of(plan.framing) is None:
            raise RefusedError("nothing is drawn without a seed: set the parameter sampling_seed first")
        return drawn(found, office, period, by, rules, min(at or now, now), now)


def drawn(
    edition: Edition,
    office: Office,
    period: str,
    by: By,
    rules: tuple[str, ...],
    at: dt.datetime,
    now: dt.datetime,
) -> list[Draw]:
    policy = policy_of(edition.hash)
    log = log_of(policy, numbers_and_events(edition))
    made = sample(
        policy,
        office.calendars(),
        log,
        period,
        clock.seconds(at),
        office.site,
        office.parameters(edition.hash),
        rules=rules,
    )
    known = {rule.name for rule in made.rules}
    record_cases(made.events, office, by, now)
    draws = []
    for rule in sorted(known):
        strata = made.strata.filter(pl.col("rule") == rule)
        told: dict[str, Any] = {
            "edition": edition.hash,
            "rule": rule,
            "period": period,
            "cut_at": at.isoformat(),
            "seed": made.seed,
        }
        told["strata"] = strata.to_dicts()
        entry = enter("drawn", f"{rule} {period}", told, by)
        draws.append(
            Draw.objects.create(
                edition=edition,
                rule=rule,
                period=period,
                cut_at=at,
                strata=entry.content["strata"],
                entry=entry,
            )
        )
    return draws


def record_cases(events: pl.DataFrame, office: Office, by: By, now: dt.datetime) -> None:
    """An event `drawn` in the record of every case that was drawn; those recorded before stand."""
    for row in events.to_dicts():
        case = (
            Case.objects.select_for_update(of=("self",))
            .select_related("edition")
            .filter(number=row["case"])
            .first()
        )
        if case is None or case.destroyed_id is not None:
            continue
        before = events_of(case)
        extra = {name: value for name, value in row.items() if name not in PLAIN and value is not None}
        same = [
            e
            for e in before
            if e.event == "drawn" and all((e.facts or {}).get(n) == v for n, v in extra.items())
        ]
        if not same:
            at = min(clock.instant(row["at"]), now)
            act(
                case,
                before,
                [Draft("drawn", at, None, row.get("unit"), extra, None, {"by": ENGINE})],
                office,
                now,
            )


PLAIN = frozenset(("case", "event", "at", "whole_day", "unit"))


def numbers_and_events(edition: Edition) -> Iterator[tuple[str, list[Event]]]:
    cases = Case.objects.filter(edition=edition, destroyed=None).order_by("id")
    for case in cases.iterator(chunk_size=500):
        yield case.number, events_of(case)


def cut_due() -> list[str]:
    """Every scheduled draw whose instant has come and that was not made; of the period that runs and the one before."""
    made = []
    for edition in Edition.objects.filter(in_force=True):
        office = office_now()
        plan = office.plan(edition.hash)
        if plan.framing is None or seed_of(plan.framing) is None:
            continue
        for rule in plan.framing.rules:
            for span, at in due_cuts(rule, plan.framing.local):
                if not Draw.objects.filter(
                    edition=edition, rule=rule.name, period=span.name, cut_at=at
                ).exists():
                    made += [
                        f"{one.rule} {one.period}"
                        for one in cut(edition.hash, span.name, by=ENGINE, rules=(rule.name,), at=at)
                    ]
    return made


def due_cuts(rule: Any, local: Any) -> Iterator[tuple[Span, dt.datetime]]:
    """The cuts of a rule that have passed, of the period of today and of the one before."""
    now = clock.now()
    today = timezone.localdate(now)
    this = span_of(rule.span, today)
    for span in (span_of(rule.span, this.first - dt.timedelta(days=1)), this):
        for at in scheduled(rule, span, local).tolist():
            if clock.instant(at) <= now:
                yield span, clock.instant(at)
