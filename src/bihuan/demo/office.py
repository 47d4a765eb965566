"""The made-up office: its units and people, its hours, and when customers call."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time, timedelta
from random import Random
from typing import NamedTuple

from holidays import country_holidays

CENTRES = ("城东客户服务中心", "城西客户服务中心", "龙水供电所", "石桥供电所", "河口供电所", "云台供电所")
DEPARTMENTS = ("运维检修部", "工程建设部")
COMPANY, MARKETING = "公司", "市场营销部"
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

OPENS, CLOSES = time(9, 0), time(17, 30)
_WORKDAYS = country_holidays("CN", years=range(2020, 2027))


class Unit(NamedTuple):
    """A unit, its people, and how likely it lets something slip."""

    name: str
    kind: str
    people: tuple[str, ...]
    slips: float


class Office(NamedTuple):
    """Everybody who touches a ticket."""

    units: tuple[Unit, ...]
    desk: tuple[str, ...]
    leaders: tuple[str, ...]
    marketing: tuple[str, ...]
    directors: tuple[str, ...]


def people(rng: Random) -> Office:
    """Names for everybody; one unit is clearly worse than the others."""
    names = iter(rng.sample([a + b for a in SURNAMES for b in GIVEN], 70))

    def some(count: int) -> tuple[str, ...]:
        return tuple(next(names) for _ in range(count))

    units = [Unit(name, "centre", some(5), 0.16 if name == "河口供电所" else 0.05) for name in CENTRES]
    units += [Unit(name, "department", some(4), 0.08) for name in DEPARTMENTS]
    desk, leaders, marketing = some(8), some(2), some(4)
    units.append(Unit(MARKETING, "marketing", marketing[:2], 0.05))
    return Office(tuple(units), desk, leaders, marketing, some(2))


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


def draw(rng: Random, weights: Mapping[str, float]) -> str:
    """One of them, as often as its weight says."""
    return rng.choices(list(weights), weights=list(weights.values()))[0]


def flag(value: bool) -> str:
    """As a system writes it."""
    return "true" if value else "false"
