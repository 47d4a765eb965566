"""Outcomes and comparisons as folders: their tables as Parquet, what was left out as CSV, a summary as JSON.

`folder` sees to it that a folder appears whole or not at all.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from bihuan.engine.compare import TABLES as COMPARED
from bihuan.engine.compare import Comparison
from bihuan.engine.outcome import Outcome
from bihuan.engine.portions import total
from bihuan.files.appended import appending
from bihuan.files.folder import write_folder

SUMMARY, EXCLUDED = "summary.json", "excluded.csv"
TABLES = ("obligations", "callbacks", "irregularities", "exempted", "contacts")
OURS = frozenset({SUMMARY, EXCLUDED} | {f"{name}.parquet" for name in (*TABLES, "charges")})
OURS_COMPARED = frozenset({SUMMARY} | {f"{name}.parquet" for name in COMPARED})


#: Languages besides English in which the reasons of `excluded.csv` are given, and what says them.
Said = Mapping[str, Callable[[str], str]]


def write_outcome(place: str | Path, outcome: Outcome, said: Said | None = None) -> Path:
    """Write an outcome into this folder, replacing an earlier one."""
    return write_outcomes(place, [outcome], said)


def write_outcomes(place: str | Path, outcomes: Iterable[Outcome], said: Said | None = None) -> Path:
    """Write the portions of an outcome into this folder as they come; only one is held at a time."""

    def fill(folder: Path) -> None:
        with appending(folder, TABLES) as tables, (folder / EXCLUDED).open("wb") as excluded:
            summaries: list[dict[str, Any]] = []
            for outcome in outcomes:
                for name in TABLES:
                    tables.add(name, getattr(outcome, name))
                first = not summaries
                table = explained(outcome.excluded, said or {})
                table.write_csv(excluded, include_bom=first, include_header=first)
                summaries.append(outcome.summary)
        write_summary(folder, dated(total(summaries)))

    return write_folder(place, OURS, fill)


def write_tables(place: str | Path, names: Sequence[str], found: Any) -> Path:
    """Write the tables of these names and the summary of what was found, replacing an earlier folder of the kind."""

    def fill(folder: Path) -> None:
        for name in names:
            getattr(found, name).write_parquet(folder / f"{name}.parquet")
        write_summary(folder, dated(found.summary))

    return write_folder(place, {SUMMARY, *(f"{name}.parquet" for name in names)}, fill)


def explained(excluded: pl.DataFrame, said: Said) -> pl.DataFrame:
    """What was left out, with its reasons in further languages: `reason` itself never changes, `reason_zh` is read."""
    distinct = excluded["reason"].unique() if said else pl.Series([], dtype=pl.String)
    columns = {
        f"reason_{lang}": pl.col("reason").replace({one: say(one) for one in distinct})
        for lang, say in said.items()
    }
    return excluded.with_columns(**columns)


def write_comparison(place: str | Path, found: Comparison) -> Path:
    """Write a comparison into this folder, replacing an earlier one."""

    def fill(folder: Path) -> None:
        for name in COMPARED:
            getattr(found, name).write_parquet(folder / f"{name}.parquet")
        write_summary(folder, comparison_summary(found))

    return write_folder(place, OURS_COMPARED, fill)


def summary_of(outcome: Outcome) -> dict[str, Any]:
    """The summary as data for others: instants as ISO 8601 in the policy's zone."""
    return dated(outcome.summary)


def comparison_summary(found: Comparison) -> dict[str, Any]:
    """The same for the two sides of a comparison."""
    return {side: dated(summary) for side, summary in found.summary.items()}


def dated(summary: Mapping[str, Any]) -> dict[str, Any]:
    """A summary with its instant as ISO 8601."""
    as_of = datetime.fromtimestamp(summary["as_of"], ZoneInfo(summary["zone"]))
    return {**summary, "as_of": as_of.isoformat()}


def scan_folder(place: str | Path) -> tuple[dict[str, Any], dict[str, pl.LazyFrame]]:
    """What was written into a folder: the summary, and the tables, which are read only as far as they are used."""
    place = Path(place)
    summary = json.loads((place / SUMMARY).read_text(encoding="utf-8"))
    return summary, {file.stem: pl.scan_parquet(file) for file in sorted(place.glob("*.parquet"))}


def write_summary(folder: Path, summary: dict[str, Any]) -> None:
    text = json.dumps(summary, ensure_ascii=False, indent=2, default=str)
    (folder / SUMMARY).write_text(text + "\n", encoding="utf-8")
