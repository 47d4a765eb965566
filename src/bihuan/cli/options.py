"""The options that several commands share, and how their values are read.

Knows click; what the values mean is the library's business.
"""

import re
import time
import tomllib
from collections.abc import Iterable
from datetime import datetime
from functools import reduce
from typing import Any
from zoneinfo import ZoneInfo

import click

from bihuan import i18n
from bihuan.cli.root import speak
from bihuan.cli.show import FORMATS
from bihuan.cli.text import Called, Decorator, Option, option
from bihuan.engine.errors import CallError

INSTANT = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[ T](?P<clock>\d{2}:\d{2}(?::\d{2})?)(?P<offset>Z|[+-]\d{2}:\d{2})?)?"
)


def all_of(*decorators: Decorator) -> Decorator:
    """Several decorators as one, the first listed first in the help."""

    def decorated(function: Called) -> Called:
        return reduce(lambda made, decorate: decorate(made), reversed(decorators), function)

    return decorated


output = all_of(
    option(
        "--format",
        "form",
        type=click.Choice(FORMATS),
        default="table",
        show_default=True,
        help="A table for people, or data for machines.",
    ),
    click.option(
        "--lang",
        type=click.Choice(i18n.LANGUAGES),
        is_eager=True,
        expose_value=False,
        callback=speak,
        cls=Option,
        help="Language of messages and tables (default: the locale's).",
    ),
)

POLICY_HELP = "The policy to judge by: its id, its unique last part, or a path."

site = option(
    "--site", metavar="DIR", type=click.Path(), help="Units, people, registers, notices, parameters."
)

judging = all_of(
    option("--policy", required=True, metavar="POLICY", help=POLICY_HELP),
    option("--draft", is_flag=True, help="Judge by an edition that is not in force."),
    option("--mapping", metavar="FILE", type=click.Path(), help="Which column of the log is what (TOML)."),
    site,
    option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="Give a parameter a value; may be repeated.",
    ),
    option("--as-of", metavar="T", help="Judge as of this instant (default: the last event of the log)."),
)


watched = option("--progress", "watched", is_flag=True, help="Show progress even where no terminal is.")

long = all_of(
    option(
        "--chunk",
        type=click.IntRange(min=0),
        metavar="ROWS",
        help="Judge in portions of about this many rows (default: a large log; 0: never).",
    ),
    watched,
)


def settings_of(texts: Iterable[str]) -> dict[str, Any]:
    """`NAME=VALUE`: lists and quoted text as TOML has them, anything else as it stands for the library to read.

    >>> settings_of(["contact.within=2 hours", "rate=0.5", "channels=['call']"])
    {'contact.within': '2 hours', 'rate': '0.5', 'channels': ['call']}
    """
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise CallError(f"--set wants NAME=VALUE, found {text!r}")
        values[name.strip()] = _value(value.strip())
    return values


def _value(text: str) -> Any:
    if not text.startswith(("[", '"', "'")):
        return text
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError as error:
        raise CallError(f"--set wants a list or text as TOML writes it, found {text}: {error}") from None


def instant_of(text: str, zone: str) -> int:
    """`--as-of` in this zone: a date is its end, 24:00 the last second, `now` the clock's.

    >>> instant_of("2025-10-10", "Asia/Shanghai") == instant_of("2025-10-10 24:00", "Asia/Shanghai")
    True
    """
    if text == "now":
        return int(time.time())
    match = INSTANT.fullmatch(text)
    if not match:
        raise CallError(f"--as-of wants YYYY-MM-DD or YYYY-MM-DD HH:MM, found {text!r}")
    day, clock = match["day"], match["clock"] or "24:00"
    try:
        at = datetime.fromisoformat(
            f"{day}T23:59:59" if clock == "24:00" else f"{day}T{clock}{match['offset'] or ''}"
        )
    except ValueError as error:
        raise CallError(f"--as-of {text!r}: {error}") from None
    return int((at if at.tzinfo else at.replace(tzinfo=ZoneInfo(zone))).timestamp())
