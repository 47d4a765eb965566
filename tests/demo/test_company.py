"""The made-up company: the same for the same instant, nothing from the future, and something in every state."""

from collections import Counter
from datetime import datetime
from functools import cache

import pytest

import bihuan
from bihuan.demo.company import ACCOUNTS, company

NOWS = [datetime(2026, 11, 22, 16, 40), datetime(2026, 3, 2, 8, 5), datetime(2026, 10, 8, 23, 59)]


made_once = cache(company)


@pytest.fixture(params=NOWS, ids=lambda now: f"{now:%m-%d}")
def found(request):
    return request.param, made_once(request.param)


def last_events(rows):
    return Counter({row["case"]: row["event"] for row in rows}.values())


def test_the_same_seed_makes_the_same_company(found):
    now, made = found
    assert company(now) == made
    assert company(now, seed=12).logs != made.logs


def test_nothing_has_happened_in_the_future(found):
    now, made = found
    assert all(str(row["at"]) <= f"{now:%Y-%m-%d %H:%M:%S}" for rows in made.logs.values() for row in rows)


def test_there_are_several_hundred_cases_of_three_regulations_in_order_of_time(found):
    _now, made = found
    numbers = {name: {row["case"] for row in rows} for name, rows in made.logs.items()}
    assert len(numbers) == 3
    assert 300 < sum(map(len, numbers.values())) < 700
    for rows in made.logs.values():
        assert [row["at"] for row in rows] == sorted(row["at"] for row in rows)


@pytest.mark.parametrize("event", [
    "ticket_made", "dispatched", "returned", "contacted", "extended", "answered", "reviewed", "archived", "redispatched",
    "called_back", "closed",
])  # fmt: skip
def test_some_complaint_stands_at_each_stage(found, event):
    assert last_events(found[1].logs["power/dazu-complaint-assessment"])[event] > 0


def test_some_customer_has_just_said_that_it_is_not_in_order(found):
    rows = found[1].logs["power/dazu-complaint-assessment"]
    last = {row["case"]: row for row in rows}
    assert [row for row in last.values() if row.get("verdict") == "improper"]


def test_works_are_suspended_now_and_then(found):
    assert "suspended" in {row["event"] for row in found[1].logs["power/customer-project"]}


def test_everybody_who_acts_is_somebody_of_the_company_with_a_unit_and_a_role(found):
    _now, made = found
    known = {one.code for one in made.members}
    acted = {row["actor"] for rows in made.logs.values() for row in rows if row.get("actor")}
    assert acted <= known
    assert all(one.unit in made.units and one.roles for one in made.members)
    assert set(ACCOUNTS) <= known


def test_every_event_and_fact_is_one_of_the_regulation(found):
    for name, rows in found[1].logs.items():
        policy = bihuan.read_policy(name)
        assert {row["event"] for row in rows} <= set(policy.event_labels)
        facts = {fact for row in rows for fact in row} - {"case", "event", "at", "actor", "unit"}
        assert facts <= set(policy.facts)
