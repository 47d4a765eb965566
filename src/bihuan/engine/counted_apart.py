"""Indicators of a log that comes in portions of whole cases: each is judged and counted by itself, and the sums are added.

What comes out is what `indicators` says of the log in one piece. Only figures can be had so that are counted case by
case (`is_apart`): not of charges, which may be capped over all cases, nor of what rules across cases or a call for several
cases find. Holds one portion at a time, the sums and the rows behind.
"""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial

import polars as pl

from bihuan.engine import behind, rollup
from bihuan.engine.assess import now, undecided
from bihuan.engine.charges import proposals
from bihuan.engine.claims import claims
from bihuan.engine.exempted import exempted
from bihuan.engine.formula import LOWER, UPPER, Run, own_cells
from bihuan.engine.indicators import begun, chosen, of_run, table
from bihuan.engine.listening import names_of, subject_of
from bihuan.engine.listening import source_of as source_of_name
from bihuan.engine.log import COLUMNS, Log
from bihuan.engine.measure import Source, sides
from bihuan.engine.merging import merges
from bihuan.engine.period import Span
from bihuan.engine.policy import Policy
from bihuan.engine.portions import Judge, judged_portion, with_draw
from bihuan.engine.replay import irregularities
from bihuan.engine.rules import Callback, Charge, Indicator, Rule, Timed
from bihuan.engine.site import Site


@dataclass
class Sums:
    """What the portions so far add up to, for one period."""

    span: Span
    cells: dict[tuple[str, str | None, str], pl.DataFrame] = field(default_factory=dict)
    lacking: dict[str, tuple[str, ...]] = field(default_factory=dict)
    behind: list[pl.DataFrame] = field(default_factory=list)


@dataclass(frozen=True)
class Apart:
    """By period the figures and the rows behind them; and the charges that single cases set off."""

    figures: list[tuple[pl.DataFrame, pl.DataFrame]]
    charges: pl.DataFrame


def counted_apart(
    judging: Judge,
    logs: Iterable[Log],
    spans: Sequence[Span],
    drawn: pl.DataFrame | None = None,
    *,
    since: dt.date | None = None,
) -> Apart:
    """The figures of some periods, and the charges from a day on. `drawn`: as `portions.draws` has it of all portions."""
    nothing = source_of(judging, Log(pl.DataFrame(schema=COLUMNS), NO_FACTS), None)
    for span in spans:
        begun(span, now(nothing.judgement).date())
    found = [Sums(span) for span in spans]
    add(found, nothing)
    charges = [proposals(nothing.judgement)]
    for log in logs:
        source = source_of(judging, log, drawn)
        add(found, source)
        charges += [proposals(source.judgement).filter(pl.col("at").dt.date() >= since)] if since else []
    return Apart(
        [(figures(nothing, judging.site, sums), pl.concat(sums.behind)) for sums in found],
        charged(judging.policy, charges),
    )


NO_FACTS = pl.DataFrame(schema={"case": pl.String})


def source_of(judging: Judge, log: Log, drawn: pl.DataFrame | None) -> Source:
    found = judged_portion(judging, log, drawn)
    left = with_draw(found, exempted(found.judged))
    return Source(found, pl.DataFrame(), irregularities(judging.plan.prepared.parameters, found.judged), left)


def add(found: Sequence[Sums], source: Source) -> None:
    """One portion more. Rows are taken from it once for all periods."""
    for sums in found:
        run = run_of(source, None, sums.span)
        names = behind.counted(run, chosen([run], sums.span, ()))
        for name in names:
            count(run, run.rule(name))
        for key, cells in run.cells.items():
            sums.cells[key] = (
                rollup.summed(pl.concat([sums.cells[key], cells])) if key in sums.cells else cells
            )
        for name, notes in run.lacking.items():
            sums.lacking[name] = tuple(dict.fromkeys((*sums.lacking.get(name, ()), *notes)))
        sums.behind.append(behind.rows([run], names, None))


def count(run: Run, rule: Indicator) -> None:
    assert run.span is not None
    upper, lower = sides(rule)
    own_cells(run, rule, run.span.kind, upper, UPPER)
    if lower is not None:
        own_cells(run, rule, run.span.kind, lower, LOWER)


def charged(policy: Policy, tables: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """The proposals of all portions, after what they do to one another."""
    return undecided([claims(policy, pl.concat(tables).sort("case", "at", maintain_order=True))])


def run_of(source: Source, site: Site | None, span: Span) -> Run:
    return Run(source, rollup.above((site or Site()).units), span, {span.name: span})


def figures(nothing: Source, site: Site | None, sums: Sums) -> pl.DataFrame:
    """The figures that the sums come to."""
    run = run_of(nothing, site, sums.span)
    run.cells, run.lacking = sums.cells, sums.lacking
    units = [None, *(site.units["unit"].to_list() if site else [])]
    return table(list(of_run(run, chosen([run], sums.span, ()), units, None)), nothing.judgement)


# --- what can be had so ---


def is_apart(policy: Policy) -> bool:
    """Whether no figure of a policy needs all cases at once."""
    counted = {name for _, _, rule in policy.rules() if isinstance(rule, Indicator) for name in rows_of(rule)}
    return not merges(policy) and all(is_of_cases(policy, name) for name in counted)


def across(policy: Policy) -> list[str]:
    """The charges that rules across cases set off too, of which no portion knows."""
    charges = [rule for _, _, rule in policy.rules() if isinstance(rule, Charge)]
    return [rule.id for rule in charges if any(map(partial(is_across, policy), names_of(rule.on)))]


def is_across(policy: Policy, name: str) -> bool:
    rule = policy.named.get(source_of_name(name))
    return rule is not None and bool(subject_of(policy, rule))


def rows_of(rule: Indicator) -> Iterator[str]:
    """The rows that an indicator counts itself."""
    if rule.count or rule.sum or rule.mean:
        yield from (ask.measure.rows for ask in sides(rule) if ask is not None)


def is_of_cases(policy: Policy, rows: str) -> bool:
    """Whether rows of this name are found in one case alone."""
    if rows == "charges" or isinstance(policy.named.get(rows), Charge):
        return False
    return rows == "cases" or not any(subject_of(policy, rule) for rule in behind_rows(policy, rows))


def behind_rows(policy: Policy, rows: str) -> Iterator[Rule]:
    """The rules whose rows go by this name."""
    for _, _, rule in policy.rules():
        of_kind = isinstance(rule, Timed) and isinstance(rule, Callback) == (rows == "callbacks")
        if rule.name == rows or rows == "irregularities" or (rows in KINDS and of_kind):
            yield rule


KINDS = ("obligations", "callbacks")
