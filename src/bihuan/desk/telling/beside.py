"""Addresses asked side by side, for so many seconds: one that hangs, or answers a letter every few seconds, holds up nobody.

A timeout of the libraries counts from one piece of an answer to the next. What asks here must not touch the database.
"""

from collections.abc import Callable, Sequence
from contextvars import copy_context
from queue import Empty, SimpleQueue
from threading import Thread
from time import monotonic
from typing import TypeVar

Told = TypeVar("Told")


def side_by_side(asks: Sequence[Callable[[], Told]], seconds: float, silent: Told) -> list[Told]:
    """What each is told; `silent` where nothing was said by then. Whoever still asks is left to itself, and ends with the
    process.
    """
    ends, queues = monotonic() + seconds, [begun(ask) for ask in asks]
    return [first(queue, ends - monotonic(), silent) for queue in queues]


def begun(ask: Callable[[], Told]) -> SimpleQueue[Told | BaseException]:
    heard: SimpleQueue[Told | BaseException] = SimpleQueue()

    def work() -> None:
        try:
            heard.put(ask())
        except BaseException as error:
            heard.put(error)

    Thread(target=copy_context().run, args=(work,), daemon=True).start()
    return heard


def first(heard: SimpleQueue[Told | BaseException], seconds: float, silent: Told) -> Told:
    try:
        said = heard.get(timeout=max(seconds, 0.001))
    except Empty:
        return silent
    if isinstance(said, BaseException):
        raise said
    return said
