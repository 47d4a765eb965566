"""Runs worked examples: what happened goes through `replay`, and what was expected is compared with what came out.

Only what an example names is compared, each of it. It reads no files; `example` says how examples are written.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl

from bihuan.engine import expected_figures
from bihuan.engine.archives import archives
from bihuan.engine.calendar import Calendar, natural
from bihuan.engine.charges import proposals
from bihuan.engine.claims import claims
from bihuan.engine.clock import DAY, NONE
from bihuan.engine.errors import BihuanError, LogError
from bihuan.engine.example import Example, ExampleFile, Happened, parse_instant
from bihuan.engine.finding import Wrong
from bihuan.engine.indicators import Measured, indicators
from bihuan.engine.localtime import LocalTime, local_time
from bihuan.engine.log import Log, arrange, as_log
from bihuan.engine.outcome import Outcome
from bihuan.engine.parameters import parameter_values
from bihuan.engine.policy import Policy
from bihuan.engine.replay import judged_cases, replay
from bihuan.engine.rules import Archive, Count
from bihuan.engine.site import PEOPLE, REGISTER, UNITS, Site
from bihuan.engine.values import moment, plain

UNORDERED = ("irregularities", "charges", "exempted")
SAID = (
    "id",
    "rule",
    "event",
    "at",
    "kind",
    "detail",
    "state",
    "amount",
    "reason",
)  # of a row that was not expected
NO_CHARGES = pl.DataFrame()
INSTANTS = ("recorded_at", "corrects_at", "corrected_at")  # columns of a log beside `at`


@dataclass(frozen=True)
class Difference:
    """One thing that came out otherwise than the example says."""

    what: str
    article: str
    expected: str
    found: str
    case: str | None = None

    def text(self) -> str:
        place = " ".join(part for part in (self.case, self.what, self.article) if part)
        return f"{place}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True)
class ExampleResult:
    """What became of one example."""

    policy: str
    name: str
    file: str = ""
    compared: int = 0
    differences: tuple[Difference, ...] = ()

    @property
    def state(self) -> str:
        return "failed" if self.differences else "held"

    def text(self) -> str:
        return "\n".join([f"{self.name}: {self.state}", *(f"  {each.text()}" for each in self.differences)])


def run_examples(
    policy: Policy, examples: Iterable[ExampleFile], calendars: Mapping[str, Calendar]
) -> list[ExampleResult]:
    """Every example of the files, in their order."""
    return [
        run_example(policy, example, calendars, file.path) for file in examples for example in file.example
    ]


def run_example(
    policy: Policy, example: Example, calendars: Mapping[str, Calendar], file: str = ""
) -> ExampleResult:
    """Judge what happened and compare; an example that cannot be judged has failed, with the reason."""
    try:
        given = told(policy, example, calendars)
        measured = figures(given, example)
        outcome = measured.assessment.outcome if measured else replay(*given)
        charges = charged(given) if any(key == "charges" for _, key, _ in example.expected()) else NO_CHARGES
    except BihuanError as error:
        stopped = Difference("replay", "", "an outcome", str(error))
        return ExampleResult(policy.id, example.name, file, differences=(stopped,))
    differences = list(set_aside(outcome, expects_irregularities(example)))
    compared = 0
    for case, key, wanted in example.expected():
        compared += 1
        if key == "indicators" and measured:
            differences += (Difference(*each, case) for each in expected_figures.compare(measured, wanted))
        elif isinstance(policy.named.get(key), Archive):
            differences += compare_kept(given, case, key, wanted)
        else:
            differences += compare(policy, outcome, case, key, wanted, charges)
    return ExampleResult(policy.id, example.name, file, compared, tuple(differences))


def figures(given: tuple[Any, ...], example: Example) -> Measured | None:
    """The figures that an example names; None where it names none."""
    names = [name for _, key, wanted in example.expected() if key == "indicators" for name in wanted]
    return indicators(*given, names=tuple(dict.fromkeys(names))) if names else None


def expects_irregularities(example: Example) -> bool:
    return any(key == "irregularities" for _, key, _ in example.expected())


def set_aside(outcome: Outcome, compared: bool) -> Iterator[Difference]:
    """Events that no rule saw: an example that holds without them would prove nothing.

    An answer outside its scale is compared where the irregularities are.
    """
    for row in outcome.excluded.to_dicts():
        yield Difference("log", "", "every event to be judged", f"{shown(row['found'])}: {row['reason']}")
    details = outcome.irregularities.filter(kind="field")["detail"].drop_nulls().to_list() if compared else []
    for row in outcome.findings.filter(pl.col("kind") == "unfit").to_dicts():
        if any(f"{row['fact']} = {row['found']} ∉" in detail for detail in details):
            continue
        yield Difference(row["fact"], "", row["expected"], row["found"], row["case"])


# --- from an example to an outcome ---


def told(policy: Policy, example: Example, calendars: Mapping[str, Calendar]) -> tuple[Any, ...]:
    """What `replay` is given."""
    local = local_time(natural(policy.header.zone).tables, 0)
    parameters = parameter_values(policy, example.set) if example.set else None
    # An example may tell a part of a case's life, so that no event needs to open it.
    log = arrange(log_of(example, local, policy.header.zone))
    return policy, calendars, log, instant(example.as_of, local, end=True), site_of(example), parameters


def charged(given: tuple[Any, ...]) -> pl.DataFrame:
    """The charges proposed, before anybody decides."""
    return claims(given[0], proposals(judged_cases(*given)))


def log_of(example: Example, local: LocalTime, zone: str) -> Log:
    """The events and facts of an example as a log."""
    cases = example.by_case()
    events = [row_of(name, event, local) for name, case in cases.items() for event in case.events]
    facts = [
        {"case": name, **{key: plain(value) for key, value in case.facts.items()}}
        for name, case in cases.items()
    ]
    return as_log(frame(events, ("case", "event", "at")), frame(facts, ("case",)), zone=zone)


def row_of(case: str, event: Happened, local: LocalTime) -> dict[str, Any]:
    data = {
        key: instant(parse_instant(value), local) if key in INSTANTS else plain(value)
        for key, value in event.data.items()
    }
    whole = not isinstance(event.at, datetime)
    base = {"case": case, "event": event.event, "at": instant(event.at, local), "whole_day": whole}
    return {**data, **base}


def frame(rows: list[dict[str, Any]], needed: Iterable[str]) -> pl.DataFrame:
    names = dict.fromkeys([*needed, *(key for row in rows for key in row)])
    kinds: dict[str, Any] = {"whole_day": pl.Boolean, **dict.fromkeys(("at", *INSTANTS), pl.Int64)}
    return pl.DataFrame(
        {name: pl.Series([row.get(name) for row in rows], dtype=kinds.get(name, pl.String)) for name in names}
    )


def instant(at: datetime | date, local: LocalTime, end: bool = False) -> int:
    """Seconds since the epoch; of a date its first second, or its last."""
    parts = moment(at)
    assert parts is not None
    day, wall, offset = parts
    if wall is None:
        wall = DAY - 1 if end else 0
    if offset is not None:
        return day * DAY + wall - offset
    second = local.second(day, wall)
    if second == NONE:
        raise LogError(
            f"an example names {at}, and nobody knows the zone's clock on that day; name a day that can be"
        )
    return second


def site_of(example: Example) -> Site | None:
    """The people and registers of an example; none is not the same as an empty one."""
    if not example.people and not example.registers and not example.units:
        return None
    people = [{"person": person, "role": role} for person, roles in example.people.items() for role in roles]
    registers = {name: register_of(subjects) for name, subjects in example.registers.items()}
    return Site(
        people=pl.DataFrame(people, schema=PEOPLE), units=units_of(example.units), registers=registers
    )


def units_of(tree: Mapping[str, Iterable[str]]) -> pl.DataFrame:
    """The tree of units: each with what it is directly part of."""
    parent = {below: unit for unit, parts in tree.items() for below in parts}
    rows = [(unit, parent.get(unit)) for unit in dict.fromkeys([*tree, *parent])]
    return pl.DataFrame(rows, schema=UNITS, orient="row")


def register_of(subjects: Mapping[str, Mapping[str, Any]]) -> pl.DataFrame:
    facts = dict.fromkeys(key for entry in subjects.values() for key in entry if key not in REGISTER)
    spells: dict[str, Any] = {
        "subject": list(subjects),
        "since": [entry.get("since") for entry in subjects.values()],
        "until": [entry.get("until") for entry in subjects.values()],
    }
    texts = {
        key: [None if (value := entry.get(key)) is None else plain(value) for entry in subjects.values()]
        for key in facts
    }
    return pl.DataFrame({**spells, **texts}, schema={**REGISTER, **dict.fromkeys(facts, pl.String)})


# --- comparison ---


def compare(
    policy: Policy,
    outcome: Outcome,
    case: str | None,
    key: str,
    wanted: Any,
    charges: pl.DataFrame = NO_CHARGES,
) -> Iterator[Difference]:
    """What a rule or table should have been, against what it was."""
    if key in UNORDERED:
        table = charges if key == "charges" else getattr(outcome, key)
        yield from compare_unordered(policy, of_case(table, case), case, key, wanted)
        return
    rule = policy.named.get(key)
    if rule is None:
        known = "a rule of the policy, irregularities, charges, exempted or indicators"
        yield Difference(key, "", known, "nothing of that name", case)
        return
    rows = rows_of(outcome, case, key, counted=isinstance(rule, Count))
    yield from compare_all(policy, rows, case, key, wanted)


def compare_kept(given: tuple[Any, ...], case: str | None, key: str, wanted: Any) -> Iterator[Difference]:
    """What an archive should have held, against what it held."""
    kept = archives(*given).filter(pl.col("archive") == key)
    yield from compare_all(given[0], of_case(kept, case), case, key, wanted)


def compare_all(
    policy: Policy, rows: list[dict[str, Any]], case: str | None, key: str, wanted: Any
) -> Iterator[Difference]:
    """So many rows, or these."""
    if not isinstance(wanted, int):
        yield from compare_rows(policy, rows, case, key, wanted if isinstance(wanted, list) else [wanted])
    elif len(rows) != wanted:
        yield Difference(key, policy.article_of(key), f"{wanted} rows", listed(rows, ()), case)


def rows_of(outcome: Outcome, case: str | None, rule: str, counted: bool) -> list[dict[str, Any]]:
    tables = [outcome.counts] if counted else [outcome.obligations, outcome.callbacks]
    return [row for table in tables for row in of_case(table, case) if str(row["rule"]) == rule]


def of_case(table: pl.DataFrame, case: str | None) -> list[dict[str, Any]]:
    return [row for row in table.to_dicts() if case is None or row["case"] == case]


def compare_rows(
    policy: Policy, rows: list[dict[str, Any]], case: str | None, key: str, wanted: list[dict[str, Any]]
) -> Iterator[Difference]:
    """Instances of a rule in the order in which they were opened."""
    article = policy.article_of(key)
    if len(rows) != len(wanted):
        names = list(dict.fromkeys(name for row in wanted for name in row)) or ["state", "due_at"]
        yield Difference(key, article, rows_text(len(wanted)), listed(rows, names), case)
        return
    for number, (row, asked) in enumerate(zip(rows, wanted, strict=True), 1):
        what = f"{key} {number}" if len(rows) > 1 else key
        for name, value in asked.items():
            found = cell(row, name)
            if not same(found, value):
                yield Difference(f"{what}.{name}", article, shown(value), shown(found), case)


def compare_unordered(
    policy: Policy, rows: list[dict[str, Any]], case: str | None, key: str, wanted: list[dict[str, Any]]
) -> Iterator[Difference]:
    """Irregularities, charges, exemptions: each one named, and no other; those of one event have no order."""
    left = list(rows)
    for asked in wanted:
        hit = next((row for row in left if all(same(cell(row, k), v) for k, v in asked.items())), None)
        if hit is None:
            expected = ", ".join(f"{k} {shown(v)}" for k, v in asked.items())
            found = listed(left, tuple(asked))
            yield Difference(key, "", expected, f"{found} besides those matched", case)
        else:
            left.remove(hit)
    for row in left:
        found = ", ".join(f"{k} {shown(row[k])}" for k in SAID if row.get(k) is not None)
        yield Difference(key, row["article"] or "", "no such one", found, case)


def cell(row: Mapping[str, Any], name: str) -> Any:
    """A column of a row; `void = true` is its state."""
    if name == "void":
        return row.get("state") == "void"
    return row.get(name, f"no column {name}")


def same(found: Any, wanted: Any) -> bool:
    if isinstance(found, datetime):
        return found.replace(tzinfo=None) == wall_clock(wanted)
    if isinstance(wanted, bool) or isinstance(found, bool):
        return found is wanted
    if isinstance(wanted, int | float):
        return bool(found == wanted)
    return found is not None and str(found) == str(wanted)


def wall_clock(wanted: Any) -> datetime | None:
    """An expected instant; 24:00 is the last second of its day, a date alone its first."""
    try:
        at = parse_instant(wanted)
    except Wrong:
        return None
    return at.replace(tzinfo=None) if isinstance(at, datetime) else datetime(at.year, at.month, at.day)


def shown(value: Any) -> str:
    """As people write it: instants with 24:00, nothing as "nothing".

    >>> shown(datetime(2026, 10, 8, 23, 59, 59))
    '2026-10-08 24:00'
    """
    if value is None:
        return "nothing"
    if not isinstance(value, datetime):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if (value.hour, value.minute, value.second) == (23, 59, 59):
        return f"{value:%Y-%m-%d} 24:00"
    return f"{value:%Y-%m-%d %H:%M:%S}" if value.second else f"{value:%Y-%m-%d %H:%M}"


def listed(rows: list[dict[str, Any]], names: Iterable[str]) -> str:
    names = list(names)
    each = "; ".join(", ".join(f"{name} {shown(cell(row, name))}" for name in names) for row in rows)
    return f"{rows_text(len(rows))} ({each})" if rows and names else rows_text(len(rows))


def rows_text(count: int) -> str:
    return "none" if count == 0 else "1 row" if count == 1 else f"{count} rows"
