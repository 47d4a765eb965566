"""`bihuan check`: findings about policies, without any case."""

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.choose import chosen, policies_argument
from bihuan.cli.show import Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _, language

COLUMNS = ("level", "where", "says", "expected", "hint")


@named("check")
@policies_argument
@option("--strict", is_flag=True, help="Warnings are a no, too.")
@options.output
@click.pass_context
def command(ctx: click.Context, policies: tuple[str, ...], every: bool, strict: bool, form: str) -> None:
    """Is a policy well-formed, consistent, complete?

    Reports unknown names, decision tables with gaps or overlaps, contradictory limits, articles without a rule,
    missing parameters: each with its article. Exit code 1 if there is an error.
    """
    lang = language()
    rows = [
        {
            "level": each.level,
            "code": each.code,
            "where": each.where(),
            "says": each.says(lang),
            "expected": each.expects(lang),
            "hint": each.advises(lang),
        }
        for name in chosen(policies, every)
        for each in bihuan.findings(name)
    ]
    show([Table("findings", rows, COLUMNS)] if rows or form != "table" else [], form)
    if form == "table" and not rows:
        click.echo(_("Nothing found."))
    bad = ("error", "warning") if strict else ("error",)
    ctx.exit(int(any(row["level"] in bad for row in rows)))
