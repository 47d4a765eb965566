"""Proposed charges: every shape of amount, who pays, on what, and what cannot be computed."""

import datetime as dt

import polars as pl
import pytest

from bihuan.engine.assess import assess
from bihuan.engine.errors import PolicyError
from bihuan.engine.site import PEOPLE, Site
from bihuan.files.calendars import read_calendars
from tests.engine.charging import (
    ANSWER,
    FACTS,
    LATE_BY_A_DAY,
    assessed,
    charge,
    charging,
    one_case,
    rows,
)
from tests.engine.small import at, log_of

NOBODY = {"references": {"annex": {"title": "附件", "held": False}}}


def only(policy, *names, **how):
    found = rows(assessed(policy, **how), *names)
    assert len(found) == 1, found
    return found[0]


# --- amounts ---


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        ({"amount": 500}, ("proposed", "500.00", "500")),
        ({"amount": 0.1}, ("proposed", "0.10", "0.1")),
        ({"amount": {"between": [100, 200]}}, ("range", None, "100–200")),
        ({"amount": {"from": 800}}, ("range", None, "≥ 800")),
        ({"amount": {"by": "annex"}}, ("external", None, None)),
        ({}, ("unset", None, None)),
        ({"sanction": "通报批评"}, ("proposed", None, None)),
        ({"amount": 30, "times": "persons"}, ("proposed", "90.00", "30 × 3")),
        ({"amount": 3, "times": ["worth"]}, ("proposed", "301.50", "3 × 100.5")),
        ({"amount": 30, "times": "persons", "at_most": 50}, ("proposed", "50.00", "[30 × 3 → 50]")),
        ({"amount": 1, "times": "persons", "at_least": 50}, ("proposed", "50.00", "[1 × 3 → 50]")),
        (
            {"amount": 30, "further": {"every": "1 day", "amount": 10}},
            ("proposed", "40.00", "30 + 1 × 10"),
        ),
        (
            {"amount": 30, "further": {"every": "1 day", "amount": 10, "part": "full"}},
            ("proposed", "30.00", "30"),
        ),
        (
            {"amount": 50, "further": {"every": "1 hour", "amount": {"between": [10, 100]}}},
            ("range", None, "50 + 23 × 10–100"),
        ),
        (
            {"amount": {"between": [30, 100]}, "further": {"every": "10 hours", "amount": 5}},
            ("range", None, "30–100 + 3 × 5"),
        ),
    ],
)
def test_the_shapes_of_an_amount(keys, expected):
    log = one_case(
        ("accepted", "2026-03-02 09:00", {"persons": 3, "worth": "100.5", "unit": "城东"}),
        ("answered", "2026-03-04 08:00"),
    )
    policy = charging(charge(**keys), **NOBODY)
    assert only(policy, "state", "amount", "how", log=log) == expected


def test_an_amount_that_a_fact_looks_up_and_rounding_half_up_to_the_declared_unit():
    facts = FACTS | {
        "fee": {
            "type": "money",
            "label": "额",
            "rows": [{"when": {"grade": "low"}, "is": 0.125}, {"when": {"grade": "high"}, "is": 80}],
        }
    }
    log = log_of(
        ("1", "accepted", "2026-03-02 09:00", {"grade": "low"}),
        ("2", "accepted", "2026-03-02 09:00", {"grade": "high"}),
        ("3", "accepted", "2026-03-02 09:00"),
    )
    policy = charging(charge(amount="fee"), facts=facts)
    assert rows(assessed(policy, log), "state", "amount", "note") == [
        ("proposed", "0.13", "payer-not-known:unit"),
        ("proposed", "80.00", "payer-not-known:unit"),
        ("waiting", None, "fact-not-known:fee; payer-not-known:unit"),
    ]
    tens = charging(charge(amount=25), policy={"round": 10})
    assert only(tens, "amount") == ("30.00",)


def test_parameters_of_the_day_of_the_breach_and_missing_ones():
    dated = [
        {"from": dt.date(2026, 1, 1), "value": 20},
        {"from": dt.date(2026, 3, 4), "value": 40},
    ]
    values = {"fee": {"origin": "text", "values": dated}}
    policy = charging(charge(amount="fee"), parameters=values)
    assert only(policy, "amount") == ("20.00",)  # it was due on the 3rd
    missing = charging(charge(amount="fee"), parameters={"fee": {"origin": "missing"}})
    assert only(missing, "state", "note") == ("unset", "missing:fee")
    assert only(missing, "state", "amount", set={"fee": 7}) == ("proposed", "7.00")
    bare = charging(charge())
    assert only(bare, "state", "note") == ("unset", "missing:fine.amount")
    assert only(bare, "state", "amount", set={"fine.amount": "99.5"}) == ("proposed", "99.50")


