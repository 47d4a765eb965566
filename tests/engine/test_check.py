"""Are gaps and overlaps counted right, and are examples asked of every rule? Tables against a slow oracle."""

import itertools
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engine.check import check
from bihuan.engine.checks.cells import Space, Undecided
from bihuan.engine.checks.mentions import mentions
from bihuan.engine.example import parse_examples
from bihuan.engine.parameters import Parameters, parameter_values
from bihuan.engine.pattern import Condition, Kind, parse_condition
from bihuan.engine.policy import parse_policy
from bihuan.files.policies import examples_of, findings, policy_files, policy_ids, read_examples, read_policy

KINDS = {"kind": Kind("choice"), "load": Kind("number"), "dual": Kind("flag")}
FACTS = """
[facts]
kind = { choices = { a = "A", b = "B", c = "C" } }
load = { type = "number" }
dual = { type = "flag" }
"""
HEADER = """
[policy]
id = "test/one"
title = "试"
edition = "unknown"
status = "in force"
source = { file = "a", lines = "1" }
zone = "Asia/Shanghai"
"""


def policy(text=""):
    return parse_policy(tomllib.loads(HEADER + FACTS + text), "test.toml")


DECLARED = policy().facts
bounds = st.builds(
    lambda low, high: {**low, **high},
    st.sampled_from([{}, {"at_least": 2}, {"above": 2}, {"at_least": 5}]),
    st.sampled_from([{"at_most": 5}, {"below": 5}, {"at_most": 2}]),
)
choices = st.sampled_from(["a", ["a", "b"], {"not": "a"}, {"not": ["b", "c"]}])
conditions = st.fixed_dictionaries(
    {}, optional={"kind": choices, "load": st.one_of(bounds, st.sampled_from([2, 5])), "dual": st.booleans()}
)
WORLD = list(itertools.product("abc", (1, 2, 3, 5, 9), (True, False)))


def slow(asked, kind, load, dual):
    """The same question, asked of one case."""
    wanted = asked.get("kind", kind)
    if isinstance(wanted, dict):
        right_kind = kind not in wanted["not"]
    else:
        right_kind = kind in wanted
    amount = asked.get("load", {})
    if isinstance(amount, int):
        right_load = load == amount
    else:
        keep = {"at_least": load.__ge__, "above": load.__gt__, "at_most": load.__le__, "below": load.__lt__}
        right_load = all(keep[key](bound) for key, bound in amount.items())
    return right_kind and right_load and asked.get("dual", dual) == dual


def cell(space, kind, load, dual):
    """Where one case lies in the space."""
    found = []
    for axis in space.axes:
        if axis.name == "kind":
            found.append(axis.cells.index(kind))
        elif axis.name == "dual":
            found.append(axis.cells.index(dual))
        elif axis.points:
            below = sum(point < load for point in axis.points)
            found.append(2 * below + (load in axis.points))
        else:
            found.append(axis.cells.index(load if load in axis.cells else "…"))
    return tuple(found)


@settings(max_examples=200)
@given(st.lists(conditions, min_size=1, max_size=4))
def test_a_condition_holds_in_a_cell_where_it_holds_of_each_case_in_it(asked):
    read = [parse_condition(each, KINDS) for each in asked]
    space = Space(read, DECLARED, Parameters({}))
    for each, condition in zip(asked, read, strict=True):
        truth = space.holds(condition)
        for case in WORLD:
            assert truth[cell(space, *case)] == slow(each, *case), (each, case)


@settings(max_examples=100)
@given(st.lists(conditions, min_size=1, max_size=4))
def test_boxes_tell_of_every_cell_that_is_missing(asked):
    read = [parse_condition(each, KINDS) for each in asked]
    space = Space(read, DECLARED, Parameters({}))
    missing = ~sum((space.holds(each) for each in read), start=space.holds(Condition()) & False)
    told = list(space.boxes(missing))
    assert bool(told) == bool(missing.any())
    assert len(told) == len(set(told))


