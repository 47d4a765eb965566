"""Figures by hand: formulas, periods, what is left out and why, targets, bands, cards, and what refuses to be counted."""

import datetime as dt

import polars as pl
import pytest

from bihuan.engine.errors import CallError, PolicyError
from bihuan.engine.indicators import indicators_editions
from bihuan.engine.site import UNITS, Site
from tests.engine.charging import charge
from tests.engine.measuring import (
    ANSWER,
    CALL,
    FACTS,
    MARCH,
    SHARE,
    answered,
    indicator,
    measured,
    measuring,
    rows,
)
from tests.engine.small import at, log_of

MONTHLY = indicator(**SHARE, period="calendar month")
TREE = Site(
    units=pl.DataFrame([("公司", None), ("城东", "公司"), ("城西", "公司")], schema=UNITS, orient="row")
)


# --- periods ---


def test_a_late_one_stays_in_the_month_in_which_it_was_due():
    found = rows(measured(measuring(MONTHLY)), "period", "numerator", "denominator", "value")
    assert found == [("2026-03", "1", "2", "0.5"), ("2026-04", "1", "2", "0.5")]


@pytest.mark.parametrize(
    ("kind", "names"),
    [
        ("day", ["2026-03-03", "2026-04-01", "2026-04-02"]),
        ("week", ["2026-W10", "2026-W14"]),
        ("month", ["2026-03", "2026-04"]),
        ("quarter", ["2026-Q1", "2026-Q2"]),
        ("half-year", ["2026-H1"]),
        ("year", ["2026"]),
    ],
)
def test_every_kind_of_period(kind, names):
    found = measured(measuring(indicator(**SHARE, period=f"calendar {kind}")))
    assert [name for (name,) in rows(found, "period")] == names
    assert sum(int(n) for (n,) in rows(found, "denominator")) == 4


def test_a_period_is_half_open():
    """Midnight belongs to the day that begins."""
    events = [
        *answered("a", "2026-02-28 00:00", "2026-02-28 01:00"),  # due on 1 March at 00:00
        *answered("b", "2026-03-30 23:59", "2026-03-31 01:00"),  # due on 31 March at 23:59
        *answered("c", "2026-03-31 00:00", "2026-03-31 01:00"),  # due on 1 April at 00:00
    ]
    found = measured(measuring(MONTHLY), events)
    assert rows(found, "period", "denominator") == [("2026-03", "2"), ("2026-04", "1")]
    assert rows(found, "period_from", "period_until")[0] == (dt.date(2026, 3, 1), dt.date(2026, 4, 1))


@pytest.mark.parametrize(("by", "months"), [("started_at", ["3", "1"]), ("done_at", ["3", "0"])])
def test_the_instant_that_dates_a_row_can_be_chosen(by, months):
    counted = indicator(count={"rows": "answer"}, period="calendar month", period_of=by)
    found = measured(measuring(counted))
    assert [value for (value,) in rows(found, "value")] == months


def test_without_a_period_the_whole_log_is_one():
    found = measured(measuring(indicator(**SHARE)))
    assert rows(found, "period", "value") == [(None, "0.5")]
    asked = measured(measuring(indicator(**SHARE)), period="2026-Q1")
    assert rows(asked, "period", "denominator") == [("2026-Q1", "2")]


def test_a_running_period_says_so_and_a_coming_one_has_no_figure():
    found = measured(measuring(MONTHLY), when="2026-03-31 12:00")
    assert rows(found, "period", "note") == [("2026-03", "period-not-over")]


def test_what_a_call_asks_for_must_be_there():
    policy = measuring(MONTHLY, indicator(id="y", **SHARE))
    with pytest.raises(CallError, match="period 2026-06 has not begun"):
        measured(policy, period="2026-06")
    with pytest.raises(CallError, match="no unit is called '城冬'"):
        measured(policy, unit="城冬")
    with pytest.raises(CallError, match="there is no indicator 'z'"):
        measured(policy, names=("z",))
    with pytest.raises(CallError, match="x is by the month: expected a period such as 2026-04"):
        measured(policy, period="2026-Q2", names=("x",))
    assert measured(policy, period="2026-Q2").summary["other_periods"] == {"x": "month"}
    with pytest.raises(CallError, match="no period is called"):
        measured(policy, period="2026-13")


