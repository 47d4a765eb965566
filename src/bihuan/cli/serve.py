"""`bihuan serve`: the desk's pages."""

import csv
import os
from pathlib import Path
from typing import Any

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
    serve(application, host=host, port=port, threads=4, ident=None, **behind())


def behind() -> dict[str, Any]:
    """Behind a proxy that speaks TLS, whose word for address and scheme is taken; from nobody else is it."""
    from django.conf import settings

    if not settings.TLS:
        return {}
    return {
        "trusted_proxy": os.environ.get("BIHUAN_PROXY") or "127.0.0.1",
        "trusted_proxy_headers": {"x-forwarded-for", "x-forwarded-proto", "x-forwarded-host"},
        "trusted_proxy_count": 1,
        "clear_untrusted_proxy_headers": True,
    }


def accounts(path: Path) -> None:
    """Who may look at a made-up company; of any other desk there is no such file."""
    if path.exists():
        with path.open(encoding="utf-8", newline="") as file:
            show(
                [Table("accounts", list(csv.DictReader(file)), title=_("Accounts of the made-up company"))],
                "table",
            )
