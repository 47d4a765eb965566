"""The real logs that the tests may use where they are at hand; never part of the project."""

import os
from pathlib import Path

import pytest

FOLDER = Path(os.environ.get("BIHUAN_DATA", Path(__file__).parents[3] / "shared" / "data"))


def real(name: str) -> Path:
    path = FOLDER / name
    if not path.exists():
        pytest.skip(f"the real log {name} is not at hand; set BIHUAN_DATA to its folder")
    return path
