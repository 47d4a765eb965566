"""`bihuan verify`: is the record whole?"""

from pathlib import Path

import click

from bihuan.cli import desk_at, options
from bihuan.cli.show import Record, Table, show
from bihuan.cli.text import command as named
from bihuan.i18n import _


@named("verify")
@desk_at.where
@options.output
@click.pass_context
def command(ctx: click.Context, /, home: Path, database: str, form: str) -> None:
    """Recompute every hash of the record and of its files; name the first event of a case that does not fit. Exit code 1 if one does not."""
    desk_at.opened(home, database)
    from bihuan.desk.verify import told, verify

    report = verify()
    totals = {
        "cases": report.cases,
        "events": report.events,
        "entries": report.entries,
        "seals": report.seals,
        "files": report.files,
    }
    destroyed = [{"case": number, "entry": entry} for number, entry in report.destroyed.items()]
    tables = (
        Table("misfits", list(told(report)), title=_("Does not fit")),
        Table("destroyed", destroyed, title=_("Destroyed under an entry of the record")),
    )
    show([Record("verify", totals), *(table for table in tables if table.rows)], form)
    ctx.exit(int(not report.whole))
