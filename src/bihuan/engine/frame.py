"""Who could be drawn: every trigger of a sampled callback in a log, or every subject of a register, with its stratum.

Triggers are found by the fold; strata, rates, priorities and exemptions are asked of the same facts that rules are
judged by. A candidate is described once, when the first cut after its trigger sees it. Nobody is drawn here.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.clock import NEVER, NONE
from bihuan.engine.coded import texts
from bihuan.engine.columns import Find, answers
from bihuan.engine.draft import Layout
from bihuan.engine.errors import PolicyError
from bihuan.engine.execute import execute
from bihuan.engine.facts import Facts
from bihuan.engine.limit import Name, Reference
from bihuan.engine.localtime import LocalTime
from bihuan.engine.log import Log, as_log
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import Condition
from bihuan.engine.period import Span, dated, span_of
from bihuan.engine.policy import Policy
from bihuan.engine.prepared import Prepared
from bihuan.engine.program import program_of
from bihuan.engine.rows import Rows, rows
from bihuan.engine.rules import Callback, Window
from bihuan.engine.sampled import DRAWN, frame_name, framing_policy, sampled, starts_from_draw
from bihuan.engine.site import Site

Ints = NDArray[np.int64]
Cuts = Callable[[Callback, Span], Ints]  # the instants at which a rule's draw for a period is made, in order
IN, EXEMPT, VOID, UNKNOWN, OUTSIDE = "in", "exempt", "void", "unknown", "outside"
POPULATION = ("rule", "period", "population")
BEST = {IN: 0, EXEMPT: 1, UNKNOWN: 2, VOID: 3}
COLUMNS: dict[str, Any] = {
    "rule": pl.String,
    "period": pl.String,
    "population": pl.String,  # the campaign, where a register is drawn from
    "case": pl.String,
    "member": pl.String,  # who is drawn: the case, or the subject of a register
    "trigger": pl.Int64,
    "enters": pl.Int64,  # the first cut at or after the trigger
    "unit": pl.String,
    "stratum": pl.List(pl.String),
    "rate": pl.Float64,
    "minimum": pl.Int64,
    "priority": pl.Float64,
    "status": pl.String,
    "reason": pl.String,
}


@dataclass(frozen=True)
class Framing:
    """What finding the candidates needs of a policy and not of a log."""

    rules: tuple[Callback, ...]
    prepared: Prepared
    layout: Layout

    @property
    def local(self) -> LocalTime:
        return self.prepared.local

    @property
    def parameters(self) -> Parameters:
        return self.prepared.parameters


def framing_of(policy: Policy, parameters: Parameters, local: LocalTime, site: Site | None) -> Framing | None:
    """The framing of a policy that draws samples, or nothing."""
    rules = sampled(policy, parameters)
    return framing_for(policy, parameters, local, site, rules) if rules else None


def framing_for(
    policy: Policy, parameters: Parameters, local: LocalTime, site: Site | None, rules: Sequence[Callback]
) -> Framing:
    """The framing of these callbacks, whether by sample or not."""
    made = Prepared(framing_policy(policy, rules), parameters, local, site)
    return Framing(tuple(rules), made, program_of(made))


def candidates(framing: Framing, cases: Rows, find: Find, as_of: int, cuts: Cuts) -> pl.DataFrame:
    """Everybody who could be drawn at the cuts made by then, once for each rule and population, as the log goes."""
    facts = Facts(framing.prepared, cases)
    found = triggers(framing, facts, cases, find, as_of)
    tables = [pl.DataFrame(schema=COLUMNS)]
    for rule in framing.rules:
        tables += of_rule(framing, rule, facts, found[rule.name], cuts)
    return once(pl.concat(tables))


def once(table: pl.DataFrame) -> pl.DataFrame:
    """A member triggered several times in a period is one member, by the trigger that tells most for it."""
    if table["member"].n_unique() == table.height:
        return table
    rank = pl.col("status").replace_strict(BEST, return_dtype=pl.Int8)
    return (
        table.with_row_index("order")
        .sort(rank, "order")
        .unique((*POPULATION, "member"), keep="first", maintain_order=True)
        .sort("order")
        .drop("order")
    )


@dataclass(frozen=True)
class Triggers:
    """The triggers of one rule: the row of each, its instant, and when what it began was no longer owed."""

    row: Ints
    at: Ints
    ended: Ints

    def where(self, chosen: NDArray[np.bool_]) -> "Triggers":
        return Triggers(self.row[chosen], self.at[chosen], self.ended[chosen])


def triggers(framing: Framing, facts: Facts, cases: Rows, find: Find, as_of: int) -> dict[str, Triggers]:
    """By rule, what the fold took for a trigger of it."""
    asked = answers(framing.layout, facts, find, cases)
    folded = execute(asked.program, asked.clock, asked.events, as_of)
    folded = folded if asked.origin is None else folded.of_rows(asked.origin)
    column = {
        name: np.asarray(folded.columns[name], np.int64) for name in ("rule", "row", "started", "ended")
    }
    number = {node.name: n for n, node in enumerate(framing.layout.rules) if isinstance(node, Window)}
    every = Triggers(column["row"], column["started"], column["ended"])
    return {rule.name: every.where(column["rule"] == number[frame_name(rule)]) for rule in framing.rules}


def of_rule(
    framing: Framing, rule: Callback, facts: Facts, found: Triggers, cuts: Cuts
) -> Iterator[pl.DataFrame]:
    """The candidates of one rule: the cases of its triggers, or for each trigger the subjects of the register."""
    if rule.draw_from is None:
        yield from of_cases(framing, rule, facts, found, cuts)
    elif not starts_from_draw(rule):
        held = facts.test(rule.when)[found.row] == 1
        for row, at in zip(found.row[held].tolist(), found.at[held].tolist(), strict=True):
            yield from of_register(framing, rule, at, facts.rows, row)


def of_cases(
    framing: Framing, rule: Callback, facts: Facts, found: Triggers, cuts: Cuts
) -> Iterator[pl.DataFrame]:
    names, enters = entered(framing.local, rule, found.at, cuts)
    there = (enters != NEVER) & (facts.test(rule.when)[found.row] != 0)
    found, names, enters = found.where(there), names.filter(pl.Series(there)), enters[there]
    if not len(found.row):
        return
    known = last_rows(facts, found.row, enters)
    case = pl.Series(facts.grid.case[found.row])
    yield (
        described(framing, rule, facts, found.row, known)
        .with_columns(
            status=statuses(rule, facts, found, known, enters),
            period=names,
            population=pl.lit(""),
            case=facts.rows.cases.gather(case),
            member=facts.rows.cases.gather(case),
            trigger=pl.Series(found.at),
            enters=pl.Series(enters),
        )
        .pipe(in_columns)
    )


def of_register(
    framing: Framing, rule: Callback, at: int, of: Rows | None = None, row: int = 0
) -> Iterator[pl.DataFrame]:
    """The subjects that the register has on the local day of an instant, for the case of a campaign if there is one."""
    day = framing.local.day_at(at)
    members = registered(framing.prepared.site, rule.draw_from or "", dated(day))
    if not members:
        return
    case = case_of(of, row) if of is not None else {}
    facts = Facts(framing.prepared, rows(pseudo_log(rule.draw_from or "", members, at, case)))
    each = np.arange(len(members), dtype=np.int64)
    found = Triggers(each, np.full(len(members), at), np.full(len(members), NONE))
    name = case.get("case")
    yield (
        described(framing, rule, facts, each, each)
        .with_columns(
            status=statuses(replace_when(rule), facts, found, each, found.at),
            period=pl.lit(span_of(rule.span, dated(day)).name),
            population=pl.lit(name or ""),
            case=pl.lit(name, pl.String),
            member=pl.Series(members, dtype=pl.String),
            trigger=pl.lit(at, pl.Int64),
            enters=pl.lit(at, pl.Int64),
        )
        .pipe(in_columns)
    )


def replace_when(rule: Callback) -> Callback:
    """Whether a campaign is one was asked of its case, not of each subject."""
    return rule.model_copy(update={"when": None})


def registered(site: Site | None, subject: str, day: dt.date) -> list[str]:
    """The subjects of a register on a day, in its order."""
    table = site.registers.get(subject) if site else None
    if table is None:
        return []
    since, until = pl.col("since"), pl.col("until")
    there = (since.is_null() | (since <= day)) & (until.is_null() | (until >= day))
    return table.filter(there)["subject"].cast(pl.String).unique(maintain_order=True).to_list()


def case_of(of: Rows, row: int) -> dict[str, Any]:
    """The case of a row, with what was given with it."""
    number = int(np.searchsorted(of.offsets, row, side="right")) - 1
    return {**of.facts.row(number, named=True), "case": of.cases[number]}


def pseudo_log(subject: str, members: list[str], at: int, case: Mapping[str, Any]) -> Log:
    """One event of each subject at that instant, so that its facts can be asked like any others."""
    events = pl.DataFrame({"case": members, "event": DRAWN, "at": at, subject: members})
    given = {
        name: value for name, value in case.items() if name not in ("case", subject) and value is not None
    }
    facts = pl.DataFrame({"case": members}).with_columns(
        **{name: pl.lit(value) for name, value in given.items()}
    )
    return as_log(events, facts)


def entered(local: LocalTime, rule: Callback, at: Ints, cuts: Cuts) -> tuple[pl.Series, Ints]:
    """Of each trigger the period, and the first cut at or after it; NEVER where none was made."""
    days, back = np.unique(local.day(at), return_inverse=True)
    spans = [span_of(rule.span, dated(int(day))) for day in days]
    names = pl.Series([span.name for span in spans], dtype=pl.String)
    made = {span: np.append(cuts(rule, span), NEVER) for span in dict.fromkeys(spans)}
    enters = np.full(len(at), NEVER)
    of_day = np.array([list(made).index(span) for span in spans], np.int64)
    for number, instants in enumerate(made.values()):
        mine = of_day[back] == number if len(of_day) else np.zeros(0, np.bool_)
        enters[mine] = instants[np.searchsorted(instants, at[mine])]
    return names.gather(back), enters


def last_rows(facts: Facts, row: Ints, at: Ints) -> Ints:
    """The last row of each row's case that an instant has seen."""
    case, instants = facts.grid.case.astype(np.int64), facts.rows.at
    low = int(instants.min())
    width = int(instants.max()) - low + 2
    known = case * width + (instants - low)
    asked = case[row] * width + np.minimum(at - low, width - 1)
    return np.maximum(np.searchsorted(known, asked, side="right") - 1, row)


