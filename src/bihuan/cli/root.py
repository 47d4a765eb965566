"""`bihuan` itself: which commands there are, and what happens when one fails.

The table below is all that `bihuan --help` needs; a command's module is imported when it is called.
"""

import errno
import sys
from collections.abc import Sequence
from importlib import import_module
from itertools import pairwise
from typing import Any

import click

from bihuan import __version__, i18n
from bihuan.cli.text import Option, Speaking, Translated
from bihuan.engine.errors import BihuanError, CallError, LogError
from bihuan.i18n import _
from bihuan.said import error_said, finding_said

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
COMMANDS = {
    "policies": "The regulations shipped and installed, their status, what is missing.",
    "check": "Is a policy well-formed, consistent, complete?",
    "test": "Do a policy's worked examples hold?",
    "map": "Draft a mapping for a log from its header.",
    "replay": "Judge a log: what was due, met, late, who was not called back.",
    "explain": "Day by day: why this is due then.",
    "assess": "What is to be charged to whom, and how each amount came about.",
    "indicators": "The figures that a regulation declares, by unit and period.",
    "report": "A report about a period and a unit: a workbook, a PDF to sign, a page.",
    "archives": "What is kept of each case, since when and until when.",
    "compare": "What would change, and for whom, under another policy or other parameters.",
    "contacts": "How often each customer was and will be called, over all rules and policies.",
    "sample": "Who is to be called back for a period, in which order and why.",
    "script": "What a form or event asks: the next question, what may be answered, the points.",
    "schema": "The JSON Schema of policy files.",
    "init": "Make an empty desk with one administrator.",
    "serve": "Serve the desk's pages.",
    "token": "Make a token with which a program asks the API in place of a person.",
    "tick": "Judge what fell due at the desk; draw and seal what is over.",
    "load": "Bring the cases of a log onto the desk.",
    "export": "Write the whole desk as logs that replay judges to the same result.",
    "rebuild": "Make what is owed anew from the record.",
    "verify": "Recompute every hash of the record; name what does not fit.",
    "backup": "Write database, attachments and secret key into one file, while people work.",
    "restore": "Make the desk that FILE holds, where there is none.",
    "password": "Give the person CODE a new password; end a lockout.",
}

DEFECT = 3
INTERRUPTED = 130


class Root(Translated, Speaking, click.Group):
    """The commands, loaded when called; errors of the user told in one message, without a traceback."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = import_module(f"bihuan.cli.{cmd_name}").command
        return found

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section(_("Commands")):
            formatter.write_dl([(name, _(short)) for name, short in COMMANDS.items()])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        # click reports a wrong option before it comes to --lang
        for option, value in pairwise([*(part for arg in args for part in arg.split("=", 1)), ""]):
            if option == "--lang" and value in i18n.LANGUAGES:
                i18n.use(value)
        return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BihuanError as error:
            raise Refused(error) from None
        except (click.ClickException, click.exceptions.Exit, click.Abort, BrokenPipeError):
            raise
        except Exception as error:
            if ctx.params.get("debug"):
                raise
            if (told := not_ours(error)) is not None:
                raise Refused(told) from None
            click.echo(defect(error), err=True)
            ctx.exit(DEFECT)


def not_ours(error: Exception) -> BihuanError | None:
    """What the machine could not do: the disk is full, or the desk's database did not take it."""
    if isinstance(error, OSError) and error.filename is not None:
        return LogError(str(error.strerror), file=error.filename)
    if isinstance(error, OSError) and error.errno in FULL:
        return CallError("the disk is full: what was being written is not complete")
    django = sys.modules.get("django.db")
    if django is None or not isinstance(error, django.OperationalError):
        return None
    from bihuan.desk.database import unavailable
    from bihuan.desk.errors import UnavailableError

    return UnavailableError(unavailable(error, "stopped"), "stopped")


class Refused(click.ClickException):
    """An error of the user's: its message, every finding it carries, exit code 2."""

    exit_code = 2

    def __init__(self, error: BihuanError) -> None:
        found: Sequence[Any] = getattr(error, "findings", ())
        self.findings = [finding_said(each) for each in found]
        if len(found) == 1 and error.message == found[0].text():  # it is the message
            super().__init__(self.findings.pop().text(i18n.language()))
        else:  # the message lists its findings in English; they are told one by one below
            super().__init__(error_said(error).splitlines()[0] if found else error_said(error))

    def show(self, file: Any = None) -> None:
        click.echo(_("Error: {message}").format(message=self.format_message()), file=file, err=True)
        for finding in self.findings:
            click.echo(f"  {finding.text(i18n.language())}", file=file, err=True)


def defect(error: Exception) -> str:
    """One line for an error that is Bihuan's own."""
    kind = type(error).__name__
    return _(
        "Bihuan has a defect here ({kind}: {error}). Please report it with the output of "
        "`bihuan --debug …`: see CONTRIBUTING.md."
    ).format(kind=kind, error=error)


def speak(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    """The callback of --lang."""
    if value:
        i18n.use(value)


@click.group(
    cls=Root,
    help="Runs a written service regulation over an event log (闭环). POLICY is a policy's id, its unique "
    "last part, or a path. Exit codes: 0 fine, 1 the answer is no, 2 the call is wrong, 3 a defect of Bihuan.",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.option("--debug", is_flag=True, cls=Option, help="Show the traceback of an unexpected error.")
@click.option(
    "--lang",
    type=click.Choice(i18n.LANGUAGES),
    is_eager=True,
    expose_value=False,
    callback=speak,
    cls=Option,
    help="Language of messages and tables (default: the locale's).",
)
@click.version_option(
    __version__, "--version", message="bihuan %(version)s", cls=Option, help="Show the version and exit."
)
def cli(debug: bool) -> None:
    """Nothing of its own: the commands do the work."""


def run() -> None:
    """Run as a program: in the language of the locale, interrupted quietly."""
    i18n.use(i18n.preferred())
    try:
        cli.main(prog_name="bihuan", standalone_mode=True)
    except KeyboardInterrupt:  # pragma: no cover - only while click is not yet in charge
        sys.exit(INTERRUPTED)
