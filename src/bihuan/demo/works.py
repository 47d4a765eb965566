"""`python -m bihuan.demo.works DIR` writes made-up works of a relay engineering company: several years, one log.

Every trip to a station ends with a receipt, and somebody calls the customer about each receipt: the practice that the
application to change the callbacks complains of. Who is called how often, and what is forgotten, is up to chance.
"""

import sys
from collections.abc import Generator, Iterator
from datetime import date, datetime, time, timedelta
from itertools import count
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import click

from bihuan.demo.__main__ import write
from bihuan.demo.office import GIVEN, SURNAMES, is_workday, next_workday

COLUMNS = (
    "case", "event", "at", "actor", "unit", "customer", "station", "project_owner", "area_manager", "receipt", "fault",
    "customer_signed", "method", "verdict", "service_quality", "owner_conduct", "staff_conduct",
)  # fmt: skip
AREAS = ("东区", "南区", "西区", "北区")
PLACES = ("青山", "龙泉", "石桥", "河口", "云台", "白沙", "长岭", "双溪", "新塘", "大营", "金坪", "柳林")
TRADES = ("机械厂", "水泥厂", "纺织厂", "医院", "学校", "水厂", "冷库", "商场", "化工厂", "电子厂")
FIRST, LAST = date(2019, 1, 7), date(2025, 6, 30)
COMMISSIONING = (
    "wiring_guided",
    "protection_commissioned",
    "protection_commissioned",
    "signals_commissioned",
)
Row = dict[str, Any]


class Area(NamedTuple):
    """An area, who leads it and who goes out."""

    name: str
    manager: str
    engineers: tuple[str, ...]


class Company(NamedTuple):
    """Everybody, the customers, and the numbers of receipts."""

    areas: tuple[Area, ...]
    callers: tuple[str, ...]
    customers: tuple[str, ...]
    receipts: Iterator[int]


def company(rng: Random) -> Company:
    names = iter(rng.sample([a + b for a in SURNAMES for b in GIVEN], 30))
    areas = tuple(Area(name, next(names), tuple(next(names) for _ in range(4))) for name in AREAS)
    customers = rng.sample([place + trade for place in PLACES for trade in TRADES], 70)
    return Company(areas, (next(names), next(names)), tuple(customers), count(1))


def log(seed: int, works: int) -> list[Row]:
    """All events in the order of time."""
    rng = Random(seed)
    office = company(rng)
    rows = [row for number in range(1, works + 1) for row in work(rng, office, number)]
    return sorted((row for row in rows if row["at"].date() <= LAST), key=lambda row: row["at"])


def work(rng: Random, office: Company, number: int) -> Iterator[Row]:
    """The life of one station: a new one from its wiring on, an old one from its first maintenance on."""
    area = rng.choice(office.areas)
    station = "new" if rng.random() < 0.8 else "old"
    owner = rng.choice(area.engineers)
    case = {
        "case": f"GC{number:04}",
        "unit": area.name,
        "customer": rng.choice(office.customers),
        "station": station,
        "project_owner": owner,
        "area_manager": area.manager,
    }
    day = workday(FIRST + timedelta(rng.randrange((LAST - FIRST).days)))
    if station == "new":
        day = yield from built(rng, office, case, area, day)
    for _ in range(rng.choice((0, 0, 1, 1, 2, 3))):
        day = workday(day + timedelta(rng.randint(60, 400)))
        yield from maintained(rng, office, case, day)


def built(rng: Random, office: Company, case: Row, area: Area, day: date) -> Generator[Row, None, date]:
    """Commissioning in several trips, weeks apart, then acceptance and energising. Returns the day of acceptance."""
    for event in COMMISSIONING:
        for _ in range(rng.choice((1, 1, 2))):
            yield from trip(
                rng, office, case, day, event, rng.choice((case["project_owner"], *area.engineers))
            )
            day = workday(day + timedelta(rng.randint(5, 40)))
    yield {**case, "event": "commissioned", "at": hour(rng, day, 15), "actor": case["project_owner"]}
    day = workday(day + timedelta(rng.randint(3, 25)))
    signed = {"event": "accepted_works", "at": hour(rng, day, 10), "actor": case["project_owner"]}
    yield {**case, **signed, "customer_signed": "true"}
    yield from trip(rng, office, case, day, "energised", case["project_owner"])
    return day


def trip(rng: Random, office: Company, case: Row, day: date, event: str, engineer: str) -> Iterator[Row]:
    """What was done that day, and its receipt."""
    yield {**case, "event": event, "at": hour(rng, day, 11), "actor": engineer}
    yield from receipt(rng, office, case, day, engineer)


def maintained(rng: Random, office: Company, case: Row, day: date) -> Iterator[Row]:
    """A fault, a trip the next day, and its end."""
    fault = {"fault": f"{case['case']}-{day:%y%m%d}"}
    yield {**case, **fault, "event": "fault_reported", "at": hour(rng, day, 8)}
    next_day, engineer = next_workday(day), case["project_owner"]
    yield {**case, **fault, "event": "resolved", "at": hour(rng, next_day, 14), "actor": engineer}
    yield from receipt(rng, office, case, next_day, engineer)


def receipt(rng: Random, office: Company, case: Row, day: date, engineer: str) -> Iterator[Row]:
    """The receipt of the evening, and the call about it, unless it was forgotten."""
    number = {**case, "receipt": f"HZ{next(office.receipts):05}"}
    yield {**number, "event": "receipt_returned", "at": hour(rng, day, 17), "actor": engineer}
    if rng.random() < 0.85:
        called = hour(rng, workday(day + timedelta(rng.randint(1, 6))), 10)
        caller = rng.choice(office.callers)
        yield {**number, **answer(rng), "event": "called_back", "at": called, "actor": caller}


def answer(rng: Random) -> Row:
    good = rng.random() < 0.88
    said = "好" if good else "拖延"
    verdict = "satisfied" if good else "dissatisfied"
    return {
        "method": "phone",
        "verdict": verdict,
        "service_quality": said,
        "owner_conduct": "好",
        "staff_conduct": "好",
    }


def workday(day: date) -> date:
    return day if is_workday(day) else next_workday(day)


def hour(rng: Random, day: date, at: int) -> datetime:
    return datetime.combine(day, time(at, rng.randrange(60)))


@click.command("python -m bihuan.demo.works")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--works", default=150, show_default=True, help="How many stations.")
@click.option("--seed", default=5, show_default=True, help="The same seed makes the same works.")
def main(folder: Path, works: int, seed: int) -> None:
    """Write the made-up works of a relay engineering company (2019 to 2025) into FOLDER: works.csv."""
    rows = log(seed, works)
    write(folder / "works.csv", COLUMNS, rows)
    click.echo(f"{folder}: {works} stations, {len(rows)} events", file=sys.stderr)


if __name__ == "__main__":
    main()
