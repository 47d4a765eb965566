"""What persons decide about charges, the cut of a month, and what the ledgers take of it."""

from decimal import Decimal

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engine.errors import CallError
from bihuan.engine.site import DEPUTIES, PAY, PEOPLE, Site
from tests.engine.charging import assessed, charge, charging, decisions, rows
from tests.engine.small import at, log_of

LEDGER = {
    "pay": {
        "label": "绩效",
        "party": "person",
        "deducts_from": "绩效",
        "starts": "confirmed_all",
        "carry": True,
        "keep": 0,
    }
}
EVENTS = {"confirmed_all": "公布"}
RANGE = charge(
    on="verified", payer="worker", amount={"between": [100, 200]}, decided_by="boss", approved_by="board"
)
ROLES = {"unit": "单位", "boss": {"label": "领导", "deputies": ["vice"]}, "vice": "副职", "board": "小组"}
LOG = log_of(
    ("1", "verified", "2026-03-02 09:00", {"worker": "甲"}),
    ("2", "verified", "2026-03-20 09:00", {"worker": "乙"}),
)
ONE, TWO = "1/fine/2026-03-02T09:00:00/甲", "2/fine/2026-03-20T09:00:00/乙"


def policy(*charges, **tables):
    return charging(*(charges or [RANGE]), roles=ROLES, obligations=(), events=EVENTS, **tables)


def fixed(of, when, amount, reason="查实", **data):
    return (of, "fixed", when, {"amount": amount, "reason": reason, **data})


def lived(*told, rules=None, log=LOG, **how):
    return assessed(rules or policy(), log, "2026-03-31", decisions=decisions(*told), **how)


def stages(found):
    return rows(found, "case", "state", "stage", "amount")


def why(found):
    return found.refused["refused"].to_list()


def test_a_person_fixes_confirms_and_reverses():
    fix = fixed(ONE, "2026-03-05 09:00", "150")
    confirm = (ONE, "confirmed", "2026-03-06 09:00", {})
    appeal = (ONE, "appealed", "2026-03-07 09:00", {"reason": "不是我"})
    for told, expected in (
        ([fix], ("1", "proposed", "fixed", "150.00")),
        ([fix, confirm], ("1", "proposed", "confirmed", "150.00")),
        ([fix, confirm, appeal], ("1", "proposed", "appealed", "150.00")),
        (
            [fix, confirm, appeal, (ONE, "upheld", "2026-03-08 09:00", {})],
            ("1", "proposed", "confirmed", "150.00"),
        ),
        (
            [fix, confirm, appeal, (ONE, "reversed", "2026-03-08 09:00", {"reason": "查无此事"})],
            ("1", "proposed", "reversed", "150.00"),
        ),
    ):
        found = lived(*told)
        assert stages(found)[0] == expected
        assert why(found) == []


@pytest.mark.parametrize(
    ("told", "reason"),
    [
        ([fixed(ONE, "2026-03-05 09:00", "99.99")], "outside-range"),
        ([fixed(ONE, "2026-03-05 09:00", "200.01")], "outside-range"),
        ([fixed(ONE, "2026-03-05 09:00", "-150")], "outside-range"),
        ([fixed(ONE, "2026-03-05 09:00", "一百五")], "not-an-amount"),
        ([fixed(ONE, "2026-03-05 09:00", "NaN")], "not-an-amount"),
        ([fixed(ONE, "2026-03-05 09:00", "")], "not-an-amount"),
        ([fixed(ONE, "2026-03-05 09:00", "150", reason="")], "no-reason"),
        ([("9/fine", "fixed", "2026-03-05 09:00", {"amount": "150", "reason": "x"})], "no-such-charge"),
        ([(ONE, "forgotten", "2026-03-05 09:00", {})], "no-such-event"),
        ([(ONE, "confirmed", "2026-03-05 09:00", {})], "nothing-to-confirm"),
        ([(ONE, "reversed", "2026-03-05 09:00", {"reason": "x"})], "not-at-this-stage"),
        ([("2026-03", "collected", "2026-03-31 09:00", {})], "month-not-over"),
        ([("2026-03", "confirmed", "2026-04-01 09:00", {})], "not-at-this-stage"),
        ([("2026-03", "fixed", "2026-04-01 09:00", {})], "no-such-event"),
    ],
)
def test_what_the_text_does_not_allow_changes_nothing_and_is_listed(told, reason):
    found = lived(*told)
    assert why(found) == [reason]
    assert stages(found) == [("1", "range", "proposed", None), ("2", "range", "proposed", None)]


