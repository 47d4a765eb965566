"""Two outcomes beside each other: every number is counted by hand, and has its cases."""

import tomllib
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from bihuan.engine.compare import CHANGES, NUMBERS, compare
from bihuan.engine.log import as_log
from bihuan.engine.outcome import Outcome
from bihuan.engine.policy import parse_policy
from bihuan.engine.replay import replay

FIRST, SECOND = datetime(2025, 10, 9, tzinfo=UTC), datetime(2025, 10, 10, tzinfo=UTC)
DAY = 86400
SCHEMA: Any = {
    "case": pl.String, "rule": pl.String, "article": pl.String, "round": pl.Int32, "key": pl.String,
    "unit": pl.String, "owner": pl.String, "due_at": pl.Datetime("us", "UTC"), "state": pl.String,
}  # fmt: skip
DEMANDS: Any = {"customer": pl.String, "unit": pl.String, "at": pl.Datetime("us", "UTC")}
FINDINGS: Any = {
    "case": pl.String, "event": pl.String, "at": pl.Datetime("us", "UTC"), "actor": pl.String, "kind": pl.String,
    "article": pl.String, "detail": pl.String,
}  # fmt: skip


def row(
    case,
    rule="contact",
    *,
    round_=1,
    key=None,
    due: datetime | None = FIRST,
    state="met",
    unit=None,
):
    return (case, rule, "3", round_, key, unit, "desk", due, state)


def finding(case, kind="gate", article="5"):
    return (case, "closed", FIRST, None, kind, article, None)


def outcome(*obligations, callbacks=(), found=(), called=None):
    """An outcome of these rows; `called` are the customers whom the rules demand to be contacted."""
    table, calls = (
        pl.DataFrame(list(rows), schema=SCHEMA, orient="row") for rows in (obligations, callbacks)
    )
    irregularities = pl.DataFrame(list(found), schema=FINDINGS, orient="row")
    nothing = pl.DataFrame()
    demands = (
        {"customer": called, "unit": [None] * len(called), "at": [FIRST] * len(called)} if called else {}
    )
    return Outcome(
        table,
        calls,
        irregularities,
        nothing,
        nothing,
        nothing,
        demands=pl.DataFrame(demands, schema=DEMANDS if called else {}),
    )


def numbers(found, *names):
    return found.rules.select("rule", "unit", *names).rows()


def test_equal_outcomes_have_no_row():
    assert compare(outcome(row("1")), outcome(row("1"))).rows.is_empty()


def test_another_due_time_or_state_is_a_row_with_both():
    found = compare(outcome(row("1"), row("2")), outcome(row("1", due=SECOND), row("2", state="late"))).rows
    assert found.select(
        "case", "change", "due_before", "due_after", "shift", "state_before", "state_after"
    ).rows() == [
        ("1", "moved", FIRST, SECOND, DAY, "met", "met"),
        ("2", "newly_late", FIRST, FIRST, 0, "met", "late"),
    ]


def test_a_due_time_that_is_new_or_gone_is_a_difference_without_a_shift():
    found = compare(outcome(row("1", due=None)), outcome(row("1", due=FIRST))).rows
    assert found.select("change", "due_before", "due_after", "shift").rows() == [("moved", None, FIRST, None)]


def test_a_rule_of_one_side_only_stands_alone():
    found = compare(outcome(row("1")), outcome(row("1"), row("1", "resolve", due=SECOND))).rows
    assert found.select("rule", "article", "owner", "change", "state_before", "state_after").rows() == [
        ("resolve", "3", "desk", "only_after", None, "met")
    ]


def test_a_renamed_rule_is_matched_where_the_caller_says_so():
    before, after = outcome(row("1")), outcome(row("1", "first-contact", due=SECOND))
    assert numbers(compare(before, after), "only_before", "only_after", "moved") == [
        ("contact", None, 1, 0, 0),
        ("first-contact", None, 0, 1, 0),
    ]
    assert numbers(
        compare(before, after, {"contact": "first-contact"}), "only_before", "only_after", "moved"
    ) == [("first-contact", None, 0, 0, 1)]


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


