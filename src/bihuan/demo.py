"""A made-up month of complaints at a county power company, as its ticket system might have exported it.

Nothing here is anybody's data: units, people, customers and hours come out of a seeded generator, the same for the
same seed. It knows how such an office works (who is quick, who forgets, what comes back), not what the regulation
says about it: judging is the engine's business.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import click
from holidays import country_holidays

UNITS = ("城东客户服务中心", "城西客户服务中心", "龙水供电所", "石桥供电所", "河口供电所", "云台供电所")
DESK, MARKETING, COMPANY = "95598班", "市场营销部", "公司"
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "洋",
    "艳",
    "勇",
    "杰",
    "涛",
    "明",
    "超",
    "霞",
    "平",
    "刚",
)

# class, item, how often: four classes, seventeen items
ITEMS = (
    ("service", "attitude", 9), ("service", "norms", 6),
    ("marketing", "meter_reading", 10), ("marketing", "billing", 14), ("marketing", "tariff", 6),
    ("marketing", "dunning", 7), ("marketing", "metering", 8), ("marketing", "installation", 9),
    ("operation", "fault_handling", 16), ("operation", "supply_quality", 14), ("operation", "outage_notice", 8),
    ("operation", "appliance_damage", 4), ("operation", "safety", 3), ("operation", "construction", 3),
    ("operation", "environment", 2), ("operation", "grid_reconstruction", 4),
    ("publicity", "publicity", 3),
)  # fmt: skip
CHANNELS = (("call", 78), ("internet", 10), ("letter", 5), ("visit", 7))

COLUMNS = (
    "case", "event", "at", "actor", "unit", "channel", "category", "customer", "severity", "complexity",
    "in_scope", "discipline", "reason", "customer_told", "company_consented", "extended_until", "method", "verdict",
)  # fmt: skip

OPENS, CLOSES = time(9, 0), time(17, 30)
_WORKDAYS = country_holidays("CN", years=range(2020, 2027))


class Unit(NamedTuple):
    """A unit, its people, and how likely it lets something slip."""

    name: str
    people: tuple[str, ...]
    slips: float


class Office(NamedTuple):
    """Everybody who touches a ticket."""

    units: tuple[Unit, ...]
    desk: tuple[str, ...]
    leaders: tuple[str, ...]
    marketing: tuple[str, ...]


@dataclass
class Ticket:
    """One case as it is written: its rows so far and the instant that was reached."""

    rng: Random
    office: Office
    id: str
    now: datetime
    unit: Unit
    handler: str
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, event: str, actor: str, unit: str, **facts: Any) -> None:
        """Something happened now."""
        at = f"{self.now:%Y-%m-%d %H:%M:%S}"
        self.rows.append({"case": self.id, "event": event, "at": at, "actor": actor, "unit": unit, **facts})

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


def write(path: Path, rows: list[dict[str, Any]]) -> None:
    """As CSV, in UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def ticket(rng: Random, office: Office, number: int, first: date) -> list[dict[str, Any]]:
    """One complaint from the call to the last callback."""
    unit = rng.choice(office.units)
    made = Ticket(
        rng, office, f"TS{first:%Y%m}{number:04d}", call_time(rng, first), unit, rng.choice(unit.people)
    )
    accept(made)
    if made.happens(0.02):
        made.wait(rng.randint(20, 300))
        made.add("withdrawn", "", DESK, reason="客户撤回")
        return made.rows
    send(made, "dispatched")
    if made.happens(0.06):
        give_back(made)
    handle(made)
    close(made, again=0)
    return made.rows


