"""`bihuan backup`: the whole desk in one file."""

from pathlib import Path

import click

from bihuan.cli import desk_at, options
from bihuan.cli.show import Record, show
from bihuan.cli.text import command as named


@named("backup")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@desk_at.where
@options.output
def command(file: Path, home: Path, database: str, form: str) -> None:
    """Write database, attachments and secret key into FILE (.tar.gz), as they are at one instant; people may go on working.

    The file opens every account: keep it as safe as the desk itself.

    \b
    bihuan backup backup/desk-$(date +%F).tar.gz
    """
    desk_at.opened(home, database)
    from bihuan.desk import clock
    from bihuan.desk.backup import backup

    made = backup(file.absolute(), clock.now())
    told = {"file": str(file.absolute()), "files": len(made["files"]), "bytes": file.stat().st_size}
    show([Record("backup", told)], form)
