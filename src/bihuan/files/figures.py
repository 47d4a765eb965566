"""Figures as a folder: the figures and every row behind them as Parquet, a summary as JSON. It appears whole or not at all."""

from pathlib import Path

from bihuan.engine.indicators import Measured
from bihuan.files.appended import appending
from bihuan.files.folder import write_folder
from bihuan.files.outcomes import SUMMARY, dated, write_summary

FIGURES, BEHIND = "figures", "behind"
OURS = frozenset({SUMMARY, f"{FIGURES}.parquet", f"{BEHIND}.parquet"})


def write_figures(place: str | Path, found: Measured) -> Path:
    """Write figures into this folder, replacing earlier ones; the rows behind them one indicator after the other."""

    def fill(folder: Path) -> None:
        found.figures.write_parquet(folder / f"{FIGURES}.parquet")
        with appending(folder, (BEHIND,)) as tables:
            for name in found.counted:
                tables.add(BEHIND, found.rows_behind(name).filter(indicator=name))
        write_summary(folder, dated(found.summary))

    return write_folder(place, OURS, fill)
