"""Parquet files that grow table by table: a file each time, put together at the end without reading them whole.

Knows no table's meaning.
"""

import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl


def as_text(table: pl.DataFrame) -> pl.DataFrame:
    """The table with its names as text."""
    return table.with_columns(pl.col(pl.Enum, pl.Categorical).cast(pl.String))


class Appended:
    """The files of a few tables, by name."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.files: defaultdict[str, list[Path]] = defaultdict(list)

    def add(self, name: str, table: pl.DataFrame) -> None:
        """Append rows. Names become text: which ones occur differs from portion to portion."""
        if not table.width or (table.is_empty() and self.files[name]):
            return
        file = self.folder / f"{name} {len(self.files[name]):06}.parquet"
        as_text(table).write_parquet(file)
        self.files[name] += [file]

    def join(self, name: str, target: Path) -> None:
        """All rows in the order in which they came, as one file."""
        files = self.files[name]
        if len(files) == 1:
            shutil.move(files[0], target)
        elif files:
            pl.scan_parquet(files).sink_parquet(target)


@contextmanager
def appending(folder: Path, names: Iterable[str]) -> Iterator[Appended]:
    """Tables to append to; each stands as `<name>.parquet` in the folder when all is well."""
    with tempfile.TemporaryDirectory(prefix="parts.", dir=folder) as beside:
        tables = Appended(Path(beside))
        yield tables
        for name in names:
            tables.join(name, folder / f"{name}.parquet")
