"""Draws made over a log: the candidates of each population at its cuts, and the events `drawn` that follow from them.

A draw that the log records wins over one that could be computed. Without a seed nothing is computed.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.clock import NEVER as NEVER_CUT
from bihuan.engine.columns import Find
from bihuan.engine.derived import joined
from bihuan.engine.draw import NEVER, Population, Quota, draw, ratio
from bihuan.engine.frame import COLUMNS, EXEMPT, IN, POPULATION, UNKNOWN, VOID, Framing, candidates
from bihuan.engine.localtime import LocalTime
from bihuan.engine.log import Log, arrange
from bihuan.engine.parameters import SEED
from bihuan.engine.period import Span, dated, numbered, parse_span, span_of
from bihuan.engine.rows import rows
from bihuan.engine.rules import Callback
from bihuan.engine.sampled import DRAWN, DRAWN_FOR, DRAWN_PERIOD

Ints = NDArray[np.int64]
STRATUM = ("stratum", "rate", "minimum")  # members that share all three are drawn together
RECORDED: dict[str, Any] = {
    "rule": pl.String,
    "period": pl.String,
    "population": pl.String,
    "case": pl.String,
    "member": pl.String,
    "recorded": pl.Int64,
}
FOUND: dict[str, Any] = {"place": pl.Int64, "key": pl.UInt64, "drawn_at": pl.Int64}


def seed_of(framing: Framing) -> str | None:
    """The seed in force, as text."""
    value = framing.parameters[SEED].on() if SEED in framing.parameters else None
    return None if value is None else str(value)


# --- when a draw is made ---


def scheduled(rule: Callback, span: Span, local: LocalTime) -> Ints:
    """The ends of the parts of a period at which its draw is made; the last of them is the period's own."""
    kind = rule.cut.calendar if rule.cut is not None and rule.cut.calendar else rule.span
    ends, day = [], span.first
    while day < span.next:
        day = min(span_of(kind, day).next, span.next)
        ends.append(local.second(numbered(day), 0) - 1)
    return np.array(ends, np.int64)


def bounds(span: Span, local: LocalTime) -> tuple[int, int]:
    """The first instant of a period and the first after it."""
    return local.second(numbered(span.first), 0), local.second(numbered(span.next), 0)


# --- what the log records ---


def recorded(framing: Framing, log: Log) -> pl.DataFrame:
    """Who was drawn according to the log's own events: by which rule, for which period, when."""
    events = log.events.filter(pl.col("event").cast(pl.String) == DRAWN)
    tables = [of_record(framing, rule, events) for rule in framing.rules] if events.height else []
    return pl.concat([pl.DataFrame(schema=RECORDED), *tables])


def of_record(framing: Framing, rule: Callback, events: pl.DataFrame) -> pl.DataFrame:
    """The recorded draws of one rule. The first of several for one member counts."""
    mine = events.filter(for_rule(framing, rule, events.columns))
    days = framing.local.day(mine["at"].to_numpy())
    own = [span_of(rule.span, dated(int(day))).name for day in days]
    period = pl.Series(own, dtype=pl.String)
    if DRAWN_PERIOD in mine.columns:
        period = mine[DRAWN_PERIOD].cast(pl.String).fill_null(period)
    case = mine["case"].cast(pl.String)
    member = mine[rule.draw_from].cast(pl.String) if rule.draw_from in mine.columns else case
    table = pl.DataFrame(
        {
            "rule": pl.Series([rule.name] * mine.height, dtype=pl.String),
            "period": period,
            "population": case if rule.draw_from else pl.Series([""] * mine.height, dtype=pl.String),
            "case": case,
            "member": member,
            "recorded": mine["at"],
        }
    )
    return table.sort("recorded", maintain_order=True).unique(
        (*POPULATION, "member"), keep="first", maintain_order=True
    )


def for_rule(framing: Framing, rule: Callback, columns: Collection[str]) -> pl.Expr:
    """Whether an event `drawn` is about a rule; one that names none is about the only rule that draws."""
    only = len(framing.rules) == 1
    if DRAWN_FOR not in columns:
        return pl.lit(only)
    named = pl.col(DRAWN_FOR).cast(pl.String)
    return (named == rule.name) | (named.is_null() & pl.lit(only))


# --- the draws themselves ---


