"""Channels side by side, over real servers: some answer, some hang, drip, refuse or send elsewhere, and none holds up another."""

import socket
import threading
from concurrent.futures import wait
from contextlib import suppress

import pytest

from bihuan.desk.models import Channel, Outgoing
from bihuan.desk.telling import keeping, outbox, sending
from bihuan.desk.tick import tick
from bihuan.i18n import _
from tests.desk.test_messages import Listener, personal, told_of

pytestmark = pytest.mark.django_db


class Slow:
    """A server that says something now and then, so that no timeout of a library ends it, and its last words when it is let."""

    def __init__(self, first, drips, last):
        self.asked, self.ended, self.drips = 0, threading.Event(), drips
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.first, self.last = first, last
        self.thread = threading.Thread(target=self.answer, daemon=True)
        self.thread.start()

    def answer(self):
        while True:
            try:
                caller, _address = self.server.accept()
            except OSError:
                return
            self.asked += 1
            with caller:
                caller.sendall(self.first)
                caller.settimeout(5)
                while self.drips and not self.ended.wait(0.05):
                    caller.sendall(self.drips)
                self.ended.wait()
                with suppress(OSError):  # some have hung up by now
                    caller.sendall(self.last)
                    while caller.recv(4096):
                        pass

    def let(self):
        """It says its last words; whoever waits for them has heard them then."""
        self.ended.set()
        heard()

    def close(self):
        self.let()
        self.server.shutdown(socket.SHUT_RDWR)
        self.server.close()
        self.thread.join(timeout=20)


def heard(all_but=None):
    """Everything under way has come to an end, that by one channel excepted; the next round hears of it."""
    ended = wait([one for one, parcel in sending.UNDER_WAY.items() if parcel.channel != all_but], timeout=30)
    assert not ended.not_done


@pytest.fixture
def slow():
    """Makes servers, and ends them; nothing of a test is under way in the next."""
    made = []

    def make(
        first=b"HTTP/1.1 200 OK\r\nX-Slow: ",
        drips=b"a",
        last=b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
    ):
        made.append(Slow(first, drips, last))
        return made[-1]

    yield make
    for one in made:
        one.close()
    sending.UNDER_WAY.clear()


@pytest.fixture
def listener():
    made = []

    def make():
        made.append(Listener())
        return made[-1]

    yield make
    for one in made:
        one.close()


def due(case, *codes):
    """Something of the case is told to each, and waits for their channels."""
    for code in codes:
        told_of(case, owner=code, rule=f"rule-of-{code}")
    outbox.spread()


def drip(server):
    return f"json://127.0.0.1:{server.port}/"


@pytest.mark.parametrize("speaks", ["http", "smtp"])
def test_one_that_drips_holds_up_nobody_and_is_not_sent_to_again(case, clock, slow, listener, speaks):
    """A round ends without it; whatever is due meanwhile, no worker begins there until it is known what became of it."""
    dripper, hook = slow() if speaks == "http" else slow(b"", b"220-a\r\n", b"421 b\r\n"), listener()
    mail = f"mailto://127.0.0.1:{dripper.port}?from=desk@example.cn&to=dana@example.cn&mode=insecure"
    channel = personal("dana", drip(dripper) if speaks == "http" else mail)
    personal("alice", hook.address)
    due(case, "dana", "alice")
    first = sending.send(0)  # which may have heard the quick one already, or not
    heard(all_but=channel)
    assert (first.sent + sending.send(0).sent, len(hook.got)) == (1, 1)
    for failures in range(1, sending.DEAD + 2):
        channel.refresh_from_db()
        assert (channel.failures, channel.error) == (failures, _("no answer in time"))
        assert channel.busy_until > clock()
        clock.at = channel.next_try_at
        assert sending.send(0).failing == 1
    assert list(sending.dead()) == [channel]
    dripper.let()
    assert dripper.asked == 1


def test_what_ends_after_its_round_is_written_down_in_the_next(case, clock, slow):
    dripper = slow()
    channel = personal("dana", drip(dripper))
    due(case, "dana")
    assert sending.send(0).failing == 1
    dripper.let()
    assert sending.send(0).sent == 1
    channel.refresh_from_db()
    assert (channel.failures, channel.error, channel.busy_until) == (0, "", None)
    assert not Outgoing.objects.filter(sent_at=None).exists()
    clock.wait(hours=1)
    assert (sending.send(0).sent, dripper.asked) == (0, 1)