def accept(made: Ticket) -> None:
    """The call, with what the agent notes."""
    rng = made.rng
    _, item, _ = rng.choices(ITEMS, weights=[weight for *_, weight in ITEMS])[0]
    channel = rng.choices([name for name, _ in CHANNELS], weights=[weight for _, weight in CHANNELS])[0]
    severity = rng.choices(("ordinary", "severe", "major"), weights=(95, 4, 1))[0]
    made.add(
        "accepted", rng.choice(made.office.desk), DESK,
        channel=channel, category=item, customer=f"{rng.choice(SURNAMES)}{rng.choice(('先生', '女士'))}{number(rng)}",
        severity=severity, complexity="complex" if made.happens(0.12) else "simple",
        discipline=flag(item == "attitude" and made.happens(0.1)),
    )  # fmt: skip


def number(rng: Random) -> str:
    """A customer number nobody has."""
    return f"9{rng.randrange(10**7):07d}"


def flag(value: bool) -> str:
    """As a system writes it."""
    return "true" if value else "false"


def send(made: Ticket, event: str) -> None:
    """The team leader looks at the ticket and it goes to a unit."""
    made.wait(made.rng.uniform(4, 25))
    made.add("reviewed", made.rng.choice(made.office.leaders), DESK)
    made.wait(made.rng.uniform(70, 200) if made.happens(0.04) else made.rng.uniform(3, 30))
    made.add(event, made.rng.choice(made.office.desk), made.unit.name)


def give_back(made: Ticket) -> None:
    """Not ours: the unit returns it, mostly in time, and it is sent to another one."""
    made.wait_working(2 if made.slips(2) else made.rng.choice((0, 0, 1)))
    made.add("returned", made.handler, made.unit.name, reason="不属本单位处理范围")
    made.unit = made.rng.choice([unit for unit in made.office.units if unit != made.unit])
    made.handler = made.rng.choice(made.unit.people)
    made.wait(made.rng.uniform(20, 150))
    made.add("redispatched", made.rng.choice(made.office.desk), made.unit.name)


def handle(made: Ticket) -> None:
    """Contact, investigation, answer and reply."""
    report(made)
    made.wait_working(made.rng.choice((2, 3)) if made.slips() else made.rng.choice((0, 0, 0, 1)))
    made.add("contacted", made.handler, made.unit.name)
    taken = extend(made)
    made.wait_working(made.rng.randint(4, 7) if made.slips() else made.rng.choice((0, 1, 1, 2)) + taken)
    made.add("investigated", made.handler, made.unit.name)
    made.wait(made.rng.uniform(5, 90))
    made.add("answered", made.handler, made.unit.name)
    if not made.slips(0.3):
        made.wait(made.rng.uniform(5, 60))
        made.add("replied", made.handler, made.unit.name)


def report(made: Ticket) -> None:
    """A severe or major complaint is reported at once, or forgotten until tomorrow; misconduct is handed over."""
    facts = made.rows[0]
    if facts["severity"] != "ordinary":
        made.wait(made.rng.uniform(600, 1500) if made.slips() else made.rng.uniform(15, 60))
        made.add("reported", made.handler, made.unit.name)
    if facts["discipline"] == "true":
        made.wait(made.rng.uniform(30, 600))
        made.add("transferred", made.handler, made.unit.name, reason="涉嫌违纪")


def extend(made: Ticket) -> int:
    """A complex matter gets more time; now and then somebody forgot to ask. Returns the working days it takes."""
    if made.rows[0]["complexity"] != "complex" or made.happens(0.3):
        return 0
    made.wait_working(1)
    until = made.now.date()
    for _ in range(6):
        until = next_workday(until)
    made.add("customer_told", made.handler, made.unit.name)
    if not made.happens(0.15):
        made.wait(made.rng.uniform(20, 60))
        made.add("company_consented", made.rng.choice(made.office.marketing), COMPANY)
    made.wait(made.rng.uniform(5, 20))
    made.add("extended", made.handler, made.unit.name, extended_until=f"{until} 23:59:59")
    return 3


