"""A PostgreSQL that does not answer: how long somebody waits in all, and what they are told of what they had sent."""

import json
import os
import signal
from pathlib import Path

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.test import Client

from bihuan.desk import actions, patience
from bihuan.desk.database import database, unavailable, writing
from bihuan.desk.errors import UnavailableError
from bihuan.desk.models import Person
from bihuan.desk.patience import PATIENCE
from tests.desk.test_bad_times import INTAKE, TOLD
from tests.desk.test_running import ran


@pytest.fixture
def passing(monkeypatch):
    """Seconds pass when told."""
    at = [0.0]
    monkeypatch.setattr(patience, "monotonic", lambda: at[0])

    def wait(seconds):
        with PATIENCE.spent():
            at[0] += seconds

    return wait


def test_all_that_a_request_waits_for_counts_together_and_what_is_quick_counts_for_nothing(passing):
    with PATIENCE.limited(20):
        passing(12)
        passing(0.5)
        assert PATIENCE.allowed() == 8
        passing(9)
        assert (PATIENCE.is_over, PATIENCE.allowed()) == (True, patience.SHORT)
    assert (PATIENCE.is_over, PATIENCE.allowed()) == (False, None)


def test_a_limit_within_another_takes_from_it_and_what_is_endless_does_not(passing):
    with PATIENCE.limited(20):
        with PATIENCE.limited(5):
            passing(4)
            assert PATIENCE.allowed() == patience.SHORT
        assert PATIENCE.allowed() == 16
        with PATIENCE.endless():
            passing(100)
            assert PATIENCE.allowed() is None
        assert PATIENCE.allowed() == 16


@pytest.fixture
def server():
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server that could stop answering")
    return os.environ["DATABASE_URL"]


def opened():
    from bihuan.desk.postgresql.base import Connection

    return Connection.connect(os.environ["DATABASE_URL"], autocommit=True)


def test_who_waits_for_a_lock_asks_the_server_to_let_go_and_goes_on_with_the_connection(server):
    with psycopg.connect(server) as other, opened() as mine:
        other.execute("SELECT pg_advisory_xact_lock(20)")
        with PATIENCE.limited(1), pytest.raises(psycopg.OperationalError, match="canceling statement"):
            mine.execute("SELECT pg_advisory_xact_lock(20)")
        assert mine.execute("SELECT 1").fetchone() == (1,)


def test_a_process_of_the_server_that_stopped_is_given_up(server):
    mine = opened()
    pid = mine.info.backend_pid
    os.kill(pid, signal.SIGSTOP)
    try:
        with PATIENCE.limited(1), pytest.raises(psycopg.OperationalError, match="does not answer"):
            mine.execute("SELECT 1")
        assert mine.closed
    finally:
        os.kill(pid, signal.SIGCONT)  # whoever forgets it stops all other databases of the server, too


def test_after_all_patience_no_new_connection_is_tried(server, passing):
    from bihuan.desk.postgresql.base import DatabaseWrapper

    wrapper = DatabaseWrapper({"OPTIONS": {}})
    with PATIENCE.limited(20):
        passing(21)
        with pytest.raises(psycopg.OperationalError, match="did not answer"):
            wrapper.get_new_connection({})


STOPPED = """
import os, signal
from bihuan.desk.pages import watching
watching.WAITS = 3
SAYS = "数据库正忙"
client.raise_request_exception = False
with connection.cursor() as cursor:
    cursor.execute("SELECT pg_backend_pid()")
    [(pid,)] = cursor.fetchall()
os.kill(pid, signal.SIGSTOP)
try:
    refused = client.post("/intake/", form)
finally:
    os.kill(pid, signal.SIGCONT)
connection.close()
during = Case.objects.count()
"""


def test_a_server_that_stopped_in_the_middle_is_told_and_what_was_typed_is_kept(desk_env, server):
    found = json.loads(ran(desk_env, INTAKE + STOPPED + TOLD).splitlines()[-1])
    assert (found["refused"], found["kept"], found["says"]) == (503, True, True)
    assert (found["during"], found["cases"], found["events"]) == (0, 1, 1)
    assert (found["again"], found["doubled"], found["misfits"]) == (302, 302, 0)


