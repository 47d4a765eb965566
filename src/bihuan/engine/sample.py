"""`sample`: who is to be called for a period, in which order and why, and who is not and why.

It draws from the same candidates and by the same draw as `replay`, and judges nothing.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.calendar import Calendar
from bihuan.engine.draw import Quota, ratio
from bihuan.engine.drawing import bounds, drawn, events_of, populations, recorded, scheduled, seed_of, strata
from bihuan.engine.errors import CallError
from bihuan.engine.frame import IN, POPULATION, Framing, candidates, framing_for, of_register
from bihuan.engine.log import Log, arrange
from bihuan.engine.parameters import SEED, Parameters, parameter_values
from bihuan.engine.period import Span, parse_span, span_of
from bihuan.engine.policy import Policy
from bihuan.engine.replay import completed, finder, last_event, planned
from bihuan.engine.rows import rows
from bihuan.engine.rules import Callback
from bihuan.engine.sampled import callbacks, draws, starts_from_draw
from bihuan.engine.site import Site

Ints = NDArray[np.int64]
OUTSIDE = "outside"  # drawn according to the record, but not in the population


@dataclass(frozen=True)
class Sample:
    """The draw of a period. Instants are seconds since the epoch."""

    policy: Policy
    period: Span
    seed: str
    as_of: int
    rules: tuple[Callback, ...]
    members: pl.DataFrame  # everybody, with `why` and, of those drawn, `drawn_at`
    strata: pl.DataFrame  # of each, how many members and how many of them drawn
    over: bool  # the period, when the draw was made
    events: pl.DataFrame  # an event `drawn` for each, for the log


@dataclass(frozen=True)
class Asked:
    """What a draw is asked for, made ready."""

    policy: Policy
    framing: Framing
    log: Log
    span: Span
    seed: str
    as_of: int
    find: Any


def sample(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    log: Log,
    period: str,
    as_of: int | None = None,
    registers: Site | None = None,
    parameters: Parameters | None = None,
    *,
    rules: Collection[str] = (),
) -> Sample:
    """The draw of every callback by sample, or of the callbacks named, for a period such as 2026-10.

    Draws that the log records stand; a period that is not over is drawn as far as it has come.
    """
    asked = prepared(policy, calendars, log, period, as_of, registers, parameters, rules)
    record = of_period(asked)
    members = members_of(asked, record, made_by(asked, record))
    return sample_of(asked, with_outsiders(members, record))


def sample_of(asked: Asked, members: pl.DataFrame) -> Sample:
    """A draw, put together: in the events only what the log does not record yet."""
    inside = members.filter(pl.col("status") != OUTSIDE)
    fresh = inside.filter(pl.col("drawn_at").is_not_null() & pl.col("recorded").is_null())
    return Sample(
        policy=asked.policy,
        period=asked.span,
        seed=asked.seed,
        as_of=asked.as_of,
        over=asked.as_of >= bounds(asked.span, asked.framing.local)[1] - 1,
        rules=asked.framing.rules,
        members=with_reasons(members),
        strata=with_quotas(pl.concat([strata(inside), *empty(asked, inside)], how="diagonal_relaxed")),
        events=events_of(asked.framing, fresh),
    )


def empty(asked: Asked, members: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """The strata without a member, where the choices of the one fact that stratifies are known."""
    for rule in asked.framing.rules:
        fact = asked.policy.facts.get(rule.strata[0]) if len(rule.strata) == 1 else None
        if rule.draw_from is not None or fact is None or fact.open or fact.many:
            continue
        held = members.filter(pl.col("rule") == rule.name)["stratum"].list.first().unique().to_list()
        absent = [[choice] for choice in fact.leaves if choice not in held]
        counts = dict.fromkeys(("members", "drawn", "exempt", "void", "unknown"), 0)
        row = {"rule": rule.name, "period": asked.span.name, "population": "", **counts}
        yield pl.DataFrame({"stratum": pl.Series(absent, dtype=pl.List(pl.String))}).with_columns(
            pl.lit(value).alias(name) for name, value in row.items()
        )


def of_period(asked: Asked) -> pl.DataFrame:
    """What the log records of draws for the period."""
    return recorded(asked.framing, asked.log).filter(pl.col("period") == asked.span.name)


def prepared(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    log: Log,
    period: str,
    as_of: int | None,
    site: Site | None,
    parameters: Parameters | None,
    rules: Collection[str],
) -> Asked:
    span = parse_span(period)
    parameters = parameters or parameter_values(policy)
    plan = planned(policy, parameters, site)
    mine = chosen(policy, parameters, span, rules)
    framing = framing_for(policy, parameters, plan.prepared.local, site, mine)
    seed = seed_of(framing)
    if seed is None:
        raise CallError(f"no seed to draw by: give one, or a value to the parameter {SEED}", parameter=SEED)
    log = arrange(log, policy.header.starts)
    as_of = last_event(log) if as_of is None else as_of
    if as_of < bounds(span, framing.local)[0]:
        raise CallError(
            f"the period {span.name} begins on {span.first}, after the last instant that is known"
        )
    log = completed(plan, policy, log)
    return Asked(policy, framing, log, span, seed, as_of, finder(plan, policy, calendars))


def chosen(policy: Policy, parameters: Parameters, span: Span, names: Collection[str]) -> list[Callback]:
    """The callbacks named, else those by sample whose populations are of periods of this kind."""
    every = {rule.name: rule for rule in callbacks(policy)}
    if unknown := sorted(set(names) - set(every)):
        raise CallError(f"no callback {', '.join(unknown)}; there are {', '.join(every)}")
    wanted = [every[name] for name in every if name in names] or [
        rule for rule in every.values() if draws(rule, parameters)
    ]
    if not wanted:
        raise CallError(f"{policy.id} has no callback by sample; name one of {', '.join(every) or 'none'}")
    fitting = [rule for rule in wanted if rule.span == span.kind]
    others = [rule for rule in wanted if rule.span != span.kind]
    if others and (names or not fitting):
        like = span_of(others[0].span, span.first).name
        raise CallError(
            f"callback {others[0].name} is drawn by the {others[0].span}: expected a period such as {like}"
        )
    return fitting


# --- the draw ---


def made_by(asked: Asked, record: pl.DataFrame) -> dict[str, Ints]:
    """By rule, the cuts of the period: those recorded, then those that were due, or the one that is asked for now."""
    last = bounds(asked.span, asked.framing.local)[1] - 1
    made = {}
    for rule in asked.framing.rules:
        due = scheduled(rule, asked.span, asked.framing.local)
        if rule.cut is None and asked.as_of < last:
            due = np.array([asked.as_of], np.int64)
        held = record.filter((pl.col("rule") == rule.name) & (pl.col("population") == ""))[
            "recorded"
        ].to_numpy()
        later = due[(due <= asked.as_of) & (due > held.max(initial=-1))]
        made[rule.name] = np.unique(np.concatenate([held, later]))
    return made


def members_of(asked: Asked, record: pl.DataFrame, made: Mapping[str, Ints]) -> pl.DataFrame:
    """Everybody who could be drawn in the period, and who is at these cuts."""
    framing = asked.framing

    def cuts(rule: Callback, span: Span) -> Ints:
        return made[rule.name] if span == asked.span else np.zeros(0, np.int64)

    table = candidates(framing, rows(asked.log), asked.find, asked.as_of, cuts)
    registers = [
        part
        for rule in framing.rules
        if rule.draw_from is not None and starts_from_draw(rule)
        for at in made[rule.name][:1].tolist()
        for part in of_register(framing, rule, at)
    ]
    table = pl.concat([table, *registers]).filter(pl.col("period") == asked.span.name)
    known = {
        name: np.unique(part["enters"].to_numpy()) if name[2] else made[name[0]]
        for name, part in populations(table)
    }
    return drawn(table, record, known, asked.seed)


def with_outsiders(members: pl.DataFrame, record: pl.DataFrame) -> pl.DataFrame:
    """Also those whom the record has drawn although nothing shows that they could be."""
    others = record.join(members, on=(*POPULATION, "member"), how="anti", maintain_order="left")
    rows_ = others.with_columns(pl.lit(OUTSIDE).alias("status"), pl.col("recorded").alias("drawn_at"))
    return pl.concat([members, rows_], how="diagonal")


def with_reasons(members: pl.DataFrame) -> pl.DataFrame:
    """Why each is drawn or not, as a word."""
    why = (
        pl.when(pl.col("status") != IN)
        .then("status")
        .when(pl.col("recorded").is_not_null())
        .then(pl.lit("recorded"))
        .when(pl.col("drawn_at").is_not_null())
        .then(pl.lit("drawn"))
        .otherwise(pl.lit("beyond"))
    )
    return members.with_columns(why.alias("why"))


def with_quotas(table: pl.DataFrame) -> pl.DataFrame:
    """How many of each stratum are to be drawn."""
    wanted = [
        None if rate is None else Quota(ratio(rate), minimum).of(size)
        for rate, minimum, size in table.select("rate", "minimum", "members").iter_rows()
    ]
    return table.with_columns(pl.Series("wanted", wanted, dtype=pl.Int64))
