"""What a process-mining library asks of the same log: pm4py's conformance with a temporal profile, on a few cases.

It knows wall-clock distances only: no working time, no pauses, no extensions. It is measured, never imported by
Bihuan (AGPL).
"""

from importlib.util import find_spec

from benchmarks import made
from benchmarks.measure import Row, keep, timed
from benchmarks.replays import HERE

CASES = 2_000


def main() -> None:
    if not find_spec("pm4py"):
        print("pm4py is not installed (extra `bench`)")
        return
    import pm4py

    from bihuan.engine.log import as_log
    from bihuan.engine.statistics import statistics
    from bihuan.files.calendars import read_calendars
    from bihuan.files.policies import read_policy

    policy, calendars = read_policy(str(HERE / "office.toml"), draft=True), read_calendars(())
    table = made.chunk(CASES, 0, 1)
    theirs = table.to_pandas().rename(
        columns={"case": "case:concept:name", "event": "concept:name", "at": "time:timestamp"}
    )
    theirs = theirs.astype({"case:concept:name": str, "concept:name": str})
    log = as_log(
        table.with_columns(table["at"].dt.epoch("s"), table["case"].cast(str), table["event"].cast(str))
    )
    as_of = made.BEGIN + made.SPAN
    profile = pm4py.discover_temporal_profile(theirs)
    rows: list[Row] = []
    for name, times, call in (
        ("bihuan, 12 rules, compiled", 3, lambda: statistics(policy, calendars, log, as_of, way="compiled")),
        ("bihuan, 12 rules, interpreted", 1, lambda: statistics(policy, calendars, log, as_of, way="interpreted")),
        ("pm4py discover_temporal_profile", 1, lambda: pm4py.discover_temporal_profile(theirs)),
        (
            "pm4py conformance_temporal_profile", 1,
            lambda: pm4py.conformance_temporal_profile(theirs, profile, zeta=2),
        ),
    ):  # fmt: skip
        wall, cpu, _ = timed(call, times)
        us = cpu / CASES * 1e6
        first = rows[0]["cpu us a case"] if rows else us
        rows.append(
            {
                "what": name,
                "cases": CASES,
                "wall s": round(wall, 4),
                "cpu us a case": round(us, 1),
                "ratio": round(us / first, 1),
            }
        )
    keep("mining", rows)


if __name__ == "__main__":
    main()