def drawn(
    table: pl.DataFrame, record: pl.DataFrame, cuts: dict[tuple[str, ...], Ints], seed: str | None
) -> pl.DataFrame:
    """Candidates with place, key and the instant at which each was drawn; `recorded` where the log says when.

    `cuts` has those of each population; for one that it does not have, only the record speaks.
    """
    table = with_recorded(table, record).with_row_index("number")
    inside = table.filter(pl.col("status") == IN)
    found = [of_population(part, cuts.get(name), seed) for name, part in populations(inside)]
    empty = pl.DataFrame(schema={"number": pl.UInt32, **FOUND})
    both = table.join(pl.concat([empty, *found]), on="number", how="left", maintain_order="left")
    return both.drop("number").with_columns(drawn_at=pl.coalesce("recorded", "drawn_at"))


def with_recorded(table: pl.DataFrame, record: pl.DataFrame) -> pl.DataFrame:
    """The candidates, each with the instant at which the log says that it was drawn."""
    if record.is_empty():
        return table.with_columns(pl.lit(None, pl.Int64).alias("recorded"))
    return table.join(record.drop("case"), on=(*POPULATION, "member"), how="left", maintain_order="left")


def populations(table: pl.DataFrame) -> Iterator[tuple[tuple[str, ...], pl.DataFrame]]:
    for name, part in table.partition_by(POPULATION, as_dict=True, maintain_order=True).items():
        yield tuple(map(str, name)), part


def of_population(part: pl.DataFrame, cuts: Ints | None, seed: str | None) -> pl.DataFrame:
    """The draw of one population at its cuts."""
    numbers = part.select("number")
    if seed is None:
        return numbers.with_columns(pl.lit(None, kind).alias(name) for name, kind in FOUND.items())
    made = np.zeros(0, np.int64) if cuts is None else cuts
    found = draw(
        population_of(part, made), seed, str(part["period"][0]), len(made), cut_of(part["recorded"], made)
    )
    at = np.append(made, -1)[found.cut]
    return numbers.with_columns(
        place=pl.Series(found.place, dtype=pl.Int64),
        key=pl.Series(found.keys, dtype=pl.UInt64),
        drawn_at=pl.Series(at, dtype=pl.Int64).replace(-1, None),
    )


def population_of(part: pl.DataFrame, made: Ints) -> Population:
    number = part.select(pl.struct(STRATUM).rank("dense").cast(pl.Int64) - 1).to_series()
    each = part.with_columns(number.alias("number")).unique("number").sort("number")
    quotas = [Quota(ratio(rate), minimum) for rate, minimum in each.select("rate", "minimum").iter_rows()]
    priority = part["priority"].fill_null(float("nan")).to_numpy() if part["priority"].count() else None
    enters = np.searchsorted(made, part["enters"].to_numpy())
    return Population(part["member"].cast(pl.String), number.to_numpy(), quotas, enters, priority)


def cut_of(recorded: pl.Series, made: Ints) -> Ints:
    """The number of the cut at which each member was drawn according to the record, or NEVER."""
    last = max(len(made) - 1, 0)
    found = np.minimum(np.searchsorted(made, recorded.fill_null(0).to_numpy()), last)
    return np.where(recorded.is_null().to_numpy(), NEVER, found)


def strata(table: pl.DataFrame) -> pl.DataFrame:
    """How many of each stratum could be drawn, how many could not and why, how many were."""
    count = {name: pl.col("status").eq(name).sum() for name in (EXEMPT, VOID, UNKNOWN)}
    found = table.group_by((*POPULATION, *STRATUM), maintain_order=True).agg(
        pl.col("status").eq(IN).sum().alias("members"),
        pl.col("drawn_at").count().alias("drawn"),
        **count,
    )
    return found.sort(*POPULATION, *STRATUM, maintain_order=True)


# --- the log in which those drawn are named ---


def with_draws(framing: Framing | None, log: Log, find: Find, as_of: int) -> tuple[Log, pl.DataFrame]:
    """The arranged log with the draws that were due by then and that it does not record, and all candidates."""
    if framing is None:
        return log, pl.DataFrame(schema={**COLUMNS, "recorded": pl.Int64, **FOUND})
    table = made(framing, [found_in(framing, log, find, as_of)], as_of)
    return told_in(framing, log, table), table


