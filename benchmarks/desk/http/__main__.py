"""`python -m benchmarks.desk.http [CASES] [PASSES] [SECONDS] [JOB …]`: the desk over HTTP, beside plain Django and django-helpdesk.

A desk of 100,000 cases (made once, under out/bench, a copy of it is asked), served as `bihuan serve` does; a bare Django
project over a copy of the same database; django-helpdesk with as many tickets, as it comes and with the desk's settings for
SQLite. Two processes each, eight kept-alive connections, passes in turn, each server asked while the others are idle.
Beside each figure: the processor time that one request took the server, how many small writes with fsync the disk took
in a second just before, and how many cores others used meanwhile.
"""

import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.desk.http import asking, probes, servers
from benchmarks.desk.http.jobs import WRITES, jobs, lines
from benchmarks.measure import Row, keep

OUT = Path("out/bench").absolute()
RUN = OUT / "run"
CONNECTIONS = 8
JOBS = (
    "create", "append", "worklist", "worklist of a station", "worklist as data", "case page",
    "search, two characters",
)  # fmt: skip


def main() -> None:
    numbers, chosen = sys.argv[1:4], [job for job in JOBS if job in sys.argv[4:]]
    cases, passes, seconds = (int(given) for given in [*numbers, *("100000", "3", "4")[len(numbers) :]])
    shutil.rmtree(RUN, ignore_errors=True)
    RUN.mkdir(parents=True)
    known = prepared(cases)
    up = served(known)
    try:
        rows = measured(up, known, passes, seconds, chosen or JOBS) + [remembered(one) for one in up]
        if chosen:  # to look at while something is changed; only a whole run is kept
            print(*rows, sep="\n")
        else:
            keep("desk-http", rows)
    finally:
        for one in up:
            one.stop()
        shutil.rmtree(RUN, ignore_errors=True)


# --- what is asked ---


