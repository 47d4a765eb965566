"""Is an archive destroyed by two administrators at their pages, or by programs, and by nobody else?"""

import re

import pytest

from bihuan.desk import actions
from bihuan.desk.models import Case, Entry, Person
from bihuan.desk.verify import verify
from tests.desk.pages.counting import questions


def hidden(answer):
    return dict(re.findall(r'<input type="hidden" name="(key)" value="([^"]*)"', answer.content.decode()))


@pytest.fixture
def closed(case, clock):
    actions.set_administrator("dana", True, by="admin")
    clock.wait(minutes=5)
    actions.append(case.number, "withdrawn", by="alice")
    return case


def sent(client, address, **said):
    return client.post(address, {**hidden(client.get(address)), **said})


def test_one_asks_another_approves_and_nothing_is_left_but_the_chain(as_person, closed):
    admin, dana, address = as_person("admin"), as_person("dana"), f"/case/{closed.number}/destroy/"
    assert address in admin.get(f"/case/{closed.number}/").content.decode()
    refused = sent(admin, address, reason=" ")
    assert refused.status_code == 409
    assert sent(admin, address, reason="保管期满").status_code == 302
    page = admin.get(address).content.decode()
    assert "批准并销毁" not in page, "who asked does not approve"
    assert sent(admin, address).status_code == 409
    assert Case.objects.get().destroyed is None
    assert address in dana.get("/archives/").content.decode()
    looked = dana.get(address)
    assert "保管期满" in looked.content.decode()
    answer = dana.post(address, hidden(looked))
    assert (answer.status_code, answer["Location"]) == (302, "/archives/")
    names = [Person.objects.get(code=code).name for code in ("admin", "dana")]
    assert " · ".join(names) in admin.get("/archives/").content.decode()
    page = admin.get(f"/case/{closed.number}/").content.decode()
    assert f"/case/{closed.number}/move/" not in page
    entry = Entry.objects.get(kind="destroyed")
    assert (entry.by, entry.content["approved_by"]) == ("admin", "dana")
    assert verify().destroyed == {closed.number: entry.id}
    again = dana.post(address, hidden(looked))
    assert again.status_code == 302
    assert Entry.objects.filter(kind="destroyed").count() == 1
    page = admin.get(f"/case/{closed.number}/").content.decode()
    assert "刘" not in page
    assert address not in page
    assert "保管期满" in admin.get("/archives/").content.decode()


def test_declined_it_stays(as_person, closed):
    address = f"/case/{closed.number}/destroy/"
    sent(as_person("admin"), address, reason="保管期满")
    assert sent(as_person("dana"), address, decline="1", reason="").status_code == 409
    assert sent(as_person("dana"), address, decline="1", reason="还在诉讼").status_code == 302
    assert Case.objects.get().destroyed is None
    assert Entry.objects.get(kind="destruction_declined").content["reason"] == "还在诉讼"


@pytest.mark.parametrize("who", ["alice", "bob", "charlie"])
def test_whoever_is_no_administrator_is_refused(as_person, closed, who):
    client = as_person(who)
    address = f"/case/{closed.number}/destroy/"
    assert client.get("/archives/").status_code == 403
    assert client.get(address).status_code == 403
    assert client.post(address, {"key": "k", "reason": "x"}).status_code == 403
    assert not Entry.objects.filter(kind="destruction_asked").exists()


def test_both_languages_and_the_number_of_questions(as_person, closed, clock):
    admin = as_person("admin")
    actions.ask_destruction(closed.number, by="admin", reason="保管期满")
    few = questions(admin, "/archives/")
    for _ in range(3):
        clock.wait(minutes=1)
        one = actions.accept("power/dazu-complaint-assessment", by="alice", facts={"channel": "hotline"})
        clock.wait(minutes=1)
        actions.append(one.number, "withdrawn", by="alice")
        actions.ask_destruction(one.number, by="admin", reason="保管期满")
    assert questions(admin, "/archives/") == few
    assert "档案" in admin.get("/archives/").content.decode()
    admin.post("/language/", {"language": "en", "next": "/"})
    assert "Waits for approval" in admin.get("/archives/").content.decode()
    assert "Until when it is kept" in admin.get(f"/case/{closed.number}/destroy/").content.decode()
