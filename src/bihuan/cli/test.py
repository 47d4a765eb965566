"""`bihuan test`: run worked examples."""

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.choose import chosen, policies_argument
from bihuan.cli.show import Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _

COLUMNS = ("policy", "example", "holds", "differences")


@named("test")
@policies_argument
@option(
    "--examples", metavar="FILE", type=click.Path(), help="Run these examples instead of the policy's own."
)
@options.output
@click.pass_context
def command(
    ctx: click.Context, policies: tuple[str, ...], every: bool, examples: str | None, form: str
) -> None:
    """Do a policy's worked examples hold?

    Prints the examples that do not, with what was expected and what came out; data formats list all. Exit code 1
    if one does not hold.
    """
    rows = [row for name in chosen(policies, every) for row in bihuan.test(name, examples)]
    failing = [row for row in rows if not row["holds"]]
    show(
        [Table("examples", failing if form == "table" else rows, COLUMNS)]
        if failing or form != "table"
        else [],
        form,
    )
    if form == "table":
        click.echo(
            _("{held} of {count} examples hold.").format(held=len(rows) - len(failing), count=len(rows))
        )
    ctx.exit(int(bool(failing)))
