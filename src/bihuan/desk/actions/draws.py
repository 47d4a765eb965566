"""Samples: a draw is made by the engine over the cases of its period and recorded as events `drawn` of the cases.

A recorded draw wins over one that could be computed, so that nobody's draw changes afterwards.
"""

import datetime as dt
from collections.abc import Iterator
from itertools import groupby
from typing import Any

import polars as pl
from django.db.models import Min, QuerySet
from django.utils import timezone

from bihuan.desk import clock
from bihuan.desk.actions.acting import act, events_of
from bihuan.desk.actions.chain import By, Draft, enter
from bihuan.desk.database import writing
from bihuan.desk.errors import MissingError, RefusedError
from bihuan.desk.judging import log_of
from bihuan.desk.models import Case, Draw, Edition, Entry, Event
from bihuan.desk.office import Office, office_now, policy_of
from bihuan.engine.derived import dated
from bihuan.engine.drawing import bounds, scheduled, seed_of
from bihuan.engine.localtime import LocalTime
from bihuan.engine.period import Span, parse_span, span_of
from bihuan.engine.rules import Callback
from bihuan.engine.sample import sample

ENGINE = "bihuan"  # who draws when a period is over
MOST = 20  # draws in one round; each reads the cases of its period


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
    log = log_of(policy, numbers_and_events(edition, parse_span(period), office))
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
        which: dict[str, Any] = {"edition": edition, "rule": rule, "period": period, "cut_at": at}
        found = {"strata": entry.content["strata"], "entry": entry}
        draws.append(
            Draw.objects.update_or_create(**which, defaults=found)[0]
        )  # of nobody before, until a log came
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


def numbers_and_events(edition: Edition, span: Span, office: Office) -> Iterator[tuple[str, list[Event]]]:
    """The cases that had begun and went on in a period. Where a date counts as an event, any case may be of any period."""
    plan = office.plan(edition.hash)
    cases = Case.objects.filter(edition=edition, destroyed=None)
    if plan.framing is not None and not dated(plan.prepared.policy, plan.layouts):
        cases = going_on(cases, span, plan.framing.local)
    numbers = dict(cases.values_list("id", "number"))
    events = Event.objects.filter(case__in=cases).order_by("case_id", "seq").iterator(chunk_size=2000)
    for id, mine in groupby(events, lambda event: event.case_id):
        yield numbers[id], list(mine)


def going_on(cases: QuerySet[Case], span: Span, local: LocalTime) -> QuerySet[Case]:
    first, following = map(clock.instant, bounds(span, local))
    return cases.filter(opened_at__lt=following, last_at__gte=first)


def cut_due(most: int = MOST) -> list[str]:
    """Every scheduled draw whose instant has come and that was not made, the earliest first, `most` in one round."""
    made: list[str] = []
    for edition in Edition.objects.filter(in_force=True):
        for rule, span, at in due_of(edition):
            if len(made) == most:
                return made
            if not is_made(edition, rule, span, at):
                found = cut(edition.hash, span.name, by=ENGINE, rules=(rule.name,), at=at)
                made += [f"{one.rule} {one.period}" for one in found]
    return made


def due_of(edition: Edition) -> list[tuple[Callback, Span, dt.datetime]]:
    """The cuts of an edition that have come: of the running period, the one before, and every earlier one with cases."""
    framing = office_now().plan(edition.hash).framing
    if framing is None or seed_of(framing) is None:
        return []
    cases = Case.objects.filter(edition=edition)
    begun = cases.aggregate(first=Min("opened_at"))["first"]
    found = []
    for rule in framing.rules:
        this = span_of(rule.span, clock.today())
        found += [(rule, span, at) for span in (this, before(this)) for at in cuts(rule, span, framing.local)]
        span = before(before(this))
        while begun is not None and span.next > timezone.localdate(begun):
            if going_on(cases, span, framing.local).exists():
                found += [(rule, span, at) for at in cuts(rule, span, framing.local)]
            span = before(span)
    return sorted(found, key=lambda one: one[2])


def before(span: Span) -> Span:
    return span_of(span.kind, span.first - dt.timedelta(days=1))


def cuts(rule: Callback, span: Span, local: LocalTime) -> list[dt.datetime]:
    """The cuts of a period that have passed."""
    return [at for at in map(clock.instant, scheduled(rule, span, local).tolist()) if at <= clock.now()]


def is_made(edition: Edition, rule: Callback, span: Span, at: dt.datetime) -> bool:
    """Whether it was drawn: of somebody, or of nobody, and no log was brought here since."""
    draw = Draw.objects.filter(edition=edition, rule=rule.name, period=span.name, cut_at=at).first()
    return draw is not None and bool(
        draw.strata or not Entry.objects.filter(kind="loaded", id__gt=draw.entry_id).exists()
    )
