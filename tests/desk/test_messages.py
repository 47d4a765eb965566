"""From what fell due to the people who owe it: in the desk, over a real HTTP server and a real mail server."""

import base64
import datetime as dt
import email
import email.policy
import hmac
import json
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller

from bihuan.desk import actions
from bihuan.desk.models import Callout, Channel, Message, Obligation, Outgoing, Person, Reach, Told, Unit
from bihuan.desk.telling import outbox, sending
from bihuan.desk.tick import tick
from tests.desk.conftest import POLICY, in_force, regulation

pytestmark = pytest.mark.django_db


class Listener:
    """A web hook: keeps what it is sent, and answers what it is told to answer."""

    def __init__(self):
        self.got, self.status, self.says, self.paths = [], 200, b"", []
        self.location, self.before = "", lambda: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.status == 200:
                    outer.got.append(json.loads(body))
                outer.paths.append(self.path)
                outer.before()
                self.send_response(outer.status)
                if outer.location:
                    self.send_header("Location", outer.location)
                self.end_headers()
                self.wfile.write(outer.says)

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"json://127.0.0.1:{self.server.server_port}/desk-secret-token"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def hook():
    found = Listener()
    yield found
    found.close()


class Postbox:
    """A mail server's memory."""

    def __init__(self):
        self.got, self.address = [], ""

    async def handle_DATA(self, server, session, envelope):
        self.got.append(
            (envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default))
        )
        return "250 OK"


@pytest.fixture
def mail():
    box = Postbox()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    box.address = f"mailto://127.0.0.1:{port}?from=desk@example.cn&mode=insecure"
    yield box
    controller.stop()


def personal(code, address, **more):
    return Channel.objects.create(
        whose="person", person=Person.objects.get(code=code), name=code, address=address, **more
    )


def told_of(case, **more):
    """Something of the case that is told, as `tick` writes it."""
    row = Obligation.objects.filter(case=case, state="open", due_at__isnull=False).earliest("due_at")
    assert row.due_at is not None
    says = {
        "rule": row.rule,
        "article": row.article,
        "round": row.round,
        "key": row.key,
        "due_at": row.due_at,
    }
    return Told.objects.create(case=case, at=row.due_at, **{"what": "due", **says, **more})


def in_sight_of(case, *units):
    """As if the case had been at these units, too."""
    for unit in units:
        Reach.objects.create(case=case, unit=unit)


def test_whoever_holds_the_role_or_is_named_is_told_and_their_deputy(case, clock):
    in_sight_of(case, "龙水供电所", "石桥供电所")
    actions.add_deputy("dana", "bob", by="admin")
    told = told_of(case, owner="市场营销部", unit="龙水供电所")  # the label of the role `marketing`
    other = told_of(case, owner="charlie")
    outbox.spread()
    assert set(told.messages.values_list("person__code", flat=True)) == {"dana", "bob"}
    assert set(other.messages.values_list("person__code", flat=True)) == {"charlie"}


def test_a_deputy_from_another_unit_is_told_who_sees_the_case_in_the_place_of_another(case, clock):
    """Also where the account of whom they stand in for is closed."""
    actions.add_deputy("dana", "bob", by="admin")
    told = told_of(case, owner="市场营销部")
    outbox.spread()
    assert set(told.messages.values_list("person__code", flat=True)) == {"dana", "bob"}
    Person.objects.filter(code="dana").update(is_active=False)
    later = told_of(case, owner="dana")
    outbox.spread()
    assert set(later.messages.values_list("person__code", flat=True)) == {"bob"}


def test_nobody_is_told_of_a_case_that_they_may_not_open(case, clock):
    """Neither whose time as a deputy is over, nor who holds the role at another unit: the administrators are, if nobody is left."""
    actions.add_deputy("dana", "bob", by="admin", until=clock().date() - dt.timedelta(days=1))
    told = told_of(case, owner="市场营销部")
    elsewhere = told_of(case, owner="基层单位")  # the label of the role `unit_staff`
    outbox.spread()
    assert set(told.messages.values_list("person__code", flat=True)) == {"dana"}
    assert set(elsewhere.messages.values_list("person__code", flat=True)) == {"admin"}


