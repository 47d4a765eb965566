"""The rarer shapes of rules against the slow judge: every row, irregularity and count of random policies and logs.

BIHUAN_EXAMPLES multiplies the numbers of examples for a long run.
"""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.engine import compiled
from tests.engine.both import engine, engine_findings, engine_rows, oracle_tells, readable
from tests.engine.hostile import matters
from tests.engine.recurring import DAYS, with_long_periods, with_moving_periods
from tests.engine.shapes import with_counts, with_doubts, with_instants, with_periods, with_steps
from tests.engine.test_fold_oracle import profile

ANY = st.one_of(
    with_steps(), with_counts(), with_periods(), with_instants(), with_doubts(), with_moving_periods()
)


def agree(matter):
    rows, findings = oracle_tells(matter)
    outcome = engine(matter)
    assert readable(engine_rows(outcome)) == readable(rows)
    assert engine_findings(matter, outcome) == findings


@profile(25)
@given(matters(with_steps(), bold=True))
def test_steps_and_prohibitions(matter):
    agree(matter)


@profile(25)
@given(matters(with_counts(), bold=True))
def test_counts(matter):
    agree(matter)


@profile(25)
@given(matters(with_periods(), bold=True))
def test_periods(matter):
    agree(matter)


@profile(12)
@given(matters(with_moving_periods(), bold=True))
def test_periods_with_conditions_pauses_and_extensions(matter):
    agree(matter)


@profile(12)
@given(matters(with_long_periods(), bold=True, days=DAYS))
def test_long_periods_over_month_ends_and_leap_days(matter):
    agree(matter)


@profile(25)
@given(matters(with_instants(), bold=True))
def test_agreed_and_planned_instants(matter):
    agree(matter)


@profile(25)
@given(matters(with_doubts(), bold=True))
def test_conditions_known_later_goals_and_quorums(matter):
    agree(matter)


@pytest.mark.skipif(not compiled.available(), reason="no compiler is installed: pip install bihuan[fast]")
@profile(8)
@given(matters(ANY, bold=True))
def test_compiled_and_interpreted_folds_agree_on_every_row(matter):
    interpreted, fast = engine(matter), engine(matter, way="compiled")
    assert interpreted.obligations.equals(fast.obligations)
    assert interpreted.irregularities.equals(fast.irregularities)
    assert interpreted.counts.equals(fast.counts)


@profile(8)
@given(matters(ANY, most=1, bold=True), st.integers(0, 14))
def test_event_by_event_says_what_the_whole_log_says_as_of_then(matter, nth):
    ordered = sorted(matter.cases[0], key=lambda event: event.at)
    as_of = ordered[min(nth, len(ordered) - 1)].at
    then = replace(matter, as_of=as_of)
    prefix = replace(then, cases=(tuple(event for event in matter.cases[0] if event.at <= as_of),))
    assert told(prefix) == told(then)


@profile(8)
@given(matters(ANY, bold=True))
def test_a_case_is_judged_alone_as_among_others(matter):
    rows, findings = told(matter)
    alone = [
        told(replace(matter, cases=tuple(case if k == n else () for k, case in enumerate(matter.cases))))
        for n in range(len(matter.cases))
    ]
    assert [row for found, _ in alone for row in found] == rows
    assert sorted(line for _, found in alone for line in found) == findings


def told(matter):
    outcome = engine(matter)
    return engine_rows(outcome), engine_findings(matter, outcome)
