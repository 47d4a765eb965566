"""What facts are read as, where they come from, and what is said about values that do not fit."""

from datetime import date
from unittest.mock import patch

import numpy as np
import polars as pl
import pytest

from bihuan.engine import clock, coded
from bihuan.engine.calendar import natural, stack
from bihuan.engine.clock import NONE
from bihuan.engine.errors import CallError, PolicyError
from bihuan.engine.limit import parse_limit
from bihuan.engine.localtime import local_time
from bihuan.engine.site import DEPUTIES, PEOPLE, UNITS, Site
from tests.engine.facts_policy import DECLARED, at, condition, facts_of, prepared

EVENTS = [
    ("2026-03-02 09:00", "accepted", {"severity": "一般", "actor": "Alice"}),
    ("2026-03-02 10:00", "dispatched", {}),
    ("2026-03-03 10:00", "classified", {"severity": "major"}),
    ("2026-03-04 10:00", "closed", {}),
]


def told(facts, text, carried=False):
    return facts.test(condition(text), carried).tolist()


def test_a_carried_fact_holds_from_its_event_on_and_only_in_its_case():
    facts = facts_of({"1": EVENTS, "2": EVENTS[1:2]}, {"1": {}, "2": {}})
    assert told(facts, 'severity = "major"') == [0, 0, 1, 1, -1]


def test_where_asks_what_the_row_itself_carries():
    facts = facts_of({"1": EVENTS})
    assert told(facts, 'severity = "ordinary"', carried=True) == [1, 0, 0, 0]
    assert told(facts, "severity = { known = true }", carried=True) == [1, 0, 1, 0]


def test_where_counts_what_was_given_with_the_case_until_an_event_says_otherwise():
    facts = facts_of({"1": EVENTS[1:]}, {"1": {"severity": "major"}})
    assert told(facts, 'severity = "major"', carried=True) == [1, 1, 0]


def test_a_test_that_fails_settles_a_condition_whatever_is_unknown():
    facts = facts_of({"1": EVENTS[:1]})
    assert told(facts, 'severity = "major"\ndual = true') == [0]
    assert told(facts, 'severity = "ordinary"\ndual = true') == [-1]


def test_a_recorded_branch_leaves_open_which_of_its_choices_is_meant():
    facts = facts_of({"1": [("2026-03-02 09:00", "accepted", {"matter": "quality"})]})
    assert [told(facts, f'matter = "{name}"') for name in ("quality", "voltage", "service")] == [
        [1],
        [-1],
        [0],
    ]


@pytest.mark.parametrize("few", [coded.FEW, -1])
@pytest.mark.parametrize(
    ("fact", "raw", "expected"),
    [
        ("severity", "重大", "major"),
        ("dual", True, True),
        ("dual", 0, False),
        ("load_kw", 12, 12.0),
        ("price", "12.3456", 12.3456),
        ("opens", "24:00", 86399),
        ("born", "2026/3/2", 20514),
        ("born", date(2026, 3, 2), 20514),
        ("remark", 12.0, "12"),
        ("agreed", "3 working days", parse_limit("3 working days")),
        ("tags", ["b", "甲"], "a、b"),
        ("client", " Alice ", "Alice"),
    ],
)
def test_a_value_is_read_as_the_type_of_its_fact(few, fact, raw, expected):
    with patch.object(coded, "FEW", few):
        facts = facts_of({"1": [("2026-03-02 09:00", "accepted", {fact: raw})]})
        if fact in ("load_kw", "price"):
            assert facts.number(fact).tolist() == [expected]
        else:
            codes, labels = facts.key(fact)
            assert labels[codes[0]] == expected


@pytest.mark.parametrize("few", [coded.FEW, -1])
@pytest.mark.parametrize(
    ("fact", "raw", "expected"),
    [
        ("severity", "urgent", "one of ordinary 一般"),
        ("dual", "perhaps", "true/false"),
        ("load_kw", "100.5", "a number from 0 to 100"),
        ("load_kw", "inf", "a number"),
        ("load_kw", "1_0", "a number"),
        ("price", "0.00001", "four decimals"),
        ("promised", "2026-02-30", "an instant"),
        ("promised", "2026-03-02 25:00", "an instant"),
        ("opens", "9h", "HH:MM"),
        ("agreed", "soon", "a limit"),
        ("tags", "a;z", "one of a 甲"),
    ],
)
def test_a_value_that_does_not_fit_is_unknown_and_listed(few, fact, raw, expected):
    events = [
        ("2026-03-02 09:00", "accepted", {"line": 7}),
        ("2026-03-02 10:00", "closed", {fact: raw, "line": 8}),
    ]
    with patch.object(coded, "FEW", few):
        facts = facts_of({"1": events})
        [finding] = facts.findings().filter(pl.col("kind") == "unfit").to_dicts()
        assert told(facts, f"{fact} = {{ known = true }}") == [0, 0]
    assert (finding["case"], finding["line"], finding["fact"], finding["found"]) == ("1", 8, fact, raw)
    assert expected in finding["expected"]


