"""Do the score cards add up as a person would, whatever the calls and scores? And is the printed formula the reverse?

The reckoning here is fractions over plain lists; nothing of the engine is asked but the figures.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

import bihuan
from bihuan.engine.parameters import parameter_values

POLICY = bihuan.read_policy("power/quality-service-scorecard")
CALENDARS = bihuan.read_calendars()
ZONE = "Asia/Shanghai"
SHEETS = {
    "service": ("service_scored", {"customer-feedback": "feedback_score"}),
    "ability": (
        "ability_scored",
        {"training": "training_score", "skills": "skills_score", "teamwork": "teamwork_score"},
    ),
    "attitude": (
        "attitude_scored",
        {
            "attitude-shown": "attitude_score",
            "punctuality": "punctuality_score",
            "complaints": "complaints_score",
        },
    ),
    "safety": (
        "safety_scored",
        {
            "safety-training": "safety_training_score",
            "safe-operation": "operation_score",
            "hazard-inspection": "hazard_score",
        },
    ),
}
EMPLOYEES = ("甲", "乙", "丙")
calls = st.lists(st.tuples(st.sampled_from(EMPLOYEES), st.booleans()), min_size=1, max_size=12)
scores = st.integers(0, 100)


def shares(count: int) -> st.SearchStrategy[list[Fraction]]:
    """Weights in twentieths that sum to one."""
    cuts = st.lists(st.integers(0, 20), min_size=count - 1, max_size=count - 1).map(sorted)
    return cuts.map(lambda each: [Fraction(b - a, 20) for a, b in zip([0, *each], [*each, 20], strict=True)])


def figures(rows: Sequence[Mapping[str, Any]], parameters: Mapping[str, Any], *names: str) -> pl.DataFrame:
    """The figures of some indicators; everything lies in one month, or in one half-year."""
    log = bihuan.as_log(rows, zone=ZONE)
    return bihuan.indicators(
        POLICY, CALENDARS, log, None, None, parameter_values(POLICY, parameters), names=names
    ).figures


def second(month: int, day: int, hour: int) -> int:
    return int(datetime(2026, month, day, hour, tzinfo=ZoneInfo(ZONE)).timestamp())


def told(calls: Sequence[tuple[str, bool]]) -> list[dict[str, Any]]:
    """One case a call, replied to an hour later or never."""
    rows: list[dict[str, Any]] = []
    for n, (employee, replied) in enumerate(calls):
        at = second(2, n + 1, 9)
        rows.append({"case": f"C{n}", "event": "call_answered", "at": at, "employee": employee})
        if replied:
            rows.append({**rows[-1], "event": "answered", "at": at + 3600})
    return rows


def value(table: pl.DataFrame, indicator: str, group: str | None) -> Fraction | None:
    """The exact value, from numerator and denominator."""
    held = pl.col("group").is_null() if group is None else pl.col("group") == group
    (row,) = table.filter((pl.col("indicator") == indicator) & held & pl.col("unit").is_null()).to_dicts()
    if row["value"] is None:
        return None
    return Fraction(row["numerator"]) / Fraction(row["denominator"])


def sheets(employee: str, marks: Mapping[str, int]) -> list[dict[str, Any]]:
    """A score sheet of each dimension, opened in January and filled in by July."""
    rows: list[dict[str, Any]] = []
    for dimension, (event, facts) in SHEETS.items():
        about = {"case": f"{employee} {dimension}", "employee": employee}
        given = {fact: marks[item] for item, fact in facts.items()}
        rows.append({**about, "event": "assessment_opened", "at": second(1, 1, 0)})
        rows.append({**about, "event": event, "at": second(7, 3, 17), **given})
    return rows


def share(calls: Sequence[tuple[str, bool]]) -> Fraction:
    return Fraction(100 * sum(replied for _, replied in calls), len(calls))


@settings(max_examples=8)
@given(calls)
def test_the_printed_formula_is_the_reverse_of_what_is_scored(calls: list[tuple[str, bool]]) -> None:
    names = ("staff-service", "staff-service-replied", "staff-service-printed")
    found, as_printed = figures(told(calls), {}, *names), figures(told(calls), {"as_printed": True}, *names)
    for group in (None, *dict.fromkeys(employee for employee, _ in calls)):
        wanted = share([call for call in calls if group in (None, call[0])])
        assert [value(found, name, group) for name in names] == [wanted, wanted, 100 - wanted]
        assert [value(as_printed, name, group) for name in names] == [100 - wanted, wanted, 100 - wanted]


ITEMS = {"service": ("staff-service", "customer-feedback")} | {
    name: tuple(facts) for name, (_, facts) in SHEETS.items() if name != "service"
}
MARKED = tuple(item for _, facts in SHEETS.values() for item in facts)
GRADES = ((Fraction(80), "优秀"), (Fraction(60), "合格"), (Fraction(0), "不合格"))


@st.composite
def cards(draw: st.DrawFn) -> tuple[dict[str, Fraction], dict[str, int], list[tuple[str, bool]]]:
    """Weights of all items and dimensions, marks of one employee, and his calls."""
    weights: dict[str, Fraction] = {}
    for names in (*ITEMS.values(), tuple(ITEMS)):
        weights |= dict(zip(names, draw(shares(len(names))), strict=True))
    marks = {item: draw(scores) for item in MARKED}
    replies = draw(st.lists(st.booleans(), min_size=1, max_size=5))
    return weights, marks, [("甲", replied) for replied in replies]


@settings(max_examples=8)
@given(cards())
def test_the_total_is_what_a_person_would_reckon(
    card: tuple[dict[str, Fraction], dict[str, int], list[tuple[str, bool]]],
) -> None:
    weights, marks, own = card
    given = {f"weight_{name.replace('-', '_')}": float(weight) for name, weight in weights.items()}
    (row,) = (
        figures([*told(own), *sheets("甲", marks)], given, "score").filter(pl.col("group") == "甲").to_dicts()
    )
    held = {**{item: Fraction(mark) for item, mark in marks.items()}, "staff-service": share(own)}
    dimensions = {name: sum(weights[item] * held[item] for item in items) for name, items in ITEMS.items()}
    total = Fraction(sum(weights[name] * each for name, each in dimensions.items()))
    assert abs(Fraction(row["value"]) - total) <= Fraction(1, 2_000_000)
    assert row["band"] == next(name for least, name in GRADES if total >= least)


@settings(max_examples=5)
@given(cards(), st.sampled_from(MARKED))
def test_without_one_weight_there_is_no_total(
    card: tuple[dict[str, Fraction], dict[str, int], list[tuple[str, bool]]], lacking: str
) -> None:
    weights, marks, own = card
    given = {
        f"weight_{name.replace('-', '_')}": float(weight)
        for name, weight in weights.items()
        if name != lacking
    }
    (row,) = (
        figures([*told(own), *sheets("甲", marks)], given, "score").filter(pl.col("group") == "甲").to_dicts()
    )
    assert row["state"] in ("unset", "undefined part")
    assert (row["value"], row["band"]) == (None, None)
