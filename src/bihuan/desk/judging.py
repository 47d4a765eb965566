"""A case or a subject put before the engine: events of the record in, rows of the engine out.

Works out no due time and knows no rule; it only says the record in the engine's words, and the engine's answer in
those of the tables.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl
from polars import selectors

from bihuan.desk.asked import confined
from bihuan.desk.models import GROWING, Event
from bihuan.desk.office import Office, policy_of
from bihuan.engine.backdated import backdated
from bihuan.engine.called import tables
from bihuan.engine.clock import NEVER
from bihuan.engine.corrections import CORRECTION, correct_case
from bihuan.engine.derived import dated
from bihuan.engine.facts import Facts
from bihuan.engine.listening import COMPANY
from bihuan.engine.log import Log, arrange, as_log
from bihuan.engine.outcome import Judged
from bihuan.engine.policy import Policy
from bihuan.engine.regroup import by_subject
from bihuan.engine.replay import Plan, completed, finder, irregularities, judge, judge_group
from bihuan.engine.rows import Rows, rows
from bihuan.engine.rules import Report, Window
from bihuan.engine.single import rows_of, told_irregularities, told_rows
from bihuan.engine.trying import tried

Row = dict[str, Any]
AHEAD = ("open",)


@dataclass(frozen=True)
class Found:
    """What the engine says of one case or subject, as of an instant and under a basis."""

    obligations: list[Row]
    irregularities: list[Row]
    as_of: int
    basis: int
    next: int | None  # when time alone changes something that is not due: a period begins, a date comes
    subjects: frozenset[tuple[str, str]] = frozenset()
    unfit: tuple[Row, ...] = ()  # values that fit no type: fact, line, found, expected

    @property
    def wake(self) -> int | None:
        """The next instant at which a row falls due or is to be warned of, or something else changes by itself."""
        due = (
            at
            for row in self.obligations
            if row["state"] in AHEAD
            for at in (row["warn_at"], row["due_at"] + 1 if row["due_at"] is not None else None)
        )
        return min((at for at in (self.next, *due) if at is not None and at > self.as_of), default=None)


def told(event: Event) -> Row:
    """An event of the record as a row of a log. `line` is its number in the case."""
    return {
        **(event.facts or {}),
        "row": event.seq,
        "event": event.event,
        "at": int(event.at.timestamp()),
        "whole_day": event.whole_day,
        "actor": event.actor,
        "unit": event.unit,
        "recorded_at": entered(event),
        "line": event.seq,
        "id": str(event.seq),
    }


def known_of(events: Iterable[Event]) -> dict[str, Any]:
    """What events have told so far, the latest of each fact."""
    found: dict[str, Any] = {}
    for event in events:
        found |= event.brings
    return found


def given_of(events: Sequence[Event]) -> Mapping[str, Any]:
    return next((event.given for event in events if event.given), {})


def entered(event: Event) -> int | None:
    """When it was entered: at this desk, or where it was imported from."""
    meta = event.meta or {}
    if "import" in meta:
        found = meta.get("recorded_at")
        return None if found is None else int(found)
    return int(event.recorded_at.timestamp())


def standing(events: Iterable[Event]) -> list[Row]:
    """The events of a case that stand, by instant; of one instant in the order of the record."""
    happened = (told(event) for event in events if event.kind == "event")
    found = sorted(happened, key=lambda row: (row["at"], row["row"]))
    if any(row["event"] == "corrected" and row.get("corrects") for row in found):
        standing: list[Row] = []
        correct_case([dict.fromkeys(CORRECTION) | row for row in found], standing, [], [])
        found = sorted(standing, key=lambda row: (row["at"], row["row"]))
    return [{name: value for name, value in row.items() if name not in LEFT_OUT} for row in found]


LEFT_OUT = frozenset((*CORRECTION, "row"))


def judged(office: Office, edition: str, events: Sequence[Event], as_of: int) -> Found:
    """One case under an edition, by its hash, as of an instant in seconds."""
    policy, plan = policy_of(edition), office.plan(edition)
    cases = case_rows(plan, policy, standing(events), given_of(events))
    facts = Facts(plan.prepared, cases)
    one = judge(
        plan.layouts[""], facts, finder(plan, policy, office.calendars()), cases, as_of, "interpreted"
    )
    lines = cases.data["line"].to_list()
    found = [as_held(policy, row, row["called"], lines[row["row"]]) for row in told_rows(one)]
    found.sort(key=lambda row: bool(row["called"]))  # stable: callbacks are a table of their own
    wrong = [row | {"row": lines[row["row"]]} for row in told_irregularities(one)]
    late = backdated(plan.prepared.parameters, cases, facts, LATE)
    wrong += wrong_told(late) if late is not None and late.height else []
    changes = changing(one)[0]
    return Found(found, wrong, as_of, office.basis, changes, subjects_in(plan, facts), unfit_in(facts, cases))


def changing(judged: Judged) -> list[int | None]:
    """Of each case when time alone changes something."""
    return [None if at == NEVER else at for at in judged.folded.next.tolist()]


LATE: dict[str, Any] = dict.fromkeys(
    ("case", "event", "actor", "kind", "rule", "step", "article", "detail"), pl.String
) | {"at": pl.Datetime("us", "UTC"), "line": pl.Int64}


def case_rows(plan: Plan, policy: Policy, events: list[Row], given: Mapping[str, Any]) -> Rows:
    """The rows of a case, with the events that follow from its dated facts where a rule waits for such."""
    if not dated(plan.prepared.policy, plan.layouts):
        return rows_of(evened(events), given)
    return rows(completed(plan, policy, arrange(as_log_of(policy, "", events, given))))


def as_log_of(policy: Policy, number: str, events: list[Row], given: Mapping[str, Any]) -> Log:
    """One case as a log. Cases that have still to be read come by columns, see `logged`."""
    facts = [{"case": number, **given}] if given else []
    return as_log(evened([{"case": number, **event} for event in events]), facts, zone=policy.header.zone)


def as_held(policy: Policy, row: Row, called: bool, begun_by: int | None) -> Row:
    """A row with the number of the event that began it, and nothing that still grows."""
    held = {"used": None, "late_by": None} if row["state"] in GROWING else {}
    kind = "callback" if called else kind_of(policy.timed.get(row["rule"]))
    return row | held | {"kind": kind, "row": begun_by}


def judged_next(
    office: Office,
    edition: str,
    events: Sequence[Event],
    names: Collection[str],
    actor: str,
    facts: Mapping[str, Any],
    now: int,
) -> dict[str, list[Row]]:
    """What would be irregular of each of some events if `actor` entered it next, with these facts; missing fields are
    not told of.
    """
    before = standing(events)
    if not before or not names:
        return {}
    last = max(now, before[-1]["at"])
    policy, plan = policy_of(edition), office.plan(edition)
    *before, then = evened([*before, {**facts, "at": last, "actor": actor, "unit": None, "line": 0}])
    found = finder(plan, policy, office.calendars())
    wrong = tried(plan, found, before, then, sorted(names), given_of(events), last)
    return {name: [row | {"row": 0} for row in rows] for name, rows in wrong.items()}


def elsewhere(office: Office, edition: str, events: Sequence[Event]) -> frozenset[str]:
    """Events whose steps are about other cases than this one, as far as its facts are known."""
    whens, rows = confined(edition), standing(events)
    if not whens or not rows:
        return frozenset()
    policy, plan = policy_of(edition), office.plan(edition)
    facts = Facts(plan.prepared, case_rows(plan, policy, rows, given_of(events)))
    return frozenset(event for event, each in whens.items() if all(facts.test(one)[-1] == 0 for one in each))


def evened(events: list[Row]) -> list[Row]:
    """A column of a table has one kind of value: where a fact was told in two, it is told as text."""
    kinds: dict[str, type] = {}
    mixed = {
        name
        for event in events
        for name, value in event.items()
        if value is not None and kinds.setdefault(name, type(value)) is not type(value)
    }
    if not mixed:
        return events
    return [
        {name: as_text(value) if name in mixed else value for name, value in event.items()}
        for event in events
    ]


def as_text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return value if value is None else str(value)


def unfit_in(facts: Facts, cases: Rows) -> tuple[Row, ...]:
    """What events carry that cannot be read as the fact's type, or is none of its choices."""
    table = facts.findings(
        [name for name in (*cases.data.columns, *cases.facts.columns) if name in facts.policy.facts]
    )
    if not table.height:
        return ()
    return tuple(row | {"line": row["line"] or 1} for row in table.to_dicts() if row["kind"] == "unfit")