def test_points_are_counted_by_themselves_and_never_multiplied():
    double = {"id": "double", "charges": "all", "when": {"media": True}, "factor": 2}
    policy = charging(
        charge(amount=2, unit="分"), charge(id="money", amount=100), article={"multiplier": [double]}
    )
    log = one_case(("accepted", "2026-03-02 09:00", {"media": True, "unit": "城东"}))
    found = assessed(policy, log)
    assert rows(found, "id", "amount", "measure", "how") == [
        ("fine", "2.00", "分", "2"),
        ("money", "200.00", "CNY", "100 × 2"),
    ]
    assert found.summary["sums"] == {"CNY": "200.00", "分": "2.00"}


def test_several_multipliers_multiply_and_one_nobody_can_tell_is_said():
    media = {"id": "media", "charges": ["fine"], "when": {"media": True}, "factor": 2}
    grade = {"id": "grade", "charges": "all", "when": {"grade": "high"}, "factor": 1.5}
    policy = charging(charge(amount=100), article={"multiplier": [media, grade]})
    both = one_case(("accepted", "2026-03-02 09:00", {"media": True, "grade": "high", "unit": "东"}))
    one = one_case(("accepted", "2026-03-02 09:00", {"media": True, "unit": "东"}))
    assert only(policy, "amount", "note", log=both) == ("300.00", "multiplied:media; multiplied:grade")
    assert only(policy, "amount", "note", log=one) == (
        "200.00",
        "multiplied:media; multiplier-not-judged:grade",
    )


def test_a_factor_without_a_value_leaves_the_charge_unset_only_where_it_applies():
    media = {"id": "media", "charges": "all", "when": {"media": True}, "factor": "twice"}
    policy = charging(
        charge(amount=100), article={"multiplier": [media]}, parameters={"twice": {"origin": "missing"}}
    )
    hit = one_case(("accepted", "2026-03-02 09:00", {"media": True, "unit": "东"}))
    miss = one_case(("accepted", "2026-03-02 09:00", {"media": False, "unit": "东"}))
    assert only(policy, "state", "note", log=hit) == ("unset", "missing:twice")
    assert only(policy, "state", "amount", log=miss) == ("proposed", "100.00")


# --- on what ---


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        ("answer.missed", ["2026-03-03 09:00"]),
        ("answer.late", ["2026-03-04 08:00"]),
        ("answer.met", []),
        ("answered", ["2026-03-04 08:00"]),
        (["answer.missed", "answered"], ["2026-03-03 09:00", "2026-03-04 08:00"]),
        (
            {"event": "answered", "where": {"worker": "王五"}},
            [],
        ),  # `where` asks what the event itself carries
        ({"event": "accepted", "where": {"worker": "王五"}}, ["2026-03-02 09:00"]),
    ],
)
def test_what_a_charge_can_be_on(on, expected):
    found = rows(assessed(charging(charge(on=on, amount=1))), "at")
    assert [at.strftime("%Y-%m-%d %H:%M") for (at,) in found] == expected


def test_counts_prohibitions_and_windows_are_triggers_too():
    article = {
        "count": [{"id": "twice", "of": "urged", "at_least": 2}],
        "prohibition": [{"id": "no-return", "on": "returned"}],
        "window": [{"id": "objection", "after": "accepted", "may": "rejected", "within": "1 day"}],
    }
    on = ["twice.reached", "no-return", "objection.missed"]
    policy = charging(charge(on=on, amount=5, payer="actor"), article=article)
    log = one_case(
        ("accepted", "2026-03-02 09:00", {"actor": "张"}),
        ("urged", "2026-03-02 10:00", {"actor": "赵"}),
        ("returned", "2026-03-02 11:00", {"actor": "李"}),
        ("urged", "2026-03-02 12:00", {"actor": "钱"}),
    )
    assert rows(assessed(policy, log), "on", "payer", "established_by") == [
        ("no-return", "李", "李"),
        ("twice.reached", "钱", "钱"),
        ("objection.missed", None, None),  # time passed, and nobody did anything
    ]


