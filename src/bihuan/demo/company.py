"""A made-up county power company as it stands at an instant: units, people, customers, and three months of cases.

Complaints, callbacks and customers' works come out of the same office as the demo month, each as the rows of a log,
cut off at that instant: what has not happened yet is not there. Knows no desk, and nothing of what is owed by when.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from random import Random
from typing import Any, NamedTuple

from bihuan.demo import callbacks, projects, sayings, tickets
from bihuan.demo.office import CENTRES, COMPANY, DEPARTMENTS, MARKETING, Office, people

Row = dict[str, Any]

HOTLINE, GENERAL, BUILDERS = "95598班", "总经理工作部", "施工单位"
CONTRACTORS = ("宏达电力安装公司", "永安电力工程公司")
MONTHS = 3
CODES = dict(
    zip(
        (*CENTRES, *DEPARTMENTS, *CONTRACTORS),
        ("chengdong", "chengxi", "longshui", "shiqiao", "hekou", "yuntai", "yunjian", "gongcheng", "hongda", "yongan"),
        strict=True,
    )
)  # fmt: skip
TREE = {
    COMPANY: "", GENERAL: COMPANY, MARKETING: COMPANY, HOTLINE: MARKETING, BUILDERS: COMPANY,
    **dict.fromkeys((*DEPARTMENTS, *CENTRES), COMPANY), **dict.fromkeys(CONTRACTORS, BUILDERS),
}  # fmt: skip
ACCOUNTS = {  # who logs in, one an office; of the stations two, who do not see each other's cases
    "hotline1": "受理员", "leader1": "班长", "marketing1": "营销督办", "marketing3": "报装专责", "marketing4": "用电检查",
    "director1": "公司领导", "longshui1": "承办人", "shiqiao1": "承办人", "yunjian1": "相关部门", "hongda1": "施工单位",
}  # fmt: skip
STAGES = (
    "ticket_made", "dispatched", "returned", "contacted", "extended", "answered", "reviewed", "archived", "redispatched",
)  # fmt: skip


class Member(NamedTuple):
    """Somebody of the company: what events call them, where they work, the roles they hold there."""

    code: str
    name: str
    unit: str
    roles: tuple[str, ...]


class Company(NamedTuple):
    """Everything a desk needs to begin with."""

    units: dict[str, str]  # name and parent
    members: tuple[Member, ...]
    registers: dict[str, list[Row]]
    logs: dict[str, list[Row]]  # by regulation


def company(now: datetime, seed: int = 11, share: float = 1) -> Company:
    """As of an instant of the company's own clock. `share` is how many of its cases there are, 1 being all."""
    rng = Random(seed)
    office = people(rng)
    builders = {name: two(rng) for name in CONTRACTORS}
    members = tuple(staff(office, builders))
    codes = {one.name: one.code for one in members}
    customers = sayings.customers(rng, 160)
    logs = {
        "power/dazu-complaint-assessment": complaints(rng, office, customers, now, share),
        "power/tianjin-callback": callbacks.tasks(rng, office, customers, now, share),
        "power/customer-project": projects.works(rng, office, builders, customers, now, share),
    }
    coded = {name: [with_codes(row, codes) for row in rows] for name, rows in logs.items()}
    return Company(dict(TREE), members, registers(customers), coded)


def two(rng: Random) -> tuple[str, ...]:
    return tuple(f"{rng.choice('曹彭董袁于余叶蒋')}{rng.choice('建国永军海波云飞')}{end}" for end in "平生")


