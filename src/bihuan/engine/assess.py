"""An assessment: the charges that a replay sets off, what persons decided about them, totals and ledgers.

One call puts `charges`, `claims`, `months` and `bookings` together; nothing is computed here but sums. Sums are over
the rows shown, to the cent.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from bihuan.engine.bookings import ledgers
from bihuan.engine.calendar import Calendar
from bihuan.engine.charges import COMPANY, proposals
from bihuan.engine.claims import claims
from bihuan.engine.editions import judged_editions
from bihuan.engine.errors import CallError
from bihuan.engine.life import GONE, STANDING, Decision, Story, claims_of, decisions_of
from bihuan.engine.log import Log
from bihuan.engine.months import MONTH, SAID, last_day, statement, told
from bihuan.engine.outcome import Outcome
from bihuan.engine.parameters import Parameters
from bihuan.engine.policy import Policy
from bihuan.engine.replay import Judgement, judged_cases, tables_of
from bihuan.engine.site import Site

LIVED: dict[str, Any] = {"stage": pl.String(), "cycle": pl.String(), "reason": pl.String()}
BOOKED = pl.col("ledger").is_not_null()
BY = ("unit", "payer", "payee", "measure")


@dataclass
class Assessment:
    """What is to be charged, what was decided, and what is deducted."""

    outcome: Outcome
    charges: pl.DataFrame
    totals: pl.DataFrame
    ledger: pl.DataFrame  # entries, in the order in which they were booked
    balances: pl.DataFrame  # what each party owes, had deducted and carries on
    unbooked: pl.DataFrame  # charges and months that no ledger could take, and why
    statement: pl.DataFrame  # the settlement of the period, where its cut was made
    refused: pl.DataFrame  # decisions without effect, and why
    summary: dict[str, Any] = field(default_factory=dict)


def assess(
    policy: Policy,
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int | None = None,
    registers: Site | None = None,
    parameters: Parameters | None = None,
    *,
    decisions: Log | None = None,
    period: str | None = None,
) -> Assessment:
    """Judge a log and assess it. `decisions` is a log whose cases are charges (by number) and months."""
    found = judged_cases(policy, calendars, log, as_of, registers, parameters)
    return assessed([found], tables_of(found), registers, decisions, period)


def assess_editions(
    editions: Sequence[Policy],
    calendars: Mapping[str, Calendar],
    log: Log,
    as_of: int | None = None,
    registers: Site | None = None,
    settings: Mapping[str, Any] | None = None,
    *,
    decisions: Log | None = None,
    period: str | None = None,
) -> Assessment:
    """The same, every case under the edition of its day; decisions and ledgers are about all of them."""
    parts, outcome = judged_editions(editions, calendars, log, as_of, registers, settings)
    return assessed(parts, outcome, registers, decisions, period)


def proposed(judgement: Judgement) -> pl.DataFrame:
    """The charges before anybody decides: what worked examples compare."""
    return claims(judgement.plan.prepared.policy, proposals(judgement))


def now(judgement: Judgement) -> datetime:
    """The instant as of which was judged."""
    return datetime.fromtimestamp(judgement.as_of, ZoneInfo(judgement.plan.prepared.policy.header.zone))


def decisions_in(decisions: Log | None, zone: str) -> list[Decision]:
    if decisions is None:
        return []
    at = pl.from_epoch("at", time_unit="s").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    texts = pl.col("case", "event").cast(pl.String)
    events = decisions.events.with_columns(at, texts)  # as told: what was decided is never edited
    return decisions_of((events.sort("line") if "line" in events.columns else events).to_dicts())


def refuse_period(period: str | None, last: datetime) -> None:
    """A month that is no month, or of which nothing can be known yet."""
    if period is None:
        return
    if not MONTH.fullmatch(period):
        raise CallError(f"a period is a month such as 2026-10, found {period!r}")
    if f"{last:%Y-%m}" < period:
        raise CallError(
            f"month {period} has not begun: what is known ends on {last:%Y-%m-%d}; take an earlier month"
        )


def assessed(
    parts: Sequence[Judgement], outcome: Outcome, site: Site | None, log: Log | None, period: str | None
) -> Assessment:
    """What was judged, with what persons decided."""
    decisions = decisions_in(log, outcome.summary["zone"])
    last = max([now(parts[-1]), *(each.at for each in decisions)])
    refuse_period(period, last)
    tables = [(part.plan.prepared.policy, proposed(part)) for part in parts]
    schema = dict(tables[-1][1].schema)
    concerned = tables if decisions else [(policy, table.filter(BOOKED)) for policy, table in tables]
    story = told(
        site, (each for policy, table in concerned for each in claims_of(policy, table.to_dicts())), decisions
    )
    every = lived(story, schema) if decisions else undecided([table for _, table in tables])
    charges = every.filter(of_period(period)) if period else every
    books = ledgers(parts, story, site, last_day(period) if period else last.date())
    said = dict.fromkeys(SAID, pl.String()) | {"amount": schema["amount"]}
    return Assessment(
        outcome,
        charges,
        totals(charges),
        books.entries,
        books.balances,
        books.unbooked,
        pl.DataFrame(statement(story, period) if period else [], schema=said),
        pl.DataFrame(story.refused, schema=refused_schema(schema)),
        {**outcome.summary, "period": period, "charges": counts(charges), "sums": sums(charges)},
    )


def refused_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    texts = dict.fromkeys(("actor", "article", "refused"), pl.String())
    return {"line": pl.Int64(), "of": pl.String(), "event": pl.String(), "at": schema["at"], **texts}


def undecided(tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The charges where nobody decided anything: there is no story to tell, and there may be many."""
    nothing = (pl.lit(None, dtype=pl.String).alias(name) for name in ("cycle", "reason"))
    return pl.concat(tables).with_columns(pl.lit("proposed").alias("stage"), *nothing)


