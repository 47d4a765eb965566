"""Bihuan (闭环) runs a written service regulation over an event log.

The library calls are imported when they are first used, so that `import bihuan` costs nothing. This
module knows only where they live.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from bihuan.engine.errors import BihuanError, CalendarError, CallError, LogError, PolicyError
    from bihuan.engine.parameters import parameter_values
    from bihuan.engine.policy import Policy
    from bihuan.files.logs import read_log
    from bihuan.files.outcomes import write_outcome
    from bihuan.files.policies import policy_ids, read_editions, read_examples, read_policy
    from bihuan.files.site import read_site

_HOMES = {
    "read_policy": "files.policies",
    "read_editions": "files.policies",
    "read_examples": "files.policies",
    "read_log": "files.logs",
    "read_site": "files.site",
    "write_outcome": "files.outcomes",
    "policy_ids": "files.policies",
    "parameter_values": "engine.parameters",
    "Policy": "engine.policy",
    "BihuanError": "engine.errors",
    "PolicyError": "engine.errors",
    "CalendarError": "engine.errors",
    "LogError": "engine.errors",
    "CallError": "engine.errors",
}

__all__ = [
    "read_policy",
    "read_editions",
    "read_examples",
    "read_log",
    "read_site",
    "write_outcome",
    "policy_ids",
    "parameter_values",
    "Policy",
    "BihuanError",
    "PolicyError",
    "CalendarError",
    "LogError",
    "CallError",
]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'bihuan' has no attribute {name!r}")
    return getattr(import_module(f"bihuan.{_HOMES[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_HOMES])