def test_charges_of_a_policy_that_has_no_other_rule():
    policy = charging(charge(on="verified", amount=10, payer="worker"), obligations=())
    log = one_case(("verified", "2026-03-02 09:00", {"worker": "王五"}))
    assert only(policy, "payer", "amount", log=log) == ("王五", "10.00")


def test_what_happens_after_as_of_sets_nothing_off():
    policy = charging(charge(on="answered", amount=1))
    assert rows(assessed(policy, when="2026-03-04 07:59"), "id") == []
    assert rows(assessed(policy, when="2026-03-04 08:00"), "id") == [("fine",)]


@pytest.mark.parametrize(
    "on",
    [
        {"all": ["answered", "verified"]},
        {"event": "answered", "since": "accepted"},
        {"event": "answered", "at_least": 2},
        {"event": "answered", "by": "handler"},
    ],
)
def test_a_pattern_that_only_the_fold_can_tell_is_refused(on):
    roles = {"unit": "单位", "handler": {"label": "人", "did": ["contacted"]}}
    with pytest.raises(PolicyError, match="write a count or a prohibition"):
        assessed(charging(charge(on=on, amount=1), roles=roles))


def test_a_duty_dropped_after_its_due_time_is_charged_and_its_lateness_has_stopped():
    duty = ANSWER | {"void_by": "withdrawn"}
    fine = charge(amount=10, further={"every": "1 day", "amount": 1})
    log = one_case(("accepted", "2026-03-02 09:00", {"unit": "东"}), ("withdrawn", "2026-03-05 08:00"))
    assert only(charging(fine, obligations=[duty]), "amount", log=log, when="2026-04-01") == ("12.00",)
    before = one_case(("accepted", "2026-03-02 09:00"), ("withdrawn", "2026-03-03 08:00"))
    assert rows(assessed(charging(fine, obligations=[duty]), before), "id") == []


def test_an_open_breach_grows_until_as_of():
    fine = charge(amount=10, further={"every": "1 day", "amount": 1})
    log = one_case(("accepted", "2026-03-02 09:00", {"unit": "东"}))
    grown = [only(charging(fine), "amount", log=log, when=f"2026-03-0{day} 09:00")[0] for day in (4, 5, 6)]
    assert grown == ["11.00", "12.00", "13.00"]


# --- on which data ---


def test_the_triggers_own_data_and_everything_else_as_known_last():
    """LANGUAGE 3.2: a classification made afterwards counts, another event's person does not."""
    policy = charging(charge(on="verified", when={"grade": "high"}, payer="worker", amount=10))
    log = one_case(
        ("accepted", "2026-03-02 09:00", {"grade": "low"}),
        ("verified", "2026-03-03 09:00", {"worker": "王五"}),
        ("verified", "2026-03-04 09:00", {"worker": "赵六"}),
        ("classified", "2026-03-05 09:00", {"grade": "high"}),
    )
    assert rows(assessed(policy, log), "payer") == [("王五",), ("赵六",)]
    assert rows(assessed(policy, log, when="2026-03-04 10:00"), "payer") == []


def test_a_condition_that_cannot_be_told_waits_or_is_unset():
    known = charging(charge(when={"grade": "high"}, amount=10))
    assert only(known, "state", "amount", "note") == ("waiting", None, "fact-not-known:grade")
    limit = {"most": {"origin": "missing"}}
    unset = charging(charge(when={"persons": {"above": "most"}}, amount=10), parameters=limit)
    log = one_case(("accepted", "2026-03-02 09:00", {"persons": 3, "unit": "东"}))
    assert only(unset, "state", "note", log=log) == ("unset", "missing:most")


def test_when_an_event_happened_can_be_asked():
    policy = charging(charge(when={"verified_at": {"known": True}}, amount=10))
    log = one_case(
        ("accepted", "2026-03-02 09:00", {"unit": "东"}), ("verified", "2026-03-09 09:00", {"worker": "王"})
    )
    assert rows(assessed(policy, log), "id") == [("fine",)]
    assert rows(assessed(policy, log, when="2026-03-08"), "id") == []


# --- who ---


def test_each_of_several_payers_pays_and_each_person_that_a_fact_names():
    policy = charging(charge(payer={"all": ["unit", "helpers"]}, amount=10))
    log = one_case(("accepted", "2026-03-02 09:00", {"unit": "城东", "helpers": "乙;甲"}))
    assert sorted(rows(assessed(policy, log), "payer", "amount")) == [
        ("乙", "10.00"),
        ("城东", "10.00"),
        ("甲", "10.00"),
    ]


