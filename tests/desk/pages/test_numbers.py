"""A case that came from elsewhere is reached by its number, whatever is in it: by pages, and by programs as they write it."""

import html
import re
from urllib.parse import quote, unquote

import pytest

from bihuan.desk import actions
from bihuan.desk.models import Case
from tests.desk.api.conftest import Program
from tests.desk.conftest import POLICY

NUMBERS = ("A/17", "2025/投诉/0001", "100%", "a%2Fb", "..", ".", "第 7 号 #1?x=2", "why/1", "A&B<c>'\"")


@pytest.fixture(params=NUMBERS)
def odd(request, desk):
    facts = {"channel": "hotline", "customer": "刘女士0042", "source": "customer"}
    return actions.accept(POLICY, by="alice", facts=facts, number=request.param)


def links(page, beginning):
    return {html.unescape(one) for one in re.findall(r'(?:href|action)="([^"]+)"', page) if beginning in one}


def test_every_link_to_it_leads_to_it(as_person, odd):
    alice = as_person("alice")
    [address] = links(alice.get("/work/").content.decode(), "/case/")
    page = alice.get(address)
    assert page.status_code == 200
    assert f"<h1>{odd.number}</h1>" in html.unescape(page.content.decode())
    found = links(page.content.decode(), "/case/")
    assert any("/why/" in one for one in found)
    assert any(one.endswith("/merge/") for one in found)
    for one in found:
        wanted = 405 if one.endswith("/attach/") else 200
        assert alice.get(one).status_code == wanted, one
    written = alice.get(f"{address}withdrawn/").content.decode()
    key = re.findall(r'name="key" value="([^"]+)"', written)[0]
    sent = alice.post(f"{address}withdrawn/", {"key": key, "version": 1})
    assert (sent.status_code, unquote(sent["Location"])) == (302, unquote(address))
    assert Case.objects.get().version == 2


@pytest.mark.parametrize("number", [one for one in NUMBERS if "%" not in one and one.strip(".")])
def test_a_program_writes_it_encoded_once(desk, number):
    actions.accept(POLICY, by="alice", facts={"channel": "hotline"}, number=number)
    _, token = actions.make_token("alice", "write", by="admin")
    program = Program(token)
    place = f"/cases/{quote(number, safe='')}"
    found = program.get(place)
    assert (found.status_code, found.json().get("number")) == (200, number)
    told = program.post(f"{place}/events", {"event": "urged"})
    assert (told.status_code, told.json()["case"]) == (201, number)
    assert program.get(told["Location"].removeprefix("/api")).json()["version"] == 2
    assert program.get(f"{place}/obligations/0/why").status_code == 200


@pytest.mark.parametrize("number", ["100%", "a%2Fb", "..", "why/1", "A/events"])
def test_encoded_twice_nothing_can_be_mistaken(desk, number):
    actions.accept(POLICY, by="alice", facts={"channel": "hotline"}, number=number)
    _, token = actions.make_token("alice", "read", by="admin")
    once = quote(number, safe="").replace(".", "%2E")
    found = Program(token).get(f"/cases/{quote(once, safe='')}")
    assert (found.status_code, found.json().get("number")) == (200, number)


@pytest.mark.parametrize(
    "address", ["case/%00/", "case/a%2500b/why/0/", "people/at/%00/", "callbacks/%00/0/"]
)
def test_what_no_database_holds_is_nobodys_number(as_person, case, address):
    assert as_person("admin").get(f"/{address}").status_code == 404


@pytest.mark.parametrize(
    "address",
    [
        "supervision/?unit=%00&rule=%00",
        "dispatch/?unit=%00",
        "people/registers/?register=%00",
        "work/?policy=a%00",
    ],
)
def test_what_no_database_holds_cannot_be_looked_for(as_person, case, address):
    assert as_person("admin").get(f"/{address}").status_code == 200
