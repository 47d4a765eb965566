"""The desk as it runs: made by `bihuan init`, written to by several processes at once, killed in the middle."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from bihuan.demo.__main__ import write
from bihuan.demo.tickets import COLUMNS, month
from tests.desk.conftest import BIHUAN

WRITER = """
import sys
import django
django.setup()
from bihuan.desk import actions
number = 0
while True:
    number += 1
    case = actions.accept("power/dazu-complaint-assessment", by="admin", facts={"channel": "hotline"}, number=f"{sys.argv[1]}-{number}")
    print(case.number, case.version, flush=True)
    event = actions.append(case.number, "urged", by="admin")
    print(case.number, event.seq, flush=True)
"""

TICKER = """
import django
django.setup()
from bihuan.desk.tick import tick
done = [tick() for _ in range(3)]
print(sum(one.told for one in done), sum(one.cases for one in done))
"""

SETTLED = """
import json
import django
django.setup()
from bihuan.desk.models import Case, Event, Obligation, Told
from bihuan.desk.rebuild import rebuild
from bihuan.desk.verify import verify
report = verify()
print(json.dumps({
    "whole": report.whole,
    "misfits": [str(one) for one in report.misfits],
    "events": [f"{n} {s}" for n, s in Event.objects.values_list("case__number", "seq")],
    "versions": dict(Case.objects.values_list("number", "version")),
    "owing": sorted(set(Obligation.objects.filter(case__isnull=False).values_list("case__number", flat=True))),
    "told": [list(one) for one in Told.objects.filter(case__isnull=False).values_list("case__number", "rule", "round", "what")],
    "overdue": Obligation.objects.filter(case__isnull=False, state="overdue").count(),
    "changed": rebuild().changed,
}))
"""


def running(env, script, *arguments):
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def ran(env, script, *arguments):
    process = running(env, script, *arguments)
    out, err = process.communicate(timeout=240)
    assert process.returncode == 0, err
    return out


def read(process, lines):
    return [process.stdout.readline().strip() for _ in range(lines)]


def test_what_was_acknowledged_is_there_after_a_kill_and_nothing_is_half_there(desk_env):
    with running(desk_env, WRITER, "a") as one, running(desk_env, WRITER, "b") as other:
        acknowledged = [line for writer in (one, other) for line in read(writer, 8)]
        for writer in (one, other):
            os.kill(writer.pid, signal.SIGKILL)
        for writer in (one, other):
            acknowledged += [
                line.strip() for line in writer.stdout.read().splitlines() if len(line.split()) == 2
            ]
    found = json.loads(ran(desk_env, SETTLED))
    assert found["misfits"] == []
    assert len(acknowledged) >= 16
    assert set(acknowledged) <= set(found["events"])
    for number, version in found["versions"].items():
        assert sum(one.startswith(f"{number} ") for one in found["events"]) == version
    assert found["owing"] == sorted(found["versions"])
    assert found["changed"] == []


LOADER = """
import sys
import django
django.setup()
import bihuan
from bihuan.desk import actions
from bihuan.desk.actions import loading
loading.PORTIONS = dict.fromkeys(loading.PORTIONS, 100)
policy = bihuan.read_policy("power/dazu-complaint-assessment")
log = bihuan.read_log(sys.argv[1], zone=policy.header.zone, starts=policy.header.starts)
done = actions.load(log, policy.header.id, by="admin", progress=lambda cases: print(cases, flush=True))
print(len(done.left_out), done.cases, flush=True)
"""


def test_of_a_load_that_is_killed_whole_portions_are_there_and_the_next_brings_the_rest(desk_env, tmp_path):
    path, cases = tmp_path / "log.csv", 120
    write(path, COLUMNS, month(seed=4, cases=cases))
    with running(desk_env, LOADER, str(path)) as loader:
        acknowledged = int(read(loader, 3)[-1])
        os.kill(loader.pid, signal.SIGKILL)
        last = loader.stdout.read().splitlines()
    ran(desk_env, TICKER)  # judges the company, which a load leaves to it
    found = json.loads(ran(desk_env, SETTLED))
    held = len(found["versions"])
    assert int((last or [acknowledged])[-1]) <= held < cases
    assert (found["misfits"], found["changed"]) == ([], [])
    for number, version in found["versions"].items():
        assert sum(one.startswith(f"{number} ") for one in found["events"]) == version
    assert ran(desk_env, LOADER, str(path)).split()[-2:] == [str(held), str(cases - held)]
    ran(desk_env, TICKER)
    found = json.loads(ran(desk_env, SETTLED))
    assert (len(found["versions"]), found["misfits"], found["changed"]) == (cases, [], [])


OVERDUE = """
import datetime as dt
import django
django.setup()
from bihuan.desk import actions, clock
for n in range(6):
    actions.accept("power/dazu-complaint-assessment", by="admin", facts={"channel": "hotline"}, at=clock.now() - dt.timedelta(days=20 + n))
