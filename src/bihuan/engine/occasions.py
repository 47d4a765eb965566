"""What sets off a charge: the outcomes, findings, counts and events that its pattern names, as a replay found them.

Nothing is judged here and no due time is computed: an outcome is the state of a row that the fold wrote. A charge is
decided on the trigger's own data and, for all else, on what was known last (LANGUAGE 3.2), so `known` lays out each
occasion as a case of its own whose last row is the trigger.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine import layout as at
from bihuan.engine.checks.charging import needs_the_fold
from bihuan.engine.errors import PolicyError
from bihuan.engine.facts import Facts
from bihuan.engine.listening import Mark, source_of
from bihuan.engine.outcome import STATES, Judged
from bihuan.engine.parameters import Parameters
from bihuan.engine.pattern import EventPattern, Pattern
from bihuan.engine.policy import Policy
from bihuan.engine.rows import Rows, among
from bihuan.engine.rules import Count, Prohibition, Timed

Ints = NDArray[np.int64]
USED = ("case", "rule", "round", "key", "row", "due", "done", "ended", "calendar")  # of a row, for a table
RAISED_BY = {  # the states of a row that say an outcome was raised, and the column that says when
    "missed": ((at.S_LATE, at.S_OVERDUE, at.S_LAPSED), "due"),
    "late": ((at.S_LATE,), "done"),
    "met": ((at.S_MET, at.S_USED), "done"),
    "void": ((at.S_VOID,), "ended"),
}


@dataclass(frozen=True)
class Occasions:
    """Occurrences of what one pattern names, one element each."""

    case: Ints  # in the run
    row: Ints  # a row of that case
    own: Ints  # the row whose data are the trigger's own; -1: time passed, nothing happened
    at: Ints
    instance: Ints  # place among the rows of the fold; -1: none
    name: Ints  # place in the names of the pattern

    def __len__(self) -> int:
        return len(self.at)

    def where(self, keep: NDArray[np.bool_]) -> "Occasions":
        return Occasions(*(getattr(self, field.name)[keep] for field in fields(self)))

    def renamed(self, own: list[str], names: list[str]) -> "Occasions":
        """The same, with `name` counted in a list that several patterns share and that grows."""
        names += [name for name in own if name not in names]
        places = np.array([*(names.index(name) for name in own), -1], np.int64)
        return replace(self, name=places[self.name])


def joined(parts: Iterable[Occasions]) -> Occasions:
    """The same occurrences under each other."""
    parts = list(parts)
    nothing = np.zeros(0, np.int64)
    return Occasions(
        *(
            np.concatenate([nothing, *(getattr(part, field.name) for part in parts)])
            for field in fields(Occasions)
        )
    )


def of_pattern(
    policy: Policy,
    parameters: Parameters,
    facts: Facts,
    judged: Judged | None,
    pattern: Pattern,
    subject: str,
) -> Occasions:
    """Every occurrence in one run; `judged` is None where the run has no rule of its own."""
    refuse_what_the_fold_keeps(pattern, policy)
    found, names = [], list(named_by(pattern, parameters))
    for event in pattern.any:
        for name in event.event:
            said = resolved(name, parameters)
            part = occurrences(facts, judged, said, subject)
            part = replace(part, name=np.full(len(part), names.index(said), np.int64))
            found.append(part.where(fits(facts, event, part)))
    return joined(found)


def named_by(pattern: Pattern, parameters: Parameters) -> Iterator[str]:
    """The events and outcomes of a pattern, in its order."""
    yield from dict.fromkeys(resolved(name, parameters) for event in pattern.any for name in event.event)


def resolved(name: str, parameters: Parameters) -> str:
    """A parameter may name the event."""
    if name not in parameters or parameters[name].missing:
        return name
    return str(parameters[name].on())


def refuse_what_the_fold_keeps(pattern: Pattern, policy: Policy) -> None:
    if key := needs_the_fold(pattern, policy):
        raise PolicyError(
            f"a charge cannot be on a pattern with {key!r}: write a count or a prohibition with it, and the charge on that",
            file=policy.path or None,
        )


def occurrences(facts: Facts, judged: Judged | None, name: str, subject: str) -> Occasions:
    rule = source_of(name)
    nodes = judged.layout.rules if judged else []
    for number, node in enumerate(nodes):
        if isinstance(node, Mark) or node.name != rule or judged is None:
            continue
        if isinstance(node, Timed):
            return outcomes(judged, number, name.rpartition(".")[2])
        if isinstance(node, Count | Prohibition):
            return findings(judged, number)
    return joined([]) if subject or rule != name else effective(events(facts, name), judged)


def outcomes(judged: Judged, rule: int, outcome: str) -> Occasions:
    """Rows of a rule whose state says that the outcome was raised."""
    columns = judged.folded.columns
    states, when = RAISED_BY[outcome]
    mine = np.flatnonzero((columns["rule"] == rule) & among(columns["state"], states, len(STATES)))
    ended = columns["end_row"][mine].astype(np.int64)
    return Occasions(
        case=columns["case"][mine].astype(np.int64),
        row=columns["row"][mine].astype(np.int64),
        own=np.full(len(mine), -1, np.int64) if outcome == "missed" else ended,
        at=columns[when][mine].astype(np.int64),
        instance=mine,
        name=np.zeros(len(mine), np.int64),
    )


def findings(judged: Judged, rule: int) -> Occasions:
    """Counts that were reached, and what a prohibition found."""
    kinds = (at.K_REACHED, at.K_PROHIBITED)
    every = judged.folded.findings
    found = every[(every[:, at.FINDING_RULE] == rule) & np.isin(every[:, at.FINDING_KIND], kinds)]
    row, when = found[:, at.FINDING_ROW], found[:, at.FINDING_AT]
    return Occasions(
        case=found[:, at.FINDING_CASE],
        row=row,
        own=np.where(judged.rows.at[row] == when, row, -1),  # else it was raised by time that passed
        at=when,
        instance=np.full(len(found), -1, np.int64),
        name=np.zeros(len(found), np.int64),
    )


def events(facts: Facts, name: str) -> Occasions:
    rows = facts.rows
    code = rows.names.index(name) if name in rows.names else -1
    row = np.flatnonzero(rows.event == code)
    return Occasions(
        case=facts.grid.case[row].astype(np.int64),
        row=row,
        own=row,
        at=rows.at[row].astype(np.int64),
        instance=np.full(len(row), -1, np.int64),
        name=np.zeros(len(row), np.int64),
    )


def effective(found: Occasions, judged: Judged | None) -> Occasions:
    """Without what was refused, which has not happened (docs/semantics.md#refused-did-nothing)."""
    return found if judged is None else found.where(~judged.refused[found.row])


def fits(facts: Facts, event: EventPattern, part: Occasions) -> NDArray[np.bool_]:
    """`where` asks what the row carries, `by` about its actor; one nobody knows violates no `by`."""
    keep = np.ones(len(part), np.bool_)
    row = np.where(part.own < 0, part.row, part.own)
    if event.where is not None:
        keep &= facts.test(event.where, carried=True)[row] == 1
    if event.by is not None:
        keep &= facts.role(event.by)[row] != 0
    return keep


@dataclass(frozen=True)
class Source:
    """One run of the fold: the cases, or the subjects that rules are across."""

    subject: str
    facts: Facts
    judged: Judged | None


@dataclass(frozen=True)
class Laid:
    """The occasions of one run, each with its facts."""

    source: Source
    found: Occasions
    charge: Ints  # which charge each one sets off
    names: list[str]
    facts: Facts
    last: Ints  # the row of `facts` that tells each occasion

    def of(self, charge: int) -> tuple[Occasions, Ints]:
        mine = self.charge == charge
        return self.found.where(mine), self.last[mine]


# --- the trigger's own data, and all else as known last ---


def known(rows: Rows, found: Occasions, names: list[str], as_of: int) -> tuple[Rows, Ints]:
    """Each occasion as a case, and the row that tells it: the case so far, then the trigger itself."""
    case = np.searchsorted(rows.offsets, found.row, side="right") - 1
    first = rows.offsets[case]
    past = np.append(0, np.cumsum(rows.at <= as_of))
    length = past[rows.offsets[case + 1]] - past[first]
    ends = np.cumsum(length + 1)
    take = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - length - 1 - first, length + 1)
    last = ends - 1
    take[last] = np.where(found.own < 0, len(rows.at), found.own)
    laid = Rows(
        ids=pl.Series("case", [str(number) for number in range(len(found))], dtype=pl.String),
        offsets=np.append(0, ends),
        names=(*rows.names, *names),
        event=told(rows.event, take, last, found.name + len(rows.names), found.own < 0).astype(np.int32),
        at=told(rows.at, take, last, found.at, np.ones(len(found), np.bool_)),
        whole_day=np.append(rows.whole_day, False)[take],
        data=with_nothing(rows.data)[take] if rows.data.width else rows.data,
        facts=rows.facts[case] if rows.facts.width else rows.facts,
    )
    return laid, last


