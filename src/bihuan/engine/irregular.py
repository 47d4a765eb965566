"""What the fold found, as tables: irregularities, and counts that were reached.

Codes become names here; three fields that one event lacks are one irregularity. Nothing is judged.
"""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine import layout as at
from bihuan.engine.draft import Layout
from bihuan.engine.outcome import Judged, instants, named, party, rule_names
from bihuan.engine.scales import scale
from bihuan.engine.values import plain

Ints = NDArray[np.int64]
FORBIDDEN = ("state", "person", "gate", "field", "early", "prohibited")  # what can be refused beforehand
KINDS = (*FORBIDDEN, "reached", "backdated")  # by the numbers of the fold


def irregularity_rows(judged: Judged) -> pl.DataFrame:
    """Every finding of the fold but the counts that were reached."""
    found = judged.folded.findings
    return finding_table(judged, found[found[:, at.FINDING_KIND] != at.K_REACHED])


def count_rows(judged: Judged) -> pl.DataFrame:
    found = judged.folded.findings
    return finding_table(judged, found[found[:, at.FINDING_KIND] == at.K_REACHED])


def finding_table(judged: Judged, found: Ints) -> pl.DataFrame:
    lay, row = judged.layout, found[:, at.FINDING_ROW]
    steps = [step.name for step, _ in lay.steps]
    rules = rule_names(judged)
    step, rule = found[:, at.FINDING_STEP], found[:, at.FINDING_RULE]
    article = [
        lay.steps[s][1] if s >= 0 else lay.articles[r]
        for s, r in found[:, [at.FINDING_STEP, at.FINDING_RULE]].tolist()
    ]
    about = [*map(tuple, found[:, [at.FINDING_KIND, at.FINDING_STEP, at.FINDING_DETAIL]].tolist())]
    details = {one: what(lay, *one) for one in set(about)}
    table = pl.DataFrame(
        {
            "case": judged.rows.cases[found[:, at.FINDING_CASE]],
            "event": named(judged.rows.event[row], judged.rows.names),
            "at": instants(found[:, at.FINDING_AT], judged.zone),
            "actor": party(judged, judged.facts.actor[row]),
            "kind": named(found[:, at.FINDING_KIND], KINDS),
            "rule": named(rule, rules),
            "step": named(step, steps),
            "article": pl.Series(article, dtype=pl.String),
            "detail": pl.Series(outside([details[one] for one in about], judged, found), dtype=pl.String),
            "line": lines(judged)[row],
            "row": pl.Series(row),
            "number": pl.Series(step),
        }
    )
    return together(table)


def lines(judged: Judged) -> pl.Series:
    """Where in the file each row stood."""
    data = judged.rows.data
    return data["line"] if "line" in data.columns else pl.Series([None] * data.height, dtype=pl.Int64)


def together(table: pl.DataFrame) -> pl.DataFrame:
    """One irregularity for all that an event lacks of one kind under one step: three missing fields are one defect."""
    if table.height < 2:
        return table.drop("row", "number")
    of_step = table["number"] >= 0
    once = ["case", "row", "number", "kind"]
    details = pl.col("detail").drop_nulls().unique(maintain_order=True)
    joined = (
        table.with_row_index("order")
        .with_columns(pl.when(of_step).then(0).otherwise(pl.col("order")).alias("own"))
        .group_by(*once, "own", maintain_order=True)
        .agg(pl.exclude("detail", *once, "own").first(), details.str.join("、").alias("detail"))
    )
    return joined.with_columns(pl.col("detail").replace("", None)).select(table.columns).drop("row", "number")


def outside(details: list[str | None], judged: Judged, found: Ints) -> list[str | None]:
    """The details, in which a field that was answered outside its scale says so, and what the scale is."""
    facts, asked = judged.facts, found[:, at.FINDING_KIND] == at.K_FIELD
    for name in {details[n] for n in np.flatnonzero(asked)}:
        if name not in facts.policy.facts or not (bad := facts.unfit(name)).any():
            continue
        mine = [n for n in np.flatnonzero(asked & bad[found[:, at.FINDING_ROW]]) if details[n] == name]
        fits = scale(facts.policy.facts[name])
        for n, said in zip(mine, facts.said(name, found[mine, at.FINDING_ROW]), strict=True):
            details[n] = f"{name} = {plain(said)} ∉ {fits}"
    return details


def what(lay: Layout, kind: int, step: int, detail: int) -> str | None:
    """What of a step was violated: the state it was in, the role, the event that is missing, the field."""
    if kind == at.K_STATE:
        return lay.states[detail]
    if detail < 0 or step < 0 or detail >= len(lay.step_items):
        return None
    item = lay.step_items[detail]
    return str(item) if isinstance(item, str) else " ".join(n for e in item.any for n in e.event)
