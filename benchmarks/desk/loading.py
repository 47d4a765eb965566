"""How quickly another system's cases come onto the desk: `python -m benchmarks.desk.loading`.

A log is read, judged, chained, indexed and written, in portions that are on the disk. The first load is not counted:
it compiles the fold and makes the tables of the calendars.
"""

import re
import time
from pathlib import Path

from benchmarks.desk.brought import POLICY, log, read, run
from benchmarks.measure import Row

CASES, FIRST = 100_000, 10_000


def measured(home: Path) -> list[Row]:
    from bihuan.desk import actions

    actions.load(read(log(FIRST)), POLICY, by="admin")
    return [timed(home, short) for short in (True, False)]


def timed(home: Path, short: bool) -> Row:
    """Under numbers of its own, for those of the other log are in use."""
    from bihuan.desk import actions

    source = log(CASES, short=short)
    path = home / source.name
    path.write_text(re.sub("^TS", source.stem[-5:], source.read_text("utf-8"), flags=re.M), "utf-8")
    begun = time.perf_counter()
    found = read(path)
    start, cpu = time.perf_counter(), time.process_time()
    done = actions.load(found, POLICY, by="admin")
    spent, cpu = time.perf_counter() - start, time.process_time() - cpu
    return {
        "events a case": round(done.events / done.cases, 1),
        "cases": done.cases,
        "cases a second": round(done.cases / spent),
        "with reading": round(done.cases / (spent + start - begun)),
        "processor µs a case": round(cpu / done.cases * 1e6),
    }


def main() -> None:
    run("desk-loading", "benchmarks.desk.loading", measured)


if __name__ == "__main__":
    main()
