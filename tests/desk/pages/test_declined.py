"""Whoever says "do not call" is asked about by nobody unawares, in any of their cases; what is owed stays owed."""

import re

import pytest

from bihuan.desk import actions
from bihuan.desk.declined import wishes
from bihuan.desk.errors import DeskError, RefusedError, StaleError
from bihuan.desk.models import Declined, Event, Obligation, Person
from bihuan.desk.rebuild import rebuild
from bihuan.desk.verify import verify
from tests.desk.conftest import edition_text, in_force
from tests.desk.pages.counting import questions

HOME = "service/home-decoration-callback"
SAID = "忙得很,有事我自己打来"


@pytest.fixture
def works(desk, clock):
    """Two works of one customer, one of another, all owing a callback; whom each case belongs to."""
    in_force(edition_text(HOME))
    actions.grant("alice", "caller", "市场营销部", by="admin")
    names = ("刘女士0042", "刘女士0042", "王先生")
    cases = [
        actions.accept(HOME, by="alice", event="works_started", facts={"customer": name}) for name in names
    ]
    clock.wait(days=20)
    for case in cases:
        clock.wait(minutes=1)
        actions.append(case.number, "mid_paid", by="alice")
    return cases


def script_of(case):
    place = Obligation.objects.get(case=case, rule="mid-callback", state__in=("open", "overdue")).place
    return f"/callbacks/{case.number}/{place}/"


def sent(client, address, **said):
    """Fill in the page, as it is, and send it."""
    page = client.get(address).content.decode()
    hidden = dict(re.findall(r'name="(key|version|wanted)" value="([^"]*)"', page))
    return client.post(address, hidden | {"reason": SAID} | said)


def owed():
    return list(Obligation.objects.order_by("id").values("case", "rule", "state", "due_at"))


def test_it_is_said_from_the_script_and_every_case_of_the_customer_shows_it(as_person, works):
    """Under a regulation that knows no such event, as none that is shipped does: what is owed stays owed."""
    first, second, other = works
    alice, before = as_person("alice"), owed()
    chosen = "?rule=mid-callback&due=all"
    page = alice.get(script_of(first) + chosen).content.decode()
    [way] = re.findall(r'href="(/case/[^"]*/calls/[^"]*)">客户不要回访</a>', page)
    answer = sent(alice, way.replace("&amp;", "&"))
    assert (answer.status_code, answer["Location"]) == (302, "/callbacks/?rule=mid-callback&due=all")
    assert owed() == before
    listed = alice.get("/callbacks/" + chosen)
    assert listed.content.decode().count("不要回访</strong>") == 2
    [on] = re.findall(r"<a [^>]*autofocus>", listed.content.decode())
    assert script_of(other) in on, "the next call is one that is wanted"
    for case in (first, second):
        assert "客户说过不要回访" in alice.get(script_of(case)).content.decode()
        assert "客户不要回访</strong>" in alice.get(f"/case/{case.number}/").content.decode()
    assert "不要回访</strong>" not in alice.get(f"/case/{other.number}/").content.decode()
    assert SAID in alice.get(f"/case/{first.number}/").content.decode()
    note = Event.objects.get(event="calls_declined")
    assert (note.case, note.kind, note.actor, note.meta) == (first, "note", "alice", {"reason": SAID})


def test_the_list_shows_them_alone_and_intake_says_it(as_person, works):
    first, second, other = works
    actions.decline_calls(first.number, by="alice", reason=SAID)
    alice = as_person("alice")
    page = alice.get("/callbacks/", {"due": "all", "tried": "declined"}).content.decode()
    assert all(script_of(case) in page for case in (first, second))
    assert script_of(other) not in page
    for name, is_said in (("刘女士0042", True), ("王先生", False)):
        page = alice.post("/intake/", {"policy": HOME, "look": "1", "fact-customer": name}).content.decode()
        assert ("客户说过不要回访" in page) == is_said


