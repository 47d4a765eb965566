"""An assessment as a folder: its tables as Parquet, a summary as JSON. It appears whole or not at all."""

from pathlib import Path

from bihuan.engine.assess import Assessment
from bihuan.files.folder import write_folder
from bihuan.files.outcomes import SUMMARY, dated, write_summary

TABLES = ("charges", "totals", "statement", "ledger", "balances", "unbooked", "refused")
OURS = frozenset({SUMMARY} | {f"{name}.parquet" for name in TABLES})


def write_assessment(place: str | Path, found: Assessment) -> Path:
    """Write an assessment into this folder, replacing an earlier one."""

    def fill(folder: Path) -> None:
        for name in TABLES:
            getattr(found, name).write_parquet(folder / f"{name}.parquet")
        write_summary(folder, dated(found.summary))

    return write_folder(place, OURS, fill)