def gaps(rows, facts=""):
    read = policy(f"{facts}\nanswer = {{ rows = [{rows}] }}")
    return [each.args["missing"] for each in check(read) if each.code == "table-gap"]


@pytest.mark.parametrize(
    ("rows", "missing"),
    [
        ('{ when = { kind = ["a", "b"] }, is = "x" }', ["kind = c"]),
        ('{ when = { kind = { not = "a" } }, is = "x" }', ["kind = a"]),
        ('{ when = { dual = true }, is = "x" }', ["dual = false"]),
        ('{ when = { load = { at_most = 10 } }, is = "x" }', ["10 < load"]),
        (
            '{ when = { load = { below = 10 } }, is = "x" }, { when = { load = { above = 10 } }, is = "x" }',
            ["load = 10"],
        ),
        ('{ when = { load = { above = 10 } }, is = "x" }', ["load ≤ 10"]),
        ('{ when = { load = { at_least = 2, below = 5 } }, is = "x" }', ["load < 2 | 5 ≤ load"]),
        (
            '{ when = { kind = "a" }, is = "x" }, { when = { dual = true }, is = "x" }',
            ["kind = b | c, dual = false"],
        ),
        ("{ when = {}, is = 1 }", []),
    ],
)
def test_the_missing_combinations_are_printed(rows, missing):
    assert gaps(rows) == missing


def test_other_values_of_an_open_list_are_a_gap():
    facts = 'channel = { choices = { phone = "电话" }, open = true }'
    assert gaps('{ when = { channel = "phone" }, is = "x" }', facts) == ["channel = …"]


def test_a_set_of_choices_is_one_question_a_choice():
    facts = 'claims = { choices = { repair = "修", refund = "退" }, many = true }'
    rows = '{ when = { claims = { all = ["repair", "refund"] } }, is = "x" }, { when = { claims = "refund" }, is = "x" }'
    assert gaps(rows, facts) == ["claims: refund = false"]


def test_distances_dates_and_limits_have_an_order():
    facts = 'signed = { type = "date" }\nallowed = { type = "limit" }'
    assert gaps('{ when = { signed = { from = "accepted_at", above = "3 years" } }, is = "x" }', facts) == [
        "signed - accepted_at ≤ 3 years"
    ]
    assert gaps('{ when = { signed = { at_least = 2020-01-01 } }, is = "x" }', facts) == [
        "signed < 2020-01-01"
    ]
    assert gaps('{ when = { allowed = { at_most = "3 days" } }, is = "x" }', facts) == ["3 days < allowed"]


def test_a_table_that_hangs_on_a_missing_number_is_not_judged():
    text = 'answer = { rows = [{ when = { load = { above = "least" } }, is = "x" }] }\n[parameters]\nleast = { origin = "missing" }'
    codes = [each.code for each in check(policy(text))]
    assert codes == ["table-undecided", "missing-number"]


def test_a_missing_number_without_which_rows_are_judged_is_told_so():
    """Nothing is merged, and nobody reminded: the rows stand. A limit that is missing leaves them unset."""
    text = """
[parameters]
apart = { origin = "missing" }
[[article]]
no = "2"
says = "回访"
[[article.callback]]
id = "call"
after = "archived"
within = "1 day"
merge = { by = "who", within = "apart" }
[[article.callback]]
id = "second"
after = "archived"
within = "apart"
"""
    found = [each for each in check(policy('who = { type = "person" }' + text)) if each.found == "apart"]
    assert [(each.code, each.args["rules"]) for each in found] == [
        ("missing-number", ("second",)), ("missing-beside", ("call",)),
    ]  # fmt: skip


def test_a_space_too_large_is_not_built():
    facts = {f"f{i}": f for i in range(30) for f in [DECLARED["dual"]]}
    condition = parse_condition(dict.fromkeys(facts, True), dict.fromkeys(facts, Kind("flag")))
    with pytest.raises(Undecided):
        Space([condition], facts, Parameters({}))


