"""The twelve rules as an analyst computes them, with DuckDB's SQL and with Polars: the same Parquet, the same counts.

Both are given our calendar as tables. Each makes one row a case of the log in two ways: by joining every event to the
first, or by grouping, which is quicker and as right only because no event of this log comes twice. They know these
rules and this log; no due time is explained and nothing is said of a single case. `rows agree` is the share of rows
that both count in the same rule, unit and state; `counts agree` that of the counts which are equal, lateness included.
"""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import polars as pl

from benchmarks import made, office_polars
from benchmarks.measure import Row, keep, timed
from bihuan.engine.calendar import Calendar
from bihuan.engine.statistics import statistics
from bihuan.files.calendars import read_calendar, read_calendars
from bihuan.files.kept import CompiledCode
from bihuan.files.logs import read_log
from bihuan.files.policies import read_policy

HERE = Path(__file__).parent
AS_OF = made.BEGIN + made.SPAN
KEYS = ["rule", "unit", "state"]
COLUMNS = [*KEYS, "rows", "late_by"]
DAYS = made.BEGIN // 86400 - 31, AS_OF // 86400 + 366  # the dates an analyst would make tables for
LOG = """(
    SELECT "case", event, unit, severity, epoch_us("at") // 1000000 AS t
    FROM read_parquet($log) WHERE epoch_us("at") // 1000000 <= $as_of
)"""


def calendar_tables(calendar: Calendar) -> dict[str, pl.DataFrame]:
    """`days`: working days up to and before each, its hours. `ordinals`: when the n-th ends. `slots`: all hours."""
    c, (first, last) = calendar.columns, DAYS
    day, row = np.arange(first, last), np.arange(first, last) - calendar.first
    halves = {}
    for half, name in enumerate(("am", "pm")):
        slot = np.where(c.slot[row] + half < c.slot[row + 1], c.slot[row] + half, -1)
        for what, column in (("opens", c.opens), ("closes", c.closes)):
            halves[f"{what}_{name}"] = np.where(slot < 0, 0, column[slot])
    number, counted = c.number[row], c.counted[row]
    slots = slice(int(c.slot[row[0]]), int(c.slot[row[-1]]))
    return {
        "days": pl.DataFrame(
            {"day": day, "number": number, "past": number - counted, "worked": c.before[row], **halves}
        ),
        "ordinals": pl.DataFrame({"number": number, "ends": c.begin[row + 1] - 1}).filter(counted == 1),
        "slots": pl.DataFrame({"opens": c.opens[slots], "before": c.slot_before[slots]}),
    }


def pivoted() -> str:
    at = ", ".join(f"min(t) FILTER (event = '{name}') AS {name}" for name in made.EVENTS)
    return (
        f'SELECT "case", any_value(unit) AS unit, max(severity) AS severity, {at} FROM {LOG} GROUP BY "case"'
    )


def joined() -> str:
    first, *others = made.EVENTS
    at = "".join(f', "{name}".t AS {name}' for name in made.EVENTS)
    joins = "\n".join(
        f"""LEFT JOIN (SELECT "case", t FROM log WHERE event = '{name}') AS "{name}" USING ("case")"""
        for name in others
    )
    return f"""
        WITH log AS {LOG} SELECT "case", "{first}".unit, "{first}".severity{at}
        FROM (SELECT * FROM log WHERE event = '{first}') AS "{first}" {joins}"""


def duckdb_counts(path: Path, tables: dict[str, pl.DataFrame], wide: str) -> pl.DataFrame:
    import duckdb

    macros, _, query = (HERE / "office.sql").read_text(encoding="utf-8").partition("WITH near AS")
    with duckdb.connect() as connection:
        for name, table in tables.items():
            connection.register(f"{name}_given", table.to_arrow())
            connection.execute(f"CREATE TEMP TABLE {name} AS SELECT * FROM {name}_given")
        connection.execute(macros)
        told = connection.execute(
            f"WITH wide AS ({wide}), near AS{query}", {"log": str(path), "as_of": AS_OF}
        ).fetchall()
    return pl.DataFrame(told, schema=COLUMNS, orient="row")


