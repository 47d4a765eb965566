"""Does a file become the policy it says, and is what it leaves out what the language says?"""

import datetime as dt
import tomllib
from decimal import Decimal

import pytest

from bihuan.engine.errors import CallError, PolicyError
from bihuan.engine.fields import Between, Floor
from bihuan.engine.finding import Wrong
from bihuan.engine.limit import Limit, Name, Period, Reference
from bihuan.engine.parameters import parameter_values
from bihuan.engine.pattern import Kind, parse_condition, parse_pattern
from bihuan.engine.policy import parse_policy

HEADER = """
[policy]
id = "test/one"
title = "试"
edition = "unknown"
status = "in force"
source = { file = "a", lines = "1" }
zone = "Asia/Shanghai"
"""
ARTICLE = '[[article]]\nno = "第一条"\nsays = "…"\n'


def policy(rules="", declared="", header=""):
    return parse_policy(tomllib.loads(f"{HEADER}{header}\n{declared}\n{ARTICLE}{rules}"), "test.toml")


def defects(rules="", declared="", header=""):
    with pytest.raises(PolicyError) as error:
        policy(rules, declared, header)
    return [(each.article, each.rule, each.key, each.code) for each in error.value.findings]


def obligation(more=""):
    return f'[[article.obligation]]\nid = "duty"\nafter = "accepted"\nowes = "resolved"\n{more}\n'


def test_every_defect_of_a_file_is_said_at_once_and_where():
    rules = obligation('within = "0 days"\nstrict = 1\nwithn = "x"\nwhen = { a = [], b = { c = 1 } }')
    assert defects(rules) == [
        ("第一条", "duty", "when.a", "test"),
        ("第一条", "duty", "when.b", "test"),
        ("第一条", "duty", "within", "limit-zero"),
        ("第一条", "duty", "strict", "flag"),
        ("第一条", "duty", "withn", "unknown-key"),
    ]


def test_a_defect_in_a_declaration_is_placed_by_its_path():
    facts = '[facts]\nx = { type = "number", rows = [{ when = {}, is = 1 }, { when = {}, is = true }] }'
    assert defects(declared=facts) == [("", "", "facts.x.rows", "number")]


def test_a_rule_without_id_is_named_by_its_place():
    assert defects('[[article.obligation]]\nowes = "resolved"') == [
        ("第一条", "obligation[1]", "id", "missing")
    ]


@pytest.mark.parametrize(
    ("declared", "code"),
    [
        ('[facts]\nx = { type = "date", default = "2026-01-01" }', "date"),
        ('[facts]\nx = { type = "instant", default = 5 }', "instant"),
        ('[facts]\nx = { type = "flag", default = 5 }', "flag"),
        ('[facts]\nx = { type = "number", range = [1] }', "missing"),
        ("[facts]\nx = { tree = { a = 5 } }", "tree"),
        ('[facts]\nx = { choices = { a = "A" }, points = { a = "5" } }', "number"),
        ('[facts]\nx = { choices = { a = "A" }, of = 5 }', "name"),
        ('[facts]\nx = { choices = { a = "A" }, hidden_from = 5 }', "names"),
        ("[facts]\nx = 5", "table"),
        ('[parameters]\nx = { origin = "user", value = { a = 1 } }', "scalar"),
        ('[references]\nx = { title = "t", held = "no" }', "flag"),
        ("facts = 5", "table"),
        ("article = 5", "list"),
    ],
)
def test_a_value_of_the_wrong_kind_says_what_kind_is_wanted(declared, code):
    text = declared if "article" in declared or declared.startswith("facts =") else f"{HEADER}{declared}"
    data = tomllib.loads(HEADER) | tomllib.loads(text)
    with pytest.raises(PolicyError) as error:
        parse_policy(data)
    assert [each.code for each in error.value.findings] == [code]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ("within = { by = 5 }", "reference"),
        ('days = { ends = "noon" }', "clock"),
        ("days = { ends = 12 }", "day-end"),
        ('by = ["a", "b"]', "name"),
        ("at_least = true", "number"),
        ('pauses = "suspended"', "list"),
        ('after = { event = "accepted", at_least = 0 }', "whole"),
    ],
)
def test_a_key_of_the_wrong_kind_says_what_kind_is_wanted(more, code):
    rules = obligation(more).replace('after = "accepted"\n', "") if "after" in more else obligation(more)
    assert [each[3] for each in defects(rules)] == [code]


