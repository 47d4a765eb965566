"""Tokens: only a hash is held; a scope narrows what the person may do; they end, are revoked, and are counted."""

import datetime as dt

import pytest

from bihuan.desk import actions, counts
from bihuan.desk.actions.outside import hash_of
from bihuan.desk.errors import RefusedError
from bihuan.desk.models import Entry, Person, Token
from tests.desk.api.conftest import Program
from tests.desk.conftest import POLICY

ADMINISTERS = (
    ("/regulations", {"text": "x"}),
    ("/units", {"name": "某所"}),
    ("/people", {"code": "eve", "name": "Eve"}),
    ("/people/bob/roles", {"role": "hotline"}),
    ("/people/bob/close", {}),
    ("/people/bob/handover", {"to": "alice", "reason": "离职"}),
    ("/people/bob/deputies", {"deputy": "alice"}),
    ("/roles/1/end", {"until": "2026-01-01"}),
    ("/deputies/1/end", {"until": "2026-01-01"}),
    ("/registers", {"of": "unit", "subject": "某所"}),
    ("/registers/1/end", {"until": "2026-01-01"}),
    ("/parameters", {"policy": POLICY, "name": "pay_kept", "value": 1, "reason": "试"}),
    ("/notices", {"name": "2027", "text": "x"}),
    ("/notices/1/approve", {}),
    ("/notices/1/decline", {"reason": "不对"}),
    ("/webhooks", {"address": "https://example.org/", "names": ["*"]}),
    ("/webhooks/1/secret", {}),
    ("/webhooks/1/end", {}),
    ("/webhooks/1/again", {}),
    ("/exports", {}),
    ("/cases/x/edition", {"edition": "0", "reason": "试"}),
    ("/regulations/shipped/x", {}),
    ("/people/bob/administrator", {"administrator": True}),
    ("/channels", {"whose": "person", "person": "bob", "name": "x", "address": "a@b.cn"}),
    ("/channels/1", {"whose": "person", "person": "bob", "name": "x"}),
    ("/channels/1/try", {}),
    ("/cases/x/destruction", {"reason": "期满"}),
    ("/destructions/1/approve", {}),
    ("/destructions/1/decline", {"reason": "还要用"}),
)
READS_OF_ADMINISTRATORS = (
    "/channels",
    "/regulations/shipped",
    "/destructions",
    "/cases/x/archives",
    "/registers",
    "/notices/waiting",
    "/webhooks",
    "/webhooks/1/deliveries",
    "/verify",
)
LOOKS_OF_ADMINISTRATORS = (
    ("/parameters/preview", {"policy": POLICY, "name": "pay_kept", "value": 1}),
    ("/notices/preview", {"name": "2027", "text": "x"}),
    ("/people/bob/handover/preview", {}),
    ("/cases/x/edition/preview", {"edition": "0"}),
    ("/regulations/x/compare", {"against": "0"}),
)


def test_only_a_hash_is_held_and_the_record_has_none(desk):
    made, text = actions.make_token("alice", "read", by="admin")
    assert text not in str(Token.objects.values().get(pk=made.pk))
    entry = Entry.objects.get(pk=made.pk)
    assert (entry.kind, entry.by) == ("token", "admin")
    assert text not in str(entry.content)
    assert made.hash not in str(entry.content)


def test_without_a_good_token_nothing_is_answered(desk, clock):
    _, text = actions.make_token("alice", "read", by="admin", days=30)
    assert Program(text).get("/me").status_code == 200
    for stranger in (Program(), Program("bh_guessed"), Program(text + "x")):
        answer = stranger.get("/me")
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, "Bearer")
        assert answer["Content-Type"] == "application/problem+json"
    clock.wait(days=30)
    assert Program(text).get("/me").status_code == 401
    again, fresh = actions.make_token("alice", "read", by="admin")
    actions.revoke_token(again.pk, by="admin")
    assert Program(fresh).get("/me").status_code == 401


def test_a_closed_account_has_no_way_in_by_its_tokens(program):
    bob = program("bob")
    assert bob.get("/me").status_code == 200
    actions.deactivate("bob", by="admin")
    assert bob.get("/me").status_code == 401


def test_a_small_scope_is_refused_and_says_so(program, case):
    reader = program("alice", "read", language="zh-CN")
    answer = reader.post(f"/cases/{case.number}/events", {"event": "urged"})
    assert (answer.status_code, answer.json()["type"]) == (403, "urn:bihuan:forbidden")
    assert "write" in answer.json()["detail"]
    assert reader.get(f"/cases/{case.number}").status_code == 200


def test_what_administrators_do_takes_their_right_and_their_scope(program):
    """A token of the scope admin whose person is no administrator any more opens nothing of theirs either."""
    narrow = program("admin", "write")
    Token.objects.create(
        id=10**6,
        person=Person.objects.get(code="alice"),
        scope="admin",
        hash=hash_of("t"),
        made_at=CLOCK,
        until=LATER,
    )
    assert Program("t").get("/me").json()["code"] == "alice"
    for path, said in ADMINISTERS:
        for asker in (narrow, Program("t")):
            refused = asker.post(path, said)
            assert (refused.status_code, refused.json()["type"]) == (403, "urn:bihuan:forbidden"), path


CLOCK, LATER = dt.datetime(2025, 9, 8, tzinfo=dt.UTC), dt.datetime(2030, 1, 1, tzinfo=dt.UTC)


def test_what_administrators_read_is_for_them_alone(program):
    alice = program("alice", "write")
    for path in READS_OF_ADMINISTRATORS:
        assert alice.get(path).status_code == 403, path
    for path, said in LOOKS_OF_ADMINISTRATORS:
        assert alice.post(path, said).status_code == 403, path


def test_a_token_of_the_scope_admin_is_for_administrators(desk):
    with pytest.raises(RefusedError, match="administrator"):
        actions.make_token("alice", "admin", by="admin")
    with pytest.raises(RefusedError, match="730"):
        actions.make_token("alice", "read", by="admin", days=5000)


def test_tokens_are_listed_without_their_text_and_revoked_by_their_owner(program):
    alice, bob = program("alice", "read"), program("bob")
    mine = alice.get("/tokens").json()
    assert [(one["scope"], one["used_at"] is not None) for one in mine] == [("read", True)]
    assert bob.post(f"/tokens/{mine[0]['id']}/revoke").status_code == 404
    assert alice.post(f"/tokens/{mine[0]['id']}/revoke").status_code == 201
    assert alice.get("/me").status_code == 401


def test_too_many_requests_are_told_when_to_come_back(program, settings, clock):
    settings.API_RATE = 3
    counts.forget()
    alice, bob = program("alice"), program("bob")
    assert [alice.get("/me").status_code for _ in range(4)] == [200, 200, 200, 429]
    late = alice.get("/me")
    assert (late["Retry-After"], late.json()["type"]) == ("60", "urn:bihuan:throttled")
    assert bob.get("/me").status_code == 200
    clock.wait(minutes=1)
    assert alice.get("/me").status_code == 200


def test_what_is_not_there_and_what_may_not_be_done_are_told_as_problems(program):
    alice = program("alice", language="zh-CN")
    missing = alice.get("/nothing/here")
    assert (missing.status_code, missing["Content-Type"]) == (404, "application/problem+json")
    wrong = alice.client.delete("/api/cases")
    assert (wrong.status_code, wrong["Content-Type"], set(wrong["Allow"].split(", "))) == (
        405,
        "application/problem+json",
        {"GET", "POST"},
    )
    assert alice.get("/me")["Content-Language"] == "zh-hans"
