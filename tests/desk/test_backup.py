"""A backup taken while people write is a whole desk; brought back it is the same; an older one is brought up."""

import io
import json
import os
import re
import shutil
import signal
import subprocess
import tarfile
from pathlib import Path

import pytest

from tests.desk.conftest import BIHUAN, fresh_database
from tests.desk.test_running import WRITER, ran, read, running

DATA = Path(__file__).parent / "data"

ATTACHED = """
import django
django.setup()
from bihuan.desk import actions
case = actions.accept("power/dazu-complaint-assessment", by="admin", facts={"channel": "hotline"})
actions.attach(case.number, "信.txt", b"what was written", by="admin")
"""

LOOKED = """
import json
import django
django.setup()
from django.conf import settings
from django.db.migrations.executor import MigrationExecutor
from django.db import connection
from bihuan.desk import actions, verify
from bihuan.desk.models import Attachment, Case, Event, Message, Obligation, Person
from bihuan.desk.rebuild import rebuild
report = verify.verify()
changed = rebuild().changed
executor = MigrationExecutor(connection)
made = actions.accept("power/dazu-complaint-assessment", by="admin", facts={"channel": "hotline"})
print(json.dumps({
    "misfits": [str(one) for one in report.misfits],
    "changed": changed,
    "pending": len(executor.migration_plan(executor.loader.graph.leaf_nodes())),
    "events": {f"{n} {s}": h for n, s, h in Event.objects.exclude(case=made).values_list("case__number", "seq", "hash")},
    "owed": Obligation.objects.exclude(case=made).filter(case__isnull=False).count(),
    "attached": [(settings.HOME / "attachments" / a.sha256[:2] / a.sha256).read_bytes().decode() for a in Attachment.objects.all()],
    "called": sorted(one.attempts for one in Obligation.objects.filter(kind="callback", case__isnull=False)),
    "password": Person.objects.get(code="admin").password,
    "made": made.version,
}))
"""


@pytest.fixture
def made_env(tmp_path):
    """Where a desk could be, of the kind of database under test; none is there."""
    env = {key: value for key, value in os.environ.items() if not key.startswith("BIHUAN_")}
    env |= {
        "BIHUAN_HOME": str(tmp_path / "desk"),
        "DJANGO_SETTINGS_MODULE": "bihuan.desk.settings",
        "LANGUAGE": "en",
    }
    return env


def bihuan(env, *arguments):
    return subprocess.run([BIHUAN, *arguments], env=env, capture_output=True, text=True)


def elsewhere(env, tmp_path, name):
    """An empty place for another desk on the same kind of database."""
    made = env | {"BIHUAN_HOME": str(tmp_path / name)}
    if "DATABASE_URL" in env:
        made["DATABASE_URL"] = fresh_database(name)
    return made


def test_a_backup_while_people_write_is_whole_and_comes_back_the_same(desk_env, tmp_path):
    ran(desk_env, ATTACHED)
    file = tmp_path / "backup" / "desk.tar.gz"
    with running(desk_env, WRITER, "a") as one, running(desk_env, WRITER, "b") as other:
        acknowledged = [line for writer in (one, other) for line in read(writer, 4)]
        taken = bihuan(desk_env, "backup", str(file))
        after = [line for writer in (one, other) for line in read(writer, 2)]
        for writer in (one, other):
            os.kill(writer.pid, signal.SIGKILL)
            writer.stdout.read()
    assert taken.returncode == 0, taken.stderr
    assert oct(file.stat().st_mode & 0o777) == "0o600"
    env = elsewhere(desk_env, tmp_path, "again")
    back = bihuan(env, "restore", str(file), "--format", "json")
    assert back.returncode == 0, back.stderr
    found = json.loads(ran(env, LOOKED))
    assert (found["misfits"], found["changed"], found["pending"], found["made"]) == ([], [], 0, 1)
    assert set(acknowledged) <= set(found["events"])
    assert after
    before = json.loads(ran(desk_env, LOOKED))
    assert found["events"].items() <= before["events"].items()
    assert found["attached"] == ["what was written"]
    assert found["password"] == before["password"]
    key, original = (Path(one["BIHUAN_HOME"]) / "secret.key" for one in (env, desk_env))
    assert key.read_text() == original.read_text()


