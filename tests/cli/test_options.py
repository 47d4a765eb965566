"""Values given with --set."""

from datetime import date

import pytest

from bihuan.cli.options import settings_of
from bihuan.engine.errors import CallError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=5", 5), ("a=0.5", 0.5), ("a=true", True), ("a=2025-10-01", date(2025, 10, 1)), ("a='5'", "5"),
        ("a=2 hours", "2 hours"), ("a=['x', 'y']", ["x", "y"]), ("a=", ""), ("a = next day 10:00", "next day 10:00"),
        ("a=b=c", "b=c"),
    ],
)  # fmt: skip
def test_a_setting_is_read_as_toml_or_else_as_text(text, value):
    assert settings_of([text]) == {"a": value}


@pytest.mark.parametrize("text", ["contact.within", "=5", "  =5"])
def test_a_setting_without_a_name_or_a_value_is_a_wrong_call(text):
    with pytest.raises(CallError, match="--set wants NAME=VALUE"):
        settings_of([text])


def test_the_last_of_two_settings_holds():
    assert settings_of(["a=1", "a=2"]) == {"a": 2}
