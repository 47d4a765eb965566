"""Cases through the API: read, accepted, carried on; refused with articles, once however often it is sent."""

import json

from bihuan.desk import actions
from bihuan.desk.models import Case, Event
from tests.desk.conftest import POLICY, edition_text, in_force

HOME, DECLINED = "service/home-decoration-callback", "忙得很,有事我自己打来"
OPENED = {"policy": POLICY, "facts": {"channel": "hotline", "customer": "刘女士0042", "source": "customer"}}


def test_a_case_is_accepted_and_says_what_is_owed_by_when(program):
    answer = program("alice").post("/cases", OPENED)
    assert answer.status_code == 201, answer.content.decode()
    told = answer.json()
    assert told["version"] == 1
    assert answer["Location"] == f"/api/cases/{told['case']}"
    owed = {row["rule"]: row for row in told["obligations"]}
    assert any(row["due_at"] and row["article"].startswith("第") for row in owed.values())


def test_a_case_is_read_with_its_version_and_masked_as_on_the_page(program, case):
    answer = program("alice").get(f"/cases/{case.number}")
    assert answer.status_code == 200, answer.content.decode()
    told = answer.json()
    assert answer["ETag"] == '"1"'
    assert told["customer"] == told["facts"]["customer"] == "刘****42"
    assert [one["event"] for one in told["events"]] == ["accepted"]
    assert {one["rule"] for one in told["obligations"]}


def test_somebody_of_another_unit_hears_that_there_is_no_such_case(program, case):
    charlie = program("charlie")
    assert charlie.get("/cases").json() == {"rows": [], "after": None}
    for path in (f"/cases/{case.number}", "/cases/none"):
        answer = charlie.get(path)
        assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    for path, said in (
        ("steps", {}),
        ("events", {"event": "urged"}),
        ("events/1/corrections", {"reason": "错了"}),
        ("notes", {"text": "知悉"}),
        ("calls", {"wanted": False, "reason": "别打了"}),
        ("merge", {"into": case.number, "reason": "同一件事"}),
        ("unmask", {"reason": "看看"}),
    ):
        assert charlie.post(f"/cases/{case.number}/{path}", said).status_code == 404, path
    assert Event.objects.count() == 1


def test_a_step_is_refused_with_its_article_in_the_callers_language(program, case):
    said = {"event": "called_back", "facts": {"verdict": "proper"}}
    answer = program("alice", language="zh-CN").post(f"/cases/{case.number}/events", said)
    assert answer.status_code == 409
    told = answer.json()
    assert told["type"] == "urn:bihuan:refused"
    assert told["findings"][0]["article"].startswith("第")
    assert told["findings"][0]["article"] in told["detail"]
    assert "不" in told["detail"]
    english = program("alice").post(f"/cases/{case.number}/events", said).json()
    assert english["title"] == "This was refused"


def test_what_may_be_done_now_and_why_not(program, case):
    steps = {one["event"]: one for one in program("alice").post(f"/cases/{case.number}/steps", {}).json()}
    assert steps["ticket_made"]["allowed"]
    barred = steps["called_back"]
    assert not barred["allowed"]
    assert barred["says"]
    assert barred["findings"][0]["article"].startswith("第")


def test_the_same_write_twice_is_one_write_and_one_answer(program, case, clock):
    alice, said = program("alice"), {"event": "ticket_made", "facts": {"item": "billing"}}
    clock.wait(minutes=5)
    answers = [alice.post(f"/cases/{case.number}/events", said, Idempotency_Key="7f3a") for _ in range(2)]
    assert [one.status_code for one in answers] == [201, 201], answers[0].content.decode()
    assert answers[0].json() == answers[1].json()
    assert Event.objects.count() == 2
    other = alice.post(f"/cases/{case.number}/events", said | {"event": "urged"}, Idempotency_Key="7f3a")
    assert (other.status_code, other.json()["type"]) == (409, "urn:bihuan:doubled")
    for _ in range(2):
        assert alice.post("/cases", OPENED | {"number": "A-1"}, Idempotency_Key="8").status_code == 201
    assert Case.objects.count() == 2


def test_a_stale_version_is_told_what_happened_meanwhile(program, case, clock):
    clock.wait(minutes=5)
    path = f"/cases/{case.number}/events"
    first = program("alice").post(
        path, {"event": "ticket_made", "facts": {"item": "billing"}}, If_Match='"1"'
    )
    assert (first.status_code, first["ETag"]) == (201, '"2"')
    for said, headers in (({"event": "urged"}, {"If_Match": '"1"'}), ({"event": "urged", "version": 1}, {})):
        answer = program("dana").post(path, said, **headers)
        assert (answer.status_code, answer.json()["type"]) == (409, "urn:bihuan:stale")
        assert [(one["event"], one["actor"]) for one in answer.json()["since"]] == [("ticket_made", "alice")]
    assert program("dana").post(path, {"event": "urged"}, If_Match="soon").status_code == 400
    assert Event.objects.count() == 2


