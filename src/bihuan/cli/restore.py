"""`bihuan restore`: a desk out of a backup."""

import os
import tempfile
from pathlib import Path
from typing import Any

import click

from bihuan.cli import desk_at, options
from bihuan.cli.show import Record, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.engine.errors import CallError
from bihuan.i18n import _


@named("restore")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@desk_at.where
@option(
    "--replace",
    is_flag=True,
    help="Put the desk that is there aside (a database on PostgreSQL is emptied: back it up first).",
)
@options.output
@click.pass_context
def command(ctx: click.Context, /, file: Path, home: Path, database: str, replace: bool, form: str) -> None:
    """Make the desk that FILE holds, where there is none, bring it up to this version, and verify its record.

    Stop bihuan serve and bihuan tick first.
    """
    desk_at.named(home, database)
    from bihuan.desk import backup, clock, tables_copied

    with tempfile.TemporaryDirectory(dir=folder_for(home), prefix=".restore-") as name:
        manifest = backup.unpacked(file, Path(name))
        held = looked_at(Path(name), home, replace)
        done = destroyed(home, held)
        beside = backup.set_aside(home.absolute(), clock.now())
        backup.put_files(Path(name), home.absolute())
        if held:
            tables_copied.emptied()
        backup.put_database(Path(name), manifest)
    from bihuan.desk import actions  # its tables are known to Django by now
    from bihuan.desk.rebuild import complete

    complete()
    told = {"from": manifest["made_at"], "version": manifest["bihuan"]}
    told |= {"destroyed_again": len(actions.destroy_again(done))} if done is not None else {}
    told |= {"put_aside": str(beside)} if beside else {}
    if done is None:
        said = _(
            "No desk was replaced: archives that were destroyed after {at} are here again. "
            "Destroy them once more; `bihuan verify` of a later backup names them."
        )
        click.echo(said.format(at=manifest["made_at"]), err=True)
    ctx.exit(finish(told, form))


def destroyed(home: Path, held: bool) -> list[Any] | None:
    """The destructions in the record of the desk that is replaced; None where there is no such record to be read."""
    from django.db import DatabaseError, connection

    from bihuan.desk import actions

    there = held or (connection.vendor == "sqlite" and Path(connection.settings_dict["NAME"]).exists())
    try:
        return [*actions.destroyed_here()] if there else None
    except DatabaseError:
        return None
    finally:
        connection.close()


def folder_for(home: Path) -> Path:
    home.absolute().parent.mkdir(parents=True, exist_ok=True)
    return home.absolute().parent


def looked_at(folder: Path, home: Path, replace: bool) -> bool:
    """Refuse where there is a desk already; whether the database has tables that are to go."""
    if home.exists() and any(home.iterdir()) and not replace:
        raise CallError(f"there is a desk in {home} already: name another folder, or say --replace")
    key = folder / "secret.key"
    if key.exists():  # Django reads its settings now, before the folder is made
        os.environ.setdefault("BIHUAN_SECRET_KEY", key.read_text().strip())
    import django
    from django.db import OperationalError, connection

    django.setup()
    try:
        held = connection.vendor == "postgresql" and bool(connection.introspection.table_names())
    except OperationalError as error:
        raise CallError(f"the database of the desk cannot be opened: {error}") from None
    if held and not replace:
        raise CallError("the database has tables already: name an empty one, or say --replace")
    return held


def finish(told: dict[str, Any], form: str) -> int:
    from bihuan.desk.verify import verify

    report = verify()
    told |= {"cases": report.cases, "events": report.events, "misfits": len(report.misfits)}
    told["last_seal"] = report.last_seal
    show([Record("restore", told)], form)
    return int(not report.whole)
