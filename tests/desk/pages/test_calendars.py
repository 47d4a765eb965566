"""Is next year's notice loaded by two, after both saw what moves, and do the old due times stay on record?"""

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bihuan.desk import actions
from bihuan.desk.models import Entry, Event, Notice, Obligation
from tests.desk.conftest import POLICY

CLOSED = """
[[notice]]
title = "本公司停工通知"
calendar = ["cn", "cn-office"]
[notice.off]
"停工" = ["2025-09-08..2025-09-19"]
"""


def hidden(answer):
    return dict(
        re.findall(r'<input type="hidden" name="(key|seen)" value="([^"]*)"', answer.content.decode())
    )


def typed_text(answer):
    """What the box for the text shows."""
    found = re.search(r"<textarea[^>]*>\s*(.*?)</textarea>", answer.content.decode(), re.DOTALL)
    assert found
    return html.unescape(found[1])


@pytest.fixture
def two(desk):
    actions.set_administrator("dana", True, by="admin")


@pytest.fixture
def counted(case):
    """A case that owes something by working days."""
    actions.set_parameter(POLICY, "customer-total.within", "3 working days", by="admin")
    return case


def asked(client, text=CLOSED, name="2025"):
    said = {"name": name, "text": text, **hidden(client.get("/calendars/new/"))}
    looked = client.post("/calendars/new/", said)
    return looked, client.post("/calendars/new/", said | hidden(looked))


def test_everybody_sees_until_when_days_are_confirmed(as_person, desk):
    page = as_person("bob").get("/calendars/").content.decode()
    assert "2026-12-31" in page
    assert "/calendars/new/" not in page


@pytest.mark.parametrize("address", ["new/", "waiting/1/"])
def test_whoever_is_no_administrator_is_refused(as_person, desk, address):
    assert as_person("bob").get(f"/calendars/{address}").status_code == 403


def test_the_example_on_the_page_can_be_loaded(as_person, two):
    admin, dana = as_person("admin"), as_person("dana")
    page = admin.get("/calendars/new/").content.decode()
    example = html.unescape(re.findall(r'<pre class="why">(.*?)</pre>', page, re.S)[0])
    assert asked(admin, example, "2027")[1].status_code == 302
    waiting = re.findall(r'href="(/calendars/waiting/\d+/)"', dana.get("/calendars/").content.decode())[0]
    looked = dana.post(waiting, hidden(dana.get(waiting)))
    assert dana.post(waiting, hidden(looked)).status_code == 302
    assert "2027-12-31" in dana.get("/calendars/").content.decode()


def test_one_asks_another_approves_and_the_old_due_times_stay(as_person, two, counted):
    admin, dana = as_person("admin"), as_person("dana")
    looked, answer = asked(admin)
    assert counted.number in looked.content.decode()
    assert answer.status_code == 302
    assert not Notice.objects.exists(), "nobody approved it yet"
    waiting = Entry.objects.get(kind="notice_asked")
    address = f"/calendars/waiting/{waiting.id}/"
    own = admin.post(address, hidden(admin.get(address)))
    assert admin.post(address, hidden(own)).status_code == 200
    assert not Notice.objects.exists(), "who asked does not approve"
    before = dict(Obligation.objects.values_list("pk", "due_at"))
    looked = dana.post(address, hidden(dana.get(address)))
    assert counted.number in looked.content.decode()
    assert dana.post(address, hidden(looked)).status_code == 302
    assert Notice.objects.get().name == "2025"
    entry = Entry.objects.get(kind="notice")
    assert (entry.by, entry.content["approved_by"]) == ("admin", "dana")
    noted = Event.objects.filter(event="due_moved").latest("seq").meta
    assert noted is not None
    moved = noted["moved"]
    after = dict(Obligation.objects.values_list("pk", "due_at"))
    assert {int(due.timestamp()) for pk, due in before.items() if due and after[pk] != due} == {
        one["before"] for one in moved
    }
    assert dana.post(address, hidden(looked)).status_code == 302, "answered already: told, not done twice"
    assert Entry.objects.filter(kind="notice").count() == 1


def test_a_file_that_is_uploaded_is_asked_for_at_the_second_press(as_person, two, counted):
    """Its text stands in the form then, as a browser sends it back: without the file, with the ends of lines of the web."""
    admin = as_person("admin")
    file = SimpleUploadedFile("2025.toml", f"\ufeff{CLOSED}\n\n".encode())
    looked = admin.post(
        "/calendars/new/", {"name": "2025", "file": file, **hidden(admin.get("/calendars/new/"))}
    )
    shown = typed_text(looked).replace("\n", "\r\n")
    answer = admin.post("/calendars/new/", {"name": "2025", "text": shown, **hidden(looked)})
    assert answer.status_code == 302, answer.content.decode()
    assert Entry.objects.filter(kind="notice_asked").count() == 1


def test_a_file_that_is_declined_judges_nothing(as_person, two, case):
    asked(as_person("admin"))
    dana, waiting = as_person("dana"), Entry.objects.get(kind="notice_asked")
    address = f"/calendars/waiting/{waiting.id}/"
    unsaid = dana.post(address, {"decline": "1", "reason": " ", **hidden(dana.get(address))})
    assert unsaid.status_code == 409
    assert not Entry.objects.filter(kind="notice_declined").exists(), "it says no more than that it is not"
    dana.post(address, {"decline": "1", "reason": "日期不对", **hidden(dana.get(address))})
    assert Entry.objects.get(kind="notice_declined").content["reason"] == "日期不对"
    assert dana.get(address).status_code == 404
    assert not Notice.objects.exists()


@pytest.mark.parametrize("text", ["", "no toml = =", '[[notice]]\ntitle = "x"\ncalendar = "nowhere"'])
def test_a_file_that_cannot_be_used_is_told_and_kept(as_person, two, text):
    admin = as_person("admin")
    answer = admin.post(
        "/calendars/new/", {"name": "2025", "text": text, **hidden(admin.get("/calendars/new/"))}
    )
    assert answer.status_code == 409
    assert text.split("\n")[0] in answer.content.decode()
    assert not Entry.objects.filter(kind="notice_asked").exists()


def test_another_text_than_the_one_looked_at_is_looked_at_first(as_person, two):
    admin = as_person("admin")
    said = {"name": "2025", "text": CLOSED, **hidden(admin.get("/calendars/new/"))}
    looked = admin.post("/calendars/new/", said)
    assert admin.post("/calendars/new/", said | hidden(looked) | {"text": CLOSED + "# x"}).status_code == 200
    assert not Entry.objects.filter(kind="notice_asked").exists()


def test_looking_asks_no_more_often_for_more_cases(two, counted):
    def questions():
        with CaptureQueriesContext(connection) as found:
            assert actions.preview_notice("2025", CLOSED)
        return len(found)

    first = questions()
    for _ in range(3):
        actions.accept(POLICY, by="alice", facts={"channel": "hotline", "source": "customer"})
    assert questions() == first


def test_both_languages(as_person, desk):
    admin = as_person("admin")
    assert "Confirmed until" not in admin.get("/calendars/").content.decode()
    admin.post("/language/", {"language": "en", "next": "/"})
    assert "Confirmed until" in admin.get("/calendars/").content.decode()
    assert "Show what would move" in admin.get("/calendars/new/").content.decode()
