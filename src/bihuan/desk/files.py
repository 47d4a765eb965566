"""Files of cases, outside the database and outside what the web serves, named by their content.

A file is whole under its name or not there: it is written beside, put on the disk, and then given its name.
"""

import os
import tempfile
from pathlib import Path

from django.conf import settings

from bihuan.desk.errors import UnavailableError


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