def test_where_a_unit_owes_its_people_are_told_and_where_nobody_is_found_the_administrators(case):
    in_sight_of(case, "石桥供电所")
    unit = told_of(case, owner="石桥供电所")
    nobody = told_of(case, owner="没有这样的人", unit="没有这样的单位")
    outbox.spread()
    assert set(unit.messages.values_list("person__code", flat=True)) == {"charlie"}
    assert set(nobody.messages.values_list("person__code", flat=True)) == {"admin"}


def test_what_fell_due_is_told_once_in_the_desk_and_by_the_hook(case, clock, hook):
    personal("dana", hook.address)
    told = told_of(case, owner="dana")
    assert (outbox.spread(), outbox.spread()) == (1, 0)
    assert sending.send().sent == 1
    assert sending.send().sent == 0
    [message] = hook.got
    assert case.number in message["message"]
    assert told.article in message["message"]
    assert "刘女士0042" not in json.dumps(message, ensure_ascii=False)
    assert Message.objects.filter(told=told).count() == 1


def test_a_round_of_tick_carries_all_the_way(case, clock, hook):
    for person in Person.objects.all():
        personal(person.code, hook.address)
    due = Obligation.objects.filter(case=case, state="open", due_at__isnull=False).earliest("due_at")
    assert due.due_at is not None
    clock.at = due.due_at + dt.timedelta(seconds=1)
    tick()
    assert any(case.number in one["message"] and due.article in one["message"] for one in hook.got)
    heard = len(hook.got)
    clock.wait(minutes=1)
    tick()
    assert len(hook.got) == heard


def test_mail_goes_out_by_the_desks_server_in_the_readers_language(case, mail):
    Channel.objects.create(whose="mail", name="mail", address=mail.address)
    personal("dana", "dana@example.cn", language="en")
    told_of(case, owner="dana")
    outbox.spread()
    assert sending.send().sent == 1
    [(recipients, message)] = mail.got
    assert recipients == ["dana@example.cn"]
    assert "overdue" in message["Subject"]
    assert case.number in message.get_content() if not message.is_multipart() else message.as_string()


def test_warnings_of_the_night_are_one_digest_in_the_morning(desk, clock, hook):
    personal("dana", hook.address)
    clock.set("2025-09-08 23:00")  # a Monday; the regulation's calendar works on weekdays
    cases = [actions.accept(POLICY, by="alice", facts={"channel": "hotline"}) for _ in range(3)]
    for case in cases:
        told_of(case, owner="dana", what="warning", due_at=clock() + dt.timedelta(days=3))
        Obligation.objects.filter(case=case).update(due_at=clock() + dt.timedelta(days=3), key=None)
    outbox.spread()
    assert Message.objects.count() == 3  # in the desk at once
    clock.wait(hours=1)
    assert sending.send().sent == 0
    clock.set("2025-09-09 10:00")
    assert sending.send().sent == 3
    [digest] = hook.got
    assert all(case.number in digest["message"] for case in cases)


def test_a_warning_that_would_come_too_late_goes_out_at_once(desk, clock, hook):
    personal("dana", hook.address)
    clock.set("2025-09-08 23:00")
    case = actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    told_of(case, owner="dana", what="warning", due_at=clock() + dt.timedelta(hours=2))
    outbox.spread()
    assert Outgoing.objects.get().not_before == clock()


def test_a_warning_of_what_was_done_meanwhile_is_not_sent(case, clock, hook):
    personal("dana", hook.address)
    told_of(case, owner="dana", what="warning")
    outbox.spread()
    Obligation.objects.filter(case=case).update(state="met")
    clock.wait(days=1)
    assert sending.send().sent == 0
    assert hook.got == []
    assert not Outgoing.objects.filter(sent_at__isnull=True).exists()