def test_patterns_are_any_or_all():
    pattern = parse_pattern({"all": ["a", ["b", "c"]]}, {})
    assert [[each.event for each in part.any] for part in pattern.all] == [[("a",)], [("b",), ("c",)]]
    one = parse_pattern({"event": ["a", "r-1.missed"], "by": "unit", "since": "x", "at_least": 2}, {}).any[0]
    assert (one.event, one.by, one.since, one.at_least) == (("a", "r-1.missed"), "unit", "x", 2)


def test_what_a_word_in_a_condition_is_depends_on_the_fact():
    kinds = {
        "class": Kind("choice"),
        "grade": Kind("choice", ordered=True),
        "load": Kind("number"),
        "planned": Kind("instant"),
        "limit": Kind("limit"),
        "opens": Kind("clock"),
    }
    condition = {
        "class": ["vip", "plain"],
        "grade": {"at_least": "high"},
        "load": {"above": "least_load", "at_most": 10},
        "planned": {"from": "accepted_at", "above": "3 years", "below": "most"},
        "limit": "3 days",
        "opens": {"below": "09:30"},
        "other": {"known": False},
    }
    tests = {test.fact: test for test in parse_condition(condition, kinds).tests}
    assert tests["class"].values == ("vip", "plain")
    assert tests["grade"].bounds == {"at_least": "high"}
    assert tests["load"].bounds == {"above": Name("least_load"), "at_most": 10}
    assert tests["planned"].bounds == {"above": Limit(3, "year"), "below": Name("most")}
    assert tests["planned"].from_ == Name("accepted_at")
    assert tests["limit"].values == (Limit(3, "day"),)
    assert tests["opens"].bounds == {"below": 34200}
    assert (tests["other"].op, tests["other"].values) == ("known", (False,))


def test_every_defect_of_one_condition_is_raised_together():
    with pytest.raises(Wrong) as wrong:
        parse_condition({"a": [], "b": {"above": 1, "at_least": 2}, "c": {"from": 5, "above": 1}}, {})
    assert [(one.at, one.code) for one in wrong.value.all()] == [
        ("a", "test"),
        ("b", "bound-twice"),
        ("c.from", "name"),
    ]


def test_the_type_of_a_looked_up_fact_shows_in_its_rows():
    facts = policy(
        declared="""[facts]
a = { rows = [{ when = { b = true }, is = "24 hours" }, { when = { b = false }, is = "storm_limit" }] }
b = { rows = [{ when = { c = "x" }, is = true }], otherwise = false }
c = { rows = [{ when = { d = { above = 1 } }, is = "x" }], otherwise = "y" }
d = { rows = [{ when = { c = "x" }, is = 1.5 }] }
"""
    ).facts
    assert [facts[name].type for name in "abcd"] == ["limit", "flag", "choice", "number"]
    assert [row.is_ for row in facts["a"].rows] == [Limit(24, "hour"), Name("storm_limit")]
    assert facts["c"].leaves == {"x": "x", "y": "y"}


def test_a_branch_of_a_tree_stands_for_all_below_it():
    fact = policy(
        declared='[facts]\nk = { tree = { p = { label = "供电", a = "甲", q = { b = "乙" } }, c = "丙" } }'
    ).facts["k"]
    assert fact.leaves == {"a": "甲", "b": "乙", "c": "丙"}
    assert fact.branches == {"p": ("a", "b"), "q": ("b",), "a": ("a",), "b": ("b",), "c": ("c",)}


def test_day_conventions_come_from_the_rule_then_the_policy_then_the_language():
    read = policy(obligation("days = { first = true }"), header='days = { ends = "close" }\n')
    days = read.days_of(read.timed["duty"])
    assert (days.first, days.rolls, days.ends) == (True, "no", "close")
    plain = policy(obligation())
    assert plain.days_of(plain.timed["duty"]).ends == 86399


def test_amounts_are_decimals_names_documents_or_left_to_a_person():
    rules = "".join(
        f'[[article.charge]]\nid = "c{i}"\non = "x"\n{amount}\n'
        for i, amount in enumerate(
            [
                "amount = 0.1",
                "amount = { between = [100, 200] }",
                "amount = { from = 800 }",
                'amount = { by = "r" }',
                "",
            ]
        )
    )
    amounts = [charge.amount for charge in policy(rules).article[0].charge]
    assert amounts == [
        Decimal("0.1"),
        Between(Decimal(100), Decimal(200)),
        Floor(Decimal(800)),
        Reference("r"),
        None,
    ]


