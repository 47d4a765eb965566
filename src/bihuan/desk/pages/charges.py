"""What the regulations propose to charge, of this month and the one before: by unit and payer, and each with its case.

As `tick` took them with the figures. Who fixes an amount, and what is done about a charge, is decided outside the desk
(`bihuan assess --decisions`); nothing is added up here that the engine would not add up.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.desk import access, clock, figures
from bihuan.desk.models import Measure, Person
from bihuan.desk.office import policy_of
from bihuan.desk.pages.figures import beneath
from bihuan.desk.pages.owed import note_of
from bihuan.desk.pages.sheets import as_csv
from bihuan.desk.pages.whose import viewer
from bihuan.engine.assess import totals
from bihuan.engine.counted_apart import across, is_apart
from bihuan.engine.period import before, span_of
from bihuan.engine.policy import Policy
from bihuan.i18n import _
from bihuan.spoken import word

MOST = 200  # charges that a page shows
Row = dict[str, Any]


@dataclass(frozen=True)
class Charged:
    """The charges of an edition."""

    measure: Measure
    sums: list[Row]
    rows: list[Row]
    more: int
    beyond: list[str]  # what rules across cases set off too, which is not here


def charges(request: HttpRequest) -> HttpResponse:
    person = viewer(request)
    asked = {
        name: request.GET.get(name, "").replace("\0", "") for name in ("policy", "month", "unit", "case")
    }
    every = list(taken(person, asked))
    if request.GET.get("as") == "csv":
        return listed(every)
    found = [charged(measure, table, MOST) for measure, table in every]
    numbers = {row["case"] for one in found for row in one.rows}
    seen = set(access.cases_seen(person).filter(number__in=numbers).values_list("number", flat=True))
    told = {"asked": asked, "found": found, "seen": seen, "policies": policies(), "months": months()}
    return render(request, "desk/charges.html", told | {"csv": {**asked, "as": "csv"}})


def policies() -> dict[str, str]:
    rows = Measure.objects.exclude(charges=b"").order_by("edition__policy", "edition_id")
    return dict(rows.values_list("edition__policy", "edition__title"))


def months() -> list[str]:
    """The month that runs and the one before."""
    now = span_of("month", clock.today())
    return [now.name, before(now).name]


def taken(person: Person, asked: dict[str, str]) -> Iterator[tuple[Measure, pl.DataFrame]]:
    """What was taken last, as far as the person may see it and asks for it."""
    measures = Measure.objects.defer("behind", "figures").select_related("edition").exclude(charges=b"")
    if asked["policy"]:
        measures = measures.filter(edition__policy=asked["policy"])
    seen = access.units_seen(person)
    units = None if seen is None else set(seen)
    if asked["unit"]:
        below = beneath(asked["unit"])
        units = below if units is None else units & below
    for measure in measures.order_by("edition__policy", "-edition_id"):
        rows = figures.charges(measure, units)
        if asked["month"]:
            rows = rows.filter(pl.col("at").dt.strftime("%Y-%m") == asked["month"])
        if asked["case"]:
            rows = rows.filter(pl.col("case") == asked["case"])
        yield measure, rows


def charged(measure: Measure, table: pl.DataFrame, most: int | None = None) -> Charged:
    policy = policy_of(measure.edition.hash)
    last_first = table.sort("at", descending=True, maintain_order=True)
    rows = [said(policy, row) for row in (last_first if most is None else last_first.head(most)).to_dicts()]
    beyond = [policy.says(name) for name in across(policy)] if is_apart(policy) else []
    sums = [row | {"measure": measure_said(row["measure"])} for row in totals(table).to_dicts()]
    return Charged(measure, sums, rows, table.height - len(rows), beyond)


def said(policy: Policy, row: Row) -> Row:
    """A charge in words: an amount, or why there is none."""
    return row | {
        "says": policy.says(row["id"]),
        "state_said": word("state", row["state"]),
        "measure": measure_said(row["measure"]),
        "note": note_of(policy, titled(policy, row["note"])) if row["note"] else "",
    }


def measure_said(measure: str | None) -> str | None:
    return _("CNY") if measure == "CNY" else measure


def titled(policy: Policy, note: str) -> str:
    """A document that fixes the amount by its title."""
    for name, document in policy.references.items():
        note = note.replace(f"document:{name}", f"document:{document.title}")
    return note


def listed(found: list[tuple[Measure, pl.DataFrame]]) -> HttpResponse:
    """Every charge asked for, as a table for other programs."""
    head = [_("Number"), _("Case"), _("Article"), _("What for"), _("When"), _("Unit"), _("Payer"), _("Amount"),
            _("Measure"), _("State"), _("How"), _("Sanction"), _("Note")]  # fmt: skip
    every = (row for measure, table in found for row in charged(measure, table).rows)
    return as_csv("charges", head, ([row[name] for name in COLUMNS] for row in every))


COLUMNS = (
    "number", "case", "article", "says", "at", "unit", "payer", "amount",
    "measure", "state_said", "how", "sanction", "note",
)  # fmt: skip
