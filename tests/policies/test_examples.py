"""Does every worked example of the shipped policies hold, in every way its events can arrive?

At once, shuffled among others, event by event, compiled: the same example, the same expectations. Identifiers of
tests are the file and the example's number; a failure begins with the example's name.
"""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import bihuan
from bihuan.engine import compiled
from bihuan.engine.calendar import natural
from bihuan.engine.example import Example, ExampleCase
from bihuan.engine.examples import charged, compare, instant, log_of, run_example, site_of
from bihuan.engine.listening import source_of
from bihuan.engine.localtime import LocalTime, local_time
from bihuan.engine.log import Log
from bihuan.engine.outcome import Outcome
from bihuan.engine.parameters import parameter_values
from bihuan.engine.policy import Policy
from bihuan.engine.replay import replay
from bihuan.engine.rules import Archive, Charge
from tests.policies.inventory import ENTRIES

ENDED = ("met", "late", "used")
ROW = ["rule", "key", "started_at", "due_at", "done_at", "state"]
IRREGULARITY = ["event", "at", "kind", "rule", "article", "detail"]
Rows = defaultdict[str | None, set[tuple[Any, ...]]]
TABLES = ("obligations", "callbacks", "irregularities", "counts", "exempted")


@lru_cache
def policy_of(name: str) -> Policy:
    return bihuan.read_policy(name)


@lru_cache
def calendars() -> Any:
    return bihuan.read_calendars()


@lru_cache
def written(name: str) -> list[tuple[str, Example]]:
    """The examples of a policy with the place of each."""
    files = bihuan.read_examples(policy_of(name))
    return [(f"{Path(f.path).stem}-{n}", each) for f in files for n, each in enumerate(f.example, 1)]


@dataclass(frozen=True)
class Crowd:
    """Examples under one setting, which can be told in one log."""

    policy: Policy
    examples: tuple[tuple[str, Example], ...]

    @cached_property
    def outcome(self) -> Outcome:
        return replay(*self.given)

    @cached_property
    def charges(self) -> pl.DataFrame:
        return charged(self.given)

    @cached_property
    def given(self) -> tuple[Any, ...]:
        """Every case and every beginning of it, shuffled into one log."""
        cases = {**self.cases(), **self.beginnings()}
        log = log_among(self.policy, self.first, cases)
        log = replace(log, events=shuffled(log.events, self.first.name))
        parameters = parameter_values(self.policy, self.first.set) if self.first.set else None
        as_of = instant(self.first.as_of, clock_of(self.policy), end=True)
        return self.policy, calendars(), log, as_of, site_of(self.first), parameters

    @property
    def first(self) -> Example:
        return self.examples[0][1]

    def cases(self) -> dict[str, ExampleCase]:
        return {
            f"{place} {name}": self.disguised(case, place)
            for place, example in self.examples
            for name, case in example.by_case().items()
        }

    def beginnings(self) -> dict[str, ExampleCase]:
        """The first event of each case, the first two, ... all but the last, each a case of its own."""
        return {
            f"{name} {k}": self.disguised(
                ExampleCase.model_construct(facts=case.facts, events=case.events[:k]), str(k)
            )
            for name, case in self.cases().items()
            for k in range(1, len(case.events))
        }

    def disguised(self, case: ExampleCase, place: str) -> ExampleCase:
        """The case with a customer of its own, unless a register names him: a call to one does not serve another."""
        key = None if self.first.registers else self.policy.header.customer

        def other(data: dict[str, Any]) -> dict[str, Any]:
            return {fact: f"{value} {place}" if fact == key else value for fact, value in data.items()}

        events = tuple(each.model_copy(update={"data": other(each.data)}) for each in case.events)
        return ExampleCase.model_construct(facts=other(case.facts), events=events)

    def is_own(self, key: str) -> bool:
        """Whether a rule is judged case by case, and not over all cases of a subject, of the company or of a draw."""
        rule: Any = self.policy.named.get(key)
        if key == "indicators" or isinstance(rule, Archive):
            return False
        across = getattr(rule, "across", None) is not None or getattr(rule, "is_sampled", False)
        return not across and (getattr(rule, "every", None) is None or rule.after is not None)

    @cached_property
    def mixed(self) -> list[str]:
        """Charges that are not only on what is judged case by case."""
        charges = [rule for _, _, rule in self.policy.rules() if isinstance(rule, Charge)]
        on = {rule.id: [source_of(name) for each in rule.on.any for name in each.event] for rule in charges}
        return [name for name, rules in on.items() if not all(self.is_own(rule) for rule in rules)]

    def of_cases_alone(self, key: str, wanted: Any) -> Any:
        """Of expected charges those on what is judged case by case."""
        return [row for row in wanted if row["id"] not in self.mixed] if key == "charges" else wanted


@lru_cache
def crowds(name: str) -> list[Crowd]:
    """The examples of a policy by what holds for the whole of a replay."""
    by_setting: dict[str, list[tuple[str, Example]]] = {}
    for place, each in written(name):
        setting = repr((each.set, each.people, each.registers, each.as_of))
        by_setting.setdefault(setting, []).append((place, each))
    return [Crowd(policy_of(name), tuple(examples)) for examples in by_setting.values()]


