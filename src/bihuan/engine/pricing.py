"""The terms of each proposed charge, from what its rule says and what the facts tell: how much, or why not.

A name stands for a fact or parameter as of the trigger; what is missing leaves the charge unset, what a document not
held would say leaves it external, what no event has told yet lets it wait. The arithmetic itself is in `amounts`.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.amounts import NOTHING, ONE, Range, Terms, decimal, unit_of
from bihuan.engine.facts import Facts
from bihuan.engine.fields import Between, Floor
from bihuan.engine.lateness import steps
from bihuan.engine.limit import Name, Reference
from bihuan.engine.outcome import Judged
from bihuan.engine.policy import Policy
from bihuan.engine.prepared import Prepared
from bihuan.engine.rules import Charge, Multiplier
from bihuan.engine.values import LACKING, MONEY_SCALE

Ints = NDArray[np.int64]
EXACT = pl.Decimal(38, 12)
CASH: dict[str, pl.DataType] = {
    "amount": pl.Decimal(38, 2),
    "low": EXACT,
    "high": EXACT,
    "times": EXACT,
    "at_least": EXACT,
    "at_most": EXACT,
    "steps": pl.Int64(),
    "step_low": EXACT,
    "step_high": EXACT,
    "factor": EXACT,
    "cap": EXACT,
}
NOT_TOLD, NOT_THERE = -1, -2  # codes: a fact that nobody has told, and what a parameter or document lacks


@dataclass(frozen=True)
class Told:
    """What one part of a charge is on each occasion: a code into its values, or why there is none."""

    codes: Ints
    values: Sequence[Decimal]
    why: str = ""  # what a parameter or document lacks
    name: str = ""  # the fact that has not come

    def at(self, code: int) -> Decimal:
        return self.values[code]


def priced(
    prepared: Prepared,
    facts: Facts,
    charge: Charge,
    last: Ints,
    late: Judged | None,
    multipliers: Sequence[Multiplier],
) -> pl.DataFrame:
    """State, terms, amount, arithmetic and note of each occasion; those alike are worked out once."""
    asked = Asked(prepared, facts, last)
    further = charge.further
    parts = {
        **asked.range_of(charge, "rate", prepared.parameters.of(charge, "amount")),
        **(asked.range_of(charge, "step", further.amount) if further else {}),
        **{name: asked.told(name, Name(name)) for name in charge.times},
        **{
            key: asked.told(key, bound)
            for key in ("at_least", "at_most")
            if (bound := prepared.parameters.of(charge, key)) is not None
        },
        **({"cap": asked.told("cap", charge.cap.amount)} if charge.cap else {}),
        **{f"× {rule.id}": asked.factor(rule) for rule in multipliers},
    }
    passed = (
        steps(late, facts.local, further.every, further.part)
        if further and late is not None
        else np.zeros(len(last), np.int64)
    )
    codes = [*(part.codes for part in parts.values()), passed]
    first, back = alike(codes)
    distinct = np.stack([each[first] for each in codes], axis=1).tolist()
    rows = [of_codes(prepared.policy, charge, parts, each) for each in distinct]
    places = max(2, -int(rounding(prepared.policy).as_tuple().exponent))
    schema = {
        "state": pl.String(),
        **CASH,
        "amount": pl.Decimal(38, places),
        "how": pl.String(),
        "note": pl.String(),
    }
    table = pl.DataFrame(rows, schema=schema, orient="row")[back]
    return table.with_columns(asked.untold(multipliers, table["note"]))


def alike(columns: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Of every kind of rows one, and of each row its kind; rows of a kind agree in all columns.

    >>> first, back = alike([np.array([7, 7, 5]), np.array([0, 0, 0])])
    >>> first.tolist(), back.tolist()
    ([2, 0], [1, 1, 0])
    """
    first, back = np.zeros(1, np.int64), np.zeros(len(columns[0]), np.int64)
    for column in columns:
        if np.ptp(column):
            size = int(np.ptp(column)) + 1
            _, first, back = np.unique(
                back * size + column - column.min(), return_index=True, return_inverse=True
            )
    return first, back.reshape(-1)


