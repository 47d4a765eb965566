"""Does whoever made an empty desk find what comes before the first case, and is nobody led into what they cannot do?"""

import pytest
from django.test import Client

from bihuan.desk import actions
from bihuan.desk.models import Case, Person
from tests.desk.conftest import POLICY, edition_text, in_force


@pytest.fixture
def alone(db, clock):
    """The administrator of an empty desk."""
    actions.add_person("admin", "管理员", by="admin", administrator=True, password="a good long one")
    client = Client(HTTP_HOST="127.0.0.1")
    client.force_login(Person.objects.get())
    return client


def test_from_an_empty_desk_to_the_first_case(alone):
    assert alone.get("/").headers["Location"] == "/begin/"
    page = alone.get("/begin/").content.decode()
    assert (page.count("还没有"), page.count("已做")) == (4, 0)
    in_force(edition_text())
    page = alone.get(f"/intake/?policy={POLICY}").content.decode()
    assert 'href="/people/at/admin/"' in page, "who has no role is told before they type"
    assert "disabled" in page[page.index("accesskey") :].split(">")[0]
    actions.grant("admin", "hotline", None, by="admin")
    assert alone.get("/").headers["Location"] == "/work/"
    assert "没有岗位" not in alone.get(f"/intake/?policy={POLICY}").content.decode()
    said = {"policy": POLICY, "event": "accepted", "key": "1", "fact-channel": "hotline"}
    assert alone.post("/intake/", said).status_code == 302
    assert Case.objects.count() == 1
    page = alone.get("/begin/").content.decode()
    assert (page.count("还没有"), page.count("已做")) == (1, 3)


def test_the_first_steps_are_the_administrator_s(as_person, desk):
    assert as_person("bob").get("/begin/").status_code == 403
    assert as_person("bob").get("/").headers["Location"] == "/work/"


def test_both_languages(alone):
    assert "最初几步" in alone.get("/begin/").content.decode()
    alone.post("/language/", {"language": "en", "next": "/"})
    assert "First steps" in alone.get("/begin/").content.decode()
