"""Hand-made cases of the fold that the random ones reach seldom."""

import pytest

from bihuan.engine.errors import PolicyError
from bihuan.engine.replay import replay
from tests.engine.small import at, log_of, policy_of, rows_of

SOON = [{"when": {"grade": "a"}, "is": "2 hours"}, {"when": {"grade": "b"}, "is": "goal"}]


def test_a_pause_keeps_its_length_when_an_extension_changes_the_unit_of_the_limit():
    policy = policy_of(
        {
            "id": "answer",
            "after": "accepted",
            "owes": "answered",
            "within": "3 days",
            "by": "unit",
            "pauses": [{"from": "suspended", "to": "resumed"}],
            "extensions": [{"by": "extended", "to": "200 hours"}],
        }
    )
    log = log_of(
        ("1", "accepted", "2026-03-01 01:00"),
        ("1", "suspended", "2026-03-02 01:00"),
        ("1", "resumed", "2026-03-04 01:00"),
        ("1", "extended", "2026-03-04 01:01"),
    )
    # 200 hours from 03-01 01:00 are 03-09 09:00; two days were paused.
    assert rows_of(replay(policy, {}, log), "due_at", "state") == [("2026-03-11 09:00", "open")]


def test_rounds_are_counted_for_each_key():
    policy = policy_of(
        {
            "id": "mend",
            "after": "reported",
            "owes": "resolved",
            "within": "1 day",
            "by": "unit",
            "per": "fault",
        },
        facts={"fault": {"type": "text", "label": "故障"}},
    )
    log = log_of(
        ("1", "reported", "2026-03-02 09:00", {"fault": "pump"}),
        ("1", "reported", "2026-03-02 10:00", {"fault": "lamp"}),
        ("1", "resolved", "2026-03-02 11:00", {"fault": "pump"}),
        ("1", "reported", "2026-03-02 12:00", {"fault": "pump"}),
    )
    assert rows_of(replay(policy, {}, log), "key", "round", "state") == [
        ("pump", 1, "met"),
        ("lamp", 1, "open"),
        ("pump", 2, "open"),
    ]


def test_an_extension_after_the_due_time_moves_it_only_where_that_is_allowed():
    def due(**extension):
        policy = policy_of(
            {
                "id": "answer",
                "after": "accepted",
                "owes": "answered",
                "within": "1 day",
                "by": "unit",
                "extensions": [{"by": "extended", "to": "5 days", **extension}],
            },
            {
                "id": "escalate",
                "after": "answer.missed",
                "owes": "escalated",
                "within": "1 hour",
                "by": "unit",
            },
        )
        log = log_of(("1", "accepted", "2026-03-02 09:00"), ("1", "extended", "2026-03-04 09:00"))
        return rows_of(replay(policy, {}, log), "rule", "due_at", "state")

    assert due()[0] == ("answer", "2026-03-03 24:00", "overdue")
    assert due(in_time=False)[0] == ("answer", "2026-03-07 24:00", "open")


def test_a_circle_of_rules_is_refused_with_its_names():
    policy = policy_of(
        {"id": "one", "after": "two.missed", "owes": "answered", "within": "1 day", "by": "unit"},
        {"id": "two", "after": "one.missed", "owes": "resolved", "within": "1 day", "by": "unit"},
    )
    with pytest.raises(PolicyError, match=r"in a circle: (one → two → one|two → one → two)"):
        replay(policy, {}, log_of(("1", "accepted", "2026-03-02 09:00")))


@pytest.mark.parametrize("recurs", [{"after": "accepted", "within": "1 day"}, {"every": "calendar month"}])
@pytest.mark.parametrize("target", ["goal", {"by": "manual"}, "soon"])
def test_a_goal_that_nobody_knows_leaves_the_row_judged_by_its_limit(target, recurs):
    policy = policy_of(
        {"id": "reply", "after": "accepted", "owes": "replied", "target": target, "by": "unit"} | recurs,
        facts={"grade": {"type": "text"}, "soon": {"type": "limit", "rows": SOON}},
        parameters={"goal": {"origin": "missing", "unit": "hours"}},
        references={"manual": {"title": "手册", "held": False}},
    )
    log = log_of(("1", "accepted", "2026-03-02 09:00", {"grade": "b"}), ("2", "accepted", "2026-03-02 09:00"))
    found = replay(policy, {}, log, as_of=at("2026-04-02 09:00"))
    assert set(found.obligations["state"].cast(str)) <= {"overdue", "open"}
    assert found.obligations["warn_at"].null_count() == found.obligations.height >= 2
    assert found.obligations["due_at"].null_count() == 0
