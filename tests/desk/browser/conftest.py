"""A real desk of the made-up company, served by `bihuan serve`, and real browsers at it: Debian's Chromium.

Where there is no Chromium every test here is skipped and says so.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.desk.browser.person import Somebody

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
BIHUAN = str(Path(sys.executable).with_name("bihuan"))
PASSWORD = "闭环 4711 wo"
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SIZES = {"desktop": {"width": 1280, "height": 900}, "phone": {"width": 390, "height": 844}}
FURNISH = f"""
import django
django.setup()
from bihuan.desk.demo import furnish
furnish("admin", password={PASSWORD!r}, share=0.1)
"""


@pytest.fixture(scope="session")
def home(tmp_path_factory):
    """A desk as anybody makes one, with a tenth of the demo company's cases; on PostgreSQL where the tests run there."""
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: apt-get install chromium fonts-wqy-microhei")
    folder = tmp_path_factory.mktemp("desk") / "home"
    env = {**os.environ, "BIHUAN_HOME": str(folder), "DATABASE_URL": database()}
    env |= {"DJANGO_SETTINGS_MODULE": "bihuan.desk.settings"}
    env.pop("BIHUAN_SECRET_KEY", None)
    ran(env, BIHUAN, "init", "--password", PASSWORD)
    ran(env, sys.executable, "-c", FURNISH)
    return env


def database():
    """The address of an empty database of the test server; nothing where the tests run on SQLite."""
    address = os.environ.get("DATABASE_URL", "")
    if not address:
        return ""
    import psycopg

    name = f"browser_{os.getpid()}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE IF EXISTS {name}")
        connection.execute(f"CREATE DATABASE {name}")
    return address.replace("/postgres?", f"/{name}?")


def ran(env, *command):
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="session")
def desk(home):
    """The address of the desk while it is served."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    log = Path(home["BIHUAN_HOME"]).with_name("served.log")
    with log.open("w") as said:
        served = subprocess.Popen([BIHUAN, "serve", "--port", str(port)], env=home, stdout=said, stderr=said)
    address = f"http://127.0.0.1:{port}"
    try:
        while not answers(f"{address}/login/"):
            assert served.poll() is None, log.read_text()
            time.sleep(0.1)
        yield address
    finally:
        served.terminate()
        served.wait()


def answers(address):
    try:
        with urllib.request.urlopen(address) as answer:
            return answer.status == 200
    except OSError:
        return False


@pytest.fixture(scope="package")
def browser(desk):
    """Closed before any other test runs in this process: while Playwright's loop runs, Django refuses its database."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield found
        found.close()


@pytest.fixture(scope="session")
def entered():
    """The sessions of those who have logged in, so that each does so once."""
    return {}


@pytest.fixture
def somebody(browser, desk, entered):
    """Opens a browser as somebody. At the end nothing was wrong in any of them: no script error, no broken policy."""
    opened = []

    def enter(code=None, size="desktop", **more):
        context = browser.new_context(
            viewport=SIZES[size], base_url=desk, locale="zh-CN", timezone_id="Asia/Shanghai",
            storage_state=entered.get(code), **more,
        )  # fmt: skip
        one = Somebody(context)
        opened.append(one)
        if code and code not in entered:
            one.log_in(code, PASSWORD)
            entered[code] = context.storage_state()
        return one

    yield enter
    wrong = [said for one in opened for said in one.wrong]
    for one in opened:
        one.context.close()
    assert not wrong
