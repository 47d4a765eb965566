"""The twelve rules of office.toml in Polars' lazy frames: the same steps as office.sql, which says what they assume.

Calendar tables come from `joins.calendar_tables`. Instants are seconds. Nothing of Bihuan is used.
"""

from collections.abc import Mapping
from pathlib import Path

import polars as pl

HOUR, DAY = 3600, 86400
EAST = 8 * HOUR
Tables = Mapping[str, pl.DataFrame]


def counts(wide: pl.LazyFrame, tables: Tables, as_of: int) -> pl.DataFrame:
    """Rows of each rule, unit and state, with the seconds of lateness added up."""
    near = placed(wide, tables["days"].lazy())
    rules = [
        *passing(near, as_of),
        *hourly(near, tables["slots"].lazy(), as_of),
        *daily(near, tables["ordinals"].lazy(), as_of),
    ]
    return pl.concat(rules).pipe(told, as_of).collect(engine="streaming")


def read(path: Path, as_of: int) -> pl.LazyFrame:
    return (
        pl.scan_parquet(path)
        .with_columns(t=pl.col("at").dt.epoch("s"))
        .filter(pl.col("t") <= as_of)
        .drop("at")
    )


def pivoted(log: pl.LazyFrame, events: list[str]) -> pl.LazyFrame:
    """One row a case, by grouping."""
    at = [pl.when(pl.col("event") == name).then("t").alias(name) for name in events]
    return (
        log.select("case", "unit", "severity", *at)
        .group_by("case")
        .agg(pl.col("unit").first(), pl.col("severity").max(), *(pl.col(name).min() for name in events))
    )


def joined(log: pl.LazyFrame, events: list[str]) -> pl.LazyFrame:
    """One row a case, every other event joined to the first."""
    first, *others = (log.filter(pl.col("event") == name).rename({"t": name}) for name in events)
    wide = first.drop("event")
    for name, other in zip(events[1:], others, strict=True):
        wide = wide.join(other.select("case", name), on="case", how="left")
    return wide


def day_of(t: str | pl.Expr) -> pl.Expr:
    return ((pl.col(t) if isinstance(t, str) else t) + EAST) // DAY


def end_of(day: pl.Expr) -> pl.Expr:
    return (day + 1) * DAY - EAST - 1


def placed(wide: pl.LazyFrame, days: pl.LazyFrame) -> pl.LazyFrame:
    """Where each instant lies in the calendar."""
    for name in ("accepted", "dispatched", "suspended", "resumed", "extended", "replied", "closed"):
        own = days.select(pl.all().name.prefix(f"{name}."))
        wide = wide.with_columns(day_of(name).alias(f"{name}.day")).join(own, on=f"{name}.day", how="left")
    return wide


def worked(name: str) -> pl.Expr:
    return pl.col(f"{name}.worked") + worked_in(name, "am") + worked_in(name, "pm")


def worked_in(name: str, half: str) -> pl.Expr:
    until = pl.min_horizontal(name, f"{name}.closes_{half}")
    return (until - pl.col(f"{name}.opens_{half}")).clip(0)


def shut(name: str) -> pl.Expr:
    """How many working days have ended by that second."""
    last = pl.col(name) == end_of(pl.col(f"{name}.day"))
    return pl.when(last).then(f"{name}.number").otherwise(f"{name}.past")


def halted(stopped: pl.Expr, done: str, as_of: int) -> pl.Expr:
    """Paused when it ended, or when asked: nothing is late then."""
    until = pl.coalesce(done, "withdrawn", pl.lit(as_of))
    still = (pl.col("resumed") > until).fill_null(True)
    return (stopped & (pl.col("suspended") <= until) & still).fill_null(False)


def lengthened(plain: pl.Expr, stopped: pl.Expr, halt: pl.Expr, by: pl.Expr) -> pl.Expr:
    return plain + pl.when(stopped & ~halt).then(by.fill_null(0)).otherwise(0)


def rows(
    frame: pl.LazyFrame, rule: str, done: str | pl.Expr, due: pl.Expr, halt: pl.Expr | None = None
) -> pl.LazyFrame:
    return frame.select(
        pl.lit(rule).alias("rule"),
        "unit",
        (pl.col(done) if isinstance(done, str) else done).alias("done"),
        "withdrawn",
        (pl.lit(False) if halt is None else halt).alias("halt"),
        due.alias("due"),
    )


def after(frame: pl.LazyFrame, name: str) -> pl.LazyFrame:
    return frame.filter(pl.col(name).is_not_null())