# --- formulas ---


def test_nothing_to_divide_by_is_no_figure_and_never_zero():
    policy = measuring(MONTHLY, indicator(id="y", zero=1, **SHARE, period="calendar month"))
    found = measured(policy, period="2026-01")
    assert rows(found, "indicator", "value", "state", "target_met") == [
        ("x", None, "no figure", None),
        ("y", "1", "figure", None),
    ]
    nothing = indicator(count={"rows": "answer"}, period="calendar month")
    assert rows(measured(measuring(nothing), period="2026-01"), "value", "state") == [("0", "figure")]


def scored(case, verdict, score=None, unit="城东"):
    data = {"verdict": verdict, **({} if score is None else {"score": score})}
    return [
        (case, "accepted", "2026-03-02 09:00", {"unit": unit}),
        (case, "answered", "2026-03-02 10:00"),
        (case, "called_back", "2026-03-03 10:00", data),
    ]


def test_sums_and_means_are_exact_and_choices_count_by_their_points():
    events = [
        *scored("a", "satisfied", "0.1"),
        *scored("b", "satisfied", "0.2"),
        *scored("c", "dissatisfied", "0.3"),
    ]
    policy = measuring(
        indicator(id="sum", sum={"rows": "call", "of": "score"}),
        indicator(id="mean", mean={"rows": "call", "of": "verdict"}),
        indicator(id="share", sum={"rows": "call", "of": "score"}, over={"count": {"rows": "call"}}),
        article={"callback": [CALL]},
    )
    found = measured(policy, events)
    assert rows(found, "indicator", "value", "numerator", "denominator") == [
        ("sum", "0.6", "0.6", None),
        ("mean", "3.833333", "11.5", "3"),
        ("share", "0.2", "0.6", "3"),
    ]


def test_a_sum_with_a_part_nobody_knows_is_no_sum_and_a_mean_leaves_it_out():
    events = [*scored("a", "satisfied", "4"), *scored("b", "satisfied")]
    policy = measuring(
        indicator(id="sum", sum={"rows": "call", "of": "score"}),
        indicator(id="mean", mean={"rows": "call", "of": "score"}),
        article={"callback": [CALL]},
    )
    found = measured(policy, events)
    assert rows(found, "indicator", "value", "state", "note") == [
        ("sum", None, "undefined part", "without-value:1"),
        ("mean", "4", "figure", "left-out:1"),
    ]
    left = found.rows_behind("mean").filter(part="excluded")
    assert left.select("case", "why").rows() == [("b", "no-value")]


def test_a_fact_is_what_the_row_s_own_event_brought_else_what_was_known_last():
    """Old rounds keep their figures; a class found out afterwards counts for all of them."""
    events = [
        *scored("a", "dissatisfied", "1"),
        ("a", "answered", "2026-03-04 10:00"),
        ("a", "called_back", "2026-03-05 10:00", {"verdict": "satisfied", "score": "5"}),
        ("a", "classified", "2026-03-06 10:00", {"kind": "repair"}),
    ]
    policy = measuring(
        indicator(id="mean", mean={"rows": "call", "of": "score", "where": {"kind": "repair"}}),
        indicator(
            id="again", count={"rows": "call", "where": {"round": {"above": 1}, "verdict": "satisfied"}}
        ),
        indicator(id="first", count={"rows": "call", "where": {"round": 1, "verdict": "dissatisfied"}}),
        article={"callback": [CALL]},
    )
    assert rows(measured(policy, events), "value") == [("3",), ("1",), ("1",)]


