"""Connections that come at once are shared out among the processes that serve."""

import http.client
import socket
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

APPLICATION = """
import os, time

def application(environ, start_response):
    until = time.thread_time() + 0.01
    while time.thread_time() < until:
        pass
    body = str(os.getpid()).encode()
    start_response("200 OK", [("Content-Length", str(len(body)))])
    return [body]
"""
SERVER = [
    str(Path(sys.executable).parent / "gunicorn"), "--workers", "2", "--threads", "2", "--no-control-socket",
    "--worker-class", "bihuan.desk.balanced.Balanced", "--log-level", "error", "asked:application",
]  # fmt: skip


def test_connections_that_are_kept_are_shared_out(tmp_path):
    (tmp_path / "asked.py").write_text(APPLICATION, "utf-8")
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port, bind = listener.getsockname()[1], ["--bind", f"fd://{listener.fileno()}"]
        server = subprocess.Popen([*SERVER, *bind], cwd=tmp_path, pass_fds=[listener.fileno()])
        try:
            answered(port, 1)  # somebody is there
            shares = [min(Counter(answered(port, 8)).values()) for _ in range(5)]
        finally:
            server.terminate()
            server.wait(20)
    assert sorted(shares)[2] >= 3, shares


def answered(port, count):
    """Which process answers each of so many connections that are opened at once, asked twice over each."""
    held = [http.client.HTTPConnection("127.0.0.1", port, timeout=20) for _ in range(count)]
    with ThreadPoolExecutor(count) as pool:
        found = list(pool.map(said, held))
        assert list(pool.map(said, held)) == found
    for one in held:
        one.close()
    return found


def said(connection):
    connection.request("GET", "/")
    return connection.getresponse().read()