def test_a_desk_that_is_there_is_not_overwritten_unless_told(desk_env, tmp_path):
    file = tmp_path / "desk.tar.gz"
    assert bihuan(desk_env, "backup", str(file)).returncode == 0
    again = bihuan(desk_env, "backup", str(file))
    assert (again.returncode, "already" in again.stderr) == (2, True)
    ran(desk_env, ATTACHED)
    refused = bihuan(desk_env, "restore", str(file))
    assert (refused.returncode, "--replace" in refused.stderr) == (2, True)
    assert len(json.loads(ran(desk_env, LOOKED))["events"]) == 2
    told = bihuan(desk_env, "restore", str(file), "--replace")
    assert told.returncode == 0, told.stderr
    assert json.loads(ran(desk_env, LOOKED))["events"] == {}
    assert [one.name for one in tmp_path.glob("*.before-*")] != []


WITHDRAWN = """
import django
django.setup()
from bihuan.desk import actions
case = actions.accept("power/dazu-complaint-assessment", by="admin", facts={"channel": "hotline"})
actions.append(case.number, "withdrawn", by="admin")
print(case.number)
"""
DESTROYED = """
import django
django.setup()
from bihuan.desk import actions
actions.destroy("{number}", by="dana", approved_by="admin", reason="保管期满")
"""


def test_an_archive_that_was_destroyed_after_the_backup_is_destroyed_again(desk_env, tmp_path):
    """Where the desk that knows of it is replaced; elsewhere it is said that nobody can know."""
    number, file = ran(desk_env, WITHDRAWN).strip(), tmp_path / "desk.tar.gz"
    assert bihuan(desk_env, "backup", str(file)).returncode == 0
    ran(desk_env, DESTROYED.format(number=number))
    there = bihuan(desk_env, "restore", str(file), "--replace", "--format", "json")
    assert there.returncode == 0, there.stderr
    assert '"destroyed_again": 1' in there.stdout
    looked = json.loads(bihuan(desk_env, "verify", "--format", "json").stdout)
    assert number in json.dumps(looked)
    other = bihuan(elsewhere(desk_env, tmp_path, "other"), "restore", str(file), "--format", "json")
    assert other.returncode == 0, other.stderr
    assert "are here again" in other.stderr
    assert "destroyed_again" not in other.stdout


def tampered(file, target, change):
    with tarfile.open(file) as source, tarfile.open(target, "w:gz") as out:
        for member in source.getmembers():
            content = source.extractfile(member).read()
            content = change(member.name, content)
            member.size = len(content)
            out.addfile(member, io.BytesIO(content))


def test_a_backup_that_was_changed_or_cut_off_is_refused_and_makes_nothing(desk_env, tmp_path):
    file, bad = tmp_path / "desk.tar.gz", tmp_path / "bad.tar.gz"
    assert bihuan(desk_env, "backup", str(file)).returncode == 0
    env = elsewhere(desk_env, tmp_path, "bad")
    tampered(file, bad, lambda name, content: content + b"x" if name == "secret.key" else content)
    changed = bihuan(env, "restore", str(bad))
    assert (changed.returncode, "secret.key is not what was backed up" in changed.stderr) == (2, True)
    bad.write_bytes(file.read_bytes()[:2000])
    cut = bihuan(env, "restore", str(bad))
    assert (cut.returncode, "no whole backup" in cut.stderr) == (2, True)
    bad.write_bytes(b"no archive at all")
    assert bihuan(env, "restore", str(bad)).returncode == 2
    assert not Path(env["BIHUAN_HOME"]).exists()


@pytest.mark.parametrize("name", ["../beside", "/tmp/beside-bihuan", "way"])
def test_a_backup_lays_nothing_beside_its_folder(desk_env, tmp_path, name):
    bad, env = tmp_path / "bad.tar.gz", elsewhere(desk_env, tmp_path, "bad")
    with tarfile.open(bad, "w:gz") as tar:
        one = tarfile.TarInfo(name)
        if name == "way":
            one.type, one.linkname = tarfile.SYMTYPE, "/tmp"
        tar.addfile(one)
    back = bihuan(env, "restore", str(bad))
    assert (back.returncode, f"{name} is no file of a backup" in back.stderr) == (2, True)
    assert not Path("/tmp/beside-bihuan").exists()