def staff(office: Office, builders: Mapping[str, Sequence[str]]) -> Iterator[Member]:
    """Everybody with a code to log in by and the roles that the three regulations give."""
    for n, name in enumerate(office.desk, 1):
        yield Member(f"hotline{n}", name, HOTLINE, ("hotline", "centre"))
    for n, name in enumerate(office.leaders, 1):
        yield Member(f"leader{n}", name, HOTLINE, ("hotline", "team_leader", "centre"))
    offices = (("section",), ("section",), ("install", "project_manager"), ("inspector", "branch_marketing"))
    for n, (name, more) in enumerate(zip(office.marketing, offices, strict=True), 1):
        yield Member(f"marketing{n}", name, MARKETING, ("marketing", "supply_department", *more))
    for n, name in enumerate(office.directors, 1):
        roles = ("company_authority", "leading_group", "plan_department", "personnel")
        yield Member(f"director{n}", name, COMPANY, roles)
    for unit in office.units:
        if unit.name == MARKETING:
            continue
        more = ("department",) if unit.kind == "department" else ("sub_centre", "supply_station", "window")
        for n, name in enumerate(unit.people, 1):
            yield Member(f"{CODES[unit.name]}{n}", name, unit.name, ("unit_staff", *more))
    for firm, names in builders.items():
        for n, name in enumerate(names, 1):
            yield Member(f"{CODES[firm]}{n}", name, firm, ("constructor",))


def registers(customers: Sequence[sayings.Customer]) -> dict[str, list[Row]]:
    """The company's customers as it knows them, and its units."""
    told = [{"subject": one.name, "customer_kv": one.kv, "trade": one.trade} for one in customers]
    return {"customer": told, "unit": [{"subject": name} for name in CENTRES]}


def with_codes(row: Row, codes: Mapping[str, str]) -> Row:
    return {**row, "actor": codes.get(row["actor"], row["actor"])} if row.get("actor") else row


# --- complaints ---


def complaints(
    rng: Random, office: Office, customers: Sequence[sayings.Customer], now: datetime, share: float
) -> list[Row]:
    """The complaints of some months up to now, and some that stand still at each stage."""
    firsts = list(months(now))
    cases = [tickets.ticket(rng, office, n, first) for first in firsts for n in range(round(90 * share))]
    cases = [so_far(case, now) for case in cases]
    cases += [standing(rng, office, event, now) for event in STAGES for _ in range(2)]
    cases += [dissatisfied(rng, office, now) for _ in range(2)]
    told = [sayings.told(rng, case, rng.choice(customers)) for case in cases if case]
    return numbered(told, "TS")


def months(now: datetime) -> Iterator[date]:
    """The first days of the last months and of this one."""
    first = now.date().replace(day=1)
    found = [first]
    for _ in range(MONTHS):
        first = (first - timedelta(days=1)).replace(day=1)
        found.append(first)
    return reversed(found)


def so_far(case: list[Row], now: datetime) -> list[Row]:
    """What has happened of it; of a case that began before the last three months, nothing."""
    begun = datetime.fromisoformat(str(case[0]["at"]))
    if begun < now - timedelta(days=31 * MONTHS):
        return []
    return [row for row in case if datetime.fromisoformat(str(row["at"])) <= now]


def standing(rng: Random, office: Office, event: str, now: datetime) -> list[Row]:
    """A case of the last days in which this was the last thing to happen."""
    return ending(rng, office, now, lambda row: row["event"] == event)


def dissatisfied(rng: Random, office: Office, now: datetime) -> list[Row]:
    """A case whose customer has just said on the phone that nothing is in order."""
    return ending(rng, office, now, lambda row: row.get("verdict") == "improper")


def ending(rng: Random, office: Office, now: datetime, last: Any) -> list[Row]:
    """The first made-up case of about the last days that came to this in the last five; cut off there."""
    for _ in range(6000):
        first = now.date() - timedelta(days=rng.choice((2, 4, 12)))
        case = tickets.ticket(rng, office, 0, first)
        for n, row in enumerate(case):
            at = datetime.fromisoformat(str(row["at"]))
            if last(row) and now - timedelta(days=5) <= at <= now:
                return case[: n + 1]
    return []


def numbered(cases: Iterable[list[Row]], prefix: str) -> list[Row]:
    """The rows in order of time, their cases numbered in the order in which they began."""
    found = sorted((case for case in cases if case), key=lambda case: str(case[0]["at"]))
    rows = []
    for n, case in enumerate(found, 1):
        number = f"{prefix}{str(case[0]['at'])[:7].replace('-', '')}{n:04d}"
        rows += [{**row, "case": number} for row in case]
    return sorted(rows, key=lambda row: str(row["at"]))
