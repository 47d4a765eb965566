"""The events of a log regrouped by a subject: stations, workers, customers, or the company as a whole.

A subject's case begins with its entry into the register, so that one without any event is there too. Each event
brings its own facts and those its case had then; facts of one case never reach another (docs/semantics.md#subject-facts).
"""

from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.clock import NEVER
from bihuan.engine.facts import Facts
from bihuan.engine.limit import Limit, Name, Period
from bihuan.engine.listening import COMPANY, events_of, flat, subject_of
from bihuan.engine.policy import Policy
from bihuan.engine.prepared import Prepared
from bihuan.engine.rows import Rows
from bihuan.engine.rules import Count, Prohibition, Rule, Timed

Ints = NDArray[np.int64]
ENTERED = "entered the register"
#: Events of several cases at one instant come in the order of the log's lines, those of one case together.
TIES = ("line of the instant", "line of the case")


class Group(NamedTuple):
    rows: Rows
    bounds: tuple[Ints, Ints]  # whether the register says since when, and the last instant it has the subject


def each_alone(rows: Rows) -> Rows:
    """The same rows, each a case of its own: what one event of a subject brings is not known at the next."""
    case = np.repeat(np.arange(len(rows.cases)), np.diff(rows.offsets))
    return replace(
        rows,
        cases=rows.cases.gather(case),
        offsets=np.arange(len(case) + 1, dtype=np.int64),
        facts=rows.facts[case],
    )


def by_subject(prepared: Prepared, facts: Facts, subject: str) -> Group:
    """The rows of the log by subject, with an entry for every subject of the register."""
    return grouped(prepared, subject, subject_events(facts, subject), register_entries(prepared, subject))


def grouped(
    prepared: Prepared,
    subject: str,
    events: pl.DataFrame,
    register: tuple[pl.DataFrame, list[tuple[str, int]]],
) -> Group:
    """Events of a subject's cases (`subject_events`), with an entry for every subject of the register."""
    registered, until = register
    entries = pl.concat([registered, first_seen(events, registered["case"])])
    table = pl.concat([entries, events], how="diagonal_relaxed")
    table = table.sort("case", "at", *TIES, maintain_order=True).drop(TIES)
    names = [ENTERED, *table["event"].unique(maintain_order=True).drop_nulls()]
    place = {name: n for n, name in enumerate(names)}
    case = table["case"]
    starts = (
        np.flatnonzero((case != case.shift(1)).fill_null(True).to_numpy())
        if len(case)
        else np.zeros(0, np.int64)
    )
    cases = case.gather(starts)
    known = dict(until)
    rows = Rows(
        cases=cases,
        offsets=np.append(starts, len(case)).astype(np.int64),
        names=tuple(names),
        event=np.array([place[name] for name in table["event"]], np.int32),
        at=table["at"].to_numpy(),
        whole_day=table["whole_day"].to_numpy(),
        data=table.drop("case", "event", "at", "whole_day"),
        facts=pl.DataFrame({subject: cases})
        if subject in prepared.policy.facts
        else pl.DataFrame({"subject": cases}),
    )
    enters = np.array([int(name in known) for name in cases], np.int64)
    return Group(rows, (enters, np.array([known.get(name, NEVER) for name in cases], np.int64)))


def subject_events(facts: Facts, subject: str) -> pl.DataFrame:
    rows = facts.rows
    base: dict[str, Any] = {
        "event": pl.Series(rows.names, dtype=pl.String).gather(rows.event)
        if rows.names
        else pl.Series([], dtype=pl.String),
        "at": pl.Series(rows.at, dtype=pl.Int64),
        "whole_day": pl.Series(rows.whole_day, dtype=pl.Boolean),
        "part": pl.Series(facts.grid.case.astype(np.int64)),
    }
    table = pl.DataFrame(base).hstack([s for s in rows.data if s.name != "part"])
    table = with_case_facts(table, rows).with_columns(places(table))
    if subject == COMPANY:
        table = table.drop("part").with_columns(pl.lit(COMPANY).alias("case"))
        return of_company(company_asks(facts.policy), table)
    codes, labels = facts.key(subject)
    case = pl.Series("case", [*map(str, labels), None], dtype=pl.String).gather(
        np.where(codes < 0, len(labels), codes)
    )
    return (
        table.drop("part", *([subject] if subject in table.columns else []))
        .with_columns(case)
        .filter(pl.col("case").is_not_null())
    )


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
    if "unit" in table.columns and "unit" not in asked.facts:
        table = table.drop("unit")
    if asked.events is None:
        return table
    first = pl.int_range(pl.len()) == pl.col("at").arg_min()
    return table.filter(pl.col("event").is_in(asked.events) | first)


def places(table: pl.DataFrame) -> list[pl.Expr]:
    """Where in the log an event's instant of its case, and its case, were told first."""
    line = pl.col("line") if "line" in table.columns else pl.lit(None, pl.Int64)
    return [
        line.min().over(keys).alias(name)
        for name, keys in zip(TIES, (("part", "at"), ("part",)), strict=True)
    ]


def with_case_facts(table: pl.DataFrame, rows: Rows) -> pl.DataFrame:
    """Every event with the facts its case had then: what the event carries, what came before, what was given."""
    given = rows.facts.with_row_index("part").with_columns(pl.col("part").cast(pl.Int64))
    kept = ("part", "event", "at", "whole_day", "actor", "unit", "recorded_at", "line")
    carried = [name for name in table.columns if name not in kept]
    table = table.with_columns(pl.col(carried).forward_fill().over("part")) if carried else table
    both = [name for name in carried if name in given.columns]
    table = table.join(given, on="part", how="left", suffix=" given", maintain_order="left")
    filled = [
        pl.coalesce(pl.col(n).cast(pl.String), pl.col(f"{n} given").cast(pl.String)).alias(n) for n in both
    ]
    return table.with_columns(filled).drop([f"{n} given" for n in both])


def first_seen(events: pl.DataFrame, registered: pl.Series) -> pl.DataFrame:
    """Subjects that no register has enter with their first event: what recurs is open before it."""
    return (
        events.filter(~pl.col("case").is_in(registered.implode()))
        .group_by("case", maintain_order=True)
        .agg(pl.lit(ENTERED).alias("event"), pl.col("at").min(), pl.lit(False).alias("whole_day"))
    )


def register_entries(prepared: Prepared, subject: str) -> tuple[pl.DataFrame, list[tuple[str, int]]]:
    """One event for every subject at the beginning of its time in the register, and when that time ends."""
    empty = pl.DataFrame(
        schema={"case": pl.String, "event": pl.String, "at": pl.Int64, "whole_day": pl.Boolean}
    )
    register = prepared.site.registers.get(subject) if prepared.site else None
    if register is None or not register.height:
        return empty, []
    days = register.select("subject", "since", "until").with_columns(
        since=pl.col("since").cast(pl.Int32), until=pl.col("until").cast(pl.Int32)
    )
    spells = [
        (name, -25567 if since is None else since, until) for name, since, until in days.rows()
    ]  # open at the beginning: 1900
    local = prepared.local
    since = local.instant(np.array([s for _, s, _ in spells], np.int64), np.zeros(len(spells), np.int64))
    last = [
        NEVER if u is None else int(local.instant(np.array([u + 1]), np.zeros(1, np.int64))[0]) - 1
        for _, _, u in spells
    ]
    entries = pl.DataFrame(
        {"case": [name for name, _, _ in spells], "event": ENTERED, "at": since, "whole_day": False},
        schema_overrides={"at": pl.Int64},
    )
    return entries, [(name, end) for (name, _, _), end in zip(spells, last, strict=True)]
