"""Finds the number of days of every type in the log: how the tables of the policy beside this file were made.

    python examples/boston-311/derive.py [boston311_2011H2.csv.gz]

Uses numpy's count of weekdays and nothing of Bihuan, so that the policy's numbers have a source outside of it.
"""

import os
import sys
from pathlib import Path

import numpy as np
import polars as pl

FILE = "boston311_2011H2.csv.gz"
FEWEST = 5  # cases with a target that a number may rest on
CLOSE_ENOUGH = 120
OPENS, CLOSES = 8 * 3600 + 30 * 60, 17 * 3600


def derived(log: Path) -> dict[str, str]:
    """Type to limit, of the types whose targets are told by one number, and by only one unit."""
    cases = pl.read_csv(log, columns=["open_dt", "target_dt", "type"], try_parse_dates=True).drop_nulls()
    days = {"working day": working_days(cases), "day": calendar_days(cases)}
    found: dict[str, str] = {}
    for (name,), rows in cases.with_row_index().group_by("type", maintain_order=True):
        best = {unit: most(each[rows["index"].to_numpy()]) for unit, each in days.items()}
        unit = max(best, key=lambda each: best[each][1])
        number, hits = best[unit]
        tied = best["working day"][1] == best["day"][1]
        if rows.height >= FEWEST and 2 * hits > rows.height and not tied:
            found[str(name)] = f"{number} {unit}{'s' if number > 1 else ''}"
    return found


def parts(values: pl.Series) -> tuple[np.ndarray, np.ndarray]:
    """Dates, and seconds of their day."""
    instants = values.to_numpy().astype("datetime64[s]")
    dates = instants.astype("datetime64[D]")
    return dates, (instants - dates).astype(int)


def working_days(cases: pl.DataFrame) -> np.ndarray:
    """Weekdays from the day that counts as the opening to the target; -1 where the time of day is another."""
    date, second = parts(cases["open_dt"])
    target, target_second = parts(cases["target_dt"])
    start = np.busday_offset(date, 0, roll="forward")  # a weekend is Monday, at the same time
    evening = second >= CLOSES
    start = np.where(evening, np.busday_offset(start, 1), start)
    second = np.where(evening, OPENS, second)
    same = (np.abs(target_second - second) <= CLOSE_ENOUGH) & np.is_busday(target)
    return np.where(same, np.busday_count(start, target), -1)


def calendar_days(cases: pl.DataFrame) -> np.ndarray:
    """Days from the opening to the target; -1 where the time of day is another."""
    date, second = parts(cases["open_dt"])
    target, target_second = parts(cases["target_dt"])
    return np.where(np.abs(target_second - second) <= CLOSE_ENOUGH, (target - date).astype(int), -1)


def most(numbers: np.ndarray) -> tuple[int, int]:
    """The most frequent number, and how often it stands there."""
    values, counts = np.unique(numbers[numbers > 0], return_counts=True)
    return (int(values[counts.argmax()]), int(counts.max())) if len(values) else (0, 0)


def main() -> None:
    here = Path(__file__).parents[3] / "shared" / "data"
    log = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(os.environ.get("BIHUAN_DATA") or here) / FILE
    if not log.exists():
        sys.exit(f"there is no log {log}: name it, or set BIHUAN_DATA to the folder that holds {FILE}")
    for name, limit in sorted(derived(log).items(), key=lambda each: (each[1], each[0])):
        sys.stdout.write(f"{limit:16} {name}\n")


if __name__ == "__main__":
    main()
