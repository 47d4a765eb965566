"""What somebody waits for at the shell: `bihuan --help`, and `bihuan replay` of a CSV file of a thousand cases.

Every call is a process of its own. One call goes before, as at the second call in real life: Python has compiled the
modules, the files are in the system's cache. The log is small, so that nothing is compiled to machine code.
"""

import os
import resource
import subprocess
import sys
import time
from pathlib import Path

from benchmarks.measure import Row, keep

CASES = 1000
POLICY = "power/dazu-complaint-assessment"
PLACE = Path(os.environ.get("BIHUAN_BENCH_LOGS", "out/bench")) / f"demo-{CASES}"
REPLAY = ("replay", str(PLACE / "log.csv"), "--policy", POLICY, "--site", str(PLACE / "site"))
LIMITS: dict[str, tuple[float, tuple[str, ...]]] = {  # seconds of the wall clock
    "bihuan --help": (0.3, ("--help",)),
    f"bihuan replay, {CASES} cases": (1.5, REPLAY),
}
TIMES = 7


def environ() -> dict[str, str]:
    """Ours, with modules compiled once, and without machine code of earlier runs."""
    ours = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**ours, "XDG_CACHE_HOME": str(PLACE / "cache"), "PYTHONPYCACHEPREFIX": str(PLACE / "modules")}


def called(*arguments: str) -> tuple[float, float]:
    """Wall and processor seconds of one call."""
    before, wall = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    command = [sys.executable, "-m", "bihuan", *arguments]
    subprocess.run(command, env=environ(), stdout=subprocess.DEVNULL, check=True)
    wall, after = time.perf_counter() - wall, resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measured(what: str) -> Row:
    limit, arguments = LIMITS[what]
    called(*arguments)
    walls, cpus = zip(*(called(*arguments) for _ in range(TIMES)), strict=True)
    return {
        "what": what,
        "wall s": round(min(walls), 2),
        "cpu s": round(min(cpus), 2),
        "limit s": limit,
        "within": "yes" if min(walls) <= limit else "no",
    }


def main() -> None:
    command = [sys.executable, "-m", "bihuan.demo", str(PLACE), "--cases", str(CASES)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    keep("start", [measured(what) for what in LIMITS])


if __name__ == "__main__":
    main()
