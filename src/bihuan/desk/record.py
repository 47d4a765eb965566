"""The arithmetic of the record: canonical text, salted digests, chained hashes. Knows no table.

What a person wrote is only in the digest, so that it can be destroyed later and the chain still closes: without the
salt, which goes with the content, nobody can try out what it was.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

NOTHING = "0" * 64
ENCODER = json.JSONEncoder(ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=str)


def canonical(value: Any) -> str:
    """One text for equal values.

    >>> canonical({"b": 1, "a": "是"})
    '{"a":"是","b":1}'
    """
    return ENCODER.encode(value)


def hashed(*parts: str) -> str:
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def salt() -> str:
    return secrets.token_hex(16)


def digest(salt: str, content: Mapping[str, Any]) -> str:
    return hashed(salt, canonical(content))


def link(previous: str, stated: Sequence[Any]) -> str:
    """The hash of a link: of the one before and of what the link states in the open."""
    return hashed(previous, canonical(list(stated)))
