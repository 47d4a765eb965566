"""`bihuan archives`: what a regulation keeps, and of each case since when and until when."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.judge import Case, by_edition, listen, progress, read
from bihuan.cli.show import Part, Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.engine.errors import CallError
from bihuan.i18n import _

if TYPE_CHECKING:
    import polars as pl

MOST = 60  # rows of a long table that people see
DECLARED = ("archive", "article", "contents", "apart", "readers", "keep")
KEPT = ("case", "archive", "unit", "filed_at", "keep_until", "state", "note")
STATES = ("kept", "over", "unset", "waiting")


@named("archives")
@click.argument("log", type=click.Path())
@options.judging
@option("--over", is_flag=True, help="Only what need be kept no longer.")
@options.output
def command(log: str, settings: tuple[str, ...], over: bool, form: str, **judging: Any) -> None:
    """What is kept of each case: since when, until when, and what nobody said how long to keep.

    What is filed again is kept anew from that day on.

    \b
    bihuan archives letters.csv --policy tianjin-callback --over
    """
    case = read(log, **judging)
    settled = options.settings_of(settings)
    if not any(each.archive for edition in case.editions for each in edition.article):
        raise CallError(f"{case.policy.id} declares no archive")
    with progress(_("judging")):
        listen()
        found = bihuan.archives_editions(*by_edition(case, settled))
    shown = found.filter(state="over") if over else found
    show(for_people(case, found, shown) if form == "table" else [Table("archives", shown.to_dicts())], form)


def for_people(case: Case, found: "pl.DataFrame", shown: "pl.DataFrame") -> list[Part]:
    """The heading, the archives declared, and what they keep, the soonest to end first."""
    policy = case.policy
    counts = {state: found.filter(state=state).height for state in STATES}
    heading = {"cases": found["case"].n_unique(), **{state: n for state, n in counts.items() if n}}
    rows = shown.sort("keep_until", "case", nulls_last=True).to_dicts()
    parts: list[Part] = [
        Record("summary", heading, title=f"{policy.header.title} ({policy.id})"),
        Table("declared", list(declared(case)), DECLARED, _("Archives")),
        Table("archives", rows, KEPT, _("What is kept"), MOST),
    ]
    return [part for part in parts if isinstance(part, Record) or part.rows]


def declared(case: Case) -> Iterator[dict[str, Any]]:
    """The archives of the newest edition: what they hold, what is kept apart, who reads, how long."""
    policy = case.policy
    for article in policy.article:
        for rule in article.archive:
            yield {
                "archive": rule.id,
                "article": article.no,
                "contents": "、".join(policy.forms[name].label for name in rule.holds),
                "apart": "、".join(policy.forms[name].label for name in rule.apart),
                "readers": "、".join(policy.roles[name].label for name in rule.readers),
                "keep": str(rule.keep) if rule.keep is not None else _("missing"),
            }
