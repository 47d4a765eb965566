"""Made-up works for customers of the last months: from the application to the supply, through many hands.

Some wait because the customer asked to; some go on before what must come first. The rows stop at the instant.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bihuan.demo.callbacks import begun, stamp
from bihuan.demo.office import Office
from bihuan.demo.sayings import Customer
from bihuan.demo.tickets import Ticket

Row = dict[str, Any]

NOTICE = {"approved_capacity": "8kW", "approved_voltage": "220V", "line_kind": "shared", "metering_mode": "低供低计",
          "plan_economy": "就近接入,无需新架线路"}  # fmt: skip


def works(
    rng: Random, office: Office, builders: Mapping[str, Sequence[str]], customers: Sequence[Customer],
    now: datetime, share: float,
) -> list[Row]:  # fmt: skip
    """The works of some months, in order of time."""
    starts = [now - timedelta(days=rng.uniform(0, 88)) for _ in range(round(60 * share))]
    rows = []
    for n, at in enumerate(sorted(at.replace(hour=9 + at.hour % 8) for at in starts), 1):
        case = work(rng, office, builders, rng.choice(customers), at)
        number = f"XM{at:%Y%m}{n:04d}"
        rows += [{**row, "case": number} for row in case if row["at"] <= stamp(now)]
    return sorted(rows, key=lambda row: str(row["at"]))


def work(
    rng: Random, office: Office, builders: Mapping[str, Sequence[str]], who: Customer, at: datetime
) -> list[Row]:
    """One customer's works, as far as they get."""
    made = begun(rng, office, at)
    firm = rng.choice(list(builders))
    commissioned = made.happens(0.5)
    applied(made, who, commissioned)
    planned(made)
    if made.happens(0.12):
        made.add("suspended", office.marketing[2:3], unit=made.unit.name)
        made.wait_working(rng.randint(5, 15))
        made.add("resumed", office.marketing[2:3], unit=made.unit.name)
    designed(made)
    built(made, firm, builders[firm])
    supplied(made, builders[firm], commissioned)
    return made.rows


def applied(made: Ticket, who: Customer, commissioned: bool) -> None:
    install = made.office.marketing[2:3]
    service = made.rng.choice(("new", "new", "increase"))
    scattered = not commissioned and made.happens(0.4)
    made.by_unit(
        "accepted", service=service, address=who.place, customer=who.name, supply="low", dual_source=False,
        load_kw=made.rng.choice((4, 6, 8, 10)), line_kind="shared", commissioned_to_us=commissioned,
        scattered_residential=scattered, dedicated_transformer=False,
    )  # fmt: skip
    made.wait(made.rng.uniform(10, 90))
    made.by_unit("transferred", transfer_tool="ticket", address=who.place)
    made.wait(made.rng.uniform(5, 40))
    if not made.slips(2):
        made.by_unit("firms_offered", offered_firms=3)
    made.wait_working(made.rng.randint(1, 3))
    made.add("surveyed", install, unit=made.unit.name)


def planned(made: Ticket) -> None:
    made.wait_working(made.rng.randint(1, 4))
    made.add("plan_fixed", made.office.directors)
    made.wait_working(1)
    made.add("answered", made.office.directors, answer_form="spoken" if made.slips() else "letter")
    made.wait(made.rng.uniform(10, 60))
    made.add("plan_notice_delivered", made.office.directors, **NOTICE)
    made.wait_working(made.rng.randint(0, 2))
    made.add("consulted", made.office.marketing[2:3])


def designed(made: Ticket) -> None:
    made.wait_working(made.rng.randint(1, 5))
    made.by_unit("firm_chosen", chosen_by_customer=True, grade_ok=True)
    made.wait_working(made.rng.randint(1, 4))
    made.by_unit("design_submitted")
    made.wait_working(made.rng.randint(1, 3))
    made.by_unit("design_reviewed")


def built(made: Ticket, firm: str, builders: Sequence[str]) -> None:
    rng, supervisor = made.rng, made.office.marketing[3:4]
    made.wait_working(rng.randint(1, 3))
    days = {"starts_on": f"{made.now:%Y-%m-%d}", "completes_on": f"{made.now + timedelta(days=12):%Y-%m-%d}"}
    made.add("start_reported", builders, unit=firm, **days)
    made.add("schedule_submitted", builders, unit=firm, schedule="十二日内完成")
    if not made.slips():
        made.wait(rng.uniform(20, 200))
        made.add(
            "qualification_checked", made.office.marketing, construction_licence=True, business_licence=True
        )
    made.wait_working(1)
    made.add("works_started", builders, unit=firm)
    made.wait_working(rng.randint(1, 4))
    made.add("site_guided", supervisor, experienced=True)
    made.add("construction_checked", supervisor)
    made.wait_working(rng.randint(1, 4))
    made.add("progress_reported", builders, unit=firm, progress=rng.choice((66, 70, 80)))
    made.wait_working(rng.randint(1, 2))
    if not made.slips(2):
        made.add("inspected", supervisor, opinion="按图施工,符合要求", issuer=supervisor[0])
        made.add("joint_checked", made.office.marketing[2:3], opinion="无整改意见", issuer=supervisor[0])
    made.wait_working(rng.randint(1, 5))
    made.add("works_completed", builders, unit=firm)


def supplied(made: Ticket, builders: Sequence[str], commissioned: bool) -> None:
    rng, marketing = made.rng, made.office.marketing[:3]
    made.wait_working(rng.randint(4, 6) if made.slips(2) else rng.randint(0, 2))
    made.add(
        "completion_reported", builders if commissioned else [made.handler], completion_file="竣工报告.pdf"
    )
    if not commissioned:
        made.by_unit("supply_requested", supply_request_file="供电申请.pdf")
    made.wait_working(rng.randint(1, 3))
    made.add("accepted_works", made.office.marketing[3:4])
    made.wait(rng.uniform(30, 600))
    supply = made.now + timedelta(days=rng.randint(1, 4))
    made.add("appointed", marketing, supply_at=stamp(supply))
    made.add("supply_noticed", marketing, supply_at=stamp(supply))
    made.add("contract_signed", marketing, contract_file="供用电合同.pdf")
    made.wait(rng.uniform(60, 900))
    made.add("meter_noticed", marketing, meter_notice_file="装表通知单.pdf")
    made.wait(rng.uniform(300, 1500))
    made.add("metered", marketing)
    made.now = max(made.now, supply - timedelta(hours=rng.choice((1, 2, -3))))
    made.add("energised", marketing)
    made.wait_working(rng.randint(5, 28))
    made.add("use_checked", made.office.marketing[3:4], meter_state="运行正常", use_state="与申请相符")