def close(made: Ticket, again: int) -> None:
    """Review, archive, callback; a dissatisfied customer's ticket goes round again, at most twice."""
    made.wait_working(made.rng.choice((0, 0, 1)))
    made.add("reviewed", made.rng.choice(made.office.marketing), MARKETING)
    made.wait(made.rng.uniform(5, 60))
    made.add("archived", made.rng.choice(made.office.marketing), MARKETING)
    if made.happens(0.02):
        return
    verdict = call_back(made)
    if verdict == "dissatisfied" and again < 2:
        made.wait(made.rng.uniform(10, 120))
        made.add("redispatched", made.rng.choice(made.office.desk), made.unit.name)
        handle(made)
        close(made, again + 1)


def call_back(made: Ticket) -> str:
    """By the desk, seldom by the very person who handled it; sometimes a day too late or to no avail at first."""
    late = made.happens(0.05)
    made.wait(made.rng.uniform(1500, 3500) if late else made.rng.uniform(30, 1200))
    made.now = awake(made.now)
    if made.happens(0.08):
        made.add("called_in_vain", made.rng.choice(made.office.desk), DESK, method="phone")
        made.wait(made.rng.uniform(60, 180))
    own = made.happens(0.01)
    caller, unit = (made.handler, made.unit.name) if own else (made.rng.choice(made.office.desk), DESK)
    verdict = made.rng.choices(("satisfied", "dissatisfied"), weights=(93, 7))[0]
    made.add("called_back", caller, unit, method="phone", verdict=verdict)
    return verdict


def people(rng: Random) -> Office:
    """Names for everybody; one unit is clearly worse than the others."""
    names = iter(rng.sample([a + b for a in SURNAMES for b in GIVEN], 60))

    def some(count: int) -> tuple[str, ...]:
        return tuple(next(names) for _ in range(count))

    units = tuple(Unit(name, some(5), 0.16 if name == "河口供电所" else 0.05) for name in UNITS)
    return Office(units, some(8), some(2), some(4))


def call_time(rng: Random, first: date) -> datetime:
    """People call by day, more on Mondays, some at night."""
    days = list(days_of(first))
    day = rng.choices(days, weights=[14 if d.weekday() == 0 else 10 if is_workday(d) else 6 for d in days])[0]
    hour = rng.choices(
        range(24), weights=[1, 1, 0, 0, 0, 1, 2, 5, 9, 12, 12, 10, 6, 6, 9, 10, 10, 9, 7, 7, 6, 4, 3, 2]
    )
    return datetime.combine(day, time(hour[0], rng.randrange(60), rng.randrange(60)))


def days_of(first: date) -> Iterator[date]:
    """The days of the month that begins then."""
    day = first
    while (day.year, day.month) == (first.year, first.month):
        yield day
        day += timedelta(days=1)


def is_workday(day: date) -> bool:
    """Rest days and make-up workdays included."""
    return bool(_WORKDAYS.is_working_day(day))


def next_workday(day: date) -> date:
    """The first one after it."""
    day += timedelta(days=1)
    while not is_workday(day):
        day += timedelta(days=1)
    return day


def between(rng: Random, start: datetime, end: datetime) -> datetime:
    """Some second from start to end."""
    return start + timedelta(seconds=rng.randint(0, max(0, int((end - start).total_seconds()))))


def awake(at: datetime) -> datetime:
    """Nobody is called back at night."""
    if at.hour < 8:
        return at.replace(hour=8, minute=30)
    return at.replace(hour=20, minute=15) if at.hour > 20 else at


@click.command("python -m bihuan.demo")
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--cases", default=400, show_default=True, help="How many.")
@click.option("--seed", default=9, show_default=True, help="The same seed makes the same month.")
def main(path: Path, cases: int, seed: int) -> None:
    """Write a made-up month of complaints (September 2025) to PATH as CSV."""
    rows = month(seed, cases)
    write(path, rows)
    click.echo(f"{path}: {cases} cases, {len(rows)} events", file=sys.stderr)


if __name__ == "__main__":
    main()
