"""When a case is to be judged anew if nothing happens to it: nothing opens or ends by itself before."""

from dataclasses import replace

import pytest
from hypothesis import given

import bihuan
from bihuan.engine import compiled
from bihuan.engine.clock import NEVER
from bihuan.engine.examples import told
from bihuan.engine.replay import judged_cases
from tests.engine.both import judgement
from tests.engine.hostile import matters, policies
from tests.engine.recurring import with_long_periods
from tests.engine.small import at, log_of, policy_of
from tests.engine.test_fold_oracle import profile
from tests.shipped import shipped_examples

STANDS = ("case", "rule", "round", "key", "row", "started", "done", "ended")


def stands(found):
    """What there is, but for what only says how late it is by now."""
    return [[one.folded.columns[name].tolist() for name in STANDS] for one in found.judged]


def next_of(found):
    """The first of all cases; NEVER where nothing is to come."""
    return min((at for one in found.judged for at in one.folded.next.tolist()), default=NEVER)


@pytest.mark.parametrize(("policy", "example"), shipped_examples(first=1))
def test_nothing_opens_or_ends_before_in_the_shipped_regulations(policy, example):
    policy, calendars, log, as_of, site, parameters = told(policy, example, bihuan.read_calendars())
    now = judged_cases(policy, calendars, log, as_of, site, parameters)
    assert all(len(one.folded.next) == len(one.rows.cases) for one in now.judged)
    first = next_of(now)
    assert first > as_of
    if first < NEVER and now.plan.framing is None:  # draws go by periods of their own
        assert stands(judged_cases(policy, calendars, log, first - 1, site, parameters)) == stands(now)


@profile(60)
@given(matters(policies(), most=3))
def test_nothing_opens_or_ends_before_under_any_policy(matter):
    whole_and_before(matter)


@profile(40)
@given(matters(with_long_periods(), most=2))
def test_nothing_opens_or_ends_before_where_much_recurs(matter):
    whole_and_before(matter)


def whole_and_before(matter):
    now = judgement(matter)
    if compiled.available():
        fast = judgement(matter, way="compiled")
        assert [one.folded.next.tolist() for one in fast.judged] == [
            one.folded.next.tolist() for one in now.judged
        ]
    first = next_of(now)
    assert first > matter.as_of
    if first < NEVER:
        assert stands(judgement(replace(matter, as_of=first - 1))) == stands(now)


MONTHLY = {"id": "report", "after": "accepted", "owes": "reported", "every": "calendar month"}


@pytest.mark.parametrize(
    ("as_of", "found"),
    [("2026-03-10 09:00", "2026-04-01 00:00"), ("2026-04-01 00:00", "2026-05-01 00:00")],
)
def test_a_monthly_duty_that_was_done_comes_again_next_month(as_of, found):
    log = log_of(("A", "accepted", "2026-03-02 09:00"), ("A", "reported", "2026-03-05 09:00"))
    assert next_of(judged_cases(policy_of(MONTHLY), {}, log, at(as_of))) == at(found)


def test_what_is_only_owed_changes_nothing_and_what_is_still_to_come_does():
    policy = policy_of({"id": "answer", "after": "accepted", "owes": "answered", "within": "2 days"})
    log = log_of(("A", "accepted", "2026-03-02 09:00"), ("A", "answered", "2026-03-20 09:00"))
    assert next_of(judged_cases(policy, {}, log, at("2026-03-05 09:00"))) == at("2026-03-20 09:00")
    assert next_of(judged_cases(policy, {}, log, at("2026-03-21 09:00"))) == NEVER
