"""The worked example of docs/api.md, asked of a live server by curl as it stands there; `…` may be anything."""

import json
import re
import shlex
import subprocess
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections

from bihuan.desk import actions, counts

DOCS = Path(__file__).parents[3] / "docs" / "api.md"
CALL = re.compile(r"^\$ (curl .+)\n(\d+)\n(.+)$", re.MULTILINE)


def fits(shown, answered):
    """Whether an answer is the one that is shown, where `…` leaves something out."""
    parts = [re.escape(part.strip()) for part in shown.split("…")]
    return re.fullmatch(r"[\s\S]*?".join(parts), answered) is not None


class Quiet(WSGIRequestHandler):
    """A server that writes no log."""

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server(desk):
    """A real server, which answers one request at a time in this thread, so that it sees the test's own database."""
    # As Django's own test client does: the connection with the test's transaction outlives a request.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    with make_server("127.0.0.1", 0, get_wsgi_application(), handler_class=Quiet) as found:
        found.timeout = 60
        yield found
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def ran(server, call, headers):
    said = shlex.split(call.replace("$DESK", f"http://127.0.0.1:{server.server_port}"))
    more = [part for header in headers for part in ("-H", header)]
    command = [said[0], "-sS", "--noproxy", "*", "-w", "\n%{http_code}", *more, *said[1:]]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        server.handle_request()
        body, _, code = process.communicate()[0].rpartition("\n")
    return json.dumps(json.loads(body), ensure_ascii=False), code


def test_the_example_is_answered_as_it_says(server):
    counts.forget()
    _, token = actions.make_token("alice", "write", by="admin")
    headers = [f"Authorization: Bearer {token}", "Content-Type: application/json"]
    calls = CALL.findall(DOCS.read_text("utf-8"))
    assert len(calls) >= 8
    wrong = []
    for call, status, shown in calls:
        answered, code = ran(server, call, headers)
        if (code, fits(shown, answered)) != (status, True):
            wrong.append(f"{call}\n{code}\n{answered[:1500]}")
    assert wrong == [], "\n\n".join(wrong)
