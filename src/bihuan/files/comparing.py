"""A comparison of two outcomes larger than memory, written into a folder as it is made.

The rows of both sides wait on disk, by case and by customer; then they are compared part by part.
"""

import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import polars as pl

from bihuan.engine.compare import compare, kinds_of, rules_of, shifts
from bihuan.engine.compared_calls import compared_calls, load_of, years_of
from bihuan.engine.outcome import Outcome
from bihuan.engine.portions import total
from bihuan.files.appended import Appended, appending, as_text
from bihuan.files.folder import write_folder
from bihuan.files.outcomes import OURS_COMPARED, dated, write_summary
from bihuan.files.spool import Spool

TABLES = ("obligations", "callbacks", "irregularities")
SIDES = ("before", "after")
GROWING = ("rows", "irregularities", "contacts")


def write_compared(
    place: str | Path,
    before: Iterable[Outcome],
    after: Iterable[Outcome],
    renamed: Mapping[str, str] | None = None,
    *,
    parts: int = 64,
    progress: Callable[[int, int], None] | None = None,
) -> Path:
    """What changes from one outcome to the other, each given in portions (`iter_outcomes`), as a folder."""
    tell = progress or (lambda done, of: None)

    def fill(folder: Path) -> None:
        with tempfile.TemporaryDirectory(prefix="sides.", dir=folder) as beside:
            spool = Spool(Path(beside), parts)
            sides = zip(SIDES, (before, after), strict=True)
            summaries = {side: dated(total(laid_aside(spool, side, rows))) for side, rows in sides}
            with appending(folder, GROWING) as tables:
                by_case(spool, folder, tables, renamed or {}, tell)
                by_customer(spool, folder, tables)
        write_summary(folder, summaries)

    return write_folder(place, OURS_COMPARED, fill)


def laid_aside(spool: Spool, side: str, outcomes: Iterable[Outcome]) -> Iterator[dict[str, Any]]:
    for outcome in outcomes:
        for name in TABLES:
            table = as_text(getattr(outcome, name))
            spool.add(f"{side} {name}", table, table["case"])
        if outcome.demands.width:
            calls = as_text(outcome.demands)
            spool.add(f"{side} calls", calls, calls["customer"])
        yield outcome.summary


def by_case(
    spool: Spool, folder: Path, tables: Appended, renamed: Mapping[str, str], tell: Callable[[int, int], None]
) -> None:
    filled = spool.filled(*(f"{side} {name}" for side in SIDES for name in TABLES)) or [0]
    rules, kinds, moved = [], [], []
    for done, part in enumerate(filled, 1):
        found = compare(side_of(spool, "before", part), side_of(spool, "after", part), renamed)
        tables.add("rows", found.rows)
        tables.add("irregularities", found.irregularities)
        rules.append(found.rules)
        kinds.append(found.kinds)
        moved.append(shifts(found.pairs))
        tell(done, len(filled))
    rules_of(rules, moved).write_parquet(folder / "rules.parquet")
    kinds_of(kinds).write_parquet(folder / "kinds.parquet")


def side_of(spool: Spool, side: str, part: int) -> Outcome:
    obligations, callbacks, irregularities = (spool.rows(f"{side} {name}", part) for name in TABLES)
    nothing = pl.DataFrame()
    return Outcome(obligations, callbacks, irregularities, nothing, nothing, nothing)


def by_customer(spool: Spool, folder: Path, tables: Appended) -> None:
    """Contact load: both sides must say who is called."""
    kinds = [f"{side} calls" for side in SIDES]
    parts = spool.filled(*kinds) if all(kind in spool.empty for kind in kinds) else []
    found: list[dict[str, pl.DataFrame]] = []
    for part in parts or [0]:
        sides = (spool.rows(kind, part) if parts else pl.DataFrame() for kind in kinds)
        found.append(compared_calls(*sides))
        tables.add("contacts", found[-1].pop("contacts"))
    load_of([each["load"] for each in found]).write_parquet(folder / "load.parquet")
    years_of([each["calls"] for each in found]).write_parquet(folder / "calls.parquet")
