"""Where the desk is that a command is about, opened: its folder, its database, Django made ready.

The desk is an extra of the package; without it the person is told what to install.
"""

import os
from importlib.util import find_spec
from pathlib import Path

import click

from bihuan.cli.options import all_of
from bihuan.cli.text import option
from bihuan.engine.errors import CallError

where = all_of(
    option(
        "--home",
        metavar="DIR",
        type=click.Path(path_type=Path),
        envvar="BIHUAN_HOME",
        default="desk",
        show_default=True,
        help="The folder of the desk: its secret key, its SQLite database, its attachments.",
    ),
    option(
        "--database",
        metavar="URL",
        envvar="DATABASE_URL",
        default="",
        help="A database elsewhere: postgresql://user:password@host/name (default: SQLite in the folder).",
    ),
)


def named(home: Path, database: str) -> None:
    """Tell Django where the desk is, before it reads its settings."""
    if find_spec("django") is None:
        raise CallError("the desk is not installed: pip install 'bihuan[desk]'")
    os.environ["BIHUAN_HOME"] = str(home.absolute())
    os.environ["DATABASE_URL"] = database
    os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.desk.settings"


def opened(home: Path, database: str) -> None:
    """The desk that is there, ready to be used."""
    named(home, database)
    if not (home / "secret.key").exists():
        raise CallError(f"there is no desk in {home}: make one with bihuan init")
    import django
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    django.setup()
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        raise CallError(f"the database of the desk cannot be opened: {error}") from None
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise CallError(
            "the database is older than this version of Bihuan: bring it up with bihuan init --upgrade"
        )