@pytest.mark.parametrize(
    ("where", "value"),
    [
        ({"done_at": {"known": True}}, "3"),
        ({"done_at": {"known": False}}, "1"),
        ({"done_at": {"at_most": "due_at"}}, "2"),
        ({"done_at": {"from": "started_at", "above": "2 days"}}, "1"),
        ({"due_at": {"at_least": dt.date(2026, 4, 1)}}, "2"),
        ({"state": {"not": "met"}}, "2"),
        ({"late_by": {"above": 3600}}, "2"),
        ({"late_by": {"above": "much"}}, "1"),
        ({"round": 1}, "4"),
        ({"unit": ["城东"]}, "2"),
        ({"rule": "answer", "closed_by": "answered"}, "3"),
        ({"provisional": False}, "4"),
    ],
)
def test_conditions_on_columns(where, value):
    policy = measuring(
        indicator(count={"rows": "obligations", "where": where}),
        parameters={"much": {"value": 1000000, "origin": "user"}},
    )
    assert rows(measured(policy), "value") == [(value,)]


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ({"done_at": ["2026-03-01"]}, "done_at is an instant"),
        ({"state": {"at_least": 3}}, "no order"),
        ({"round": {"above": dt.date(2026, 1, 1)}}, "compared with a number"),
    ],
)
def test_conditions_that_no_column_can_answer(where, words):
    with pytest.raises(PolicyError, match=words):
        measured(measuring(indicator(count={"rows": "answer", "where": where})))


# --- cases, irregularities, charges ---


def test_a_case_in_which_it_happened_twice_in_a_month_counts_once():
    events = [
        ("a", "accepted", "2026-03-02 09:00"),
        ("a", "inspected", "2026-03-03 09:00", {"score": "1"}),
        ("a", "inspected", "2026-03-04 09:00", {"score": "5"}),
        ("a", "inspected", "2026-04-04 09:00", {"score": "1"}),
        ("b", "accepted", "2026-03-02 09:00"),
    ]
    good = {"event": "inspected", "score": {"at_least": 3}}
    policy = measuring(
        indicator(
            count={"rows": "cases", "where": good},
            over={"count": {"rows": "cases", "where": {"event": "inspected"}}},
            period="calendar month",
        ),
        indicator(id="y", count={"rows": "cases"}, period="calendar month"),
    )
    found = measured(policy, events)
    assert rows(found, "indicator", "period", "numerator", "denominator") == [
        ("x", "2026-03", "1", "1"),
        ("x", "2026-04", "0", "1"),
        ("y", "2026-03", "2", None),
    ]


def test_cases_are_dated_by_the_denominator():
    """Of those accepted in March, how many were archived, whenever that was."""
    events = [
        ("a", "accepted", "2026-03-02 09:00"),
        ("a", "archived", "2026-04-02 09:00"),
        ("b", "accepted", "2026-03-02 09:00"),
    ]
    archived = {"count": {"rows": "cases", "where": {"event": "archived"}}}
    by_case = indicator(**archived, over={"count": {"rows": "cases"}}, period="calendar month")
    by_event = indicator(
        id="y",
        **archived,
        over={"count": {"rows": "cases", "where": {"event": "accepted"}}},
        period="calendar month",
    )
    own = indicator(id="z", **archived, period="calendar month")
    found = measured(measuring(by_case, by_event, own), events)
    assert rows(found, "indicator", "period", "value") == [
        ("x", "2026-03", "0.5"),
        ("y", "2026-03", "0.5"),
        ("z", "2026-04", "1"),
    ]


def test_irregularities_and_prohibitions():
    rule = {"id": "rude", "on": {"event": "contacted", "where": {"score": {"below": 2}}}}
    policy = measuring(
        indicator(id="all", count={"rows": "irregularities"}, period="calendar month"),
        indicator(id="own", count={"rows": "rude", "where": {"score": 1, "kind": "prohibited"}}),
        indicator(id="by-kind", count={"rows": "irregularities"}, group=["kind"]),
        article={"prohibition": [rule]},
    )
    events = [
        ("a", "accepted", "2026-03-02 09:00", {"unit": "城东"}),
        ("a", "contacted", "2026-03-02 10:00", {"score": "1"}),
        ("a", "contacted", "2026-03-02 11:00", {"score": "5"}),
    ]
    found = measured(policy, events)
    assert rows(found, "indicator", "period", "value") == [
        ("all", "2026-03", "1"),
        ("own", None, "1"),
        ("by-kind", None, "1"),
    ]
    assert rows(found, "indicator", "unit", unit="城东")[0] == ("all", "城东")
    assert ("prohibited", "1") in rows(found, "group", "value", group="prohibited")


