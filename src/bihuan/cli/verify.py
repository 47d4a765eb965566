"""`bihuan verify`: is the record whole?"""

import datetime as dt
from pathlib import Path
from typing import Any

import click

from bihuan.cli import desk_at, options
from bihuan.cli.show import Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.engine.errors import CallError
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
    noted = dict(map(seal, kept))
    desk_at.opened(home, database)
    from bihuan.desk.verify import told, verify

    report = verify(noted)
    totals = {
        "cases": report.cases,
        "events": report.events,
        "entries": report.entries,
        "seals": report.seals,
        "files": report.files,
        "last_seal": report.last_seal,
    }
    destroyed = [{"case": number, **under(entry)} for number, entry in report.destroyed.items()]
    tables = (
        Table("misfits", list(told(report)), title=_("Does not fit")),
        Table("destroyed", destroyed, title=_("Destroyed under an entry of the record")),
    )
    show([Record("verify", totals), *(table for table in tables if table.rows)], form)
    ctx.exit(int(not report.whole))


def seal(text: str) -> tuple[dt.date, str]:
    day, _sign, hash = text.partition("=")
    try:
        return dt.date.fromisoformat(day), hash.strip().lower()
    except ValueError:
        raise CallError(f"--seal is {text}: expected a day and a hash, such as 2026-11-22=3f0c…") from None


def under(id: int) -> dict[str, Any]:
    """Who asked for a destruction, who approved it, when and why."""
    from bihuan.desk.models import Entry

    entry = Entry.objects.get(id=id)
    told = {"entry": id, "at": entry.recorded_at, "by": entry.by}
    return told | {name: entry.content.get(name) for name in ("approved_by", "reason")}