def test_it_is_taken_back_from_any_case_in_all_of_them(as_person, works):
    first, second, _other = works
    actions.decline_calls(first.number, by="alice", reason=SAID)
    alice = as_person("alice")
    page = alice.get(f"/case/{second.number}/calls/").content.decode()
    assert f'href="/case/{first.number}/"' in page, "where it was said"
    answer = sent(alice, f"/case/{second.number}/calls/", reason="又说可以打")
    assert answer["Location"] == f"/case/{second.number}/"
    assert not Declined.objects.exists()
    assert "不要回访</strong>" not in alice.get("/callbacks/", {"due": "all"}).content.decode()
    told = Event.objects.filter(event="calls_allowed").values_list("case", flat=True)
    assert sorted(told) == [first.pk, second.pk]
    assert "客户同意再回访" in alice.get(f"/case/{first.number}/").content.decode()
    assert not verify().misfits
    assert rebuild().changed == []


def test_what_was_typed_stays_where_it_is_refused_and_twice_is_once(as_person, works):
    alice, address = as_person("alice"), f"/case/{works[0].number}/calls/"
    answer = sent(alice, address, reason="  ")
    assert answer.status_code == 409
    stale = sent(alice, address, version="1")
    assert stale.status_code == 409
    assert SAID in stale.content.decode()
    page = alice.get(address).content.decode()
    said = dict(re.findall(r'name="(key|version|wanted)" value="([^"]*)"', page)) | {"reason": SAID}
    assert [alice.post(address, said).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(event="calls_declined").count() == 1
    late = alice.post(address, said | {"key": "another", "version": ""})
    assert late.status_code == 409, "a page from before must not take back what was said since"
    assert "已经记录过了" in late.content.decode()
    assert SAID in late.content.decode()
    assert "<h1>客户不要回访</h1>" in late.content.decode(), "still what was meant"
    assert not Event.objects.filter(event="calls_allowed").exists()


def test_actions_refuse_what_makes_no_sense(works):
    number = works[0].number
    with pytest.raises(RefusedError, match="customer's words"):
        actions.decline_calls(number, by="alice", reason=" ")
    with pytest.raises(RefusedError, match="nothing in the record"):
        actions.allow_calls(number, by="alice", reason=SAID)
    with pytest.raises(StaleError):
        actions.decline_calls(number, by="alice", reason=SAID, version=1)
    actions.decline_calls(number, by="alice", reason=SAID)
    with pytest.raises(RefusedError, match="already"):
        actions.decline_calls(works[1].number, by="alice", reason=SAID)
    with pytest.raises(DeskError):
        actions.allow_calls(works[1].number, by="alice", reason=SAID, version=1)
    assert set(wishes(Person.objects.get(code="admin"), works)) == {works[0].pk, works[1].pk}


def test_of_a_case_without_a_customer_it_is_about_that_case_alone(case, works, clock):
    nameless = [actions.accept(HOME, by="alice", event="works_started") for _ in range(2)]
    actions.decline_calls(nameless[0].number, by="alice", reason=SAID)
    assert set(wishes(Person.objects.get(code="admin"), [*nameless, *works])) == {nameless[0].pk}


def test_the_projection_is_made_anew_from_the_notes(works):
    actions.decline_calls(works[0].number, by="alice", reason=SAID)
    assert rebuild().changed == []
    held = Declined.objects.get()
    Declined.objects.all().delete()
    Declined.objects.create(case=works[2], at=held.at)
    assert sorted(rebuild().changed) == sorted([works[0].number, works[2].number])
    assert list(Declined.objects.values_list("case", "at")) == [(works[0].pk, held.at)]


def test_whoever_has_no_role_or_is_of_another_station_says_nothing(as_person, works):
    address = f"/case/{works[0].number}/calls/"
    charlie = as_person("charlie")
    assert charlie.get(address).status_code == 404
    assert charlie.post(address, {"reason": SAID, "key": "k"}).status_code == 404
    assert not Declined.objects.exists()


def test_the_questions_of_the_list_do_not_grow(as_person, works):
    alice = as_person("alice")
    actions.decline_calls(works[0].number, by="alice", reason=SAID)
    few = questions(alice, "/callbacks/", due="all")
    actions.decline_calls(works[2].number, by="alice", reason=SAID)
    assert questions(alice, "/callbacks/", due="all") == few