# --- examples ---

RULE = """
[roles]
unit = "单位"
[[article]]
no = "第一条"
says = "…"
  [[article.obligation]]
  id = "duty"
  after = "accepted"
  owes = "resolved"
  within = "1 day"
  by = "unit"
  [[article.step]]
  event = "resolved"
  needs = "reviewed"
"""
MET = """
[[example]]
name = "守住"
events = [["2026-01-05 09:00", "accepted"], ["2026-01-05 10:00", "reviewed"], ["2026-01-05 11:00", "resolved"]]
as_of = "2026-01-09"
expect = { duty = { state = "met" }, irregularities = [] }
"""
MISSED = """
[[example]]
name = "违反"
events = [["2026-01-05 09:00", "accepted"], ["2026-01-08 11:00", "resolved"]]
as_of = "2026-01-09"
expect = { duty = { state = "late" }, irregularities = [{ event = "resolved", kind = "gate", article = "第一条" }] }
"""


def told(text):
    examples = parse_examples(tomllib.loads(text)).example
    return [(each.code, each.rule) for each in check(policy(RULE), examples) if each.level != "info"]


@pytest.mark.parametrize(
    ("examples", "lacking"),
    [
        ("", [("no-example-met", "duty"), ("no-example-met", "resolved")]),
        (MET, [("no-example-missed", "duty"), ("no-example-missed", "resolved")]),
        (MISSED, [("no-example-met", "duty"), ("no-example-met", "resolved")]),
        (MET + MISSED, []),
    ],
)
def test_every_rule_wants_an_example_that_keeps_and_one_that_breaks_it(examples, lacking):
    assert told(examples) == lacking


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("duty = {", "dutty = {", "dutty"),
        ('"reviewed"]', '"revewed"]', "revewed"),
        ("as_of", "set = { x = 1 }\nas_of", "x"),
    ],
)
def test_an_example_may_name_only_what_the_policy_has(old, new, found):
    examples = parse_examples(tomllib.loads((MET + MISSED).replace(old, new, 1))).example
    wrong = [each for each in check(policy(RULE), examples) if each.code == "example-name"]
    assert [each.found for each in wrong] == [found]
    assert wrong[0].rule == "守住"


def test_an_example_needs_an_event_that_opens_its_case():
    read = parse_policy(tomllib.loads(HEADER + 'starts = ["dispatched"]' + FACTS + RULE), "test.toml")
    wrong = [
        each
        for each in check(read, parse_examples(tomllib.loads(MET)).example)
        if each.code == "example-start"
    ]
    assert [(each.rule, each.args["names"]) for each in wrong] == [("守住", ("dispatched",))]


# --- the shipped policies ---


def test_there_are_policies_to_check():
    assert policy_ids()


@pytest.mark.parametrize("path", policy_files(), ids=lambda path: path.parent.name)
def test_a_shipped_policy_has_no_error(path):
    assert [each.text() for each in findings(path) if each.level == "error"] == []


@pytest.mark.parametrize("path", policy_files(), ids=lambda path: path.parent.name)
def test_every_name_of_a_shipped_policy_is_seen_by_the_walk(path):
    """The checks are only as good as the walk: it must come by every declared role, fact and event in use."""
    read = read_policy(path)
    seen = {mention.name for mention in mentions(read)}
    text = path.read_text("utf-8")
    used = [
        name for name in (*read.roles, *read.events) if text.count(f'"{name}"') and f'["{name}"]' not in text
    ]
    chosen = {
        str(one) for each in read.parameters.values() for one in each.choices
    }  # data, until it is chosen
    missing = [name for name in used if name not in seen | chosen and f"{name}_at" not in seen]
    assert missing == []
    assert parameter_values(read).values
    assert len(list(examples_of(read_examples(read)))) > 3
