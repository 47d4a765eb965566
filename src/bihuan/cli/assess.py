"""`bihuan assess`: what is to be charged to whom, how each amount came about, what was decided, what pay bears."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.judge import Case, by_edition, listen, progress, read
from bihuan.cli.show import Part, Record, Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.i18n import _
from bihuan.spoken import word

if TYPE_CHECKING:
    import polars as pl

    from bihuan.engine.assess import Assessment
    from bihuan.engine.log import Log

TABLES = ("charges", "totals", "statement", "ledger", "balances", "unbooked", "refused")
MOST = 40  # rows of a long table that people see
CHARGE = ("number", "article", "unit", "how", "amount", "measure", "state", "stage", "sanction", "note")
UNKNOWN = ("number", "article", "unit", "how", "measure", "state", "sanction", "note")
TOTAL = ("unit", "payer", "payee", "measure", "count", "amount", "without_amount")
STATEMENT = ("number", "article", "unit", "payer", "measure", "amount")
BALANCE = ("ledger", "party", "charged", "reversed", "deducted", "refunded", "dropped", "carried")
ENTRY = ("ledger", "party", "month", "kind", "number", "amount", "balance")
UNBOOKED = ("ledger", "party", "month", "number", "amount", "note")
REFUSED = ("line", "of", "event", "at", "actor", "article", "refused")
LEFT_OUT = ("file", "line", "column", "found", "reason")


@named("assess")
@click.argument("log", type=click.Path())
@options.judging
@option(
    "--decisions",
    metavar="FILE",
    type=click.Path(),
    help="What persons decided: a log whose cases are charges (by number) and months.",
)
@option(
    "--period", metavar="MONTH", help="Only this month, such as 2026-10: its cut, or what came about in it."
)
@option("--out", metavar="DIR", type=click.Path(), help="Also write all tables and a summary.")
@options.output
def command(
    log: str,
    settings: tuple[str, ...],
    decisions: str | None,
    period: str | None,
    out: str | None,
    form: str,
    **judging: Any,
) -> None:
    """What is to be charged to whom, and how each amount came about.

    Charges are proposed; what a person has to fix, and what cannot be computed, says so. Decisions (fixed, confirmed,
    rejected, appealed, upheld, reversed; of a month: collected, confirmed, approved, settled) are told with
    --decisions. Ledgers take from the pay of the site what is confirmed.

    \b
    bihuan assess complaints.csv --policy auto-repair-complaint --period 2026-10
    """
    case = read(log, **judging)
    told = decisions_of(decisions, case) if decisions else None
    found = assessed(case, options.settings_of(settings), told, period)
    if out:
        with progress(_("writing")):
            bihuan.write_assessment(out, found)
    parts = for_people(case, found, told) if form == "table" else for_programs(found)
    show(parts, form)


def decisions_of(path: str, case: Case) -> "Log":
    from bihuan.engine.months import LABELS

    return bihuan.read_log(path, zone=case.policy.header.zone, known_events=LABELS)


def assessed(
    case: Case, settings: dict[str, Any], decisions: "Log | None", period: str | None
) -> "Assessment":
    with progress(_("judging")):
        listen()
        return bihuan.assess_editions(*by_edition(case, settings), decisions=decisions, period=period)


def for_programs(found: "Assessment") -> list[Part]:
    tables = [Table(name, getattr(found, name).to_dicts()) for name in TABLES]
    return [Record("summary", summary_of(found)), *tables]


def summary_of(found: "Assessment") -> dict[str, Any]:
    from bihuan.files.outcomes import dated

    return dated(found.summary)


def for_people(case: Case, found: "Assessment", decisions: "Log | None") -> list[Part]:
    """What is charged, what cannot be computed, sums, the month's statement, ledgers, what had no effect."""
    import polars as pl

    policy = case.policy
    unknown = pl.col("amount").is_null() & ~pl.col("state").is_in(["proposed", "absorbed"])
    parts: list[Part] = [
        Record("summary", heading(found), title=f"{policy.header.title} ({policy.id})"),
        table("charges", found.charges.filter(~unknown), CHARGE, _("Charges")),
        table("unknown", found.charges.filter(unknown), UNKNOWN, _("Without an amount, and why")),
        table("totals", found.totals, TOTAL, _("Sums by unit and payer")),
        table("statement", found.statement, STATEMENT, _("The month's statement")),
        table("balances", found.balances, BALANCE, _("Ledgers")),
        table("ledger", found.ledger, ENTRY, _("Entries of the ledgers")),
        table("unbooked", found.unbooked, UNBOOKED, _("Not in a ledger, and why")),
        table("refused", found.refused, REFUSED, _("Decisions without effect, and why")),
        *(left_out(decisions) if decisions is not None else ()),
    ]
    return [part for part in parts if isinstance(part, Record) or part.rows]


def heading(found: "Assessment") -> dict[str, Any]:
    """As of when, of which month, how many charges in which state, and what they come to."""
    summary = summary_of(found)
    lines = {
        "edition": summary["edition"],
        "as_of": datetime.fromisoformat(summary["as_of"]),
        "cases": summary["log"]["cases"],
        "excluded": summary["log"]["excluded"],
        "period": summary["period"],
        "charges": ", ".join(
            f"{word('state', state)} {count}" for state, count in summary["charges"].items()
        ),
        "sums": ", ".join(f"{measure} {amount}" for measure, amount in summary["sums"].items()),
        "pending": summary["pending"],
    }
    return {name: value for name, value in lines.items() if value or name in ("cases", "excluded")}


def table(name: str, frame: "pl.DataFrame", columns: Sequence[str], title: str) -> Table:
    """A table for people: columns that say nothing are left out, months are written as months."""
    rows = frame.to_dicts()
    for row in rows:
        if row.get("month") is not None:
            row["month"] = f"{row['month']:%Y-%m}"
    told = [column for column in columns if any(row.get(column) is not None for row in rows)]
    return Table(name, rows, told, title, MOST)


def left_out(decisions: "Log") -> list[Table]:
    return [table("excluded", decisions.excluded, LEFT_OUT, _("Left out of the decisions, and why"))]
