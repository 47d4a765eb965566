"""What is asked next, what an answer is worth, and that a replay finds wrong what the questionnaire does."""

import tomllib
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engine.errors import CallError
from bihuan.engine.log import as_log
from bihuan.engine.policy import parse_policy
from bihuan.engine.questionnaire import lacking, questions, score
from bihuan.engine.replay import replay

POLICY = parse_policy(
    tomllib.loads(
        """
[policy]
id = "test/survey"
title = "t"
edition = "unknown"
status = "in force"
source = { file = "t", lines = "1" }
zone = "UTC"
[facts]
convenient = { type = "flag" }
call_again_at = { type = "instant" }
verdict = { label = "评价", choices = { good = "满意", fair = "一般", bad = "不满意" }, points = { good = 100, fair = 60.5, bad = 0 } }
on_time = { type = "flag", points = { true = 2, false = -1 } }
ways = { choices = { sms = "短信", phone = "电话" }, many = true }
score = { type = "number", range = [0, 5] }
reason = { type = "text" }
severity = { choices = { low = "一般", high = "重大" } }
[forms.survey]
label = "问卷"
fields = [
  { fact = "convenient", ask = "方便吗" },
  { fact = "call_again_at", ask = "何时再打", when = { convenient = false } },
  { fact = "verdict", ask = "满意吗", when = { convenient = true } },
  { fact = "reason", ask = "原因", when = { verdict = ["fair", "bad"] } },
  { fact = "on_time", ask = "准时吗", when = { convenient = true } },
  { fact = "ways", ask = "怎样通知", optional = true },
  { fact = "score", ask = "打分", optional = true },
]
[[article]]
no = "第三条"
says = "s"
  [[article.step]]
  event = "called_back"
  asks = "survey"
  [[article.step]]
  event = "called_back"
  when = { severity = "high" }
  asks = ["reason"]
"""
    ),
    "t",
)


def states(answers, name="survey", facts=None):
    return {each.fact: each.state for each in questions(POLICY, name, answers, facts)}


def test_a_branch_is_taken_as_soon_as_its_answer_is_known():
    assert states({}) == {
        "convenient": "next", "call_again_at": "later", "verdict": "later", "reason": "later", "on_time": "later",
        "ways": "blank", "score": "blank",
    }  # fmt: skip
    assert states({"convenient": "否"}) == {
        "convenient": "answered", "call_again_at": "next", "verdict": "skipped", "reason": "skipped",
        "on_time": "skipped", "ways": "blank", "score": "blank",
    }  # fmt: skip
    found = states({"convenient": True, "verdict": "不满意"})
    assert (found["verdict"], found["reason"], found["call_again_at"]) == ("answered", "next", "skipped")


def test_an_answer_outside_its_scale_is_no_answer_and_says_the_scale():
    found = {
        each.fact: each
        for each in questions(POLICY, "survey", {"convenient": "是", "verdict": "还行", "score": 6})
    }
    assert (found["verdict"].state, found["verdict"].scale) == ("outside", "good 满意, fair 一般, bad 不满意")
    assert (found["score"].state, found["score"].scale) == ("outside", "0–5")
    assert found["reason"].state == "later"
    assert [each.fact for each in lacking(found.values())] == ["verdict", "on_time", "score"]


def test_points_are_exact_and_leave_out_what_was_not_answered():
    told = score(
        questions(POLICY, "survey", {"convenient": "1", "verdict": "一般", "on_time": "否", "score": "4.1"})
    )
    assert (told.points, told.most, told.answered, told.blank) == (Decimal("63.6"), Decimal(107), 3, 0)
    told = score(questions(POLICY, "survey", {"convenient": "1", "verdict": "good"}))
    assert (told.points, told.most, told.answered, told.blank) == (Decimal(100), Decimal(100), 1, 2)


def test_all_that_the_steps_of_an_event_ask_is_asked_once():
    answers = {"convenient": True, "verdict": "good", "on_time": True}
    assert states(answers, "called_back", {"severity": "重大"})["reason"] == "next"
    assert states(answers, "called_back", {"severity": "一般"})["reason"] == "skipped"
    found = questions(POLICY, "called_back", answers)
    assert len({each.fact for each in found}) == len(found)
    assert {each.article for each in found} == {"第三条"}


def test_what_nobody_asks_is_refused_by_name():
    with pytest.raises(CallError, match=r"no form 'servey'.*survey.*called_back"):
        questions(POLICY, "servey", {})
    with pytest.raises(CallError, match=r"no fact 'verdct'.*verdict"):
        questions(POLICY, "survey", {"verdct": "good"})


ANSWERS = st.fixed_dictionaries(
    {},
    optional={
        "convenient": st.sampled_from(["是", "否", "也许"]),
        "call_again_at": st.sampled_from(["2026-03-02 09:00", "明天"]),
        "verdict": st.sampled_from(["good", "不满意", "fair", "还行"]),
        "reason": st.sampled_from(["慢", " "]),
        "on_time": st.sampled_from(["true", "false", "大概"]),
        "ways": st.sampled_from(["短信;电话", "sms", "信鸽"]),
        "score": st.sampled_from(["0", "5", "5.5", "四"]),
    },
)


@settings(max_examples=60)
@given(ANSWERS)
def test_a_replay_lists_just_what_the_questionnaire_lacks(answers):
    log = as_log([{"case": "1", "event": "called_back", "at": 0, **answers}])
    found = [row for row in replay(POLICY, {}, log, 10).irregularities.to_dicts() if row["kind"] == "field"]
    missing = {part.partition(" = ")[0] for row in found for part in row["detail"].split("、") if part}
    wanted = {each.fact for each in questions(POLICY, "survey", answers) if each.state in ("next", "outside")}
    assert missing == wanted
    assert {row["article"] for row in found} <= {"第三条"}
