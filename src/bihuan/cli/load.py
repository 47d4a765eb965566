"""`bihuan load`: cases of another system, onto the desk."""

from pathlib import Path

import click

import bihuan
from bihuan.cli import desk_at, options
from bihuan.cli.judge import listen
from bihuan.cli.show import Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _


@named("load")
@click.argument("log", type=click.Path())
@desk_at.where
@option(
    "--policy", required=True, metavar="POLICY", help="The id of a regulation that is in force on the desk."
)
@option("--mapping", metavar="FILE", type=click.Path(), help="Which column of the log is what (TOML).")
@options.output
@click.pass_context
def command(
    ctx: click.Context, /, log: str, home: Path, database: str, policy: str, mapping: str | None, form: str
) -> None:
    """Bring the cases of a log onto the desk as they were. Exit code 1 if some were left out."""
    desk_at.opened(home, database)
    from bihuan.desk import actions
    from bihuan.desk.office import policy_of
    from bihuan.desk.queries import edition_in_force

    text = policy_of(edition_in_force(policy).hash)
    listen()
    found = bihuan.read_log(
        log, mapping, zone=text.header.zone, known_events=text.event_labels, starts=text.header.starts
    )
    done = actions.load(found, text.id, by="bihuan load", source=Path(log).name)
    left = [{"case": number, "reason": why} for number, why in done.left_out.items()]
    totals = {"cases": done.cases, "events": done.events, "excluded": found.excluded.height + len(left)}
    show([Record("load", totals), *([Table("excluded", left, title=_("Left out"))] if left else [])], form)
    ctx.exit(int(bool(left or found.excluded.height)))
