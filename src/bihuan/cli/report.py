"""`bihuan report`: a month's report about a unit, as a workbook, a PDF to sign and a page."""

from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.assess import decisions_of
from bihuan.cli.judge import by_edition, listen, progress, read
from bihuan.cli.show import Record, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _

if TYPE_CHECKING:
    from bihuan.report.document import Document


@named("report")
@click.argument("log", type=click.Path())
@options.judging
@option(
    "--period", required=True, metavar="PERIOD", help="The period: 2026-10, 2026-Q4, 2026-W41, 2026-10-09."
)
@option("--unit", metavar="U", help="Only this unit and what is beneath it (default: the whole company).")
@option(
    "--decisions",
    metavar="FILE",
    type=click.Path(),
    help="What persons decided: a log whose cases are charges (by number) and months.",
)
@option("--out", required=True, metavar="DIR", type=click.Path(), help="Where the report is written.")
@options.output
def command(
    log: str,
    period: str,
    unit: str | None,
    decisions: str | None,
    out: str,
    form: str,
    settings: tuple[str, ...],
    **judging: Any,
) -> None:
    """A report about a period and a unit: a workbook, a PDF to sign, a page that stands alone.

    What was due and late, indicators, callbacks, charges, reports that are owed, what could not be judged and why,
    and what every rule says. The same numbers stand in summary.json. Needs: pip install 'bihuan[report]'.

    \b
    bihuan report complaints.csv --policy dazu-complaint-assessment --site site \\
        --period 2026-10 --unit 城东 --out report
    """
    from bihuan.report.needs import ask_for_parts

    ask_for_parts()
    case = read(log, **judging)
    told = decisions_of(decisions, case) if decisions else None
    with progress(_("judging")):
        listen()
        document, made_at = bihuan.make_report(
            *by_edition(case, options.settings_of(settings)),
            period=period,
            unit=unit,
            decisions=told,
        )
    with progress(_("writing")):
        bihuan.write_report(out, document, made_at)
    present(document, out, form)


def present(document: "Document", place: str, form: str) -> None:
    """For people what the report is about and its few numbers; for programs its summary."""
    if form != "table":
        show([Record("summary", document.summary)], form)
        return
    pairs = (*document.about, *document.figures)
    show([Record("summary", {name: cell.text for name, cell in pairs}, title=document.title)], form)
    click.echo(_("Written: {place}").format(place=place))
