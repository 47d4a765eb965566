"""What one measure counts or adds up: which rows, in which period, how much, and which are left out and why.

A row is counted (1), not counted (0) or left out: not owed, not known, or of no instant. Amounts are whole numbers of
millionths, so that sums are exact. No unit, no formula, no figure.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine import asking
from bihuan.engine.clock import NEVER, NONE
from bihuan.engine.countable import OF_THE_END, Countable, cases, countables, exempted, last_event
from bihuan.engine.errors import PolicyError
from bihuan.engine.localtime import LocalTime
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition
from bihuan.engine.period import Span, dated, numbered, span_of
from bihuan.engine.replay import Judgement
from bihuan.engine.rules import Callback, Indicator, Measure

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
SCALE = 1_000_000
JUDGED = frozenset(
    ("state", "due_at", "warn_at", "late_by", "allowed")
)  # what a rule without its number cannot say
STATES = frozenset(("state", "stage"))  # who asks for these says which rows count
COUNT, SUM, MEAN = "count", "sum", "mean"


@dataclass
class Source:
    """What is measured: one judgement, its charges and irregularities, and the rows taken from it so far."""

    judgement: Judgement
    charges: pl.DataFrame
    irregularities: pl.DataFrame
    exempted: pl.DataFrame
    kept: dict[tuple[str, str | None], list[Countable]] = field(default_factory=dict)

    @property
    def parameters(self) -> Parameters:
        return self.judgement.plan.prepared.parameters

    def rows(self, name: str, event: str | None = None) -> list[Countable]:
        """The rows of that name, taken once."""
        if (name, event) not in self.kept:
            if event:
                self.kept[name, event] = [cases(self.judgement, event)]
            else:
                self.kept[name, event] = countables(self.judgement, name, self.charges, self.irregularities)
        return self.kept[name, event]


@dataclass(frozen=True)
class Part:
    """One side of a formula over one run: of each row how much it counts, its period, or why it is left out."""

    rows: Countable
    counted: Bools
    amount: Ints  # in millionths where it is a sum; of rows that are not counted 0
    unknown: Bools  # counted, and how much is not known
    period: Ints  # place in `spans`; -1: none
    spans: tuple[Span | None, ...]
    why: pl.Series  # why a row is left out; null where it is not


@dataclass(frozen=True)
class Asked:
    """One side of a formula, with what dates its rows."""

    what: str
    measure: Measure
    event: str | None  # of cases: the event that is looked for
    dated_by: str | None  # of cases: another event that dates them
    period_of: str
    condition: Condition  # without that event


def sides(rule: Indicator) -> tuple[Asked, Asked | None]:
    """Numerator and denominator. Cases are dated by the denominator (docs/semantics.md#figures-cases)."""
    what, upper = side(rule.count, rule.sum, rule.mean)
    if rule.over is None:
        return asked(rule, what, upper, None), None
    below, lower = side(rule.over.count, rule.over.sum, rule.over.mean)
    return asked(rule, what, upper, lower), asked(rule, below, lower, None)


def side(count: Measure | None, sum_: Measure | None, mean: Measure | None) -> tuple[str, Measure]:
    found = ((name, one) for name, one in ((COUNT, count), (SUM, sum_), (MEAN, mean)) if one is not None)
    return next(found)


def asked(rule: Indicator, what: str, measure: Measure, lower: Measure | None) -> Asked:
    event, condition = event_of(measure)
    other = event_of(lower)[0] if lower is not None and lower.rows == measure.rows == "cases" else None
    begun = lower is not None and lower.rows == "cases" and other is None
    dated_by = other if event not in (None, other) else None
    if begun and event is not None:
        dated_by = ""  # the denominator takes every case, by the day on which it began
    return Asked(what, measure, event or other, dated_by, rule.period_of, condition)


def event_of(measure: Measure) -> tuple[str | None, Condition]:
    """Of cases the event that must have happened, and what else is asked."""
    tests = measure.where.tests if measure.where else ()
    if measure.rows != "cases":
        return None, Condition(tests)
    event = next((str(test.values[0]) for test in tests if test.fact == "event"), None)
    return event, Condition(tuple(test for test in tests if test.fact != "event"))


def parts(source: Source, ask: Asked, kind: str | None, span: Span | None) -> Iterator[Part]:
    """One side of a formula, run by run."""
    for rows in source.rows(ask.measure.rows, ask.event):
        yield part(source, rows, ask, kind, span)
    name = ask.measure.rows
    if name == "callbacks" or isinstance(source.judgement.plan.prepared.policy.named.get(name), Callback):
        yield part(source, *of_exempted(source, ask), kind, span)


def of_exempted(source: Source, ask: Asked) -> tuple[Countable, Asked]:
    """The exempt who would count but for that; what only a call could say is not asked of them."""
    rows = exempted(source.judgement, source.exempted, ask.measure.rows)
    known = {*rows.columns, *rows.facts.policy.facts} - {*OF_THE_END}
    tests = tuple(test for test in ask.condition.tests if test.fact in known and test.op != "known")
    return rows, replace(ask, condition=Condition(tests), what=COUNT)


def part(source: Source, rows: Countable, ask: Asked, kind: str | None, span: Span | None) -> Part:
    tri = asking.holds(rows, ask.condition, source.parameters)
    at = instants(source, rows, ask)
    why = left_out(source, rows, ask, tri, at if kind or span else None)
    period, spans = periods(begun(rows, at, why), kind, span, rows.facts.local)
    counted = (tri == 1) & why.is_null().to_numpy() & (period >= 0)
    amount, unknown = amounts(rows, ask, counted)
    if ask.what == MEAN:
        why = why.set(pl.Series(unknown), "no-value")
        counted, unknown = counted & ~unknown, np.zeros(len(rows), np.bool_)
    found = Part(rows, counted, amount, unknown, period, spans, why)
    return once(found) if ask.event is not None else found


def once(found: Part) -> Part:
    """A case in which the event happened several times in a period counts once, by the last that counts."""
    table = pl.DataFrame({"case": found.rows.about["case"], "period": found.period, "counted": found.counted})
    last = table.with_row_index("row").filter("counted").group_by("case", "period").agg(pl.col("row").max())
    kept = np.zeros(len(found.rows), np.bool_)
    kept[last["row"].to_numpy()] = True
    again = found.counted & ~kept
    return Part(
        found.rows,
        kept,
        np.where(kept, found.amount, 0),
        found.unknown & kept,
        np.where(again, -1, found.period),
        found.spans,
        found.why,
    )


# --- which are left out ---


def left_out(source: Source, rows: Countable, ask: Asked, tri: Any, at: Ints | None) -> pl.Series:
    """Why rows that could count do not: nobody owes them, nothing is known of them, or they have no instant."""
    names = {test.fact for test in ask.condition.tests}
    why = rows.why
    if not (names & JUDGED or (at is not None and ask.period_of == "due_at")):
        why = why.replace("unset", None)
    if names & STATES:
        why = why.set(pl.Series(tri == 1), None)
    concerned = asking.holds(rows, without_judged(ask.condition), source.parameters) != 0
    why = why.set(pl.Series(~concerned), None)
    if (tri < 0).any():
        open_ = pl.Series(tri < 0) & why.is_null()
        why = why.zip_with(~open_, asking.unknown(rows, ask.condition, source.parameters))
    if at is not None:
        undated = pl.Series((at == NONE) | (at == NEVER)) & pl.Series(tri == 1) & why.is_null()
        why = why.set(undated, f"no-instant:{ask.period_of}")
    return why


def without_judged(condition: Condition) -> Condition:
    return Condition(tuple(test for test in condition.tests if test.fact not in JUDGED))


# --- when ---


def instants(source: Source, rows: Countable, ask: Asked) -> Ints:
    """The instant that puts each row into a period."""
    if ask.measure.rows != "cases":
        name = ask.period_of if ask.period_of in rows.instants else "at"
        return rows.instants[name]
    if ask.period_of != "due_at":
        return rows.instants[ask.period_of]
    if ask.dated_by is None:
        return rows.instants["at"]
    if ask.dated_by == "":
        return rows.instants["started_at"]
    other = last_event(rows.facts, ask.dated_by, rows.about["case"], source.judgement.as_of)
    return np.where(other == NONE, rows.instants["at"], other)


def begun(rows: Countable, at: Ints, why: pl.Series) -> Ints:
    """What is left out and has no instant is listed in the period in which it began."""
    if "started_at" not in rows.instants:
        return at
    open_ = ((at == NONE) | (at == NEVER)) & why.is_not_null().to_numpy()
    return np.where(open_, rows.instants["started_at"], at)


def periods(
    at: Ints, kind: str | None, span: Span | None, local: LocalTime
) -> tuple[Ints, tuple[Span | None, ...]]:
    """Of each instant the place of its period; -1: none, or another than the one asked for."""
    known = (at != NONE) & (at != NEVER)
    if span is None and kind is None:
        return np.zeros(len(at), np.int64), (None,)
    day = local.day(np.where(known, at, 0))
    if span is not None:
        inside = known & (day >= numbered(span.first)) & (day < numbered(span.next))
        return np.where(inside, 0, -1), (span,)
    assert kind is not None
    if not known.any():
        return np.full(len(at), -1, np.int64), ()
    first = int(day[known].min())
    met = np.bincount(day[known] - first)
    of_day = {n: span_of(kind, dated(first + n)) for n in np.flatnonzero(met).tolist()}
    spans = tuple(dict.fromkeys(of_day.values()))
    place = {each: n for n, each in enumerate(spans)}
    table = np.full(len(met), -1, np.int64)
    table[list(of_day)] = [place[each] for each in of_day.values()]
    return np.where(known, table[np.where(known, day - first, 0)], -1), spans


# --- how much ---


def amounts(rows: Countable, ask: Asked, counted: Bools) -> tuple[Ints, Bools]:
    """What each row that counts adds, and of which it is not known."""
    if ask.what == COUNT:
        return counted.astype(np.int64), np.zeros(len(rows), np.bool_)
    assert ask.measure.of is not None
    value, known = values(rows, ask.measure.of)
    return np.where(counted & known, value, 0), counted & ~known


def values(rows: Countable, name: str) -> tuple[Ints, Bools]:
    """A column or fact as millionths; choices and flags by their points."""
    own = rows.column(name)
    if own is not None and own.dtype.is_numeric():
        known = own.is_not_null().to_numpy()
        exact = (own.cast(pl.Decimal(38, 6)) * SCALE).cast(pl.Int64).fill_null(0)
        return exact.to_numpy(), known
    fact = rows.facts.policy.facts.get(name)
    if fact is None:
        raise PolicyError(
            f"{name!r} is no number that could be added up: name a number, money or a fact with points"
        )
    if fact.points:
        return of_points(rows, name, fact.points)
    found = np.append(rows.facts.number(name), np.nan)[rows.told_by(name)]
    known = ~np.isnan(found)
    return np.rint(np.where(known, found, 0) * SCALE).astype(np.int64), known


def of_points(rows: Countable, name: str, points: dict[str, float]) -> tuple[Ints, Bools]:
    texts = rows.text(name)
    millionths = {choice: round(value * SCALE) for choice, value in points.items()}
    found = texts.replace_strict(millionths, default=None, return_dtype=pl.Int64)
    return found.fill_null(0).to_numpy(), found.is_not_null().to_numpy()


def lacking(found: Iterable[Part]) -> tuple[str, ...]:
    """The parameters for want of which rows were not judged."""
    notes = [
        note
        for part in found
        if (part.why == "unset").any() and (column := part.rows.column("note")) is not None
        for note in column.filter(part.why == "unset").unique(maintain_order=True).drop_nulls()
    ]
    return tuple(
        dict.fromkeys(one for note in notes for one in note.split("; ") if one.startswith("missing:"))
    )


def missing(source: Source, asks: Iterable[Asked | None]) -> tuple[str, ...]:
    """Parameters and documents without which the conditions cannot be told."""
    prepared = source.judgement.plan.prepared
    facts = set(prepared.policy.facts)
    names = [
        name
        for ask in asks
        if ask is not None
        for name in prepared.missing(Condition(tuple(t for t in ask.condition.tests if t.fact in facts)))
    ]
    return tuple(dict.fromkeys(names))
