"""An assessment as a folder: its tables as Parquet, a summary as JSON. It appears whole or not at all."""

from pathlib import Path

from bihuan.engine.assess import Assessment
from bihuan.files.outcomes import write_tables

TABLES = ("charges", "totals", "statement", "ledger", "balances", "unbooked", "refused")


def write_assessment(place: str | Path, found: Assessment) -> Path:
    """Write an assessment into this folder, replacing an earlier one."""
    return write_tables(place, TABLES, found)
