"""The sections on what follows in money, points and sanctions: charges by payer, each charge, the ledgers.

Amounts are those of the assessment, to the cent; nothing is added up that it would not add up.
"""

from typing import Any

import polars as pl

from bihuan.engine.assess import totals
from bihuan.i18n import _
from bihuan.report import labels
from bihuan.report.document import Chart, Section, Table, bar, table
from bihuan.report.document import money as amount_text
from bihuan.report.material import Material
from bihuan.report.scope import of_units
from bihuan.report.summary import MOST, columns

TOTAL = (
    ("unit", "text"), ("payer", "text"), ("payee", "text"), ("measure", "text"), ("count", "count"), ("amount", "money"),
    ("without_amount", "count"),
)  # fmt: skip
CHARGE = (
    ("case", "text"), ("article", "text"), ("says", "text"), ("at", "instant"), ("unit", "text"), ("payer", "text"),
    ("how", "text"), ("amount", "money"), ("measure", "text"), ("state", "text"), ("stage", "text"), ("sanction", "text"),
    ("note", "text"), ("number", "text"),
)  # fmt: skip
OFF_PAPER = ("unit", "how", "stage", "number")
BALANCE = (
    ("ledger", "text"), ("party", "text"), ("charged", "money"), ("reversed", "money"), ("deducted", "money"),
    ("refunded", "money"), ("dropped", "money"), ("carried", "money"),
)  # fmt: skip
UNBOOKED = (("ledger", "text"), ("party", "text"), ("number", "text"), ("amount", "money"), ("note", "text"))
STATEMENT = (
    ("number", "text"),
    ("article", "text"),
    ("unit", "text"),
    ("payer", "text"),
    ("amount", "money"),
    ("measure", "text"),
)


def section(about: Material) -> Section:
    by_payer = totals(about.charges).to_dicts()
    tables = [
        table("charges-by-payer", _("Sums by unit and payer"), columns(*TOTAL), by_payer),
        every(about),
        table("statement", _("The month's statement"), columns(*STATEMENT), statement(about)),
        table("ledgers", _("Ledgers"), columns(*BALANCE), parties(about, about.assessment.balances)),
        table(
            "unbooked",
            _("Not in a ledger, and why"),
            columns(*UNBOOKED),
            parties(about, about.assessment.unbooked),
        ),
    ]
    shown = tuple(each for each in tables if each.rows or each.id == "charges")
    return Section("charges", _("Charges"), tuple(remarks(about)), charts(by_payer), shown)


def remarks(about: Material) -> list[str]:
    unknown = about.charges.filter(pl.col("amount").is_null() & (pl.col("state") != "absorbed")).height
    if not unknown:
        return []
    return [
        _(
            "{count} of {all} charges have no amount: the column State says whether a person fixes it, or whether it "
            "stands in a document that is not held. They count as nothing in the sums."
        ).format(count=unknown, all=about.charges.height),
        *(f"{name}: {title}" for name, title in documents(about)),
    ]


def documents(about: Material) -> list[tuple[str, str]]:
    """The documents by which amounts are fixed, as notes name them and in full."""
    named = about.charges["note"].drop_nulls().unique().str.strip_prefix("document:").sort().to_list()
    return [(name, each.title) for name, each in about.policy.references.items() if name in named]


def every(about: Material) -> Table:
    rows = [
        row | {"says": labels.rule_name(about.policy, row["id"])}
        for row in about.charges.sort("at", "number").to_dicts()
    ]
    return table(
        "charges",
        _("Charges"),
        columns(*CHARGE, off_paper=OFF_PAPER),
        rows,
        empty=_("There are no charges in this period."),
        most=MOST,
    )


def statement(about: Material) -> list[dict[str, Any]]:
    return of_units(about.scope, about.assessment.statement).to_dicts()


def parties(about: Material, rows: pl.DataFrame) -> list[dict[str, Any]]:
    """The rows of parties that are a unit of the scope, belong to one, or pay a charge of it."""
    if about.scope.unit is None or about.site is None:
        return rows.to_dicts()
    people = about.site.people.filter(pl.col("unit").is_in(sorted(about.scope.units)))["person"]
    mine = {*about.scope.units, *people.to_list(), *about.charges["payer"].drop_nulls().to_list()}
    return rows.filter(pl.col("party").is_in(sorted(mine))).to_dicts()


def charts(rows: list[dict[str, Any]]) -> tuple[Chart, ...]:
    """Who bears how much, a chart for each measure; and how many charges each has, where no amount is known."""
    made = []
    for measure in sorted({row["measure"] for row in rows if row["amount"]}):
        data = tuple(
            {"name": row["payer"] or "", "value": float(row["amount"]), "text": amount_text(row["amount"])}
            for row in sorted(rows, key=lambda row: -row["amount"])
            if row["measure"] == measure and row["amount"]
        )
        made.append(
            Chart(
                _("Charged, by payer ({measure})").format(measure=measure),
                "amounts",
                "charges-by-payer",
                data,
            )
        )
    if not made and len(rows) > 1:
        data = tuple(
            bar(row["payer"] or "", row["count"]) for row in sorted(rows, key=lambda row: -row["count"])
        )
        made.append(Chart(_("Number of charges, by payer"), "counts", "charges-by-payer", data))
    return tuple(made)
