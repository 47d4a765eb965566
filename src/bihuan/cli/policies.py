"""`bihuan policies`: what is shipped and installed."""

import bihuan
from bihuan.cli import options
from bihuan.cli.show import Table, show
from bihuan.cli.text import command as named

COLUMNS = ("policy", "title", "edition", "status", "articles", "rules", "examples", "missing", "pending")


@named("policies")
@options.output
def command(form: str) -> None:
    """The regulations shipped and installed, their editions and status, what is missing.

    `missing` counts parameters that the text leaves open, `pending` what the text has and the file does not carry
    yet. With --format json both are listed.
    """
    show([Table("policies", [dict(row) for row in bihuan.policies()], COLUMNS)], form)