def found_in(framing: Framing, log: Log, find: Find, as_of: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The candidates in a log, or in one portion of it, and what it records. Nothing is drawn yet."""

    def cuts(rule: Callback, span: Span) -> Ints:
        return np.unique(np.append(due(framing, rule, span, as_of), as_of))

    return candidates(framing, rows(log), find, as_of, cuts), recorded(framing, log)


def due(framing: Framing, rule: Callback, span: Span, as_of: int) -> Ints:
    """The scheduled cuts of a period up to an instant."""
    every = scheduled(rule, span, framing.local)
    return every[every <= as_of]


def made(framing: Framing, portions: Iterable[tuple[pl.DataFrame, pl.DataFrame]], as_of: int) -> pl.DataFrame:
    """The draws of all populations, each by its record or else at its scheduled cuts."""
    found, records = zip(*portions, strict=True)
    table, record = pl.concat(found), pl.concat(records)
    known = set(record.select(POPULATION).iter_rows())
    cuts = {
        name: cuts_of(framing, part, as_of)
        for name, part in populations(table.select(*POPULATION, "enters"))
        if name not in known
    }
    return drawn(table.filter(seen(table, cuts)), record, cuts, seed_of(framing))


def cuts_of(framing: Framing, part: pl.DataFrame, as_of: int) -> Ints:
    """The cuts of one population: those that were due, or the one of a campaign."""
    if part["population"][0]:
        return np.unique(part["enters"].to_numpy())
    rule = next(rule for rule in framing.rules if rule.name == part["rule"][0])
    return due(framing, rule, parse_span(part["period"][0]), as_of)


def seen(table: pl.DataFrame, cuts: Mapping[tuple[str, ...], Ints]) -> pl.Series:
    """Whether a cut has seen each candidate; of a recorded population all are kept."""
    last = {"\n".join(name): int(instants.max(initial=-1)) for name, instants in cuts.items()}
    name = table.select(pl.concat_str(POPULATION, separator="\n")).to_series()
    return table["enters"] <= name.replace_strict(last, default=None, return_dtype=pl.Int64).fill_null(
        NEVER_CUT
    )


def told_in(framing: Framing, log: Log, table: pl.DataFrame) -> Log:
    """A log, or one portion of it, in which its cases are named that were drawn.

    An event `drawn` that came before what it waits for counts from then.
    """
    case = log.events["case"]
    mine = table.filter(pl.coalesce("case", "member").is_in(case.unique().cast(pl.String).implode()))
    fresh = mine.filter(pl.col("drawn_at").is_not_null() & pl.col("recorded").is_null())
    more = events_of(framing, fresh).with_columns(pl.col("case").cast(case.dtype))
    return arrange(joined(after_trigger(framing, log, mine), more))


def events_of(framing: Framing, table: pl.DataFrame) -> pl.DataFrame:
    """An event `drawn` for each row, in the order of the draw, as a log has it."""
    subject = {rule.name: rule.draw_from for rule in framing.rules if rule.draw_from}
    named = [
        pl.when(rule=name).then("member").otherwise(None).alias(column) for name, column in subject.items()
    ]
    return table.sort("drawn_at", "rule", "stratum", "place", maintain_order=True).select(
        pl.coalesce("case", "member").alias("case"),
        pl.lit(DRAWN).alias("event"),
        pl.col("drawn_at").alias("at"),
        pl.lit(False).alias("whole_day"),
        "unit",
        pl.col("rule").alias(DRAWN_FOR),
        pl.col("period").alias(DRAWN_PERIOD),
        *named,
    )


def after_trigger(framing: Framing, log: Log, table: pl.DataFrame) -> Log:
    """The log in which recorded draws name their rule, and none stands before its trigger."""
    early = table.filter(pl.col("recorded") < pl.col("trigger"))
    events = log.events
    is_draw = pl.col("event").cast(pl.String) == DRAWN
    if DRAWN_FOR not in events.columns:
        events = events.with_columns(pl.lit(None, pl.String).alias(DRAWN_FOR))
    if len(framing.rules) == 1:
        named = pl.coalesce(pl.col(DRAWN_FOR).cast(pl.String), pl.lit(framing.rules[0].name))
        events = events.with_columns(pl.when(is_draw).then(named).alias(DRAWN_FOR))
    if early.is_empty():
        return replace(log, events=events)
    moved = early.select("case", pl.col("rule").alias(DRAWN_FOR), pl.col("recorded").alias("at"), "trigger")
    keys = [pl.col("case").cast(pl.String), pl.col(DRAWN_FOR).cast(pl.String), pl.col("at")]
    joined_ = events.join(
        moved.unique(("case", DRAWN_FOR, "at")),
        left_on=keys,
        right_on=["case", DRAWN_FOR, "at"],
        how="left",
        maintain_order="left",
    )
    later = pl.when(is_draw).then("trigger").otherwise(None)
    events = joined_.with_columns(pl.coalesce(later, "at").alias("at")).select(events.columns)
    return replace(log, events=events, arranged=False)
