"""Files of cases, outside the database and outside what the web serves, named by their content.

A file is whole under its name or not there: it is written beside, put on the disk, and then given its name.
"""

import datetime as dt
import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from bihuan.desk.errors import UnavailableError
from bihuan.i18n import _

DAY = dt.timedelta(days=1)
PORTION = 500


def place(sha: str) -> Path:
    found: Path = settings.HOME / "attachments" / sha[:2] / sha
    return found


def keep(content: bytes, sha: str) -> None:
    """Put a file in its place, unless it is there."""
    target = place(sha)
    if target.exists():
        return
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write(target, content)
    except OSError as error:
        raise UnavailableError(
            "the file cannot be kept, the disk of the desk is full or not writable: nothing was saved. "
            "Tell whoever runs it; then send this again"
        ) from error


def write(target: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(suffix=".new", dir=target.parent)
    try:
        with open(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(target)
    finally:
        Path(name).unlink(missing_ok=True)


def unlike(sha: str) -> str:
    """What is wrong with the file of this hash, if anything is."""
    try:
        with place(sha).open("rb") as file:
            return "" if hashlib.file_digest(file, "sha256").hexdigest() == sha else _("its file was changed")
    except FileNotFoundError:
        return _("its file is missing")


def drop(sha: str) -> bool:
    """Take a file away; whether it was there."""
    try:
        place(sha).unlink()
    except FileNotFoundError:
        return False
    return True


def old(now: dt.datetime) -> Iterator[list[str]]:
    """The hashes of files older than a day, in portions. What a crash left half written goes at once."""
    found: list[str] = []
    for path in (settings.HOME / "attachments").glob("*/*"):
        with suppress(FileNotFoundError):  # gone meanwhile
            if now.timestamp() - path.stat().st_mtime < DAY.total_seconds():
                continue
        if path.suffix == ".new":
            path.unlink(missing_ok=True)
        else:
            found.append(path.name)
        if len(found) == PORTION:
            yield found
            found = []
    yield found
