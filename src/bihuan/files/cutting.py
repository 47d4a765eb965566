"""A table that is sorted by case, cut between cases as it is read: a case comes whole, and little is copied.

Knows no events and no instants. A case that comes back later is not passed over: `NotSortedError` is raised.
"""

from collections.abc import Callable, Iterable, Iterator

import polars as pl

Ids = Callable[[pl.DataFrame], pl.Series]


class NotSortedError(Exception):
    """The table is not in the order of its cases; other ways of reading it are."""


def whole_cases(tables: Iterable[pl.DataFrame], ids_of: Ids, size: int) -> Iterator[pl.DataFrame]:
    """Tables of at least `size` rows (the last: what is left), none of them ending within a case.

    >>> tables = [pl.DataFrame({"case": [1, 1, 2]}), pl.DataFrame({"case": [2, 3, 3, 4]})]
    >>> [table["case"].to_list() for table in whole_cases(tables, lambda table: table["case"], 2)]
    [[1, 1], [2, 2], [3, 3], [4]]
    """
    held: list[pl.DataFrame] = []  # rows not handed out yet; the last of their cases may go on
    last = None
    for table in tables:
        ids = in_order(ids_of(table), last)
        if not len(ids):
            held.append(table)
            continue
        waiting = sum(part.height for part in held)
        if waiting >= size and ids[0] != last:
            yield together(held)
            held, waiting = [], 0
        start = 0
        for end in borders(ids, size, size - waiting):
            yield together([*held, table.slice(start, end - start)])
            held, start = [], end
        held.append(table.slice(start))
        last = ids[-1]
    if held:
        yield together(held)


def borders(ids: pl.Series, size: int, first: int) -> Iterator[int]:
    """Where cases begin, the first after `first` rows, then about `size` rows apart."""
    row = max(first, 1)
    while row <= len(ids):
        border = int(ids.search_sorted(ids[row - 1], side="right"))
        if border == len(ids):
            return
        yield border
        row = border + size


def in_order(ids: pl.Series, last: object) -> pl.Series:
    """The ids, rows without one with those before them; `last` is the id of the row before."""
    known = ids.drop_nulls() if ids.null_count() else ids
    if len(known) and not (known.is_sorted() and (last is None or last <= known[0])):
        raise NotSortedError
    if len(known) == len(ids):
        return ids
    first = pl.Series(ids.name, [known[0] if last is None and len(known) else last], dtype=ids.dtype)
    return first.append(ids).fill_null(strategy="forward").slice(1)


def together(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return parts[0] if len(parts) == 1 else pl.concat(parts, rechunk=True)
