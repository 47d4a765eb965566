"""The options that several commands share, and how their values are read.

Knows click; what the values mean is the library's business.
"""

import tomllib
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import click

from bihuan import i18n
from bihuan.cli.root import speak
from bihuan.cli.show import FORMATS
from bihuan.cli.text import Option, option
from bihuan.engine.errors import CallError

Decorator = Callable[[Any], Any]


def all_of(*decorators: Decorator) -> Decorator:
    """Several decorators as one, the first listed first in the help."""
    return lambda function: reduce(lambda made, decorate: decorate(made), reversed(decorators), function)


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

judging = all_of(
    option("--policy", required=True, metavar="POLICY", help=POLICY_HELP),
    option("--draft", is_flag=True, help="Judge by an edition that is not in force."),
    option("--mapping", metavar="FILE", type=click.Path(), help="Which column of the log is what (TOML)."),
    option("--site", metavar="DIR", type=click.Path(), help="Units, people, registers, notices, parameters."),
    option(
        "--set",
        "settings",
        multiple=True,
        metavar="NAME=VALUE",
        help="Give a parameter a value; may be repeated.",
    ),
    option("--as-of", metavar="T", help="Judge as of this instant (default: the last event of the log)."),
)


def settings_of(texts: Iterable[str]) -> dict[str, Any]:
    """`NAME=VALUE` as TOML reads the value, or as plain text.

    >>> settings_of(["contact.within=2 hours", "rate=0.5", "channels=['call']"])
    {'contact.within': '2 hours', 'rate': 0.5, 'channels': ['call']}
    """
    values: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise CallError(f"--set wants NAME=VALUE, found {text!r}")
        values[name.strip()] = _value(value.strip())
    return values


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