# --- what is known of a candidate ---


def described(framing: Framing, rule: Callback, facts: Facts, row: Ints, known: Ints) -> pl.DataFrame:
    """Stratum, rate, minimum and priority as of the trigger, the reason of an exemption as of the cut."""
    return pl.DataFrame(
        {
            "rule": pl.Series([rule.name] * len(row), dtype=pl.String),
            "unit": told(facts.units(), row),
            "stratum": strata(rule, facts, row),
            "rate": share(rule, number_of(framing, rule, "rate", facts, row)),
            "minimum": number_of(framing, rule, "minimum", facts, row).fill_null(0).ceil().cast(pl.Int64),
            "priority": priorities(rule, facts, row),
            "reason": reasons(rule, facts, row, known),
        }
    )


def strata(rule: Callback, facts: Facts, row: Ints) -> pl.Series:
    """The values of the facts that stratify, in their order; what is not known is a stratum of its own."""
    if not rule.strata:
        return pl.Series([[]] * len(row), dtype=pl.List(pl.String))
    table = pl.DataFrame([told(facts.key(name), row).alias(name) for name in rule.strata])
    return table.select(pl.concat_list(pl.all())).to_series()


def told(coded: tuple[Ints, list[Any]], row: Ints) -> pl.Series:
    """What codes by row stand for, as text, of each candidate."""
    codes, labels = coded
    return texts(labels, codes[row])


