"""Rules about a subject: what an event knows is what its own case knew then, and nothing of another case."""

import pytest

from bihuan.engine.replay import replay
from tests.engine.small import log_of, policy_of, rows_of

FACTS = {
    "station": {"type": "text", "label": "站", "register": True},
    "grave": {"type": "flag", "label": "严重"},
    "limit": {
        "type": "limit",
        "rows": [{"when": {"grave": True}, "is": "1 day"}, {"when": {"grave": False}, "is": "2 days"}],
    },
}
BRIEF = {"id": "brief", "after": "resolved", "owes": "reported", "by": "unit", "across": "station"}


def briefs(rule, *events, **article):
    return replay(policy_of(BRIEF | rule, facts=FACTS, article=article), {}, log_of(*events))


def test_a_limit_is_looked_up_by_the_facts_of_the_event_s_own_case():
    found = briefs(
        {"within": "limit", "per": "grave"},
        ("1", "accepted", "2026-03-02 09:00", {"station": "east", "grave": True}),
        ("2", "accepted", "2026-03-02 10:00", {"station": "east", "grave": False}),
        ("1", "resolved", "2026-03-02 12:00", {"grave": True}),
        ("2", "resolved", "2026-03-02 13:00", {"grave": False}),
    )
    assert rows_of(found, "case", "started_at", "due_at") == [
        ("east", "2026-03-02 12:00", "2026-03-03 24:00"),
        ("east", "2026-03-02 13:00", "2026-03-04 24:00"),
    ]


def test_what_another_case_knows_starts_nothing():
    found = briefs(
        {"within": "1 day", "when": {"grave": True}},
        ("1", "accepted", "2026-03-02 09:00", {"station": "east", "grave": True}),
        ("2", "resolved", "2026-03-02 11:00", {"station": "east", "grave": False}),
        ("3", "resolved", "2026-03-02 12:00", {"station": "east", "grave": True}),
    )
    assert rows_of(found, "started_at") == [("2026-03-02 12:00",)]


@pytest.mark.xfail(
    strict=True, reason="a waiting row of a subject looks at the facts of the next event, of whatever case"
)
def test_what_another_case_knows_later_does_not_make_a_waiting_row_known():
    found = briefs(
        {"within": "limit"},
        ("1", "accepted", "2026-03-02 09:00", {"station": "east", "grave": True}),
        ("2", "resolved", "2026-03-02 11:00", {"station": "east"}),
        ("1", "resolved", "2026-03-02 12:00"),
    )
    assert rows_of(found, "started_at", "state") == [("2026-03-02 11:00", "waiting")]


@pytest.mark.xfail(
    strict=True, reason="where and per of rules across cases look at what earlier events of the case brought"
)
def test_where_sees_only_what_the_event_itself_brings():
    count = {"id": "bad", "of": {"event": "called_back", "where": {"grave": True}}, "across": "station"}
    found = briefs(
        {"within": "1 day"},
        ("1", "called_back", "2026-03-02 09:00", {"station": "east", "grave": True}),
        ("1", "called_back", "2026-03-02 10:00", {"station": "east"}),
        count=[count | {"at_least": 2}],
    )
    assert found.counts.height == 0