def test_charges_are_added_up_and_one_without_an_amount_leaves_the_sum_open():
    policy = measuring(
        indicator(id="money", sum={"rows": "charges", "of": "amount"}, period="calendar month"),
        indicator(id="how-many", count={"rows": "fine"}),
        article={"charge": [charge(amount="fee")]},
        parameters={"fee": {"value": 50, "origin": "user"}},
    )
    assert rows(measured(policy), "indicator", "period", "value") == [
        ("money", "2026-03", "50"),
        ("money", "2026-04", "50"),
        ("how-many", None, "2"),
    ]
    open_ = measuring(
        indicator(id="money", sum={"rows": "charges", "of": "amount"}),
        article={"charge": [charge(amount={"between": [10, 20]})]},
    )
    assert rows(measured(open_), "value", "state", "note") == [(None, "undefined part", "without-value:2")]


# --- left out ---


def test_what_nobody_owes_leaves_the_denominator_and_is_listed():
    duty = {**ANSWER, "void_by": "withdrawn", "when": {"kind": "repair"}}
    events = [
        *answered("a", "2026-03-02 09:00", "2026-03-02 10:00", kind="repair"),
        *answered("b", "2026-03-02 09:00", kind="repair"),
        ("b", "withdrawn", "2026-03-02 10:00"),
        *answered("c", "2026-03-02 09:00"),  # nobody knows its kind
        *answered("d", "2026-03-02 09:00", kind="complaint"),  # never owed
    ]
    policy = measuring(
        indicator(
            count={"rows": "answer", "where": {"done_at": {"known": True}}},
            over={"count": {"rows": "answer"}},
        ),
        obligations=(duty,),
    )
    found = measured(policy, events)
    assert rows(found, "numerator", "denominator", "note") == [("1", "1", "left-out:2")]
    behind = found.behind.select("part", "case", "why").sort("case").rows()
    assert behind == [
        ("numerator", "a", None),
        ("denominator", "a", None),
        ("excluded", "b", "void"),
        ("excluded", "c", "waiting"),
    ]


def test_the_exempt_leave_the_denominator_and_say_why():
    call = {**CALL, "exempt": [{"when": {"anonymous": True}, "says": "匿名"}]}
    events = [
        *scored("a", "satisfied"),
        *answered("b", "2026-03-02 09:00", "2026-03-02 10:00", anonymous="true"),
    ]
    rate = indicator(
        count={"rows": "call", "where": {"state": "met"}},
        over={"count": {"rows": "call"}},
        period="calendar month",
    )
    found = measured(measuring(rate, article={"callback": [call]}), events)
    assert rows(found, "value", "denominator", "note") == [("1", "1", "left-out:1")]
    assert found.behind.filter(part="excluded").select("case", "why").rows() == [("b", "exempt:匿名")]


def test_a_number_that_is_missing_is_named():
    soft = {key: value for key, value in ANSWER.items() if key != "within"}
    found = measured(measuring(MONTHLY, obligations=(soft,)))
    assert rows(found, "period", "value", "state", "note") == [
        ("2026-03", None, "unset", "missing:answer.within; left-out:3"),
        ("2026-04", None, "unset", "missing:answer.within; left-out:1"),
    ]
    done = indicator(count={"rows": "answer", "where": {"done_at": {"known": True}}})
    assert rows(measured(measuring(done, obligations=(soft,))), "value") == [("3",)]


def test_a_condition_on_a_missing_parameter_has_no_figure():
    policy = measuring(
        indicator(count={"rows": "cases", "where": {"score": {"at_least": "good"}}}),
        parameters={"good": {"origin": "missing"}},
    )
    assert rows(measured(policy), "state", "note") == [("unset", "missing:good")]
    assert rows(measured(policy, set={"good": 1}), "state", "value") == [("figure", "0")]


