"""What happens to one complaint in the made-up office, from the call to the end, as rows of a log."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from bihuan.demo.office import (
    CLOSES,
    OPENS,
    SURNAMES,
    Office,
    Unit,
    awake,
    between,
    call_time,
    draw,
    flag,
    is_workday,
    next_workday,
    people,
)  # fmt: skip

ITEMS = {  # what people complain about, and how often
    "attitude": 9, "norms": 6, "meter_reading": 10, "billing": 14, "price": 6, "dunning": 7, "metering": 8,
    "one_meter": 5, "other_connection": 4, "fault": 16, "supply_quality": 14, "outage_notice": 8,
    "appliance_damage": 4, "hazard": 3, "works_quality": 3, "environment": 2, "grid_rebuilding": 4, "publicity": 3,
}  # fmt: skip
CHANNELS = {"hotline": 70, "internet": 10, "voicemail": 4, "call": 6, "letter": 4, "visit": 6}
SEVERITIES = {"ordinary": 95, "severe": 4, "major": 1}
BULLETIN = ("course", "handling", "cause_found", "liability_found", "measures", "personnel_opinion")
SETTLED = ("cause_clear", "educated", "corrected_measures", "dealt_with")

COLUMNS = (
    "case", "event", "at", "actor", "unit", "customer", "channel", "source", "item", "strong_feeling",
    "attitude_level", "severity", "complex", "grave", "sent_to", "return_reason", "extended_until",
    "extension_reason", "brief", "finding", "reply", "responsibility", "verdict", *BULLETIN, *SETTLED,
)  # fmt: skip


@dataclass
class Ticket:
    """One case as it is written: its rows so far, the instant that was reached, and what is known of it."""

    rng: Random
    office: Office
    id: str
    now: datetime
    unit: Unit
    handler: str = ""
    severity: str = "ordinary"
    complex: bool = False
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, event: str, actors: Sequence[str], **facts: Any) -> None:
        """Something happened now, by one of these people."""
        at, actor = f"{self.now:%Y-%m-%d %H:%M:%S}", self.rng.choice(actors)
        written = {name: flag(value) if isinstance(value, bool) else value for name, value in facts.items()}
        self.rows.append({"case": self.id, "event": event, "at": at, "actor": actor, **written})

    def by_unit(self, event: str, **facts: Any) -> None:
        """Something the unit's handler did."""
        self.add(event, [self.handler], unit=self.unit.name, **facts)

    def hand_to(self, kind: str) -> None:
        """Another unit of this kind, and somebody there."""
        self.unit = self.rng.choice(
            [each for each in self.office.units if each.kind == kind and each != self.unit]
        )
        self.handler = self.rng.choice(self.unit.people)

    def wait(self, minutes: float) -> None:
        """Elapsed time goes by, whatever the hour."""
        self.now += timedelta(seconds=round(60 * minutes))

    def wait_working(self, days: int) -> None:
        """Go to some office hour of the working day that many working days later (0: later today, if any)."""
        day = self.now.date()
        if days == 0 and is_workday(day) and self.now.time() < time(16, 0):
            self.now = between(self.rng, self.now + timedelta(minutes=10), datetime.combine(day, CLOSES))
            return
        for _ in range(max(days, 1)):
            day = next_workday(day)
        self.now = between(self.rng, datetime.combine(day, OPENS), datetime.combine(day, CLOSES))

    def happens(self, chance: float) -> bool:
        """One in so many."""
        return self.rng.random() < chance

    def slips(self, factor: float = 1.0) -> bool:
        """Whether this unit is late with it."""
        return self.happens(self.unit.slips * factor)


def month(seed: int = 9, cases: int = 400, first: date = date(2025, 9, 1)) -> list[dict[str, Any]]:
    """The rows of a month's tickets in the order a system would export them: by instant."""
    rng = Random(seed)
    office = people(rng)
    rows = [row for number in range(1, cases + 1) for row in ticket(rng, office, number, first)]
    return sorted(rows, key=lambda row: str(row["at"]))


def ticket(rng: Random, office: Office, number: int, first: date) -> list[dict[str, Any]]:
    """One complaint from the call to the last callback."""
    made = Ticket(rng, office, f"TS{first:%Y%m}{number:04d}", call_time(rng, first), office.units[0])
    accept(made)
    if made.happens(0.02):
        made.wait(rng.randint(20, 300))
        made.add("withdrawn", office.desk)
        return made.rows
    send(made)
    if made.happens(0.07):
        give_back(made)
    report(made)
    rounds(made)
    return made.rows


def accept(made: Ticket) -> None:
    """The call, the ticket, what kind of matter it is, and the team leader's look at it."""
    rng, office = made.rng, made.office
    strong = made.happens(0.15)
    customer = f"{rng.choice(SURNAMES)}{rng.choice(('先生', '女士'))}{rng.randrange(10**4):04d}"
    source = draw(rng, {"customer": 92, "municipal": 7, "superior": 1})
    made.add("accepted", office.desk, channel=draw(rng, CHANNELS), customer=customer, source=source)
    made.wait(rng.uniform(2, 10))
    feeling = {"strong_feeling": True, "attitude_level": "情绪激动"} if strong else {}
    made.add("ticket_made", office.desk, item=draw(rng, ITEMS), **feeling)
    made.wait(rng.uniform(1, 8))
    made.severity, made.complex = draw(rng, SEVERITIES), made.happens(0.12)
    grave = made.severity != "ordinary" and made.happens(0.5)
    made.add("classified", office.marketing, severity=made.severity, complex=made.complex, grave=grave)
    made.wait(rng.uniform(2, 12))
    made.add("team_reviewed", office.leaders)
    special = made.complex or grave or source == "superior"
    made.hand_to("marketing" if made.severity == "major" else "department" if special else "centre")


