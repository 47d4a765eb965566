"""The section on how often customers were contacted, and on what was not done for their sake.

Customers are counted, not named: a report goes further than the desk's pages.
"""

import polars as pl

from bihuan.engine.contact_load import ContactLoad
from bihuan.i18n import _
from bihuan.report import labels
from bihuan.report.document import Chart, Section, Table, bar, table
from bihuan.report.material import Material, share
from bihuan.report.scope import of_units, within
from bihuan.report.summary import MOST, columns

BY_UNIT = (
    ("unit", "text"),
    ("customers", "count"),
    ("contacts", "count"),
    ("made", "count"),
    ("planned", "count"),
    ("most", "count"),
)
OFTEN = (("contacts", "count"), ("customers", "count"), ("share", "share"))
LEFT = (
    ("case", "text"), ("article", "text"), ("says", "text"), ("unit", "text"), ("owner", "text"), ("due_at", "instant"),
    ("state", "text"), ("why", "text"), ("by", "text"), ("under", "text"),
)  # fmt: skip


def section(about: Material, load: ContactLoad) -> Section:
    """By unit, how many customers how often, and the duties that stay open for it."""
    often = how_often(about, load)
    tables = (
        often,
        table("contacts", _("Contacts, unit by unit"), columns(*BY_UNIT), by_unit(about, load)),
        table(
            "contacts-left",
            _("Not called for the customer's sake, and what stays open"),
            columns(*LEFT),
            left(about, load),
            most=MOST,
        ),
    )
    bars = tuple(bar(row[0].text, row[1].value) for row in often.rows)
    charts = (
        (Chart(_("Customers, by how often they were contacted"), "counts", "contacts-often", bars),)
        if len(bars) > 1
        else ()
    )
    says = (_("Contacts made or planned in the period, over all rules. Customers are counted, not named."),)
    return Section(
        "contacts",
        _("Contact load"),
        says,
        charts,
        tuple(each for each in tables if each.rows or each is often),
    )


def how_often(about: Material, load: ContactLoad) -> Table:
    """How many customers were contacted once, twice, …"""
    rows = of_units(about.scope, load.contacts.filter(within(about.scope, pl.col("at"))))
    known = rows.filter(pl.col("kind").is_in(["made", "planned"]) & pl.col("customer").is_not_null())
    counted = (
        known.group_by("customer")
        .len("contacts")
        .group_by("contacts")
        .len("customers")
        .sort("contacts")
        .to_dicts()
    )
    whole = sum(row["customers"] for row in counted)
    told = [row | {"share": share(row["customers"], whole)} for row in counted]
    empty = _("Nobody was contacted in this period.")
    return table(
        "contacts-often", _("Customers, by how often they were contacted"), columns(*OFTEN), told, empty=empty
    )


def by_unit(about: Material, load: ContactLoad) -> list[dict[str, object]]:
    return of_units(about.scope, load.periods.filter(pl.col("period") == about.scope.period.name)).to_dicts()


def left(about: Material, load: ContactLoad) -> list[dict[str, object]]:
    rows = of_units(about.scope, load.left.filter(within(about.scope, pl.coalesce("at", "due_at"))))
    return [row | {"says": labels.rule_name(about.policy, row["rule"] or "")} for row in rows.to_dicts()]
