"""The figures of the periods that run, by unit, as `tick` took them; and the cases behind one of them.

Whoever sees only some units sees the figures of those, and behind them the cases that they may see anyway.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from bihuan.desk import access, figures, sight
from bihuan.desk.errors import MissingError
from bihuan.desk.models import Measure, Person, Unit
from bihuan.desk.office import policy_of
from bihuan.desk.pages.owed import note_of
from bihuan.desk.pages.sheets import as_csv
from bihuan.desk.pages.whose import viewer
from bihuan.engine.bands import percent
from bihuan.engine.policy import Policy
from bihuan.i18n import _
from bihuan.spoken import word

MOST = 200  # rows behind a figure that a page shows
PARTS = ("denominator", "excluded", "numerator")
Row = dict[str, Any]


@dataclass(frozen=True)
class Figure:
    """A figure of a unit, or of all of them."""

    unit: str
    group: str | None
    whose: str
    shown: str
    before: str | None  # what it was in the period before, where there is such a figure
    depth: int  # beneath the highest unit that is shown
    part: float | None  # of a whole where it is a share, else of the largest figure
    target: str
    told: dict[str, Any]


@dataclass(frozen=True)
class Indicated:
    """An indicator with its figures, the whole first."""

    id: str
    label: str
    article: str
    period: str
    is_running: bool
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
    tree = dict(Unit.objects.values_list("name", "path"))
    return [Taken(one, list(indicated(one, mine, tree))) for one in rows]


def indicated(measure: Measure, units: set[str] | None, tree: Mapping[str, str]) -> Iterable[Indicated]:
    """Each indicator with the figures of the units that are wanted, in the order of the tree, the highest first."""
    policy = policy_of(measure.edition.hash)
    rows = [row for row in measure.figures if wanted(row, units)]
    for about, mine in by_indicator(rows).items():
        ordered = sorted(mine, key=lambda row: place_of(row, tree))
        top, most = depth_of(ordered[0], tree), largest(ordered)
        shown = [figure(policy, row, depth_of(row, tree) - top, most) for row in ordered]
        running = any(NOT_OVER in (row["note"] or "") for row in mine)
        yield Indicated(about[0], mine[0]["label"], mine[0]["article"], about[1], running, shown)


NOT_OVER = "period-not-over"


def by_indicator(rows: Iterable[Row]) -> dict[tuple[str, str], list[Row]]:
    found: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        found.setdefault((row["indicator"], row["period"] or ""), []).append(row)
    return found


def place_of(row: Row, tree: Mapping[str, str]) -> tuple[Any, ...]:
    """All units together come first, then each unit before those beneath it; units nobody knows come last."""
    unit = row["unit"]
    ids = [int(id) for id in tree.get(unit, "").split("/") if id]
    return unit is not None, not ids, ids, unit or "", row["group"] or ""


def depth_of(row: Row, tree: Mapping[str, str]) -> int:
    return 1 if row["unit"] is None else tree.get(row["unit"], "//").count("/")


def largest(rows: Iterable[Row]) -> Fraction:
    """What figures that are no shares are drawn against."""
    return max((Fraction(row["value"]) for row in rows if row["value"] is not None), default=Fraction(0))


def wanted(row: Row, units: set[str] | None) -> bool:
    """Of a unit its figure as a whole, where there is one; of all units together also those of each group."""
    if row["unit"] is None:
        return units is None
    return (units is None or row["unit"] in units) and row["group"] is None and row["state"] != "no figure"


def figure(policy: Policy, row: Row, depth: int, most: Fraction) -> Figure:
    share, old = row["share"], row.get("before")
    whose = row["unit"] or _("all units")
    group = None if row["group"] is None else group_of(policy, row)
    notes = "; ".join(note for note in (row["note"] or "").split("; ") if note not in ("", NOT_OVER))
    return Figure(
        row["unit"] or "",
        group,
        f"{whose} · {group}" if group else whose,
        said(row, share),
        said(old, share) if old else None,
        depth + (group is not None),
        part_of(row, most),
        aimed(row["target"] or "", share),
        row | {"note": note_of(policy, notes) if notes else ""},
    )


def part_of(row: Row, most: Fraction) -> float | None:
    whole = Fraction(1) if row["share"] else most
    if row["value"] is None or whole <= 0:
        return None
    return min(max(float(Fraction(row["value"]) / whole), 0.0), 1.0)


def said(row: Row, share: bool) -> str:
    """The value, or why there is none."""
    if row["value"] is None:
        return word("state", row["state"])
    return percent(row["value"]) if share else str(row["value"])


def aimed(target: str, share: bool) -> str:
    """What is aimed at, as the figure beside it is written.

    >>> aimed(">= 0.9, < 1", True), aimed("<= 3", False)
    ('≥ 90.00%, < 100.00%', '≤ 3')
    """
    text = target.replace(">=", "≥").replace("<=", "≤")
    return re.sub(r"[\d.]+", lambda found: percent(found[0]), text) if share else text


def group_of(policy: Policy, row: Row) -> str:
    """Values by their labels, and in part what is personal; of several facts one after the other."""
    facts = [name for name in getattr(policy.named.get(row["indicator"]), "group", ()) if name != "unit"]
    values = row["group"].split("、") if len(facts) > 1 else [row["group"]]
    if len(values) != len(facts):  # a value has the sign between values in it
        return sight.mask(row["group"])
    return "、".join(value_of(policy, fact, value) for fact, value in zip(facts, values, strict=True))


def value_of(policy: Policy, fact: str, value: str) -> str:
    known = policy.facts.get(fact)
    label = known.leaves.get(value, value) if known is not None else value
    return str(sight.cell(policy, fact, label)) if label else _("unknown")


def figures_csv(request: HttpRequest, id: int) -> HttpResponse:
    """What the page shows of an edition's figures as a table for other programs."""
    found = next((one for one in taken(viewer(request)) if one.measure.pk == id), None)
    if found is None:
        raise MissingError("there is no such figure")
    name = f"figures-{found.measure.edition.policy.replace('/', '-')}-{found.measure.as_of:%Y%m%d}"
    head = [_("Indicator"), _("Article"), _("Period"), _("Unit"), _("Group"), _("Counted"), _("Of"), _("Figure"), _("Target"), _("kept"),
            _("Period before"), _("Counted"), _("Of"), _("Figure"), _("Note")]  # fmt: skip
    return as_csv(name, head, (cells(each, one) for each in found.indicators for one in each.figures))