def test_roles_mean_whom_a_fact_names_who_did_it_or_their_label():
    roles = {
        "unit": {"label": "承办单位", "fact": "unit"},
        "handler": {"label": "承办人", "did": ["answered"]},
        "office": "办公室",
    }
    payers = {"unit": "城东", "handler": "李四", "office": "办公室", "owner": "城东", "worker": "王五"}
    for payer, expected in payers.items():
        assert only(charging(charge(payer=payer, amount=1), roles=roles), "payer") == (expected,), payer


def test_the_company_pays_the_customer():
    facts = FACTS | {"caller": {"type": "person", "label": "客户"}}
    policy = charging(
        charge(payer="company", payee="customer", amount=20), facts=facts, policy={"customer": "caller"}
    )
    log = one_case(("accepted", "2026-03-02 09:00", {"caller": "周某"}))
    found = assessed(policy, log)
    assert rows(found, "payer", "payee", "amount") == [("company", "周某", "20.00")]
    assert found.summary["sums"] == {"CNY (company)": "20.00"}


def test_an_instance_per_person_is_charged_to_that_person():
    duty = {
        "id": "exam",
        "after": "accepted",
        "owes": "reviewed",
        "within": "1 day",
        "by": "unit",
        "per": "worker",
    }
    policy = charging(charge(on="exam.missed", payer="worker", amount=1), obligations=[duty])
    log = one_case(
        ("accepted", "2026-03-02 09:00", {"worker": "甲"}),
        ("accepted", "2026-03-02 10:00", {"worker": "乙"}),
        ("reviewed", "2026-03-02 11:00", {"worker": "丙"}),
    )
    assert sorted(rows(assessed(policy, log), "key", "payer")) == [("乙", "乙"), ("甲", "甲")]


def test_a_rule_across_a_subject_is_charged_once_for_the_subject():
    facts = FACTS | {"station": {"type": "unit", "label": "站", "register": True}}
    visit = {
        "id": "visit",
        "every": "calendar month",
        "owes": "inspected",
        "across": "station",
        "by": "station",
    }
    policy = charging(
        charge(on="visit.missed", payer="station", amount=100), obligations=[visit], facts=facts,
        roles={"station": {"label": "供电所", "fact": "station"}},
    )  # fmt: skip
    table = pl.DataFrame(
        {"subject": ["城东", "城西"], "since": [None, None], "until": [None, None]},
        schema={"subject": pl.String, "since": pl.Date, "until": pl.Date},
    ).with_columns(since=pl.lit("2026-02-01").str.to_date())
    site = Site(registers={"station": table})
    log = log_of(("1", "inspected", "2026-02-20 09:00", {"station": "城东"}))
    found = rows(assessed(policy, log, when="2026-03-05", site=site), "case", "payer", "at")
    assert [(case, payer, f"{at:%Y-%m-%d %H:%M:%S}") for case, payer, at in found] == [
        ("城西", "城西", "2026-02-28 23:59:59")
    ]


def test_by_asks_the_actor_and_a_stranger_violates_nothing():
    people = pl.DataFrame({"person": ["赵"], "role": ["boss"]}).select(
        pl.col("person"),
        "role",
        *(pl.lit(None, dtype=PEOPLE[n]).alias(n) for n in ("unit", "since", "until")),
    )
    site = Site(
        people=pl.concat(
            [people, people.with_columns(pl.lit("李").alias("person"), pl.lit("clerk").alias("role"))]
        )
    )
    policy = charging(
        charge(on={"event": "verified", "by": "boss"}, amount=1, payer="worker"), roles={"unit": "单位", "boss": "领导"}
    )  # fmt: skip
    log = log_of(
        *(
            (name, "verified", "2026-03-02 09:00", {"actor": name, "worker": "王"})
            for name in ("赵", "李", "路人")
        )
    )
    assert sorted(rows(assessed(policy, log, site=site), "case")) == [("赵",), ("路人",)]


# --- among one another ---


def test_a_heavier_charge_absorbs_a_lighter_one_of_the_same_case_and_payer():
    light = charge(id="light", on="accepted", amount=10)
    heavy = charge(id="heavy", absorbs=["light"], amount=100)
    found = assessed(charging(light, heavy))
    number = found.charges.filter(id="heavy")["number"][0]
    assert rows(found, "id", "state", "note") == [
        ("light", "absorbed", f"absorbed-by:{number}"),
        ("heavy", "proposed", None),
    ]
    assert found.summary["sums"] == {"CNY": "100.00"}
    other = charging(light | {"payer": "worker"}, heavy)
    assert assessed(other).summary["sums"] == {"CNY": "110.00"}


