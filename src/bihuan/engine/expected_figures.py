"""What a worked example expects of figures, against those that came out.

`callback-rate = "0.75"` is the company's figure of the only period there is; a table says of which period, unit or
group. A value holds if it agrees to the places written, at least two. It knows neither examples nor their files.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any, NamedTuple

from bihuan.engine.bands import rounded
from bihuan.engine.figure import NO_FIGURE, UNDEFINED, UNSET
from bihuan.engine.indicators import Measured

WHICH = ("period", "unit", "group", "edition")
STATES = (NO_FIGURE, UNSET, UNDEFINED)
NUMBERS = ("value", "numerator", "denominator")


class Other(NamedTuple):
    """One thing that came out otherwise: what, its article, what was expected and what was found."""

    what: str
    article: str
    expected: str
    found: str


def compare(measured: Measured, wanted: Mapping[str, Any]) -> Iterator[Other]:
    """Every figure named, one after the other."""
    rows = measured.figures.to_dicts()
    for name, asked in wanted.items():
        mine = [row for row in rows if row["indicator"] == name]
        for each in asked if isinstance(asked, list) else [asked]:
            yield from compare_one(mine, name, each if isinstance(each, dict) else {"value": each})


def compare_one(rows: list[dict[str, Any]], name: str, asked: Mapping[str, Any]) -> Iterator[Other]:
    found = [row for row in rows if all(chosen(row, key, asked) for key in WHICH)]
    if not found and asked.get("value") == NO_FIGURE:
        return
    if len(found) != 1:
        several = ", ".join(str(row["period"]) for row in found)
        hint = f"figures of {several}: say which `period`" if found else "none"
        yield Other(name, rows[0]["article"] if rows else "", "one figure", hint)
        return
    for key in asked.keys() - {*WHICH}:
        if not agrees(found[0], key, asked[key]):
            value = found[0].get(key, f"no column {key}")
            said = value if value is not None else f"nothing ({found[0]['state']}, {found[0]['note']})"
            yield Other(f"{name}.{key}", found[0]["article"], str(asked[key]), str(said))


def chosen(row: Mapping[str, Any], key: str, asked: Mapping[str, Any]) -> bool:
    """Whether a row is the one meant; without unit and group, that of the company and of all groups."""
    if key in ("period", "edition") and key not in asked:
        return True
    return bool(row[key] == (str(asked[key]) if key in asked else None))


def agrees(row: Mapping[str, Any], key: str, wanted: Any) -> bool:
    found = row.get(key)
    if key == "value" and wanted in STATES:
        return bool(row["state"] == wanted)
    if key in NUMBERS:
        return found is not None and same_number(str(found), wanted)
    if isinstance(wanted, bool):
        return found is wanted
    return found is not None and str(found) == str(wanted)


def same_number(found: str, wanted: Any) -> bool:
    """Equal to the places written.

    >>> same_number("0.666667", "0.67"), same_number("0.75", 0.8), same_number("4", "4.00")
    (True, False, True)
    """
    try:
        exponent = Decimal(str(wanted)).as_tuple().exponent
    except InvalidOperation:
        return False
    places = max(2, -exponent if isinstance(exponent, int) else 0)
    return rounded(Fraction(found), places) == rounded(Fraction(str(wanted)), places)
