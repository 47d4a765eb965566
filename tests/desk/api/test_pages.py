"""Whatever somebody can do at a page a program can do at the API: a page without an operation says why it has none."""

import inspect
import json
from pathlib import Path

import pytest
from django.urls import URLPattern

from bihuan.desk import actions
from bihuan.desk.models import Channel, Entry, Message, Outgoing
from bihuan.desk.pages import comparing_apart
from bihuan.desk.pages.person import DOES
from bihuan.desk.tick import tick
from bihuan.desk.urls import urlpatterns
from tests.desk.conftest import POLICY, edition_text

OPENAPI = Path(__file__).parents[3] / "docs" / "openapi.json"
BROWSER = "a browser's session, which a token stands in for"
ITSELF = "asked by machines as it is"

#: By page, the operations that tell what it shows; or why there is none.
SHOWS = {
    "home": BROWSER, "login": BROWSER, "second": BROWSER, "language": BROWSER, "logout": BROWSER,
    "password": BROWSER, "account": "get_me list_tokens",
    "healthz": ITSELF, "metrics": ITSELF,
    "messages": "list_messages list_told", "messages_read": "mark_read",
    "channels": "list_channels", "channel": "list_channels", "channel_new": "list_channels", "channel_try": "try_channel",
    "work": "list_work list_undated", "bulk": "get_case ask_steps", "dispatch": "list_dispatch list_loads",
    "intake": "list_regulations get_regulation ask_caller preview_case", "search": "find_cases",
    "callbacks": "list_callbacks", "script": "ask_questions", "calls": "get_case",
    "supervision": "get_supervision list_work list_figures", "figure": "list_behind", "figures_csv": "list_figures", "charges": "list_charges",
    "regulations": "list_regulations list_shipped", "regulation": "get_regulation list_parameters",
    "draft_new": "list_regulations", "install_shipped": "list_shipped", "compare": "compare_editions",
    "in_force": "list_regulations", "parameter": "list_parameters preview_parameter",
    "begin": "list_regulations list_units list_people list_cases",
    "people": "list_units list_people", "person_new": "list_people", "unit_new": "list_units",
    "person": "list_people list_deputies", "handover": "preview_handover",
    "registers": "list_subjects", "register_end": "list_subjects",
    "calendars": "list_calendars list_notices list_waiting", "calendar_new": "preview_notice",
    "calendar_waiting": "list_waiting preview_notice",
    "archives": "list_destructions", "where": "ask_whereabouts",
    "case": "get_case ask_steps", "why": "get_why", "step": "ask_steps get_regulation",
    "unmask": "get_case", "attach": "get_case", "download": "get_attachment", "correct": "get_case", "merge": "get_case",
    "move": "preview_move", "destroy": "list_archives",
}  # fmt: skip
#: By page that is sent something, the operations that do what it does; or why there is none.
DOES_IT = {
    "login": BROWSER, "second": BROWSER, "language": BROWSER, "logout": BROWSER,
    "password": "a password is set where its owner sees the page, never by a program",
    "account": "a second factor guards the password, which a program does not have",
    "messages_read": "mark_read", "channel": "change_channel", "channel_new": "add_channel", "channel_try": "try_channel",
    "bulk": "append_event", "intake": "accept_case", "script": "append_event", "step": "append_event",
    "draft_new": "install_regulation", "install_shipped": "install_shipped", "in_force": "put_in_force take_out_of_force",
    "parameter": "set_parameter", "person_new": "add_person", "unit_new": "add_unit", "handover": "hand_over",
    "registers": "add_subject", "register_end": "end_subject",
    "calendar_new": "ask_notice", "calendar_waiting": "approve_notice decline_notice",
    "where": "ask_whereabouts", "calls": "say_calls", "unmask": "unmask", "attach": "attach", "correct": "correct_event", "merge": "merge_case",
    "move": "move_case", "destroy": "ask_destruction approve_destruction decline_destruction",
    "person": "grant_role add_deputy end_role end_deputy close_account set_administrator",
}  # fmt: skip
OF_A_PERSON = {
    "grant": "grant_role", "deputy": "add_deputy", "end_role": "end_role", "end_deputy": "end_deputy",
    "close": "close_account", "administrator": "set_administrator",
    "password": "a password is set where its owner sees the page, never by a program",
}  # fmt: skip


def operations():
    paths = json.loads(OPENAPI.read_text("utf-8"))["paths"].values()
    return {told["operationId"] for path in paths for told in path.values()}


def pages():
    return {one.name: one.callback for one in urlpatterns if isinstance(one, URLPattern)}


def is_sent_something(view):
    """Its code looks at what was posted, or is posted to alone."""
    told = inspect.getsource(inspect.unwrap(view))
    return "POST" in told or "LoginView" in told


def test_every_page_is_in_the_list():
    assert set(SHOWS) == set(pages())


def test_every_page_that_is_sent_something_is_in_the_list():
    found = {name for name, view in pages().items() if is_sent_something(view)}
    assert found - set(DOES_IT) == set()
    assert set(DOES_IT) <= set(pages())
    assert set(OF_A_PERSON) == set(DOES)


@pytest.mark.parametrize("table", [SHOWS, DOES_IT, OF_A_PERSON])
def test_every_operation_that_is_named_is_there(table):
    known = operations()
    for page, named in table.items():
        reason = " " in named and not any("_" in word or word in known for word in named.split())
        wrong = [] if reason else [word for word in named.split() if word not in known]
        assert wrong == [], page


# --- those that other tests do not ask ---


@pytest.fixture
def admin(program):
    return program("admin", "admin")


