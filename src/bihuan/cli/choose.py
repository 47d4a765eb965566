"""Which policies a command is about: those named, or all."""

from collections.abc import Sequence

import click

import bihuan
from bihuan.cli.options import all_of
from bihuan.cli.text import option
from bihuan.engine.errors import CallError

policies_argument = all_of(
    click.argument("policies", nargs=-1, metavar="POLICY..."),
    option("--all", "every", is_flag=True, help="All policies shipped and installed."),
)


def chosen(policies: Sequence[str], every: bool) -> list[str]:
    """The policies named, or the ids of all there are."""
    if bool(policies) == every:
        raise CallError("name one or more policies, or --all; `bihuan policies` lists them")
    return list(bihuan.policy_ids()) if every else list(policies)
