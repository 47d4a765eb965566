"""Boston's own deadlines and judgements beside ours: `target_dt` with our due times, `ontime` with met and late.

    python examples/boston-311/compare.py [boston311_2011H2.csv.gz]

Needs the log, which is not part of the project; docs/tutorial/boston-311.md says where it comes from.
"""

import os
import sys
from pathlib import Path

import polars as pl

import bihuan

HERE = Path(__file__).parent
FILE = "boston311_2011H2.csv.gz"
CLOSE_ENOUGH = 120  # seconds: the city's system stamps a target up to a minute off
MANY = 50  # cases with a target that make a type worth a line


def log_path() -> Path:
    """The log named on the command line, else in the folder BIHUAN_DATA, else in shared/data beside the project."""
    folder = os.environ.get("BIHUAN_DATA") or HERE.parents[2] / "shared" / "data"
    return Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / FILE


def replayed(log: Path) -> pl.DataFrame:
    """The obligations of the log under the policy beside this file."""
    policy = bihuan.read_policy(HERE / "policy")
    site = bihuan.read_site(HERE / "site")
    events = bihuan.read_log(log, HERE / "mapping.toml", zone=policy.header.zone)
    return bihuan.replay(policy, bihuan.read_calendars(site.notices), events, registers=site).obligations


def side_by_side(log: Path, obligations: pl.DataFrame) -> pl.DataFrame:
    """One row per case with a target: our due time, theirs, both verdicts."""
    theirs = pl.read_csv(log, columns=["case_enquiry_id", "type", "ontime"], infer_schema=False)
    rows = obligations.select(
        "case", pl.col("rule", "state").cast(pl.String), "started_at", "due_at", "done_at"
    )
    by_target = rows.filter(pl.col("rule") == "close-by-target").rename({"due_at": "target_at"})
    ours = rows.filter(pl.col("rule") != "close-by-target").select("case", "rule", "due_at")
    both = by_target.drop("rule").join(ours, on="case", how="left").join(
        theirs.rename({"case_enquiry_id": "case"}), on="case", how="left"
    )  # fmt: skip
    apart = (pl.col("target_at") - pl.col("due_at")).dt.total_seconds()
    both = both.with_columns(apart=apart, agrees=(apart.abs() <= CLOSE_ENOUGH).fill_null(False))
    return both.with_columns(group=group_of_difference())


def group_of_difference() -> pl.Expr:
    """Why a target is not our due time, as far as it can be seen; the first that fits."""
    by_hand = pl.col("target_at").dt.second() == 0
    return (
        pl.when(pl.col("due_at").is_null()).then(pl.lit("no number for the type"))
        .when("agrees").then(None)
        .when(pl.col("apart").is_between(-3_600, 0)).then(pl.lit("up to an hour earlier"))
        .when(same_time("started_at") & ~by_hand).then(pl.lit("another number, at the second it was opened"))
        .when(by_hand).then(pl.lit("a whole minute: set by hand"))
        .otherwise(pl.lit("other"))
    )  # fmt: skip


def same_time(name: str) -> pl.Expr:
    """Whether the target has the time of day of that column."""
    second = [pl.col(each).dt.time().cast(pl.Int64) // 1_000_000_000 for each in ("target_at", name)]
    return (second[0] - second[1]).abs() <= CLOSE_ENOUGH


def by_type(cases: pl.DataFrame) -> pl.DataFrame:
    """How many due times of each type agree, the largest types first."""
    counted = cases.group_by("type").agg(pl.len().alias("cases"), pl.col("agrees").sum())
    return counted.with_columns(share=pl.col("agrees") / pl.col("cases")).sort(
        "cases", "type", descending=[True, False]
    )


def pooled(types: pl.DataFrame) -> tuple[int, int]:
    """Agreeing and all due times over the types with many cases."""
    many = types.filter(pl.col("cases") >= MANY)
    return int(many["agrees"].sum()), int(many["cases"].sum())


def verdicts(cases: pl.DataFrame) -> pl.DataFrame:
    """Closed cases by their verdict and ours, both against the target."""
    closed = cases.filter(pl.col("done_at").is_not_null())
    return closed.group_by("ontime", "state").len("cases").sort("ontime", "state", nulls_last=True)


def without_verdict(cases: pl.DataFrame) -> pl.DataFrame:
    """Closed cases with a target of which the city says neither ONTIME nor OVERDUE."""
    silent = cases.filter(pl.col("done_at").is_not_null() & pl.col("ontime").is_null())
    return silent.select("case", "type", "started_at", "target_at", "done_at", "state").sort("case")


def main() -> None:
    log = log_path()
    if not log.exists():
        sys.exit(f"there is no log {log}: name it, or set BIHUAN_DATA to the folder that holds {FILE}")
    cases = side_by_side(log, replayed(log))
    types = by_type(cases)
    agree, many = pooled(types)
    differing = cases.filter(pl.col("group").is_not_null())
    silent = without_verdict(cases)
    with pl.Config(
        tbl_rows=-1, tbl_cols=-1, fmt_str_lengths=60, tbl_hide_dataframe_shape=True, tbl_width_chars=140
    ):
        parts = [
            f"{agree} of {many} due times within two minutes ({agree / many:.2%}), types with {MANY} cases or more",
            types,
            "what does not agree",
            differing.group_by("group").len("cases").sort("cases", descending=True),
            "closed cases: their verdict and ours, against the target",
            verdicts(cases),
            f"closed cases with a target and no verdict of theirs: {silent.height}",
            silent,
        ]
        sys.stdout.write("\n\n".join(str(part) for part in parts) + "\n")


if __name__ == "__main__":
    main()
