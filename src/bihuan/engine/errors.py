"""What can be wrong with a policy, a calendar, a log or a call, and where.

Every message says what was found, what was expected and what to do; `where` says the place in data, so that
a shell can print it, sort by it or put it into JSON. Knows no language and no format.
"""

from collections.abc import Iterable, Sequence
from typing import Any


class BihuanError(Exception):
    """Something the user can put right. Anything else that is raised is a defect of Bihuan.

    >>> str(BihuanError("no such column 'case'", file="log.csv", line=1))
    "log.csv:1: no such column 'case'"
    """

    def __init__(self, message: str, **where: Any) -> None:
        super().__init__(message)
        self.message = message
        self.where = {key: value for key, value in where.items() if value is not None}

    def __str__(self) -> str:
        place = location(self.where)
        return f"{place}: {self.message}" if place else self.message


class PolicyError(BihuanError):
    """A policy cannot be used. Carries every finding, not only the first."""

    def __init__(self, message: str, findings: Iterable[Any] = (), **where: Any) -> None:
        super().__init__(message, **where)
        self.findings: Sequence[Any] = tuple(findings)


class CalendarError(BihuanError):
    """A calendar was asked about a day it cannot answer for, or is badly declared."""


class LogError(BihuanError):
    """A log, a mapping or a site cannot be read at all (single bad rows are excluded, not raised)."""


class CallError(BihuanError):
    """The call itself is wrong: an unknown name, a missing option, two options that exclude each other."""


def location(where: dict[str, Any]) -> str:
    """`file:line`, then the other parts by name.

    >>> location({"file": "p.toml", "line": 3, "article": "第五条"})
    'p.toml:3, article 第五条'
    """
    file, line = where.get("file"), where.get("line")
    head = [f"{file}:{line}" if line is not None else str(file)] if file is not None else []
    if file is None and line is not None:
        head = [f"line {line}"]
    return ", ".join(head + [f"{key} {value}" for key, value in where.items() if key not in ("file", "line")])
