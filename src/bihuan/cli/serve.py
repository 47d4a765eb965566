"""`bihuan serve`: the desk's pages."""

import csv
from pathlib import Path

import click

from bihuan import memory
from bihuan.cli import desk_at
from bihuan.cli.show import Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _


@named("serve")
@desk_at.where
@option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@option("--port", default=8000, show_default=True, type=int, help="The port to listen on.")
@option(
    "--workers",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many processes serve (default: as many as the machine has cores, at least two).",
)
def command(home: Path, database: str, host: str, port: int, workers: int | None) -> None:
    """Serve the desk's pages until interrupted. Any other WSGI server does as well: bihuan.desk.wsgi."""
    memory.spare()
    desk_at.opened(home, database)
    from bihuan.desk import serving

    accounts(home / "accounts.csv")
    click.echo(_("The desk is at http://{host}:{port}").format(host=host, port=port), err=True)
    serving.serve(host, port, workers or serving.fitting())


def accounts(path: Path) -> None:
    """Who may look at a made-up company; of any other desk there is no such file."""
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            show(
                [Table("accounts", list(csv.DictReader(file)), title=_("Accounts of the made-up company"))],
                "table",
            )