each_example = pytest.mark.parametrize(
    ("name", "example"),
    [
        pytest.param(name, example, id=f"{name.rpartition('/')[2]}-{place}")
        for name in ENTRIES
        for place, example in written(name)
    ],
)


# A scope above the function's keeps the tests of one crowd together, so that its log is judged once.
@pytest.fixture(
    scope="module",
    params=[
        pytest.param(crowd, id=f"{name.rpartition('/')[2]}-{crowd.examples[0][0]}")
        for name in ENTRIES
        for crowd in crowds(name)
    ],
)
def crowd(request: pytest.FixtureRequest) -> Crowd:
    return request.param  # type: ignore[no-any-return]


@each_example
def test_at_once(name: str, example: Example) -> None:
    result = run_example(policy_of(name), example, calendars())
    assert not result.differences, result.text()
    assert result.compared


def test_shuffled_among_others(crowd: Crowd) -> None:
    own = crowd.charges.filter(~pl.col("id").is_in(crowd.mixed))
    different = [
        f"{example.name}: {difference.text()}"
        for place, example in crowd.examples
        for names in [{f"{place} {case}": case for case in example.by_case()}]
        for outcome, charges in [(only(crowd.outcome, names), of_cases(own, names))]
        for case, key, wanted in example.expected()
        if crowd.is_own(key)
        for difference in compare(
            crowd.policy, outcome, case, key, crowd.of_cases_alone(key, wanted), charges
        )
    ]
    assert different == []


def test_event_by_event(crowd: Crowd) -> None:
    """What has ended, or was irregular, after some events is so after all of them."""
    ended, irregular = settled(crowd.outcome)
    for name, case in crowd.cases().items():
        for k in range(1, len(case.events)):
            assert ended[f"{name} {k}"] <= ended[name], f"{name}: after {k} events"
            assert irregular[f"{name} {k}"] <= irregular[name], f"{name}: after {k} events"


@pytest.mark.skipif(not compiled.available(), reason="no compiler is installed (extra `fast`)")
@pytest.mark.parametrize("name", ENTRIES)
def test_compiled(name: str) -> None:
    """All cases under the parameters and the site of the file, in one log, by compiled code and by interpreted."""
    policy = policy_of(name)
    plain = [each for _, each in written(name) if not (each.set or each.people or each.registers)]
    cases = {f"{n} {key}": case for n, each in enumerate(plain) for key, case in each.by_case().items()}
    log = log_among(policy, plain[0], cases)
    as_of = max(instant(each.as_of, clock_of(policy), end=True) for each in plain)
    one, two = (replay(policy, calendars(), log, as_of, way=way) for way in ("interpreted", "compiled"))
    assert len(cases) > 2
    assert len(one.obligations) + len(one.callbacks) > 2
    for table in TABLES:
        assert_frame_equal(getattr(one, table), getattr(two, table))


def clock_of(policy: Policy) -> LocalTime:
    return local_time(natural(policy.header.zone).tables, 0)


def log_among(policy: Policy, example: Example, cases: dict[str, ExampleCase]) -> Log:
    """A log of these cases, read as the examples are."""
    crowd = example.model_copy(update={"cases": cases, "events": (), "facts": {}})
    return log_of(crowd, clock_of(policy), policy.header.zone)


def only(outcome: Outcome, cases: dict[str, str]) -> Outcome:
    """The rows of these cases, under other names."""
    tables: dict[str, Any] = {table: of_cases(getattr(outcome, table), cases) for table in TABLES}
    return replace(outcome, **tables)


def of_cases(table: pl.DataFrame, cases: dict[str, str]) -> pl.DataFrame:
    case = pl.col("case").cast(pl.String)
    named = [pl.col("merged").replace(cases)] if "merged" in table.columns else []
    return table.filter(case.is_in(list(cases))).with_columns(case.replace(cases), *named)


def settled(outcome: Outcome) -> tuple[Rows, Rows]:
    """What each case has ended, and what was irregular."""
    over = pl.col("state").cast(pl.String).is_in(ENDED)
    ended = by_case(
        table.filter(over).select("case", *ROW) for table in (outcome.obligations, outcome.callbacks)
    )
    return ended, by_case([outcome.irregularities.select("case", *IRREGULARITY)])


def by_case(tables: Iterable[pl.DataFrame]) -> Rows:
    found: Rows = defaultdict(set)
    for case, *row in (row for table in tables for row in table.rows()):
        found[case].add(tuple(row))
    return found


def shuffled(events: pl.DataFrame, seed: str) -> pl.DataFrame:
    """The rows in another order; those of one case and instant keep theirs, which means something."""
    ties = events.select("case", "at").rows()
    order = list(range(len(events)))
    random.Random(seed).shuffle(order)
    places: dict[Any, list[int]] = {}
    for place, row in enumerate(order):
        places.setdefault(ties[row], []).append(place)
    for same in places.values():
        for place, row in zip(same, sorted(order[place] for place in same), strict=True):
            order[place] = row
    return events[order]
