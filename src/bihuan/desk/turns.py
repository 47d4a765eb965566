"""Pages that only read take turns within a process: side by side they would take as long together, and each of them longer.

Threads of Python share one processor; while one waits, for the turn to write or for the disk, the other goes on. Reading
SQLite waits for nothing. Who has waited for long goes on all the same: one slow page must not hold up all others.
"""

import threading
from collections.abc import Iterable
from typing import Any

from bihuan.desk.proxied import Application

READS = ("GET", "HEAD")
PATIENCE = 0.05  # seconds: longer than a page takes


def in_turn(application: Application) -> Application:
    turn = threading.Lock()

    def answered(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] not in READS:
            return application(environ, start)
        mine = turn.acquire(timeout=PATIENCE)
        try:
            return application(environ, start)
        finally:
            if mine:
                turn.release()

    return answered