def send(made: Ticket) -> None:
    """The ticket goes to a unit, now and then after the coffee break."""
    made.wait(made.rng.uniform(70, 200) if made.happens(0.04) else made.rng.uniform(3, 20))
    made.add("dispatched", made.office.desk, unit=made.unit.name, sent_to=made.unit.kind)


def give_back(made: Ticket) -> None:
    """Not ours: the unit returns it, mostly in time, and another one gets it. Too late, it stays where it is."""
    if made.unit.kind == "marketing":
        return
    late = made.slips(3)
    made.wait_working(3 if late else made.rng.choice((0, 0, 1)))
    made.by_unit("returned", return_reason="不属本单位处理范围")
    if late:
        return
    made.hand_to(made.unit.kind)
    made.wait(made.rng.uniform(20, 150))
    made.add("redispatched", made.office.desk, unit=made.unit.name)


def report(made: Ticket) -> None:
    """A severe or major matter is reported at once, or forgotten until tomorrow; misconduct is handed over."""
    if made.severity != "ordinary":
        made.wait(made.rng.uniform(600, 1500) if made.slips(2) else made.rng.uniform(15, 60))
        made.by_unit("briefed", severity=made.severity, brief="简要情况见附件")
    if made.happens(0.01):
        made.wait(made.rng.uniform(30, 600))
        made.add("misconduct_found", made.office.marketing)
        made.wait(made.rng.uniform(60, 3000))
        made.add("transferred", made.office.marketing)


def rounds(made: Ticket) -> None:
    """Handled, checked, called back; what was not handled properly goes round again, at most twice."""
    for _ in range(3):
        handle(made)
        if not check(made) or call_back(made) == "proper":
            break
        made.wait(made.rng.uniform(10, 120))
        made.add("redispatched", made.office.desk, unit=made.unit.name)
    if made.rows[-1]["event"] == "called_back" and made.happens(0.95):
        conclude(made)


def handle(made: Ticket) -> None:
    """Contact, investigation, answer and reply."""
    made.wait_working(made.rng.choice((2, 3)) if made.slips() else made.rng.choice((0, 0, 0, 1)))
    made.by_unit("contacted")
    taken = extend(made)
    made.wait_working(made.rng.randint(4, 7) if made.slips() else made.rng.choice((0, 1, 1, 2)) + taken)
    made.by_unit("investigated")
    made.wait(made.rng.uniform(5, 90))
    made.by_unit("answered")
    made.wait(made.rng.uniform(5, 60))
    if made.unit.kind == "centre":
        made.by_unit("report_filed", finding="调查情况见报告")
    made.by_unit("replied", **({} if made.slips(0.3) else {"reply": "已按规定处理并答复客户"}))


def extend(made: Ticket) -> int:
    """A complex matter gets more time; now and then somebody forgot to ask. Returns the working days it takes."""
    if not made.complex or made.happens(0.3):
        return 0
    made.wait_working(1)
    until = made.now.date()
    for _ in range(6):
        until = next_workday(until)
    made.by_unit("customer_told")
    if not made.happens(0.15):
        made.wait(made.rng.uniform(20, 60))
        made.add("company_consented", made.office.directors)
    made.wait(made.rng.uniform(5, 20))
    made.by_unit("extended", extended_until=f"{until} 23:59:59", extension_reason="需上级单位配合")
    return 3


def check(made: Ticket) -> bool:
    """Marketing finds out whether it is true, reviews and files it. Seldom it is filed and then forgotten."""
    made.wait_working(made.rng.choice((0, 0, 1)))
    if not any(row["event"] in ("verified", "refuted") for row in made.rows):
        verify(made)
        made.wait(made.rng.uniform(2, 20))
    made.add("reviewed", made.office.marketing)
    made.wait(made.rng.uniform(5, 60))
    made.add("archived", made.office.marketing)
    return not made.happens(0.02)


def verify(made: Ticket) -> None:
    """True and ours, true and not ours, or not true."""
    found = draw(made.rng, {"supplier": 55, "other": 25, "": 20})
    if found:
        made.add("verified", made.office.marketing, responsibility=found)
    else:
        made.add("refuted", made.office.marketing)


def call_back(made: Ticket) -> str:
    """By the desk, seldom by the very person who handled it; sometimes too late or to no avail at first."""
    made.wait(made.rng.uniform(1500, 3500) if made.happens(0.05) else made.rng.uniform(30, 900))
    made.now = awake(made.now)
    if made.happens(0.08):
        made.add("called_in_vain", made.office.desk)
        made.wait(made.rng.uniform(20, 90))
    verdict = draw(made.rng, {"proper": 93, "improper": 7})
    if made.happens(0.01):
        made.by_unit("called_back", verdict=verdict)
    else:
        made.add("called_back", made.office.desk, verdict=verdict)
    return verdict


def conclude(made: Ticket) -> None:
    """What the unit learns from a complaint that was true; then the case is closed."""
    if any(row["event"] == "verified" for row in made.rows):
        made.wait_working(made.rng.randint(1, 4))
        made.by_unit("analysed")
        if not made.slips(2):
            made.by_unit("bulletin_made", **dict.fromkeys(BULLETIN, "见通报"))
            made.wait_working(made.rng.randint(1, 3))
            made.by_unit("staff_studied")
    made.wait_working(1)
    ours = any(row.get("responsibility") == "supplier" for row in made.rows)
    settled = dict.fromkeys(SETTLED, True) if ours else {}
    if ours and made.happens(0.04):
        settled["educated"] = False
    made.add("closed", made.office.marketing, **settled)
