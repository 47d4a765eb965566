"""`bihuan serve`: the desk's pages."""

import csv
from pathlib import Path

import click

from bihuan.cli import desk_at
from bihuan.cli.show import Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _


@named("serve")
@desk_at.where
@option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@option("--port", default=8000, show_default=True, type=int, help="The port to listen on.")
def command(home: Path, database: str, host: str, port: int) -> None:
    """Serve the desk's pages until interrupted. Behind a proxy any WSGI server does: bihuan.desk.wsgi."""
    desk_at.opened(home, database)
    from waitress import serve

    from bihuan.desk.wsgi import application

    accounts(home / "accounts.csv")
    click.echo(_("The desk is at http://{host}:{port}").format(host=host, port=port), err=True)
    serve(application, host=host, port=port, threads=4, ident=None)


def accounts(path: Path) -> None:
    """Who may look at a made-up company; of any other desk there is no such file."""
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            show(
                [Table("accounts", list(csv.DictReader(file)), title=_("Accounts of the made-up company"))],
                "table",
            )
