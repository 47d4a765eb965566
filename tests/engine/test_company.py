"""What is kept of a log for the rules about the company as a whole, and what they say of units."""

import tomllib

import pytest

from bihuan.engine.log import as_log
from bihuan.engine.policy import parse_policy
from bihuan.engine.portions import Judge, replay_cases
from bihuan.engine.regroup import company_asks
from bihuan.engine.replay import replay
from bihuan.files.calendars import read_calendars

CALENDARS = read_calendars(())
HEAD = """
[policy]
id = "test/company"
title = "全公司"
edition = 2026-01-01
status = "in force"
zone = "Asia/Shanghai"
source = { file = "test_company.py", lines = "made up" }

[roles]
clerk = "值班员"
hero = { label = "经办人", did = ["accepted"] }

[facts]
kind = { label = "种类", type = "text" }

[parameters]
due = { value = "3 days", origin = "user" }

[[article]]
no = "1"
says = "each month"
[[article.obligation]]
id = "monthly"
every = "calendar month"
"""
DAY = 86_400
JANUARY = 1_767_225_600


def policy_of(rule, top=""):
    return parse_policy(tomllib.loads(HEAD.replace("[roles]", f"{top}\n[roles]") + rule), "company.toml")


def log_of(cases):
    events = [
        {"case": f"c{n}", "event": event, "at": JANUARY + n * DAY + turn, "unit": f"u{n % 3}", "kind": "a"}
        for n in range(cases)
        for turn, event in enumerate(["accepted", *(["reported"] if n % 20 == 0 else []), "closed"])
    ]
    return as_log(events)


@pytest.mark.parametrize(
    ("rule", "heard"),
    [
        ('owes = "reported"', {"reported"}),
        ('owes = "reported"\nby = "clerk"\nwithin = "due"', {"reported"}),
        ('owes = { event = "reported", where = { kind = "a" } }', {"reported"}),
        ('owes = "reported"\nby = "hero"', None),
        ('owes = "reported"\nwhen = { kind = "a" }', None),
        ('owes = "reported"\nvoid_by = "closed"', None),
    ],
)
def test_only_what_is_heard_is_kept_where_nothing_else_can_matter(rule, heard):
    policy = policy_of(rule)
    assert company_asks(policy).events == (None if heard is None else frozenset(heard))
    log = log_of(60)
    kept = replay_cases(Judge(policy, CALENDARS, JANUARY + 90 * DAY), log)[1]["company"]
    if heard is None:
        assert kept.height == log.events.height
    else:
        assert kept["event"].to_list() == ["accepted", "reported", "reported", "reported"]


def test_what_ends_every_obligation_is_heard_as_well():
    policy = policy_of('owes = "reported"', 'void_by = ["closed"]')
    assert company_asks(policy).events == frozenset(("reported", "closed"))


@pytest.mark.parametrize("by", ["", 'by = "clerk"', 'when = { kind = "a" }'])
def test_the_company_has_no_unit_of_a_case(by):
    found = replay(policy_of(f'owes = "reported"\n{by}'), CALENDARS, log_of(60), JANUARY + 90 * DAY)
    assert found.obligations["state"].cast(str).to_list() == ["met", "met", "overdue", "open"]
    assert found.obligations["unit"].to_list() == [None] * 4
