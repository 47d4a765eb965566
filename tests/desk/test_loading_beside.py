"""Cases with the same customers and stations, loaded by several connections and by several commands at once."""

import csv
import json

import polars as pl
import pytest
from django.db import connection

from bihuan.desk.database import writing
from bihuan.desk.errors import DoubledError
from bihuan.desk.packed import copy
from tests.desk.test_running import ran, running

POLICY = "power/power-letters-visits"
CASES, CUSTOMERS, STATIONS = 240, 7, 5

FORCE = f"""
import django
django.setup()
import bihuan
from bihuan.desk import actions
text = open(bihuan.read_policy("{POLICY}").path, encoding="utf-8").read()
actions.put_in_force(actions.install(text, by="admin").hash, by="admin")
"""

LOADER = f"""
import sys
import django
django.setup()
import bihuan
from bihuan.desk import actions
from bihuan.desk.actions import loading
loading.PORTIONS = dict.fromkeys(loading.PORTIONS, 20)
policy = bihuan.read_policy("{POLICY}")
for path in sys.argv[1:]:
    log = bihuan.read_log(path, zone=policy.header.zone, starts=policy.header.starts)
    done = actions.load(log, policy.header.id, by="admin")
    print(done.cases, len(done.left_out), flush=True)
"""

CONCERNED = """
import json
import django
django.setup()
from bihuan.desk.models import Case, Concern, Event, Subject
from bihuan.desk.rebuild import rebuild
from bihuan.desk.tick import tick
from bihuan.desk.verify import verify
while Subject.objects.filter(judged_at=None).exists():
    tick()
subjects = Subject.objects.exclude(key="")
print(json.dumps({
    "cases": Case.objects.count(), "events": Event.objects.count(), "whole": verify().whole, "changed": rebuild().changed,
    "subjects": sorted(subjects.values_list("fact", "key")),
    "concerns": {f"{one.fact} {one.key}": Concern.objects.filter(subject=one).count() for one in subjects},
}))
"""


def written(path, prefix):
    """Every customer and every station in every portion, in an order that is another each time."""
    with path.open("w", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["case", "event", "at", "customer", "station"])
        for n in range(CASES):
            at = f"2025-09-{n // 24 + 1:02} {n % 24:02}:00"
            customer, station = (n * 3 + n // 20) % CUSTOMERS, (n * 2 + n // 20) % STATIONS
            rows.writerow([f"{prefix}{n:04}", "accepted", at, f"客户{customer}", f"供电所{station}"])
    return str(path)


@pytest.fixture
def letters(desk_env):
    ran(desk_env, FORCE)
    return desk_env


def test_subjects_that_portions_share_are_made_once(letters, tmp_path):
    """PostgreSQL writes two portions at a time, each by its own connection."""
    assert ran(letters, LOADER, written(tmp_path / "a.csv", "A")).split() == [str(CASES), "0"]
    found = json.loads(ran(letters, CONCERNED).splitlines()[-1])
    assert (found["cases"], found["whole"], found["changed"]) == (CASES, True, [])
    assert len({tuple(one) for one in found["subjects"]}) == len(found["subjects"])
    customers = [n for name, n in found["concerns"].items() if name.startswith("customer ")]
    assert (len(customers), sum(customers)) == (CUSTOMERS, CASES)


def test_commands_that_load_the_same_customers_at_once_get_on_with_each_other(letters, tmp_path):
    logs = [written(tmp_path / f"{prefix}.csv", prefix) for prefix in "ABC"]
    loaders = [running(letters, LOADER, log) for log in logs]
    told = [loader.communicate(timeout=240) for loader in loaders]
    assert [loader.returncode for loader in loaders] == [0, 0, 0], told
    found = json.loads(ran(letters, CONCERNED).splitlines()[-1])
    assert (found["cases"], found["whole"], found["changed"]) == (CASES * 3, True, [])
    customers = [n for name, n in found["concerns"].items() if name.startswith("customer ")]
    assert (len(customers), sum(customers)) == (CUSTOMERS, CASES * 3)


def test_one_log_that_two_commands_load_at_once_is_there_once(letters, tmp_path):
    log = written(tmp_path / "a.csv", "A")
    loaders = [running(letters, LOADER, log) for _ in range(2)]
    told = [loader.communicate(timeout=240) for loader in loaders]
    assert [loader.returncode for loader in loaders] == [0, 0], told
    counted = [[int(one) for one in out.split()] for out, _ in told]
    assert sum(cases for cases, _ in counted) == sum(left for _, left in counted) == CASES
    found = json.loads(ran(letters, CONCERNED).splitlines()[-1])
    assert (found["cases"], found["events"], found["whole"], found["changed"]) == (CASES, CASES, True, [])


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has no COPY")
def test_rows_copied_that_another_has_just_made_are_told_as_that():
    with pytest.raises(DoubledError), writing():
        copy("desk_unit", pl.DataFrame({"name": ["东站", "东站"], "path": ["/1/", "/2/"]}))
