"""Requests take turns within a process, in the order in which they came: side by side they would take as long together,
and each of them longer.

Threads of Python share one processor. Whoever writes would hold up all other processes, too, if it had to wait for the
processor again after each statement. Who has waited for long goes on all the same: one slow page must not stop all others.
"""

import threading
from collections import deque
from collections.abc import Iterable
from typing import Any

from bihuan.desk.proxied import Application

PATIENCE = 0.05  # seconds: longer than a page takes


class Turn:
    """Whoever asked first is next; a lock goes to whoever is quickest."""

    def __init__(self) -> None:
        self.guard, self.taken = threading.Lock(), False
        self.waiting: deque[threading.Lock] = deque()

    def take(self, patience: float) -> bool:
        """Whether the turn has come; False after so many seconds in which it has not."""
        with self.guard:
            if not self.taken:
                self.taken = True
                return True
            mine = threading.Lock()
            mine.acquire()
            self.waiting.append(mine)
        if mine.acquire(timeout=patience):
            return True
        with self.guard:
            if mine not in self.waiting:
                return True  # it came at the last moment
            self.waiting.remove(mine)
            return False

    def give(self) -> None:
        """Hand the turn to the next."""
        with self.guard:
            if self.waiting:
                self.waiting.popleft().release()
            else:
                self.taken = False


def in_turn(application: Application) -> Application:
    turn = Turn()

    def answered(environ: dict[str, Any], start: Any) -> Iterable[bytes]:
        mine = turn.take(PATIENCE)
        try:
            return application(environ, start)
        finally:
            if mine:
                turn.give()

    return answered