def lived(story: Story, schema: Mapping[str, Any]) -> pl.DataFrame:
    """The charges with what became of them."""
    rows = [
        {**claim.row, "stage": claim.stage, "cycle": claim.cycle, "reason": claim.reason}
        for claim in story.claims.values()
    ]
    return pl.DataFrame(rows, schema={**schema, **LIVED}, orient="row")


def of_period(period: str) -> pl.Expr:
    """What the cut of a month collected, and what came about in it and no cut has collected yet."""
    began = pl.col("at").dt.strftime("%Y-%m") == period
    return (pl.col("cycle") == period).fill_null(False) | (began & pl.col("cycle").is_null())


# --- sums ---


def stands() -> pl.Expr:
    return pl.col("state").is_in(STANDING) & ~gone()


def gone() -> pl.Expr:
    return pl.col("stage").is_in(GONE)


def totals(charges: pl.DataFrame) -> pl.DataFrame:
    """By unit, who pays, who is paid and measure: how many, how much, and of how many the amount is not known."""
    unknown = pl.col("amount").is_null() & (pl.col("state") != "absorbed") & ~gone()
    return (
        charges.group_by(BY)
        .agg(
            (~gone()).sum().alias("count"),
            pl.col("amount").filter(stands()).sum().alias("amount"),
            unknown.sum().alias("without_amount"),
        )
        .sort(BY, nulls_last=True)
    )


def counts(charges: pl.DataFrame) -> dict[str, int]:
    """How many charges in which state; reversed and rejected ones under their stage."""
    named = charges.select(pl.when(gone()).then("stage").otherwise("state").alias("state"))
    return dict(named["state"].value_counts().sort("state").rows())


def sums(charges: pl.DataFrame) -> dict[str, str]:
    """What is owed in all, by measure; what the company itself owes stands apart."""
    theirs = pl.when(pl.col("payer") == COMPANY).then(pl.lit(" (company)")).otherwise(pl.lit(""))
    by = charges.filter(stands()).group_by((pl.col("measure") + theirs.fill_null("")).alias("measure"))
    return {name: str(amount) for name, amount in by.agg(pl.col("amount").sum()).sort("measure").rows()}
