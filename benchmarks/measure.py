"""Measuring: the wall and processor time of a call, and what else the machine was doing."""

import json
import os
import platform
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
Row = dict[str, Any]


def timed(call: Callable[[], Any], times: int = 3) -> tuple[float, float, Any]:
    """The least wall and processor seconds of several calls, and what the last one answered.

    What a call answered is let go before the next begins: nobody holds two results, and each would take memory anew.
    """
    walls, cpus, found = [], [], None
    for _ in range(times):
        found = None
        wall, cpu = time.perf_counter(), time.process_time()
        found = call()
        walls.append(time.perf_counter() - wall)
        cpus.append(time.process_time() - cpu)
    return min(walls), min(cpus), found


def machine() -> Row:
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "cores": os.cpu_count(),
        "processor": platform.processor() or platform.machine(),
        "python": platform.python_version(),
        "load": round(os.getloadavg()[0], 1),
    }


def table(rows: list[Row]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, ["---"] * len(names), *([str(row.get(name, "")) for name in names] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def keep(name: str, rows: list[Row]) -> None:
    """Print a table and write it, with the machine, as JSON and Markdown."""
    RESULTS.mkdir(exist_ok=True)
    told = machine()
    text = f"{name} ({told['date']}, {told['cores']} cores, load {told['load']})\n\n{table(rows)}\n"
    print(text)
    (RESULTS / f"{name}.md").write_text(text, encoding="utf-8")
    told_json = json.dumps({"machine": told, "rows": rows}, ensure_ascii=False, indent=1)
    (RESULTS / f"{name}.json").write_text(told_json + "\n", encoding="utf-8")