def polars_counts(
    path: Path, tables: dict[str, pl.DataFrame], wide: Callable[..., pl.LazyFrame]
) -> pl.DataFrame:
    log = office_polars.read(path, AS_OF)
    return office_polars.counts(wide(log, made.EVENTS), tables, AS_OF).cast({"unit": pl.String})


def our_counts(way: str) -> Callable[[Path], pl.DataFrame]:
    policy = read_policy(str(HERE / "office.toml"), draft=True)
    calendars, zone = read_calendars(()), policy.header.zone
    return lambda path: statistics(policy, calendars, read_log(path, zone=zone), AS_OF, way=way)


def ways() -> dict[str, Callable[[Path], pl.DataFrame]]:
    """By name, what counts a log."""
    tables = calendar_tables(read_calendar("cn-office"))
    return {
        "bihuan, compiled": our_counts("compiled"),
        "duckdb, pivot": lambda path: duckdb_counts(path, tables, pivoted()),
        "duckdb, joins": lambda path: duckdb_counts(path, tables, joined()),
        "polars, pivot": lambda path: polars_counts(path, tables, office_polars.pivoted),
        "polars, joins": lambda path: polars_counts(path, tables, office_polars.joined),
    }


def differing(ours: pl.DataFrame, theirs: pl.DataFrame) -> pl.DataFrame:
    """The counts that are not the same in both, with both answers."""
    both = ours.select(COLUMNS).join(theirs, on=KEYS, how="full", suffix="_theirs", coalesce=True)
    unlike = (pl.col(name).ne_missing(pl.col(f"{name}_theirs")) for name in ("rows", "late_by"))
    return both.filter(pl.any_horizontal(*unlike)).sort(KEYS)


def agreement(ours: pl.DataFrame, theirs: pl.DataFrame) -> Row:
    unlike = differing(ours, theirs)
    cells = pl.concat([ours.select(KEYS), theirs.select(KEYS)]).unique().height
    moved = int((unlike["rows"].fill_null(0) - unlike["rows_theirs"].fill_null(0)).abs().sum())
    return {
        "rows agree": f"{1 - moved / 2 / int(ours['rows'].sum()):.4%}",
        "counts agree": f"{1 - unlike.height / cells:.1%}",
    }


def run(name: str, cases: int) -> dict[str, object]:
    """One measurement, in this process, and what was counted."""
    path, call = made.log(cases), ways()[name]
    if name.startswith("bihuan"):
        from bihuan.engine import compiled

        compiled.KEEPERS[:] = [CompiledCode()]
        compiled.functions("fold_into")
    wall, cpu, counts = timed(lambda: call(path), 3 if cases < 1_000_000 else 2)
    row = {
        "what": name,
        "cases": cases,
        "wall s": round(wall, 3),
        "cpu s": round(cpu, 3),
        "cpu us a case": round(cpu / cases * 1e6, 2),
        "cases a second": round(cases / wall),
        "MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
    }
    return {"row": row, "counts": counts.select(COLUMNS).rows()}


def apart(name: str, cases: int) -> tuple[Row, pl.DataFrame]:
    """The same in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.joins", name, str(cases)]
    found = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    told = json.loads(found.stdout.splitlines()[-1])
    return told["row"], pl.DataFrame(told["counts"], schema=COLUMNS, orient="row")


def measured(cases: int) -> list[Row]:
    ours, *others = ways()
    first, counts = apart(ours, cases)
    rows: list[Row] = [{**first, "ratio": 1.0}]
    for name in others:
        if name.startswith("duckdb") and not find_spec("duckdb"):
            print("duckdb is not installed (extra `bench`)")
            continue
        row, theirs = apart(name, cases)
        ratio = round(row["cpu us a case"] / first["cpu us a case"], 2)
        rows.append({**row, "ratio": ratio, **agreement(counts, theirs)})
        print(rows[-1], flush=True)
    return rows


def main() -> None:
    most = int(os.environ.get("BIHUAN_BENCH_CASES", "1000000"))
    sizes = [n for n in (10_000, 100_000, 1_000_000) if n <= most] or [most]
    keep("joins", [row for cases in sizes for row in measured(cases)])


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(run(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
