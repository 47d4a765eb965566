"""A sample of one per cent: every member's place in the order that seed, period and id give, and who is drawn.

`BIHUAN_BENCH_DRAWS` names the size of the population (default 10000000). The digests alone are the limit.
"""

import os
from fractions import Fraction
from hashlib import sha256

import numpy as np
import polars as pl

from benchmarks.measure import Row, keep, timed


def main() -> None:
    from bihuan.engine.draw import Population, Quota, draw, head

    size = int(os.environ.get("BIHUAN_BENCH_DRAWS", "10000000"))
    members = pl.Series([f"C{n:09d}" for n in range(size)])
    zeros = np.zeros(size, np.int64)
    population = Population(members, zeros, [Quota(Fraction(1, 100))], zeros)
    begin = head("7", "2026-10")
    some = members[: size // 10].to_list()
    ways = {
        "draw 1 %": (size, lambda: draw(population, "7", "2026-10")),
        "SHA-256 alone, of a tenth": (
            len(some),
            lambda: [sha256(begin + one.encode()).digest() for one in some],
        ),
    }
    rows: list[Row] = []
    for name, (n, call) in ways.items():
        wall, cpu, _ = timed(call, 2)
        rows.append(
            {
                "what": name,
                "members": n,
                "wall s": round(wall, 2),
                "cpu s": round(cpu, 2),
                "ns each": round(cpu / n * 1e9),
            }
        )
    keep("draws", rows)


if __name__ == "__main__":
    main()
