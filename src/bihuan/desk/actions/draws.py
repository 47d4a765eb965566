"""Samples: a draw is made by the engine over the cases of its period and recorded as events `drawn` of the cases.

A recorded draw wins over one that could be computed, so that nobody's draw changes afterwards.
"""

import datetime as dt
from typing import Any

import polars as pl
from django.db.models import Min, QuerySet
from django.utils import timezone

from bihuan.desk import clock
from bihuan.desk.actions.acting import ENGINE, act, edition_of
from bihuan.desk.actions.chain import By, Draft, enter
from bihuan.desk.database import writing
from bihuan.desk.errors import RefusedError
from bihuan.desk.events import events_of, last_event
from bihuan.desk.logged import logged
from bihuan.desk.models import Case, Draw, Edition, Entry
from bihuan.desk.office import Office, office_now, policy_of
from bihuan.engine.derived import dated
from bihuan.engine.drawing import bounds, scheduled, seed_of
from bihuan.engine.localtime import LocalTime
from bihuan.engine.period import Span, before, parse_span, span_of
from bihuan.engine.rules import Callback
from bihuan.engine.sample import Sample, sample

PORTION = 1000  # numbers that are looked up together
MOST = 20  # draws in one round; each reads the cases of its period


def cut(
    edition: str, period: str, *, by: By, rules: tuple[str, ...] = (), at: dt.datetime | None = None
) -> list[Draw]:
    """Draw for a period as far as it has come, and record who was drawn. `edition` is a hash."""
    with writing():
        found, office, now = edition_of(edition), office_now(), clock.now()
        framing = office.plan(edition).framing
        if framing is None:
            raise RefusedError(f"{found} draws no sample")
        if seed_of(framing) is None:
            raise RefusedError("nothing is drawn without a seed: set the parameter sampling_seed first")
        at = min(at or now, now)
        made = sampled(found, office, period, rules, at)
        record_cases(made.events, office, now)
        return [recorded(made, found, rule, at, by) for rule in sorted({one.name for one in made.rules})]


def sampled(edition: Edition, office: Office, period: str, rules: tuple[str, ...], at: dt.datetime) -> Sample:
    policy, parameters = policy_of(edition.hash), office.parameters(edition.hash)
    log = logged(policy, ids_for(edition, parse_span(period), office), last_event())
    as_of = clock.seconds(at)
    return sample(policy, office.calendars(), log, period, as_of, office.site, parameters, rules=rules)


def ids_for(edition: Edition, span: Span, office: Office) -> list[int]:
    """The cases that had begun and went on in a period. Where a date counts as an event, any case may be of any period."""
    plan = office.plan(edition.hash)
    cases = Case.objects.filter(edition=edition, destroyed=None)
    if plan.framing is not None and not dated(plan.prepared.policy, plan.layouts):
        cases = going_on(cases, span, plan.framing.local)
    return list(cases.order_by("id").values_list("id", flat=True))


def record_cases(events: pl.DataFrame, office: Office, now: dt.datetime) -> None:
    """An event `drawn` in the record of every case that was drawn; those recorded before stand."""
    held = Case.objects.select_for_update(of=("self",)).select_related("edition")
    place = ids_of(events["case"].unique().to_list())
    for row in sorted(
        events.to_dicts(), key=lambda row: place.get(row["case"], 0)
    ):  # in the order of everybody
        case = held.filter(number=row["case"], destroyed=None).first()
        if case is None:
            continue
        before, told = events_of(case), {n: v for n, v in row.items() if n not in PLAIN and v is not None}
        if not any(one.event == "drawn" and told.items() <= (one.facts or {}).items() for one in before):
            at = min(clock.instant(row["at"]), now)
            draft = Draft("drawn", at, unit=row.get("unit"), facts=told, meta={"by": ENGINE})
            act(case, before, [draft], office, now, several=True)


def ids_of(numbers: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for start in range(0, len(numbers), PORTION):
        rows = Case.objects.filter(number__in=numbers[start : start + PORTION])
        found |= dict(rows.values_list("number", "id"))
    return found


PLAIN = frozenset(("case", "event", "at", "whole_day", "unit"))


def recorded(made: Sample, edition: Edition, rule: str, at: dt.datetime, by: By) -> Draw:
    """The draw of a rule in the record. It was of nobody before where it is drawn again, since a log came."""
    strata = made.strata.filter(pl.col("rule") == rule).to_dicts()
    which: dict[str, Any] = {"edition": edition, "rule": rule, "period": made.period.name, "cut_at": at}
    told = which | {"edition": edition.hash, "seed": made.seed, "strata": strata}
    entry = enter("drawn", f"{rule} {made.period.name}", told, by)
    found = {"strata": entry.content["strata"], "entry": entry}
    return Draw.objects.update_or_create(**which, defaults=found)[0]


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


def cuts(rule: Callback, span: Span, local: LocalTime) -> list[dt.datetime]:
    """The cuts of a period that have passed."""
    return [at for at in map(clock.instant, scheduled(rule, span, local).tolist()) if at <= clock.now()]


def is_made(edition: Edition, rule: Callback, span: Span, at: dt.datetime) -> bool:
    """Whether it was drawn: of somebody, or of nobody, and no log was brought here since."""
    draw = Draw.objects.filter(edition=edition, rule=rule.name, period=span.name, cut_at=at).first()
    return draw is not None and bool(
        draw.strata or not Entry.objects.filter(kind="loaded", id__gt=draw.entry_id).exists()
    )
