"""Charts say what the report's cells say, in its font, and their names stand one beneath the other."""

import re
from decimal import Decimal
from itertools import pairwise

import pytest

from bihuan.report.charts import NARROW, WIDE, svg
from bihuan.report.document import Chart, bar, percent

UNITS = (
    "城东客户服务中心",
    "城西客户服务中心",
    "龙水供电所",
    "一个名字特别特别特别特别特别特别特别长的供电所",
)
TEXT = re.compile(
    r'<text[^>]*transform="translate\(([-\d.]+),([-\d.]+)\)"[^>]*font-family="([^"]+)"[^>]*>(.*?)</text>'
)


@pytest.mark.parametrize("width", [WIDE, NARROW])
def test_bars_carry_the_text_of_their_cells(width):
    data = tuple(
        {"name": unit, "value": n / 7, "text": percent(Decimal(n) / 7)} for n, unit in enumerate(UNITS, 3)
    )
    drawn = svg(Chart("各单位按时率", "shares", "units", data), width)
    assert all(f">{row['text']}<" in drawn for row in data)
    assert all(f">{unit}<" in drawn for unit in UNITS[:3])
    assert f'width="{width}"' in drawn
    assert {font for _x, _y, font, _text in TEXT.findall(drawn)} == {"Noto Sans SC"}


def test_names_do_not_overlap_and_long_ones_are_cut():
    drawn = svg(
        Chart("笔数", "counts", "units", tuple(bar(unit, n) for n, unit in enumerate(UNITS, 1))), NARROW
    )
    heights = [float(y) for _x, y, _font, text in TEXT.findall(drawn) if re.match(r"[\u4e00-\u9fff]", text)]
    assert len(heights) == len(UNITS)
    assert min(after - before for before, after in pairwise(heights)) >= 14
    assert "…" in drawn


def test_few_things_are_counted_in_whole_numbers():
    data = ({"name": "第一条\n联系", "state": "按时", "count": 2, "order": 0},)
    drawn = svg(Chart("结果", "outcomes", "rules", data))
    assert ">2<" in drawn
    assert ">联系<" in drawn or "联系</tspan>" in drawn
    assert "0.5" not in [text for _x, _y, _font, text in TEXT.findall(drawn)]
