"""The events of a log regrouped by a subject: stations, workers, customers, or the company as a whole.

A subject's case begins with its entry into the register, so that one without any event is there too. Each event
comes with what its own case knew then; facts of one case never reach another (docs/semantics.md#subject-facts).
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.checks.mentions import names_in
from bihuan.engine.clock import NEVER, NONE
from bihuan.engine.coded import BROUGHT_EARLIER, HAPPENED, HAPPENED_ON, texts
from bihuan.engine.draft import ENTERED
from bihuan.engine.facts import Facts
from bihuan.engine.limit import Limit, Name, Period
from bihuan.engine.listening import COMPANY, events_of, flat, subject_of
from bihuan.engine.policy import Policy
from bihuan.engine.prepared import Prepared
from bihuan.engine.rows import Rows
from bihuan.engine.rules import Count, Prohibition, Rule, Timed
from bihuan.engine.values import WHOLE

Ints = NDArray[np.int64]
#: Days that stand for an open beginning and end of a time in a register: in 1900 and in 2200.
OPEN_SINCE, OPEN_UNTIL = -25567, 84006
CHANGED, SEEN = "changed in the register", "seen first"
#: Events of several cases at one instant come in the order of the log's lines, those of one case together.
TIES = ("line of the instant", "line of the case")
OF_CASE, GIVEN = "of case", "{} given with the case"
#: Of an entry in a register.
ENTRY: dict[str, Any] = {
    "case": pl.String, "event": pl.String, "at": pl.Int64, "whole_day": pl.Boolean, "until": pl.Int64,
}  # fmt: skip
#: What is kept of an event besides facts.
KEPT = ("actor", "unit", "recorded_at", "line")


class Group(NamedTuple):
    rows: Rows
    #: By subject the place of its times in the register (0: it is in none), those times, and each row's own case.
    bounds: tuple[Ints, Ints, Ints]


def each_alone(rows: Rows) -> Rows:
    """The same rows, each a case of its own: what one event of a subject brings is not known at the next."""
    case, end = np.repeat(np.arange(len(rows.ids)), np.diff(rows.offsets)), GIVEN.format("")
    given = [column for column in rows.data if column.name.endswith(end)]
    return replace(
        rows,
        ids=rows.ids.gather(case),
        offsets=np.arange(len(case) + 1, dtype=np.int64),
        data=rows.data.drop(column.name for column in given),
        facts=rows.facts[case].hstack([column.alias(column.name.removesuffix(end)) for column in given]),
    )


def by_subject(prepared: Prepared, facts: Facts, subject: str) -> Group:
    """The rows of the log by subject, with an entry for every subject of the register."""
    return grouped(prepared, subject, subject_events(facts, subject), register_entries(prepared, subject))


def grouped(prepared: Prepared, subject: str, events: pl.DataFrame, register: pl.DataFrame) -> Group:
    """Events of a subject's cases (`subject_events`), with its entries in the register (`register_entries`)."""
    entries = pl.concat([entered(prepared, register, events), first_seen(events, register["case"])])
    table = pl.concat([entries, events], how="diagonal_relaxed")
    table = table.sort("case", "at", *TIES, maintain_order=True).drop(TIES)
    names = table["event"].unique(maintain_order=True).to_list()
    place = {name: n for n, name in enumerate(names)}
    case = table["case"]
    starts = (
        np.flatnonzero((case != case.shift(1)).fill_null(True).to_numpy())
        if len(case)
        else np.zeros(0, np.int64)
    )
    cases = case.gather(starts)
    of_case = table[OF_CASE].cast(pl.Categorical).to_physical().cast(pl.Int64).fill_null(-1)
    rows = Rows(
        ids=cases,
        offsets=np.append(starts, len(case)).astype(np.int64),
        names=tuple(names),
        event=np.array([place[name] for name in table["event"]], np.int32),
        at=table["at"].to_numpy(),
        whole_day=table["whole_day"].to_numpy(),
        data=table.drop("case", "event", "at", "whole_day", OF_CASE),
        facts=pl.DataFrame({subject: cases})
        if subject in prepared.policy.facts
        else pl.DataFrame({"every subject": cases}),
    )
    return Group(rows, (*times_of(register, cases), of_case.to_numpy()))


