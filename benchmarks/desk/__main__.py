"""Create with full judging, append, load; and beside them plain Django inserting the same rows: rate, p95, processor time.

On a desk of its own, which knows sixty people, in a temporary folder, with its settings (SQLite, WAL, synchronous=FULL), in one process without a
web server. `python -m benchmarks.desk [cases] [loaded]`. What one small write with fsync takes, and the load of the
machine, stand beside the figures, for they mean nothing without them.
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from benchmarks.measure import Row, keep

POLICY = "power/dazu-complaint-assessment"
CASES = int(sys.argv[1]) if len(sys.argv) > 1 else 100
LOADED = int(sys.argv[2]) if len(sys.argv) > 2 else 2000


def desk(home: Path) -> None:
    os.environ |= {
        "BIHUAN_HOME": str(home),
        "DATABASE_URL": "",
        "DJANGO_SETTINGS_MODULE": "bihuan.desk.settings",
    }
    from bihuan.cli import init

    init.make(home, "admin", "a good long one", [POLICY], None, made=False)
    staff()


def staff() -> None:
    """Sixty people in six offices, for who may do what is judged by whom the desk knows."""
    from bihuan.desk import actions
    from bihuan.desk.database import writing

    roles = ("hotline", "team_leader", "marketing", "office", "hr", *["unit_staff"] * 5)
    with writing():
        for n in range(60):
            unit = f"供电所{n // 10}"
            if not n % 10:
                actions.add_unit(unit, None, by="admin")
            actions.add_person(f"p{n}", f"人{n}", unit, by="admin")
            actions.grant(f"p{n}", roles[n % 10], unit, by="admin")


def timed(what: str, count: int, write: Callable[[int], Any]) -> Row:
    spent, begun = [], time.process_time()
    for n in range(count):
        start = time.perf_counter()
        write(n)
        spent.append(time.perf_counter() - start)
    cpu = (time.process_time() - begun) / count
    return {
        "what": what,
        "a second": round(count / sum(spent)),
        "p95 ms": round(sorted(spent)[int(count * 0.95)] * 1000, 1),
        "processor ms": round(cpu * 1000, 2),
    }


def fsync(home: Path) -> Row:
    with (home / "probe").open("wb") as file:

        def write(_: int) -> None:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())

        return timed("fsync of 4 KiB", 50, write)


def written(home: Path) -> Iterable[Row]:
    from bihuan.desk import actions

    facts = {"channel": "hotline", "customer": "刘女士0042", "source": "customer"}
    numbers = [actions.accept(POLICY, by="p0", facts=facts).number for _ in range(3)]
    yield fsync(home)
    yield timed("plain Django, rows of a new case", CASES, plain(numbers[0]))

    def create(_: int) -> None:
        numbers.append(actions.accept(POLICY, by="p0", facts=facts).number)

    def append(n: int) -> None:
        actions.append(numbers[n], "ticket_made", by="p0", facts={"item": "billing"})

    yield timed("create", CASES, create)
    yield timed("append", CASES, append)


def plain(number: str) -> Callable[[int], None]:
    """Inserts the rows of a case once more by Django's models, in a transaction, without judging or chaining."""
    from django.db import connection

    from bihuan.desk.database import writing
    from bihuan.desk.models import Case, Event, Obligation, Reach

    case = Case.objects.get(number=number)
    models: list[Any] = [Event, Obligation, Reach]
    parts = [(model, list(model.objects.filter(case=case).values())) for model in models]
    (text,) = case_text(connection, case.pk)

    def write(n: int) -> None:
        with writing():
            case.pk, case.number = None, f"plain-{n}"
            case.save(force_insert=True)
            for model, rows in parts:
                model.objects.bulk_create(model(**{**row, "id": None, "case_id": case.pk}) for row in rows)
            with connection.cursor() as cursor:
                cursor.execute("INSERT INTO desk_findable (case_id, text) VALUES (%s, %s)", [case.pk, text])
                cursor.execute("INSERT INTO desk_words (rowid, text) VALUES (%s, %s)", [case.pk, text])

    return write


def case_text(connection: Any, case: int) -> Any:
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM desk_findable WHERE case_id = %s", [case])
        return cursor.fetchone()


def loaded(home: Path) -> Row:
    """Reading left out."""
    import bihuan
    from bihuan.demo.__main__ import write
    from bihuan.demo.tickets import COLUMNS, month
    from bihuan.desk import actions

    write(home / "log.csv", COLUMNS, month(cases=LOADED))
    policy = bihuan.read_policy(POLICY)
    log = bihuan.read_log(home / "log.csv", zone=policy.header.zone, starts=policy.header.starts)
    start, cpu = time.perf_counter(), time.process_time()
    done = actions.load(log, POLICY, by="admin")
    spent, cpu = time.perf_counter() - start, time.process_time() - cpu
    told = f"load ({done.events / done.cases:.1f} events a case)"
    return {
        "what": told,
        "a second": round(done.cases / spent),
        "processor ms": round(cpu / done.cases * 1000, 2),
    }


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "desk"
        desk(home)
        keep("desk", [*written(home), loaded(home)])


main()
