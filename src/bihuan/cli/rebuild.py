"""`bihuan rebuild`: what is owed, made anew from the record."""

from pathlib import Path

import click

from bihuan.cli import desk_at, options
from bihuan.cli.show import Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _


@named("rebuild")
@desk_at.where
@option(
    "--afresh", is_flag=True, help="Judge as of now and under what is known now, not as each case was judged."
)
@options.output
@click.pass_context
def command(ctx: click.Context, /, home: Path, database: str, afresh: bool, form: str) -> None:
    """Make what is owed anew from the record. Exit code 1 if something was otherwise before; it is put right."""
    desk_at.opened(home, database)
    from bihuan.desk.rebuild import rebuild

    done = rebuild(afresh=afresh)
    changed = [{"case": number} for number in done.changed]
    totals = Record("rebuild", {"cases": done.cases, "subjects": done.subjects, "changed": len(changed)})
    show([totals, *([Table("changed", changed, title=_("Was otherwise before"))] if changed else [])], form)
    ctx.exit(int(bool(changed) and not afresh))