def test_a_channel_of_a_unit_hears_what_its_unit_owes_and_nothing_else(case, hook):
    unit = Unit.objects.get(name="龙水供电所")
    Channel.objects.create(whose="unit", unit=unit, name="group", address=hook.address)
    told_of(case, owner="charlie", unit="石桥供电所")
    mine = told_of(case, owner="龙水供电所", unit="龙水供电所")
    outbox.spread()
    assert list(Outgoing.objects.values_list("told", flat=True)) == [mine.pk]


def test_a_dead_channel_is_shown_tried_again_and_loses_nothing(case, clock, hook):
    channel = personal("dana", hook.address)
    told_of(case, owner="dana")
    outbox.spread()
    hook.status = 500
    pauses = []
    for _ in range(sending.DEAD):
        assert sending.send().failing == 1
        assert sending.send().failing == 0  # not before its pause is over
        channel.refresh_from_db()
        pauses.append((channel.next_try_at - clock()).total_seconds())
        clock.at = channel.next_try_at
    assert pauses == sorted(set(pauses))
    assert list(sending.dead()) == [channel]
    assert channel.error
    assert "desk-secret-token" not in channel.error
    hook.status = 200
    assert sending.send().sent == 1
    assert len(hook.got) == 1
    channel.refresh_from_db()
    assert (channel.failures, channel.error, list(sending.dead())) == (0, "", [])


ROBOTS = {
    "wecombot": (
        "wecombot://693a91f6-7xxx-4bc4-97a0-0ec2sifa5aaa", "/send?key={key}",
        b'{"errcode":93000,"errmsg":"invalid webhook url, hint: [1757298437], from ip: 1.2.3.4"}', b'{"errcode":0,"errmsg":"ok"}',
    ),
    "dingtalk": (
        "dingtalk://SECabcdef0123456789@0123456789abcdef", "/send?access_token={token}",
        b'{"errcode":310000,"errmsg":"sign not match"}', b'{"errcode":0,"errmsg":"ok"}',
    ),
    "feishu": (
        "feishu://0123456789abcdef", "/hook/{token}",
        b'{"code":19024,"msg":"Key Words Not Found","data":{}}', b'{"StatusCode":0,"StatusMessage":"success","code":0,"data":{},"msg":"success"}',
    ),
}  # fmt: skip


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_robot_that_refuses_with_200_is_tried_again_and_shown(case, clock, hook, monkeypatch, kind):
    """They all do, and say why in what they answer; it was taken for sent."""
    import apprise

    address, path, refused, taken = ROBOTS[kind]
    base = f"http://127.0.0.1:{hook.server.server_port}"
    monkeypatch.setattr(type(apprise.Apprise.instantiate(address)), "notify_url", base + path)
    channel = personal("dana", address)
    told_of(case, owner="dana")
    outbox.spread()
    hook.says = refused
    assert (sending.send().failing, Outgoing.objects.filter(sent_at=None).count()) == (1, 1)
    channel.refresh_from_db()
    assert str(next(iter(json.loads(refused).values()))) in channel.error
    clock.at = channel.next_try_at
    hook.says = taken
    assert (sending.send().sent, Outgoing.objects.filter(sent_at=None).count()) == (1, 0)
    assert case.number in json.dumps(hook.got[-1], ensure_ascii=False)


def test_dingtalk_is_sent_the_signature_that_it_computes_itself(case, hook, monkeypatch):
    """Its manual: the secret's HMAC-SHA256 over the milliseconds, a line end and the secret, as base64."""
    import apprise

    address, path, _refused, taken = ROBOTS["dingtalk"]
    base = f"http://127.0.0.1:{hook.server.server_port}"
    monkeypatch.setattr(type(apprise.Apprise.instantiate(address)), "notify_url", base + path)
    personal("dana", address)
    told_of(case, owner="dana")
    outbox.spread()
    hook.says = taken
    assert sending.send().sent == 1
    asked = parse_qs(urlsplit(hook.paths[-1]).query)
    secret = "SECabcdef0123456789"
    signed = hmac.digest(secret.encode(), f"{asked['timestamp'][0]}\n{secret}".encode(), "sha256")
    assert asked["sign"] == [base64.b64encode(signed).decode()]


