"""`bihuan test`: run worked examples."""

from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.choose import chosen, policies_argument
from bihuan.cli.judge import notices, progress
from bihuan.cli.show import Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _

if TYPE_CHECKING:
    from collections.abc import Mapping

    from bihuan.engine.calendar import Calendar
    from bihuan.engine.examples import ExampleResult

DIFFERENCE = ("policy", "example", "case", "what", "article", "expected", "found")


@named("test")
@policies_argument
@option(
    "--examples", metavar="FILE", type=click.Path(), help="Run these examples instead of the policy's own."
)
@options.site
@options.output
@click.pass_context
def command(
    ctx: click.Context,
    policies: tuple[str, ...],
    every: bool,
    examples: str | None,
    site: str | None,
    form: str,
) -> None:
    """Do a policy's worked examples hold?

    Prints what came out otherwise than an example says; data formats list every example. Exit code 1 if one
    does not hold.
    """
    with progress(_("judging")):
        calendars = bihuan.read_calendars(notices(bihuan.read_site(site) if site else None))
        results = [each for name in chosen(policies, every) for each in run(name, examples, calendars)]
    if form == "table":
        people(results)
    else:
        show([Table("examples", [row(each) for each in results])], form)
    ctx.exit(int(any(each.differences for each in results)))


def run(name: str, examples: str | None, calendars: "Mapping[str, Calendar]") -> list["ExampleResult"]:
    """The examples of every edition, or those of a file under the newest."""
    if examples:
        policy = bihuan.read_policy(name)
        return bihuan.run_examples(policy, [bihuan.read_example_file(examples)], calendars)
    editions = bihuan.read_editions(name)[-1:]  # examples stand beside the newest edition
    return [
        each
        for policy in editions
        for each in bihuan.run_examples(policy, bihuan.read_examples(policy), calendars)
    ]


def people(results: list["ExampleResult"]) -> None:
    """What differs, then how many hold."""
    rows = [
        {"policy": result.policy, "example": result.name, **vars(each)}
        for result in results
        for each in result.differences
    ]
    if rows:
        show([Table("differences", rows, DIFFERENCE)], "table")
    states = [each.state for each in results]
    counts = {state: states.count(state) for state in ("held", "failed")}
    click.echo(_("{held} examples hold, {failed} do not.").format(**counts))


def row(result: "ExampleResult") -> dict[str, Any]:
    """One example."""
    return {
        "policy": result.policy,
        "example": result.name,
        "file": result.file,
        "state": result.state,
        "compared": result.compared,
        "differences": [vars(each) for each in result.differences],
    }
