"""The rows behind a figure: which cases count in its numerator and denominator, and which are left out and why.

They are found again from the definition when somebody asks, so that figures alone cost nothing more.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import polars as pl

from bihuan.engine import rollup
from bihuan.engine.formula import Run, is_card
from bihuan.engine.measure import COUNT, SCALE, Asked, Part, parts, sides
from bihuan.engine.rules import Indicator
from bihuan.engine.scorecard import parts_of

SCHEMA: dict[str, Any] = {
    "indicator": pl.String,
    "unit": pl.String,
    "group": pl.String,
    "period": pl.String,
    "part": pl.String,
    "case": pl.String,
    "rule": pl.String,
    "round": pl.Int64,
    "key": pl.String,
    "amount": pl.String,
    "why": pl.String,
}
ROLES = ("rule", "round", "key")


def rows(runs: Sequence[Run], names: Sequence[str], unit: str | None) -> pl.DataFrame:
    """The rows of these indicators in the periods asked for; of a unit those of all below it too."""
    tables = [
        table for run in runs for name in counted(run, names) for table in of_indicator(run, run.rule(name))
    ]
    found = pl.concat([pl.DataFrame(schema=SCHEMA), *tables])
    if unit is None or not found.height:
        return found
    below = runs[0].tree.filter(pl.col("above") == unit)["unit"].to_list()
    return found.filter(pl.col("unit").is_in([unit, *below]))


def counted(run: Run, names: Sequence[str]) -> list[str]:
    """The indicators of which these are made and that count rows themselves, each once."""
    found: dict[str, None] = {}
    seen: set[str] = set()
    waiting = [name for name in names if run.has(name)]
    while waiting:
        rule = run.rule(waiting.pop(0))
        if rule.id not in seen:
            seen.add(rule.id)
            found |= {} if is_card(rule) else {rule.id: None}
            waiting = [*parts_of(rule), *waiting]
    return list(found)


def of_indicator(run: Run, rule: Indicator) -> Iterator[pl.DataFrame]:
    upper, lower = sides(rule)
    yield from of_side(run, rule, upper, "numerator", lower is None)
    if lower is not None:
        yield from of_side(run, rule, lower, "denominator", True)


def of_side(run: Run, rule: Indicator, ask: Asked, name: str, lists: bool) -> Iterator[pl.DataFrame]:
    kind = run.span.kind if run.span else (rule.period.calendar if rule.period else None)
    for part in parts(run.source, ask, kind, run.span):
        table = of_part(rule, part, ask)
        yield (
            table.filter(pl.lit(pl.Series(part.counted)))
            .with_columns(pl.lit(name).alias("part"))
            .select(*SCHEMA)
        )
        if lists:
            left = table.filter(pl.lit(part.why.is_not_null()))
            yield left.with_columns(pl.lit("excluded").alias("part")).select(*SCHEMA)


def of_part(rule: Indicator, part: Part, ask: Asked) -> pl.DataFrame:
    own, (group, groups) = part.rows, rollup.grouped(part, rule.group)
    names = pl.Series([*(span.name if span else None for span in part.spans), None], dtype=pl.String)
    return pl.DataFrame(
        {
            "indicator": pl.Series([rule.id], dtype=pl.String).new_from_index(0, len(own)),
            "unit": own.unit(),
            "group": pl.Series([*groups, None], dtype=pl.String).gather(group),
            "period": names.gather(pl.Series(part.period).replace(-1, len(part.spans))),
            "case": own.case.cast(pl.String),
            "amount": amounts(part, ask),
            "why": part.why,
            **{name: column(part, name) for name in ROLES},
        }
    )


def amounts(part: Part, ask: Asked) -> pl.Series:
    """What each row adds, as a decimal."""
    if ask.what == COUNT:
        return pl.Series(part.amount).cast(pl.String)
    exact = pl.Series(part.amount).cast(pl.Decimal(38, 6)) / SCALE
    text = exact.cast(pl.Decimal(38, 6)).cast(pl.String)
    return text.str.strip_chars_end("0").str.strip_chars_end(".").set(pl.Series(part.unknown), None)


def column(part: Part, name: str) -> pl.Series:
    found = part.rows.column(name)
    kind = SCHEMA[name]
    if found is None:
        return pl.Series([None], dtype=kind).new_from_index(0, len(part.rows))
    return found.cast(kind)
