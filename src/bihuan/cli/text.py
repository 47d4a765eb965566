"""Commands and options whose help is translated when it is shown, not when the module is imported.

Knows click and the catalogue; knows no command.
"""

from collections.abc import Callable
from inspect import cleandoc
from typing import Any

import click

from bihuan.i18n import _


class Translated:
    """Keeps the English help and hands out the translated one."""

    _help: str | None = None

    @property
    def help(self) -> str | None:
        return _(self._help) if self._help else self._help

    @help.setter
    def help(self, value: str | None) -> None:
        self._help = cleandoc(value) if value else value

    @property
    def source(self) -> str | None:
        """The English text, as it stands in the catalogue."""
        return self._help


class Speaking:
    """Says what `--help` does in the language in use: click makes that option once and keeps it."""

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        found: click.Option | None = super().get_help_option(ctx)  # type: ignore[misc]  # a mixin of commands
        if found is not None:
            found.help = _("Show this message and exit.")
        return found


class Command(Translated, Speaking, click.Command):
    """A command; its docstring is its help."""


class Option(Translated, click.Option):
    """An option."""


Called = Callable[..., Any]
Decorator = Callable[[Called], Called]


def option(*names: str, **settings: Any) -> Decorator:
    """`click.option` with a translated help."""
    return click.option(*names, cls=Option, **settings)


def command(name: str) -> Callable[[Called], click.Command]:
    """`click.command` with a translated help."""
    return click.command(name, cls=Command)