def test_a_machine_that_vanished_is_noticed_by_commands_too():
    options = database("postgresql://desk@db.local/bihuan", Path("."))["OPTIONS"]
    assert {"connect_timeout", "keepalives_idle"} <= set(options)
    assert "lock_timeout" in options["options"]


# --- what is told ---


@pytest.fixture
def alice(desk):
    found = Client(HTTP_HOST="127.0.0.1")
    found.force_login(Person.objects.get(code="alice"))
    found.post("/language/", {"language": "en"})
    found.raise_request_exception = False
    return found


def gone(*args, **kwargs):
    raise OperationalError("server closed the connection unexpectedly")


def without(*words):
    """The database goes when such a statement comes."""

    def asked(execute, statement, *args):
        if all(word in statement for word in words):
            gone()
        return execute(statement, *args)

    return asked


def told(answer):
    page = answer.content.decode()
    words = ("nothing was changed", "nothing was saved", "what was sent is saved", "nobody knows yet")
    return answer.status_code, [one for one in words if one in page]


def file_for(case):
    file = SimpleUploadedFile("said.txt", b"what was said", "text/plain")
    return {"key": "one", "version": case.version, "file": file, "reason": "Called twice"}


@pytest.mark.django_db
def test_who_only_reads_is_told_that_nothing_was_changed_and_may_load_it_again(alice, case, monkeypatch):
    monkeypatch.setattr("bihuan.desk.queries.worklist", gone)
    answer = alice.get("/work/?state=late")
    assert told(answer) == (503, ["nothing was changed"])
    assert "Not saved" not in answer.content.decode()
    assert 'href="/work/?state=late"' in answer.content.decode()


@pytest.mark.django_db
def test_who_writes_is_told_that_nothing_was_saved_and_keeps_what_was_typed(alice, case):
    with connection.execute_wrapper(without("SELECT", "desk_case")):
        answer = alice.post(f"/case/{case.number}/attach/", file_for(case))
    assert told(answer) == (503, ["nothing was saved"])
    assert 'value="Called twice"' in answer.content.decode()


@pytest.mark.django_db
def test_who_wrote_and_cannot_be_shown_it_is_told_that_it_is_saved(alice, case):
    """The file is there, the message for the next page could not be kept: "nothing was saved" was said."""

    before = case.version
    with connection.execute_wrapper(without("UPDATE", "django_session")):
        answer = alice.post(f"/case/{case.number}/attach/", file_for(case))
    case.refresh_from_db()
    assert case.version == before + 1
    assert told(answer) == (503, ["what was sent is saved"])
    assert "Called twice" not in answer.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("why", "outcome"),
    [
        ("server closed the connection unexpectedly", "unsure"),
        ("timeout: the server does not answer", "unsure"),
        ("database or disk is full", "unsaved"),
        ("canceling statement due to lock timeout", "unsaved"),
    ],
)
def test_a_server_that_goes_while_it_ends_a_transaction_may_have_ended_it(why, outcome, monkeypatch):
    def broken(*args):
        raise OperationalError(why)

    with monkeypatch.context() as patched, pytest.raises(UnavailableError) as found, writing():
        patched.setattr(connection, "savepoint_commit", broken)  # the test itself is a transaction
    assert found.value.outcome == outcome


@pytest.mark.django_db
def test_the_api_tells_a_database_that_does_not_answer_as_busy_also_in_the_middle_of_a_write(
    desk, monkeypatch
):
    """It answered 409: refused, as if the regulation had something against it."""
    _made, text = actions.make_token("alice", "write", by="admin")
    machine = Client(
        headers={"host": "127.0.0.1", "authorization": f"Bearer {text}", "accept-language": "en"}
    )

    def broken(*args, **kwargs):
        raise UnavailableError(unavailable(OperationalError("database is locked"), "unsaved"))

    monkeypatch.setattr("bihuan.desk.actions.accept", broken)
    said = {"policy": "power/dazu-complaint-assessment", "facts": {"channel": "hotline"}}
    answer = machine.post("/api/cases", json.dumps(said), "application/json")
    assert (answer.status_code, answer.json()["type"]) == (503, "urn:bihuan:busy")
    assert "nothing was saved" in answer.json()["detail"]
    assert answer["Retry-After"]