def test_an_amount_is_fixed_once():
    found = lived(fixed(ONE, "2026-03-05 09:00", "150"), fixed(ONE, "2026-03-06 09:00", "160"))
    assert why(found) == ["not-at-this-stage"]
    assert stages(found)[0] == ("1", "proposed", "fixed", "150.00")


def test_a_floor_has_no_ceiling_and_an_external_amount_is_entered_by_a_person():
    floor = policy(RANGE | {"amount": {"from": 800}})
    assert why(lived(fixed(ONE, "2026-03-05 09:00", "799"), rules=floor)) == ["outside-range"]
    assert stages(lived(fixed(ONE, "2026-03-05 09:00", "1,000,000"), rules=floor))[0][3] == "1000000.00"
    annex = {"annex": {"title": "附件", "held": False}}
    external = policy(RANGE | {"amount": {"by": "annex"}}, references=annex)
    assert stages(lived(fixed(ONE, "2026-03-05 09:00", "30"), rules=external))[0] == (
        "1",
        "proposed",
        "fixed",
        "30.00",
    )


def test_one_step_amount_for_all_steps_and_the_factor_comes_last():
    duty = {"id": "answer", "after": "accepted", "owes": "answered", "within": "24 hours", "by": "unit"}
    fine = RANGE | {
        "on": "answer.missed",
        "further": {"every": "1 day", "amount": {"between": [10, 100]}},
    }
    double = {"id": "double", "charges": "all", "when": {"media": True}, "factor": 2}
    rules = charging(fine, roles=ROLES, obligations=[duty], article={"multiplier": [double]})
    log = log_of(
        ("1", "accepted", "2026-03-02 09:00", {"worker": "甲", "media": True}),
        ("1", "answered", "2026-03-06 08:00"),
    )
    number = "1/fine/2026-03-03T09:00:00/甲"
    found = lived(fixed(number, "2026-03-10 09:00", "100", step="20"), rules=rules, log=log)
    assert rows(found, "amount", "how") == [("320.00", "(100 + 3 × 20) × 2")]
    for step, reason in (("", "not-an-amount"), ("9", "outside-range")):
        assert why(lived(fixed(number, "2026-03-10 09:00", "100", step=step), rules=rules, log=log)) == [
            reason
        ]


def people(*rows_):
    nothing = (pl.lit(None, dtype=PEOPLE[name]).alias(name) for name in ("unit", "since", "until"))
    return pl.DataFrame(rows_, schema=["person", "role"], orient="row").select("person", "role", *nothing)


def test_only_who_holds_the_role_decides_as_far_as_the_site_knows():
    site = Site(people=people(("赵", "boss"), ("钱", "vice"), ("孙", "clerk"), ("李", "board")))
    for actor, allowed in (
        ("赵", True),
        ("钱", True),
        ("孙", False),
        ("李", False),
        ("路人", True),
        (None, True),
    ):
        found = lived(fixed(ONE, "2026-03-05 09:00", "150", actor=actor), site=site)
        assert why(found) == ([] if allowed else ["not-entitled"]), actor
    deputies = pl.DataFrame(
        {"person": ["赵"], "deputy": ["孙"], "since": [None], "until": [None]}, schema=DEPUTIES
    )
    stands_in = Site(people=site.people, deputies=deputies)
    assert why(lived(fixed(ONE, "2026-03-05 09:00", "150", actor="孙"), site=stands_in)) == []


def test_what_a_reversed_charge_had_absorbed_is_proposed_again():
    light = charge(id="light", on="verified", payer="worker", amount=10)
    heavy = charge(id="heavy", on="verified", payer="worker", amount=100, absorbs=["light"])
    number = "1/heavy/2026-03-02T09:00:00/甲"
    found = lived(
        (number, "confirmed", "2026-03-05 09:00", {}),
        (number, "reversed", "2026-03-06 09:00", {"reason": "x"}),
        rules=policy(light, heavy),
    )
    assert [row for row in rows(found, "case", "id", "state", "stage", "note") if row[0] == "1"] == [
        ("1", "light", "proposed", "proposed", None),
        ("1", "heavy", "proposed", "reversed", None),
    ]


