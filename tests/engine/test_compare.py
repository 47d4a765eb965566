"""Two outcomes beside each other: only what differs is a row."""

from datetime import UTC, datetime
from typing import Any

import polars as pl

from bihuan.engine.compare import compare
from bihuan.engine.outcome import Outcome

FIRST, SECOND = datetime(2025, 10, 9, tzinfo=UTC), datetime(2025, 10, 10, tzinfo=UTC)
SCHEMA: Any = {
    "case": pl.String, "rule": pl.String, "article": pl.String, "round": pl.Int32, "key": pl.String,
    "owner": pl.String, "due_at": pl.Datetime("us", "UTC"), "state": pl.String, "late_by": pl.Int64,
}  # fmt: skip


def row(case, rule="contact", *, round_=1, key=None, due=FIRST, state="met"):
    return (case, rule, "3", round_, key, "desk", due, state, None)


def outcome(*obligations, callbacks=(), kinds=()):
    table = pl.DataFrame(list(obligations), schema=SCHEMA, orient="row")
    calls = pl.DataFrame(list(callbacks), schema=SCHEMA, orient="row")
    found = pl.DataFrame({"kind": list(kinds)}, schema={"kind": pl.String})
    nothing = pl.DataFrame()
    return Outcome(table, calls, found, nothing, nothing, nothing)


def test_equal_outcomes_have_no_row():
    assert compare(outcome(row("1")), outcome(row("1"))).rows.is_empty()


def test_another_due_time_or_state_is_a_row_with_both():
    found = compare(outcome(row("1"), row("2")), outcome(row("1", due=SECOND), row("2", state="late"))).rows
    assert found.select("case", "due_before", "due_after", "state_before", "state_after").rows() == [
        ("1", FIRST, SECOND, "met", "met"),
        ("2", FIRST, FIRST, "met", "late"),
    ]


def test_a_due_time_that_is_new_or_gone_is_a_difference():
    found = compare(outcome(row("1", due=None)), outcome(row("1", due=FIRST))).rows
    assert found.select("due_before", "due_after").rows() == [(None, FIRST)]


def test_a_rule_of_one_side_only_stands_alone():
    found = compare(outcome(row("1")), outcome(row("1"), row("1", "resolve", due=SECOND))).rows
    assert found.select("rule", "article", "owner", "state_before", "state_after").rows() == [
        ("resolve", "3", "desk", None, "met")
    ]


def test_rounds_and_keys_are_matched_with_their_like():
    before = outcome(row("1", round_=1), row("1", round_=2), row("1", key="A"), row("1", key="B"))
    after = outcome(
        row("1", round_=1), row("1", round_=2, state="late"), row("1", key="B"), row("1", key="A")
    )
    assert compare(before, after).rows.select("round", "key").rows() == [(2, None)]


def test_callbacks_are_compared_too():
    before = outcome(callbacks=[row("1", "callback")])
    after = outcome(callbacks=[row("1", "callback", state="overdue")])
    assert compare(before, after).rows["state_after"].to_list() == ["overdue"]


def test_totals_stand_beside_each_other():
    before, after = outcome(row("1"), row("2", state="late")), outcome(row("1"), row("3", "resolve"))
    rules = compare(before, after).rules
    assert rules.select(
        "rule", "rows_before", "met_before", "late_before", "rows_after", "met_after"
    ).rows() == [
        ("contact", 2, 1, 1, 1, 1),
        ("resolve", None, None, None, 1, 1),
    ]


def test_irregularities_are_counted_by_kind():
    found = compare(outcome(kinds=["gate", "gate"]), outcome(kinds=["gate", "field"])).irregularities
    assert found.rows() == [("field", 0, 1), ("gate", 2, 1)]
