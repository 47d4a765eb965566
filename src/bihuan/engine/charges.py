"""Proposed charges: from what a replay found to who owes how much, under which article, and how that came about.

A charge is decided as of `as_of` on the trigger's own data and, for all else, on what was known last. What cannot be
computed says why. No due time is computed here, and nothing is fixed, absorbed or capped: `claims` does that.
"""

from collections.abc import Iterator

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine import outcome
from bihuan.engine.facts import Facts
from bihuan.engine.occasions import (
    Laid,
    Occasions,
    Source,
    instances,
    joined,
    keyed,
    known,
    named_by,
    of_pattern,
)
from bihuan.engine.outcome import Judged, instants
from bihuan.engine.pattern import Condition
from bihuan.engine.payers import described, each_payer, one_party
from bihuan.engine.policy import Policy
from bihuan.engine.pricing import CASH, priced
from bihuan.engine.replay import Judgement
from bihuan.engine.rules import Charge, Multiplier, Sanction, Timed

Ints = NDArray[np.int64]
COMPANY = "company"
SCHEMA: dict[str, pl.DataType] = {
    "number": pl.String(),
    "case": pl.String(),
    "id": pl.String(),
    "article": pl.String(),
    "on": pl.String(),
    "round": pl.Int32(),
    "key": pl.String(),
    "at": pl.Datetime("us", "UTC"),
    "unit": pl.String(),
    "payer": pl.String(),
    "payee": pl.String(),
    "established_by": pl.String(),
    "state": pl.String(),
    "measure": pl.String(),
    "how": pl.String(),
    "sanction": pl.String(),
    "ledger": pl.String(),
    "note": pl.String(),
    **CASH,
}


def proposals(judgement: Judgement) -> pl.DataFrame:
    """Every charge that what was judged sets off, by case, instant and order of the text."""
    policy = judgement.plan.prepared.policy
    charges = [rule for _, _, rule in policy.rules() if isinstance(rule, Charge)]
    tables = [
        table
        for source in sources(judgement)
        if (laid := laid_out(judgement, source, charges)) is not None
        for table in tables_of(judgement, laid, charges)
    ]
    schema = SCHEMA | {"at": pl.Datetime("us", policy.header.zone)}
    every = pl.concat([pl.DataFrame(schema=schema | {"order": pl.Int64}), *tables], how="diagonal_relaxed")
    ordered = every.sort("case", "at", "order", "payer", maintain_order=True).drop("order")
    return numbered(ordered).select(*schema)


def sources(judgement: Judgement) -> Iterator[Source]:
    """The run of the cases, also where it has no rule, then those of the subjects."""
    runs = {judged.layout.subject: judged for judged in judgement.judged}
    yield Source("", judgement.facts, runs.get(""))
    yield from (Source(subject, judged.facts, judged) for subject, judged in runs.items() if subject)


def laid_out(judgement: Judgement, source: Source, charges: list[Charge]) -> Laid | None:
    """All occasions of one run; None where there is none."""
    prepared = judgement.plan.prepared
    names: list[str] = []
    parts = []
    for charge in charges:
        part = of_pattern(
            prepared.policy, prepared.parameters, source.facts, source.judged, charge.on, source.subject
        )
        part = part.where(part.at <= judgement.as_of)
        parts.append(part.renamed(list(named_by(charge.on, prepared.parameters)), names))
    found = joined(parts)
    if not len(found):
        return None
    origin = np.repeat(np.arange(len(parts)), [len(part) for part in parts])
    rows, last = known(source.facts.rows, found, names, judgement.as_of)
    for fact, keys in keys_of(source.judged, found):
        rows = keyed(rows, last, fact, keys)
    return Laid(source, found, origin, names, Facts(prepared, rows), last)


def keys_of(judged: Judged | None, found: Occasions) -> Iterator[tuple[str, pl.Series]]:
    """For each fact that separates instances, the value each occasion's instance was opened for."""
    here = np.flatnonzero(found.instance >= 0)
    if judged is None or not len(here):
        return
    mine = instances(judged, found.instance[here])
    pers = np.array([node.per if isinstance(node, Timed) else None for node in judged.layout.rules], object)
    of_row = pers[mine.folded.columns["rule"].astype(np.int64)]
    texts = outcome.keys(mine).to_list()
    for fact in dict.fromkeys(per for per in of_row if per):
        values: list[str | None] = [None] * len(found)
        for place, per, text in zip(here.tolist(), of_row, texts, strict=True):
            values[place] = text if per == fact else None
        yield fact, pl.Series(values, dtype=pl.String)


def tables_of(judgement: Judgement, laid: Laid, charges: list[Charge]) -> Iterator[pl.DataFrame]:
    policy = judgement.plan.prepared.policy
    for order, charge in enumerate(charges):
        found, last = laid.of(order)
        if not len(found):
            continue
        kept, waits = decided(laid.facts, charge.when, last)
        found, last, waits = found.where(kept), last[kept], waits.filter(pl.Series(kept))
        if len(found):
            table = table_of(judgement, laid, charge, found, last, waits)
            yield table.with_columns(
                pl.lit(order, pl.Int64).alias("order"), article=pl.lit(policy.article_of(charge.id))
            )


