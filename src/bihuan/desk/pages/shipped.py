"""The editions that come with Bihuan or lie in a folder that BIHUAN_POLICIES names: what could be installed here.

Reads no more of a file than its header, and each file once as long as it does not change.
"""

import hashlib
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import bihuan
from bihuan.desk.errors import MissingError


@dataclass(frozen=True)
class Shipped:
    """An edition that is not on the desk yet."""

    policy: str
    title: str
    edition: str
    status: str
    path: str
    hash: str


def shipped() -> list[Shipped]:
    """Every edition, by regulation."""
    files = [file for name in bihuan.policy_ids() for file in bihuan.edition_files(bihuan.find_policy(name))]
    return [header_of(str(file), file.stat().st_mtime_ns) for file in files]


@lru_cache(maxsize=500)
def header_of(path: str, _changed: int) -> Shipped:
    text = Path(path).read_text("utf-8")
    header = tomllib.loads(text)["policy"]
    hash = hashlib.sha256(text.encode()).hexdigest()
    policy, title, edition, status = (str(header[name]) for name in ("id", "title", "edition", "status"))
    return Shipped(policy, title, edition, status, path, hash)


def text_of(hash: str) -> str:
    """The text of a shipped edition, which a form names by its hash and never by its path."""
    found = next((one for one in shipped() if one.hash == hash), None)
    if found is None:
        raise MissingError("there is no such shipped edition")
    return Path(found.path).read_text("utf-8")
