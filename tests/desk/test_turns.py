"""Requests take turns in the order in which they came, and nobody waits for a slow one for long."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from bihuan.desk.turns import Turn, in_turn


class Desk:
    """Answers when it is let, and knows how many are being answered at once."""

    def __init__(self):
        self.begun, self.let, self.inside, self.most = threading.Semaphore(0), threading.Event(), 0, 0

    def __call__(self, environ, start):
        self.inside += 1
        self.most = max(self.most, self.inside)
        self.begun.release()
        assert self.let.wait(20)
        self.inside -= 1
        if environ["PATH_INFO"] == "/fails/":
            raise ValueError("this page fails")
        return [environ["PATH_INFO"].encode()]


def asked(application, method, path="/work/"):
    return application({"REQUEST_METHOD": method, "PATH_INFO": path}, None)


@pytest.fixture
def patient(monkeypatch):
    monkeypatch.setattr("bihuan.desk.turns.PATIENCE", 20)


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("second", ["GET", "POST"])
def test_one_is_answered_at_a_time(second):
    desk = Desk()
    application = in_turn(desk)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(asked, application, "GET")
        assert desk.begun.acquire(timeout=20)
        other = pool.submit(asked, application, second)
        assert not desk.begun.acquire(timeout=0.3)
        desk.let.set()
        assert [first.result(20), other.result(20)] == [[b"/work/"]] * 2
    assert desk.most == 1


def test_a_slow_page_holds_up_nobody_for_long():
    desk = Desk()
    application = in_turn(desk)
    with ThreadPoolExecutor(2) as pool:
        found = [pool.submit(asked, application, "GET") for _ in range(2)]
        assert desk.begun.acquire(timeout=20)
        assert desk.begun.acquire(timeout=20), "the second goes on while the first is not done"
        desk.let.set()
        assert [one.result(20) for one in found] == [[b"/work/"]] * 2


@pytest.mark.usefixtures("patient")
def test_a_page_that_fails_hands_the_turn_on():
    desk = Desk()
    desk.let.set()
    application = in_turn(desk)
    with pytest.raises(ValueError, match="fails"):
        asked(application, "GET", "/fails/")
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(asked, application, "GET").result(10) == [b"/work/"]


def test_the_turn_goes_to_who_asked_first():
    turn = Turn()
    assert turn.take(0)
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(turn.take, 20)
        while not turn.waiting:
            time.sleep(0.001)
        turn.give()
        assert not turn.take(0), "who comes back at once waits behind the other"
        assert other.result(20)
    turn.give()
    assert turn.take(0)


def test_who_did_not_wait_to_the_end_is_passed_over():
    turn = Turn()
    assert turn.take(0)
    assert not turn.take(0.01)
    turn.give()
    assert turn.take(0)
