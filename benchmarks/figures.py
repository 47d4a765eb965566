"""What callbacks, charges and indicators cost beside the obligations alone, on the same log, stage by stage.

`BIHUAN_BENCH_FIGURES` names the size of the log (default 100000 cases).
"""

import os
import tomllib
from pathlib import Path
from typing import Any

from benchmarks import made
from benchmarks.measure import Row, keep, timed

HERE = Path(__file__).parent


def policies() -> tuple[Any, Any]:
    """The rules of office.toml alone, and with figures.toml laid over them."""
    from bihuan.engine.policy import parse_policy

    alone = tomllib.loads((HERE / "office.toml").read_text("utf-8"))
    more = tomllib.loads((HERE / "figures.toml").read_text("utf-8"))
    unit = {"unit": {"type": "unit", "label": "单位"}}
    whole = {
        **alone,
        "facts": alone["facts"] | unit,
        "roles": {"unit": {"label": "单位", "fact": "unit"}},
        "article": [*alone["article"], *more["article"]],
    }
    return parse_policy(alone), parse_policy(whole)


def main() -> None:
    from bihuan.engine.assess import assess
    from bihuan.engine.indicators import indicators
    from bihuan.engine.replay import replay
    from bihuan.files.calendars import read_calendars
    from bihuan.files.logs import read_log

    cases = int(os.environ.get("BIHUAN_BENCH_FIGURES", "100000"))
    alone, whole = policies()
    log = read_log(made.log(cases), zone=alone.header.zone)
    calendars, as_of = read_calendars(()), made.BEGIN + made.SPAN
    stages = {
        "obligations alone": lambda: replay(alone, calendars, log, as_of),
        "with callbacks": lambda: replay(whole, calendars, log, as_of),
        "with charges": lambda: assess(whole, calendars, log, as_of),
        "with indicators": lambda: indicators(whole, calendars, log, as_of),
    }
    rows: list[Row] = []
    for name, call in stages.items():
        wall, cpu, _ = timed(call, 2)
        first = rows[0]["cpu s"] if rows else cpu
        rows.append(
            {
                "stage": name,
                "cases": cases,
                "wall s": round(wall, 2),
                "cpu s": round(cpu, 2),
                "of the first": round(cpu / first, 2),
            }
        )
    keep("figures", rows)


if __name__ == "__main__":
    main()
