"""What can go wrong at the desk, so that a page or the API can tell it and keep what was typed."""

from collections.abc import Sequence
from typing import Any, Literal

from bihuan.engine.errors import BihuanError

#: Of what was asked of a database that does not answer: nothing was to be saved; nothing was; all was, and only the page
#: that says so is missing; nobody knows, because the answer to COMMIT is missing; a command got as far as it got.
Outcome = Literal["read", "unsaved", "saved", "unsure", "stopped"]


class DeskError(BihuanError):
    """Something at the desk that a person can put right."""


class RefusedError(DeskError):
    """The regulation does not allow the event. `findings` are the engine's irregularities, each with its article."""

    def __init__(self, message: str, findings: Sequence[dict[str, Any]] = (), **where: Any) -> None:
        super().__init__(message, **where)
        self.findings = tuple(findings)


class StaleError(DeskError):
    """Somebody else acted meanwhile. `since` are the events that the writer had not seen."""

    def __init__(self, message: str, since: Sequence[Any] = (), **where: Any) -> None:
        super().__init__(message, **where)
        self.since = tuple(since)


class DoubledError(DeskError):
    """The same thing was sent twice, and not as a repetition of one request."""


class RepeatedError(DoubledError):
    """This person entered the very same a moment ago. Whoever means it sends it once more."""


class MissingError(DeskError):
    """There is no such case, person, unit or edition."""


class ForbiddenError(DeskError):
    """This person may not see or do that."""


class UnavailableError(DeskError):
    """The database or the disk cannot do it now. `outcome` is what became of what was asked."""

    def __init__(self, message: str, outcome: Outcome = "unsaved", **where: Any) -> None:
        super().__init__(message, **where)
        self.outcome = outcome
