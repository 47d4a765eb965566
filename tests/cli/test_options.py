"""Values given with --set and --as-of."""

import time
from datetime import UTC, datetime

import pytest

from bihuan.cli.options import instant_of, settings_of
from bihuan.engine.errors import CallError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=5", "5"), ("a=2 hours", "2 hours"), ("a=['x', 'y']", ["x", "y"]), ("a='5'", "5"), ("a=", ""),
        ("a = next day 10:00", "next day 10:00"), ("a=b=c", "b=c"), ("a=16:00", "16:00"),
    ],
)  # fmt: skip
def test_a_setting_is_text_unless_it_is_written_as_a_list(text, value):
    assert settings_of([text]) == {"a": value}


def test_a_broken_list_is_a_wrong_call():
    with pytest.raises(CallError, match=r"found \['x'"):
        settings_of(["a=['x'"])


@pytest.mark.parametrize("text", ["contact.within", "=5", "  =5"])
def test_a_setting_without_a_name_or_a_value_is_a_wrong_call(text):
    with pytest.raises(CallError, match="--set wants NAME=VALUE"):
        settings_of([text])


def test_the_last_of_two_settings_holds():
    assert settings_of(["a=1", "a=2"]) == {"a": "2"}


@pytest.mark.parametrize(
    ("text", "utc"),
    [
        ("2025-10-10", "2025-10-10T15:59:59"), ("2025-10-10 24:00", "2025-10-10T15:59:59"),
        ("2025-10-10 08:30", "2025-10-10T00:30:00"), ("2025-10-10T08:30:05", "2025-10-10T00:30:05"),
        ("2025-10-10T08:30Z", "2025-10-10T08:30:00"), ("2025-10-10T08:30-04:00", "2025-10-10T12:30:00"),
    ],
)  # fmt: skip
def test_as_of_is_read_in_the_policys_zone(text, utc):
    assert datetime.fromtimestamp(instant_of(text, "Asia/Shanghai"), UTC).isoformat() == f"{utc}+00:00"


def test_as_of_now_is_the_clocks():
    assert abs(instant_of("now", "Asia/Shanghai") - time.time()) < 60


@pytest.mark.parametrize("text", ["yesterday", "2025-13-01", "10.10.2025", "2025-10-10 25:00"])
def test_what_is_no_instant_is_a_wrong_call(text):
    with pytest.raises(CallError, match="--as-of"):
        instant_of(text, "Asia/Shanghai")
