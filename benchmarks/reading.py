"""Reading a real log of others (the Italian help desk, XES): beside pm4py, and beside a parser that only walks the file.

`BIHUAN_DATA` names the folder of `helpdesk_italian.xes.gz`. pm4py is measured, never imported by Bihuan (AGPL).
"""

import gzip
import os
from importlib.util import find_spec
from pathlib import Path
from xml.etree.ElementTree import iterparse

from benchmarks.measure import Row, keep, timed
from bihuan.files.logs import read_log

LOG = Path(os.environ.get("BIHUAN_DATA", "data")) / "helpdesk_italian.xes.gz"


def main() -> None:
    if not LOG.exists():
        print(f"{LOG} is not there; BIHUAN_DATA names its folder")
        return
    events = read_log(LOG).events.height
    calls = {"bihuan read_log": lambda: read_log(LOG), "ElementTree walks the file": walk}
    if find_spec("pm4py"):
        import pm4py

        calls["pm4py read_xes"] = lambda: pm4py.read_xes(str(LOG), show_progress_bar=False)
    rows: list[Row] = []
    for name, call in calls.items():
        wall, cpu, _ = timed(call)
        first = rows[0]["cpu s"] if rows else cpu
        rows.append(
            {"what": name, "events": events, "wall s": round(wall, 2), "cpu s": round(cpu, 2), "ratio": round(cpu / first, 1)}
        )  # fmt: skip
    keep("reading", rows)


def walk() -> None:
    with gzip.open(LOG) as file:
        for _, element in iterparse(file):
            element.clear()


if __name__ == "__main__":
    main()
