"""`bihuan indicators`: the figures a regulation declares, by unit and period, and the rows behind one of them."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.assess import decisions_of
from bihuan.cli.judge import Case, by_edition, listen, progress, read
from bihuan.cli.show import Part, Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _
from bihuan.spoken import word

if TYPE_CHECKING:
    import polars as pl

    from bihuan.engine.indicators import Measured

MOST = 60  # rows of a long table that people see
FIGURE = (
    "indicator", "article", "edition", "unit", "group", "period", "numerator", "denominator", "value", "target",
    "target_met", "band", "note",
)  # fmt: skip
DEFINITION = ("indicator", "article", "label", "formula_given")
BEHIND = ("indicator", "unit", "group", "period", "part", "case", "rule", "round", "key", "amount", "why")


@named("indicators")
@click.argument("log", type=click.Path())
@options.judging
@option(
    "--period",
    metavar="PERIOD",
    help="Only this period: 2026-10, 2026-Q4, 2026-H2, 2026, 2026-W41, 2026-10-09.",
)
@option("--unit", metavar="U", help="Only this unit, with all that is part of it.")
@option("--indicator", "names", multiple=True, metavar="ID", help="Only this indicator; may be repeated.")
@option("--behind", metavar="ID", help="Also the rows behind this indicator: counted, and left out and why.")
@option(
    "--decisions",
    metavar="FILE",
    type=click.Path(),
    help="What persons decided: a log whose cases are charges (by number) and months.",
)
@option("--out", metavar="DIR", type=click.Path(), help="Also write all figures and every row behind them.")
@options.output
def command(
    log: str,
    settings: tuple[str, ...],
    period: str | None,
    unit: str | None,
    names: tuple[str, ...],
    behind: str | None,
    decisions: str | None,
    out: str | None,
    form: str,
    **judging: Any,
) -> None:
    """The figures that a regulation declares: by unit and period, against their targets and bands.

    Units add up to those above them, and all rows to the company. Where nothing is there to divide by there is no
    figure, and a figure that lacks a number says which. --behind shows the rows that a figure is made of.

    \b
    bihuan indicators complaints.csv --policy dazu-complaint-assessment \\
        --period 2026-H1 --behind callback-rate
    """
    case = read(log, **judging)
    told = decisions_of(decisions, case) if decisions else None
    wanted = tuple(dict.fromkeys((*names, *((behind,) if behind else ())))) if names or behind else ()
    with progress(_("judging")):
        listen()
        found = bihuan.indicators_editions(
            *by_edition(case, options.settings_of(settings)),
            decisions=told,
            period=period,
            unit=unit,
            names=wanted,
        )
    if out:
        with progress(_("writing")):
            bihuan.write_figures(out, found)
    rows = found.rows_behind(behind) if behind else None
    show(for_people(case, found, rows) if form == "table" else for_programs(found, rows), form)


def for_programs(found: "Measured", rows: "pl.DataFrame | None") -> list[Part]:
    from bihuan.files.outcomes import dated

    behind = [Table("behind", rows.to_dicts())] if rows is not None else []
    return [Record("summary", dated(found.summary)), Table("figures", found.figures.to_dicts()), *behind]


def for_people(case: Case, found: "Measured", rows: "pl.DataFrame | None") -> list[Part]:
    """The heading, what the indicators are, their figures, and the rows behind one."""
    policy = case.policy
    figures = [readable(row) for row in found.figures.to_dicts()]
    labels = {row["indicator"]: row for row in figures}
    parts: list[Part] = [
        Record("summary", heading(found), title=f"{policy.header.title} ({policy.id})"),
        table("indicators", list(labels.values()), DEFINITION, _("Indicators")),
        table("figures", figures, FIGURE, _("Figures")),
    ]
    if rows is not None:
        parts.append(table("behind", missed_first(rows).to_dicts(), BEHIND, _("Rows behind the figure")))
    return [part for part in parts if isinstance(part, Record) or part.rows]


def readable(row: dict[str, Any]) -> dict[str, Any]:
    """Shares in per cent; of what has no value its state instead."""
    from bihuan.engine.bands import percent

    value = row["value"]
    if value is None:
        shown = word("state", row["state"])
    else:
        shown = percent(value) if row["share"] else value
    group = _("unknown") if row["group"] == "" else row["group"]
    return {**row, "value": shown, "group": group, "unit": row["unit"] or _("all units")}


def missed_first(rows: "pl.DataFrame") -> "pl.DataFrame":
    """What divides and does not count, what is left out, then what counts; what does both stands once."""
    import polars as pl

    same = ["indicator", "unit", "group", "period", "case", "rule", "round", "key"]
    upper = rows.filter(pl.col("part") == "numerator")
    lower = rows.filter(pl.col("part") == "denominator").join(upper, on=same, how="anti", nulls_equal=True)
    parts = (lower, rows.filter(pl.col("part") == "excluded"), upper)
    return pl.concat([part.sort("indicator", "period", "unit", "case", "round") for part in parts])


def heading(found: "Measured") -> dict[str, Any]:
    from bihuan.files.outcomes import dated

    summary = dated(found.summary)
    others = (f"{name} ({_(kind or '')})" for name, kind in summary["other_periods"].items())
    lines = {
        "edition": summary["edition"],
        "as_of": datetime.fromisoformat(summary["as_of"]),
        "cases": summary["log"]["cases"],
        "excluded": summary["log"]["excluded"],
        "period": summary["period"],
        "unit": summary["unit"],
        "other_periods": ", ".join(others),
        "missing": [name for name in summary["missing"] if "." not in name],
        "pending": summary["pending"],
    }
    return {name: value for name, value in lines.items() if value or name in ("cases", "excluded")}


def table(name: str, rows: list[dict[str, Any]], columns: tuple[str, ...], title: str) -> Table:
    """A table for people, without the columns that say nothing, or the same everywhere."""
    told = [column for column in columns if any(row.get(column) is not None for row in rows)]
    if len({row.get("edition") for row in rows}) < 2 and "edition" in told:
        told.remove("edition")
    return Table(name, rows, told, title, MOST)