def test_what_a_case_would_owe_is_told_before_it_is_accepted(program, admin, case):
    alice = program("alice")
    said = {"policy": POLICY, "facts": {"channel": "hotline", "customer": "刘女士0042", "source": "customer"}}
    told = alice.post("/cases/preview", said).json()
    assert {(one["rule"], one["article"]) for one in told} >= {("send", "第十四条")}
    made = alice.post("/cases", said).json()
    assert {(one["rule"], one["due_at"]) for one in made["obligations"]} == {
        (one["rule"], one["due_at"]) for one in told
    }
    found = alice.post("/cases/caller", {"policy": POLICY, "facts": {"customer": "刘女士0042"}}).json()
    assert {one["number"] for one in found["open"]} == {case.number, made["case"]}
    assert (
        program("charlie", "read")
        .post("/cases/caller", said | {"facts": {"customer": "刘女士0042"}})
        .json()["open"]
        == []
    )


def test_a_move_is_looked_at_before(admin, program, case):
    other = actions.install(edition_text().replace('"4 hours"', '"9 hours"') + "\n# other\n", by="admin")
    told = admin.post(f"/cases/{case.number}/edition/preview", {"edition": other.hash})
    assert told.status_code == 200
    assert all(one["before"] and one["article"] for one in told.json())
    assert admin.post(f"/cases/{case.number}/edition/preview", {"edition": "0" * 64}).status_code == 404
    refused = program("alice").post(f"/cases/{case.number}/edition/preview", {"edition": other.hash})
    assert refused.status_code == 403


def test_editions_are_compared_over_the_desks_cases(admin, case, desk):
    changed = edition_text().replace('id = "send"', 'id = "send-on"')
    other = actions.install(changed, by="admin")
    told = admin.post(f"/regulations/{other.hash}/compare", {"against": desk.hash}).json()
    assert (told["cases"], told["all"]) == (1, True)
    assert {one["says"] for one in told["rules"]}
    assert admin.post(f"/regulations/{other.hash}/compare", {"against": "0" * 64}).status_code == 404


def test_of_many_cases_the_answer_is_to_ask_again(admin, case, desk, monkeypatch):
    begun = []
    monkeypatch.setattr(comparing_apart, "FEW", 0)
    monkeypatch.setattr(comparing_apart, "begin", lambda *about: begun.append(about))
    other = actions.install(edition_text().replace('id = "send"', 'id = "send-on"'), by="admin")
    told = admin.post(f"/regulations/{other.hash}/compare", {"against": desk.hash})
    assert (told.status_code, told.json(), len(begun)) == (202, {"again": comparing_apart.AGAIN}, 1)


def test_a_shipped_edition_is_put_on_the_desk(admin, program):
    [one] = [
        one for one in admin.get("/regulations/shipped").json() if one["policy"] == "power/tianjin-callback"
    ]
    made = admin.post(f"/regulations/shipped/{one['hash']}")
    assert (made.status_code, made.json()["in_force"]) == (201, False)
    assert one["hash"] not in {each["hash"] for each in admin.get("/regulations/shipped").json()}
    assert program("alice").post(f"/regulations/shipped/{one['hash']}").status_code == 403


def test_who_administers_is_set_and_the_calendars_are_told(admin):
    assert admin.post("/people/dana/administrator", {"administrator": True}).status_code == 201
    assert "dana" in {one["code"] for one in admin.get("/people").json() if one["is_administrator"]}
    assert {one["name"] for one in admin.get("/calendars").json()} >= {"cn"}


def test_messages_are_told_and_marked_as_read(program, case, clock):
    alice = program("alice")
    clock.wait(days=3)
    tick()
    page = alice.get("/messages", size=1).json()
    assert len(page["rows"]) == 1
    assert page["rows"][0]["article"].startswith("第")
    last = page["rows"][0]["id"]
    mine = Message.objects.filter(person__code="alice", read_at=None)
    unread = mine.count()
    assert alice.post("/messages/read", {"id": last}).json() == {"count": unread}
    assert mine.count() == 0


def test_channels_are_kept_in_the_record_without_their_secrets(admin, program):
    said = {
        "whose": "person",
        "person": "alice",
        "name": "值班",
        "address": "json://127.0.0.1:9/secret-token",
    }
    made = admin.post("/channels", said, Idempotency_Key="c1")
    assert made.status_code == 201
    assert admin.post("/channels", said, Idempotency_Key="c1").json() == made.json()
    assert Channel.objects.count() == 1
    [told] = admin.get("/channels").json()
    assert (told["person"], told["name"]) == ("alice", "值班")
    assert "secret" not in json.dumps(told)
    entry = Entry.objects.get(kind="channel")
    assert (entry.by, "secret" in json.dumps(entry.content)) == ("admin", False)
    changed = {"whose": "person", "person": "alice", "name": "值班手机", "warnings": False}
    assert admin.post(f"/channels/{told['id']}", changed).status_code == 201
    assert Channel.objects.get().address == said["address"], "as it was"
    tried = admin.post(f"/channels/{told['id']}/try").json()
    assert (tried["went"], bool(tried["problem"])) == (False, True)
    assert admin.post("/channels", said | {"address": "nonsense"}).status_code == 409
    assert program("alice").post("/channels", said).status_code == 403
    assert not Outgoing.objects.exists()


def test_the_board_tells_what_waits_and_what_units_have(program, case, clock):
    alice = program("alice")
    assert [one["case"]["number"] for one in alice.get("/dispatch").json()["rows"]] == [case.number]
    assert alice.get("/dispatch").json()["rows"][0]["duty"]["article"].startswith("第")
    assert alice.get("/dispatch", unit="龙水供电所").json()["rows"] == []
    assert alice.get("/dispatch/loads").json() == []
    assert {one["name"] for one in alice.get("/supervision").json()}
