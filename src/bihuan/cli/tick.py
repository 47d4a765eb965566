"""`bihuan tick`: what fell due."""

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

    while True:
        done = tick()
        if every is None or done.anything:
            show([Record("tick", vars(done))], form)
        if every is None:
            return
        time.sleep(every)
