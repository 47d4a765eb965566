"""Tables laid aside on disk by a hash of a key, so that all rows of a key come back together.

Knows neither logs nor outcomes.
"""

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import polars as pl


class Spool:
    """A folder per kind of table and part, a file each time something is added."""

    def __init__(self, folder: Path, parts: int) -> None:
        self.folder = folder
        self.parts = parts
        self.turns: Counter[str] = Counter()
        self.empty: dict[str, pl.DataFrame] = {}

    def add(
        self, kind: str, table: pl.DataFrame, key: pl.Series, instead: Mapping[str, str] | None = None
    ) -> None:
        """Lay rows aside by `key`; keys named in `instead` go where another key goes."""
        part = self.part_of(key, instead)
        for (number,), rows in table.group_by(part, maintain_order=True):
            target = self.folder / kind / str(number)
            target.mkdir(parents=True, exist_ok=True)
            rows.write_parquet(target / f"{self.turns[kind]:06}.parquet", compression="lz4")
        self.turns[kind] += 1
        self.empty.setdefault(kind, table.clear())

    def part_of(self, key: pl.Series, instead: Mapping[str, str] | None = None) -> pl.Series:
        key = key.cast(pl.String)
        key = key.replace(instead) if instead else key
        return (key.hash(0) % self.parts).alias("part")

    def filled(self, *kinds: str) -> list[int]:
        """The parts that have rows of any of these kinds."""
        return sorted({int(path.name) for kind in kinds for path in self.folder.glob(f"{kind}/*")})

    def rows(self, kind: str, part: int) -> pl.DataFrame:
        """The same of a kind that something was added of."""
        found = self.table(kind, part)
        assert found is not None, kind
        return found

    def table(self, kind: str, part: int) -> pl.DataFrame | None:
        """The rows of a part in the order in which they came; None where nothing of the kind was ever added."""
        if kind not in self.empty:
            return None
        files = sorted((self.folder / kind / str(part)).glob("*.parquet"))
        return pl.concat([self.empty[kind], *map(pl.read_parquet, files)], how="diagonal_relaxed")
