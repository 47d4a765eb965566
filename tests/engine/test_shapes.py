"""The rarer shapes of rules in their smallest cases, each expected by a sentence of docs/semantics.md.

The random policies found them; here they can be read.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from tests.engine.both import engine, engine_findings, engine_rows
from tests.engine.hostile import PEOPLE, Matter, Office, policy
from tests.oracle import Event

OFFICE = Office("Asia/Shanghai", ((32400, 43200), (48600, 63000)), frozenset(), frozenset(), natural=False)
TURN = {"id": "turn", "after": "accepted", "may": "urged", "within": "1 hour"}


def at(day_and_time):
    return int(
        datetime.fromisoformat(f"2024-03-{day_and_time}")
        .replace(tzinfo=ZoneInfo("Asia/Shanghai"))
        .timestamp()
    )


def judged(rules, *events, as_of="20 00:00"):
    """The rows and the findings of one case; an event is its day, its name, its actor and what it brings."""
    happened = tuple(Event(at(when), name, dict(*rest[1:]), *rest[:1]) for when, name, *rest in events)
    articles = [{"no": "第1条", "says": "试", kind: [rule]} for kind, rule in rules]
    matter = Matter(policy(articles, {}), OFFICE, (happened,), ({},), at(as_of), PEOPLE)
    outcome = engine(matter)
    return [row for _, row in engine_rows(outcome)], engine_findings(matter, outcome)


def duty(**keys):
    return "obligation", {"id": "r", "after": "accepted", "owes": "closed", "within": "1 day", **keys}


def only(rules, *events, as_of="20 00:00"):
    (row,), _ = judged(rules, *events, as_of=as_of)
    return row


def test_a_quorum_among_all_that_is_owed():
    owed = {"all": ["closed", {"event": "approved", "at_least": 2}]}
    events = [("04 10:00", "approved", "甲"), ("04 10:30", "closed", "甲"), ("04 12:00", "approved", "乙")]
    row = only([duty(owes=owed)], ("04 09:00", "accepted"), *events)
    assert row.done_at == at("04 12:00")


def test_a_quorum_that_is_owed_begins_with_the_trigger():
    row = only(
        [duty(owes={"event": "approved", "at_least": 2})],
        ("04 08:00", "approved", "甲"), ("04 09:00", "accepted"), ("04 10:00", "approved", "乙"), ("04 12:00", "approved", "丙"),
    )  # fmt: skip
    assert row.done_at == at("04 12:00")


def test_a_quorum_is_of_those_who_did_it():
    rule = duty(after="contacted", void_by={"event": "approved", "at_least": 2})
    row = only([rule], ("04 09:00", "contacted", "甲"), ("04 10:00", "approved", "乙"))
    assert row.state == "overdue"


def test_a_prohibition_inside_a_window_sees_the_state_before_the_event():
    rules = [("window", TURN), ("prohibition", {"id": "no", "on": ["accepted", "urged"], "inside": "turn"})]
    found = judged(rules, ("04 08:00", "accepted"), ("04 08:30", "urged"))[1]
    assert found == ["c0 03-04 00:30:00 prohibited urged no"]


def test_a_lapsed_window_is_settled():
    rules = [("window", TURN), ("step", {"event": "closed", "settled": ["turn"]})]
    assert judged(rules, ("04 08:00", "accepted"), ("04 10:00", "closed"))[1] == []


@pytest.mark.parametrize("unit", ["1 day", "1 working day", "5 working hours"])
def test_what_a_count_adds_up_is_time_in_its_unit(unit):
    """25 hours are one full day, one working day, and eight working hours."""
    adds = {"used": unit, "part": "full"}
    rules = [duty(within="2 days"), ("count", {"id": "k", "of": "r.met", "adds": adds, "at_least": 3})]
    assert judged(rules, ("04 09:00", "accepted"), ("05 10:00", "closed"))[1] == []


def test_an_extension_of_a_period_gives_a_new_limit():
    rule = duty(every="calendar day", extensions=[{"by": "extended", "to": "2 days"}])
    rule[1].pop("within")
    row = only([rule], ("04 09:00", "accepted"), ("04 10:00", "extended"), as_of="04 12:00")
    assert row.due_at == at("06 23:59:59")


def test_the_first_of_the_unforeseen_decides():
    rule = duty(ahead_of="interrupted")
    rule[1].pop("within")
    row = only([rule], ("01 09:00", "accepted"), ("05 09:00", "interrupted"), ("10 09:00", "interrupted"))
    assert row.due_at == at("05 09:00")


def test_a_trigger_in_the_last_period_of_a_window_starts_nothing():
    every = {"id": "w", "after": "accepted", "may": "inspected", "every": "2 days", "until": "200 hours"}
    rows, _ = judged([("window", every)], ("08 00:00", "accepted"), ("13 17:46", "accepted"))
    assert [row.due_at for row in rows] == [at("10 23:59:59"), at("12 23:59:59"), at("14 23:59:59")]


def test_a_day_before_which_nothing_counts_is_over_at_midnight():
    rule = duty(within="3 days", not_before="1 day", days={"ends": "12:00"})
    assert only([rule], ("04 23:59", "accepted"), ("05 09:00", "closed")).done_at == at("05 09:00")


def test_a_trigger_while_a_bounded_series_runs_starts_nothing():
    rule = duty(every="5 days", within="2 hours", until="200 hours")
    row = only([rule], ("04 15:00", "accepted"), ("08 09:00", "accepted"))
    assert row.due_at == at("04 17:00")


def test_what_is_early_under_a_step_is_none_of_all_that_is_owed():
    rules = [
        duty(owes={"all": ["contacted", "closed"]}),
        ("window", {**TURN, "after": "reviewed"}),
        ("step", {"event": "closed", "inside": "turn"}),
    ]
    rows, findings = judged(
        rules, ("04 09:00", "accepted"), ("04 10:00", "contacted"), ("04 11:00", "closed")
    )
    assert findings == ["c0 03-04 03:00:00 early closed: closed "]
    assert [row.state for row in rows] == ["overdue"]


def test_what_says_no_value_counts_its_own_rounds():
    """docs/semantics.md#trigger-while-open: a trigger without the value is another matter, so it begins with 1."""
    rows, _ = judged(
        [duty(per="part")], ("04 09:00", "accepted", None, {"part": "x"}), ("04 10:00", "accepted")
    )
    assert [(row.key, row.round) for row in rows] == [(None, 1), ("x", 1)]