def test_what_fell_due_meanwhile_goes_out_once_it_is_known_what_became_of_the_first(case, slow):
    dripper = slow()
    channel = personal("dana", drip(dripper))
    due(case, "dana")
    sending.send(0)
    told_of(case, owner="dana", rule="another")
    outbox.spread()
    dripper.let()
    assert sending.send().sent == 2
    assert dripper.asked == 2
    assert not Outgoing.objects.filter(channel=channel, sent_at=None).exists()


def test_a_channel_that_was_given_another_address_waits_no_longer(case, clock, slow, listener):
    dripper, hook = slow(), listener()
    channel = personal("dana", drip(dripper))
    due(case, "dana")
    sending.send(0)
    channel.refresh_from_db()
    keeping.keep(channel, {"address": hook.address}, by="admin")
    assert sending.send(0).failing == 0
    assert sending.send().sent == 1
    assert len(hook.got) == 1


def test_each_is_told_its_own_reason(case, listener):
    """Both fail at the same time, and Apprise says everything in one log."""
    together = threading.Barrier(2)

    channels = {}
    for code, status in (("dana", 403), ("alice", 404)):
        hook = listener()
        hook.status, hook.before = status, lambda: together.wait(20)
        channels[status] = personal(code, hook.address)
    due(case, "dana", "alice")
    assert sending.send().failing == 2
    for status, channel in channels.items():
        channel.refresh_from_db()
        other = 403 + 404 - status
        assert f"error={status}" in channel.error
        assert f"error={other}" not in channel.error


def test_all_kinds_of_bad_servers_in_one_round_of_tick(case, clock, slow, listener):
    """One hangs, one refuses, one sends elsewhere, one works."""
    hangs, hook, elsewhere, away = slow(b"", b"", b""), listener(), listener(), listener()
    with socket.create_server(("127.0.0.1", 0)) as free:
        closed = free.getsockname()[1]
    away.status, away.location = 307, elsewhere.address.replace("json", "http")
    addresses = {
        "hangs": f"json://127.0.0.1:{hangs.port}/?rto=1",
        "refuses": f"json://127.0.0.1:{closed}/",
        "elsewhere": away.address,
        "works": hook.address,
    }
    channels = {name: personal("dana", address) for name, address in addresses.items()}
    due(case, "dana")
    done = tick()
    assert (done.sent, done.failing) == (1, 3)
    assert elsewhere.got == []
    for name in ("hangs", "refuses", "elsewhere"):
        channels[name].refresh_from_db()
        assert channels[name].error, name
    assert "error=307" in channels["elsewhere"].error
    assert Outgoing.objects.filter(sent_at=None).count() == 3


def test_an_address_may_say_that_it_sends_elsewhere(case, listener):
    """On the administrator's word."""
    away, elsewhere = listener(), listener()
    away.status, away.location = 307, elsewhere.address.replace("json", "http")
    personal("dana", f"{away.address}?redirect=yes")
    due(case, "dana")
    assert sending.send().sent == 1
    assert len(elsewhere.got) == 1


def test_more_channels_than_are_waited_for_at_a_time(case, listener, monkeypatch):
    monkeypatch.setattr(sending, "BESIDE", 2)
    hook = listener()
    for n in range(7):
        personal("dana", f"{hook.address}/{n}")
    due(case, "dana")
    assert sending.send().sent == len(hook.got) == 7


def test_a_try_of_one_that_does_not_end_is_told(case, slow, client, monkeypatch):
    from bihuan.desk.models import Person

    monkeypatch.setattr("bihuan.desk.pages.channels.PATIENCE", 0.1)
    channel = personal("dana", drip(slow()))
    client.force_login(Person.objects.get(code="admin"))
    page = client.post(f"/channels/{channel.pk}/try/", follow=True, headers={"host": "127.0.0.1"}).content
    assert "没有及时应答" in page.decode()
    assert Channel.objects.get().failures == 0
