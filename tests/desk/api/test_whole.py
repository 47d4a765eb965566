"""The other resources: what is owed and why, what a step asks, people, calendars, files, search, loads and exports."""

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

from django.core.files.uploadedfile import SimpleUploadedFile

from bihuan.desk import actions
from bihuan.desk.models import Case, Entry, Event, Person
from tests.desk.conftest import POLICY

PNG = (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\1\0\0\0\1\x08\6\0\0\0\x1f\x15\xc4\x89\0\0\0\nIDATx\x9cc\0\1\0\0\5\0\1\r\n-\xb4\0\0\0\0IEND\xaeB`\x82")  # fmt: skip
LOG = "case,event,at,actor,channel,customer\nOLD-1,accepted,2025-09-01 09:00:00,alice,hotline,王先生\n"


def test_what_is_owed_is_listed_and_explained_day_by_day(program, case):
    alice, charlie = program("alice", "read"), program("charlie", "read")
    rows = alice.get("/work").json()["rows"]
    assert [row["due_at"] for row in rows] == sorted(row["due_at"] for row in rows)
    assert {row["case"] for row in rows} == {case.number}
    assert {row["state"] for row in alice.get("/work/undated").json()["rows"]} <= {"unset", "waiting"}
    assert alice.get("/callbacks").json()["rows"] == []
    why = alice.get(f"/cases/{case.number}/obligations/{rows[0]['place']}/why").json()
    assert any("2025-09-08" in line for line in why[0]["lines"])
    assert alice.get(f"/cases/{case.number}/obligations/999/why").status_code == 404
    assert charlie.get("/work").json()["rows"] == []
    assert charlie.get(f"/cases/{case.number}/obligations/0/why").status_code == 404
    assert charlie.post(f"/cases/{case.number}/questions", {"event": "called_back"}).status_code == 404


def test_a_regulation_tells_what_each_event_asks(program, desk):
    alice = program("alice", "read")
    [edition] = alice.get("/regulations", in_force="true").json()
    told = alice.get(f"/regulations/{edition['hash']}").json()
    events = {one["event"]: one for one in told["events"]}
    assert events["accepted"]["opens"]
    assert set(events["ticket_made"]["facts"]["properties"]) >= {"item"}
    assert {"const": "billing", "title": "电费电价"}.keys() == events["ticket_made"]["facts"]["properties"][
        "item"
    ]["oneOf"][0].keys()
    parameters = alice.get(f"/regulations/{edition['hash']}/parameters").json()
    assert any(one["missing"] for one in parameters)


def test_a_questionnaire_says_what_comes_next(program, case):
    asked = program("alice", "read").post(f"/cases/{case.number}/questions", {"event": "called_back"})
    assert asked.status_code == 200, asked.content.decode()
    assert "next" in {one["state"] for one in asked.json()}
    unknown = program("alice", "read").post(f"/cases/{case.number}/questions", {"event": "no such"})
    assert (unknown.status_code, unknown.json()["type"]) == (422, "urn:bihuan:invalid")


def test_an_administrator_looks_and_then_sets(program, case):
    admin = program("admin", "admin")
    said = {"policy": POLICY, "name": "customer-total.within", "value": "5 working days"}
    assert admin.post("/parameters/preview", said).json()["moved"][0]["case"] == case.number
    assert admin.post("/parameters", said).status_code == 422
    done = admin.post("/parameters", said | {"reason": "公司规定"})
    assert done.status_code == 201
    assert done.json()["moved"][0]["after"].startswith("2025-09-")
    wrong = admin.post("/parameters", said | {"name": "no such", "reason": "试"})
    assert (wrong.status_code, wrong.json()["type"]) == (409, "urn:bihuan:refused")


def test_people_come_hold_roles_and_hand_over(program, case):
    admin = program("admin", "admin")
    assert admin.post("/people", {"code": "eve", "name": "Eve", "unit": "龙水供电所"}).json() == {
        "id": None,
        "name": "eve",
    }
    role = admin.post("/people/eve/roles", {"role": "unit_staff", "unit": "龙水供电所"}).json()["id"]
    assert admin.post("/people/eve/roles", {"role": "hotline", "unit": "无此所"}).status_code == 404
    people = {one["code"]: one for one in admin.get("/people").json()}
    assert [one["id"] for one in people["eve"]["roles"]] == [role]
    handed = admin.post("/people/alice/handover", {"to": "dana", "reason": "离职"})
    assert handed.status_code == 201, handed.content.decode()
    assert not Person.objects.get(code="alice").is_active
    assert admin.post("/people/dana/handover", {"to": "dana", "reason": "离职"}).status_code == 409


def test_a_calendar_file_takes_two_administrators(program, desk):
    from bihuan.desk import actions

    admin = program("admin", "admin")
    asked = admin.post("/notices", {"name": "2027", "text": "not toml"})
    assert asked.status_code in (409, 422), asked.content.decode()
    assert not Entry.objects.filter(kind="notice_asked").exists()
    actions.add_person("admin2", "管理员二", by="admin", administrator=True)
    assert program("admin2", "admin").post("/notices/1/approve").status_code == 404


def test_a_file_is_put_to_a_case_and_handed_out_to_be_saved(program, case):
    alice, path = program("alice"), f"/api/cases/{case.number}/attachments"
    sent = alice.client.post(path, {"file": SimpleUploadedFile("图.png", PNG), "version": 1})
    assert sent.status_code == 201, sent.content.decode()
    [file] = alice.get(f"/cases/{case.number}").json()["attachments"]
    got = alice.client.get(f"{path}/{file['id']}")
    assert (b"".join(got.streaming_content), got["Content-Type"]) == (PNG, "image/png")
    assert got["Content-Disposition"].startswith("attachment")
    lie = alice.client.post(path, {"file": SimpleUploadedFile("图.pdf", PNG)})
    assert (lie.status_code, lie.json()["type"]) == (409, "urn:bihuan:refused")
    stale = alice.client.post(path, {"file": SimpleUploadedFile("图.png", PNG), "version": 1})
    assert stale.json()["type"] == "urn:bihuan:stale"
    assert program("charlie").client.get(f"{path}/{file['id']}").status_code == 404


def test_search_finds_what_the_asker_may_see(program, case):
    hits = program("alice", "read").get("/search", q="女士").json()["rows"]
    assert [one["case"]["number"] for one in hits] == [case.number]
    assert "刘女士0042" not in json.dumps(hits, ensure_ascii=False)
    assert program("charlie", "read").get("/search", q="女士").json()["rows"] == []


def test_a_log_comes_in_and_the_whole_desk_goes_out_as_one_that_replay_judges_alike(program, case, tmp_path):
    admin = program("admin", "admin")
    said = {"policy": POLICY, "log": SimpleUploadedFile("old.csv", LOG.encode())}
    done = admin.client.post("/api/loads", said, headers={"Idempotency-Key": "l1"})
    assert (done.status_code, done.json()["cases"]) == (201, 1), done.content.decode()
    assert Case.objects.filter(number="OLD-1").exists()
    wrong = admin.client.post("/api/loads", {"policy": POLICY, "log": SimpleUploadedFile("old.exe", b"MZ")})
    assert wrong.status_code == 422
    answer = admin.post("/exports")
    assert answer.status_code == 200
    with zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content))) as archive:
        archive.extractall(tmp_path)
    assert Entry.objects.filter(kind="exported", by="admin").count() == 1
    [folder] = [one.parent for one in tmp_path.rglob("log.jsonl")]
    bihuan = str(Path(sys.executable).with_name("bihuan"))
    command = [
        bihuan,
        "replay",
        "log.jsonl",
        "--policy",
        "policy.toml",
        "--mapping",
        "mapping.toml",
        "--site",
        "site",
    ]
    ran = subprocess.run(
        [*command, "--as-of", "2025-09-08T09:00:00+08:00", "--out", "out"], cwd=folder, capture_output=True, text=True
    )  # fmt: skip
    assert (folder / "out").exists(), ran.stderr
    import polars as pl

    judged = pl.read_parquet(folder / "out" / "obligations.parquet").select("case", "rule", "state").rows()
    rows = case.obligations.exclude(kind="callback").values_list("case__number", "rule", "state")
    assert {row for row in judged if row[0] == case.number} == set(rows)


def test_the_record_is_verified_for_administrators(program, case):
    told = program("admin", "read").get("/verify").json()
    assert (told["whole"], told["cases"], told["events"], told["misfits"]) == (True, 1, 1, [])


def test_seals_that_were_kept_elsewhere_are_taken_as_the_command_takes_them(program, case, clock):
    made = actions.seal(clock.at.date())
    admin, held = program("admin", "read"), f"{made.day}={made.hash}"
    told = admin.get(f"/verify?seal={held}").json()
    assert (told["whole"], told["last_seal"], told["files"]) == (True, held, 0)
    told = admin.get(f"/verify?seal={held}&seal=2030-01-01={'0' * 64}").json()
    assert (told["whole"], [one["event"] for one in told["misfits"]]) == (False, ["2030-01-01"])
    assert admin.get("/verify?seal=yesterday").status_code == 422


def test_malicious_and_overlong_input_is_told_at_its_place_and_writes_nothing(program, case):
    alice, path = program("alice", language="zh-CN"), f"/cases/{case.number}/events"
    for said, place in (
        ({"event": "urged", "facts": {"reason": "长" * 5000}}, "facts"),
        ({"event": "urged\0"}, "event"),
        ({"event": "urged", "at": "0001-01-01T00:00:00+14:00"}, "at"),
        ({"event": "urged", "at": "2025-09-08T09:00:00"}, "at"),
        ({"event": "urged", "facts": {"n": 10**30}}, "facts"),
        ({"event": "urged", "facts": {"n": {"deep": 1}}}, "facts"),
        ({"event": "urged", "admin": True}, "admin"),
        ({}, "event"),
    ):
        answer = alice.post(path, said)
        assert (answer.status_code, answer["Content-Type"]) == (422, "application/problem+json"), said
        flaws = answer.json()["flaws"]
        assert [one for one in flaws if place in one["place"]], flaws
        assert len({one["place"] for one in flaws}) == len(flaws), "each place once"
        assert all(re.search("[\u4e00-\u9fff]", one["says"]) for one in flaws), flaws
    for said in ({"event": "'; DROP TABLE desk_event; --"}, {"event": "urged", "facts": {"<script>": "1"}}):
        assert alice.post(path, said).status_code == 409
    broken = alice.client.post("/api/cases", "{", content_type="application/json")
    assert (broken.status_code, broken["Content-Type"]) == (400, "application/problem+json")
    assert broken.json()["detail"] == "正文不是可读的 JSON"
    deep = alice.client.post("/api/cases", "[" * 100_000, content_type="application/json")
    assert deep.status_code == 400
    large = alice.client.post("/api/cases", " " * 3_000_000, content_type="application/json")
    assert large.status_code == 413
    assert Event.objects.count() == 1


def test_a_customer_is_told_where_their_complaint_is_and_nothing_else(program, desk):
    from bihuan.desk import counts

    counts.forget()
    alice, charlie = program("alice"), program("charlie", "read")
    facts = {"channel": "hotline", "source": "customer", "customer_phone": "13812345678"}
    assert alice.post("/cases", {"policy": POLICY, "number": "A-1", "facts": facts}).status_code == 201
    wrong = [charlie.post("/whereabouts", {"number": number, "digits": "0000"}) for number in ("A-1", "A-2")]
    assert [one.status_code for one in wrong] == [404, 404]
    assert wrong[0].json() == wrong[1].json()
    told = charlie.post("/whereabouts", {"number": "A-1", "digits": "5678"})
    assert told.json() == {"state": told.json()["state"], "next": "2025-09-08T02:00:00Z", "late": False}
    assert [charlie.post("/whereabouts", {"number": "A-1", "digits": "0001"}).status_code for _ in range(5)][
        -1
    ] == 429
