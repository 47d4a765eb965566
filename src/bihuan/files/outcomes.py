"""An outcome as a folder: its tables as Parquet, what was left out as CSV, its summary as JSON.

The folder appears whole or not at all: it is written beside its place and then renamed into it. A folder that
holds anything else is never touched.
"""

import json
import os
import shutil
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bihuan.engine.errors import CallError
from bihuan.engine.outcome import Outcome

SUMMARY, EXCLUDED = "summary.json", "excluded.csv"
TABLES = ("obligations", "callbacks", "irregularities")
OURS = frozenset({SUMMARY, EXCLUDED} | {f"{name}.parquet" for name in (*TABLES, "charges")})


def write_outcome(place: str | Path, outcome: Outcome) -> Path:
    """Write an outcome into this folder, replacing an earlier one."""
    place = Path(place).absolute()
    _refuse_strange(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        _fill(beside, outcome)
        _put(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return place


def summary_of(outcome: Outcome) -> dict[str, Any]:
    """The summary as data for others: instants as ISO 8601 in the policy's zone."""
    summary = outcome.summary
    as_of = datetime.fromtimestamp(summary["as_of"], ZoneInfo(summary["zone"]))
    return {**summary, "as_of": as_of.isoformat()}


def _fill(folder: Path, outcome: Outcome) -> None:
    for name in TABLES:
        getattr(outcome, name).write_parquet(folder / f"{name}.parquet")
    outcome.excluded.write_csv(folder / EXCLUDED, include_bom=True)
    text = json.dumps(summary_of(outcome), ensure_ascii=False, indent=2, default=str)
    (folder / SUMMARY).write_text(text + "\n", encoding="utf-8")


def _refuse_strange(place: Path) -> None:
    if place.exists() and not place.is_dir():
        raise CallError(
            "a file stands where the folder should be written; name another folder", file=str(place)
        )
    if not place.is_dir():
        return
    strange = sorted(each.name for each in place.iterdir() if each.name not in OURS)
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
