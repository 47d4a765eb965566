"""An outcome as a folder: its tables as Parquet, what was left out as CSV, its summary as JSON.

The folder appears whole or not at all: it is written beside its place and then renamed into it. A folder that
holds anything else is never touched.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from bihuan.engine.errors import CallError

SUMMARY, EXCLUDED = "summary.json", "excluded.csv"
OURS = frozenset(
    {SUMMARY, EXCLUDED}
    | {f"{name}.parquet" for name in ("obligations", "callbacks", "irregularities", "charges")}
)


def write_outcome(
    place: str | Path, tables: Mapping[str, pl.DataFrame], excluded: pl.DataFrame, summary: Mapping[str, Any]
) -> Path:
    """Write an outcome into this folder, replacing an earlier one."""
    place = Path(place).absolute()
    _refuse_strange(place)
    place.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{place.name}.", dir=place.parent))
    try:
        _fill(beside, tables, excluded, summary)
        _put(beside, place)
    finally:
        shutil.rmtree(beside, ignore_errors=True)
    return place


def dated(table: pl.DataFrame, zone: str) -> pl.DataFrame:
    """The table with its instants (columns `…_at`, whole seconds) as dates and times of this zone."""
    instants = [name for name, kind in table.schema.items() if name.endswith("_at") and kind == pl.Int64]
    return table.with_columns(
        (pl.from_epoch(pl.col(name), time_unit="s").dt.replace_time_zone("UTC").dt.convert_time_zone(zone))
        for name in instants
    )


def _fill(
    folder: Path, tables: Mapping[str, pl.DataFrame], excluded: pl.DataFrame, summary: Mapping[str, Any]
) -> None:
    for name, table in tables.items():
        table.write_parquet(folder / f"{name}.parquet")
    excluded.write_csv(folder / EXCLUDED, include_bom=True)
    text = json.dumps(summary, ensure_ascii=False, indent=2, default=str)
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