"""


def test_two_workers_tell_nothing_twice(desk_env):
    ran(desk_env, OVERDUE)
    workers = [running(desk_env, TICKER) for _ in range(2)]
    results = [worker.communicate(timeout=240) for worker in workers]
    assert [worker.returncode for worker in workers] == [0, 0], results
    found = json.loads(ran(desk_env, SETTLED))
    told = [tuple(one) for one in found["told"]]
    assert found["overdue"] > 0
    assert len([one for one in told if one[3] == "due"]) == found["overdue"]
    assert len(told) == len(set(told))


COMPARED = """
import time
import django
django.setup()
import bihuan
from bihuan.desk import actions
from bihuan.desk.errors import DeskError
from bihuan.desk.models import Edition
from bihuan.desk.pages import comparing_apart
from bihuan.desk.pages.comparing import compared
before = Edition.objects.get()
text = open(bihuan.read_policy(before.policy).path, encoding="utf-8").read()
after = actions.install(text.replace('within = "1 hour"', 'within = "2 hours"'), by="admin")
comparing_apart.FEW = 5
assert comparing_apart.looked_at(before, after, None) is None
assert comparing_apart.looked_at(before, after, None) is None, "another asks meanwhile"
deadline = time.monotonic() + 120
while (found := comparing_apart.looked_at(before, after, None)) is None and time.monotonic() < deadline:
    time.sleep(0.1)
at_once = compared(before, after, None)
comparing_apart.START = "raise SystemExit(9)"
said = None
while said is None and time.monotonic() < deadline:
    try:
        said = comparing_apart.looked_at(after, before, None)
    except DeskError as error:
        said = str(error)
    time.sleep(0.1)
print(found == at_once, found.cases, found.all, found.rows[0]["due_before"] < found.rows[0]["due_after"], said)
"""


def test_a_comparison_of_many_is_made_apart_and_says_what_one_at_once_says(desk_env):
    ran(desk_env, OVERDUE)
    told = ran(desk_env, COMPARED).split(maxsplit=4)
    assert told[:4] == ["True", "6", "True", "True"]
    assert told[4].startswith("the comparison broke off")


def test_a_desk_is_made_once_and_its_commands_answer(desk_env):
    def bihuan(*arguments):
        return subprocess.run([BIHUAN, *arguments], env=desk_env, capture_output=True, text=True)

    again = bihuan("init")
    assert (again.returncode, "already" in again.stderr) == (2, True)
    assert bihuan("verify").returncode == 0
    assert bihuan("rebuild").returncode == 0
    assert bihuan("tick").returncode == 0
    elsewhere = bihuan("verify", "--home", "/nonexistent")
    assert (elsewhere.returncode, "bihuan init" in elsewhere.stderr) == (2, True)
    key = Path(desk_env["BIHUAN_HOME"]) / "secret.key"
    assert oct(key.stat().st_mode & 0o777) == "0o600"
