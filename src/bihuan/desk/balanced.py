"""Connections shared out evenly among the processes that serve. Knows gunicorn alone.

A browser keeps its connection, and it stays with the process that took it. Whoever is quickest would take all that come
at once, and one processor would answer them all while the others rest.
"""

import socket
import time

from gunicorn.workers.gthread import ThreadWorker

LONGER = 0.002  # seconds that a process waits for each connection it has
MOST = 5


class Balanced(ThreadWorker):  # type: ignore[misc]  # untyped
    """Lets those that have fewer connections take the next."""

    def accept(self, listener: socket.socket) -> None:
        time.sleep(LONGER * min(self.nr_conns, MOST))
        super().accept(listener)  # somebody else may have been first; then there is nothing to take
