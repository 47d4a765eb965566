"""`bihuan verify`: is the record whole?"""

from pathlib import Path

import click

from bihuan.cli import desk_at, options
from bihuan.cli.show import Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _


@named("verify")
@desk_at.where
@option(
    "--seal",
    "kept",
    metavar="DAY=HASH",
    multiple=True,
    help="A seal as it was noted elsewhere, of any day: it must be there. It tells an older backup or a rewritten record.",
)
@options.output
@click.pass_context
def command(ctx: click.Context, /, home: Path, database: str, kept: tuple[str, ...], form: str) -> None:
    """Recompute every hash of the record and of its files; name the first event of a case that does not fit. Exit code 1 if one does not.

    The last seal is told: note it where nobody who runs the desk can change it.
    """
    desk_at.opened(home, database)
    from bihuan.desk.verify import destructions, noted, told, verify

    report = verify(dict(map(noted, kept)))
    totals = {
        "cases": report.cases,
        "events": report.events,
        "entries": report.entries,
        "seals": report.seals,
        "files": report.files,
        "last_seal": report.last_seal,
    }
    tables = (
        Table("misfits", list(told(report)), title=_("Does not fit")),
        Table("destroyed", list(destructions(report)), title=_("Destroyed under an entry of the record")),
    )
    show([Record("verify", totals), *(table for table in tables if table.rows)], form)
    ctx.exit(int(not report.whole))
