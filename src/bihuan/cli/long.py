"""Logs larger than memory: which are, how they are judged in portions, and how far the work is.

Whatever comes out of a portion is written at once and shown from where it was written.
"""

import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli.judge import named, notices
from bihuan.engine.errors import CallError
from bihuan.i18n import _

if TYPE_CHECKING:
    from bihuan.engine.outcome import Outcome
    from bihuan.engine.policy import Policy
    from bihuan.engine.site import Site
    from bihuan.files.stream import Tell

#: Bytes from which a log is judged in portions; Parquet and gzip pack about eight times as densely as text.
LONG, LONG_PACKED = 400_000_000, 50_000_000
PACKED = frozenset({".parquet", ".pq", ".gz"})
NEVER_LONG = frozenset({".xlsx", ".xlsm"})  # a sheet is read whole and has at most a million rows


@dataclass(frozen=True)
class Call:
    """What is to be judged, by what; the log is not read yet."""

    policy: "Policy"
    path: str
    mapping: str | None
    site: "Site | None"
    as_of: int | None


def called(log: str, *, mapping: str | None, **options: Any) -> Call:
    """Everything that was named but the log, read."""
    policy, site, as_of, editions = named(**options)
    if len(editions) > 1:
        raise CallError(
            f"{policy.id} has several editions in force, and a long log is judged by one: "
            "name the file of an edition, or judge the log as a whole with --chunk 0"
        )
    return Call(policy, log, mapping, site, as_of)


def is_long(path: str, chunk: int | None) -> bool:
    """Whether a log is judged in portions: where their size is given (0: never), else by the file's size."""
    if chunk is not None:
        return chunk > 0
    file = Path(path)
    kind = file.suffix.lower()
    if kind in NEVER_LONG or not file.is_file():
        return False
    return file.stat().st_size > (LONG_PACKED if kind in PACKED else LONG)


def portions(call: Call, settings: Mapping[str, Any], chunk: int | None, tell: "Tell") -> "Iterator[Outcome]":
    """The outcome of a long log, portion by portion; a setting of the call goes before one of the site."""
    from bihuan.files.partition import CHUNK

    given = {**(call.site.parameters if call.site else {}), **settings}
    return bihuan.iter_outcomes(
        call.policy,
        bihuan.read_calendars(notices(call.site)),
        call.path,
        call.mapping,
        as_of=call.as_of,
        registers=call.site,
        parameters=bihuan.parameter_values(call.policy, given),
        chunk=chunk or CHUNK,
        progress=tell,
    )


@contextmanager
def place_for(out: str | None) -> Iterator[Path]:
    """The folder that was asked for, or one that is gone afterwards."""
    if out:
        yield Path(out)
        return
    with tempfile.TemporaryDirectory(prefix="bihuan-") as folder:
        yield Path(folder) / "outcome"


@contextmanager
def counting(asked: bool) -> "Iterator[Tell]":
    """Say on standard error how far a long work is: a line that moves on a terminal, lines elsewhere if asked for."""
    if sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status("…") as status:
            yield lambda doing, done, of: status.update(so_far(doing, done, of))
    elif asked:
        yield lambda doing, done, of: click.echo(so_far(doing, done, of), err=True)
    else:
        yield lambda doing, done, of: None


def so_far(doing: str, done: int, of: int | None) -> str:
    """What is being done and how much of it is done.

    >>> from bihuan.i18n import use; use("en"); so_far("judging: unit", 2, 1300)
    'judging: unit … 2 / 1,300'
    """
    what, colon, subject = doing.partition(": ")
    return f"{_(what)}{colon}{subject} … {done:,}" + (f" / {of:,}" if of else "")