def subjects_in(plan: Plan, facts: Facts) -> frozenset[tuple[str, str]]:
    """The subjects that the events of a case are about, as far as some rule is about them."""
    found: set[tuple[str, str]] = set()
    for subject in plan.layouts:
        if subject == COMPANY:
            found |= {(COMPANY, COMPANY)} if concerns_company(plan, facts.rows.names) else set()
        elif subject:
            codes, labels = facts.key(subject)
            found |= {(subject, str(labels[code])) for code in set(codes.tolist()) if code >= 0}
    return frozenset(found)


def concerns_company(plan: Plan, names: Iterable[str]) -> bool:
    """Whether events of these names can make a difference to the rules about the company as a whole."""
    heard = plan.heard_by_company
    return heard is None or not heard.isdisjoint(names)


def kind_of(rule: Any) -> str:
    return "window" if isinstance(rule, Window) else "report" if isinstance(rule, Report) else "obligation"


def wrong_told(table: pl.DataFrame) -> list[Row]:
    """Irregularities as rows, each with the number of its event."""
    return in_seconds(table.with_columns(row="line").drop("case", "line"))


def in_seconds(table: pl.DataFrame) -> list[Row]:
    """The rows of one of the engine's tables, instants as seconds."""
    return table.with_columns(selectors.datetime().dt.epoch("s")).to_dicts()


def judged_subjects(office: Office, edition: str, fact: str, log: Log, as_of: int) -> dict[str, Found]:
    """The subjects of one kind, by key, each by the events of all its cases."""
    policy, plan = policy_of(edition), office.plan(edition)
    group = by_subject(plan.prepared, Facts(plan.prepared, rows(arrange(log))), fact)
    one = judge_group(plan, group, fact, finder(plan, policy, office.calendars()), as_of, "interpreted")
    obligations, callbacks = tables(one)
    wrong = irregularities(plan.prepared.parameters, [one])
    found = {}
    for key, changes in zip(one.rows.cases.to_list(), changing(one), strict=True):
        owed, calls, against = (each.filter(each["case"] == key) for each in (obligations, callbacks, wrong))
        held = [as_held(policy, row, False, None) for row in in_seconds(owed)]
        held += [as_held(policy, row, True, None) for row in in_seconds(calls)]
        found[str(key)] = Found(held, wrong_told(against), as_of, office.basis, changes)
    return found