def test_a_bad_value_hides_the_good_one_before_it():
    events = [EVENTS[0], ("2026-03-02 10:00", "classified", {"severity": "urgent"})]
    assert told(facts_of({"1": events}), 'severity = "ordinary"') == [1, -1]


def test_other_values_of_an_open_list_count_and_are_reported():
    facts = facts_of({"1": [("2026-03-02 09:00", "accepted", {"source": "fax"})]})
    assert told(facts, 'source = { not = "call" }') == [1]
    assert facts.findings().select("kind", "found").rows() == [("other", "fax")]


def test_two_rows_that_contradict_each_other_are_an_overlap_and_no_row_is_a_gap():
    given = {
        "clash": {"severity": "major", "dual": "true", "load_kw": "1"},
        "gap": {"severity": "grave", "dual": "false", "load_kw": "1"},
        "open": {"severity": "grave"},
    }
    facts = facts_of(dict.fromkeys(given, EVENTS[1:2]), given)
    assert told(facts, "tier = { known = true }") == [0, 0, 0]
    found = facts.findings().sort("kind").select("kind", "case", "fact", "count").rows()
    assert found == [("gap", "gap", "tier", 1), ("overlap", "clash", "tier", 1)]
    assert "第一条" in facts.findings()["expected"][0]


def test_the_log_cannot_answer_what_the_policy_looks_up():
    facts = facts_of({"1": EVENTS[:1]}, {"1": {"tier": "high", "load_kw": "1"}})
    assert told(facts, 'tier = "low"') == [1]
    assert "looked up" in facts.findings()["kind"].to_list()


def test_lookups_follow_one_another_and_end_in_a_limit():
    given = {
        "a": {"severity": "major"},
        "b": {"severity": "ordinary", "load_kw": 1, "agreed": "2 days"},
        "c": {},
    }
    facts = facts_of(dict.fromkeys(given, EVENTS[1:2]), given)
    found = [facts.limits[slot] for slot in facts.limit("answer_limit")]
    assert found == [parse_limit("24 hours"), parse_limit("2 days"), parse_limit("5 working days")]


def test_facts_looked_up_in_a_circle_are_refused():
    declared = """
[facts]
a = { type = "flag", rows = [{ when = { b = true }, is = true }] }
b = { type = "flag", rows = [{ when = { a = true }, is = true }] }
"""
    with pytest.raises(PolicyError, match="a → b → a"):
        prepared(declared)


def test_a_dated_parameter_goes_by_the_local_day_of_the_row():
    events = [
        (f"2026-0{day}", "accepted", {"load_kw": 30}) for day in ("2-28 10:00", "3-02 23:59", "3-03 00:00")
    ]
    facts = facts_of({"1": events})
    assert told(facts, 'load_kw = { above = "ceiling" }') == [-1, 1, 0]
    assert facts.unset(condition('load_kw = { above = "ceiling" }')).tolist() == [True, False, False]


def test_a_missing_parameter_is_told_apart_from_a_missing_fact():
    asked = condition('load_kw = { above = "unfixed" }')
    facts = facts_of({"1": [("2026-03-02 09:00", "accepted", {"load_kw": 30})]})
    assert (facts.test(asked).tolist(), facts.unset(asked).tolist()) == ([-1], [True])
    assert facts.missing(asked) == ("unfixed",)
    without = facts_of({"1": EVENTS[:1]})
    assert without.unset(condition("load_kw = { above = 3 }")).tolist() == [False]


