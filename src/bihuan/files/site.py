"""A site: the folder in which an installation says who it is. docs/logs.md shows its files.

`units`, `people`, `deputies`, `pay` and `registers/<name>` are tables (CSV or XLSX); `site.toml` has parameter
values; `calendars/*.toml` are notices, read by whoever builds calendars. All findings are reported at once.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from bihuan.engine.errors import LogError
from bihuan.engine.site import DEPUTIES, PAY, PEOPLE, REGISTER, UNITS, Site
from bihuan.files.mapping import meant
from bihuan.files.tables import batches

DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y年%m月%d日", "%Y-%m-%d %H:%M:%S")
MONTHS = ("%Y-%m", "%Y/%m", "%Y年%m月", "%Y-%m-%d %H:%M:%S")
TABLES = ("units", "people", "deputies", "pay")
KINDS = (".csv", ".xlsx")
KEYS = ("parameters", "calendars")


@dataclass
class _Table:
    """One table of the site and what is wrong with it."""

    path: Path
    rows: pl.DataFrame
    lines: pl.Series
    findings: list[str] = field(default_factory=list)

    def find(self, wrong: pl.Series, column: str, expected: str) -> None:
        for row in wrong.fill_null(False).arg_true():
            found = self.rows[column][row]
            self.findings.append(
                f"{self.path}:{self.lines[row]}: {column}: found {found!r}, expected {expected}"
            )


def read_site(folder: str | Path) -> Site:
    """What the installation says about itself; every file may be missing."""
    folder = Path(folder)
    if not folder.is_dir():
        raise LogError("a site is a folder; there is none here", file=str(folder))
    tables = {name: _table(path) for name in TABLES if (path := _path(folder / name)) is not None}
    registers = {
        path.stem: _table(path) for path in sorted((folder / "registers").glob("*")) if path.suffix in KINDS
    }
    findings: list[str] = _strangers(folder)
    values = _toml(folder / "site.toml", findings)
    site = Site(
        **{name: _checked(name, tables.get(name)) for name in TABLES},
        registers={name: _register(table) for name, table in registers.items()},
        parameters=values.get("parameters", {}),
        notices=_notices(folder, values, findings),
    )
    for table in (*tables.values(), *registers.values()):
        findings += table.findings
    findings += _cross_checked(site, tables)
    if findings:
        raise LogError("the site cannot be used:\n  " + "\n  ".join(findings), file=str(folder))
    return site


def _path(stem: Path) -> Path | None:
    return next((path for kind in KINDS if (path := stem.with_suffix(kind)).exists()), None)


def _strangers(folder: Path) -> list[str]:
    """A misspelt file would otherwise be passed over."""
    known = ("site.toml", "registers", "calendars", *(name + kind for name in TABLES for kind in KINDS))
    odd = [
        path
        for path in sorted(folder.iterdir())
        if path.name not in known and path.suffix in (*KINDS, ".toml")
    ]
    return [f"{path}: a file of this name has no meaning{meant(path.name, known)}" for path in odd]


def _toml(path: Path, findings: list[str]) -> dict[str, Any]:
    if not path.exists():
        return {}
    try:
        values = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise LogError(f"this is no TOML: {error}", file=str(path)) from None
    for key in values:
        if key not in KEYS:
            findings.append(f"{path}: unknown key {key!r}{meant(key, KEYS)}; expected {' or '.join(KEYS)}")
    return values


def _notices(folder: Path, values: dict[str, Any], findings: list[str]) -> tuple[str, ...]:
    named = [folder / name for name in values.get("calendars", [])]
    findings += [
        f"{folder / 'site.toml'}: calendars: there is no file {path}" for path in named if not path.exists()
    ]
    return tuple(
        str(path) for path in dict.fromkeys([*sorted((folder / "calendars").glob("*.toml")), *named])
    )


def _table(path: Path) -> _Table:
    found = list(batches(path))
    bad = [
        f"{path}:{line}: {reason} (found {cells!r})"
        for batch in found
        for line, _, cells, reason in batch.bad
    ]
    rows = pl.concat([batch.table for batch in found])
    rows = rows.with_columns(pl.col(pl.String).str.strip_chars().replace("", None))
    return _Table(path, rows, pl.concat([batch.lines for batch in found]), bad)


def _checked(name: str, table: _Table | None) -> pl.DataFrame:
    wanted = {"units": UNITS, "people": PEOPLE, "deputies": DEPUTIES, "pay": PAY}[name]
    if table is None:
        return pl.DataFrame(schema=wanted)
    if not _has(table, list(wanted), exact=True):
        return pl.DataFrame(schema=wanted)
    _needed(table, [column for column in wanted if column not in ("parent", "unit", "since", "until")])
    if name == "units":
        _needed(table, ["unit"])
        table.find(table.rows["unit"].is_duplicated(), "unit", "each unit once")
    rows = table.rows.select([_converted(table, column, kind) for column, kind in wanted.items()])
    if name == "pay":
        twice = rows.select(pl.struct("party", "month").is_duplicated()).to_series()
        table.find(twice, "month", "one amount for each party and month")
    return rows


def _register(table: _Table) -> pl.DataFrame:
    if not _has(table, ["subject"], exact=False):
        return pl.DataFrame(schema=REGISTER)
    _needed(table, ["subject"])
    spells = [_converted(table, column, kind) for column, kind in REGISTER.items()]
    facts = [name for name in table.rows.columns if name not in REGISTER]
    rows = table.rows.select([*spells, *(table.rows[name] for name in facts)])
    table.find(_overlapping(rows), "subject", "spells of one subject that do not overlap")
    return rows


def _has(table: _Table, wanted: list[str], *, exact: bool) -> bool:
    optional = ("since", "until", "parent", "unit")
    missing = [name for name in wanted if name not in table.rows.columns and name not in optional]
    missing += ["unit"] if wanted == list(UNITS) and "unit" not in table.rows.columns else []
    for name in missing:
        columns = ", ".join(table.rows.columns)
        table.findings.append(f"{table.path}:1: no column {name!r}; the columns are {columns}")
    strange = [name for name in table.rows.columns if name not in wanted] if exact else []
    for name in strange:
        table.findings.append(
            f"{table.path}:1: unknown column {name!r}{meant(name, wanted)}; expected {', '.join(wanted)}"
        )
    return not missing


def _needed(table: _Table, columns: list[str]) -> None:
    for name in columns:
        table.find(table.rows[name].is_null(), name, "a value")


def _converted(table: _Table, column: str, kind: Any) -> pl.Series:
    if column not in table.rows.columns:
        return pl.repeat(None, table.rows.height, dtype=kind, eager=True).alias(column)
    values = table.rows[column].cast(pl.String)
    if kind == pl.Date:
        forms, expected = (
            (MONTHS, "a month like 2026-10") if column == "month" else (DAYS, "a date like 2026-01-31")
        )
        found = _dates(values, forms)
    elif kind == pl.String:
        return values
    else:
        found, expected = values.cast(kind, strict=False), "an amount like 5200.00"
    table.find(found.is_null() & values.is_not_null(), column, expected)
    if column == "until":
        since = _dates(table.rows["since"], DAYS) if "since" in table.rows.columns else found
        table.find(found < since, column, "a day not before since")
    return found.alias(column)


def _dates(values: pl.Series, forms: tuple[str, ...]) -> pl.Series:
    months = forms is MONTHS
    found = pl.repeat(None, len(values), dtype=pl.Date, eager=True)
    for form in forms:
        # A month alone is no date to the parser: its first day stands for it.
        first = months and "%d" not in form
        text = values + "-01" if first else values
        found = found.fill_null(text.str.to_date(form + "-%d" if first else form, strict=False))
    return found.dt.month_start() if months else found


def _overlapping(rows: pl.DataFrame) -> pl.Series:
    """Rows whose spell begins before an earlier spell of the subject has ended."""
    open_end = pl.col("until").fill_null(pl.date(9999, 12, 31))
    begin = pl.col("since").fill_null(pl.date(1, 1, 1))
    marked = rows.select("subject", begin.alias("begin"), open_end.alias("end")).with_row_index("row")
    before = marked.sort("begin", "row").with_columns(latest=pl.col("end").cum_max().shift(1).over("subject"))
    return before.sort("row").select(pl.col("begin") <= pl.col("latest")).to_series()


def _cross_checked(site: Site, tables: dict[str, _Table]) -> Iterator[str]:
    """Names that must be known elsewhere in the site."""
    for name, column, known in (
        ("units", "parent", site.units["unit"]),
        ("people", "unit", site.units["unit"]),
        ("deputies", "person", site.people["person"]),
    ):
        table, rows = tables.get(name), getattr(site, name)
        if table is None or not len(known) or not rows.height:
            continue
        for row in (rows[column].is_not_null() & ~rows[column].is_in(known.implode())).arg_true():
            found = rows[column][row]
            home = "units" if column != "person" else "people"
            hint = meant(found, known.drop_nulls().to_list())
            yield f"{table.path}:{table.lines[row]}: {column}: found {found!r}, which is not in {home}{hint}"
    yield from _circles(site.units)


def _circles(units: pl.DataFrame) -> Iterator[str]:
    above = dict(units.select("unit", "parent").rows())
    for unit in above:
        passed, now = {unit}, above[unit]
        while now in above and now not in passed:
            passed.add(now)
            now = above[now]
        if now == unit:
            yield f"units: {unit!r} is above itself; expected a tree"