def number_of(framing: Framing, rule: Callback, name: str, facts: Facts, row: Ints) -> pl.Series:
    """The value at a key of the rule for each candidate; null where it is not known or stands in a document."""
    value = framing.parameters.of(rule, name)
    if isinstance(value, Name):
        found = facts.number(value.name)[row]
    else:
        found = np.full(len(row), np.nan if isinstance(value, Reference) else float(value))
    return pl.Series(found, dtype=pl.Float64).fill_nan(None)


def share(rule: Callback, rates: pl.Series) -> pl.Series:
    wrong = rates.filter((rates < 0) | (rates > 1))
    if len(wrong):
        raise PolicyError(f"callback {rule.name} has a rate of {wrong[0]:g}: expected a share from 0 to 1")
    return rates


def priorities(rule: Callback, facts: Facts, row: Ints) -> pl.Series:
    """A choice by its place among the choices, a flag as 0 or 1, anything else as it is."""
    if rule.priority is None:
        return pl.Series([None] * len(row), dtype=pl.Float64)
    fact = facts.policy.facts[rule.priority]
    if fact.type in ("number", "money"):
        return pl.Series(facts.number(rule.priority)[row]).fill_nan(None)
    codes, labels = facts.key(rule.priority)
    ranks = list(fact.leaves) if fact.leaves else sorted(labels, key=str)
    place = {label: float(n) for n, label in enumerate(ranks)}
    found = np.array([*(place.get(label, np.nan) for label in labels), np.nan])[codes[row]]
    return pl.Series(found, dtype=pl.Float64).fill_nan(None)


