"""Rows of a frame that may be larger than memory, as the sequence that `show` prints: counted, sliced, gone through.

Knows polars and nothing of what the rows mean.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, overload

if TYPE_CHECKING:
    import polars as pl

Row = dict[str, Any]
AT_ONCE = 50_000


class Stored(Sequence[Row]):
    """A frame as rows, each changed by `speak` on its way."""

    def __init__(self, frame: "pl.LazyFrame", speak: Callable[[Row], Row] = lambda row: row) -> None:
        self.frame = frame
        self.speak = speak

    @cached_property
    def height(self) -> int:
        import polars as pl

        return int(self.frame.select(pl.len()).collect(engine="streaming").item())

    def __len__(self) -> int:
        return self.height

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        start, stop, step = (place if isinstance(place, slice) else slice(place, place + 1)).indices(
            self.height
        )
        rows = self.frame.slice(start, max(0, stop - start)).collect(engine="streaming").to_dicts()[::step]
        spoken = [self.speak(row) for row in rows]
        return spoken if isinstance(place, slice) else spoken[0]

    def __iter__(self) -> Iterator[Row]:
        for start in range(0, self.height, AT_ONCE):
            yield from self[start : start + AT_ONCE]
