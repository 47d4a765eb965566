"""Over random trees and rows: the parts and what a unit has of its own make the whole, and no row is counted twice."""

from collections import defaultdict
from fractions import Fraction

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engine.rollup import KEYS, SUMS, above, rolled_up
from bihuan.engine.site import UNITS, Site
from tests.engine.measuring import indicator, measured, measuring

NAMES = [f"u{n}" for n in range(8)]
COUNTED = {"rows": "answer", "where": {"state": ["met", "late"]}}
STRANGER = "elsewhere"


@st.composite
def trees(draw):
    """Units, each with an earlier one above it or none."""
    size = draw(st.integers(1, len(NAMES)))
    return {name: draw(st.sampled_from([None, *NAMES[:place]])) for place, name in enumerate(NAMES[:size])}


def site_of(tree):
    return Site(units=pl.DataFrame(list(tree.items()), schema=UNITS, orient="row"))


@settings(max_examples=25)
@given(tree=trees(), data=st.data())
def test_the_sum_of_the_parts_is_the_whole(tree, data):
    units = st.sampled_from([*tree, STRANGER, None])
    cases = data.draw(st.lists(st.tuples(units, st.booleans()), min_size=1, max_size=20))
    events = []
    for n, (unit, done) in enumerate(cases):
        events.append((str(n), "accepted", "2026-03-02 09:00", {} if unit is None else {"unit": unit}))
        events += [(str(n), "answered", "2026-03-02 10:00", {})] if done else []
    policy = measuring(indicator(count=COUNTED, over={"count": {"rows": "answer"}}))
    found = measured(policy, events, site=site_of(tree))
    figures = {
        row["unit"]: (int(row["numerator"]), int(row["denominator"])) for row in found.figures.to_dicts()
    }
    own = defaultdict(lambda: (0, 0))
    for unit, done in cases:
        own[unit] = (own[unit][0] + done, own[unit][1] + 1)
    for unit in tree:
        below = [name for name, parent in tree.items() if parent == unit]
        parts = [own[unit], *(figures.get(name, (0, 0)) for name in below)]
        assert figures.get(unit, (0, 0)) == tuple(map(sum, zip(*parts, strict=True)))
    tops = [figures.get(name, (0, 0)) for name, parent in tree.items() if parent is None]
    assert figures[None] == tuple(map(sum, zip(*tops, own[None], own[STRANGER], strict=True)))
    assert figures[None] == (sum(done for _, done in cases), len(cases))
    numerator, denominator = figures[None]
    assert abs(
        Fraction(found.figures.filter(pl.col("unit").is_null())["value"][0])
        - Fraction(numerator, denominator)
    ) < Fraction(1, 10**6)
    assert found.behind.filter(part="denominator").height == len(cases)


@settings(max_examples=50)
@given(tree=trees(), data=st.data())
def test_cells_of_every_group_and_period_add_up(tree, data):
    cell = st.tuples(
        st.sampled_from([*tree, None]),
        st.sampled_from(["g", "h"]),
        st.sampled_from(["2026-03", "2026-04"]),
        st.integers(-5, 5),
    )
    cells = data.draw(st.lists(cell, max_size=12))
    schema = {**dict.fromkeys(KEYS, pl.String), **dict.fromkeys(SUMS, pl.Int64)}
    table = pl.DataFrame(
        [(*key, *[amount] * len(SUMS)) for *key, amount in cells], schema=schema, orient="row"
    )
    found = rolled_up(table, above(site_of(tree).units))
    company = found.filter(pl.col("unit").is_null())
    for group in ("g", "h", None):
        for period in ("2026-03", "2026-04"):
            wanted = sum(each[3] for each in cells if each[2] == period and group in (None, each[1]))
            mine = company.filter(pl.col("group").eq_missing(pl.lit(group)) & (pl.col("period") == period))
            assert mine["amount"].sum() == wanted
            assert mine.height <= 1
