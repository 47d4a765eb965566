"""A worked example holds, fails with what was expected and found, or is pending; nothing else passes it."""

import tomllib

import pytest

from bihuan.engine.errors import PolicyError
from bihuan.engine.example import parse_examples
from bihuan.engine.examples import run_examples
from bihuan.engine.policy import parse_policy

POLICY = """
[policy]
id = "power/one"
title = "一"
edition = "unknown"
status = "in force"
source = { file = "a", lines = "1" }
zone = "Asia/Shanghai"
starts = ["accepted"]
[facts]
severity = { choices = { ordinary = "一般", major = "重大" } }
station = { type = "unit", register = true }
verdict = { choices = { proper = "妥当", improper = "不妥" } }
fault = { choices = { a = "甲", b = "乙", c = "丙" }, many = true }
[roles]
marketing = "市场营销部"
[[article]]
no = "第一条"
says = "两小时内派单,只由市场营销部派"
  [[article.obligation]]
  id = "dispatch"
  after = "accepted"
  owes = "dispatched"
  within = "2 hours"
  [[article.step]]
  event = "dispatched"
  by = ["marketing"]
[[article]]
no = "第二条"
says = "次日内答复"
  [[article.obligation]]
  id = "answer"
  after = "dispatched"
  owes = "answered"
  within = "1 day"
  void_by = "withdrawn"
[[article]]
no = "第三条"
says = "两次移交"
  [[article.count]]
  id = "moved-twice"
  of = "transferred"
  at_least = 2
[[article]]
no = "第四条"
says = "一日内回访"
  [[article.callback]]
  id = "callback"
  after = "archived"
  within = "1 day"
"""
EVENTS = """
  ["2026-03-02 09:00", "accepted"],
  ["2026-03-02 12:00", "dispatched", { actor = "张三" }],
"""


def run(expect, events=EVENTS, more=""):
    text = f"""
[[example]]
name = "例"
events = [{events}]
as_of = "2026-03-04 09:00"
{more}
[example.expect]
{expect}
"""
    [result] = run_examples(parse_policy(tomllib.loads(POLICY)), [parse_examples(tomllib.loads(text))], {})
    return result


@pytest.mark.parametrize(
    "expect",
    [
        'dispatch = { due_at = "2026-03-02 11:00", state = "late", started_at = "2026-03-02 09:00" }',
        'answer = { due_at = "2026-03-03 24:00", state = "overdue", void = false }',
        'answer = [{ state = "overdue" }]',
        "dispatch = 1",
        "moved-twice = 0",
        "callback = []",
        "irregularities = []",
        "dispatch = { late_by = 3600, provisional = false }",
    ],
)
def test_an_example_holds_where_what_it_names_came_out(expect):
    result = run(expect)
    assert (result.state, result.compared) == ("held", 1), result.text()


@pytest.mark.parametrize(
    ("expect", "words"),
    [
        ('dispatch = { state = "met" }', "dispatch.state 第一条: expected met, found late"),
        (
            'answer = { due_at = "2026-03-03 23:00" }',
            "answer.due_at 第二条: expected 2026-03-03 23:00, found 2026-03-03 24:00",
        ),
        ('answer = { done_at = "2026-03-03 23:00" }', "found nothing"),
        (
            'answer = [{ state = "overdue" }, { state = "met" }]',
            "expected 2 rows, found 1 row (state overdue)",
        ),
        ("answer = []", "expected none, found 1 row (state overdue, due_at 2026-03-03 24:00)"),
        ('callback = { state = "open" }', "expected 1 row, found none"),
        ("answer = { void = true }", "answer.void 第二条: expected true, found false"),
        ('answer = { sate = "met" }', "found no column sate"),
        ('answr = { state = "met" }', "found nothing of that name"),
        ('irregularities = [{ event = "dispatched", kind = "person" }]', "found none"),
        ("moved-twice = 1", "expected 1 rows, found none"),
        ("dispatch = { provisional = true }", "expected true, found false"),
    ],
)
def test_an_example_fails_with_what_was_expected_and_found(expect, words):
    result = run(expect)
    assert result.state == "failed"
    assert words in result.text()


def test_irregularities_are_all_named_and_those_not_named_are_differences():
    more = 'people = { "张三" = ["clerk"] }'
    assert run("irregularities = []", more=more).differences[0].found.startswith("event dispatched")
    named = 'irregularities = [{ event = "dispatched", kind = "person", article = "第一条" }]'
    assert run(named, more=more).state == "held"


def test_an_indicator_that_is_not_declared_fails_the_example():
    result = run('indicators = { rate = "1.00" }')
    assert result.state == "failed"
    assert "there is no indicator 'rate'" in result.text()


def test_several_cases_are_compared_each_with_its_own_rows():
    text = """
[[example]]
name = "两件"
as_of = "2026-03-04 09:00"
[example.cases.A]
events = [["2026-03-02 09:00", "accepted"], ["2026-03-02 10:00", "dispatched"]]
[example.cases.B]
events = [["2026-03-02 09:00", "accepted"]]
[example.expect.A]
dispatch = { state = "met" }
[example.expect.B]
dispatch = { state = "met" }
"""
    [result] = run_examples(parse_policy(tomllib.loads(POLICY)), [parse_examples(tomllib.loads(text))], {})
    assert [each.text() for each in result.differences] == [
        "B dispatch.state 第一条: expected met, found overdue"
    ]


@pytest.mark.parametrize(
    ("events", "words"),
    [
        (EVENTS + '["2026-03-03 09:00", "corrected", { corrects = "closed" }]', "corrects no earlier event"),
        ('["2026-03-02 09:00", "accepted", { severity = "urgent" }]', "expected one of ordinary 一般"),
    ],
)
def test_events_that_were_not_judged_and_values_that_do_not_fit_are_differences(events, words):
    result = run("irregularities = []", events=f"{events},")
    assert result.state == "failed"
    assert words in result.text()


def test_an_example_that_cannot_be_judged_says_why():
    result = run('dispatch = { state = "late" }', more='set = { "dispach.within" = "1 hour" }')
    assert result.state == "failed"
    assert "dispach.within" in result.text()


def test_an_example_on_a_day_that_no_zone_knows_says_so():
    result = run('dispatch = { state = "late" }', events='["2250-03-02 09:00", "accepted"],')
    assert "nobody knows the zone's clock on that day" in result.text()


def test_an_example_that_expects_nothing_is_refused():
    with pytest.raises(PolicyError, match="expects nothing"):
        run("")


def test_what_is_no_table_of_a_case_is_compared_and_differs():
    text = '[[example]]\nname = "例"\nas_of = "2026-03-04"\ncases = { A = {} }\nexpect = { A = 0 }'
    [result] = run_examples(parse_policy(tomllib.loads(POLICY)), [parse_examples(tomllib.loads(text))], {})
    assert result.state == "failed"


def test_a_parameter_of_the_example_is_used():
    assert run('dispatch = { state = "met" }', more='set = { "dispatch.within" = "4 hours" }').state == "held"


def test_instants_may_be_whole_days_and_carry_a_zone():
    events = """["2026-03-02T01:00:00+00:00", "accepted"], ["2026-03-02 12:00", "dispatched"],"""
    assert run('dispatch = { started_at = "2026-03-02 09:00" }', events=events).state == "held"
    whole = run('dispatch = { started_at = "2026-03-02" }', events='["2026-03-02", "accepted"],')
    assert whole.state == "held"
