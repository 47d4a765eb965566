"""A comparison over more cases than a page can wait for: made by a process of its own, which leaves it in a file.

One at a time on a machine: it takes memory, and whoever asks meanwhile waits for the next turn. What was found is shown
for some minutes, then found anew. Compares nothing itself, see `comparing`.
"""

import datetime as dt
import fcntl
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings

from bihuan.desk import clock
from bihuan.desk.errors import UnavailableError
from bihuan.desk.models import Edition
from bihuan.desk.office import office_now
from bihuan.desk.pages.comparing import FEW, Changed, Compared, chosen, compared
from bihuan.engine.errors import BihuanError

KEPT = 600  # seconds
AGAIN = 3  # seconds after which one asks whether it is ready
NICE = 10
START = "import django; django.setup(); from bihuan.desk.pages.comparing_apart import make; make()"


def looked_at(before: Edition, after: Edition, since: dt.date | None) -> Compared | None:
    """What an edition would change; nothing while that is still being found out."""
    if chosen(after, since, FEW)[1]:
        return compared(before, after, since)
    folder = settings.HOME / "comparisons"
    folder.mkdir(mode=0o700, exist_ok=True)
    told = [before.hash, after.hash, str(since or "")]
    place = folder / f"{'-'.join([*(one[:16] for one in told), str(office_now().basis)])}.json"
    with turn(folder) as lock:
        if fresh(place):
            return read(place)
        if lock is not None:
            begin(place, told, lock)
    return None


@contextmanager
def turn(folder: Path) -> Iterator[int | None]:
    """The lock of whoever compares, which lasts until the process that inherits it ends; none where another has it."""
    lock = os.open(folder / "turn", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield None
        else:
            yield lock
    finally:
        os.close(lock)


def fresh(place: Path) -> bool:
    try:
        return place.stat().st_mtime > clock.seconds(clock.now()) - KEPT
    except FileNotFoundError:
        return False


def begin(place: Path, told: list[str], lock: int) -> None:
    begun = place.with_suffix(".begun")
    if fresh(begun):
        begun.unlink()
        raise UnavailableError(
            "the comparison broke off: see whether the machine has memory and room on its disk",
            "read",
        )
    for old in place.parent.glob("*.*"):
        if not fresh(old):
            old.unlink(missing_ok=True)
    begun.touch()
    env = os.environ | {"BIHUAN_HOME": str(settings.HOME), "DJANGO_SETTINGS_MODULE": "bihuan.desk.settings"}
    command = [sys.executable, "-c", START, str(place), *told]
    made = subprocess.Popen(command, env=env, pass_fds=[lock], stdin=subprocess.DEVNULL)
    threading.Thread(target=made.wait, daemon=True).start()


def make() -> None:
    """In the process of its own: find it and leave it under its name once it is whole."""
    os.nice(NICE)
    place, since = Path(sys.argv[1]), sys.argv[4]
    before, after = (Edition.objects.get(hash=one) for one in sys.argv[2:4])
    found: dict[str, Any]
    try:
        found = asdict(compared(before, after, dt.date.fromisoformat(since) if since else None))
    except BihuanError as error:
        found = {"problem": str(error)}
    half = place.with_suffix(".half")
    half.write_text(json.dumps(found, default=dt.datetime.isoformat), "utf-8")
    half.replace(place)
    place.with_suffix(".begun").unlink(missing_ok=True)


def read(place: Path) -> Compared:
    found = json.loads(place.read_text("utf-8"))
    if "problem" in found:
        raise UnavailableError(found["problem"], "read")
    rules = [Changed(**one) for one in found["rules"]]
    rows = [row | {name: instant(row[name]) for name in ("due_before", "due_after")} for row in found["rows"]]
    return Compared(**found | {"rules": rules, "rows": rows})


def instant(told: str | None) -> dt.datetime | None:
    return None if told is None else dt.datetime.fromisoformat(told)
