"""Addresses asked side by side, for so many seconds: one that hangs, or answers a letter every few seconds, holds up nobody.

A timeout of the libraries counts from one piece of an answer to the next. What asks here must not touch the database.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future, wait
from contextvars import copy_context
from threading import Thread
from typing import TypeVar

Told = TypeVar("Told")


def side_by_side(asks: Sequence[Callable[[], Told]], seconds: float, silent: Told) -> list[Told]:
    """What each is told; `silent` where nothing was said by then. Whoever still asks is left to itself, and ends with the
    process.
    """
    asked = [begun(ask) for ask in asks]
    wait(asked, seconds)
    return [one.result() if one.done() else silent for one in asked]


def begun(ask: Callable[[], Told]) -> Future[Told]:
    """A thread of its own for each: a pool has so many, which as many silent addresses would keep; and waits for them at exit."""
    heard: Future[Told] = Future()

    def work() -> None:
        try:
            heard.set_result(ask())
        except BaseException as error:
            heard.set_exception(error)

    Thread(target=copy_context().run, args=(work,), daemon=True).start()
    return heard