def test_a_cap_also_bounds_what_persons_fix():
    rules = policy(RANGE | {"cap": {"amount": 250, "per": "calendar month"}})
    log = log_of(*((f"{n}", "verified", f"2026-03-0{n} 09:00", {"worker": "甲"}) for n in (1, 2, 3)))
    told = [fixed(f"{n}/fine/2026-03-0{n}T09:00:00/甲", f"2026-03-1{n} 09:00", "150") for n in (1, 2, 3)]
    found = lived(*told, rules=rules, log=log)
    assert rows(found, "state", "amount", "note") == [
        ("proposed", "150.00", None),
        ("capped", "100.00", "capped-from:150.00"),
        ("capped", "0.00", "capped-from:150.00"),
    ]


# --- months ---

MARCH = [("2026-03", step, f"2026-04-0{n} 09:00", {}) for n, step in enumerate(("collected", "confirmed", "approved", "settled"), 5)]  # fmt: skip
APRIL = [("2026-04", step, f"2026-05-0{n} 09:00", {}) for n, step in enumerate(("collected", "confirmed", "approved", "settled"), 5)]  # fmt: skip


def said(found):
    return [(row["case"], str(row["amount"])) for row in found.statement.to_dicts()]


def test_what_comes_after_the_cut_goes_to_the_next_month():
    early, late = fixed(ONE, "2026-03-10 09:00", "150"), fixed(TWO, "2026-04-05 09:01", "120")
    found = lived(early, late, *MARCH, *APRIL, period="2026-03")
    assert said(found) == [("1", "150.00")]
    assert rows(found, "case", "stage", "cycle") == [("1", "confirmed", "2026-03")]
    after = lived(early, late, *MARCH, *APRIL, period="2026-04")
    assert said(after) == [("2", "120.00")]
    assert rows(after, "case", "cycle") == [("2", "2026-04")]


def test_a_month_is_closed_once_and_in_order():
    fix = fixed(ONE, "2026-03-10 09:00", "150")
    assert why(lived(fix, *MARCH, ("2026-03", "settled", "2026-04-20 09:00", {}))) == ["closed-twice"]
    assert why(lived(fix, *APRIL, ("2026-03", "collected", "2026-05-20 09:00", {}))) == [
        "later-month-collected"
    ]


def test_a_charge_reversed_before_settling_drops_out_and_after_it_is_taken_back_next_month():
    fix = fixed(ONE, "2026-03-10 09:00", "150")
    back = {"reason": "申诉成立"}
    before = lived(fix, *MARCH[:2], (ONE, "reversed", "2026-04-06 10:00", back), *MARCH[2:], period="2026-03")
    assert said(before) == []
    told = [fix, *MARCH, (ONE, "reversed", "2026-04-20 10:00", back), *APRIL]
    assert said(lived(*told, period="2026-03")) == [("1", "150.00")]
    assert said(lived(*told, period="2026-04")) == [("1", "-150.00")]


def test_a_month_to_come_and_a_month_that_is_none_are_refused():
    with pytest.raises(CallError, match="has not begun"):
        lived(period="2026-04")
    for period in ("2026-13", "2026", "March"):
        with pytest.raises(CallError, match="a month such as 2026-10"):
            lived(period=period)


def test_a_decision_is_never_edited():
    """Who was wrong reverses it: a correction has no effect."""
    wrong = fixed(ONE, "2026-03-10 09:00", "150")
    told = {"corrects": "fixed", "corrects_at": at("2026-03-10 09:00")}
    found = lived(wrong, (ONE, "corrected", "2026-03-11 09:00", told))
    assert why(found) == ["no-such-event"]
    assert stages(found)[0] == ("1", "proposed", "fixed", "150.00")


# --- ledgers ---

BOOKED = RANGE | {"ledger": "pay"}


def with_pay(**amounts):
    months = [
        (party, pl.Series([f"2026-{month}-01"]).str.to_date()[0], Decimal(amount))
        for party, paid in amounts.items()
        for month, amount in paid.items()
    ]
    return Site(pay=pl.DataFrame(months, schema=PAY, orient="row"))


