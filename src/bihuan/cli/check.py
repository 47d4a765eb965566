"""`bihuan check`: findings about policies, without any case."""

from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.choose import chosen, policies_argument
from bihuan.cli.judge import notices
from bihuan.cli.show import Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _, language
from bihuan.said import finding_said

if TYPE_CHECKING:
    from bihuan.engine.finding import Finding

COLUMNS = ("level", "where", "says", "expected", "hint")
ORDER = ("error", "warning", "info")


@named("check")
@policies_argument
@option("--strict", is_flag=True, help="Warnings are a no, too.")
@options.site
@options.output
@click.pass_context
def command(
    ctx: click.Context, policies: tuple[str, ...], every: bool, strict: bool, site: str | None, form: str
) -> None:
    """Is a policy well-formed, consistent, complete?

    Reports unknown names, decision tables with gaps or overlaps, contradictory limits, articles without a rule,
    missing parameters: each with its article. Exit code 1 if there is an error.
    """
    calendars = bihuan.calendar_names(notices(bihuan.read_site(site) if site else None))
    found = [each for name in chosen(policies, every) for each in bihuan.findings(name, calendars=calendars)]
    rows = [row(each) for each in sorted(found, key=lambda each: ORDER.index(each.level))]
    if form != "table":
        show([Table("findings", rows)], form)
    elif rows:
        show([Table("findings", rows, COLUMNS)], form)
    else:
        click.echo(_("Nothing found."))
    bad = ("error", "warning") if strict else ("error",)
    ctx.exit(int(any(each.level in bad for each in found)))


def row(finding: "Finding") -> dict[str, Any]:
    """One finding, in the language that is spoken."""
    lang = language()
    finding = finding_said(finding)
    return {
        "level": finding.level,
        "code": finding.code,
        "where": finding.where(),
        "says": finding.says(lang),
        "expected": finding.expects(lang),
        "hint": finding.advises(lang),
    }
