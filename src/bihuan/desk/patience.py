"""How long whoever answers a person waits for PostgreSQL: so many seconds in all, over all questions of one request.

One lock after the other, then a page that asks the same table again, would each be waited for anew. Knows no database;
who has no such limit (commands, loads) waits as long as the server lets them.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

SHORT = 1.0  # seconds: what is answered within them counts for nothing, and so long everybody may wait


class Patience(threading.local):
    """What this thread has left."""

    left: float | None = None

    @property
    def is_over(self) -> bool:
        return self.left is not None and self.left <= 0

    def allowed(self) -> float | None:
        return None if self.left is None else max(self.left, SHORT)

    @contextmanager
    def limited(self, seconds: float) -> Iterator[None]:
        """So many seconds and no more; within another limit at most what that one leaves."""
        before = self.left
        self.left = seconds if before is None else min(seconds, before)
        began = self.left
        try:
            yield
        finally:
            self.left = None if before is None else before - (began - self.left)

    @contextmanager
    def endless(self) -> Iterator[None]:
        """For what goes over the whole desk, and takes as long as it takes."""
        before, self.left = self.left, None
        try:
            yield
        finally:
            self.left = before

    @contextmanager
    def spent(self) -> Iterator[None]:
        """Count what is waited for meanwhile."""
        began = monotonic()
        try:
            yield
        finally:
            took = monotonic() - began
            if self.left is not None and took >= SHORT:
                self.left -= took


PATIENCE = Patience()