def test_a_ledger_takes_what_is_confirmed_once_the_text_lets_it_begin():
    rules = policy(BOOKED, ledgers=LEDGER)
    site = with_pay(甲={"03": 100, "04": 100})
    fix, confirm = fixed(ONE, "2026-03-10 09:00", "150"), (ONE, "confirmed", "2026-03-11 09:00", {})
    for told, reason in (
        ([], "no-amount"),
        ([fix], "not-confirmed"),
        ([fix, confirm], "waits-for:confirmed_all"),
    ):
        found = lived(*told, rules=rules, site=site)
        assert found.unbooked.filter(number=ONE)["note"].to_list() == [reason]
        assert found.ledger.height == 0
    told_all = log_of(
        ("1", "verified", "2026-03-02 09:00", {"worker": "甲"}),
        ("1", "confirmed_all", "2026-03-15 09:00"),
        ("1", "closed", "2026-04-30 09:00"),
    )
    found = assessed(rules, told_all, "2026-04-30", site=site, decisions=decisions(fix, confirm))
    assert [(f"{m:%m}", kind, str(amount)) for m, kind, amount in found.ledger.select("month", "kind", "amount").rows()] == [
        ("03", "charged", "150.00"),
        ("03", "deducted", "100.00"),
        ("04", "deducted", "50.00"),
    ]  # fmt: skip
    assert found.balances.select("charged", "deducted", "carried").rows() == [
        (Decimal("150.00"), Decimal("150.00"), Decimal("0.00"))
    ]


def test_a_party_without_pay_data_is_listed():
    rules = policy(BOOKED, ledgers=LEDGER)
    told_all = log_of(
        ("1", "verified", "2026-03-02 09:00", {"worker": "甲"}), ("1", "confirmed_all", "2026-03-15 09:00")
    )
    fix, confirm = fixed(ONE, "2026-03-10 09:00", "150"), (ONE, "confirmed", "2026-03-11 09:00", {})
    found = assessed(rules, told_all, "2026-03-31", decisions=decisions(fix, confirm))
    assert found.unbooked.select("party", "amount", "note").rows() == [
        ("甲", Decimal("150.00"), "no-pay-known")
    ]


CYCLE = {"pay": {**LEDGER["pay"], "starts": "settled", "month": "cycle"}}
CUT = [("collected", "08"), ("confirmed", "10"), ("approved", "12"), ("settled", "15")]


def cut(month, day_of, upto=4):
    """The steps of a month, done in the month after it."""
    return [(month, step, f"{day_of}-{day} 09:00", {}) for step, day in CUT[:upto]]


def entries(found):
    return [
        (f"{m:%m}", kind, str(amount)) for m, kind, amount in found.ledger.select("month", "kind", "amount").rows()
    ]  # fmt: skip


def test_a_month_that_was_collected_bears_its_charges_itself():
    """March is settled in April and deducts from the pay of March; what it cannot bear goes to the pay of April."""
    rules = policy(BOOKED, ledgers=CYCLE)
    site = with_pay(甲={"03": 100, "04": 100})
    told = [fixed(ONE, "2026-03-10 09:00", "150"), *cut("2026-03", "2026-04")]
    for upto, reason in ((0, "not-confirmed"), (1, "not-confirmed"), (2, "waits-for:settled")):
        found = lived(told[0], *told[1 : 1 + upto], rules=rules, site=site)
        assert found.unbooked.filter(number=ONE)["note"].to_list() == [reason]
    found = lived(*told, rules=rules, site=site)
    assert entries(found) == [("03", "charged", "150.00"), ("03", "deducted", "100.00")]
    found = lived(*told, *cut("2026-04", "2026-05"), rules=rules, site=site)
    assert entries(found)[2:] == [("04", "deducted", "50.00")]


def test_a_charge_confirmed_by_itself_waits_for_the_cut_of_its_month():
    found = lived(
        fixed(ONE, "2026-03-10 09:00", "150"),
        (ONE, "confirmed", "2026-03-11 09:00", {}),
        rules=policy(BOOKED, ledgers=CYCLE),
    )
    assert found.unbooked.filter(number=ONE)["note"].to_list() == ["waits-for:collected"]


def test_what_is_taken_back_after_settling_is_given_back_by_the_month_that_collects_the_reversal():
    told = [fixed(ONE, "2026-03-10 09:00", "150"), *cut("2026-03", "2026-04")]
    back = (ONE, "reversed", "2026-04-20 09:00", {"reason": "误"})
    found = lived(*told, back, *cut("2026-04", "2026-05"), rules=policy(BOOKED, ledgers=CYCLE), site=with_pay(甲={"03": 100, "04": 100}))  # fmt: skip
    assert entries(found) == [
        ("03", "charged", "150.00"),
        ("03", "deducted", "100.00"),
        ("04", "refunded", "100.00"),
        ("04", "reversed", "150.00"),
    ]