def test_a_cap_bounds_what_one_payer_bears_in_a_calendar_period():
    fine = charge(on="verified", payer="worker", amount=40, cap={"amount": 100, "per": "calendar month"})
    days = ("03-02", "03-05", "03-09", "03-31", "04-01")
    log = log_of(*((f"{n}", "verified", f"2026-{day} 09:00", {"worker": "甲"}) for n, day in enumerate(days)))
    found = assessed(charging(fine), log, when="2026-05-01")
    assert rows(found, "state", "amount", "note") == [
        ("proposed", "40.00", None),
        ("proposed", "40.00", None),
        ("capped", "20.00", "capped-from:40.00"),
        ("capped", "0.00", "capped-from:40.00"),
        ("proposed", "40.00", None),
    ]


def test_a_cap_without_a_value_leaves_the_charge_unset():
    fine = charge(amount=40, cap={"amount": "most", "per": "calendar month"})
    policy = charging(fine, parameters={"most": {"origin": "missing", "at_least": 500, "at_most": 2000}})
    assert only(policy, "state", "note") == ("unset", "missing:most")
    assert only(policy, "state", "amount", set={"most": 500}) == ("proposed", "40.00")


def test_the_rungs_of_a_ladder_among_which_a_person_chooses():
    ladders = {"discipline": ["警告", "记过", "记大过", "开除"]}
    some = charge(sanction={"ladder": "discipline", "from": "记过", "to": "记大过"}, amount=1)
    most = charge(id="most", sanction={"ladder": "discipline", "to": "记过"}, amount=1)
    found = rows(assessed(charging(some, most, ladders=ladders)), "sanction")
    assert found == [("记过、记大过",), ("警告、记过",)]


def test_numbers_tell_charges_apart_and_stay_when_others_are_added():
    first = charging(charge(on="answered", amount=1, payer="actor"))
    more = charging(charge(id="other", amount=1), charge(on="answered", amount=1, payer="actor"))
    assert rows(assessed(first), "number") == [("1/fine/2026-03-04T08:00:00/李四",)]
    assert rows(assessed(first), "number")[0] in rows(assessed(more), "number")
    twice = one_case(*[("verified", "2026-03-02 09:00", {"worker": "王"})] * 1, ("verified", "2026-03-02 09:00", {"worker": "王", "media": True}))  # fmt: skip
    policy = charging(charge(on="verified", amount=1, payer="worker"))
    assert [number.rpartition("王")[2] for (number,) in rows(assessed(policy, twice), "number")] == ["", "/2"]


def test_nothing_to_charge_is_an_empty_table_with_the_same_columns():
    empty = assessed(charging(charge(amount=1)), LATE_BY_A_DAY, when="2026-03-02 10:00").charges
    full = assessed(charging(charge(amount=1))).charges
    assert empty.height == 0
    assert empty.schema == full.schema


@pytest.mark.parametrize(
    ("every", "begun", "full"),
    [
        ("1 minute", 4320, 4320),
        ("1 hour", 72, 72),
        ("1 day", 3, 3),
        ("2 days", 2, 1),
        ("1 week", 1, 0),
        ("1 month", 1, 0),
        ("1 working day", 1, 0),
    ],
)
def test_lateness_after_an_agreed_instant(every, begun, full):
    """Due on Friday the 6th at 17:00, done on Monday the 9th at 17:00."""
    facts = FACTS | {"agreed": {"type": "instant", "label": "约定"}}
    duty = ANSWER | {"within": "agreed"}
    log = one_case(
        ("accepted", "2026-03-02 09:00", {"unit": "东", "agreed": "2026-03-06 17:00"}),
        ("answered", "2026-03-09 17:00"),
    )
    found = []
    for part in ("begun", "full"):
        fine = charge(amount=0, further={"every": every, "amount": 1, "part": part})
        calendar = {"calendar": "cn-office"}
        policy = charging(fine, obligations=[duty], facts=facts, policy=calendar)
        table = assess(policy, read_calendars(), log, at("2026-03-10 09:00")).charges
        found.append(int(table["amount"][0]))
    assert found == [begun, full]
