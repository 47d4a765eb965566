"""A full disk, a database that others hold, a clock that was set back: told as what it is, nothing lost or doubled."""

import datetime as dt
import json

import pytest

from bihuan.desk import actions
from bihuan.desk.models import Case, Event, Obligation, Told
from bihuan.desk.tick import tick
from bihuan.desk.verify import verify
from tests.desk.test_running import desk_env, ran

__all__ = ["desk_env"]  # a fixture

# What both trials have in common: an intake as the page sends it, before, during and after the trouble.
INTAKE = """
import json, sys
import django
django.setup()
from django.db import connection
from django.test import Client
from bihuan.desk import actions
from bihuan.desk.models import Case, Event, Person
from bihuan.desk.verify import verify
POLICY = "power/dazu-complaint-assessment"
actions.grant("admin", "hotline", None, by="admin")
client = Client(HTTP_HOST="127.0.0.1")
client.force_login(Person.objects.get(code="admin"))
TYPED = "要说的话,很长" * 3
form = {"policy": POLICY, "key": "one key", "event": "accepted", "fact-channel": "hotline", "fact-customer": TYPED, "fact-source": "customer"}
first = client.get("/intake/", {"policy": POLICY})
assert first.status_code == 200, first.content.decode()
"""

TOLD = """
page = refused.content.decode()
again = client.post("/intake/", form)
doubled = client.post("/intake/", form)
print(json.dumps({
    "refused": refused.status_code, "kept": TYPED in page, "says": SAYS in page, "during": during,
    "again": again.status_code, "doubled": doubled.status_code, "cases": Case.objects.count(),
    "events": Event.objects.count(), "misfits": len(verify().misfits),
}))
"""

FULL = """
import resource
from pathlib import Path
SAYS = "磁盘"
size = max(one.stat().st_size for one in Path(connection.settings_dict["NAME"]).parent.glob("desk.sqlite3*"))
limits = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (size // 4096 * 4096, limits[1]))
for n in range(50):

    refused = client.post("/intake/", form | {"key": f"filling {n}"})
    if refused.status_code != 302:
        break
filled = n
resource.setrlimit(resource.RLIMIT_FSIZE, limits)
during = Case.objects.count() - filled
"""

FULL_FOR_FILES = """
import resource
from bihuan.desk.errors import UnavailableError
from django.conf import settings
case = actions.accept(POLICY, by="admin", facts={"channel": "hotline"})
limits = resource.getrlimit(resource.RLIMIT_FSIZE)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
try:
    actions.attach(case.number, "信.txt", "信".encode() * 2000, by="admin")
    said = "kept"
except UnavailableError as error:
    said = str(error)
resource.setrlimit(resource.RLIMIT_FSIZE, limits)
left = [str(one) for one in (settings.HOME / "attachments").rglob("*") if one.is_file()]
actions.attach(case.number, "信.txt", "信".encode() * 2000, by="admin")
print(json.dumps({"said": said, "left": left, "events": Event.objects.filter(case=case).count(), "whole": verify().whole}))
"""

HELD = """
SAYS = "忙"
if connection.vendor == "sqlite":
    import sqlite3
    connection.close()
    connection.settings_dict["OPTIONS"]["timeout"] = 0.2
    other = sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
else:
    import os, psycopg
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = '200ms'")
    other = psycopg.connect(os.environ["DATABASE_URL"])
    other.execute("LOCK TABLE desk_counter, desk_event IN EXCLUSIVE MODE")
refused = client.post("/intake/", form)
during = Case.objects.count()
other.rollback()
other.close()
"""


def test_a_full_disk_is_told_keeps_what_was_typed_and_is_got_over(desk_env):
    if "DATABASE_URL" in desk_env:
        pytest.skip("its disk is the server's; attachments are tried below")
    found = json.loads(ran(desk_env, INTAKE + FULL + TOLD).splitlines()[-1])
    assert (found["refused"], found["kept"], found["says"]) == (409, True, True)
    assert found["during"] == 0
    assert (found["again"], found["doubled"], found["misfits"]) == (302, 302, 0)
    assert found["events"] == found["cases"]


def test_a_disk_too_full_for_a_file_keeps_no_half_of_it(desk_env):
    found = json.loads(ran(desk_env, INTAKE + FULL_FOR_FILES).splitlines()[-1])
    assert "disk of the desk is full" in found["said"]
    assert (found["left"], found["events"], found["whole"]) == ([], 2, True)


def test_a_database_that_others_hold_is_told_keeps_what_was_typed_and_is_got_over(desk_env):
    found = json.loads(ran(desk_env, INTAKE + HELD + TOLD).splitlines()[-1])
    assert (found["refused"], found["kept"], found["says"]) == (409, True, True)
    assert (found["during"], found["cases"], found["events"]) == (0, 1, 1)
    assert (found["again"], found["doubled"], found["misfits"]) == (302, 302, 0)


@pytest.mark.django_db
def test_a_clock_set_back_puts_nothing_before_what_was(case, clock):
    clock.wait(hours=1)
    first = actions.append(case.number, "urged", by="alice")
    clock.wait(days=-3)
    second = actions.append(case.number, "urged", by="alice", facts=None, actor="dana")
    assert second.at >= first.at
    assert second.recorded_at >= first.recorded_at
    assert list(Event.objects.filter(case=case).order_by("at", "seq").values_list("seq", flat=True)) == [
        1,
        2,
        3,
    ]
    assert verify().whole


@pytest.mark.django_db
def test_a_clock_set_back_takes_nothing_back_and_tells_nothing_twice(case, clock):
    due = Obligation.objects.filter(case=case, state="open", due_at__isnull=False).earliest("due_at")
    assert due.due_at is not None
    clock.at = due.due_at + dt.timedelta(minutes=1)
    tick()
    told = Told.objects.count()
    before = list(Obligation.objects.filter(case=case).order_by("place").values_list("rule", "state"))
    clock.wait(days=-2)
    tick()
    clock.wait(days=2, minutes=1)
    tick()
    after = list(Obligation.objects.filter(case=case).order_by("place").values_list("rule", "state"))
    assert (Told.objects.count(), after) == (told, before)
    assert Case.objects.get().judged_at >= due.due_at
    assert verify().whole


@pytest.mark.django_db
def test_a_database_that_breaks_while_a_page_is_read_is_told_in_the_readers_language(
    as_person, case, monkeypatch
):
    from django.db import OperationalError

    def broken(*args, **kwargs):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("bihuan.desk.queries.worklist", broken)
    client = as_person("alice")
    answer = client.get("/work/")
    assert (answer.status_code, "数据库" in answer.content.decode()) == (503, True)
    client.post("/language/", {"language": "en"})
    assert "The database cannot be reached".lower() in client.get("/work/").content.decode().lower()


@pytest.fixture
def as_person(desk):
    from django.test import Client

    from bihuan.desk.models import Person

    def client(code):
        found = Client(HTTP_HOST="127.0.0.1")
        found.force_login(Person.objects.get(code=code))
        return found

    return client
