"""The log that is measured: cases of about nine events in order, with pauses, extensions and withdrawals.

The same seed makes the same log. Cases begin through 2024 and 2025; nobody is late on purpose, the spread is.
"""

import os
import sys
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import polars as pl

LOGS = Path(os.environ.get("BIHUAN_BENCH_LOGS", "out/bench"))
CHUNK = 250_000  # cases made at once, and cases in a row group of the file
UNITS = [f"unit {n:02}" for n in range(40)]
EVENTS = [
    "accepted",
    "dispatched",
    "contacted",
    "suspended",
    "resumed",
    "extended",
    "arrived",
    "replied",
    "reviewed",
    "answered",
    "resolved",
    "called_back",
    "closed",
    "archived",
    "reported",
    "escalated",
    "withdrawn",
]
BEGIN = int(datetime(2024, 1, 1, tzinfo=UTC).timestamp())
SPAN = 700 * 86400
HOUR = 3600
# event: after which event, hours on average, how many cases have it
COURSE: dict[str, tuple[str, float, float]] = {
    "dispatched": ("accepted", 0.3, 0.98),
    "contacted": ("accepted", 3.0, 0.93),
    "arrived": ("dispatched", 12.0, 0.55),
    "suspended": ("dispatched", 40.0, 0.15),
    "resumed": ("suspended", 60.0, 0.97),
    "extended": ("dispatched", 70.0, 0.12),
    "replied": ("dispatched", 60.0, 0.95),
    "reviewed": ("replied", 20.0, 0.80),
    "answered": ("replied", 30.0, 0.95),
    "resolved": ("answered", 12.0, 0.95),
    "called_back": ("answered", 14.0, 0.85),
    "closed": ("resolved", 30.0, 0.90),
    "archived": ("closed", 90.0, 0.50),
    "reported": ("accepted", 12.0, 0.09),
    "escalated": ("contacted", 20.0, 0.06),
}


def chunk(cases: int, first: int, seed: int) -> pl.DataFrame:
    """Cases numbered from `first`, as long rows sorted by case and instant."""
    rng = np.random.default_rng((seed, first))
    at = np.full((len(EVENTS), cases), -1, np.int64)
    at[0] = BEGIN + rng.integers(0, SPAN, cases)
    for name, (after, hours, share) in COURSE.items():
        before = at[EVENTS.index(after)]
        there = (rng.random(cases) < share) & (before >= 0)
        wait = 60 + rng.exponential(hours * HOUR, cases).astype(np.int64)
        at[EVENTS.index(name)] = np.where(there, before + wait, -1)
    gone = np.where(
        rng.random(cases) < 0.03, at[0] + rng.exponential(50 * HOUR, cases).astype(np.int64), 1 << 60
    )
    at[:-1][at[:-1] > gone] = -1
    at[-1] = np.where(gone < 1 << 60, gone, -1)
    event, case = np.nonzero(at >= 0)
    instant = at[event, case]
    order = np.lexsort((event, instant, case))
    event, case, instant = event[order], case[order], instant[order]
    severe = rng.random(cases) < 0.1
    level = pl.Series(np.where(severe[case], 1, 0).astype(np.uint8)).cat.to(pl.Enum(["ordinary", "severe"]))
    return pl.DataFrame(
        {
            "case": case + first,
            "event": pl.Series(event.astype(np.uint8)).cat.to(pl.Enum(EVENTS)),
            "at": pl.Series(instant * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "unit": pl.Series(rng.integers(0, len(UNITS), cases).astype(np.uint8)[case]).cat.to(
                pl.Enum(UNITS)
            ),
            "severity": level.set(pl.Series(event != 0), None),
        }
    )


def write(path: Path, cases: int, seed: int = 1) -> Path:
    """The log as Parquet, a row group for every chunk of cases; written once."""
    if path.exists():
        return path
    import pyarrow.parquet as parquet

    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    writer = None
    for first in range(0, cases, CHUNK):
        table = chunk(min(CHUNK, cases - first), first, seed).to_arrow(compat_level=pl.CompatLevel.oldest())
        writer = writer or parquet.ParquetWriter(unfinished, table.schema, compression="zstd")
        writer.write_table(table, row_group_size=table.num_rows)
    if writer is not None:
        writer.close()
    return unfinished.rename(path)


def log(cases: int) -> Path:
    """The log of so many cases, made when it is first asked for."""
    return write(LOGS / f"{cases}.parquet", cases)


if __name__ == "__main__":
    log(int(sys.argv[1]))
