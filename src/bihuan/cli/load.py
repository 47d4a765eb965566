"""`bihuan load`: cases of another system, onto the desk."""

from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan import memory
from bihuan.cli import desk_at, options
from bihuan.cli.judge import listen
from bihuan.cli.long import counting
from bihuan.cli.show import Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _
from bihuan.said import said

if TYPE_CHECKING:
    from bihuan.engine.log import Log
    from bihuan.engine.policy import Policy
    from bihuan.files.stream import Tell

LARGE = 64 << 20  # bytes of a log that is taken in parts
PART = 400_000  # rows
SEEN = ("line", "column", "found", "reason")
SHOWN = 20  # of what was left out, to people; programs get all


@named("load")
@click.argument("log", type=click.Path())
@desk_at.where
@option(
    "--policy", required=True, metavar="POLICY", help="The id of a regulation that is in force on the desk."
)
@option("--mapping", metavar="FILE", type=click.Path(), help="Which column of the log is what (TOML).")
@options.watched
@options.output
@click.pass_context
def command(
    ctx: click.Context, /, log: str, home: Path, database: str, policy: str, mapping: str | None, watched: bool, form: str
) -> None:  # fmt: skip
    """Bring the cases of a log onto the desk as they were. Exit code 1 if some were left out."""
    memory.reuse()
    desk_at.opened(home, database)
    from bihuan.desk import actions
    from bihuan.desk.office import policy_of
    from bihuan.desk.queries import edition_in_force

    text = policy_of(edition_in_force(policy).hash)
    listen()
    cases, events, left = 0, 0, list[dict[str, Any]]()
    with counting(watched) as tell:
        for part in parts(log, mapping, text):
            loaded = actions.load(
                part,
                text.id,
                by="bihuan load",
                source=Path(log).name,
                progress=partial(told, tell, cases),
            )
            cases, events = cases + loaded.cases, events + loaded.events
            left += [row | {"reason": said(row["reason"])} for row in part.excluded.iter_rows(named=True)]
            left += [whole(log, number, why) for number, why in loaded.left_out.items()]
    totals = {"cases": cases, "events": events, "excluded": len(left)}
    shown = (
        [Table("excluded", left, columns=SEEN, title=_("Left out of the log, and why"), most=SHOWN)]
        if left
        else []
    )
    show([Record("load", totals), *shown], form)
    ctx.exit(int(bool(left)))


def told(tell: "Tell", before: int, cases: int) -> None:
    """So many cases are on the desk, those of earlier parts among them."""
    tell(_("loading"), before + cases, None)


def whole(log: str, number: str, why: str) -> dict[str, Any]:
    """A case of which nothing was taken, told as its rows would be."""
    return {"file": log, "line": None, "column": "case", "found": number, "reason": said(why)}


def parts(path: str, mapping: str | None, policy: "Policy") -> "Iterable[Log]":
    """The log; a large one in parts of whole cases, so that it need not fit into memory."""
    how: dict[str, Any] = {
        "zone": policy.header.zone,
        "known_events": policy.event_labels,
        "starts": policy.header.starts,
    }
    if Path(path).exists() and Path(path).stat().st_size > LARGE:
        return bihuan.iter_log(path, mapping, chunk=PART, **how)
    return [bihuan.read_log(path, mapping, **how)]