@pytest.mark.parametrize("actor", ["甲", "乙", None])
def test_what_was_refused_made_nobody_the_handler(actor):
    """docs/semantics.md#irregular-counts: a refused event has no effect at all, whoever did it."""
    refuses = {"event": "contacted", "needs": ["reviewed"], "refused": True}
    rules = [("step", refuses), ("step", {"event": "closed", "by": ["handler"]})]
    _, found = judged(rules, ("04 09:00", "contacted", actor), ("04 10:00", "closed", "甲"))
    assert "c0 03-04 02:00:00 person closed: closed " in found


REFUSES = ("step", {"event": "reviewed", "needs": ["contacted"], "refused": True})


def test_what_was_refused_is_no_latest_doer():
    """docs/semantics.md#distinct asks of the latest who did it; the refused review of 乙 is none."""
    rules = [REFUSES, ("step", {"event": "closed", "distinct": ["drafter", "actor"]})]
    events = [("04 08:00", "contacted", "丙"), ("04 09:00", "reviewed", "甲"), ("04 10:00", "closed", "甲")]
    assert len(judged(rules, *events)[1]) == 1
    refused = [("04 09:00", "reviewed", "甲"), ("04 10:00", "closed", "甲")]
    assert [line.split()[3] for line in judged(rules, *refused)[1]] == ["gate"]


def test_what_was_refused_counts_for_no_quorum():
    need = {"event": "reviewed", "at_least": 2}
    rules = [REFUSES, ("step", {"event": "closed", "needs": [need]}), duty(owes=need)]
    events = [
        ("04 07:00", "accepted"), ("04 08:00", "reviewed", "甲"), ("04 09:00", "contacted", "丙"),
        ("04 10:00", "reviewed", "乙"), ("04 11:00", "closed", "丙"),
    ]  # fmt: skip
    (row,), found = judged(rules, *events)
    assert row.done_at is None
    assert [line.split()[4] for line in found] == ["reviewed:", "closed:"]
