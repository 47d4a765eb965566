"""A small power company at its desk: four people, three units, one shipped regulation in force, and a clock to set."""

import datetime as dt
import os
import pickle
import shutil
import subprocess
import sys
import time
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from pytest_django.plugin import blocking_manager_key

ZONE = ZoneInfo("Asia/Shanghai")
POLICY = "power/dazu-complaint-assessment"
BIHUAN = str(Path(sys.executable).with_name("bihuan"))


class Clock:
    """The server's clock, as it stands."""

    def __init__(self, at):
        self.at = at

    def __call__(self):
        return self.at.astimezone(dt.UTC)

    def set(self, text):
        self.at = dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)

    def wait(self, **spans):
        self.at += dt.timedelta(**spans)


def moment(text):
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZONE)


@pytest.fixture
def clock(monkeypatch):
    found = Clock(moment("2025-09-08 09:00"))
    monkeypatch.setattr("bihuan.desk.clock.now", found)
    return found


@cache
def edition_text(policy=POLICY):
    import bihuan

    return Path(bihuan.read_policy(policy).path).read_text("utf-8")


HEAD = """
[policy]
id = "{id}"
title = "{title}"
edition = "unknown"
status = "in force"
source = {{ file = "made up", lines = "1" }}
zone = "Asia/Shanghai"
calendar = "natural"
"""


def regulation(id, title, rest, customer=None):
    """The text of a made-up regulation; `customer` is the fact that says who the customer is."""
    named = f'customer = "{customer}"\n' if customer else ""
    return HEAD.format(id=id, title=title) + named + rest


def in_force(text):
    """An edition put on the desk and in force."""
    from bihuan.desk import actions

    return actions.put_in_force(actions.install(text, by="admin").hash, by="admin")


def minded_text():
    """The regulation, with somebody whom a fact names and who may make the ticket: `minder`."""
    text, step = edition_text(), 'by = ["hotline"]'
    assert step in text
    text = text.replace(step, 'by = ["hotline", "minder"]', 1)
    text = text.replace("[facts]\n", '[facts]\nminder = { label = "经办人", type = "person" }\n', 1)
    return text.replace("[roles]\n", '[roles]\nminder = { label = "经办人", fact = "minder" }\n', 1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item):
    """After the transaction around a test: part from files that a load put, for a database has room for ten."""
    done = yield
    from django.db import connection

    from bihuan.desk.packed import let_go

    if connection.connection is not None:
        with item.config.stash[blocking_manager_key].unblock():
            let_go()
    return done


@pytest.fixture
def desk(db, clock):
    """Alice at the hotline, Bob at a supply station, Dana in marketing, Charlie at another station.

    Entered once in each process; every other test is given the same rows, which is ten times as fast.
    """
    if clock.at in FURNISHED:
        return laid_down(FURNISHED[clock.at])
    furnish()
    FURNISHED[clock.at] = pickle.dumps([list(model.objects.all()) for model in of_the_desk()])
    return desk_edition()


FURNISHED: dict[dt.datetime, bytes] = {}  # by the time at which it was entered


def of_the_desk():
    from django.apps import apps

    return apps.get_app_config("desk").get_models()


def desk_edition():
    from bihuan.desk.models import Edition

    return Edition.objects.get()


def laid_down(rows):
    from django.core.management.color import no_style
    from django.db import connection

    held = [each for each in pickle.loads(rows) if each]
    for each in held:
        type(each[0]).objects.bulk_create(each)
    with connection.cursor() as cursor:  # explicit numbers do not move PostgreSQL's own on
        for statement in connection.ops.sequence_reset_sql(no_style(), [type(each[0]) for each in held]):
            cursor.execute(statement)
    return desk_edition()


def furnish():
    from bihuan.desk import actions

    by = "admin"
    actions.add_person("admin", "管理员", by=by, administrator=True, password="a good long one")
    for name, parent in (
        ("公司", None),
        ("市场营销部", "公司"),
        ("龙水供电所", "公司"),
        ("石桥供电所", "公司"),
    ):
        actions.add_unit(name, parent, by=by)
    for code, unit, roles in (
        ("alice", "市场营销部", ("hotline", "team_leader")),
        ("bob", "龙水供电所", ("unit_staff",)),
        ("dana", "市场营销部", ("marketing",)),
        ("charlie", "石桥供电所", ("unit_staff",)),
    ):
        actions.add_person(code, code.title(), unit, by=by)
        for role in roles:
            actions.grant(code, role, unit, by=by)
    in_force(edition_text())


@pytest.fixture
def case(desk, clock):
    """A complaint that Alice has accepted."""
    from bihuan.desk import actions

    facts = {"channel": "hotline", "customer": "刘女士0042", "source": "customer"}
    return actions.accept(POLICY, by="alice", facts=facts)


# --- desks that run, in processes of their own ---


@pytest.fixture
def desk_env(made_once, tmp_path):
    """A desk of its own, on SQLite or in a database of the test server."""
    env = environment(tmp_path / "desk")
    shutil.copytree(made_once["BIHUAN_HOME"], env["BIHUAN_HOME"])
    if "DATABASE_URL" in made_once:
        env["DATABASE_URL"] = fresh_database("running", of=made_once["DATABASE_URL"])
    return env


@pytest.fixture(scope="session")
def made_once(tmp_path_factory):
    """A desk as anybody makes one, which nobody enters: each test that wants one is given a copy."""
    env = environment(tmp_path_factory.mktemp("made") / "desk")
    if os.environ.get("DATABASE_URL"):
        env["DATABASE_URL"] = fresh_database("made")
    made = subprocess.run([BIHUAN, "init", "--policy", POLICY], env=env, capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return env


def environment(home):
    """Of a process whose desk is there, on SQLite."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("BIHUAN_")}
    env |= {"BIHUAN_HOME": str(home), "DJANGO_SETTINGS_MODULE": "bihuan.desk.settings", "LANGUAGE": "en"}
    env.pop("DATABASE_URL", None)
    return env


def fresh_database(name, of=""):
    """The address of a new database of the test server: an empty one, or a copy of one that nobody is connected to."""
    import psycopg

    name = f"{name}_{os.getpid()}_{time.monotonic_ns()}"
    server = os.environ["DATABASE_URL"]
    copied = f" TEMPLATE {urlsplit(of).path[1:]}" if of else ""
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}{copied}")
    return server.replace("/postgres?", f"/{name}?")