def test_wecom_is_sent_no_more_than_it_takes(case, hook, monkeypatch):
    """2,048 bytes; a digest of fifty lines has six times as many, and the robot refuses all of it."""
    import apprise

    address, path, _refused, taken = ROBOTS["wecombot"]
    base = f"http://127.0.0.1:{hook.server.server_port}"
    monkeypatch.setattr(type(apprise.Apprise.instantiate(address)), "notify_url", base + path)
    personal("dana", address)
    for round in range(1, 41):
        told_of(case, owner="dana", round=round)
    outbox.spread()
    hook.says = taken
    assert sending.send().sent == 40
    content = hook.got[-1]["text"]["content"]
    assert len(content.encode()) <= 2048
    assert content.count(case.number) >= 5
    assert "另有" in content or "还有" in content


def test_an_address_that_nobody_understands_is_told_and_the_others_are_served(case, hook):
    in_sight_of(case, "龙水供电所")
    bad, mailless = personal("dana", "nonsense://x"), personal("bob", "bob@example.cn")
    personal("alice", hook.address)
    for owner in ("dana", "bob", "alice"):
        told_of(case, owner=owner)
    outbox.spread()
    done = sending.send()
    assert (done.sent, done.failing) == (1, 2)
    for channel in (bad, mailless):
        channel.refresh_from_db()
        assert channel.error


def test_two_workers_do_not_hold_one_channel(case, clock):
    channel = personal("dana", "json://127.0.0.1:9")
    assert sending.claim(channel.pk, clock())
    assert not sending.claim(channel.pk, clock())
    clock.wait(minutes=6)  # the first has died
    assert sending.claim(channel.pk, clock())


def test_a_crash_while_handing_on_leaves_everything_to_the_next(case, hook, monkeypatch):
    personal("dana", hook.address)
    told = told_of(case, owner="dana")

    def crash(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Outgoing.objects, "bulk_create", crash)
        with pytest.raises(KeyboardInterrupt):
            outbox.hand_on(told.pk)
    told.refresh_from_db()
    assert (told.sent_at, Message.objects.count()) == (None, 0)
    assert outbox.spread() == 1
    assert sending.send().sent == 1


SMALL = regulation("service/small", "一个小制度", """
[roles]
team_leader = "班长"
marketing = "市场营销部"

[[article]]
no = "第一条"
says = "当班答复,逾期报市场营销部"
  [[article.obligation]]
  id = "answer"
  says = "四小时内答复"
  after = "accepted"
  owes = "answered"
  by = "team_leader"
  within = "4 hours"

  [[article.obligation]]
  id = "escalate"
  says = "逾期未答复的由市场营销部接手"
  after = "answer.missed"
  owes = "escalated"
  by = "marketing"
  within = "1 day"
""")  # fmt: skip


def test_what_was_missed_is_escalated_to_whom_the_regulation_says_once(desk, clock, hook):
    in_force(SMALL)
    personal("dana", hook.address)  # marketing; Alice is the team leader
    actions.subscribe("http://127.0.0.1:9/elsewhere", ["told.escalation"], by="admin")
    case = actions.accept("service/small", by="alice")
    clock.wait(hours=4, seconds=1)
    tick()
    due, escalation = Told.objects.filter(case=case).order_by("id")
    assert (due.what, due.rule, escalation.what, escalation.rule) == (
        "due",
        "answer",
        "escalation",
        "escalate",
    )
    assert set(due.messages.values_list("person__code", flat=True)) == {"alice"}
    assert set(escalation.messages.values_list("person__code", flat=True)) == {"dana"}
    [message] = hook.got
    assert "逾期未答复的由市场营销部接手" in message["message"]
    clock.wait(minutes=5)
    tick()
    assert Told.objects.filter(case=case).count() == 2
    assert len(hook.got) == 1
    other_system = json.loads(Callout.objects.get().body)
    assert (other_system["name"], other_system["rule"], other_system["owner"]) == (
        "told.escalation",
        "escalate",
        "市场营销部",
    )