def cells(each: Indicated, one: Figure) -> list[Any]:
    row, old = one.told, one.told.get("before") or {}
    met = {True: _("yes"), False: _("no"), None: ""}[row["target_met"]]
    about = [each.label, each.article, each.period, one.unit or _("all units"), one.group]
    about += [row["numerator"], row["denominator"], one.shown, row["target"], met]
    return [*about, old.get("period"), old.get("numerator"), old.get("denominator"), one.before, row["note"]]


def figure_behind(request: HttpRequest, id: int) -> HttpResponse:
    """The cases of which a figure is made: what misses, what is left out and why, what counts."""
    person = viewer(request)
    asked = {name: request.GET.get(name, "").replace("\0", "") for name in ("indicator", "period", "unit")}
    rows, measure = behind(person, id, **asked)
    named = {row["case"] for row in rows[:MOST]}
    seen = set(access.cases_seen(person).filter(number__in=named).values_list("number", flat=True))
    label = next((one["label"] for one in measure.figures if one["indicator"] == asked["indicator"]), "")
    told = {
        "asked": asked,
        "label": label or asked["indicator"],
        "measure": measure,
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
    return sorted(told_once(rows), key=lambda row: (PARTS.index(row["part"]), row["case"] or "")), measure


def told_once(rows: Iterable[Row]) -> Iterator[Row]:
    """Each row of the numerator takes the place of one of the denominator: a case may have several, of which not all count."""
    rows = list(rows)
    left = Counter(whose(row) for row in rows if row["part"] == "numerator")
    for row in rows:
        if row["part"] == "denominator" and left[whose(row)]:
            left[whose(row)] -= 1
        else:
            yield row


def whose(row: Row) -> tuple[Any, ...]:
    return row["case"], row["unit"], row["group"]


def beneath(unit: str) -> set[str]:
    """A unit and those that are part of it."""
    found = Unit.objects.filter(name=unit).first()
    below = Unit.objects.filter(path__startswith=found.path).values_list("name", flat=True) if found else ()
    return {unit, *below}