def test_only_the_row_that_holds_can_lack_its_parameter():
    declared = """
[parameters]
slow = { origin = "missing" }
[facts]
dual = { type = "flag" }
term = { type = "limit", rows = [{ when = { dual = true }, is = "slow" }, { when = { dual = false }, is = "2 days" }] }
"""
    given = {"a": {"dual": True}, "b": {"dual": False}, "c": {}}
    facts = facts_of(dict.fromkeys(given, EVENTS[1:2]), given, declared)
    assert facts.unset("term").tolist() == [True, False, False]
    assert facts.limit("term").tolist() == [-1, 0, -1]


def test_a_number_with_a_unit_of_time_is_a_limit_where_one_is_wanted():
    facts = facts_of({"1": EVENTS[:1]})
    assert [facts.limits[slot] for slot in facts.limit("term")] == [parse_limit("3 months")]


def test_differences_are_those_a_person_would_write():
    facts = facts_of({"1": [("2026-03-02 09:00", "accepted", {"load_kw": 0.3, "paid": 0.1})]})
    assert told(facts, 'load_kw = { from = "paid", above = 0.2 }') == [0]
    assert told(facts, 'load_kw = { from = "paid", at_least = 0.2, at_most = 0.2 }') == [1]


@pytest.mark.parametrize(
    ("promised", "expected"),
    [("2026-03-05 09:00", 0), ("2026-03-05 09:01", 1), ("2026-03-05", 0), ("2026-03-06", 1)],
)
def test_distances_are_elapsed_time_and_dates_as_soon_as_one_is_a_date(promised, expected):
    facts = facts_of({"1": [("2026-03-02 09:00", "accepted", {"promised": promised})]})
    assert told(facts, 'promised = { from = "accepted_at", above = "3 days" }') == [expected]


def test_working_time_is_no_distance():
    facts = facts_of({"1": [("2026-03-02 09:00", "accepted", {"promised": "2026-03-05"})]})
    with pytest.raises(PolicyError, match="3 working days"):
        told(facts, 'promised = { from = "accepted_at", above = "3 working days" }')


def test_the_latest_occurrence_of_an_event_is_an_instant():
    facts = facts_of({"1": [*EVENTS[:2], ("2026-03-05", "dispatched", {})]})
    assert facts.instant("dispatched_at").tolist() == [NONE, at("2026-03-02 10:00"), at("2026-03-05")]
    assert facts.whole("dispatched_at").tolist() == [False, False, True]
    assert facts.instant("reopened_at").tolist() == [NONE] * 3


def test_carries_is_about_the_row_and_blank_cells_carry_nothing():
    events = [EVENTS[0], ("2026-03-02 10:00", "classified", {"severity": " "}), EVENTS[2]]
    assert facts_of({"1": events}).carries("severity").tolist() == [True, False, True]


def test_what_the_case_came_with_need_not_be_carried_again():
    events = [("2026-03-02 09:00", "accepted", {}), ("2026-03-02 10:00", "classified", {})]
    given = facts_of({"1": events, "2": events}, {"1": {"severity": "ordinary"}})
    assert given.carries("severity").tolist() == [True, True, False, False]


def test_an_unknown_name_is_refused_with_what_it_could_have_been():
    with pytest.raises(PolicyError, match=r"'sevrity'.*\[facts\]"):
        facts_of({"1": EVENTS}).key("sevrity")


def test_cases_without_events_and_logs_without_cases_are_no_error():
    facts = facts_of({"1": [], "2": EVENTS[:1], "3": []}, {"1": {}, "2": {"dual": True}, "3": {}})
    assert told(facts, "dual = true") == [1]
    empty = facts_of({})
    assert empty.test(condition("dual = true")).tolist() == []
    assert empty.findings().height == 0


# --- roles and registers ---

SITE = Site(
    people=pl.DataFrame(
        [
            {
                "person": "Alice",
                "role": "manager",
                "unit": "城东",
                "since": date(2026, 1, 1),
                "until": date(2026, 3, 2),
            },
            {"person": "Bob", "role": "deputy", "unit": "城东抢修班"},
            {"person": "Dana", "role": "clerk", "unit": "城西"},
        ],
        schema=PEOPLE,
    ),
    deputies=pl.DataFrame(
        [{"person": "Alice", "deputy": "Dana", "since": date(2026, 3, 2), "until": None}], schema=DEPUTIES
    ),
    units=pl.DataFrame([{"unit": "城东抢修班", "parent": "城东"}], schema=UNITS),
    registers={
        "station": pl.DataFrame(
            {
                "subject": ["城东", "城东", "城西"],
                "since": [date(2026, 1, 1), date(2026, 3, 3), None],
                "until": [None, date(2026, 3, 3), None],
                "certified": ["true", "false", None],
            }
        )
    },
)