def test_a_correction_a_note_and_a_merger(program, case, clock):
    alice = program("alice")
    clock.wait(hours=1)
    path = f"/cases/{case.number}"
    alice.post(f"{path}/events", {"event": "ticket_made", "facts": {"item": "billing"}})
    clock.wait(hours=1)
    fixed = alice.post(f"{path}/events/2/corrections", {"reason": "看错了", "facts": {"item": "fault"}})
    assert fixed.status_code == 201, fixed.content.decode()
    assert alice.get(path).json()["facts"]["item"] == "fault"
    assert alice.post(f"{path}/notes", {"text": "客户来电 13812345678"}).status_code == 201
    assert alice.get(path).json()["events"][-1]["about"]["reason"] == "客户来电 138****5678"
    other = alice.post("/cases", OPENED).json()["case"]
    clock.wait(minutes=1)
    merged = alice.post(f"{path}/merge", {"into": other, "reason": "同一件事"})
    assert merged.status_code == 201, merged.content.decode()
    assert alice.get(path).json()["merged_into"] == other


def test_unmasking_asks_a_reason_and_is_logged(program, case):
    from bihuan.desk.models import Entry

    alice = program("alice")
    assert alice.post(f"/cases/{case.number}/unmask").status_code == 422
    told = alice.post(f"/cases/{case.number}/unmask", {"reason": "回电"}).json()
    assert told["facts"]["customer"] == "刘女士0042"
    assert Entry.objects.get(kind="unmasked").content["reason"] == "回电"


def test_pages_of_cases_go_on_by_a_cursor(program, desk):
    alice = program("alice")
    for _ in range(5):
        alice.post("/cases", OPENED)
    seen, after = [], ""
    while after is not None:
        page = alice.get("/cases", size=2, **({"after": after} if after else {})).json()
        seen, after = seen + [row["number"] for row in page["rows"]], page["after"]
    assert len(seen) == len(set(seen)) == 5
    assert alice.get("/cases", after="forged").status_code == 404


def test_lists_ask_the_database_no_more_often_for_more_rows(program, desk, django_assert_max_num_queries):
    alice = program("alice")
    for _ in range(4):
        alice.post("/cases", OPENED)
    with django_assert_max_num_queries(9):
        alice.get("/cases", size=1)
    with django_assert_max_num_queries(9):
        assert len(alice.get("/cases").json()["rows"]) == 4


def test_a_text_beyond_all_bounds_and_parts_without_an_end_are_told_in_plain_words(program, case):
    """The first was told in English, the second as a page."""
    alice = program("alice", language="zh")
    said = json.dumps({"policy": POLICY, "facts": {"channel": "x" * 100_000}})
    answer = alice.client.post("/api/cases", said, content_type="application/json")
    assert (answer.status_code, answer.json()["detail"]) == (422, "facts.channel: 超过 4000 个字符")
    answer = alice.client.post(
        f"/api/cases/{case.number}/attachments", b"abc", content_type="multipart/form-data"
    )
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:bihuan:unreadable")


def test_a_program_says_whom_not_to_call_and_reads_it(program, desk, clock):
    in_force(edition_text(HOME))
    actions.grant("alice", "caller", "市场营销部", by="admin")
    for name in ("刘女士0042", "刘女士0042", "王先生"):
        clock.wait(minutes=1)
        case = actions.accept(HOME, by="alice", event="works_started", facts={"customer": name})
        actions.append(case.number, "mid_paid", by="alice")
    first, second, other = Case.objects.order_by("id")
    alice = program("alice")
    path = f"/cases/{first.number}/calls"
    answer = alice.post(path, {"wanted": False, "reason": DECLINED})
    assert (answer.status_code, answer.json()["event"]) == (201, "calls_declined")
    said = alice.get(f"/cases/{second.number}").json()["calls_declined_at"]
    assert said is not None
    rows = {row["case"]: row["calls_declined_at"] for row in alice.get("/callbacks").json()["rows"]}
    assert (rows[first.number], rows[second.number], rows[other.number]) == (said, said, None)
    rows = alice.get("/callbacks?tried=declined").json()["rows"]
    assert {row["case"] for row in rows} == {first.number, second.number}
    caller = alice.post("/cases/caller", {"policy": HOME, "facts": {"customer": "刘女士0042"}})
    assert caller.json()["calls_declined_at"] == said
    assert alice.post(path, {"wanted": False, "reason": DECLINED}).status_code == 409
    assert alice.post(path, {"wanted": True, "reason": "可以"}).status_code == 201
    assert alice.get(f"/cases/{second.number}").json()["calls_declined_at"] is None