def passing(near: pl.LazyFrame, as_of: int) -> list[pl.LazyFrame]:
    """Hours that pass and dates that pass: arithmetic."""
    plain = end_of(pl.col("accepted.day") + 10)
    stopped = (pl.col("suspended") > pl.col("accepted")) & (pl.col("suspended") < plain)
    halt = halted(stopped, "resolved", as_of)
    paused = (pl.col("resumed.day") - pl.col("suspended.day")) * DAY
    severe = near.filter(pl.col("severity") == "severe")
    return [
        rows(after(near, "accepted"), "dispatch", "dispatched", pl.col("accepted") + HOUR // 2),
        rows(severe, "report", "reported", pl.col("accepted") + 24 * HOUR),
        rows(after(near, "answered"), "call", "called_back", pl.col("answered") + 24 * HOUR),
        rows(after(near, "resolved"), "close", "closed", end_of(day_of("resolved") + 3)),
        rows(after(near, "accepted"), "resolve", "resolved", lengthened(plain, stopped, halt, paused), halt),
    ]


def hourly(near: pl.LazyFrame, slots: pl.LazyFrame, as_of: int) -> list[pl.LazyFrame]:
    """Working hours, and what follows from a contact that was missed, from the moment it was."""
    contact = reached(near, worked("accepted") + 2 * HOUR, slots)
    missed = contact.filter(pl.coalesce("contacted", "withdrawn", pl.lit(as_of)) > pl.col("due"))
    escalated = pl.when(pl.col("escalated") > pl.col("due")).then("escalated")
    plain = worked("dispatched") + 8 * HOUR
    stopped = (pl.col("suspended") > pl.col("dispatched")) & (worked("suspended") < plain)
    halt = halted(stopped, "arrived", as_of)
    need = lengthened(plain, stopped, halt, worked("resumed") - worked("suspended"))
    arrive = reached(after(near, "dispatched").with_columns(halt=halt), need, slots)
    return [
        rows(contact, "contact", "contacted", pl.col("due")),
        rows(missed, "escalate", escalated, end_of(day_of("due") + 1)),
        rows(arrive, "arrive", "arrived", pl.col("due"), pl.col("halt")),
    ]


def reached(frame: pl.LazyFrame, need: pl.Expr, slots: pl.LazyFrame) -> pl.LazyFrame:
    """By when so much has been worked: in the last slot that begins below it."""
    found = frame.with_columns(need=need).sort("need").join_asof(
        slots, left_on="need", right_on="before", strategy="backward", allow_exact_matches=False, coalesce=False
    )  # fmt: skip
    return found.with_columns(due=pl.col("opens") + pl.col("need") - pl.col("before"))


def daily(near: pl.LazyFrame, ordinals: pl.LazyFrame, as_of: int) -> list[pl.LazyFrame]:
    """Working days: the number of the last one, whose end the calendar knows."""
    numbered = [
        limited(near, "answer", ("accepted", "answered"), 5, as_of),
        limited(near, "reply", ("dispatched", "replied"), 3, as_of),
        rows(after(near, "replied"), "review", "reviewed", pl.col("replied.number") + 1),
        rows(after(near, "closed"), "archive", "archived", pl.col("closed.number") + 7),
    ]
    last = pl.concat(numbered).rename({"due": "number"})
    return [last.join(ordinals, on="number").drop("number").rename({"ends": "due"})]


def limited(near: pl.LazyFrame, rule: str, events: tuple[str, str], days: int, as_of: int) -> pl.LazyFrame:
    """So many working days, as many again where an extension came in time, and those of the pause.

    Where the last day was over when the pause ended, one is left: the next that counts.
    """
    start, done = events
    n = pl.col(f"{start}.number") + days
    stop, go, asked = (pl.col(name) for name in ("suspended", "resumed", "extended"))
    paused = pl.col("resumed.number") - pl.col("suspended.number")
    begun = (stop > pl.col(start)) & (shut("suspended") < n) & (stop <= asked)
    past, over = pl.col("extended.past"), pl.col("resumed.past")
    in_time = (
        pl.when(begun.fill_null(False) & (go <= asked).fill_null(False))
        .then(past < n + paused + (over >= n + paused).cast(pl.Int64))
        .otherwise(begun.fill_null(False) | (past < n))
    )
    granted = (asked > pl.col(start)) & in_time
    plain = n + pl.when(granted).then(days).otherwise(0)
    then_last = n + paused + pl.when(granted & (asked <= go)).then(days).otherwise(0)
    paused += (over >= then_last).cast(pl.Int64)
    stopped = (stop > pl.col(start)) & (shut("suspended") < pl.col("plain"))
    halt = halted(stopped, done, as_of)
    frame = after(near, start).with_columns(plain=plain)
    return rows(frame, rule, done, lengthened(pl.col("plain"), stopped, halt, paused), halt)


def told(rows: pl.LazyFrame, as_of: int) -> pl.LazyFrame:
    over = pl.coalesce("done", "withdrawn", pl.lit(as_of)) - pl.col("due")
    late, done = (over > 0) & ~pl.col("halt"), pl.col("done").is_not_null()
    state = (
        pl.when(done & late).then(pl.lit("late"))
        .when(done).then(pl.lit("met"))
        .when(late).then(pl.lit("overdue"))
        .when(pl.col("withdrawn").is_not_null()).then(pl.lit("void"))
        .otherwise(pl.lit("open"))
    )  # fmt: skip
    counted = rows.select("rule", "unit", state=state, late_by=pl.when(late).then(over).otherwise(0))
    return counted.group_by("rule", "unit", "state").agg(pl.len().alias("rows"), pl.col("late_by").sum())