def run(*command: str, **env: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", *command],
        env={**os.environ, **env},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout.strip()


def prepared(cases: int) -> dict[str, Any]:
    """What each server is asked with, its data made where they are not there yet."""
    home, tickets = OUT / f"desk-{cases}", OUT / f"helpdesk-{cases}.sqlite3"
    if not home.exists():
        run("benchmarks.desk.http.desks", "make", str(home), str(cases))
    shutil.copytree(home, RUN / "desk")
    desk = json.loads(run("benchmarks.desk.http.desks", "ready", str(RUN / "desk")))
    shutil.copy(RUN / "desk" / "desk.sqlite3", RUN / "bare.sqlite3")
    shutil.copy(RUN / "desk" / "desk.sqlite3", RUN / "bare, logged in.sqlite3")
    fill, settings = "benchmarks.desk.http.helpdesk.fill", "benchmarks.desk.http.helpdesk.settings"
    told = {"DJANGO_SETTINGS_MODULE": settings, "HELPDESK_DATABASE": str(tickets)}
    session = run(fill, str(cases), **told)
    for name in HELPDESKS:
        shutil.copy(tickets, RUN / f"{name}.sqlite3")
    helpdesk = {"session": session, "count": cases}
    return {"desk": desk, "bare": desk, "bare, logged in": desk, **dict.fromkeys(HELPDESKS, helpdesk)}


HELPDESKS = ("helpdesk", "helpdesk, tuned")


def served(known: Mapping[str, Any]) -> list[servers.Server]:
    found = [servers.desk(RUN / "desk", RUN)]
    for name, login in (("bare", ""), ("bare, logged in", "1")):
        env = {
            "BARE_DATABASE": str(RUN / f"{name}.sqlite3"),
            "BARE_KEY": str(RUN / "desk" / "secret.key"),
            "BARE_PATTERN": known["desk"]["pattern"],
            "BARE_LOGIN": login,
        }
        found.append(servers.plain(name, APPLICATION, "benchmarks.desk.http.bare.settings", env, RUN))
    for name, tuned in zip(HELPDESKS, ("", "1"), strict=True):
        env = {"HELPDESK_DATABASE": str(RUN / f"{name}.sqlite3"), "HELPDESK_TUNED": tuned}
        found.append(servers.plain(name, APPLICATION, "benchmarks.desk.http.helpdesk.settings", env, RUN))
    return found


APPLICATION = "django.core.wsgi:get_wsgi_application()"


# --- measuring ---


def measured(
    up: list[servers.Server], known: dict[str, Any], passes: int, seconds: float, chosen: Sequence[str]
) -> list[Row]:
    found: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for turn in range(passes):
        made: dict[str, list[str]] = {}
        for job in chosen:
            for server in up if turn % 2 == 0 else reversed(up):
                told = {**known[server.name], "made": made.get(server.name, [])}
                requests = jobs(server.name, job, turn, told)
                if not requests:
                    continue
                row = asked(server, job, requests, seconds)
                if job == "create":
                    made[server.name] = [f"B{turn}-{n}" for n in range(row["answers"] - CONNECTIONS)]
                found[server.name, job].append(row)
                print(server.name, job, row, file=sys.stderr, flush=True)
    return [middle(server, job, rows, found) for (server, job), rows in sorted(found.items(), key=place)]


def place(one: Any) -> Any:
    return JOBS.index(one[0][1])


def asked(server: servers.Server, job: str, requests: Any, seconds: float) -> Row:
    path = RUN / "requests"
    path.write_text(lines(requests), "utf-8")
    once = "once" if job in WRITES else "again"
    if once == "again":
        client(server.port, path, 0.5, once)  # what is kept in memory is there
    fsync, load = probes.fsyncs(RUN), os.getloadavg()[0]
    machine, own, begun = probes.busy(), server.processor(), time.perf_counter()
    told = client(server.port, path, seconds, once)
    spent, own = time.perf_counter() - begun, server.processor() - own
    wrong = {status: n for status, n in told["statuses"].items() if status not in ("200", "201")}
    took = sorted(told["took"])
    return {
        "a second": len(took) / told["seconds"],
        "p50 ms": took[len(took) // 2] * 1000,
        "p95 ms": took[int(len(took) * 0.95)] * 1000,
        "processor ms": own / len(took) * 1000,
        "KiB": told["bytes"] / len(took) / 1024,
        "fsync/s": fsync,
        "load": load,
        "others": max(0.0, (probes.busy() - machine - own - told["processor"]) / spent),
        "answers": len(took),
        "wrong": wrong,
    }


def client(port: int, path: Path, seconds: float, once: str) -> Any:
    return json.loads(run(asking.__name__, str(port), str(path), str(CONNECTIONS), str(seconds), once))


def middle(server: str, job: str, rows: list[Row], every: Mapping[tuple[str, str], list[Row]]) -> Row:
    """The median of the passes, and how the rate stands to that of plain Django and of the better helpdesk."""

    def median(rows: list[Row], name: str) -> float:
        return statistics.median(row[name] for row in rows)

    wrong = [row["wrong"] for row in rows if row["wrong"]]
    rate = median(rows, "a second")
    told: Row = {"what": job, "server": server, "a second": round(rate, 1)}
    told["lowest, highest"] = " ".join(f"{pick(row['a second'] for row in rows):.1f}" for pick in (min, max))
    for name, digits in (
        ("p50 ms", 1),
        ("p95 ms", 1),
        ("processor ms", 2),
        ("KiB", 1),
        ("fsync/s", 0),
        ("load", 1),
        ("others", 2),
    ):
        told[name] = round(median(rows, name), digits)
    if server == "desk":
        for peer in ("bare", "bare, logged in"):
            if other := every.get((peer, job)):
                told[f"of {peer}"] = round(rate / median(other, "a second"), 2)
        if others := [median(every[name, job], "a second") for name in HELPDESKS if (name, job) in every]:
            told["times helpdesk"] = round(rate / max(others), 1)
    return told | ({"not well": str(wrong)} if wrong else {})


def remembered(server: servers.Server) -> Row:
    """Of the processes after all that was asked of them."""
    return {"what": "memory, MiB", "server": server.name} | {
        name: round(size) for name, size in server.memory().items()
    }


if __name__ == "__main__":
    main()
