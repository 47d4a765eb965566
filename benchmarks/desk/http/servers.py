"""Servers to be asked: the desk as `bihuan serve` runs it, the others by the same gunicorn with the same processes."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

from benchmarks.desk.http import probes
from bihuan.desk.serving import THREADS

WORKERS = 2
BIN = Path(sys.executable).parent


@dataclass
class Server:
    """A server that runs, and where."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    def processor(self) -> float:
        return sum(probes.processor(one) for one in probes.family(self.process.pid))

    def memory(self) -> dict[str, float]:
        """MiB, resident and with what is shared counted by its part: of those that answer, and of all with the one that looks after them."""
        first, *others = [probes.memory(one) for one in probes.family(self.process.pid)]
        workers = [sum(one[n] for one in others) for n in (0, 1)]
        return {
            "workers, resident": workers[0],
            "workers, proportional": workers[1],
            "all, proportional": workers[1] + first[1],
        }

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(60)


def desk(home: Path, log: Path) -> Server:
    return started("desk", lambda port: [str(BIN / "bihuan"), "serve", "--home", str(home), "--port", str(port),
                                         "--workers", str(WORKERS)], {"BIHUAN_API_RATE": "1000000000"}, log)  # fmt: skip


def plain(name: str, application: str, settings: str, env: Mapping[str, str], log: Path) -> Server:
    def command(port: int) -> list[str]:
        return [
            str(BIN / "gunicorn"), "--preload", "--workers", str(WORKERS), "--threads", str(THREADS),
            "--worker-class", "bihuan.desk.balanced.Balanced", "--keep-alive", "65", "--bind", f"127.0.0.1:{port}",
            "--no-control-socket", "--log-level", "warning", application,
        ]  # fmt: skip

    return started(name, command, {**env, "DJANGO_SETTINGS_MODULE": settings}, log)


def started(name: str, command: Callable[[int], list[str]], env: Mapping[str, str], log: Path) -> Server:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (log / f"{name}.log").open("wb") as out:
        process = subprocess.Popen(
            command(port), env={**os.environ, **env}, stdin=subprocess.DEVNULL, stdout=out, stderr=out
        )
    wait(port, process)
    return Server(name, port, process)


def wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        try:
            urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5).close()
        except HTTPError:
            return  # it answers
        except OSError:
            if process.poll() is not None:
                raise SystemExit(f"a server ended at once: {process.args}") from None
            time.sleep(0.1)
        else:
            return
