"""What else the machine was doing while something was measured, and what the processes of a server took."""

import os
import time
from pathlib import Path

TICK = os.sysconf("SC_CLK_TCK")


def family(pid: int) -> list[int]:
    """A process and its children."""
    told = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in told for one in family(int(child)))]


def processor(pid: int) -> float:
    """Seconds that a process has spent."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


def busy() -> float:
    """Seconds that all cores together have spent on something."""
    fields = [int(one) for one in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]]
    return (sum(fields) - fields[3] - fields[4]) / TICK


def memory(pid: int) -> tuple[float, float]:
    """MiB of a process: resident, and resident with what is shared counted by its part."""
    found = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, _, value = line.partition(":")
        found[name] = int(value.split()[0])
    return found["Rss"] / 1024, found["Pss"] / 1024


def fsyncs(folder: Path, seconds: float = 0.2) -> int:
    """How many small writes the disk takes in a second."""
    path, count = folder / "probe", 0
    with path.open("wb") as file:
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            file.write(b"x" * 4096)
            file.flush()
            os.fsync(file.fileno())
            count += 1
    path.unlink()
    return round(count / seconds)
