"""The fold against the slow judge, and against itself: what must hold for every policy, calendar and log.

The numbers of examples are small enough for every run; BIHUAN_EXAMPLES multiplies them for a long one.
"""

import os
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from bihuan.engine import compiled
from tests.engine.both import engine, engine_rows, log_of, oracle_rows, readable
from tests.engine.hostile import Matter, matters, once, policies
from tests.oracle import Event

TIMES = int(os.environ.get("BIHUAN_EXAMPLES", "1"))


def profile(examples: int) -> settings:
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example]
    return settings(
        max_examples=examples * TIMES,
        derandomize=TIMES == 1,
        database=None,
        suppress_health_check=slow,
    )


@profile(120)
@given(matters(policies(), most=5))
def test_the_fold_judges_as_the_slow_judge_does(matter):
    assert readable(engine_rows(engine(matter))) == readable(oracle_rows(matter))


@pytest.mark.skipif(not compiled.available(), reason="no compiler is installed: pip install bihuan[fast]")
@profile(12)
@given(matters(policies(), most=5))
def test_compiled_and_interpreted_folds_write_the_same_rows(matter):
    interpreted, fast = engine(matter), engine(matter, way="compiled")
    assert interpreted.obligations.equals(fast.obligations)
    assert interpreted.irregularities.equals(fast.irregularities)


@profile(10)
@given(matters(policies(), most=5), st.randoms(use_true_random=False))
def test_a_case_is_judged_alone_as_among_others_in_any_order(matter, random):
    count = sum(len(case) for case in matter.cases)
    order = list(range(count))
    # Cases are interleaved; within a case the order of the log stays, because it decides ties.
    home = [n for n, case in enumerate(matter.cases) for _ in case]
    random.shuffle(home)
    queues = {n: [k for k in order if place(matter, k) == n] for n in range(len(matter.cases))}
    shuffled = [queues[n].pop(0) for n in home]
    together = engine_rows(engine(matter))
    assert engine_rows(engine(matter, log_of(matter, shuffled))) == together
    alone = [
        (f"c{n}", row)
        for n in range(len(matter.cases))
        for _, row in engine_rows(engine(replace(matter, cases=(matter.cases[n],), facts=(matter.facts[n],))))
    ]
    assert alone == together


def place(matter: Matter, k: int) -> int:
    """The case of the k-th row of the log."""
    for n, case in enumerate(matter.cases):
        if k < len(case):
            return n
        k -= len(case)
    raise AssertionError


@profile(10)
@given(matters(policies(), most=1), st.integers(0, 12))
def test_what_comes_after_as_of_changes_nothing(matter, at):
    """Judged event by event, as a desk does, every prefix of a log says what the whole log says as of then."""
    ordered = sorted(matter.cases[0], key=lambda event: event.at)
    as_of = ordered[min(at, len(ordered) - 1)].at
    prefix = tuple(event for event in matter.cases[0] if event.at <= as_of)
    then = replace(matter, as_of=as_of)
    assert engine_rows(engine(replace(then, cases=(prefix,)))) == engine_rows(engine(then))


@profile(10)
@given(matters(policies(), most=3), st.integers(0, 12 * 86400))
def test_an_event_that_no_rule_names_changes_nothing(matter, later):
    cases = tuple(
        once([*case, Event(min(e.at for e in case) + later, "urged", {"part": "x"})]) for case in matter.cases
    )
    assert engine_rows(engine(replace(matter, cases=cases))) == engine_rows(engine(matter))


@profile(10)
@given(matters(policies(most=2), most=2), st.integers(1, 40 * 86400))
def test_no_pause_begun_after_it_moves_a_due_time(matter, later):
    """Nor does one turn what was missed into what is open."""
    calm = replace(
        matter, cases=tuple(tuple(e for e in case if e.name != "suspended") for case in matter.cases)
    )
    dues = [row.due_at for _, row in engine_rows(engine(calm)) if row.due_at is not None]
    assume(dues)
    at = max(dues) + later
    assume(at <= matter.as_of and not listening(matter))
    paused = replace(calm, cases=tuple((*case, Event(at, "suspended", {"part": "x"})) for case in calm.cases))
    before, after = engine_rows(engine(calm)), engine_rows(engine(paused))
    assert [row for row in after if row[1].due_at is not None] == [
        row for row in before if row[1].due_at is not None
    ]


def listening(matter: Matter) -> bool:
    """Whether a rule holds its due time for as long as a pause lasts."""
    rules = [
        rule
        for article in matter.policy["article"]
        for rule in (*article.get("obligation", []), *article.get("window", []))
    ]
    return any(pause.get("holds") for rule in rules for pause in rule.get("pauses", []))


@profile(10)
@given(matters(policies(most=1), most=2))
def test_what_is_voided_after_its_due_time_stays_overdue(matter):
    rules = [rule for article in matter.policy["article"] for rule in article.get("obligation", [])]
    assume(rules)
    rules[0]["void_by"] = "withdrawn"
    before = engine_rows(engine(matter))
    at = matter.as_of
    ended = replace(
        matter, cases=tuple((*case, Event(at, "withdrawn", {"part": "x"})) for case in matter.cases)
    )
    after = engine_rows(engine(ended))
    overdue = [row for row in before if row[1].state == "overdue"]
    assert [row for row in after if row[1].state == "overdue"] == overdue