# --- groups and units ---


def test_units_add_up_to_those_above_and_shares_are_not_averaged():
    found = measured(measuring(indicator(**SHARE)), [*MARCH, *answered("e", "2026-03-02 09:00")], site=TREE)
    assert rows(found, "unit", "numerator", "denominator", unit=...) == [
        (None, "2", "5"),
        ("公司", "2", "4"),
        ("城东", "1", "2"),
        ("城西", "1", "2"),
    ]
    alone = measured(measuring(indicator(**SHARE)), site=TREE, unit="公司")
    assert rows(alone, "unit", "value", unit=...) == [("公司", "0.5")]
    assert sorted(set(alone.behind["case"])) == ["a", "b", "c", "d"]


def test_a_unit_without_a_row_is_shown_for_the_period_asked_for():
    found = measured(measuring(MONTHLY), site=TREE, period="2026-04")
    assert rows(found, "unit", "value", "state", unit=...) == [
        (None, "0.5", "figure"),
        ("公司", "0.5", "figure"),
        ("城东", None, "no figure"),
        ("城西", "0.5", "figure"),
    ]


def test_groups_of_columns_and_facts():
    events = [
        *scored("a", "satisfied"),
        *scored("b", "dissatisfied"),
        *answered("c", "2026-03-02 09:00", "2026-03-02 10:00"),
    ]
    policy = measuring(
        indicator(count={"rows": "call"}, group=["unit", "state", "verdict"]), article={"callback": [CALL]}
    )
    found = measured(policy, events)
    assert rows(found, "group", "value", group=...) == [
        (None, "3"),
        ("met、dissatisfied", "1"),
        ("met、satisfied", "1"),
        ("overdue、", "1"),
    ]


# --- targets, bands, cards ---


@pytest.mark.parametrize(
    ("target", "met"), [({"at_least": 0.5}, True), ({"above": 0.5}, False), ({"at_most": "goal"}, None)]
)
def test_targets(target, met):
    policy = measuring(indicator(**SHARE, target=target), parameters={"goal": {"origin": "missing"}})
    ((found, note),) = rows(measured(policy), "target_met", "note")
    assert (found, note) == (met, "missing:goal" if met is None else None)


BANDS = [
    {"at_least": 80, "is": "优秀"},
    {"at_least": 60, "below": 80, "is": "合格"},
    {"below": 60, "is": "不合格"},
]


@pytest.mark.parametrize(
    ("score", "band"),
    [("59.999999", "不合格"), ("60", "合格"), ("79.5", "合格"), ("80", "优秀"), ("100", "优秀")],
)
def test_a_bound_of_a_band_belongs_to_the_band_that_says_so(score, band):
    policy = measuring(
        indicator(mean={"rows": "call", "of": "score"}, bands=BANDS), article={"callback": [CALL]}
    )
    assert rows(measured(policy, scored("a", "satisfied", score)), "band") == [(band,)]


