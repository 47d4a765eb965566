"""Rows that an indicator can count: of rules, of findings, of charges, or cases; each with its columns and its facts.

A column is the row's own. A fact is what the event that ended the row brought itself, else what its case knew last
(docs/semantics.md#figures-facts). Rows that nobody owes are marked here and counted nowhere. No formula and no period.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine import called, outcome
from bihuan.engine import layout as at
from bihuan.engine.clock import NONE
from bihuan.engine.errors import PolicyError
from bihuan.engine.facts import Facts
from bihuan.engine.irregular import count_rows
from bihuan.engine.life import GONE
from bihuan.engine.listening import Mark
from bihuan.engine.outcome import Judged
from bihuan.engine.replay import Judgement
from bihuan.engine.rows import among
from bihuan.engine.rules import Callback, Charge, Count, Prohibition, Timed
from bihuan.engine.values import plain

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
INSTANTS = {"started_at": "started", "due_at": "due", "warn_at": "warn", "done_at": "done"}
FOLDED = {
    "state": lambda judged: outcome.named(judged.folded.columns["state"], outcome.STATES),
    "round": lambda judged: pl.Series(judged.folded.columns["round"]).cast(pl.Int64),
    "key": outcome.keys,
    "unit": outcome.unit,
    "owner": outcome.owner,
    "closed_by": outcome.closed_by,
    "allowed": outcome.allowed,
    "used": outcome.used,
    "late_by": outcome.late_by,
    "provisional": outcome.provisional,
    "note": outcome.notes,
}
OF_THE_END = ("verdict", "method")  # what the event that ended a row says of it, and no other
NOT_OWED = {
    at.S_VOID: "void",
    at.S_WAITING: "waiting",
    at.S_UNSET: "unset",
}  # `unset`: only where it is asked how it was judged
CALLS = ("attempts", "last_method", "points")  # of callbacks: what became of the calls
Column = Callable[[], pl.Series]
Units = tuple[Ints, list[str]]  # codes, of which -1 is none, and what they stand for
T = TypeVar("T")


@dataclass
class Countable:
    """Rows of one kind from one run of the fold, one element each."""

    facts: Facts
    cases: Column  # the case of each
    own: Ints  # the event whose data are the row's own; -1: none
    known_last: Callable[[], Ints]  # what its case knew last; -1: it has none
    instants: Mapping[str, Ints]
    columns: Mapping[str, Column]
    why: pl.Series  # why nobody owes it or it does not stand; null: it counts
    about: Mapping[str, Ints] = field(default_factory=dict)  # for cases: instants of events
    own_units: Callable[[], Units] | None = None
    _made: dict[str, Any] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.own)

    @property
    def case(self) -> pl.Series:
        return self.kept("case", self.cases)

    @property
    def last(self) -> Ints:
        return self.kept("known last", self.known_last)

    def column(self, name: str) -> pl.Series | None:
        """A column of the table, made once; None where it has none of that name."""
        if name == "case":
            return self.case
        if name not in self.columns:
            return None
        return self.kept(name, self.columns[name])

    def kept(self, name: str, make: Callable[[], T]) -> T:
        if name not in self._made:
            self._made[name] = make()
        found: T = self._made[name]
        return found

    def told_by(self, fact: str) -> Ints:
        """The event row that tells a fact of each row; -1: none does."""
        if fact in OF_THE_END and "closed_by" in self.columns:
            return self.own
        declared = self.facts.policy.facts.get(fact)
        if declared is None or declared.rows or declared.of or fact not in self.facts.grid.carried:
            return self.last
        if not (self.own >= 0).any():
            return self.last
        return self.kept(f"told_by {fact}", lambda: self._own_where_brought(fact))

    def _own_where_brought(self, fact: str) -> Ints:
        brought = np.append(self.facts.brought_last(fact), -1)[self.own]
        found: Ints = np.where((self.own >= 0) & (brought == self.own), self.own, self.last)
        return found

    def text(self, name: str) -> pl.Series:
        """A column or fact as text."""
        own = self.column(name)
        if own is not None:
            return own.cast(pl.String)
        if name not in self.facts.policy.facts:  # a column of other tables than this
            return pl.Series([None], dtype=pl.String).new_from_index(0, len(self))
        codes, labels = self.facts.key(name)
        found = np.append(codes, -1)[self.told_by(name)]
        return pl.Series([*map(plain, labels), None], dtype=pl.String).gather(
            np.where(found < 0, len(labels), found)
        )

    def unit(self) -> pl.Series:
        """The unit of each row."""
        codes, labels = self.units()
        return pl.Series([*labels, None], dtype=pl.String).gather(np.where(codes < 0, len(labels), codes))

    def units(self) -> Units:
        """The unit of each row as a code: its own column, else the fact, else what the events recorded last."""
        return self.kept("unit of the row", self.own_units or self._units)

    def _units(self) -> Units:
        own = self.column("unit")
        if own is not None:
            return coded(own.cast(pl.String))
        if "unit" in self.facts.policy.facts:
            codes, labels = self.facts.key("unit")
            return np.append(codes, -1)[self.told_by("unit")], [*map(plain, labels)]
        codes = np.append(unit_recorded_last(self.facts), -1)[self.last]
        return codes, [str(label) for label in self.facts.parties.labels]


def coded(texts: pl.Series) -> Units:
    """Texts as codes and what these stand for; -1: none."""
    labels = texts.drop_nulls().unique()
    codes = texts.cast(pl.Enum(labels)).to_physical().cast(pl.Int64).fill_null(-1)
    return codes.to_numpy(), labels.to_list()


def unit_recorded_last(facts: Facts) -> Ints:
    """By row, the unit that the latest event with one recorded."""
    unit = facts.unit
    source = facts.grid.sources(unit >= 0)
    found: Ints = unit[source].astype(np.int64)
    return found


# --- where they come from ---


def countables(
    judgement: Judgement, rows: str, charges: pl.DataFrame, found: pl.DataFrame
) -> list[Countable]:
    """The rows of this name. `charges` and `found` are the tables of charges and of irregularities."""
    policy = judgement.plan.prepared.policy
    if rows == "cases":
        return [cases(judgement, None)]
    if rows == "charges":
        return [charged(judgement, charges)]
    if rows == "irregularities":
        return [of_table(judgement, found)]
    rule = policy.named.get(rows)
    if isinstance(rule, Charge):
        return [charged(judgement, charges.filter(pl.col("id") == rows))]
    if isinstance(rule, Prohibition):
        return [of_table(judgement, found.filter(pl.col("rule").cast(pl.String) == rows))]
    if isinstance(rule, Count):
        tables = [count_rows(each) for each in judgement.judged]
        return [of_table(judgement, one.filter(pl.col("rule").cast(pl.String) == rows)) for one in tables]
    if rows not in ("obligations", "callbacks") and not isinstance(rule, Timed):
        raise PolicyError(f"rows = {rows!r} names nothing that has rows", file=policy.path or None)
    return [of_rules(judged, rows, judgement.as_of) for judged in judgement.judged]


def of_rules(judged: Judged, rows: str, as_of: int) -> Countable:
    """The rows of one rule, or of all obligations or callbacks, of one run."""
    numbers = [n for n, node in enumerate(judged.layout.rules) if is_of(node, rows)]
    wanted = among(judged.folded.columns["rule"], numbers, len(judged.layout.rules))
    mine = outcome.of_rows(judged, np.flatnonzero(wanted))
    columns = mine.folded.columns
    own = columns["end_row"].astype(np.int64)
    return Countable(
        facts=judged.facts,
        cases=lambda: judged.rows.cases.gather(columns["case"]),
        own=own,
        known_last=lambda: last_of(judged, columns, own, as_of),
        instants={name: columns[code] for name, code in INSTANTS.items()},
        columns={**lazily(mine), **named_rules(mine)},
        why=not_owed(columns["state"]),
        own_units=lambda: units_of(mine),
    )


def not_owed(state: Ints) -> pl.Series:
    """By state, why nobody owes a row."""
    texts = [NOT_OWED.get(code) for code in range(len(outcome.STATES))]
    return pl.Series(texts, dtype=pl.String).gather(state)


def units_of(judged: Judged) -> Units:
    codes, labels = judged.facts.units()
    return codes[judged.folded.columns["row"]], [str(label) for label in labels]


def is_of(node: Any, rows: str) -> bool:
    if isinstance(node, Mark) or not isinstance(node, Timed):
        return False
    called = isinstance(node, Callback)
    return node.name == rows or (rows == "callbacks" and called) or (rows == "obligations" and not called)


def lazily(judged: Judged) -> dict[str, Column]:
    def column(make: Callable[[Judged], pl.Series]) -> Column:
        return lambda: make(judged)

    def of_calls(name: str) -> Column:
        return lambda: called.calls_made(judged)[name]

    return {name: column(make) for name, make in FOLDED.items()} | {name: of_calls(name) for name in CALLS}


def named_rules(judged: Judged) -> dict[str, Column]:
    rules = outcome.rule_names(judged)
    code = judged.folded.columns["rule"].astype(np.int64)
    return {
        "rule": lambda: outcome.named(code, rules),
        "article": lambda: outcome.named(code, judged.layout.articles),
    }


def last_of(judged: Judged, columns: Mapping[str, Any], own: Ints, as_of: int) -> Ints:
    """What the case of each row knew last; rows of a subject know their own event alone."""
    if judged.layout.subject:
        return np.where(own >= 0, own, columns["row"].astype(np.int64))
    found: Ints = last_rows(judged.facts, as_of)[columns["case"]]
    return found


def last_rows(facts: Facts, as_of: int) -> Ints:
    """By case, its last row up to `as_of`; -1 where nothing has happened yet."""
    offsets = facts.rows.offsets
    past = np.append(0, np.cumsum(facts.rows.at <= as_of))
    count = past[offsets[1:]] - past[offsets[:-1]]
    found: Ints = np.where(count > 0, offsets[:-1] + count - 1, -1)
    return found


def cases(judgement: Judgement, event: str | None) -> Countable:
    """All cases that have begun; or every occurrence of an event, with what it brought."""
    facts = judgement.facts
    last = last_rows(facts, judgement.as_of)
    begun = np.flatnonzero(last >= 0)
    own = occurrences(facts, event, judgement.as_of) if event else np.full(len(begun), -1, np.int64)
    case = facts.grid.case[own].astype(np.int64) if event else begun
    first = facts.rows.at[facts.rows.offsets[:-1][case]]
    return Countable(
        facts=facts,
        cases=lambda: facts.rows.cases.gather(case),
        own=own,
        known_last=lambda: last[case],
        instants={
            "started_at": first,
            "done_at": ended(facts, judgement, case),
            "at": facts.rows.at[own] if event else first,
        },
        columns={},
        why=pl.Series([None], dtype=pl.String).new_from_index(0, len(case)),
        about={"case": case},
    )


def occurrences(facts: Facts, event: str, as_of: int) -> Ints:
    rows = facts.rows
    code = rows.names.index(event) if event in rows.names else -1
    return np.flatnonzero((rows.event == code) & (rows.at <= as_of))


def ended(facts: Facts, judgement: Judgement, case: Ints) -> Ints:
    """When each case ended: its last event of those the policy names as endings."""
    found = np.full(len(facts.rows.ids), NONE, np.int64)
    for event in judgement.plan.prepared.policy.header.ends:
        rows = occurrences(facts, event, judgement.as_of)
        np.maximum.at(found, facts.grid.case[rows], facts.rows.at[rows])
    return found[case]


def last_event(facts: Facts, event: str, case: Ints, as_of: int) -> Ints:
    """By case, when an event happened last; NONE where it did not."""
    found = np.full(len(facts.rows.ids), NONE, np.int64)
    rows = occurrences(facts, event, as_of)
    np.maximum.at(found, facts.grid.case[rows], facts.rows.at[rows])
    return found[case]


def charged(judgement: Judgement, charges: pl.DataFrame) -> Countable:
    """Charges; what was absorbed or taken back stands for nothing."""
    gone = pl.col("stage").is_in(GONE) if "stage" in charges.columns else pl.lit(False)
    why = (
        pl.when(gone)
        .then("stage" if "stage" in charges.columns else "state")
        .when(pl.col("state") == "absorbed")
        .then("state")
    )
    return of_table(judgement, charges, charges.select(why.alias("why"))["why"])


def exempted(judgement: Judgement, table: pl.DataFrame, rows: str) -> Countable:
    """Who was exempt from the callbacks of this name: they count nowhere, and say why."""
    mine = table if rows == "callbacks" else table.filter(pl.col("rule") == rows)
    why = mine.select(pl.concat_str([pl.lit("exempt:"), pl.col("reason").fill_null("")]).alias("why"))["why"]
    return of_table(judgement, mine, why)


def of_table(judgement: Judgement, table: pl.DataFrame, why: pl.Series | None = None) -> Countable:
    """Rows of a table that knows case, instant and perhaps event."""
    facts = judgement.facts
    seconds = table["at"].dt.epoch("s").to_numpy()
    names = table["case"].cast(pl.String)
    return Countable(
        facts=facts,
        cases=lambda: names,
        own=rows_at(facts, names, seconds, table),
        known_last=lambda: np.append(last_rows(facts, judgement.as_of), -1)[places(facts, names)],
        instants={"at": seconds},
        columns={name: of_frame(table, name) for name in table.columns if name not in ("case", "at")},
        why=why if why is not None else pl.Series([None], dtype=pl.String).new_from_index(0, table.height),
    )


def of_frame(table: pl.DataFrame, name: str) -> Column:
    return lambda: table[name]


def places(facts: Facts, case: pl.Series) -> Ints:
    """Which case of the log each is; -1: none, as for a subject."""
    known = pl.DataFrame({"case": facts.rows.cases}).with_row_index("place")
    found = pl.DataFrame({"case": case}).join(known, on="case", how="left", maintain_order="left")
    return found["place"].cast(pl.Int64).fill_null(-1).to_numpy()


def rows_at(facts: Facts, names: pl.Series, seconds: Ints, table: pl.DataFrame) -> Ints:
    """The event of the log that each row is about; -1 where none of that name is of that instant."""
    if "event" not in table.columns:
        return np.full(table.height, -1, np.int64)
    wanted = pl.DataFrame(
        {"case": places(facts, names), "at": seconds, "event": table["event"].cast(pl.String)}
    )
    events = pl.Series(facts.rows.names, dtype=pl.String)
    rows = pl.DataFrame(
        {"case": facts.grid.case, "at": facts.rows.at, "event": events.gather(facts.rows.event)}
    ).with_row_index("row")
    some = rows.join(wanted.unique(), on=["case", "at", "event"], how="semi")
    last = some.group_by("case", "at", "event").agg(pl.col("row").last())
    found = wanted.join(last, on=["case", "at", "event"], how="left", maintain_order="left")
    return found["row"].cast(pl.Int64).fill_null(-1).to_numpy()
