"""Does the schema take what the program takes, and refuse what an editor should mark?"""

import datetime as dt
import tomllib
from pathlib import Path

import jsonschema
import pytest

from bihuan.engine.schema import policy_schema
from bihuan.files.policies import policy_files

BROKEN = Path(__file__).parent.parent / "broken"
SCHEMA = policy_schema()
# Defects of one value, which an editor can see; the others need the whole file.
VISIBLE = {
    "unknown-key", "missing", "flag", "text", "choice", "id", "limit", "limit-fraction", "limit-negative",
    "period", "pattern", "pattern-all", "event-name", "condition", "test", "amount", "payer",
}  # fmt: skip


def plain(value):
    """TOML dates as an editor sees them."""
    if isinstance(value, dict):
        return {key: plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value.isoformat() if isinstance(value, dt.date | dt.time) else value


def complaints(path):
    validator = jsonschema.Draft202012Validator(SCHEMA)
    return [error.message for error in validator.iter_errors(plain(tomllib.loads(path.read_text("utf-8"))))]


def code(path):
    return path.read_text("utf-8").splitlines()[0].removeprefix("# code: ")


def test_it_is_a_schema():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert "x-type" not in str(SCHEMA)
    assert "null" not in str(SCHEMA["$defs"])


@pytest.mark.parametrize("path", policy_files(), ids=lambda path: path.parent.name)
def test_it_takes_every_shipped_policy(path):
    assert complaints(path) == []


@pytest.mark.parametrize("path", [each for each in sorted(BROKEN.glob("*.toml")) if code(each) in VISIBLE])
def test_it_marks_what_an_editor_can_see(path):
    assert complaints(path)


def test_it_takes_what_only_the_check_can_refuse():
    assert complaints(BROKEN / "rules-in-a-circle.toml") == []