def decided(facts: Facts, when: Condition | None, last: Ints) -> tuple[NDArray[np.bool_], pl.Series]:
    """Which occasions the condition lets through, and what it still waits for."""
    told = facts.test(when)[last] if when else np.ones(len(last), np.int8)
    waits: list[str | None] = [None] * len(last)
    if when is not None and (told < 0).any():
        unset = facts.unset(when)[last]
        unknown = {test.fact: ~facts.known(test.fact)[last] for test in when.tests}
        missing = "; ".join(f"missing:{name}" for name in facts.missing(when))
        for place in np.flatnonzero(told < 0).tolist():
            names = (f"fact-not-known:{fact}" for fact, lacks in unknown.items() if lacks[place])
            waits[place] = missing if unset[place] else "; ".join(names)
    return told != 0, pl.Series(waits, dtype=pl.String)


def table_of(
    judgement: Judgement, laid: Laid, charge: Charge, found: Occasions, last: Ints, waits: pl.Series
) -> pl.DataFrame:
    policy, facts = judgement.plan.prepared.policy, laid.facts
    about = described(laid, found, last, policy)
    price = priced(
        judgement.plan.prepared, facts, charge, last, late_rows(laid, found), multipliers(policy, charge)
    )
    base = pl.DataFrame(
        {
            "at": instants(found.at, policy.header.zone),
            "on": pl.Series(laid.names, dtype=pl.String).gather(found.name),
            "id": pl.Series([charge.id] * len(found), dtype=pl.String),
            "measure": pl.Series([charge.unit or policy.header.currency] * len(found), dtype=pl.String),
            "sanction": pl.Series([said(policy, charge)] * len(found), dtype=pl.String),
            "ledger": pl.Series([charge.ledger] * len(found), dtype=pl.String),
            "payee": one_party(laid, charge.payee, about, last)
            if charge.payee
            else pl.Series([COMPANY] * len(found)),
        }
    )
    whole = pl.concat([about, base, price], how="horizontal")
    whole = whole.with_columns(
        state=pl.when(waits.is_null()).then("state").otherwise(state_of_waiting(waits)),
        amount=pl.when(waits.is_null()).then("amount"),
        note=pl.concat_str([waits, pl.col("note")], separator="; ", ignore_nulls=True).replace("", None),
    )
    return each_payer(laid, charge, whole, last)


def state_of_waiting(waits: pl.Series) -> pl.Series:
    """A parameter that is missing leaves a charge unset, a fact that has not come lets it wait."""
    return pl.select(
        pl.when(waits.str.starts_with("missing:")).then(pl.lit("unset")).otherwise(pl.lit("waiting"))
    ).to_series()


def multipliers(policy: Policy, charge: Charge) -> list[Multiplier]:
    """What multiplies this charge: money only."""
    if charge.unit is not None:
        return []
    every = (rule for _, _, rule in policy.rules() if isinstance(rule, Multiplier))
    return [rule for rule in every if charge.id in rule.charges or "all" in rule.charges]


def said(policy: Policy, charge: Charge) -> str | None:
    """The sanction in words: a text, or the rungs of a ladder among which a person chooses."""
    if not isinstance(charge.sanction, Sanction):
        return charge.sanction
    return "、".join(rungs(policy, charge.sanction))


def rungs(policy: Policy, sanction: Sanction) -> tuple[str, ...]:
    """The steps of its ladder from the lowest to the highest that may be chosen."""
    ladder = policy.ladders[sanction.ladder]
    low = ladder.index(sanction.from_) if sanction.from_ is not None else 0
    high = ladder.index(sanction.to) if sanction.to is not None else len(ladder) - 1
    return ladder[low : high + 1]


def late_rows(laid: Laid, found: Occasions) -> Judged | None:
    """The instances behind the occasions, where each has one."""
    if laid.source.judged is None or not len(found) or (found.instance < 0).any():
        return None
    return instances(laid.source.judged, found.instance)


def numbered(table: pl.DataFrame) -> pl.DataFrame:
    """A number that says which charge is meant: case, charge, instant, who pays; the n-th where all these agree."""
    when = pl.col("at").dt.strftime("%Y-%m-%dT%H:%M:%S")
    said = pl.concat_str(["case", "id", when, pl.col("payer").fill_null("?")], separator="/")
    found = table.with_columns(said.alias("number"))
    if found["number"].n_unique() == found.height:
        return found
    return found.with_columns(
        pl.when(pl.int_range(pl.len()).over("number") > 0)
        .then(pl.concat_str([pl.col("number"), pl.int_range(pl.len()).over("number") + 1], separator="/"))
        .otherwise("number")
        .alias("number")
    )
