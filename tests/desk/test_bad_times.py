"""A full disk, a database that others hold, a clock that was set back: told as what it is, nothing lost or doubled."""

import datetime as dt
import json

import pytest
from click.testing import CliRunner
from django.db import OperationalError, connection

from bihuan.cli.root import cli
from bihuan.desk import actions
from bihuan.desk.database import WAITS, patient
from bihuan.desk.errors import DoubledError
from bihuan.desk.models import Case, Event, Obligation, Told
from bihuan.desk.office import policy_of
from bihuan.desk.rebuild import rebuild
from bihuan.desk.tick import tick
from bihuan.desk.verify import verify
from tests.desk.conftest import POLICY
from tests.desk.test_running import ran

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
def test_the_same_thing_at_the_same_instant_is_refused_in_the_regulations_words(case, clock):
    """It named the event as the file does: 这个contacted已在记录里."""
    label = policy_of(case.edition.hash).event_labels["urged"]
    actions.append(case.number, "urged", by="alice")
    with pytest.raises(DoubledError, match=f"this {label} is in the record already, as event 2$"):
        actions.append(case.number, "urged", by="alice")


@pytest.mark.django_db
def test_with_a_clock_set_back_people_go_on_working(case, clock):
    """The same step again, what no regulation judges, a correction: each after what was before, none a repetition."""
    actions.append(case.number, "urged", by="alice")
    clock.wait(days=-400)
    actions.append(case.number, "urged", by="alice")
    actions.append(case.number, "urged", by="alice")
    actions.attach(case.number, "said.txt", b"what was said", by="alice")
    actions.note(case.number, "noted", by="alice", meta={"text": "called"})
    actions.correct(case.number, 3, by="alice", reason="said twice", struck=True)
    at = list(Event.objects.filter(case=case).order_by("seq").values_list("at", flat=True))
    recorded = list(Event.objects.filter(case=case).order_by("seq").values_list("recorded_at", flat=True))
    assert at[1:] == sorted(set(at[1:]))
    assert len(at) == 7
    assert recorded == sorted(recorded)
    assert verify().whole


@pytest.mark.django_db
def test_a_clock_set_back_judges_no_case_as_of_an_earlier_instant(case, clock):
    judged_at = Case.objects.get().judged_at
    clock.wait(days=-400)
    actions.set_parameter(POLICY, "investigation-report.within", "3 working days", by="admin")
    assert Case.objects.get().judged_at >= judged_at
    assert rebuild().changed == []


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
    def broken(*args, **kwargs):
        raise OperationalError("server closed the connection unexpectedly")

    monkeypatch.setattr("bihuan.desk.queries.worklist", broken)
    client = as_person("alice")
    answer = client.get("/work/")
    assert (answer.status_code, "数据库" in answer.content.decode()) == (503, True)
    client.post("/language/", {"language": "en"})
    assert "The database cannot be reached".lower() in client.get("/work/").content.decode().lower()


@pytest.mark.django_db
def test_a_database_that_does_not_say_who_is_asking_is_asked_once_and_keeps_what_was_typed(as_person):
    """Each question waits twenty seconds where somebody holds the sessions; and nothing of the page is there yet."""
    client, asked = as_person("alice"), []
    client.raise_request_exception = False

    def held(execute, statement, *args):
        asked.append(statement)
        raise OperationalError("canceling statement due to lock timeout")

    form = {"policy": POLICY, "key": "Some-Key", "fact-customer": "刘女士", "fact-channel": "hotline"}
    with connection.execute_wrapper(held):
        answer = client.post("/intake/", form)
    page = answer.content.decode()
    assert (answer.status_code, len(asked)) == (503, 1)
    assert "数据库正忙" in page
    assert '<p class="quiet">刘女士</p>' in page
    assert all(f'name="{name}" value="{value}"' in page for name, value in form.items())
    assert page.count("Some-Key") == page.count("hotline") == 1


@pytest.mark.django_db
def test_a_message_that_cannot_be_kept_for_the_next_page_is_told_as_a_full_disk(as_person, case):
    """A page puts it into the session and sends the browser on: where that failed the browser was blamed, in English."""
    client = as_person("alice")

    def full(execute, statement, *args):
        if "django_session" in statement and not statement.startswith("SELECT"):
            raise OperationalError("database or disk is full")
        return execute(statement, *args)

    address = f"/case/{case.number}/attach/"
    with connection.execute_wrapper(full):
        client.raise_request_exception = False
        answer = client.post(address, {"key": "one", "version": "1", "file": ""})
    assert (answer.status_code, "磁盘已满" in answer.content.decode()) == (503, True)


@pytest.mark.django_db
def test_who_waited_long_for_a_turn_waits_no_longer_for_the_database():
    """Else the tenth writer behind somebody else's long write would wait ten times as long."""
    if connection.vendor != "sqlite":
        pytest.skip("only writers of SQLite queue")

    def patience():
        with connection.cursor() as cursor:
            return cursor.execute("PRAGMA busy_timeout").fetchone()[0]

    with patient(-3):
        assert patience() == 0
    with patient(5):
        assert patience() == 5000
    with patient(WAITS):
        assert patience() == WAITS * 1000


def test_a_command_says_of_a_database_that_others_hold_that_it_is_busy(monkeypatch):
    """It called that a defect of Bihuan."""

    def held():
        raise OperationalError("database is locked")

    monkeypatch.setattr("bihuan.cli.desk_at.opened", lambda home, database: None)
    monkeypatch.setattr("bihuan.desk.tick.tick", held)
    done = CliRunner().invoke(cli, ["--lang", "zh", "tick"])
    assert (done.exit_code, "数据库正忙" in done.output) == (2, True), done.output


@pytest.fixture
def as_person(desk):
    from django.test import Client

    from bihuan.desk.models import Person

    def client(code):
        found = Client(HTTP_HOST="127.0.0.1")
        found.force_login(Person.objects.get(code=code))
        return found

    return client
