"""Bihuan (闭环) runs a written service regulation over an event log.

The library calls are imported when they are first used, so that `import bihuan` costs nothing. This
module knows only where they live.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from bihuan.engine.errors import BihuanError, CalendarError, CallError, LogError, PolicyError

_HOMES = {
    "BihuanError": "bihuan.engine.errors",
    "PolicyError": "bihuan.engine.errors",
    "CalendarError": "bihuan.engine.errors",
    "LogError": "bihuan.engine.errors",
    "CallError": "bihuan.engine.errors",
}

__all__ = ["BihuanError", "PolicyError", "CalendarError", "LogError", "CallError"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bihuan' has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
