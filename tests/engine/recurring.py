"""Random duties that recur: long periods over month ends and leap days, with all that may move or end one of them.

A recurring duty that starts anew and a pause in a period without a limit of its own are refused
(docs/semantics.md#periods-go-on); neither is generated.
"""

from typing import Any

from hypothesis import strategies as st

from tests.engine.hostile import BASE, NAMES, conventions, extensions, pauses, policy, rarely
from tests.engine.shapes import EVERY, LEVEL, article

Rule = dict[str, Any]
LONG = [
    *("calendar month", "calendar quarter", "calendar half-year", "calendar year", "calendar month 12:00"),
    *("1 month", "1 month", "2 months", "3 months", "6 months", "1 year"),
]
FROM = ["1 month", "10 days", "6 months"]
UNTIL = ["7 months", "1 year", "2 years", "400 days"]
WITHIN = ["5 days", "1 month", "2 working days", "day 7 of next month 16:00", "last day of this quarter"]
#: From the end of 2023 to the summer of 2025, most of them at the end of a month.
DAYS = sorted(
    {-62, -61, -60, -31, -30, -29, -2, -1, 0, 29, 30, 31, 60, 91, 121, 122, 183, 184, 213, 244}
    | {305, 306, 335, 336, 363, 364, 365, 366, 395, 396, 425, 426, 450}
)
assert BASE.toordinal() % 7 == 5, "2024-03-01, a Friday: DAYS are counted from it"


@st.composite
def with_long_periods(draw: st.DrawFn) -> Rule:
    rules = [draw(long(f"e{n}")) for n in range(1, draw(st.integers(1, 2)) + 1)]
    after = draw(st.sampled_from(["e1.missed", "e1.met", "e1.void"]))
    told = {"id": "r3", "after": after, "owes": "reported", "within": draw(st.sampled_from(WITHIN))}
    articles = [article("obligation", rule) for rule in draw(st.permutations([*rules, told]))]
    return policy(articles, draw(conventions()))


@st.composite
def long(draw: st.DrawFn, name: str) -> Rule:
    every = draw(st.sampled_from(LONG))
    rule: Rule = {"id": name, "after": draw(st.sampled_from(NAMES[:2])), "owes": "inspected", "every": every}
    if draw(st.booleans()):
        rule["within"] = draw(st.sampled_from(WITHIN))
    if not every.startswith("calendar") and rarely(draw, 2):
        rule["from"] = draw(st.sampled_from(FROM))
    if not every.startswith("calendar") and rarely(draw, 2):
        rule["until"] = draw(st.sampled_from(UNTIL))
    if rarely(draw, 3):
        rule["when"] = draw(st.sampled_from(LEVEL))
    if rarely(draw, 3):
        rule["void_by"] = "returned"
    return rule


@st.composite
def with_moving_periods(draw: st.DrawFn) -> Rule:
    """Short periods, each with its condition, its pauses and its extensions (for `per` see test_shapes.py)."""
    rules = [draw(moving("e1")), draw(moving("e2"))]
    after = draw(st.sampled_from(["e1.missed", "e1.met", "e2.void"]))
    told = {"id": "r3", "after": after, "owes": "reported", "within": "2 days"}
    articles = [article("obligation", rule) for rule in draw(st.permutations([*rules, told]))]
    return policy(articles, draw(conventions()))


@st.composite
def moving(draw: st.DrawFn, name: str) -> Rule:
    every = draw(st.sampled_from([each for each in EVERY if "30 hours" not in each]))
    rule: Rule = {"id": name, "after": draw(st.sampled_from(NAMES[:2])), "owes": "inspected", "every": every}
    rule["within"] = draw(st.sampled_from(["5 hours", "1 day", "2 days", "2 working days", "3 days 12:00"]))
    for key, some in [
        ("when", st.sampled_from(LEVEL)),
        ("pauses", pauses()),
        ("extensions", extensions(rule["within"])),
        ("void_by", st.just("returned")),
    ]:
        if rarely(draw, 3):
            rule[key] = draw(some)
    if not every.startswith("calendar") and rarely(draw, 3):
        rule["from"] = draw(st.sampled_from(["5 hours", "2 days"]))
    if not every.startswith("calendar") and rarely(draw, 3):
        rule["until"] = draw(st.sampled_from(["10 days", "200 hours", "2 weeks"]))
    return rule