def by(*actors, day="2026-03-02", **data):
    return {"1": [(f"{day} 09:00", "accepted", {"actor": actor, **data}) for actor in actors]}


def test_an_office_is_held_from_day_to_day():
    assert facts_of(by("Alice"), site=SITE).role("manager").tolist() == [1]
    assert facts_of(by("Alice", day="2026-03-03"), site=SITE).role("manager").tolist() == [0]


def test_deputies_hold_the_office_unless_one_asks_without_them():
    facts = facts_of(by("Alice", "Bob", "Dana", "Eve", None), site=SITE)
    assert facts.role("manager").tolist() == [1, 1, 1, -1, -1]
    assert facts.role("manager", deputies=False).tolist() == [1, 0, 0, -1, -1]


def test_a_deputy_stands_in_only_while_the_office_is_held():
    assert facts_of(by("Dana", day="2026-03-03"), site=SITE).role("manager").tolist() == [0]


def test_without_a_site_nobody_knows_who_holds_an_office():
    assert facts_of(by("Alice")).role("manager").tolist() == [-1]


def test_a_role_by_fact_is_whoever_the_fact_names_now():
    facts = facts_of(by("Alice", "Bob", None, client="Alice"))
    assert facts.role("handler").tolist() == [1, 0, -1]
    assert facts.role("customer").tolist() == [1, 0, -1]
    assert facts.role("actor").tolist() == [1, 1, -1]


def test_a_unit_is_represented_by_its_people_and_those_of_units_below_it():
    facts = facts_of(by("Alice", "Bob", "Dana", "Eve", "城东", station="城东"), site=SITE)
    assert facts.role("unit").tolist() == [1, 1, 0, -1, 1]
    assert facts_of(by("Alice", station="城东")).role("unit").tolist() == [-1]


def test_roles_earned_by_events_belong_to_the_fold():
    with pytest.raises(CallError, match="fold"):
        facts_of(by("Alice")).role("worker")


def test_actor_unit_and_party_facts_share_their_codes():
    facts = facts_of(by("Alice", "Bob", client="Bob"))
    codes, labels = facts.key("client")
    assert labels is facts.parties.labels
    assert (facts.actor == codes).tolist() == [False, True]


CERTIFIED = DECLARED.replace("[roles]", 'certified = { type = "flag", of = "station" }\n[roles]')


@pytest.mark.parametrize(
    ("station", "day", "expected"),
    [
        ("城东", "2026-03-02", 1),
        ("城东", "2026-03-03", 0),
        ("城东", "2026-03-04", -1),
        ("城西", "2026-03-02", -1),
    ],
)
def test_a_register_answers_as_of_the_day_and_a_later_entry_replaces_the_earlier(station, day, expected):
    facts = facts_of(by("Alice", day=day, station=station), declared=CERTIFIED, site=SITE)
    assert facts.test(condition("certified = true", CERTIFIED)).tolist() == [expected]


# --- local time ---


def test_local_time_agrees_with_the_kernel_where_clocks_change():
    for zone in ("Europe/Berlin", "Asia/Shanghai", "America/St_Johns", "Pacific/Apia"):
        tables = stack([natural(zone)])
        local = local_time(tables, 0)
        at_ = np.arange(1_300_000_000, 1_335_000_000, 1801 * 3)
        assert local.day(at_).tolist() == [clock.day_of(tables, 0, int(t)) for t in at_]
        assert local.wall(at_).tolist() == [clock.wall(tables, 0, int(t)) for t in at_]
        days, walls = local.day(at_), (at_ * 7) % 86400
        expected = [clock.instant(tables, 0, int(d), int(w)) for d, w in zip(days, walls, strict=True)]
        assert local.instant(days, walls).tolist() == expected


def test_a_fact_that_no_event_carries_is_kept_once_a_case():
    cases = {str(n): EVENTS[1:3] for n in range(5)}
    facts = facts_of(cases, {name: {"matter": "service"} for name in cases})
    assert len(facts.column("matter").values) == 5
    assert told(facts, 'matter = "service"') == [1] * 10