@pytest.mark.parametrize(
    ("state", "events", "attached", "called"),
    [("0003", 5, ["what was written"], []), ("0005", 8, ["旧的来信"], [0] * 10 + [1, 1])],
)
def test_a_desk_of_an_earlier_state_is_brought_up(made_env, tmp_path, state, events, attached, called):
    """`data/desk-<state>-*.tar.gz` were made by Bihuan as it was when this migration was the last.

    What later versions keep beside what was kept then is there afterwards, and a rebuild changes nothing.
    """
    kind = "postgresql" if "DATABASE_URL" in made_env else "sqlite"
    env = elsewhere(made_env, tmp_path, "old")
    back = bihuan(env, "restore", str(DATA / f"desk-{state}-{kind}.tar.gz"))
    assert back.returncode == 0, back.stderr
    found = json.loads(ran(env, LOOKED))
    assert (found["misfits"], found["changed"], found["pending"], found["made"]) == ([], [], 0, 1)
    assert (len(found["events"]), found["attached"], found["called"]) == (events, attached, called)
    assert found["owed"] > 0
    assert bihuan(env, "tick").returncode == 0


def test_an_old_database_is_brought_up_by_init_upgrade(made_env, tmp_path):
    if "DATABASE_URL" in made_env:
        pytest.skip("the file is SQLite's")
    home = tmp_path / "old"
    home.mkdir()
    shutil.unpack_archive(DATA / "desk-0005-sqlite.tar.gz", home)
    env = made_env | {"BIHUAN_HOME": str(home)}
    before = bihuan(env, "verify")
    assert (before.returncode, "bihuan init --upgrade" in before.stderr) == (2, True)
    assert bihuan(env, "init", "--upgrade").returncode == 0
    assert bihuan(env, "verify").returncode == 0
    found = json.loads(ran(env, LOOKED))
    assert (found["misfits"], found["changed"], found["called"][-3:]) == ([], [], [0, 1, 1])


def test_a_new_password_ends_a_lockout_and_is_changed_at_login(desk_env):
    made = bihuan(desk_env, "password", "admin")
    assert made.returncode == 0, made.stderr
    assert bihuan(desk_env, "password", "nobody").returncode == 2
    held = "import django; django.setup(); from bihuan.desk.models import Person; print(Person.objects.get(code='admin').must_change)"
    assert ran(desk_env, held).strip() == "True"


def test_a_new_password_says_which_tokens_it_leaves_and_revokes_them_if_asked(desk_env):
    made = [json.loads(bihuan(desk_env, "token", "admin", "--format", "json").stdout) for _ in range(2)]
    assert bihuan(desk_env, "token", "admin", "--revoke", str(made[0]["id"])).returncode == 0
    left = bihuan(desk_env, "--lang", "zh", "password", "admin").stdout
    assert re.search(r"令牌 +1\b", left), left
    gone = bihuan(desk_env, "--lang", "zh", "password", "admin", "--revoke-tokens").stdout
    assert re.search(r"令牌 +0\b", gone), gone
    tokens = json.loads(bihuan(desk_env, "token", "admin", "--list", "--format", "json").stdout)
    assert all(one["revoked_at"] for one in tokens)


@pytest.mark.parametrize(
    "words", [["verify"], ["backup", "desk.tar.gz"], ["password", "admin"], ["token", "admin"]]
)
def test_what_a_command_tells_under_chinese_has_chinese_names(desk_env, tmp_path, words):
    if len(words) > 1 and words[0] == "backup":
        words = ["backup", str(tmp_path / words[1])]
    told = bihuan(desk_env, "--lang", "zh", *words).stdout
    names = re.findall(r"^(\S+(?: \S+)*)  +\S", told, re.MULTILINE)
    assert names
    assert not [name for name in names if re.match(r"[a-z]", name)], told