def test_callbacks_and_reports_owe_what_the_language_says():
    read = policy('[[article.callback]]\nid = "c"\n[[article.report]]\nid = "r"\nevery = "calendar month"\n')
    assert read.timed["c"].ends.any[0].event == ("called_back",)
    assert read.timed["r"].ends.any[0].event == ("reported",)
    assert [kind for _, kind, _ in read.rules()] == ["callback", "report"]


# --- parameters ---

PARAMETERS = """[parameters]
pieces = { origin = "text", values = [{ from = 2010-01-01, value = 40 }, { from = 2005-03-01, value = 20 }] }
most = { origin = "user", value = 3, unit = "days" }
low = { origin = "user", value = 1, at_most = "most" }
unknown = { origin = "missing" }
"""


def test_a_dated_parameter_has_the_value_of_the_day():
    pieces = parameter_values(policy(declared=PARAMETERS))["pieces"]
    days = [dt.date(2005, 2, 28), dt.date(2005, 3, 1), dt.date(2009, 12, 31), dt.date(2010, 1, 1), None]
    assert [pieces.on(day) for day in days] == [None, 20, 20, 40, 40]


def test_what_a_rule_leaves_out_is_a_missing_parameter_of_its_own():
    rules = (
        obligation()
        + '[[article.charge]]\nid = "fine"\non = "duty.missed"\n'
        + '[[article.archive]]\nid = "file"\nholds = "f"\n[[article.window]]\nid = "open"\n'
        + '[[article.obligation]]\nid = "monthly"\nowes = "inspected"\nevery = "calendar month"\n'
        + '[[article.obligation]]\nid = "notice"\nowes = "contacted"\nahead_of = "arrived"\n'
        + '[[article.obligation]]\nid = "outside"\nowes = "contacted"\nwithin = { by = "r" }\n'
    )
    parameters = parameter_values(policy(rules))
    assert parameters.missing == ("duty.within", "outside.within", "fine.amount", "file.keep")


def test_a_setting_gives_the_number_that_was_missing_and_is_no_deviation():
    read = policy(obligation(), PARAMETERS)
    parameters = parameter_values(read, {"duty.within": "2 hours", "unknown": "5"})
    assert parameters.of(read.timed["duty"], "within") == Limit(2, "hour")
    assert parameters["unknown"].on() == 5
    assert parameters.deviations == ()


def test_a_setting_over_the_text_is_taken_and_marked():
    read = policy(obligation('within = "3 days"\ntarget = "1 day"'))
    parameters = parameter_values(read, {"duty.within": "2 hours"})
    assert parameters.of(read.timed["duty"], "within") == Limit(2, "hour")
    assert parameters.of(read.timed["duty"], "target") == Limit(1, "day")
    assert parameters.deviations == ("duty.within",)


def test_a_setting_stands_for_a_document_that_is_not_held():
    read = policy(obligation('within = { by = "r" }'))
    assert parameter_values(read).of(read.timed["duty"], "within") == Reference("r")
    assert parameter_values(read, {"duty.within": "1 day"}).of(read.timed["duty"], "within") == Limit(
        1, "day"
    )


def test_a_period_can_be_set():
    read = policy('[[article.obligation]]\nid = "visit"\nowes = "inspected"\nevery = "calendar year"\n')
    parameters = parameter_values(read, {"visit.every": "calendar month"})
    assert parameters.of(read.timed["visit"], "every") == Period("month")


def test_a_number_with_a_unit_of_time_is_a_limit():
    assert parameter_values(policy(declared=PARAMETERS))["most"].limit_on() == Limit(3, "day")


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ({"dutty.within": "1 day"}, "Did you mean `duty.within`?"),
        ({"low": 4}, "at_most = most"),
        ({"most": 0}, "low = 1"),
    ],
)
def test_a_setting_that_nobody_declared_or_out_of_bounds_is_refused(setting, words):
    with pytest.raises(CallError) as error:
        parameter_values(policy(obligation(), PARAMETERS), setting)
    assert words in str(error.value)
