"""A folder of results that appears whole or not at all.

It is written beside its place and then renamed into it. A folder that holds anything else than results of the same
kind is never touched. What is written is the caller's business.
"""

import os
import shutil
import tempfile
from collections.abc import Callable, Set
from pathlib import Path

from bihuan.engine.errors import CallError


def write_folder(place: str | Path, ours: Set[str], fill: Callable[[Path], None]) -> Path:
    """Let `fill` write the files of a folder; an earlier folder of the same kind (`ours`) is replaced."""
    place = Path(place).absolute()
    _refuse_strange(place, ours)
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        fill(beside)
        _put(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return place


def _refuse_strange(place: Path, ours: Set[str]) -> None:
    if place.exists() and not place.is_dir():
        raise CallError(
            "a file stands where the folder should be written; name another folder", file=str(place)
        )
    if not place.is_dir():
        return
    strange = sorted(each.name for each in place.iterdir() if each.name not in ours)
    if strange:
        found = ", ".join(strange[:3])
        raise CallError(
            f"the folder holds other things ({found}); name a new or empty folder", file=str(place)
        )


def _put(beside: Path, place: Path) -> None:
    """Two renames: a folder cannot be renamed over one that is not empty."""
    # mkdtemp makes folders that only their owner may read
    beside.chmod(0o777 & ~_umask())
    old = beside.with_name(beside.name + ".old")
    if place.exists():
        os.replace(place, old)
    os.replace(beside, place)
    shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