def test_a_month_is_not_settled_before_an_earlier_one():
    told = [*cut("2026-03", "2026-04", upto=3), *cut("2026-04", "2026-05")]
    assert why(lived(*told)) == ["earlier-month-open"]


def test_ledgers_that_deduct_from_the_same_pay_share_it_in_the_order_of_the_file():
    ledgers = {name: {**LEDGER["pay"], "starts": "confirmed"} for name in ("pay", "fines")}
    rules = policy(BOOKED, charge(id="more", on="verified", payer="worker", amount=80, ledger="fines"), ledgers=ledgers)  # fmt: skip
    more = ONE.replace("/fine/", "/more/")
    told = [
        fixed(ONE, "2026-03-10 09:00", "150"),
        (ONE, "confirmed", "2026-03-11 09:00", {}),
        (more, "confirmed", "2026-03-11 09:00", {}),
    ]
    found = lived(*told, rules=rules, site=with_pay(甲={"03": 200}))
    assert found.balances.select("ledger", "deducted", "carried").rows() == [
        ("pay", Decimal("150.00"), Decimal("0.00")),
        ("fines", Decimal("50.00"), Decimal("30.00")),
    ]


def test_a_ledger_that_deducts_from_nothing_only_says_what_is_owed():
    bare = {"pay": {**LEDGER["pay"], "starts": "confirmed", "deducts_from": None}}
    told = [fixed(ONE, "2026-03-10 09:00", "150"), (ONE, "confirmed", "2026-03-11 09:00", {})]
    found = lived(*told, rules=policy(BOOKED, ledgers=bare))
    assert found.balances.select("charged", "carried").rows() == [(Decimal("150.00"), Decimal("150.00"))]
    assert "no-pay-known" not in found.unbooked["note"].to_list()


verdicts = st.lists(
    st.tuples(
        st.sampled_from((ONE, TWO, "2026-03", "2026-04", "nobody")),
        st.sampled_from(
            (
                "fixed",
                "confirmed",
                "rejected",
                "appealed",
                "upheld",
                "reversed",
                "collected",
                "approved",
                "settled",
            )
        ),
        st.integers(1, 75),
        st.sampled_from(("100", "150", "200", "300", "")),
        st.sampled_from(("因为", "")),
    ),
    max_size=14,
)


@settings(max_examples=60)
@given(verdicts, st.sampled_from((LEDGER, CYCLE)))
def test_whatever_persons_decide_nothing_is_lost_or_counted_twice(told, ledgers):
    rules = policy(BOOKED, ledgers=ledgers)
    log = log_of(
        ("1", "verified", "2026-03-02 09:00", {"worker": "甲"}),
        ("1", "confirmed_all", "2026-03-15 09:00"),
        ("2", "verified", "2026-03-20 09:00", {"worker": "乙"}),
        ("2", "confirmed_all", "2026-03-25 09:00"),
    )
    made = [
        (of, event, f"{pl.Series(['2026-03-01']).str.to_date().dt.offset_by(f'{day}d')[0]} 09:00",
         {"amount": amount, "reason": reason})
        for of, event, day, amount, reason in told
    ]  # fmt: skip
    site = with_pay(甲={"03": 120, "04": 120, "05": 120}, 乙={"03": 90, "05": 500})
    found = assessed(rules, log, "2026-03-31", site=site, decisions=decisions(*made))
    assert found.charges.height == 2
    assert found.refused.height <= len(told)
    standing = found.charges.filter(~pl.col("stage").is_in(["rejected", "reversed"]))
    assert sum(found.totals["amount"]) == sum(standing["amount"].drop_nulls(), Decimal(0))
    for row in found.balances.to_dicts():
        out = row["deducted"] + row["reversed"] + row["dropped"] + row["carried"]
        assert row["charged"] + row["refunded"] == out
    paid = {}
    for month in ("2026-03", "2026-04"):
        statement = assessed(rules, log, "2026-03-31", decisions=decisions(*made, ("x", "fixed", "2026-06-01 09:00", {})), period=month).statement  # fmt: skip
        for row in statement.to_dicts():
            paid.setdefault(row["number"], []).append(row["amount"])
    assert all(len(amounts) <= 2 and amounts[1:] in ([], [-amounts[0]]) for amounts in paid.values())