def card(**keys):
    return measuring(
        indicator(id="on-time", **SHARE),
        indicator(id="answered", count={"rows": "answer", "where": {"state": ["met", "late"]}}),
        indicator(id="stars", mean={"rows": "call", "of": "score"}),
        indicator(id="card", **keys),
        article={"callback": [CALL]},
        parameters={"w": {"origin": "missing"}},
    )


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"weights": {"on-time": 60, "answered": 10}}, ("60", "figure", None)),
        ({"weights": {"on-time": 60, "stars": 40}}, (None, "undefined part", "undefined-part:stars")),
        ({"weights": {"on-time": "w", "answered": 10}}, (None, "unset", "missing:w")),
        (
            {"weights": {"on-time": 0.6, "answered": 0.5}, "weights_sum": 1},
            (None, "unset", "weights-sum:1.1/1"),
        ),
        ({"base": 100, "deduct": [{"of": "answered", "each": 2.5}]}, ("92.5", "figure", None)),
        ({"base": 5, "deduct": [{"of": "answered", "each": 2}], "at_least": 0}, ("0", "figure", None)),
        ({"base": 100, "deduct": [{"of": "answered", "each": 20, "at_most": 30}]}, ("70", "figure", None)),
        (
            {"base": 100, "deduct": [{"of": "on-time", "each": 1, "below": 0.95, "step": 0.1}]},
            ("96", "figure", None),
        ),
        (
            {
                "base": 100,
                "deduct": [{"of": "on-time", "each": 1, "below": 0.95, "step": 0.1, "part": "begun"}],
            },
            ("95", "figure", None),
        ),
        (
            {
                "base": 100,
                "deduct": [{"of": "on-time", "each": 1, "below": 0.95, "step": 0.1, "part": "exact"}],
            },
            ("95.5", "figure", None),
        ),
        ({"base": 100, "deduct": [{"of": "answered", "each": 3, "above": 1}]}, ("94", "figure", None)),
        (
            {"base": 100, "deduct": [{"of": "on-time", "each": 1, "above": 0.9, "step": 0.1}]},
            ("100", "figure", None),
        ),
        (
            {"base": 100, "deduct": [{"of": "stars", "each": 1}]},
            (None, "undefined part", "undefined-part:stars"),
        ),
        ({"weights": {"answered": 100}, "at_most": 120}, ("120", "figure", None)),
    ],
)
def test_cards(keys, expected):
    """On time 1/2, answered in time or late 3; nobody was called."""
    assert rows(measured(card(**keys)), "value", "state", "note", indicator="card") == [expected]


def test_a_card_counts_its_parts_over_its_own_periods_and_by_its_own_groups():
    monthly = indicator(
        id="part", mean={"rows": "call", "of": "score"}, group=["unit", "kind"], period="calendar month"
    )
    whole = indicator(id="card", weights={"part": 2}, group=["kind"], period="calendar quarter", bands=BANDS)
    events = [
        *scored("a", "satisfied", "30"),
        *[
            (case, event, when.replace("-03-", "-02-"), *data)
            for case, event, when, *data in scored("b", "satisfied", "10")
        ],
    ]
    events[0] = ("a", "accepted", "2026-03-02 09:00", {"kind": "repair"})
    found = measured(measuring(monthly, whole, article={"callback": [CALL]}), events)
    assert rows(found, "period", "group", "value", "band", indicator="card", group=...) == [
        ("2026-Q1", None, "40", "不合格"),
        ("2026-Q1", "", "20", "不合格"),
        ("2026-Q1", "repair", "60", "合格"),
    ]


def test_the_rows_behind_a_card_are_those_of_its_parts():
    found = measured(card(weights={"on-time": 60, "answered": 10}))
    assert set(found.rows_behind("card")["indicator"]) == {"on-time", "answered"}


def test_an_indicator_that_is_part_of_itself_is_refused():
    policy = measuring(indicator(id="a", weights={"b": 1}), indicator(id="b", weights={"a": 1}))
    with pytest.raises(PolicyError, match="part of itself: a → b → a"):
        measured(policy)


def test_every_figure_says_when_and_by_which_edition():
    early = measuring(MONTHLY, policy={"edition": dt.date(2020, 1, 1), "until": dt.date(2026, 3, 31)})
    late = measuring(
        indicator(count={"rows": "answer"}, period="calendar month"), policy={"edition": dt.date(2026, 4, 1)}
    )
    found = indicators_editions([early, late], {}, log_of(*MARCH), at("2026-05-02 09:00"))
    assert rows(found, "edition", "period", "value") == [
        ("2020-01-01", "2026-03", "0.5"),
        ("2020-01-01", "2026-04", "1"),
        ("2026-04-01", "2026-04", "1"),
    ]
    assert {f"{one:%Y-%m-%d %H:%M %Z}" for (one,) in rows(found, "as_of")} == {"2026-05-02 09:00 CST"}


def test_a_policy_without_indicators_says_so():
    with pytest.raises(CallError, match="declares no indicator"):
        measured(measuring(facts=FACTS))