class Asked:
    """Answers what a charge's parts are, on every occasion."""

    def __init__(self, prepared: Prepared, facts: Facts, last: Ints) -> None:
        self.prepared, self.facts, self.last = prepared, facts, last

    def range_of(self, charge: Charge, name: str, source: object) -> dict[str, Told]:
        """The least and the most of an amount; both the same where it is fixed, no most where it is a floor."""
        if isinstance(source, Between):
            return {f"{name}_low": self.told(name, source.low), f"{name}_high": self.told(name, source.high)}
        if isinstance(source, Floor):
            return {f"{name}_low": self.told(name, source.least)}
        if source is None and charge.sanction is not None and name == "rate":
            return {}
        one = self.told(f"{charge.id}.amount" if source is None else name, source)
        return {f"{name}_low": one, f"{name}_high": one}

    def told(self, name: str, source: object) -> Told:
        """A figure of the text, what a fact or parameter says, or what is missing."""
        size = len(self.last)
        if isinstance(source, str) and source.isidentifier():
            source = Name(source)
        if source is None:
            return Told(np.full(size, NOT_THERE, np.int64), (), f"missing:{name}")
        if isinstance(source, Reference):
            return Told(np.full(size, NOT_THERE, np.int64), (), f"document:{source.by}")
        if not isinstance(source, Name):
            return Told(np.zeros(size, np.int64), (decimal(source),))
        return self._named(source.name)

    def _named(self, name: str) -> Told:
        column = self.facts.named(name, "number")
        values, state = (
            self.facts.grid.full(each, column.level)[self.last] for each in (column.values, column.state)
        )
        distinct, codes = np.unique(np.where(state > 0, values, 0), return_inverse=True)
        scale = MONEY_SCALE if column.type == "money" else 1
        lacking = np.where(state == LACKING, NOT_THERE, NOT_TOLD)
        return Told(
            np.where(state > 0, codes.reshape(-1), lacking),
            [decimal(value) / scale for value in distinct.tolist()],
            self._why(name),
            name,
        )

    def _why(self, name: str) -> str:
        documents = self.prepared.policy.references
        missing = self.facts.missing(name) or (name,)
        return "; ".join(f"document:{each}" if each in documents else f"missing:{each}" for each in missing)

    def factor(self, rule: Multiplier) -> Told:
        """One where the multiplier does not apply, or nobody can tell."""
        holds = self.facts.test(rule.when)[self.last]
        factor = self.told(rule.id, self.prepared.parameters.of(rule, "factor"))
        codes = np.where(factor.codes < 0, factor.codes, factor.codes + 1)
        return Told(np.where(holds == 1, codes, 0), (ONE, *factor.values), factor.why, factor.name)

    def untold(self, multipliers: Sequence[Multiplier], notes: pl.Series) -> pl.Series:
        """The notes, with the multipliers of which nobody can tell whether they apply."""
        for rule in multipliers:
            unknown = pl.Series(self.facts.test(rule.when)[self.last] < 0)
            note = pl.concat_str(
                [notes, pl.lit(f"multiplier-not-judged:{rule.id}")], separator="; ", ignore_nulls=True
            )
            notes = pl.select(pl.when(unknown).then(note).otherwise(notes).alias("note")).to_series()
        return notes


def of_codes(policy: Policy, charge: Charge, parts: dict[str, Told], codes: list[int]) -> tuple[Any, ...]:
    """One row of the table: what these parts come to."""
    lacking = [(part, code) for part, code in zip(parts.values(), codes, strict=False) if code < 0]
    if lacking:
        return unpriced(
            [part.why if code == NOT_THERE else f"fact-not-known:{part.name}" for part, code in lacking]
        )
    said = {name: part.at(code) for (name, part), code in zip(parts.items(), codes, strict=False)}
    factors = {name.removeprefix("× "): value for name, value in said.items() if name.startswith("× ")}
    note = "; ".join(f"multiplied:{name}" for name, factor in factors.items() if factor != ONE) or None
    if "rate_low" not in said:  # a sanction alone
        return ("proposed", *[None] * len(CASH), None, note)
    terms = Terms(
        Range(said["rate_low"], said.get("rate_high")),
        tuple(said[name] for name in charge.times),
        said.get("at_least"),
        said.get("at_most"),
        codes[-1],
        Range(said["step_low"], said.get("step_high")) if "step_low" in said else Range(NOTHING, NOTHING),
        product(factors.values()),
        rounding(policy),
    )
    return row_of(terms, said.get("cap"), note)


def unpriced(why: list[str]) -> tuple[Any, ...]:
    """A charge whose amount cannot be told."""
    notes = list(dict.fromkeys(part for each in why for part in each.split("; ")))
    if any(note.startswith("missing:") for note in notes):
        state = "unset"
    else:
        state = "external" if any(note.startswith("document:") for note in notes) else "waiting"
    return (state, *[None] * len(CASH), None, "; ".join(notes))


def row_of(terms: Terms, cap: Decimal | None, note: str | None) -> tuple[Any, ...]:
    amount = terms.amount(terms.rate.low, terms.step.low) if terms.fixed else None
    return (
        "proposed" if terms.fixed else "range",
        amount,
        terms.rate.low,
        terms.rate.high,
        product(terms.times),
        terms.at_least,
        terms.at_most,
        terms.steps,
        terms.step.low,
        terms.step.high,
        terms.factor,
        cap,
        terms.how(),
        note,
    )


def terms_of(row: dict[str, Any], unit: Decimal) -> Terms:
    """The terms as a row of the table has them."""
    return Terms(
        Range(row["low"], row["high"]),
        () if row["times"] == ONE else (row["times"],),
        row["at_least"],
        row["at_most"],
        row["steps"],
        Range(row["step_low"], row["step_high"]),
        row["factor"],
        unit,
    )


def product(numbers: Iterable[Decimal]) -> Decimal:
    found = ONE
    for number in numbers:
        found *= number
    return found


def rounding(policy: Policy) -> Decimal:
    """The unit to which amounts are rounded: the policy's, else the smallest its currency is paid in."""
    unit = policy.header.round
    return decimal(unit) if isinstance(unit, int | float) else unit_of(policy.header.currency)
