"""The figures of the periods that run, by unit, as `tick` took them; and the cases behind one of them.

Whoever sees only some units sees the figures of those, and behind them the cases that they may see anyway.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.desk import access, figures
from bihuan.desk.errors import MissingError
from bihuan.desk.models import Measure, Person, Unit
from bihuan.desk.office import policy_of
from bihuan.desk.pages.owed import note_of
from bihuan.desk.pages.whose import viewer
from bihuan.engine.bands import percent
from bihuan.engine.policy import Policy
from bihuan.i18n import _
from bihuan.spoken import word

MOST = 200  # rows behind a figure that a page shows
PARTS = ("denominator", "excluded", "numerator")


@dataclass(frozen=True)
class Figure:
    """A figure of a unit, or of all of them."""

    unit: str
    group: str | None
    whose: str
    shown: str
    before: str | None  # what it was in the period before, where there is such a figure
    part: float | None  # of a whole, where it is one
    told: dict[str, Any]


@dataclass(frozen=True)
class Indicated:
    """An indicator with its figures, the whole first."""

    id: str
    label: str
    article: str
    period: str
    figures: list[Figure]


@dataclass(frozen=True)
class Taken:
    """The figures of an edition, as of when they were taken."""

    measure: Measure
    indicators: list[Indicated]


def taken(person: Person, policy: str = "") -> list[Taken]:
    """What was taken last of every regulation, or of one, as far as the person may see it."""
    rows = (
        Measure.objects.defer("behind").select_related("edition").order_by("edition__policy", "-edition_id")
    )
    if policy:
        rows = rows.filter(edition__policy=policy)
    units = access.units_seen(person)
    mine = None if units is None else set(units)
    return [Taken(one, list(indicated(one, mine))) for one in rows]


def indicated(measure: Measure, units: set[str] | None) -> Iterable[Indicated]:
    policy = policy_of(measure.edition.hash)
    found: dict[tuple[str, str], Indicated] = {}
    for row in measure.figures:
        if not wanted(row, units):
            continue
        about = row["indicator"], row["period"] or ""
        one = found.setdefault(about, Indicated(about[0], row["label"], row["article"], about[1], []))
        one.figures.append(figure(policy, row))
    return found.values()


def wanted(row: dict[str, Any], units: set[str] | None) -> bool:
    """Of a unit its figure as a whole, where there is one; of all units together also those of each group."""
    if row["unit"] is None:
        return units is None
    return (units is None or row["unit"] in units) and row["group"] is None and row["state"] != "no figure"


def figure(policy: Policy, row: dict[str, Any]) -> Figure:
    value, share, old = row["value"], row["share"], row.get("before")
    whose = row["unit"] or _("all units")
    group = None if row["group"] is None else group_of(policy, row)
    part = min(float(Fraction(value)), 1.0) if share and value is not None else None
    told = row | {"note": note_of(policy, row["note"]) if row["note"] else ""}
    return Figure(
        row["unit"] or "",
        group,
        f"{whose} · {group}" if group else whose,
        said(row, share),
        said(old, share) if old else None,
        part,
        told,
    )


def said(row: dict[str, Any], share: bool) -> str:
    """The value, or why there is none."""
    if row["value"] is None:
        return word("state", row["state"])
    return percent(row["value"]) if share else str(row["value"])


def group_of(policy: Policy, row: dict[str, Any]) -> str:
    """Values by their labels, and in part what is personal; of several facts one after the other."""
    facts = [name for name in getattr(policy.named.get(row["indicator"]), "group", ()) if name != "unit"]
    values = row["group"].split("、") if len(facts) > 1 else [row["group"]]
    if len(values) != len(facts):  # a value has the sign between values in it
        return access.mask(row["group"])
    return "、".join(value_of(policy, fact, value) for fact, value in zip(facts, values, strict=True))


def value_of(policy: Policy, fact: str, value: str) -> str:
    known = policy.facts.get(fact)
    label = known.leaves.get(value, value) if known is not None else value
    return str(access.cell(policy, fact, label, frozenset(), False)) if label else _("unknown")


def figure_behind(request: HttpRequest, id: int) -> HttpResponse:
    """The cases of which a figure is made: what misses, what is left out and why, what counts."""
    person = viewer(request)
    asked = {name: request.GET.get(name, "").replace("\0", "") for name in ("indicator", "period", "unit")}
    rows, units = behind(person, id, **asked)
    named = {row["case"] for row in rows[:MOST]}
    seen = set(access.cases_seen(person).filter(number__in=named).values_list("number", flat=True))
    label = next((one["label"] for one in units.figures if one["indicator"] == asked["indicator"]), "")
    told = {
        "asked": asked,
        "label": label or asked["indicator"],
        "measure": units,
        "rows": [(row, row["case"] in seen) for row in rows[:MOST]],
        "more": max(0, len(rows) - MOST),
    }
    return render(request, "desk/figure.html", told)


def behind(
    person: Person, id: int, *, indicator: str, period: str, unit: str
) -> tuple[list[dict[str, Any]], Measure]:
    """The rows behind a figure that the person may see; those that miss come first."""
    measure = Measure.objects.select_related("edition").filter(pk=id).first()
    seen = access.units_seen(person)
    if measure is None or not (seen is None or unit in seen):
        raise MissingError("there is no such figure")
    below = beneath(unit) if unit else None
    rows = figures.behind(measure, indicator, period, below).to_dicts()
    counted = {(row["case"], row["unit"]) for row in rows if row["part"] == "numerator"}
    rows = [row for row in rows if row["part"] != "denominator" or (row["case"], row["unit"]) not in counted]
    return sorted(rows, key=lambda row: (PARTS.index(row["part"]), row["case"] or "")), measure


def beneath(unit: str) -> set[str]:
    """A unit and those that are part of it."""
    found = Unit.objects.filter(name=unit).first()
    below = Unit.objects.filter(path__startswith=found.path).values_list("name", flat=True) if found else ()
    return {unit, *below}
