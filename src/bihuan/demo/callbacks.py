"""Made-up callbacks of the last months: connections, repairs, letters, other matters, visits, monthly reports.

Each is a matter that was finished somewhere else and arrives to be called back about; the rows stop at the instant.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from bihuan.demo.office import Office, awake, draw, is_workday, next_workday
from bihuan.demo.sayings import Customer
from bihuan.demo.tickets import Ticket

Row = dict[str, Any]

KINDS = {"business": 34, "repair": 30, "letter": 10, "key_matter": 6, "other": 20, "phone_complaint": 4}
CONTENTS = {"business": "acceptance", "repair": "repair", "letter": "quality", "key_matter": "billing", "other": "enquiry",
            "phone_complaint": "quality"}  # fmt: skip
VERDICTS = {"满意": 82, "基本满意": 12, "不满意": 6}
FILED = {"business": "business", "repair": "repair", "letter": "letter"}
DAYS = 88


def tasks(
    rng: Random, office: Office, customers: Sequence[Customer], now: datetime, share: float
) -> list[Row]:
    """Those of some months, in order of time."""
    cases = [task(rng, office, customers, moment(rng, now)) for _ in range(round(170 * share))]
    cases += [
        visit(rng, office, one, moment(rng, now)) for one in customers if one.kv >= 10 and rng.random() < 0.6
    ]
    cases += [report(rng, office, unit, now) for unit in range(6)]
    cases.append(company_report(rng, office, now))
    begun = sorted(
        (case for case in cases if case[0]["at"] <= stamp(now)), key=lambda case: str(case[0]["at"])
    )
    rows = []
    for n, case in enumerate(begun, 1):
        number = f"HF{str(case[0]['at'])[:7].replace('-', '')}{n:04d}"
        rows += [{**row, "case": number} for row in case if row["at"] <= stamp(now)]
    return sorted(rows, key=lambda row: str(row["at"]))


def stamp(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}"


def moment(rng: Random, now: datetime) -> datetime:
    """Some hour of a day of the last months, the last days more often than others."""
    back = rng.choice((rng.uniform(0, 6), rng.uniform(0, DAYS), rng.uniform(0, DAYS)))
    at = now - timedelta(days=back)
    return at if 8 <= at.hour < 20 else at.replace(hour=8 + at.hour % 12)


def begun(rng: Random, office: Office, at: datetime) -> Ticket:
    unit = rng.choice([one for one in office.units if one.kind == "centre"])
    return Ticket(rng, office, "", at, unit, rng.choice(unit.people))


def task(rng: Random, office: Office, customers: Sequence[Customer], at: datetime) -> list[Row]:
    """A matter, finished, and the call about it, unless it was forgotten."""
    made, kind, who = begun(rng, office, at), draw(rng, KINDS), rng.choice(customers)
    facts: Row = {"kind": kind, "customer": who.name, "unit": made.unit.name, **about(rng, kind, made)}
    made.add("accepted", office.desk, **facts)
    if kind == "letter":
        letter(made)
        return made.rows
    made.wait(rng.uniform(60, 4000))
    if kind in ("repair", "key_matter", "phone_complaint"):
        made.by_unit("resolved")
        made.wait(rng.uniform(5, 60))
    made.add("archived", [made.handler], unit=made.unit.name)
    called(made, kind, facts)
    return made.rows


def about(rng: Random, kind: str, made: Ticket) -> Row:
    """What else is known from the start."""
    if kind == "business":
        return {"voltage_kv": rng.choice((0.22, 0.38, 0.38, 10))}
    if kind == "letter":
        return {
            "letter": rng.choice(("complaint", "complaint", "report")),
            "party": "customer",
            "reply_requested": True,
        }
    if kind == "key_matter":
        return {"accepting_unit": made.unit.name}
    return {"use_type": rng.choice(("resident", "resident", "商业", "农业"))} if kind == "other" else {}


def called(made: Ticket, kind: str, facts: Row) -> None:
    """The call and its record, by whoever has to; now and then late, now and then never."""
    if (kind == "other" and not made.happens(0.12)) or made.happens(0.04):
        return
    central = kind in ("repair", "phone_complaint") or facts.get("voltage_kv", 0) >= 10
    actors = made.office.desk if central else made.unit.people
    if kind == "repair":
        made.wait(made.rng.uniform(1500, 2600) if made.slips() else made.rng.uniform(60, 1200))
    else:
        made.wait_working(made.rng.randint(7, 10) if made.slips() else made.rng.randint(1, 5))
    made.now = awake(made.now)
    if made.happens(0.15):
        made.add("called_in_vain", actors)
        made.wait(made.rng.uniform(30, 200))
    says = {"verdict": draw(made.rng, VERDICTS), "method": "phone", "content": CONTENTS[kind]}
    made.add("called_back", actors, **says)
    if not made.slips():
        made.wait(made.rng.uniform(2, 90))
        made.add("callback_filed", actors, filed_class=FILED.get(kind, "other"))


def letter(made: Ticket) -> None:
    """A reply by letter, and its file."""
    made.wait_working(made.rng.randint(6, 9) if made.slips() else made.rng.randint(1, 4))
    made.add("answered", made.office.marketing[:2], method="letter")
    made.wait(made.rng.uniform(30, 400))
    made.add("reply_filed", made.office.marketing[:2], filed_class="letter")


def visit(rng: Random, office: Office, who: Customer, at: datetime) -> list[Row]:
    """A large customer is called on."""
    made = begun(rng, office, at)
    made.add("accepted", office.marketing[:2], kind="large_customer", customer=who.name)
    made.wait_working(rng.randint(1, 3))
    made.add("visited", office.marketing[:2], method="visit")
    if not made.slips(4):
        made.wait(rng.uniform(60, 300))
        made.add("visit_recorded", office.marketing[:2])
    return made.rows


def company_report(rng: Random, office: Office, now: datetime) -> list[Row]:
    """What the hotline reports of the whole company, on the seventh."""
    made = begun(rng, office, (now - timedelta(days=DAYS)).replace(hour=9))
    made.add("accepted", office.leaders[:1], kind="monthly")
    while made.now < now:
        made.now = (made.now.replace(day=1) + timedelta(days=32)).replace(day=7, hour=11)
        made.add("company_reported", office.leaders[:1], report_channel="archive_base")
    return made.rows


def report(rng: Random, office: Office, number: int, now: datetime) -> list[Row]:
    """What a unit reports of each month by the seventh; one unit has forgotten the last."""
    unit = [one for one in office.units if one.kind == "centre"][number]
    made = Ticket(rng, office, "", now - timedelta(days=DAYS), unit, unit.people[0])
    made.now = made.now.replace(hour=9, minute=rng.randrange(60))
    made.add("accepted", [unit.people[0]], kind="monthly", unit=unit.name)
    while made.now < now:
        made.now = (made.now.replace(day=1) + timedelta(days=32)).replace(day=rng.randint(3, 6), hour=15)
        if not is_workday(made.now.date()):
            made.now = datetime.combine(next_workday(made.now.date()), made.now.time())
        if number == 4 and made.now > now - timedelta(days=31):
            break
        made.by_unit("reported", report_channel="archive_base")
        made.wait(rng.uniform(3, 30))
        made.by_unit("section_informed")
    return made.rows
