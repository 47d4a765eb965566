"""Charts as SVG, drawn by Vega-Lite without a browser: stacked outcomes, shares, days, plain bars.

What is written beside a bar is the text of the report's own cell; here nothing is formatted. Knows no rule.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from bihuan.report.document import Chart
from bihuan.report.needs import FAMILY, font_folders

WIDE, NARROW = 620, 330  # paper and screens; telephones
COLORS = ("#3a7ca5", "#e0a030", "#b3392f")  # told apart by the colour-blind, and in grey
INK, FAINT = "#222222", "#dddddd"
SIZE = 12
FEW = 6
CONFIG: Mapping[str, Any] = {
    "font": FAMILY,
    "background": "#ffffff",
    "padding": 4,
    "view": {"stroke": None},
    "axis": {
        "labelFontSize": SIZE,
        "labelColor": INK,
        "titleFontSize": SIZE,
        "gridColor": FAINT,
        "domainColor": "#999999",
        "tickColor": "#999999",
    },
    "legend": {
        "labelFontSize": SIZE,
        "labelColor": INK,
        "orient": "top",
        "title": None,
        "symbolType": "square",
        "layout": {"top": {"anchor": "start", "bounds": "full"}},
    },
    "text": {"fontSize": SIZE, "color": INK},
}
Spec = dict[str, Any]


def svg(chart: Chart, width: int = WIDE) -> str:
    """The picture."""
    import vl_convert

    register()
    drawn: str = vl_convert.vegalite_to_svg(spec(chart, width))
    return drawn


def pdf(chart: Chart, width: int = WIDE) -> bytes:
    """The same for paper, with its letters inside: Typst sets those of an SVG in the font's lightest weight."""
    import vl_convert

    register()
    drawn: bytes = vl_convert.vegalite_to_pdf(spec(chart, width))
    return drawn


@cache
def register() -> None:
    """Let the charts be measured with the font that they are set in."""
    import vl_convert

    vl_convert.register_font_directory(str(font_folders()[1]))


def spec(chart: Chart, width: int = WIDE) -> Spec:
    """What is drawn, as Vega-Lite says it."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "data": {"values": [dict(row) for row in chart.data]},
        "width": width,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "config": CONFIG,
        **KINDS[chart.kind](chart, width),
    }


def names(width: int, lines: int = 1) -> Spec:
    """The names at the left of bars; where they have two lines, the article stands above its rule."""
    return {
        "field": "name",
        "type": "nominal",
        "sort": None,
        "title": None,
        "axis": {
            "labelExpr": "split(datum.label, '\\n')",
            "labelLimit": width * 0.45,
            "labelLineHeight": SIZE + 3,
            "labelOffset": -(lines - 1) * (SIZE + 3) / 2,
            "ticks": False,
            "domain": False,
        },
    }


def states(chart: Chart) -> Spec:
    """One colour for each state, in their order."""
    order = {row["order"]: row["state"] for row in chart.data}
    domain = [order[n] for n in sorted(order)]
    return {
        "field": "state",
        "type": "nominal",
        "scale": {"domain": domain, "range": [COLORS[n] for n in sorted(order)]},
    }


def whole(chart: Chart) -> Spec:
    """An axis of whole numbers: a few of them are all marked, so that none lies between."""
    totals: dict[str, float] = {}
    for row in chart.data:
        totals[row["name"]] = totals.get(row["name"], 0) + row["count"]
    most = int(max(totals.values(), default=0))
    return {"format": ",d", **({"values": list(range(most + 1))} if most <= FEW else {})}


def outcomes(chart: Chart, width: int) -> Spec:
    return {
        "height": {"step": 38},
        "mark": {"type": "bar", "size": 20},
        "encoding": {
            "y": names(width, 2),
            "x": {"field": "count", "type": "quantitative", "title": None, "axis": whole(chart)},
            "color": states(chart),
            "order": {"field": "order", "type": "quantitative"},
        },
    }


def days(chart: Chart, width: int) -> Spec:
    return {
        "height": 170,
        "mark": {"type": "bar"},
        "encoding": {
            "x": {
                "field": "name",
                "type": "ordinal",
                "title": None,
                "axis": {"labelAngle": 0, "labelOverlap": "greedy", "labelSeparation": 6},
            },
            "y": {"field": "count", "type": "quantitative", "title": None, "axis": whole(chart)},
            "color": states(chart),
            "order": {"field": "order", "type": "quantitative"},
        },
    }


def bars(chart: Chart, width: int, most: float, axis: Spec) -> Spec:
    """Bars with their texts at the end; the scale leaves room for them."""
    x = {
        "field": "value",
        "type": "quantitative",
        "title": None,
        "scale": {"domain": [0, most]},
        "axis": axis,
    }
    return {
        "height": {"step": 26},
        "encoding": {"y": names(width), "x": x},
        "layer": [
            {"mark": {"type": "bar", "size": 16, "color": COLORS[0]}},
            {
                "mark": {"type": "text", "align": "left", "baseline": "middle", "dx": 4},
                "encoding": {"text": {"field": "text", "type": "nominal"}},
            },
        ],
    }


def shares(chart: Chart, width: int) -> Spec:
    room = 1.12 if width == WIDE else 1.3
    return bars(chart, width, room, {"values": [0, 0.25, 0.5, 0.75, 1], "format": ".0%"})


def counts(chart: Chart, width: int) -> Spec:
    most = max(float(row["value"]) for row in chart.data)
    longest = max(len(row["text"]) for row in chart.data)
    room = 1 + longest * (0.022 if width == WIDE else 0.055)
    return bars(chart, width, most * room, {"tickMinStep": 1, "tickCount": 5})


KINDS: Mapping[str, Callable[[Chart, int], Spec]] = {
    "outcomes": outcomes,
    "days": days,
    "shares": shares,
    "counts": counts,
    "amounts": counts,
}
