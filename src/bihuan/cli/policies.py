"""`bihuan policies`: what is shipped and installed."""

from typing import TYPE_CHECKING, Any

import bihuan
from bihuan.cli import options
from bihuan.cli.show import Table, show
from bihuan.cli.text import command as named

if TYPE_CHECKING:
    from bihuan.engine.policy import Policy

COLUMNS = ("policy", "title", "edition", "status", "articles", "rules", "examples", "missing", "pending")
LISTED = ("missing", "pending")


@named("policies")
@options.output
def command(form: str) -> None:
    """The regulations shipped and installed, their editions and status, what is missing.

    `missing` counts parameters that the text leaves open, `pending` what the text has and the file does not carry
    yet. With --format json both are listed.
    """
    rows = [row(policy) for name in bihuan.policy_ids() for policy in bihuan.read_editions(name)]
    if form == "table":
        rows = [each | {name: len(each[name]) for name in LISTED} for each in rows]
    show([Table("policies", rows, COLUMNS)], form)


def row(policy: "Policy") -> dict[str, Any]:
    """One edition."""
    header = policy.header
    return {
        "policy": policy.id,
        "title": header.title,
        "edition": str(header.edition or "unknown"),
        "status": header.status,
        "articles": len(policy.article),
        "rules": sum(1 for _ in policy.rules()),
        "examples": sum(len(file.example) for file in bihuan.read_examples(policy)),
        "missing": list(bihuan.parameter_values(policy).missing),
        "pending": list(header.pending),
        "path": policy.path,
    }
