"""Compiled code between runs, in the user's cache folder. What cannot be read or written is compiled again, no more."""

import os
import tempfile
from pathlib import Path


def folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "bihuan"


class CompiledCode:
    """A file for each name; a file appears whole or not at all."""

    def load(self, name: str) -> bytes | None:
        try:
            return (folder() / name).read_bytes()
        except OSError:
            return None

    def save(self, name: str, code: bytes) -> None:
        try:
            folder().mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=folder(), delete=False) as file:
                file.write(code)
            Path(file.name).replace(folder() / name)
        except OSError:
            return
