"""Small policies, calendars and logs that nobody chose, for the fold and its oracle to disagree about.

Policies stay within the language; logs do not stay within reason: events tie, come in the wrong order, end what has not begun,
pause twice, and happen in the very second in which something is due and in the one after it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.oracle import Event, World, judge
from tests.oracle.words import named, patterns_in, rules_of

BASE = date(2024, 3, 1)
HORIZON = 12  # days in which events happen
DAYS = range(HORIZON + 1)
ZONES = ["Asia/Shanghai", "Asia/Shanghai", "America/New_York"]  # New York moves its clocks on 10 March
OFFICES = [((32400, 43200), (48600, 63000)), ((28800, 61200),), ((0, 21600), (64800, 86400))]
NAMES = ["accepted", "dispatched", "contacted", "resolved", "returned", "reopened", "approved"]
PAUSING = ["suspended", "resumed", "extended", "approved"]
ELAPSED = ["5 seconds", "30 minutes", "2 hours", "26 hours", "3 working hours", "9 working hours"]
DATED = ["1 day", "2 days", "3 days 12:00", "2 working days", "3 working days close", "1 week", "1 month"]
WORDS = [
    "same day",
    "same day 12:00",
    "next day 10:00",
    "next working day",
    "Sunday 17:00",
    "day 5 of this month 16:00",
    "day 7 of next month",
    "working day 2 of next month 09:00",
    "last day of this month",
]
SHORT = [*ELAPSED, *DATED[:5], *WORDS[:4]]
FACTS = {
    "part": {"label": "部件", "choices": {"x": "甲", "y": "乙"}},
    "verdict": {"label": "结论", "choices": {"good": "好", "bad": "差"}},
    "level": {"label": "等级", "choices": {"low": "低", "high": "高"}},
    "promised": {"label": "约定时间", "type": "instant"},
}
ROLES = {
    "hotline": "客服",
    "clerk": "内勤",
    "handler": {"label": "承办人", "did": ["contacted", "resolved"]},
    "drafter": {"label": "拟稿人", "did": ["reviewed"]},
}
PEOPLE = {"甲": ("hotline",), "乙": ("clerk",), "丙": ("hotline", "clerk")}  # 丁 is on no list


@dataclass(frozen=True)
class Office:
    """A calendar as both sides can build it."""

    zone: str
    hours: tuple[tuple[int, int], ...]
    off: frozenset[int]  # days after BASE that rest although the week works
    work: frozenset[int]  # days after BASE that work although the week rests
    natural: bool

    def is_workday(self, day: date) -> bool:
        n = (day - BASE).days
        return self.natural or n in self.work or (day.weekday() < 5 and n not in self.off)

    @property
    def world(self) -> World:
        return World(ZoneInfo(self.zone), self.is_workday, ((0, 86400),) if self.natural else self.hours)


@dataclass(frozen=True)
class Matter:
    """A policy, its calendar, and logs of a few cases."""

    policy: dict[str, Any]
    office: Office
    cases: tuple[tuple[Event, ...], ...]
    facts: tuple[dict[str, Any], ...]
    as_of: int
    people: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: By station, the first and last days on which the register has it, counted from BASE; None: open.
    register: dict[str, tuple[tuple[int | None, int | None], ...]] = field(default_factory=dict)


@st.composite
def offices(draw: st.DrawFn) -> Office:
    days = range(-8, HORIZON + 45)
    weekends = [n for n in days if (BASE + timedelta(n)).weekday() >= 5]
    working = [n for n in days if n not in weekends]
    return Office(
        draw(st.sampled_from(ZONES)),
        draw(st.sampled_from(OFFICES)),
        draw(st.frozensets(st.sampled_from(working), max_size=6)),
        draw(st.frozensets(st.sampled_from(weekends), max_size=3)),
        draw(st.sampled_from([False, False, False, True])),
    )


def rarely(draw: st.DrawFn, one_in: int = 4) -> bool:
    return draw(st.integers(1, one_in)) == one_in


@st.composite
def conventions(draw: st.DrawFn) -> dict[str, Any]:
    days: dict[str, Any] = {}
    if rarely(draw):
        days["first"] = True
    if rarely(draw):
        days["rolls"] = "next working day"
    if rarely(draw):
        days["ends"] = draw(st.sampled_from(["24:00", "close", "12:00", "same time"]))
    if rarely(draw):
        becomes = st.sampled_from(["as is", "next opening", "next working day"])
        days["outside"] = {key: draw(becomes) for key in ("rest_day", "before", "after")}
    return days


@st.composite
def patterns(draw: st.DrawFn, names: list[str], earlier: list[str], *, all_of: bool = False) -> Any:
    """One event, some of them, all of them, one with a condition, or what became of an earlier rule."""
    kind = draw(st.integers(0, 9))
    outcomes = [f"{rule}.{how}" for rule in earlier for how in ("met", "missed", "late", "void")]
    if kind < 2 and outcomes:
        return draw(st.sampled_from(outcomes))
    some = st.lists(st.sampled_from(names), min_size=2, max_size=3, unique=True)
    if kind == 2:
        return draw(some)
    if kind == 3 and all_of:
        return {"all": draw(some)}
    if kind == 4:
        return {
            "event": draw(st.sampled_from(names)),
            "where": {"verdict": draw(st.sampled_from(["good", "bad"]))},
        }
    return draw(st.sampled_from(names))


@st.composite
def pauses(draw: st.DrawFn) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for begin, end in [("suspended", "resumed"), ("extended", "approved")]:
        if draw(st.booleans()):
            found.append({"from": begin, "to": end})
            if rarely(draw):
                found[-1][draw(st.sampled_from(["both_days", "holds"]))] = True
    return found


def unit_of(limit: str) -> str | None:
    head = limit.split(" ", 1)
    return head[1].split(" close")[0].split(" 12:00")[0].rstrip("s") if head[0].isdigit() else None


@st.composite
def extensions(draw: st.DrawFn, within: str) -> list[dict[str, Any]]:
    unit = unit_of(within)
    extension: dict[str, Any] = {"by": "extended"}
    if unit is None or draw(st.booleans()):
        longer = ["200 hours", "9 days", "3 weeks 12:00"] if within in SHORT else ["2 months"]
        extension["to"] = draw(st.sampled_from(longer))
    else:
        extension["add"] = f"{draw(st.integers(1, 3))} {unit}"
        if draw(st.booleans()):
            extension["at_most"] = f"4 {unit}"
    if rarely(draw):
        extension["needs"] = ["approved"]
    return [extension]


@st.composite
def timed(draw: st.DrawFn, rule_id: str, earlier: list[str]) -> tuple[str, dict[str, Any]]:
    kind = draw(st.sampled_from(["obligation", "obligation", "window"]))
    rule: dict[str, Any] = {"id": rule_id}
    if rarely(draw, 6):
        rule["per"] = "part"
        earlier = []  # what a missed rule carries of a fact is not said
    if "per" in rule or not rarely(draw, 6):
        rule["after"] = draw(patterns(NAMES[:3], earlier, all_of="per" not in rule))
    rule["owes" if kind == "obligation" else "may"] = draw(patterns(NAMES[2:], earlier, all_of=True))
    rule["within"] = draw(st.sampled_from([*ELAPSED, *DATED, *WORDS]))
    if rarely(draw):
        rule["void_by"] = draw(patterns(NAMES, earlier))
    if rarely(draw, 5):
        rule["restarted_by"] = draw(st.sampled_from(["reopened", "returned"]))
    if rarely(draw, 3):
        rule["pauses"] = draw(pauses())
    if rarely(draw, 4):
        rule["extensions"] = draw(extensions(rule["within"]))
    if rarely(draw, 6):
        rule["days"] = draw(conventions())
    if rarely(draw, 6):
        rule["strict"] = True
    if rarely(draw, 6):
        rule["once"] = True
    return kind, rule


@st.composite
def policies(draw: st.DrawFn, most: int = 4) -> dict[str, Any]:
    count = draw(st.integers(1, most))
    ids = [f"r{n}" for n in range(1, count + 1)]
    rules = [draw(timed(rule, ids[:n])) for n, rule in enumerate(ids)]
    articles = [
        {"no": f"第{n}条", "says": "有期限", kind: [rule]}
        for n, (kind, rule) in enumerate(draw(st.permutations(rules)), 1)
    ]
    return policy(articles, draw(conventions()))


def policy(articles: list[dict[str, Any]], days: dict[str, Any]) -> dict[str, Any]:
    return {
        "policy": {
            "id": "tests/hostile",
            "title": "试",
            "edition": "unknown",
            "status": "in force",
            "source": {"file": "none", "lines": "1"},
            "zone": "Asia/Shanghai",
            "calendar": "office",
            "days": days,
        },
        "facts": FACTS,
        "roles": ROLES,
        "article": articles,
    }


@st.composite
def events(
    draw: st.DrawFn, world: World, names: list[str], bold: bool = False, days: Sequence[int] = DAYS
) -> Event:
    """One event; a bold one has an actor and may carry any fact."""
    day = BASE + timedelta(draw(st.sampled_from(days)))
    wall = draw(st.sampled_from([0, 30000, 32400, 36000, 43200, 45000, 54000, 63000, 64000, 79200, 86399]))
    data: dict[str, Any] = {"part": draw(st.sampled_from(["x", "y"]))}
    if draw(st.booleans()):
        data["verdict"] = draw(st.sampled_from(["good", "bad"]))
    actor = None
    if bold:
        actor = draw(st.sampled_from(["甲", "甲", "乙", "乙", "丙", "丁", None]))
        if rarely(draw, 3):
            data["level"] = draw(st.sampled_from(["low", "high", "high"]))
        if rarely(draw, 3):
            planned = BASE + timedelta(draw(st.integers(days[0], days[-1] + 3)))
            data["promised"] = world.at(planned, draw(st.sampled_from([0, 36000, 43200, 63000])))
    return Event(world.at(day, wall), draw(st.sampled_from(names)), data, actor)


@st.composite
def logs(
    draw: st.DrawFn, policy: dict[str, Any], office: Office, as_of: int, bold: bool, days: Sequence[int]
) -> tuple[Event, ...]:
    """Events anywhere, then some in the seconds that matter."""
    world = office.world
    names = occurring(policy) if bold else [*NAMES, *PAUSING, *NAMES]
    some = events(world, names, bold, days)
    found = draw(st.lists(some, min_size=4 if bold else 1, max_size=14 if bold else 12))
    if bold and not rarely(draw):
        first = world.at(BASE + timedelta(days[0]), 30000)
        found.insert(0, Event(first, draw(st.sampled_from(NAMES[:2])), {"part": "x"}, "甲"))
    for _ in range(draw(st.integers(0, 2))):
        rows = judge(policy, world, found, as_of)
        dues = sorted({row.due_at for row in rows if row.due_at is not None and row.due_at < as_of})
        if dues:
            at = draw(st.sampled_from(dues)) + draw(st.sampled_from([-1, 0, 0, 1, 1]))
            found.append(
                Event(at, draw(st.sampled_from(names if bold else [*NAMES[2:], *PAUSING])), {"part": "x"})
            )
    return once(found)


def occurring(policy: dict[str, Any]) -> list[str]:
    """Every event of the log that the policy names, in the order of its names, and some it does not."""
    rules = [rule for _, rule in rules_of(policy, "obligation", "window", "count", "prohibition")]
    steps = [step for _, step in rules_of(policy, "step")]
    outcomes = {rule["id"] for rule in rules}
    names = {name for rule in rules for pattern in patterns_in(rule) for name in named(pattern)}
    names |= {name for step in steps for key in ("event", "needs") for name in named(step.get(key, []))}
    plain = {name for name in names if name.split(".")[0] not in outcomes} - set(FACTS)
    return [*sorted(plain), *sorted(plain), "classified", "contacted"]


def once(found: list[Event]) -> tuple[Event, ...]:
    """A log counts rows that are wholly equal once."""
    kept: list[Event] = []
    for event in found:
        if event not in kept:
            kept.append(event)
    return tuple(kept)


@st.composite
def matters(
    draw: st.DrawFn,
    rules: st.SearchStrategy[dict[str, Any]],
    most: int = 3,
    bold: bool = False,
    days: Sequence[int] = DAYS,
) -> Matter:
    """Events fall on `days` after BASE, in their order."""
    office = draw(offices())
    written = draw(rules)
    written["policy"]["zone"] = office.zone
    last = BASE + timedelta(draw(st.integers(days[0], days[-1] + 30)))
    as_of = office.world.at(last, draw(st.sampled_from([0, 43200, 63000, 86399])))
    cases = draw(st.lists(logs(written, office, as_of, bold, days), min_size=1, max_size=most))
    levels = st.sampled_from([{}, {}, {}, {"level": "high"}, {"verdict": "good"}])
    facts = [draw(levels) if bold else {} for _ in cases]
    return Matter(written, office, tuple(cases), tuple(facts), as_of, PEOPLE if bold else {})
