"""A draw as a folder: the events `drawn` that go into the log, everybody with the reason, the strata; and lists read back.

What a draw is and whether a list is one, the engine says.
"""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from bihuan.engine.errors import LogError
from bihuan.engine.sample import Sample
from bihuan.files.folder import write_folder
from bihuan.files.instants import Clock, instants
from bihuan.files.outcomes import SUMMARY, write_summary
from bihuan.files.tables import batches

DRAWN = "drawn.csv"
OURS = frozenset({SUMMARY, DRAWN, "members.parquet", "strata.parquet"})
INSTANTS = ("trigger", "enters", "recorded", "drawn_at", "at")
NAMES = {"case": "member", "drawn_for": "rule", "drawn_period": "period"}  # of a log, and of a list


def write_sample(place: str | Path, sample: Sample) -> Path:
    """Write a draw into this folder, replacing an earlier one."""

    def fill(folder: Path) -> None:
        drawn_list(sample).write_csv(folder / DRAWN)
        members_of(sample).write_parquet(folder / "members.parquet")
        sample.strata.write_parquet(folder / "strata.parquet")
        write_summary(folder, sample_summary(sample))

    return write_folder(place, OURS, fill)


def sample_summary(sample: Sample) -> dict[str, Any]:
    """What was drawn from, by what."""
    header = sample.policy.header
    at = datetime.fromtimestamp(sample.as_of, ZoneInfo(header.zone))
    return {
        "policy": sample.policy.id,
        "edition": str(header.edition or "unknown"),
        "period": sample.period.name,
        "seed": sample.seed,
        "as_of": at.isoformat(),
        "over": sample.over,
        "rules": [rule.name for rule in sample.rules],
        "members": int(sample.strata["members"].sum()),
        "drawn": int(sample.members["drawn_at"].count()),
    }


def members_of(sample: Sample) -> pl.DataFrame:
    """Everybody who could be drawn, with instants in the policy's zone and keys as they are repeated by hand."""
    zone = sample.policy.header.zone
    local = [
        pl.from_epoch(pl.col(name), "s").dt.replace_time_zone("UTC").dt.convert_time_zone(zone).alias(name)
        for name in INSTANTS
        if name in sample.members.columns
    ]
    return sample.members.with_columns(
        *local, key=pl.col("key").map_elements(lambda word: f"{word:016x}", return_dtype=pl.String)
    )


def drawn_list(sample: Sample) -> pl.DataFrame:
    """The events `drawn` that the log does not have yet, as rows of a log, with what proves them."""
    table = members_of(sample).select("rule", "period", "member", "drawn_at", "stratum", "place", "key")
    proof = table.select(
        pl.col("rule").alias("drawn_for"),
        pl.col("period").alias("drawn_period"),
        "member",
        pl.col("stratum").list.join(" / ", ignore_nulls=False).alias("stratum"),
        "place",
        "key",
    )
    subjects = [rule.draw_from for rule in sample.rules if rule.draw_from]
    member = pl.coalesce(*subjects, "case")
    events = sample.events.with_columns(member.alias("member"), local_text(sample.policy.header.zone))
    joined = events.join(proof, on=("drawn_for", "drawn_period", "member"), how="left", maintain_order="left")
    idle = [name for name in ("unit", *subjects) if joined[name].count() == 0]
    return joined.drop("member", "whole_day", *dict.fromkeys(idle))


def local_text(zone: str) -> pl.Expr:
    """`at` as it is written in a log of the policy's zone."""
    at = pl.from_epoch(pl.col("at"), "s").dt.replace_time_zone("UTC").dt.convert_time_zone(zone)
    return at.dt.strftime("%Y-%m-%d %H:%M:%S").alias("at")


def read_list(path: str | Path, zone: str, subjects: Mapping[str, str] | None = None) -> pl.DataFrame:
    """A list of those drawn: a column `case` or `member`, and what else of `drawn.csv` it has.

    `subjects` says by rule in which column the subject of a register stands.
    """
    path = Path(path)
    table = pl.concat([batch.table for batch in batches(path)], how="diagonal_relaxed")
    if not {"case", "member"} & set(table.columns):
        raise LogError(
            f"a list of those drawn has a column case or member, found {', '.join(table.columns)}",
            file=str(path),
        )
    if "member" not in table.columns:
        table = table.rename({"case": "member"})
    named = {old: new for old, new in NAMES.items() if old in table.columns and new not in table.columns}
    table = table.rename(named)
    for rule, column in (subjects or {}).items():
        table = of_register(table, rule, column)
    return in_types(table, zone, path)


def of_register(table: pl.DataFrame, rule: str, column: str) -> pl.DataFrame:
    """Of a campaign the case is the population, and the subject is who was drawn."""
    if column not in table.columns:
        return table
    mine = pl.col(column).is_not_null() & (
        pl.col("rule") == rule if "rule" in table.columns else pl.lit(True)
    )
    return table.with_columns(
        population=pl.when(mine).then("member").otherwise(pl.lit("")),
        member=pl.when(mine).then(pl.col(column).cast(pl.String)).otherwise("member"),
    )


def in_types(table: pl.DataFrame, zone: str, path: Path) -> pl.DataFrame:
    """Instants as seconds, places as numbers; what cannot be read is refused with its row."""
    if "at" in table.columns:
        found = instants(table["at"], Clock(zone))
        wrong = table["at"].filter(found.at.is_null() & ~found.empty)
        if len(wrong):
            raise LogError(f"at: {wrong[0]!r} is no instant", file=str(path))
        table = table.with_columns(found.at.alias("at"))
    if "place" in table.columns:
        table = table.with_columns(pl.col("place").cast(pl.String).cast(pl.Int64, strict=False))
    return table
