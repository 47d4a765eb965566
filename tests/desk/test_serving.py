"""The desk served by several processes: they count as one, one that is killed loses nothing, and they stop in order."""

import json
import os
import re
import signal
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection, HTTPException
from pathlib import Path

import pytest

from bihuan.desk.proxied import proxied, trusted
from tests.desk.conftest import BIHUAN, POLICY
from tests.desk.test_running import SETTLED, ran


class Served:
    """A desk behind its port."""

    def __init__(self, env):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [BIHUAN, "serve", "--port", str(self.port), "--workers", "2"]
        self.process = subprocess.Popen(command, env=env, stderr=subprocess.PIPE, text=True)
        self.process.stderr.readline()

    def wait(self):
        wait_for(lambda: self.get("/healthz")[0] == 200 and len(self.workers()) == 2)

    def ask(self, method, path, body=None, headers=None):
        connection = HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.ask("GET", path, headers=headers)

    def workers(self):
        of = f"/proc/{self.process.pid}/task/{self.process.pid}/children"
        return [int(one) for one in Path(of).read_text().split()]

    def stopped(self):
        self.process.terminate()
        said = self.process.communicate(timeout=60)[1]
        return self.process.returncode, said


def wait_for(true, seconds=60):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            if true():
                return
        except (OSError, HTTPException):
            pass
        time.sleep(0.05)
    pytest.fail(f"did not happen within {seconds} s")


@pytest.fixture
def served(desk_env):
    found = Served(desk_env)
    try:
        found.wait()
        yield found
    finally:
        if found.process.poll() is None:
            found.stopped()


@pytest.fixture
def token(desk_env):
    said = ran(desk_env, TOKEN)
    return said.split()[-1]


TOKEN = """
import django
django.setup()
from bihuan.desk import actions
actions.grant("admin", "hotline", None, by="admin")
print(actions.make_token("admin", "write", by="admin")[1])
"""


def accepted(served, token, number):
    """Whether the server acknowledged a new case."""
    said = {"policy": POLICY, "number": number, "facts": {"channel": "hotline"}}
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    try:
        return served.ask("POST", "/api/cases", json.dumps(said), headers)[0] == 201
    except (OSError, HTTPException):
        return False


def test_a_worker_that_is_killed_loses_nothing_acknowledged_and_is_replaced(desk_env, token, served):
    before = served.workers()
    numbers = [f"K-{n}" for n in range(60)]

    def sent(number):
        if number == "K-20":
            os.kill(before[0], signal.SIGKILL)
        return accepted(served, token, number)

    with ThreadPoolExecutor(6) as clients:
        known = [number for number, well in zip(numbers, clients.map(sent, numbers), strict=True) if well]
    wait_for(lambda: len(served.workers()) == 2)
    assert before[0] not in served.workers()
    assert accepted(served, token, "K-after")
    found = json.loads(ran(desk_env, SETTLED))
    assert (found["misfits"], found["changed"]) == ([], [])
    assert len(known) >= 40
    assert {f"{number} 1" for number in [*known, "K-after"]} <= set(found["events"])
    assert found["owing"] == sorted(found["versions"]), "none is half there"


def test_limits_and_metrics_count_for_all_workers_together(served):
    page = {"Content-Type": "application/x-www-form-urlencoded"}
    answers = []
    for _ in range(8):
        page["Cookie"], form = asked_where(served)
        answers.append(served.ask("POST", "/where/", f"{form}&number=A-1&digits=1234", page)[0])
    assert answers == [404] * 5 + [429] * 3
    told = served.get("/metrics")[1]
    counted = re.findall(r'bihuan_http_requests_total\{[^}]*page="where"[^}]*\} ([0-9.]+)', told)
    assert sum(map(float, counted)) == 16
    assert "bihuan_cases_open 0" in told


def asked_where(served):
    """The cookie and the field by which a form is known as the desk's own."""
    connection = HTTPConnection("127.0.0.1", served.port, timeout=60)
    connection.request("GET", "/where/")
    answer = connection.getresponse()
    field = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', answer.read().decode())
    connection.close()
    assert field is not None
    return answer.headers["Set-Cookie"].split(";")[0], f"csrfmiddlewaretoken={field[1]}"


def test_stopping_ends_what_was_begun_and_leaves_nothing(served, token):
    with ThreadPoolExecutor(4) as clients:
        under_way = [clients.submit(accepted, served, token, f"S-{n}") for n in range(4)]
        wait_for(lambda: any(one.done() for one in under_way))
        workers = served.workers()
        code, said = served.stopped()
    assert (code, "Traceback" in said) == (0, False), said
    assert any(one.result() for one in under_way)
    assert not [one for one in workers if Path(f"/proc/{one}").exists()]


def test_an_address_that_is_taken_is_told(served, desk_env):
    again = subprocess.run(
        [BIHUAN, "serve", "--port", str(served.port)], env=desk_env, capture_output=True, text=True
    )
    assert (again.returncode, "in use" in again.stderr, "Traceback" in again.stderr) == (2, True, False)


FORWARDED = {
    "HTTP_X_FORWARDED_FOR": "6.6.6.6, 203.0.113.7",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "desk.example.cn",
}


@pytest.mark.parametrize(
    ("proxies", "address", "scheme", "host"),
    [
        ("127.0.0.1", "203.0.113.7", "https", "desk.example.cn"),
        ("127.0.0.0/8", "203.0.113.7", "https", "desk.example.cn"),
        ("10.0.0.1", "127.0.0.1", "http", "localhost"),
        ("", "127.0.0.1", "http", "localhost"),
    ],
)
def test_only_the_proxys_word_is_taken(proxies, address, scheme, host):
    seen = {}
    asked = {"REMOTE_ADDR": "127.0.0.1", "HTTP_HOST": "localhost", "wsgi.url_scheme": "http"} | FORWARDED

    def application(environ, start):
        seen.update(environ)
        return [b""]

    proxied(application, trusted(proxies))(asked, None)
    assert (seen["REMOTE_ADDR"], seen["wsgi.url_scheme"], seen["HTTP_HOST"]) == (address, scheme, host)
    assert seen.get("HTTP_X_FORWARDED_PROTO") == ("https" if scheme == "https" else None)
    assert "HTTP_X_FORWARDED_FOR" not in seen
