"""Which rows a report is about: those of one period and one unit with everything beneath it.

What is owed belongs to the period in which it is due, so that what was late stays in its month; what has no due time,
to the period in which it began. What should not have happened and what is charged belongs to the day on which it came
about. Rows that name no unit are the whole company's.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from bihuan.engine.errors import CallError
from bihuan.engine.log import Log
from bihuan.engine.period import Span, parse_span
from bihuan.engine.site import Site
from bihuan.files.mapping import meant


@dataclass(frozen=True)
class Scope:
    """A period from its first instant to the first of the next, and the units; no units stand for all."""

    period: Span
    begin: datetime
    end: datetime
    unit: str | None = None
    units: frozenset[str] = frozenset()
    tree: tuple[tuple[str, str | None], ...] = ()  # every unit of the site, and what it is beneath

    @property
    def last(self) -> date:
        """The last day of the period."""
        return self.period.next - timedelta(days=1)


def scope(period: str, unit: str | None, site: Site | None, as_of: int, zone: str) -> Scope:
    """What is asked for, if there is such a thing; a period that has not begun is refused."""
    found = parse_span(period)
    begin, end = (datetime.combine(day, time(), ZoneInfo(zone)) for day in (found.first, found.next))
    known = datetime.fromtimestamp(as_of, ZoneInfo(zone))
    if begin > known:
        raise CallError(
            f"period {period} has not begun: what is known ends on {known:%Y-%m-%d}; take an earlier period"
        )
    tree = tuple(site.units.select("unit", "parent").rows()) if site else ()
    return Scope(found, begin, end, unit, beneath(tree, unit) if unit else frozenset(), tree)


def beneath(tree: Iterable[tuple[str, str | None]], unit: str) -> frozenset[str]:
    """A unit and all that is beneath it.

    >>> sorted(beneath([("公司", None), ("城东", "公司"), ("一班", "城东"), ("城西", "公司")], "城东"))
    ['一班', '城东']
    """
    below: dict[str | None, list[str]] = {}
    for one, above in tree:
        below.setdefault(above, []).append(one)
    names = [one for one, _ in tree]
    if not names:
        raise CallError(
            f"nobody says which units there are: name a site with units.csv, or leave out unit {unit!r}"
        )
    if unit not in names:
        raise CallError(f"there is no unit {unit!r} in the site{meant(unit, names)}")
    found, ahead = {unit}, [unit]
    while ahead:
        ahead = [each for one in ahead for each in below.get(one, ()) if each not in found]
        found.update(ahead)
    return frozenset(found)


def due_in(scope: Scope, rows: pl.DataFrame) -> pl.DataFrame:
    """The rows of obligations or callbacks that belong to the period and the units."""
    when = pl.coalesce("due_at", "started_at")
    return of_units(scope, rows.filter(within(scope, when)))


def came_about_in(scope: Scope, rows: pl.DataFrame) -> pl.DataFrame:
    """The irregularities or charges of the period and the units."""
    return of_units(scope, rows.filter(within(scope, pl.col("at"))))


def within(scope: Scope, when: pl.Expr) -> pl.Expr:
    return ((when >= scope.begin) & (when < scope.end)).fill_null(False)


def of_units(scope: Scope, rows: pl.DataFrame) -> pl.DataFrame:
    return rows if scope.unit is None else rows.filter(pl.col("unit").is_in(sorted(scope.units)))


def with_unit(rows: pl.DataFrame, log: Log) -> pl.DataFrame:
    """Irregularities with the unit that had the case then: that of its last event, until then, which named one."""
    named = log.events.filter(pl.col("unit").is_not_null()).select(
        pl.col("case").cast(pl.String),
        pl.from_epoch("at", time_unit="s").dt.replace_time_zone("UTC").alias("at"),
        pl.col("unit").cast(pl.String),
    )
    zone = rows.schema["at"]
    named = named.with_columns(pl.col("at").cast(zone)).sort("at", maintain_order=True)
    numbered = (
        rows.with_row_index("place")
        .with_columns(pl.col("case").cast(pl.String))
        .sort("at", maintain_order=True)
    )
    joined = numbered.join_asof(named, on="at", by="case", check_sortedness=False)
    return joined.sort("place").drop("place")
