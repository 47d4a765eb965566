"""Addresses that subscribed are told: by a real server on this machine, signed, tried again, dead at last and shown."""

import hashlib
import hmac
import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from bihuan.desk import actions, hooks
from bihuan.desk.errors import RefusedError
from bihuan.desk.models import Callout, Case, Entry, Event
from bihuan.desk.tick import tick

DOCS = Path(__file__).parents[3] / "docs" / "api.md"


class Receiver(ThreadingHTTPServer):
    """Another system: keeps what it is sent, and answers as it is told to."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Listener)
        self.heard, self.answer, self.location = [], 204, ""
        self.address = f"http://127.0.0.1:{self.server_port}/hook"


class Listener(BaseHTTPRequestHandler):
    server: Any

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.heard.append((self.path, dict(self.headers), body))
        self.send_response(self.server.answer)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.end_headers()

    def log_message(self, *arguments):
        pass


@pytest.fixture
def receiver(monkeypatch):
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    server = Receiver()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


def test_an_event_is_told_signed_and_without_facts(desk, case, clock, receiver):
    made = actions.subscribe(receiver.address, ["urged"], by="admin")
    clock.wait(minutes=5)
    actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"})
    actions.append(case.number, "urged", by="alice")
    assert hooks.send() == {"delivered": 1, "failed": 0, "dead": 0}
    [(path, headers, body)] = receiver.heard
    assert path == "/hook"
    told = json.loads(body)
    assert (told["name"], told["case"], told["seq"], told["actor"]) == ("urged", case.number, 3, "alice")
    assert headers["Bihuan-Delivery"] == told["id"]
    assert "刘女士" not in body.decode()
    at, signed = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", headers["Bihuan-Signature"]).groups()
    key = hooks.secret(made).encode()
    assert hmac.new(key, f"{at}.".encode() + body, hashlib.sha256).hexdigest() == signed
    assert hooks.send() == {"delivered": 0, "failed": 0, "dead": 0}


@pytest.fixture
def dripping():
    """The address of somebody who answers a letter at a time, each in good time, and is never done."""
    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:

        def answer():
            caller, _address = server.accept()
            with caller:
                caller.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
                while not ended.wait(0.05):
                    caller.sendall(b"a")

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/drip"
        ended.set()
        thread.join()


def test_who_answers_without_end_is_left_and_holds_up_nobody(desk, case, receiver, dripping, monkeypatch):
    """`tick` waited as long as letters came: nothing was judged meanwhile, and after a minute another sent it again."""
    monkeypatch.setattr(hooks, "TIMEOUT", 1)
    actions.subscribe(dripping, ["*"], by="admin")
    actions.subscribe(receiver.address, ["*"], by="admin")
    actions.note(case.number, "noted", by="alice", meta={"reason": "知悉"})
    assert hooks.send() == {"delivered": 1, "failed": 1, "dead": 0}
    left = Callout.objects.get(sent_at=None)
    assert (left.tries, left.status, left.error) == (1, None, hooks.SILENT)


def test_all_addresses_are_asked_at_the_same_time(desk, case, receiver, monkeypatch):
    """Each that hangs took its seconds before the next was asked."""
    together = threading.Barrier(3)
    monkeypatch.setattr(hooks, "post", lambda one: (200, "") if together.wait(10) >= 0 else (None, ""))
    for n in range(3):
        actions.subscribe(f"{receiver.address}/{n}", ["*"], by="admin")
    actions.note(case.number, "noted", by="alice", meta={"reason": "知悉"})
    assert hooks.send() == {"delivered": 3, "failed": 0, "dead": 0}


def test_a_round_that_has_taken_long_leaves_the_rest_to_the_next(desk, case, receiver, monkeypatch):
    monkeypatch.setattr(hooks, "ROUND", 0)
    actions.subscribe(receiver.address, ["*"], by="admin")
    actions.note(case.number, "noted", by="alice", meta={"reason": "知悉"})
    assert hooks.send() == {"delivered": 0, "failed": 0, "dead": 0}
    monkeypatch.undo()
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    assert hooks.send() == {"delivered": 1, "failed": 0, "dead": 0}


def test_the_receiver_in_the_docs_takes_what_is_sent_and_nothing_else(desk, case, clock, receiver):
    received = documented(clock)
    old, new = (actions.subscribe(receiver.address, ["*"], by="admin") for _ in range(2))
    secrets = [hooks.secret(old), hooks.secret(new)]
    actions.append(case.number, "urged", by="alice")
    assert hooks.send()["delivered"] == 2
    (_, headers, body), (_, others, _other) = receiver.heard
    told = received(headers, body, secrets, set())
    assert (told["case"], told["event"], told["seq"]) == (case.number, "urged", 2)
    assert received(headers, body, secrets, {told["id"]}) is None
    for headers_, body_, secrets_ in (
        (headers, body + b" ", secrets),
        (headers, body, ["another"]),
        (others, body, secrets),
    ):
        with pytest.raises(PermissionError):
            received(headers_, body_, secrets_, set())
    clock.wait(minutes=6)
    with pytest.raises(PermissionError):
        received(headers, body, secrets, set())


def documented(clock):
    """The receiver that the docs give."""
    [code] = re.findall(r"```python\n(.*?)```", DOCS.read_text("utf-8"), re.DOTALL)
    names: dict[str, Any] = {}
    exec(code, names)
    names["time"] = SimpleNamespace(time=lambda: clock().timestamp())
    return names["received"]


def takes(received, message, *secrets):
    _path, headers, body = message
    try:
        return received(headers, body, secrets, set()) is not None
    except PermissionError:
        return False


def test_a_new_secret_loses_no_message_and_the_old_one_ends(desk, case, clock, receiver, program):
    """What waits meanwhile, too, is signed as it is sent: for a day with both."""
    admin, received = program("admin", "admin"), documented(clock)
    made = admin.post("/webhooks", {"address": receiver.address, "names": ["*"]}).json()
    old, path = made["secret"], f"/webhooks/{made['id']}/secret"
    actions.append(case.number, "urged", by="alice")
    again = admin.post(path, {}, Idempotency_Key="new")
    assert again.status_code == 201
    new = again.json()["secret"]
    assert admin.post(path, {}, Idempotency_Key="new").json() == {"id": made["id"], "secret": new}
    clock.wait(hours=23, minutes=59)
    assert hooks.send()["delivered"] == 1
    assert takes(received, receiver.heard[0], old)
    assert takes(received, receiver.heard[0], new)
    assert not takes(received, receiver.heard[0], "another")
    clock.wait(minutes=1)
    actions.note(case.number, "noted", by="alice", meta={"reason": "知悉"})
    assert hooks.send()["delivered"] == 1
    assert not takes(received, receiver.heard[1], old)
    assert takes(received, receiver.heard[1], new)
    entry = Entry.objects.get(kind="subscription_secret")
    assert (entry.by, entry.content["entry"]) == ("admin", made["id"])
    assert not any(secret in str(entry.content) for secret in (old, new))


def test_a_secret_that_others_know_ends_at_once(desk, case, clock, receiver):
    made = actions.subscribe(receiver.address, ["*"], by="admin")
    old = hooks.secret(made)
    new = hooks.secret(actions.renew_secret(made.pk, hours=0, by="admin"))
    actions.append(case.number, "urged", by="alice")
    assert hooks.send()["delivered"] == 1
    received = documented(clock)
    assert (takes(received, receiver.heard[0], old), takes(received, receiver.heard[0], new)) == (False, True)
    actions.unsubscribe(made.pk, by="admin")
    with pytest.raises(RefusedError, match="ended"):
        actions.renew_secret(made.pk, by="admin")


def test_what_was_refused_is_not_told(desk, case, receiver):
    actions.subscribe(receiver.address, ["*"], by="admin")
    with pytest.raises(RefusedError):
        actions.append(case.number, "called_back", by="alice", facts={"verdict": "proper"})
    assert not Callout.objects.exists()


def test_what_falls_due_is_told_by_tick(desk, case, clock, receiver):
    actions.subscribe(receiver.address, ["told.due"], by="admin")
    clock.wait(days=3)
    done = tick()
    assert done.delivered == len(receiver.heard) > 0
    told = [json.loads(body) for _, _, body in receiver.heard]
    assert {one["name"] for one in told} == {"told.due"}
    assert all(one["article"].startswith("第") and one["case"] == case.number for one in told)


def test_a_failure_is_tried_again_after_growing_pauses_until_it_is_dead(desk, case, clock, receiver, program):
    made = actions.subscribe(receiver.address, ["*"], by="admin")
    receiver.answer = 500
    actions.append(case.number, "urged", by="alice")
    pauses = []
    while (row := Callout.objects.get()).dead_at is None:
        clock.at = row.next_at
        done = hooks.send()
        pauses.append((Callout.objects.get().next_at or clock()) - clock())
        assert done["delivered"] == 0
    assert pauses[:-1] == sorted(pauses[:-1])
    assert len(receiver.heard) == len(hooks.PAUSES) + 1 == row.tries
    admin = program("admin", "admin")
    assert [(one["dead"], one["due"]) for one in admin.get("/webhooks").json()] == [(1, 0)]
    [dead] = admin.get(f"/webhooks/{made.pk}/deliveries", state="dead").json()["rows"]
    assert (dead["state"], dead["status"], dead["error"]) == ("dead", 500, "HTTP 500")
    receiver.answer = 200
    assert admin.post(f"/webhooks/{made.pk}/again").json() == {"count": 1}
    assert hooks.send()["delivered"] == 1
    assert receiver.heard[-1][1]["Bihuan-Delivery"] == receiver.heard[0][1]["Bihuan-Delivery"]


def test_an_address_that_fails_does_not_hold_up_the_others(desk, case, receiver):
    actions.subscribe("http://127.0.0.1:9/nobody", ["*"], by="admin")
    actions.subscribe(receiver.address, ["*"], by="admin")
    for _ in range(3):
        actions.note(case.number, "noted", by="alice", meta={"reason": "知悉"})
    assert hooks.send() == {"delivered": 3, "failed": 1, "dead": 0}
    failed = Callout.objects.get(tries=1, sent_at=None)
    assert failed.error


def test_nothing_goes_where_an_answer_sends_it(desk, case, receiver):
    actions.subscribe(receiver.address, ["*"], by="admin")
    receiver.answer, receiver.location = 307, receiver.address + "/elsewhere"
    actions.append(case.number, "urged", by="alice")
    assert hooks.send()["failed"] == 1
    assert [path for path, _, _ in receiver.heard] == ["/hook"]


def test_two_workers_send_nothing_twice(desk, case, receiver):
    actions.subscribe(receiver.address, ["*"], by="admin")
    actions.append(case.number, "urged", by="alice")
    one, other = Callout.objects.get(), Callout.objects.get()
    assert (hooks.claimed(one), hooks.claimed(other)) == (True, False)


@pytest.mark.parametrize(
    "address",
    ["ftp://host/", "file:///etc/passwd", "https://user:secret@host/", "https://", "host", "https://host/ x", "http://[::1"],
)  # fmt: skip
def test_only_addresses_of_the_web_are_taken(desk, address):
    with pytest.raises(RefusedError, match="address"):
        actions.subscribe(address, ["*"], by="admin")


def test_subscriptions_through_the_api(desk, case, program, receiver):
    admin = program("admin", "admin")
    made = admin.post("/webhooks", {"address": receiver.address, "names": ["urged"]}, Idempotency_Key="w1")
    assert made.status_code == 201, made.content.decode()
    assert (
        admin.post(
            "/webhooks", {"address": receiver.address, "names": ["urged"]}, Idempotency_Key="w1"
        ).json()
        == made.json()
    )
    alice = program("alice")
    assert alice.post(f"/cases/{case.number}/events", {"event": "urged"}).status_code == 201
    assert admin.post(f"/webhooks/{made.json()['id']}/end").status_code == 201
    assert hooks.send()["delivered"] == 0
    assert Callout.objects.get().error
    assert (Case.objects.count(), Event.objects.count()) == (1, 2)