def test_instants_of_two_zones_are_compared_as_instants():
    after, here = outcome(row("1")), pl.col("due_at").dt.convert_time_zone("Asia/Shanghai")
    after.obligations, after.callbacks = (
        after.obligations.with_columns(here),
        after.callbacks.with_columns(here),
    )
    assert compare(outcome(row("1")), after).rows.is_empty()
    moved = compare(after, outcome(row("1", due=SECOND))).rows
    assert moved["shift"].to_list() == [DAY]
    assert moved["due_after"].to_list() == [SECOND.astimezone(ZoneInfo("Asia/Shanghai"))]


# Six cases of 城东, one of 城西; `t` days later:
#   1 met → late, +3   2 late → met, +5   3 overdue → overdue, −2   4 unset → met   5 met → gone   6 new, late   7 met
BEFORE = (
    row("1", unit="城东"), row("2", unit="城东", state="late"), row("3", unit="城东", state="overdue"),
    row("4", unit="城东", due=None, state="unset"), row("5", unit="城东"), row("7", unit="城西"),
)  # fmt: skip
AFTER = (
    row("1", unit="城东", due=FIRST + timedelta(3), state="late"), row("2", unit="城东", due=FIRST + timedelta(5)),
    row("3", unit="城东", due=FIRST - timedelta(2), state="overdue"), row("4", unit="城东"),
    row("6", unit="城东", state="late"), row("7", unit="城西"),
)  # fmt: skip


@pytest.fixture
def seven():
    return compare(outcome(*BEFORE), outcome(*AFTER))


def test_states_are_counted_by_rule_and_unit_on_both_sides(seven):
    assert numbers(seven, "rows_before", "met_before", "late_before", "overdue_before") == [
        ("contact", "城东", 5, 2, 1, 1),
        ("contact", "城西", 1, 1, 0, 0),
    ]
    assert numbers(seven, "rows_after", "met_after", "late_after", "overdue_after") == [
        ("contact", "城东", 5, 2, 2, 1),
        ("contact", "城西", 1, 1, 0, 0),
    ]


def test_the_difference_is_newly_late_less_no_longer_late(seven):
    # late or overdue: 2 and 3 before; 1, 3 and 6 after
    assert numbers(seven, "difference", "newly_late", "no_longer_late") == [
        ("contact", "城东", 1, 2, 1),
        ("contact", "城西", 0, 0, 0),
    ]


def test_shifts_are_those_of_the_due_times_that_moved(seven):
    assert numbers(seven, "moved", "shift_median", "shift_min", "shift_max") == [
        ("contact", "城东", 3, 3 * DAY, -2 * DAY, 5 * DAY),
        ("contact", "城西", 0, None, None, None),
    ]


@pytest.mark.parametrize(
    ("number", "cases"),
    [
        ("newly_late", ["1", "6"]),
        ("no_longer_late", ["2"]),
        ("only_before", ["5"]),
        ("only_after", ["6"]),
        ("newly_judged", ["4"]),
        ("no_longer_judged", []),
        ("moved", ["1", "2", "3"]),
        ("overdue_after", ["3"]),
        ("rows_before", ["1", "2", "3", "4", "5"]),
    ],
)
def test_every_number_has_its_cases(seven, number, cases):
    behind = seven.behind(number, rule="contact", unit="城东")
    assert sorted(behind["case"]) == cases
    assert seven.rules.filter(pl.col("unit") == "城东")[number].to_list() == [len(cases)]


def test_every_number_is_the_sum_of_the_rows_behind_it(seven):
    counted = tuple(len(seven.behind(name)) for name in NUMBERS)
    assert counted == seven.rules.select(*NUMBERS).sum().row(0)
    assert set(seven.rows["change"]) <= set(CHANGES)


def test_what_is_judged_no_longer_is_told():
    found = compare(outcome(row("1")), outcome(row("1", due=None, state="unset")))
    assert found.rows["change"].to_list() == ["no_longer_judged"]


def test_another_state_that_is_neither_late_nor_unjudged_is_a_row():
    found = compare(outcome(row("1")), outcome(row("1", state="void")))
    assert found.rows["change"].to_list() == ["other_state"]


