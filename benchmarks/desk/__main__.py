"""Create with full judging, append, load: per second and p95, on a desk of its own in a temporary folder.

Beside each figure stands what the disk takes for one small write with fsync, and the load of the machine, for the
figures mean nothing without them. Settings as the desk has them: SQLite, WAL, synchronous=FULL.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

POLICY = "power/dazu-complaint-assessment"
CASES = int(sys.argv[1]) if len(sys.argv) > 1 else 100
LOADED = int(sys.argv[2]) if len(sys.argv) > 2 else 2000


def desk(home: Path) -> None:
    os.environ |= {
        "BIHUAN_HOME": str(home),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "bihuan.desk.settings",
    }
    from bihuan.cli.init import make_key, migrate, people

    make_key(home)
    migrate()
    people("admin", "a good long one", (POLICY,))


def timed(count: int, write: Callable[[int], Any]) -> tuple[float, float]:
    """Per second, and the 95th percentile in milliseconds."""
    spent = []
    for n in range(count):
        start = time.perf_counter()
        write(n)
        spent.append(time.perf_counter() - start)
    return count / sum(spent), sorted(spent)[int(count * 0.95)] * 1000


def fsync(home: Path) -> tuple[float, float]:
    with (home / "probe").open("wb") as file:

        def write(_: int) -> None:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())

        return timed(50, write)


def written(home: Path) -> dict[str, tuple[float, float]]:
    from bihuan.desk import actions

    facts = {"channel": "hotline", "customer": "刘女士0042", "source": "customer"}
    numbers = [actions.accept(POLICY, by="admin", facts=facts).number for _ in range(3)]
    found = {"fsync": fsync(home)}

    def create(_: int) -> None:
        numbers.append(actions.accept(POLICY, by="admin", facts=facts).number)

    found["create"] = timed(CASES, create)
    found["append"] = timed(
        CASES, lambda n: actions.append(numbers[n], "ticket_made", by="admin", facts={"item": "billing"})
    )
    return found


def loaded(home: Path) -> float:
    """Cases a second, reading left out."""
    import bihuan
    from bihuan.demo.__main__ import write
    from bihuan.demo.tickets import COLUMNS, month
    from bihuan.desk import actions

    write(home / "log.csv", COLUMNS, month(cases=LOADED))
    policy = bihuan.read_policy(POLICY)
    log = bihuan.read_log(home / "log.csv", zone=policy.header.zone, starts=policy.header.starts)
    start = time.perf_counter()
    done = actions.load(log, POLICY, by="admin")
    return done.cases / (time.perf_counter() - start)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "desk"
        desk(home)
        for name, (rate, p95) in written(home).items():
            print(f"{name:8} {rate:8.0f} /s   p95 {p95:6.1f} ms")
        print(f"load     {loaded(home):8.0f} cases/s")
        print("load of the machine", *(f"{one:.1f}" for one in os.getloadavg()))


main()
