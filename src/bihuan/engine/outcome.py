"""What the fold wrote, as tables that people and programs read: obligations and callbacks.

Codes become names here, and amounts used and provisional marks are worked out over whole columns. Nothing is judged.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine import layout as at
from bihuan.engine.calendar import Calendar
from bihuan.engine.clock import NEVER, NONE, SECONDS, UNLIMITED, WORKING_DAYS, WORKING_SECONDS
from bihuan.engine.coded import texts
from bihuan.engine.columns import Answers
from bihuan.engine.declared import Role
from bihuan.engine.draft import Layout
from bihuan.engine.execute import Folded
from bihuan.engine.facts import Facts
from bihuan.engine.listening import Mark
from bihuan.engine.rows import Rows, among, with_names
from bihuan.engine.rules import Timed

Ints = NDArray[np.int64]
STATES = ("open", "met", "late", "overdue", "void", "unset", "waiting", "used", "lapsed")
BY_CALENDAR = (WORKING_DAYS, WORKING_SECONDS)
NOTES: dict[int, str] = {
    at.F_IGNORED: "trigger-ignored",
    at.F_MOVED: "moved",
    at.F_EXTENDED: "extended",
    at.F_EXTENSION_REFUSED: "extension-without-effect",
    at.F_RESTARTED: "restarted",
    at.F_PAUSED: "paused",
    at.F_PAUSE_IGNORED: "pause-too-late",
    at.F_DATE_ONLY: "date-without-time",
    at.F_OUT_OF_RANGE: "outside-calendar",
    at.F_EARLY: "too-early-ignored",
    at.F_LATER_FACT: "fact-known-later",
    at.F_WAITING: "fact-not-known",
    at.F_STILL_PAUSED: "paused-now",
}


@dataclass
class Outcome:
    """What became of every rule. Instants are in the policy's zone; an instant that ends a day is its last second."""

    obligations: pl.DataFrame
    callbacks: pl.DataFrame
    irregularities: pl.DataFrame
    counts: pl.DataFrame
    excluded: pl.DataFrame
    findings: pl.DataFrame
    summary: dict[str, Any] = field(default_factory=dict)
    exempted: pl.DataFrame = field(default_factory=pl.DataFrame)  # from callbacks, and why
    contacts: pl.DataFrame = field(
        default_factory=pl.DataFrame
    )  # of customers, where the policy says who they are
    demands: pl.DataFrame = field(default_factory=pl.DataFrame)  # the contacts that rules demand, of the same


@dataclass(frozen=True)
class Judged:
    """One program's run: what went in and what came out."""

    layout: Layout
    rows: Rows
    facts: Facts
    answers: Answers
    folded: Folded
    as_of: int
    zone: str

    @cached_property
    def refused(self) -> NDArray[np.bool_]:
        """By row of the log: events that had no effect, as a step refused them."""
        steps = np.array([step.refused for step, _ in self.layout.steps] + [False])
        findings, found = self.folded.findings, np.zeros(len(self.rows.event), np.bool_)
        found[findings[steps[findings[:, at.FINDING_STEP]], at.FINDING_ROW]] = True
        return found


def instants(column: Ints, zone: str) -> pl.Series:
    """Seconds as instants of a zone; NONE and NEVER are null."""
    known = (column != NONE) & (column != NEVER)
    micro = pl.Series(np.where(known, column, 0) * 1_000_000)
    series = micro.cast(pl.Datetime("us", zone))
    return series if known.all() else series.set(pl.Series(~known), None)


def named(codes: Any, names: Sequence[str]) -> pl.Series:
    """Codes as a column of names; -1 is null."""
    labels = list(dict.fromkeys(names))
    return pl.Series([*names, None], dtype=pl.Enum(labels or [""]))[np.asarray(codes, np.int64)]


def obligation_rows(judged: Judged) -> pl.DataFrame:
    """The table of obligations and windows and callbacks of one run, in the order of cases and their opening."""
    c, zone = judged.folded.columns, judged.zone
    rules, rule = rule_names(judged), c["rule"].astype(np.int64)
    return pl.DataFrame(
        {
            "case": judged.rows.cases[c["case"]],
            "rule": named(rule, rules),
            "article": named(rule, judged.layout.articles),
            "round": pl.Series(c["round"]).cast(pl.Int32),
            "key": keys(judged),
            "unit": unit(judged),
            "owner": owner(judged),
            "started_at": instants(c["started"], zone),
            "due_at": instants(c["due"], zone),
            "warn_at": instants(c["warn"], zone),
            "done_at": instants(c["done"], zone),
            "closed_by": closed_by(judged),
            "state": named(c["state"], STATES),
            "allowed": allowed(judged),
            "used": used(judged),
            "late_by": late_by(judged),
            "provisional": provisional(judged),
            "note": notes(judged),
            "row": pl.Series(c["row"]),
        }
    )


