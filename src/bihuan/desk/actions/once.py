"""Writes that carry an idempotency key: their repetition writes nothing and hears the same answer."""

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from bihuan.desk import clock, stored
from bihuan.desk.actions.chain import By, code
from bihuan.desk.database import alone, writing
from bihuan.desk.errors import DoubledError
from bihuan.desk.models import Request
from bihuan.desk.record import canonical, hashed

Answer = TypeVar("Answer")


def run(by: By, key: str | None, what: Any, act: Callable[[], Answer]) -> Answer | None:
    """Do something that has no key of its own; None where it was done under this key before."""
    fingerprint = asked(key, what)
    with writing():
        if answered(by, key, fingerprint) is not None:
            return None
        answer = act()
        keep(by, key, fingerprint, {})
    return answer


def asked(key: str | None, *what: Any) -> str:
    """A fingerprint of what was asked under a key; without one nobody compares."""
    return "" if key is None else hashed(canonical(list(what)))


def answered(by: By, key: str | None, fingerprint: str) -> Mapping[str, Any] | None:
    """The answer given before to this key; none where it is new. The same key for something else is an error."""
    if key is None:
        return None
    alone("request", code(by), key)
    for before in stored.found(Request, "WHERE key = %s AND by = %s", key, code(by)):
        if before.fingerprint != fingerprint:
            raise DoubledError("this idempotency key was used for something else", key=key)
        answer: Mapping[str, Any] = before.answer
        return answer
    return None


def keep(by: By, key: str | None, fingerprint: str, answer: Mapping[str, Any]) -> None:
    if key is not None:
        told = {"fingerprint": fingerprint, "answer": dict(answer), "recorded_at": clock.now()}
        stored.add(Request(by=code(by), key=key, **told))
