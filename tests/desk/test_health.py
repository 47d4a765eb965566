"""What machines are told of the desk's health, and what logs say: never anything about a person."""

import json
import logging

import pytest
from django.core.cache import cache
from django.db import OperationalError, connection
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from bihuan.desk import actions, health
from bihuan.desk.logs import Lines
from bihuan.desk.models import Person
from bihuan.desk.tick import tick
from tests.desk.conftest import POLICY

pytestmark = pytest.mark.django_db


@pytest.fixture
def machine():
    return Client(HTTP_HOST="127.0.0.1")


def test_a_desk_whose_tick_runs_is_well_and_one_whose_tick_stopped_is_not(case, clock, machine):
    assert machine.get("/healthz").json()["problems"] == ["tick"]
    tick()
    told = machine.get("/healthz")
    assert (told.status_code, told.json()["status"], told.json()["problems"]) == (200, "ok", [])
    clock.wait(minutes=11)
    told = machine.get("/healthz")
    assert (told.status_code, told.json()["problems"]) == (200, ["tick"])


def test_a_clock_set_back_is_told_until_it_is_put_right(case, clock, machine):
    tick()
    clock.wait(hours=-2)
    tick()
    told = machine.get("/healthz")
    assert (told.json()["status"], told.json()["problems"]) == ("degraded", ["clock"])
    clock.wait(hours=2)
    tick()
    assert machine.get("/healthz").json()["problems"] == []


def test_without_a_database_or_room_it_fails(case, machine, monkeypatch):
    with monkeypatch.context() as full:
        full.setattr(health, "ROOM", 1 << 60)
        told = machine.get("/healthz")
        assert (told.status_code, "disk" in told.json()["problems"]) == (503, True)

    def down():
        raise OperationalError("down")

    with monkeypatch.context() as broken:
        broken.setattr(connection, "cursor", down)
        told = machine.get("/healthz")
    assert (told.status_code, told.json()["database"]) == (503, False)


def test_metrics_are_prometheus_and_count_what_there_is(case, machine, clock):
    tick()
    machine.get("/login/")
    answer = machine.get("/metrics")
    found = {
        sample.name: sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
        if not sample.labels
    }
    assert found["bihuan_cases_open"] == 1
    assert found["bihuan_obligations_open"] >= 1
    assert found["bihuan_tick_last_seconds"] == clock().timestamp()
    assert 'bihuan_http_requests_total{method="GET",page="login",status="200"}' in answer.content.decode()
    assert "刘女士" not in answer.content.decode()
    assert case.number not in answer.content.decode()


def test_metrics_are_not_for_everybody(case, settings):
    assert Client(HTTP_HOST="127.0.0.1", REMOTE_ADDR="10.1.2.3").get("/metrics").status_code == 403
    settings.METRICS_TOKEN = "the token"
    machine = Client(HTTP_HOST="127.0.0.1")
    assert machine.get("/metrics").status_code == 403
    assert machine.get("/metrics", headers={"Authorization": "Bearer wrong"}).status_code == 403
    assert machine.get("/metrics", headers={"Authorization": "Bearer the token"}).status_code == 200


def logged(handler_of):
    return [json.loads(line) for line in handler_of.getvalue().splitlines()]


@pytest.fixture
def lines():
    """What the desk's own formatter makes of everything that is logged meanwhile, at the finest level."""
    from io import StringIO

    said = StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(Lines())
    root = logging.getLogger()
    names = ("bihuan", "bihuan.desk", "django.request", "django.security", "axes")
    before = {name: logging.getLogger(name).level for name in names}
    root.addHandler(handler)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
    yield said
    root.removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


PERSONAL = (
    "刘女士",
    "13812345678",
    "138****5678",
    "王小明",
    "510123199001011234",
    "alice",
    "Alice",
    "a-password",
)


def test_logs_of_a_run_hold_no_name_and_no_number(as_alice, lines, monkeypatch):
    alice = as_alice
    facts = {"channel": "hotline", "customer": "刘女士 13812345678"}
    case = actions.accept(POLICY, by="alice", facts=facts)
    alice.get("/work/?q=刘女士13812345678")
    alice.get("/search/?q=刘女士")
    alice.get(f"/case/{case.number}/")
    alice.get("/case/刘女士13812345678/")
    alice.get("/nothing/王小明/")
    alice.post("/intake/", {"policy": POLICY, "customer": "王小明 13812345678", "key": "x"})
    Client(HTTP_HOST="127.0.0.1").post("/login/", {"username": "alice", "password": "a-password"})
    Client(HTTP_HOST="127.0.0.1", enforce_csrf_checks=True).post("/login/", {"username": "alice"})

    def broken(*args, **kwargs):
        raise ValueError("王小明 13812345678 510123199001011234")

    monkeypatch.setattr("bihuan.desk.pages.messages.clock.now", broken)
    alice.raise_request_exception = False
    assert alice.get("/intake/?policy=" + POLICY).status_code in (200, 500)
    assert alice.post("/messages/read/", {"last": "1"}).status_code == 500
    logging.getLogger("something.else").warning("call %s about 510123199001011234", "13812345678")
    tick_error = lines.getvalue()
    found = logged(lines)
    assert any(one.get("page") == "case" for one in found)
    assert any("ValueError at" in one.get("exc_info", "") for one in found)
    for word in PERSONAL[:2] + PERSONAL[3:]:
        assert word not in tick_error, [one for one in tick_error.splitlines() if word in one]


@pytest.fixture
def as_alice(desk):
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(Person.objects.get(code="alice"))
    return client


def test_the_log_says_whose_token_was_refused(desk, clock, lines, settings):
    """Too narrow, too often, ended, revoked: whose it was is known; of a made-up one nobody is."""
    cache.clear()
    narrow, text = actions.make_token("alice", "read", by="admin")
    asker = Client(headers={"host": "127.0.0.1", "authorization": f"Bearer {text}"})

    def who():
        return [line for line in logged(lines) if line["message"] == "answered"][-1]["person"]

    def asked(send=asker.get, path="/api/me"):
        return send(path).status_code, who()

    alice = Person.objects.get(code="alice").pk
    assert asked() == (200, alice)
    assert asked(asker.post, "/api/exports") == (403, alice)
    settings.API_RATE = 1
    assert asked() == (429, alice)
    actions.revoke_token(narrow.pk, by="admin")
    assert asked() == (401, alice)
    stranger = Client(headers={"host": "127.0.0.1", "authorization": "Bearer bh_made_up"})
    assert asked(stranger.get) == (401, None)


def test_the_log_says_who_logged_in(desk, lines):
    alice = Person.objects.get(code="alice")
    alice.set_password("quite another one 7")
    alice.save()
    visitor = Client(HTTP_HOST="127.0.0.1")
    visitor.post("/login/", {"username": "alice", "password": "quite another one 7"})
    visitor.get("/work/")
    told = [line["person"] for line in logged(lines) if line["message"] == "answered"]
    assert told == [alice.pk, alice.pk]