def rule_names(judged: Judged) -> list[str]:
    return [node.name if not isinstance(node, Mark) else "" for node in judged.layout.rules]


def keys(judged: Judged) -> pl.Series:
    """The value that separates instances of one rule."""
    c = judged.folded.columns
    labels: list[str] = []
    found = np.full(len(c["key"]), -1, np.int64)
    for n, node in enumerate(judged.layout.rules):
        if isinstance(node, Timed) and node.per:
            mine = (c["rule"] == n) & (c["key"] >= 0)
            found[mine] = c["key"][mine] + len(labels)
            labels += [str(label) for label in judged.answers.keys.get(node.per, [])]
    return texts(labels, found)


def party(judged: Judged, codes: Any) -> pl.Series:
    return texts(judged.facts.parties.labels, codes)


def unit(judged: Judged) -> pl.Series:
    """The unit at the row of the trigger: the fact of that name, else what the event recorded."""
    of_row, labels = judged.facts.units()
    return texts(labels, of_row[judged.folded.columns["row"]])


def owner(judged: Judged) -> pl.Series:
    """Who owes, fixed at the trigger: whom the role's fact names, who did what earns the role, else its label."""
    c, policy = judged.folded.columns, judged.facts.policy
    labels: list[str | None] = [None]
    found = np.zeros(len(c["rule"]), np.int32)
    for n, node in enumerate(judged.layout.rules):
        if not isinstance(node, Timed) or not node.by:
            continue
        mine, role = c["rule"] == n, policy.roles.get(node.by)
        found[mine] = len(labels)
        labels.append(role.label if role else node.by)
        if role and (role.fact or role.did):
            codes, names = holders(judged, role)
            codes = codes[c["row"][mine]]
            found[mine] = np.where(codes < 0, len(labels) - 1, codes + len(labels))
            labels += map(str, names)
    return pl.Series(labels, dtype=pl.String)[found]


def holders(judged: Judged, role: Role) -> tuple[Any, list[Any]]:
    """By row, the code of who holds a role of the case (-1: nobody is known), and what the codes stand for."""
    if role.fact:
        return judged.facts.key(role.fact)
    did = with_names(judged.rows, role.did)
    sources = judged.facts.grid.sources(did)
    return np.where(sources < 0, -1, judged.facts.actor[sources]), judged.facts.parties.labels


def closed_by(judged: Judged) -> pl.Series:
    """The event that ended the row, or after which it was no longer owed."""
    ended = judged.folded.columns["end_row"]
    codes = np.where(ended < 0, -1, judged.rows.event[np.maximum(ended, 0)] if len(judged.rows.event) else -1)
    return named(codes, judged.rows.names)


def kinds(judged: Judged) -> Ints:
    """Kind of the limit of each row; -1 where it has none."""
    of = np.array([*judged.answers.clock.limits.kind, -1, -1], np.int64)  # type: ignore[misc]
    return of[judged.folded.columns["limit"].astype(np.int64)]


def allowed(judged: Judged) -> pl.Series:
    texts = [str(limit) for limit in judged.answers.limits]
    limit = judged.folded.columns["limit"].astype(np.int64)
    return named(np.where(limit < 0, -1, limit), texts)


def used(judged: Judged) -> pl.Series:
    spent = time_used(judged)
    return pl.Series(spent).set(pl.Series(spent == NONE), None)


def time_used(judged: Judged) -> Ints:
    """Time from the start to the end, pauses taken out: seconds for limits in hours, days for limits in days.

    NONE where the calendar does not reach.
    """
    c = judged.folded.columns
    end = np.where(c["done"] != NONE, c["done"], np.where(c["ended"] != NONE, c["ended"], judged.as_of))
    kind, result = kinds(judged), np.zeros(len(end), np.int64)
    seconds = (kind == SECONDS) | (kind < 0)
    result[seconds] = (end - c["started"])[seconds]
    for n, calendar in enumerate(judged.answers.calendars):
        mine = (c["calendar"] == n) & ~seconds
        if mine.any():
            result[mine] = measured(calendar, kind[mine], c["started"][mine], end[mine])
    spent: Ints = np.where((c["paused"] == NONE) | (result == NONE), NONE, result - c["paused"])
    return spent


