"""Who is drawn: the members of a population in a fixed order, of which each stratum gives the first so many.

The order depends on the seed, the period and the member's id alone, so that anybody can repeat it (docs/samples.md has
the bytes). How many are taken is exact arithmetic. A cut draws what is wanting then and takes nothing back, so a
growing population only tops the sample up. Knows no policy, no log and no clock.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from hashlib import sha256
from math import ceil
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from bihuan.engine.errors import CallError

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Words = NDArray[np.uint64]
MANY = 1_000  # texts, from which all digests are taken at once, where that can be had
AT_ONCE = 1_000_000
NEVER = -1  # the cut at which a member was drawn that was not


def message(seed: str, period: str, member: str) -> bytes:
    """The bytes that give a member its key: seed, period and id, each but the last with a line break behind it.

    No seed and no period has a line break in it, so no two triples have the same bytes.

    >>> message("7", "2026-10", "A1")
    b'7\\n2026-10\\nA1'
    """
    return head(seed, period) + member.encode()


def head(seed: str, period: str) -> bytes:
    """What the messages of one draw have in common."""
    if "\n" in seed:
        raise CallError("the seed of a draw has a line break in it; choose one without")
    return f"{seed}\n{period}\n".encode()


def key(seed: str, period: str, member: str) -> str:
    """The key of one member, as hexadecimal digits; keys are compared as numbers, the smallest comes first.

    >>> key("7", "2026-10", "A1")[:16]
    '2b791fa7bc7dcd30'
    """
    return sha256(message(seed, period, member)).hexdigest()


@lru_cache(maxsize=1)
def hashing() -> Any:
    """Polars with digests of whole columns, loaded when it is first wanted; nothing without the extra `fast`."""
    try:
        import polars_hash
    except ImportError:
        return None
    return polars_hash


def keys(seed: str, period: str, members: pl.Series) -> pl.Series:
    """The keys of many members, as `key` writes them: so long that their order as text is that of the numbers."""
    return digests(head(seed, period).decode() + members)


def digests(texts: pl.Series) -> pl.Series:
    """SHA-256 of each text, as hexadecimal digits."""
    if len(texts) < max(MANY, 1) or (plugin := hashing()) is None:
        return pl.Series([sha256(text.encode()).hexdigest() for text in texts], dtype=pl.String)
    digest, table = plugin.col("text").chash.sha2_256(), texts.alias("text").to_frame()
    if len(texts) <= AT_ONCE:
        return table.select(digest).to_series()
    pieces = table.iter_slices(AT_ONCE)
    with ThreadPoolExecutor(pl.thread_pool_size()) as pool:  # the plugin takes one value after the other
        found: pl.Series = pl.concat(pool.map(lambda piece: piece.select(digest).to_series(), pieces))
    return found


def first_words(found: pl.Series) -> Words:
    """The most significant 64 bits of each key, which say the order unless two are equal."""
    return found.str.slice(0, 16).str.to_integer(base=16, dtype=pl.UInt64).to_numpy()


@dataclass(frozen=True, slots=True)
class Quota:
    """How many of a stratum are drawn: a share of it, rounded up, and never fewer than so many."""

    rate: Fraction
    minimum: int = 0

    def of(self, size: int) -> int:
        """
        >>> Quota(Fraction(1, 10)).of(30), Quota(Fraction(1, 10)).of(31), Quota(Fraction(0), 2).of(1)
        (3, 4, 1)
        """
        return min(size, max(ceil(self.rate * size), self.minimum))


def ratio(rate: float | int | Decimal | str) -> Fraction:
    """A rate as it is written: 0.1 is one tenth, not the binary number next to it.

    >>> ratio(0.1) * 30
    Fraction(3, 1)
    """
    return Fraction(str(rate))


@dataclass(frozen=True)
class Population:
    """Members by stratum; `enters` is the number of the first cut that sees each."""

    members: pl.Series  # ids, as text
    stratum: Ints
    quotas: Sequence[Quota]  # by stratum
    enters: Ints
    priority: NDArray[np.float64] | None = None  # the greatest is taken first, what is not a number last


@dataclass(frozen=True)
class Drawn:
    """Of each member the first word of its key, its place in its stratum from 1 on, and the cut that drew it."""

    keys: Words
    place: Ints
    cut: Ints


def draw(
    population: Population, seed: str, period: str, cuts: int = 1, recorded: Ints | None = None
) -> Drawn:
    """The draw at each cut in turn. `recorded` has the cut at which a member was drawn already, or NEVER."""
    found = keys(seed, period, population.members)
    words = first_words(found)
    order = in_order(population, found, words)
    stratum, enters = population.stratum[order], population.enters[order]
    held = np.full(len(order), NEVER) if recorded is None else recorded[order]
    cut = np.where(held >= 0, held, NEVER)
    sizes = np.bincount(stratum, minlength=len(population.quotas))
    first = np.cumsum(sizes) - sizes
    for number in range(cuts):
        there, taken = enters <= number, (cut >= 0) & (cut <= number)
        cut[wanting(stratum, there, there & taken, population.quotas, there & (cut == NEVER))] = number
    return Drawn(words, back(order, np.arange(len(order)) - first[stratum] + 1), back(order, cut))


def in_order(population: Population, found: pl.Series, words: Words) -> Ints:
    """Members by stratum, then priority, then key; only equal ids have equal keys."""
    order = pl.Series(words).arg_sort().cast(pl.Int64).to_numpy()
    if (np.diff(words[order]) == 0).any():
        order = found.arg_sort().cast(pl.Int64).to_numpy()
    if population.priority is not None:
        falling = -np.nan_to_num(population.priority, nan=-np.inf)
        order = order[np.argsort(falling[order], kind="stable")]
    if len(population.quotas) > 1:
        order = order[np.argsort(population.stratum[order], kind="stable")]
    return order


def wanting(stratum: Ints, there: Bools, taken: Bools, quotas: Sequence[Quota], free: Bools) -> Bools:
    """Of members in their order, the first free ones of each stratum that its quota still wants."""
    sizes = np.bincount(stratum[there], minlength=len(quotas)).tolist()
    have = np.bincount(stratum[taken], minlength=len(quotas)).tolist()
    wants = np.array([quota.of(n) - h for quota, n, h in zip(quotas, sizes, have, strict=True)], np.int64)
    free_of = np.bincount(stratum[free], minlength=len(quotas))
    before = np.cumsum(free) - 1 - (np.cumsum(free_of) - free_of)[stratum]
    found: Bools = free & (before < wants[stratum])
    return found


def back(order: Ints, values: Ints) -> Ints:
    """Values of members in their order, put where the members stood."""
    found = np.empty_like(values)
    found[order] = values
    return found