def test_irregularities_are_counted_by_kind_and_article_and_listed():
    before = outcome(found=[finding("1"), finding("2"), finding("3", "person", "6")])
    after = outcome(found=[finding("1"), finding("4", "field")])
    found = compare(before, after)
    assert found.kinds.rows() == [
        ("field", "5", 0, 1, 0, 1),
        ("gate", "5", 2, 1, 1, 0),
        ("person", "6", 1, 0, 1, 0),
    ]
    assert found.irregularities.select("case", "kind", "change").rows() == [
        ("2", "gate", "only_before"),
        ("3", "person", "only_before"),
        ("4", "field", "only_after"),
    ]


def test_contact_load_is_how_many_customers_are_called_how_often():
    # 甲 3 → 1, 乙 1 → 1, 丙 0 → 2
    found = compare(outcome(called=list("甲甲甲乙")), outcome(called=list("甲乙丙丙")))
    assert found.contacts.rows() == [("丙", 0, 2), ("甲", 3, 1)]
    assert found.load.rows() == [(0, 1, 0), (1, 1, 2), (2, 0, 1), (3, 1, 0)]
    assert found.calls.rows() == [("2025", None, 4, 4, 2, 3)]


def test_contact_load_is_told_only_where_both_policies_say_who_is_called():
    found = compare(outcome(called=["甲"]), outcome())
    assert (found.contacts.height, found.load.height) == (0, 0)


POLICY = """
[policy]
id = "service/one"
title = "一"
edition = "unknown"
status = "in force"
source = { file = "a", lines = "1" }
zone = "Asia/Shanghai"
customer = "caller"
[facts]
caller = { type = "text", register = true }
[[article]]
no = "1"
says = "回访"
  [[article.callback]]
  id = "callback"
  after = "archived"
  within = "1 day"
"""


def test_outcomes_of_a_replay_can_be_compared():
    policy = parse_policy(tomllib.loads(POLICY))
    end = 1_760_000_000
    events = [
        {"case": str(n), "event": "archived", "at": end - n, "caller": who} for n, who in enumerate("甲甲乙")
    ]
    whole = replay(policy, {}, as_log(events, zone="Asia/Shanghai"), end)
    part = replay(policy, {}, as_log(events[1:], zone="Asia/Shanghai"), end)
    found = compare(whole, part)
    assert found.contacts.rows() == [("甲", 2, 1)]
    assert numbers(found, "only_before", "only_after") == [("callback", None, 1, 0)]


VISITS = """
[[article]]
no = "2"
says = "走访,建档"
  [[article.obligation]]
  id = "visit"
  after = "archived"
  owes = "visited"
  within = "2 days"
  void_by = "withdrawn"
  [[article.obligation]]
  id = "file"
  after = "archived"
  owes = "filed"
  within = "1 day"
"""


def test_contacts_are_those_that_the_header_names_whatever_kind_of_rule_demands_them():
    """A visit is a contact where the header says so, filing is none; what fell away and customers unknown neither."""
    plain = (POLICY + VISITS).replace("[facts]", '[events]\nfiled = "建档"\n[facts]', 1)
    named = plain.replace('customer = "caller"', 'customer = "caller"\ncontacts = ["called_back", "visited"]')
    end = 1_760_000_000
    events: list[dict[str, Any]] = [
        {"case": "1", "event": "archived", "at": end - 90, "caller": "甲"},
        {"case": "2", "event": "archived", "at": end - 80, "caller": "乙"},
        {"case": "2", "event": "withdrawn", "at": end - 70, "caller": "乙"},
        {"case": "3", "event": "archived", "at": end - 60, "caller": None},
    ]
    log = as_log(events, zone="Asia/Shanghai")
    one, two = (replay(parse_policy(tomllib.loads(text)), {}, log, end) for text in (plain, named))
    assert compare(one, two).contacts.rows() == [("甲", 1, 2)]
    assert compare(two, two).calls["before"].sum() == 3


def test_calls_that_one_call_serves_are_demanded_once():
    """docs/semantics.md#merge: three cases of one customer on one day, one call."""
    merged = POLICY + '  merge = { by = "caller", within = "same day" }\n'
    end = 1_760_000_000
    events = [{"case": str(n), "event": "archived", "at": end - n, "caller": "甲"} for n in range(3)]
    log = as_log(events, zone="Asia/Shanghai")
    one, two = (replay(parse_policy(tomllib.loads(text)), {}, log, end) for text in (POLICY, merged))
    assert compare(one, two).contacts.rows() == [("甲", 3, 1)]