def measured(calendar: Calendar, kind: Ints, start: Ints, end: Ints) -> Ints:
    low, high = calendar.columns.begin[0], calendar.columns.begin[-1] - 1
    outside = (start < low) | (end > high)
    start, end = np.clip(start, low, high), np.clip(end, low, high)
    first, last = calendar.day_of(start) - calendar.first, calendar.day_of(end) - calendar.first
    days = np.where(
        kind == WORKING_DAYS, calendar.columns.number[last] - calendar.columns.number[first], last - first
    )
    return np.where(outside, NONE, np.where(kind == WORKING_SECONDS, calendar.between(start, end), days))


def late_by(judged: Judged) -> pl.Series:
    """Seconds past the due time of what was late, or is overdue and still grows."""
    state = judged.folded.columns["state"]
    late = (state == at.S_LATE) | (state == at.S_OVERDUE)
    return pl.Series(np.where(late, overrun(judged.folded.columns, judged.as_of), 0)).set(
        pl.Series(~late), None
    )


def overrun(c: Any, as_of: int) -> Ints:
    """Seconds from the due time to the end, or to `as_of` where there is none yet; of use for late rows only."""
    end = np.where(c["done"] != NONE, c["done"], np.where(c["ended"] != NONE, c["ended"], as_of))
    over: Ints = end - c["due"]
    return over


def provisional(judged: Judged) -> pl.Series:
    return pl.Series(unconfirmed(judged))


def unconfirmed(judged: Judged) -> NDArray[np.bool_]:
    """Whether the due time lies beyond the last day that a notice of its calendar confirms."""
    c, result = judged.folded.columns, np.zeros(len(judged.folded.columns["due"]), np.bool_)
    counted = among(kinds(judged), BY_CALENDAR, UNLIMITED + 1)
    for n, calendar in enumerate(judged.answers.calendars):
        if calendar.confirmed >= calendar.last:
            continue
        end = calendar.columns.begin[calendar.confirmed + 1 - calendar.first]
        known = (c["due"] != NONE) & (c["due"] != NEVER)
        result |= (c["calendar"] == n) & counted & known & (c["due"] >= end)
    return result


def notes(judged: Judged) -> pl.Series:
    """Why a row says what it says, as codes that the reader's language turns into sentences."""
    c = judged.folded.columns
    marked = unconfirmed(judged)
    combined = (
        (c["rule"].astype(np.int64) << 32 | c["flags"].astype(np.int64)) << 8
        | (c["calendar"].astype(np.int64) & 127) << 1
        | marked
    )
    if not len(combined):
        return pl.Series([], dtype=pl.String)
    codes = pl.Series(combined)
    distinct = codes.unique()
    texts = pl.Series([note(judged, one) for one in distinct], dtype=pl.String)
    return codes.replace_strict(distinct, texts, return_dtype=pl.String)


def note(judged: Judged, combined: int) -> str:
    rule, flags = combined >> 40, combined >> 8 & 0xFFFFFFFF
    calendar = f":{judged.answers.calendars[n].name}" if (n := combined >> 1 & 127) < 127 else ""
    parts = [text + calendar * (flag == at.F_OUT_OF_RANGE) for flag, text in NOTES.items() if flags & flag]
    if flags & at.F_UNSET:
        lacking = judged.layout.lacking.get(rule) or judged.layout.perhaps.get(rule, ())
        parts += [f"missing:{name}" for name in lacking]
    if combined & 1:
        parts.append(f"provisional{calendar}")
    return "; ".join(parts)


class Taken(dict[str, Any]):
    """Some rows of columns, each taken when it is asked for."""

    def __init__(self, columns: Mapping[str, Any], chosen: Any) -> None:
        self.columns, self.chosen = columns, chosen

    def __missing__(self, name: str) -> Any:
        self[name] = self.columns[name][self.chosen]
        return self[name]


def of_rows(judged: Judged, chosen: Any) -> Judged:
    """The run with these rows of the fold alone."""
    return replace(judged, folded=replace(judged.folded, columns=Taken(judged.folded.columns, chosen)))


def known_at(judged: Judged, fact: str, row: Any) -> pl.Series:
    """The value of a fact at the event row of each outcome row; null where there is no row or no such fact."""
    if fact not in judged.facts.policy.facts:
        return pl.Series([None] * len(row), dtype=pl.String)
    codes, labels = judged.facts.key(fact)
    found = codes[np.maximum(row, 0)] if len(codes) else row
    return texts(labels, np.where(row < 0, -1, found))
