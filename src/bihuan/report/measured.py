"""The section on indicators, where a regulation has any.

The figures come as they were measured: a value that could not be is shown as such, never as zero.
"""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import polars as pl

from bihuan.i18n import _
from bihuan.report.document import Cell, Chart, Column, Section, Table, made, percent, table
from bihuan.report.labels import IN_A_CHART, short
from bihuan.report.material import Material
from bihuan.report.summary import columns
from bihuan.spoken import word

FIGURE = (
    ("article", "text"), ("indicator", "text"), ("label", "text"), ("unit", "text"), ("group", "text"), ("period", "text"),
    ("numerator", "number"), ("denominator", "number"), ("value", "number"), ("target", "text"), ("target_met", "text"),
    ("band", "text"), ("state", "text"), ("note", "text"),
)  # fmt: skip
OFF_PAPER = ("indicator", "state", "article")


def indicators(about: Material) -> Section:
    """Every figure with its target; those without one say why. By unit side by side, by group in the workbook."""
    assert about.figures is not None
    mine = pl.col("unit").eq_missing(pl.lit(about.scope.unit))
    whole = pl.col("group").is_null()
    wanted = columns(*FIGURE, off_paper=OFF_PAPER)
    tables = [
        table("indicators", _("Indicators"), wanted, read(about.figures.filter(mine & whole))),
        by_unit(about, about.figures.filter(~mine & whole)),
        table("figures", _("Every figure, by unit and group"), wanted, read(about.figures), most=0),
    ]
    shown = tuple(each for each in tables if each.rows)
    return Section("indicators", _("Indicators"), (), charts(about.figures.filter(mine)), shown)


def by_unit(about: Material, figures: pl.DataFrame) -> Table:
    """A row a unit, a column an indicator and period."""
    rows = figures.to_dicts()
    found = {(row["indicator"], row["period"]): row for row in rows}
    several = len({period for _name, period in found}) > 1
    heads = {
        f"{name} {period}": Column(
            f"{name} {period}", f"{short(row['label'])} {period if several else ''}".strip(), "number"
        )
        for (name, period), row in found.items()
    }
    units: dict[str, dict[str, Any]] = {}
    for row in rows:
        units.setdefault(row["unit"], {})[f"{row['indicator']} {row['period']}"] = value_of(row)
    place = {unit: n for n, (unit, _above) in enumerate(about.scope.tree)}
    lines = [
        {"unit": unit, **values}
        for unit, values in sorted(units.items(), key=lambda each: place.get(each[0], 0))
    ]
    return table(
        "indicators-by-unit",
        _("Indicators, unit by unit"),
        (*columns(("unit", "text")), *heads.values()),
        lines,
    )


def read(figures: pl.DataFrame) -> list[dict[str, Any]]:
    """Exact numbers out of their texts; a value that is a part of a whole in per cent."""
    return [
        row | {name: decimal(row[name]) for name in ("numerator", "denominator")} | {"value": value_of(row)}
        for row in figures.to_dicts()
    ]


def value_of(row: Mapping[str, Any]) -> Cell:
    """A value, or the words that there is none."""
    if row["value"] is None:
        return Cell(None, word("state", row["state"]))
    return made("share" if row["share"] else "number", "value", decimal(row["value"]))


def decimal(value: str | None) -> Decimal | None:
    return None if value is None else Decimal(value)


def charts(figures: pl.DataFrame) -> tuple[Chart, ...]:
    """The shares among them, side by side."""
    rows = figures.filter(
        pl.col("share") & pl.col("value").is_not_null() & pl.col("group").is_null()
    ).to_dicts()
    data = tuple(
        {
            "name": short(row["label"], IN_A_CHART),
            "value": float(row["value"]),
            "text": percent(Decimal(row["value"])),
        }
        for row in rows
    )
    return (Chart(_("Indicators in per cent"), "shares", "indicators", data),) if len(data) > 1 else ()