def reasons(rule: Callback, facts: Facts, row: Ints, known: Ints) -> pl.Series:
    """Why a candidate is exempt, or what is not known of it."""
    found = pl.Series([None] * len(row), dtype=pl.String)
    for each in reversed(rule.exempt):
        held = pl.Series(facts.test(each.when)[known] == 1)
        found = found.zip_with(~held, pl.Series([each.says]).new_from_index(0, len(row)))
    for test in reversed(rule.when.tests if rule.when else ()):
        open_ = pl.Series(facts.test(Condition((test,)))[known] < 0)
        found = found.zip_with(~open_, pl.Series([test.fact]).new_from_index(0, len(row)))
    return found


def statuses(rule: Callback, facts: Facts, found: Triggers, known: Ints, enters: Ints) -> pl.Series:
    """Whether a candidate is in the population. A condition is decided at the trigger, or as soon as it is known."""
    first, now = facts.test(rule.when)[found.row], facts.test(rule.when)[known]
    decided = np.where(first >= 0, first, now)
    exempt = np.zeros(len(known), np.bool_)
    for each in rule.exempt:
        exempt |= facts.test(each.when)[known] == 1
    void = (found.ended != NONE) & (found.ended <= enters)
    chosen = np.select([decided < 0, decided == 0, void, exempt], [UNKNOWN, OUTSIDE, VOID, EXEMPT], IN)
    return pl.Series(chosen.tolist(), dtype=pl.String)


def in_columns(table: pl.DataFrame) -> pl.DataFrame:
    """The columns of candidates; without a rate nobody can be drawn, and who is outside the rule is left out."""
    lacking = (pl.col("status") == IN) & pl.col("rate").is_null()
    return (
        table.with_columns(
            status=pl.when(lacking).then(pl.lit(UNKNOWN)).otherwise("status"),
            reason=pl.when(lacking).then(pl.lit("rate")).otherwise("reason"),
        )
        .filter(pl.col("status") != OUTSIDE)
        .select(*COLUMNS)
    )