def entered(prepared: Prepared, register: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """The entries; of a subject that the register has since nobody says when, the first at its first event."""
    first = events.group_by("case").agg(pl.col("at").min().alias("first"))
    always = pl.col("at") == int(begin_of(prepared, pl.Series([OPEN_SINCE]))[0])
    known = register.join(first, on="case", how="left", maintain_order="left")
    at = pl.when(always).then(pl.coalesce("first", "at")).otherwise("at").alias("at")
    return known.select("case", "event", at, "whole_day")


def times_of(register: pl.DataFrame, cases: pl.Series) -> tuple[Ints, Ints]:
    """Where each subject's times in the register stand, from 1, and all of them: first and last instant, then NONE."""
    times = register.filter(event=ENTERED).group_by("case", maintain_order=True).agg("at", "until")
    spans = {name: [*chain(*zip(at, until, strict=True)), NONE] for name, at, until in times.rows()}
    first = dict(zip(spans, np.cumsum([1, *map(len, spans.values())]).tolist(), strict=False))
    flat = np.array([*chain(*spans.values())], np.int64)
    return np.array([first.get(name, 0) for name in cases], np.int64), flat


def subject_events(facts: Facts, subject: str) -> pl.DataFrame:
    """The events of all cases that are of a subject, which is their `case` here, with what their own case knew."""
    table = known_events(facts)
    if subject == COMPANY:
        table = table.with_columns(pl.lit(COMPANY).alias("case"))
        return of_company(company_asks(facts.policy), table)
    codes, labels = facts.key(subject)
    case = texts(labels, codes).alias("case")
    return without(table, subject).with_columns(case).filter(pl.col("case").is_not_null())


def without(table: pl.DataFrame, fact: str) -> pl.DataFrame:
    return table.drop([name.format(fact) for name in ("{}", BROUGHT_EARLIER, GIVEN)], strict=False)


class Asked(NamedTuple):
    """What the rules about the company as a whole ask of the log."""

    events: frozenset[str] | None  # those they hear; None: something is asked of all
    facts: frozenset[str]


def company_asks(policy: Policy) -> Asked:
    rules = [
        rule
        for _, _, rule in policy.rules()
        if isinstance(rule, Timed | Count | Prohibition) and subject_of(policy, rule) == COMPANY
    ]
    heard = [*flat(policy.header.void_by), *(event for rule in rules for event in events_of(rule))]
    conditions = [*(event.where for event in heard), *(getattr(rule, "when", None) for rule in rules)]
    plain = all(is_plain(policy, rule) for rule in rules) and not any(e.since or e.by for e in heard)
    return Asked(
        frozenset(name for event in heard for name in event.event) if plain else None,
        frozenset(test.fact for condition in conditions if condition for test in condition.tests),
    )


#: Keys that ask nothing of an event the rule does not hear, and those that do not if they name no fact.
SAYS = frozenset(("id", "says", "inventory", "contains", "to", "owes", "may", "by", "days", "strict"))
NUMBERS = frozenset(("every", "within", "target", "at_least"))


def is_plain(policy: Policy, rule: Rule) -> bool:
    """Whether the rule is the same whichever event came last before its period begins."""
    role = policy.roles.get(getattr(rule, "by", None) or "")
    numbers = [getattr(rule, name) for name in NUMBERS & rule.model_fields_set]
    return (
        rule.model_fields_set <= SAYS | NUMBERS
        and not (role and (role.fact or role.did))
        and all(
            isinstance(n, Limit | Period | int) or (isinstance(n, Name) and str(n) in policy.parameters)
            for n in numbers
        )
    )


def of_company(asked: Asked, table: pl.DataFrame) -> pl.DataFrame:
    """The first event, with which the company begins, and those that can make a difference to its rules.

    The unit of a case is not the company's.
    """
    if "unit" not in asked.facts:
        table = without(table, "unit")
    if asked.events is None:
        return table
    first = pl.int_range(pl.len()) == pl.col("at").arg_min()
    return table.filter(pl.col("event").is_in(asked.events) | first)


def known_events(facts: Facts) -> pl.DataFrame:
    """Every event of the log with what its case knew then: brought by it, brought earlier, given with the case."""
    rows = facts.rows
    part = pl.Series("part", facts.grid.case.astype(np.int64))
    names = pl.Series(rows.names or [""], dtype=pl.String)
    own = {"event": names.gather(rows.event), "at": rows.at, "whole_day": rows.whole_day}
    schema = {"event": pl.String, "at": pl.Int64, "whole_day": pl.Boolean}
    table = pl.DataFrame(own, schema).with_columns(part, *(one for one in rows.data if one.name in KEPT))
    table = table.with_columns(*places(table), rows.cases.gather(part).alias(OF_CASE)).drop("part")
    return table.with_columns(*brought(facts), *given(facts), *happened(facts))


def places(table: pl.DataFrame) -> list[pl.Expr]:
    """Where in the log an event's instant of its case, and its case, were told first."""
    line = pl.col("line") if "line" in table.columns else pl.lit(None, pl.Int64)
    return [
        line.min().over(keys).alias(name)
        for name, keys in zip(TIES, (("part", "at"), ("part",)), strict=True)
    ]


def brought(facts: Facts) -> Iterator[pl.Series]:
    """What events brought of each fact until then, and whether it was an earlier one."""
    for name, fact in facts.policy.facts.items():
        if name in facts.grid.carried and not (fact.rows or fact.of):
            source = facts.brought_last(name)
            yield taken(facts.rows.data[name], source)
            yield pl.Series(BROUGHT_EARLIER.format(name), (source >= 0) & (source != facts.grid.order))


def given(facts: Facts) -> Iterator[pl.Series]:
    for name in facts.policy.facts:
        if name in facts.grid.given:
            yield facts.rows.facts[name].gather(facts.grid.case).alias(GIVEN.format(name))


def happened(facts: Facts) -> Iterator[pl.Series]:
    """When the events whose `E_at` somebody asks for had happened last."""
    asked = names_in(facts.policy) - facts.policy.facts.keys()
    for event in facts.rows.names:
        if f"{event}_at" in asked:
            column = facts.column(f"{event}_at")
            known = pl.Series(column.state > 0)
            yield taken(
                pl.Series(HAPPENED.format(event), column.values), np.where(known, facts.grid.order, -1)
            )
            yield pl.Series(HAPPENED_ON.format(event), column.state == WHOLE)


def taken(column: pl.Series, source: Ints) -> pl.Series:
    """The values at some rows; none at -1."""
    return column.gather(pl.Series(source).set(pl.Series(source < 0), None))


def first_seen(events: pl.DataFrame, registered: pl.Series) -> pl.DataFrame:
    """Subjects that no register has enter with their first event: what recurs is open before it."""
    return (
        events.filter(~pl.col("case").is_in(registered.implode()))
        .group_by("case", maintain_order=True)
        .agg(pl.lit(SEEN).alias("event"), pl.col("at").min(), pl.lit(False).alias("whole_day"))
    )


def register_entries(prepared: Prepared, subject: str) -> pl.DataFrame:
    """An event where a subject's time in the register begins, or goes on with other facts, and when that time ends."""
    register = prepared.site.registers.get(subject) if prepared.site else None
    if register is None or not register.height:
        return pl.DataFrame(schema=ENTRY)
    since, until = pl.col("since").cast(pl.Int64), pl.col("until").cast(pl.Int64)
    days = register.select(
        pl.col("subject").alias("case"), since.fill_null(OPEN_SINCE), until.fill_null(OPEN_UNTIL)
    )
    days = days.sort("case", "since", maintain_order=True)
    before = pl.col("until").shift(1).over("case")
    days = days.with_columns((before.is_null() | (pl.col("since") > before + 1)).alias("begins"))
    days = days.with_columns(pl.col("until").last().over(pl.col("begins").cum_sum()))
    event = pl.when("begins").then(pl.lit(ENTERED)).otherwise(pl.lit(CHANGED)).alias("event")
    ends = begin_of(prepared, days["until"] + 1) - 1
    return days.select("case", event).with_columns(
        at=begin_of(prepared, days["since"]),
        whole_day=pl.lit(False),
        until=pl.Series(np.where(days["until"] == OPEN_UNTIL, NEVER, ends)),
    )


def begin_of(prepared: Prepared, days: pl.Series) -> Ints:
    return prepared.local.instant(days.to_numpy(), np.zeros(len(days), np.int64))
