"""`bihuan tick`: what fell due."""

import logging
import time
from pathlib import Path

import click

from bihuan.cli import desk_at, options
from bihuan.cli.show import Record, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option


@named("tick")
@desk_at.where
@option(
    "--every", metavar="SECONDS", type=click.FloatRange(min=1), help="Go on, with this pause (default: once)."
)
@options.output
def command(home: Path, database: str, every: float | None, form: str) -> None:
    """Judge what fell due at the desk; draw and seal what is over.

    Who is to be told is written down; periods that are over are drawn, yesterday is sealed.

    Several may run at once: nothing is told twice.
    """
    desk_at.opened(home, database)
    from bihuan.desk.tick import tick

    if every is None:
        show([Record("tick", vars(tick()))], form)
        return
    while True:
        went_on(form)
        time.sleep(every)


def went_on(form: str) -> None:
    """One round of many: a database that is away for a while ends the round, not the command."""
    from django.db import Error, close_old_connections

    from bihuan.desk.errors import UnavailableError
    from bihuan.desk.tick import tick

    try:
        done = tick(alone=False)
    except (UnavailableError, Error):
        logging.getLogger("bihuan.desk").exception("a round of tick ended early; the next goes on")
        close_old_connections()
        return
    if done.anything:
        show([Record("tick", vars(done))], form)
