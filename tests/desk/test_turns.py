"""Pages that only read take turns; what writes does not wait for them, and nobody waits for a slow one for long."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from bihuan.desk.turns import in_turn


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
@pytest.mark.parametrize(("second", "at_once"), [("GET", 1), ("HEAD", 1), ("POST", 2)])
def test_one_reads_while_another_writes(second, at_once):
    desk = Desk()
    application = in_turn(desk)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(asked, application, "GET")
        assert desk.begun.acquire(timeout=20)
        other = pool.submit(asked, application, second)
        assert desk.begun.acquire(timeout=0.3) is (at_once == 2)
        desk.let.set()
        assert [first.result(20), other.result(20)] == [[b"/work/"]] * 2
    assert desk.most == at_once


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
