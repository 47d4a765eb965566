"""Replays of the twelve rules: from Parquet to statistics by rule, unit and state, at growing sizes; and one case.

Of a whole log the outcome columns are kept in memory, of a streamed one nothing but the statistics.

`BIHUAN_BENCH_CASES` names the largest log (default 1000000). Every size runs in a process of its own.
"""

import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks import made
from benchmarks.measure import Row, keep, timed

HERE = Path(__file__).parent


def run(kind: str, cases: int) -> Row:
    """One measurement, in this process."""
    from bihuan.engine.replay import planned
    from bihuan.engine.single import judge_case
    from bihuan.engine.statistics import statistics
    from bihuan.files.calendars import read_calendars
    from bihuan.files.counting import count_log
    from bihuan.files.logs import read_log
    from bihuan.files.policies import read_policy

    policy = read_policy(str(HERE / "office.toml"), draft=True)
    calendars, zone = read_calendars(()), policy.header.zone
    path = made.log(cases)
    as_of = made.BEGIN + made.SPAN
    cold = time.process_time()
    if kind != "interpreted":
        from bihuan.engine import compiled
        from bihuan.files.kept import CompiledCode

        compiled.KEEPERS[:] = [
            CompiledCode()
        ]  # as the commands do: compiled by the first process, read by the others
        compiled.functions("fold_into")
    cold = time.process_time() - cold
    way = "interpreted" if kind == "interpreted" else "compiled"
    if kind == "one case":
        log = read_log(path, zone=zone)
        plan, events = planned(policy, None, None), log.events.head(9)
        rows = [{"event": r["event"], "at": r["at"], "unit": r["unit"]} for r in events.to_dicts()]
        wall, cpu, _ = timed(lambda: judge_case(plan, calendars, rows, {"severity": "severe"}, as_of), 300)
    elif kind == "interpreted":
        wall, cpu, _ = timed(
            lambda: statistics(policy, calendars, read_log(path, zone=zone), as_of, way=way), 1
        )
    else:
        keep = kind == "whole log"
        wall, cpu, _ = timed(lambda: count_log(policy, calendars, path, as_of=as_of, keep=keep, way=way), 4)
    done = 1 if kind == "one case" else cases
    return {
        "what": kind,
        "cases": done,
        "wall s": round(wall, 5),
        "cpu s": round(cpu, 5),
        "cpu us a case": round(cpu / done * 1e6, 2),
        "cases a second": round(done / wall),
        "MiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10,
        "compile cpu s": round(cold, 1),
    }


def main() -> None:
    most = int(os.environ.get("BIHUAN_BENCH_CASES", "1000000"))
    sizes = [n for n in (10_000, 100_000, 1_000_000, 10_000_000) if n <= most]
    kinds = [
        ("one case", 10_000),
        ("interpreted", 10_000),
        *(("whole log", n) for n in sizes if n <= 1_000_000),
    ]
    kinds += [("streamed", n) for n in sizes]
    rows = []
    for kind, cases in kinds:
        # In a process of its own: what making takes is no memory of the replay.
        subprocess.run([sys.executable, "-m", "benchmarks.made", str(cases)], check=True)
        command = [sys.executable, "-m", "benchmarks.replays", kind, str(cases)]
        found = subprocess.run(command, capture_output=True, text=True, check=True)
        rows.append(json.loads(found.stdout.splitlines()[-1]))
        print(rows[-1], flush=True)
    keep("replays", rows)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(run(sys.argv[1], int(sys.argv[2]))))
    else:
        main()
