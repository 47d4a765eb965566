"""What Django refuses before a view is reached is a problem to a program, in its language, and a page to a browser."""

import pytest
from django.test import Client

from bihuan.desk import queries
from tests.desk.conftest import POLICY

pytestmark = pytest.mark.django_db
PROBLEM = "application/problem+json"
NEW = {"policy": POLICY, "event": "accepted", "facts": {"channel": "hotline"}}


@pytest.mark.parametrize(
    ("language", "says"), [("en", "does not go by that name"), ("zh", "工单台不用这个主机名")]
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_another_host(desk, method, language, says):
    named = {"host": "evil.example", "accept-language": language}
    answer = getattr(Client(headers=named), method)("/api/work")
    assert (answer.status_code, answer["Content-Type"]) == (400, PROBLEM)
    told = answer.json()
    assert (told["type"], told["status"]) == ("urn:bihuan:unreadable", 400)
    assert says in told["detail"]
    assert answer["Content-Language"].startswith(language)
    page = Client(headers=named).get("/login/")
    assert (page.status_code, page["Content-Type"]) == (400, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("path", "kind"),
    [("//api/work", PROBLEM), ("/api//work", PROBLEM), ("//work/", "text/html; charset=utf-8")],
)
def test_a_path_that_leads_nowhere(desk, path, kind):
    answer = Client(headers={"host": "127.0.0.1"}).get("/", PATH_INFO=path)
    assert (answer.status_code, answer["Content-Type"]) == (404, kind)


@pytest.mark.parametrize(
    ("does", "says"),
    [
        (lambda one: one.get("/work"), "nothing was changed"),
        (lambda one: one.post("/cases", NEW), "not recorded"),
    ],
)
def test_a_defect_of_ours(program, monkeypatch, does, says):
    def fails(*args, **kwargs):
        raise ZeroDivisionError

    monkeypatch.setattr(queries, "worklist", fails)
    monkeypatch.setattr("bihuan.desk.actions.accept", fails)
    asking = program("alice")
    asking.client.raise_request_exception = False
    answer = does(asking)
    assert (answer.status_code, answer["Content-Type"]) == (500, PROBLEM)
    assert answer.json()["type"] == "urn:bihuan:defect"
    assert says in answer.json()["detail"]
