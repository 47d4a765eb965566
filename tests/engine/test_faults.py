"""Of a policy the part that finds faults is kept whole: what it waits for, and what a step asks where it refuses."""

import tomllib
from itertools import product
from typing import Any

import pytest

from bihuan.engine.facts import Facts
from bihuan.engine.faults import finding_faults
from bihuan.engine.parameters import parameter_values
from bihuan.engine.policy import parse_policy
from bihuan.engine.replay import finder, judge, planned
from bihuan.engine.rules import Step
from bihuan.engine.single import rows_of, told_irregularities
from bihuan.engine.trying import tried

TEXT = """
[policy]
id = "test/faults"
title = "t"
edition = "unknown"
status = "in force"
source = { file = "t", lines = "1" }
zone = "UTC"
[facts]
reason = { type = "text" }
urgent = { type = "flag", default = false }
[[article]]
no = "1"
says = "s"
  [[article.obligation]]
  id = "answer"
  after = "accepted"
  owes = "replied"
  within = "2 hours"
  [[article.obligation]]
  id = "visit"
  after = "accepted"
  owes = "visited"
  within = "3 hours"
  [[article.obligation]]
  id = "apology"
  after = "visit.missed"
  owes = "apologised"
  within = "4 hours"
  [[article.obligation]]
  id = "report"
  after = "answer.late"
  owes = "reported"
  within = "1 hour"
  [[article.obligation]]
  id = "call"
  after = "replied"
  owes = "called_back"
  not_before = "2 hours"
  within = "9 hours"
  [[article.prohibition]]
  id = "no-second-visit"
  on = "visited"
  when = { urgent = true }
[[article]]
no = "2"
says = "s"
  [[article.step]]
  event = "replied"
  from = "start"
  to = "told"
  asks = [{ fact = "reason" }]
  refused = true
  [[article.step]]
  event = "visited"
  asks = [{ fact = "reason" }]
  [[article.step]]
  event = "closed"
  from = "told"
  needs = ["visited"]
  settled = ["apology"]
"""
POLICY = parse_policy(tomllib.loads(TEXT), "t")
HOUR = 3600
EVENTS: tuple[dict[str, Any], ...] = (
    {"event": "replied", "reason": "so"},
    {"event": "replied"},
    {"event": "visited", "urgent": True},
    {"event": "apologised"},
)


def names_of(policy):
    return [rule.name for _, _, rule in policy.rules()]


def test_what_nobody_waits_for_is_left_out():
    kept = finding_faults(POLICY, parameter_values(POLICY))
    assert names_of(kept) == ["visit", "apology", "call", "no-second-visit", "replied", "visited", "closed"]
    asked = {rule.name: len(rule.asks) for _, _, rule in kept.rules() if isinstance(rule, Step)}
    assert asked == {"replied": 1, "visited": 0, "closed": 0}, "fields matter where an event has no effect"
    assert names_of(POLICY)[0] == "answer", "the policy itself stays"


def test_a_window_that_a_step_names_is_kept_with_what_opens_it():
    window = '[[article.window]]\n  id = "appeal"\n  after = "report.met"\n  within = "9 hours"\n  [[article.prohibition]]'
    text = TEXT.replace("[[article.prohibition]]", window).replace('from = "told"', 'inside = "appeal"')
    policy = parse_policy(tomllib.loads(text), "t")
    kept = names_of(finding_faults(policy, parameter_values(policy)))
    assert {"appeal", "report", "answer"} <= set(kept)


@pytest.mark.parametrize(("hours", "kind"), [(0, "early"), (1, "prohibited"), (5, "gate")])
def test_every_event_is_found_as_faulty_as_by_the_whole_policy(hours, kind):
    plan = planned(POLICY, None, None)
    find, names = finder(plan, POLICY, {}), list(plan.layouts[""].events)
    found = set()
    for some in product(EVENTS, repeat=3):
        before: list[dict[str, Any]] = [{"event": "accepted", "at": 0}]
        before += [one | {"at": (n + 1) * 2 * HOUR} for n, one in enumerate(some)]
        then = {"at": (6 + hours) * HOUR, "urgent": hours == 1}
        wrong = tried(plan, find, before, then, names, {}, then["at"])
        for name in names:
            rows = rows_of([*before, then | {"event": name}], {})
            one = judge(plan.layouts[""], Facts(plan.prepared, rows), find, rows, then["at"], "interpreted")
            whole = [row for row in told_irregularities(one) if row["row"] == 4 and row["kind"] != "field"]
            assert wrong.get(name, []) == whole, (some, name)
            found |= {row["kind"] for row in whole}
    assert found >= {"state", "gate", kind}
