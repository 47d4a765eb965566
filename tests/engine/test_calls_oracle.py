"""Are rounds, attempts and exemptions what a slow reading of the page says? Random lives of cases, event by event.

The oracle below knows no column and no fold: it goes through the events with a notebook (docs/semantics.md#attempts,
#verdict-rounds, #exempt).
"""

import tomllib
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engine.log import as_log
from bihuan.engine.policy import parse_policy
from bihuan.engine.replay import replay

POLICY = """
[policy]
id = "test/calls"
title = "t"
edition = "unknown"
status = "in force"
source = { file = "t", lines = "1" }
zone = "UTC"
[roles]
handler = { label = "h", did = ["resolved"] }
[facts]
named = { type = "flag" }
letter = { type = "flag", default = false }
item = { choices = { a = "甲", b = "乙" } }
verdict = { choices = { good = "满意", bad = "不满意" } }
method = { choices = { voice = "语音", manual = "人工" } }
[[article]]
no = "1"
says = "s"
  [[article.callback]]
  id = "call"
  after = "resolved"
  owes = { event = "called_back", where = { verdict = ["good", "bad"] } }
  within = "10 hours"
  void_by = "reopened"
  exempt = [{ when = { named = false }, says = "unnamed" }, { article = "9", when = { letter = true }, says = "letter" }]
  PER
  [[article.step]]
  event = "called_back"
  not_by = ["handler"]
  refused = true
"""
PLAIN = parse_policy(tomllib.loads(POLICY.replace("PER", "")), "t")
BY_ITEM = parse_policy(tomllib.loads(POLICY.replace("PER", 'per = "item"')), "t")
HOUR = 3600


@dataclass
class Call:
    """A callback while it is owed, and after."""

    key: str | None
    started: int
    state: str = "open"
    attempts: int = 0
    last: int | None = None
    method: str | None = None


def told(events, as_of, per):
    """What the page says of one case: its callbacks, in the order of their opening, and who was exempt and why."""
    calls, exempt, handlers = [], [], set()
    facts: dict[str, Any] = {"letter": False}
    owed = {}
    for event in (each for each in events if each["at"] <= as_of):
        name, key = event["event"], event.get("item") if per else None
        facts |= {fact: event[fact] for fact in ("named", "letter", "method") if fact in event}
        if name == "called_back" and event.get("actor") in handlers:
            continue  # refused: as if nobody had called
        if key in owed and name in ("called_back", "called_in_vain"):
            owed[key].attempts += 1
            owed[key].last, owed[key].method = event["at"], facts.get("method")
        if key in owed and name == "reopened":
            owed.pop(key).state = "void" if event["at"] <= owed_until(calls, key) else "overdue"
        if key in owed and name == "called_back" and event.get("verdict") in ("good", "bad"):
            owed.pop(key).state = "met" if event["at"] <= owed_until(calls, key) else "late"
        if name == "resolved":
            handlers.add(event["actor"])
            if facts.get("named") is False:
                exempt.append((event["at"], "1", "unnamed"))
            elif facts["letter"]:
                exempt.append((event["at"], "9", "letter"))
            elif key not in owed:
                owed[key] = Call(key, event["at"])
                calls.append(owed[key])
    for call in owed.values():
        call.state = "overdue" if call.started + 10 * HOUR < as_of else "open"
    return calls, exempt


def owed_until(calls, key):
    return next(call for call in reversed(calls) if call.key == key).started + 10 * HOUR


EVENTS = st.fixed_dictionaries(
    {
        "event": st.sampled_from(
            ["resolved", "reopened", "called_back", "called_back", "called_in_vain", "replied"]
        ),
        "gap": st.integers(0, 7),
        "actor": st.sampled_from(["x", "y", "z"]),
        "item": st.sampled_from(["a", "b"]),
        "method": st.sampled_from(["voice", "manual"]),
    },
    optional={
        "verdict": st.sampled_from(["good", "bad", "so-so"]),
        "letter": st.booleans(),
        "named": st.booleans(),
    },
)


def dated(drawn):
    """Events by their instants; of equal rows one counts (docs/semantics.md#duplicates)."""
    at, found = 0, []
    for event in drawn:
        at += event["gap"] * HOUR
        row = {"at": at, **{name: value for name, value in event.items() if name != "gap"}}
        found += [row] if row not in found else []
    return found


def as_rows(lives):
    columns = ("case", "event", "at", "actor", "item", "method", "verdict", "letter", "named")
    return [
        {name: {"case": case}.get(name, event.get(name)) for name in columns}
        for case, events in lives.items()
        for event in events
    ]


def seconds(instant):
    return None if instant is None else int(instant.timestamp())


@pytest.mark.parametrize("policy", [PLAIN, BY_ITEM], ids=["by case", "by item"])
@settings(max_examples=60)
@given(st.lists(st.lists(EVENTS, max_size=9), min_size=1, max_size=3), st.integers(0, 40))
def test_rounds_attempts_and_exemptions_are_as_the_page_says(policy, drawn, cut):
    lives = {f"case {n}": dated(events) for n, events in enumerate(drawn)}
    rows = as_rows(lives)
    if not rows:
        return
    outcome = replay(policy, {}, as_log(rows), cut * HOUR)
    for case, events in lives.items():
        calls, exempt = told(events, cut * HOUR, per=policy is BY_ITEM)
        found = [
            (row["key"], seconds(row["started_at"]), row["state"], row["attempts"], row["last_method"])
            for row in outcome.callbacks.filter(case=case).sort("started_at", maintain_order=True).to_dicts()
        ]
        wanted = [(each.key, each.started, each.state, each.attempts, each.method) for each in calls]
        assert sorted(found, key=str) == sorted(wanted, key=str)
        lasts = outcome.callbacks.filter(case=case)["last_attempt_at"].to_list()
        assert sorted(map(str, map(seconds, lasts))) == sorted(str(each.last) for each in calls)
        listed = outcome.exempted.filter(case=case).select("at", "article", "reason").rows()
        assert [(seconds(at), article, reason) for at, article, reason in listed] == exempt
    if policy is PLAIN:
        rounds = outcome.callbacks.select("case", "round").rows()
        assert all(n == 1 or (case, n - 1) in rounds for case, n in rounds)
