"""Two months of the broadband agents' assessment, from what was found to what each ledger deducted.

Every amount is worked out by hand from the articles; the decisions are what persons would enter.
"""

import datetime as dt
from decimal import Decimal

import polars as pl
import pytest

import bihuan
from bihuan.engine.assess import assess
from bihuan.engine.site import PAY, REGISTER, Site
from tests.engine.charging import decisions
from tests.engine.small import at, log_of

AGENT, OTHER, CENTRE = "甲公司", "乙公司", "网管中心"
FOUND = [
    ("box", "2026-03-10 09:00", "box_unkempt", {"items": "2"}),  # 第三十四条, 50 to 100 each
    ("complaint", "2026-03-12 09:00", "justified_complaint", {}),  # 第十条, 200 to 500
    ("frames", "2026-03-14 09:00", "frame_alarm", {"quantity": "3"}),  # 第三十六条, 50 each: 150
    ("debris", "2026-03-20 09:00", "debris", {}),  # 第三十六条, 50 to 100
]
LOG = log_of(
    *((case, "issue_found", when, {"issue": issue, "unit": AGENT, **data}) for case, when, issue, data in FOUND),
    *(("repair", "transferred", f"2026-03-16 {hour}:00", {"unit": AGENT, "department": CENTRE}) for hour in ("09", "10", "11")),
    ("other", "issue_found", "2026-03-18 09:00", {"issue": "frame_alarm", "unit": OTHER}),
    ("report", "quality_reported", "2026-04-09 09:00", {"unit": OTHER, "quality_report": "3月.docx"}),
)  # fmt: skip
BOX = f"box/box-unkempt/2026-03-10T09:00:00/{AGENT}"
COMPLAINT = f"complaint/justified-complaint/2026-03-12T09:00:00/{AGENT}"
DEBRIS = f"debris/machine-room/2026-03-20T09:00:00/{AGENT}"
TRANSFERS = f"repair/transfers-agent/2026-03-16T11:00:00/{AGENT}"
CENTRES = f"repair/transfers-department/2026-03-16T11:00:00/{CENTRE}"
REPORT = f"{AGENT}/late-quality-report/2026-04-10T23:59:59/{AGENT}"
STEPS = (("collected", "08"), ("confirmed", "10"), ("approved", "12"), ("settled", "15"))


def fixed(number, when, amount):
    return (number, "fixed", when, {"amount": amount, "reason": "查实"})


def cut(month, after):
    """Collected on the 8th, confirmed by the agent, approved and settled after it: 第七条、第八条."""
    return [(month, step, f"{after}-{day} 18:00", {}) for step, day in STEPS]


FIXED = [
    fixed(BOX, "2026-03-25 09:00", "80"),
    fixed(COMPLAINT, "2026-03-25 09:10", "300"),
    fixed(TRANSFERS, "2026-03-25 09:20", "50"),
    fixed(CENTRES, "2026-03-25 09:30", "60"),
    fixed(DEBRIS, "2026-04-09 09:00", "120"),  # 50 to 100: without effect
    fixed(DEBRIS, "2026-04-09 09:10", "70"),  # after the cut of March: April's
    fixed(REPORT, "2026-04-20 09:00", "200"),
]
MARCH, APRIL = cut("2026-03", "2026-04"), cut("2026-04", "2026-05")


@pytest.fixture(scope="module")
def policy():
    return bihuan.read_policy("telecom/broadband-agent-assessment")


def settled(policy, *told):
    months = [(AGENT, dt.date(2026, 3, 1), Decimal(400)), (AGENT, dt.date(2026, 4, 1), Decimal(1000))]
    units = pl.DataFrame({"subject": [AGENT, OTHER], "since": [dt.date(2026, 3, 1)] * 2, "until": [None] * 2}, schema=REGISTER)  # fmt: skip
    site = Site(registers={"unit": units}, pay=pl.DataFrame(months, schema=PAY, orient="row"))
    when = at("2026-05-20 09:00")
    return assess(policy, bihuan.read_calendars(), LOG, when, site, decisions=decisions(*told))


def booked(found, ledger):
    """Who, month, kind, of which case, how much, as the ledger has it."""
    rows = found.ledger.filter(ledger=ledger).iter_rows(named=True)
    return [
        (row["party"], f"{row['month']:%m}", row["kind"], row["number"].split("/")[0], str(row["amount"]))
        for row in rows
    ]


def test_march_bears_what_it_can_and_april_the_rest(policy):
    found = settled(policy, *FIXED, *MARCH, *APRIL)
    assert booked(found, "base_fee") == [
        (AGENT, "03", "charged", "complaint", "300.00"),
        (AGENT, "03", "deducted", "complaint", "300.00"),
        (AGENT, "04", "charged", AGENT, "200.00"),
        (AGENT, "04", "deducted", AGENT, "200.00"),
    ]
    # March's fee of 400 has 100 left for fines: 160 + 150 + 50, the oldest first
    assert booked(found, "fines") == [
        (OTHER, "03", "charged", "other", "50.00"),
        (AGENT, "03", "charged", "box", "160.00"),
        (AGENT, "03", "charged", "frames", "150.00"),
        (AGENT, "03", "charged", "repair", "50.00"),
        (AGENT, "03", "deducted", "box", "100.00"),
        (AGENT, "04", "charged", "debris", "70.00"),
        (AGENT, "04", "deducted", "box", "60.00"),
        (AGENT, "04", "deducted", "frames", "150.00"),
        (AGENT, "04", "deducted", "repair", "50.00"),
        (AGENT, "04", "deducted", "debris", "70.00"),
    ]
    assert booked(found, "departments") == [(CENTRE, "03", "charged", "repair", "60.00")]


def test_before_settling_nothing_is_deducted(policy):
    found = settled(policy, *FIXED, *MARCH[:3])
    assert found.ledger.height == 0
    waiting = found.unbooked.filter(pl.col("number") == COMPLAINT)
    assert waiting["note"].to_list() == ["waits-for:settled"]


def test_bad_decisions_are_listed_with_their_article_and_change_nothing(policy):
    again = ("2026-03", "collected", "2026-04-16 09:00", {})
    found = settled(policy, *FIXED, *MARCH, again)
    assert found.refused.select("of", "article", "refused").rows() == [
        (DEBRIS, "第三十六条", "outside-range"),
        ("2026-03", None, "closed-twice"),
    ]
    assert booked(found, "fines") == booked(settled(policy, *FIXED, *MARCH), "fines")


def test_a_party_without_pay_data_owes_on_and_is_listed_by_month(policy):
    found = settled(policy, *FIXED, *MARCH, *APRIL)
    unpaid = found.unbooked.filter(note="no-pay-known").select("party", "month", "amount").rows()
    assert unpaid == [(OTHER, dt.date(2026, 3, 1), Decimal("50.00")), (OTHER, dt.date(2026, 4, 1), Decimal("50.00"))]  # fmt: skip
    (row,) = found.balances.filter(party=OTHER).to_dicts()
    assert (row["charged"], row["deducted"], row["carried"]) == (Decimal("50.00"), Decimal(0), Decimal("50.00"))  # fmt: skip


def test_every_balance_adds_up(policy):
    found = settled(policy, *FIXED, *MARCH, (BOX, "reversed", "2026-04-20 09:00", {"reason": "误"}), *APRIL)
    assert ("reversed", "160.00") in [(kind, amount) for _, _, kind, _, amount in booked(found, "fines")]
    for row in found.balances.to_dicts():
        assert row["charged"] + row["refunded"] == row["deducted"] + row["reversed"] + row["dropped"] + row["carried"]  # fmt: skip