def told(
    column: NDArray[np.generic], take: Ints, last: Ints, own: Ints, here: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """A column of the laid-out cases, in which some of the last rows say something of their own."""
    found = np.append(column, 0)[take].astype(np.int64)
    found[last[here]] = own[here]
    return found


def with_nothing(data: pl.DataFrame) -> pl.DataFrame:
    """The data with one more row, which carries nothing."""
    return pl.concat([data, data.clear(1)])


def keyed(laid: Rows, last: Ints, fact: str, keys: pl.Series) -> Rows:
    """The occasions with the value of `per` that their instance was opened for; null keeps what is known."""
    here = keys.is_not_null().to_numpy()
    if not here.any():
        return laid
    empty = pl.Series(fact, [None] * len(laid.event), dtype=pl.String)
    column = laid.data[fact].cast(pl.String) if fact in laid.data.columns else empty
    return replace(
        laid, data=laid.data.with_columns(column.scatter(last[here], keys.filter(keys.is_not_null())))
    )


def instances(judged: Judged, chosen: Ints) -> Judged:
    """The run with these rows of the fold alone, so that their columns can be made into a table."""
    columns = {name: judged.folded.columns[name][chosen] for name in USED}
    return replace(
        judged, folded=replace(judged.folded, columns=columns, findings=judged.folded.findings[:0])
    )
