"""Numbers of a definition and what they say of a figure: exact values, targets, bands, least and greatest value.

A bound is a literal or names a parameter; one that is missing is named, never guessed. All values are fractions.
"""

import operator
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from typing import Any

from bihuan.engine.limit import Name, Reference
from bihuan.engine.parameters import Parameters
from bihuan.engine.rules import Band, Bounds

SIGNS = {"at_least": ">=", "above": ">", "at_most": "<=", "below": "<"}
KEPT = {"at_least": operator.ge, "above": operator.gt, "at_most": operator.le, "below": operator.lt}
PLACES = 6


class Lacking(Exception):  # noqa: N818 - it never reaches a user
    """A number that the text leaves open and nobody has given."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


def number(source: Any, parameters: Parameters) -> Fraction:
    """A number as written, or the value of the parameter it names."""
    if isinstance(source, Reference):
        raise Lacking(source.by)
    if isinstance(source, Name):
        value = parameters[source.name].on() if source.name in parameters else None
        if value is None or isinstance(value, bool) or not isinstance(value, int | float):
            raise Lacking(source.name)
        return Fraction(str(value))
    return written(source)


@lru_cache(maxsize=1024)
def written(source: Any) -> Fraction:
    """A number of the text, read once."""
    return Fraction(str(source))


def bounds(held: Bounds, parameters: Parameters) -> Iterator[tuple[str, Fraction]]:
    for key in SIGNS:
        if (source := getattr(held, key)) is not None:
            yield key, number(source, parameters)


def kept(value: Fraction, limits: Iterable[tuple[str, Fraction]]) -> bool:
    """Whether a value keeps all bounds."""
    return all(KEPT[key](value, one) for key, one in limits)


def band(value: Fraction, bands: Iterable[Band], parameters: Parameters) -> str | None:
    """The name of the band in which a value lies; None where it lies in none."""
    return next((str(one.is_) for one in bands if kept(value, bounds(one, parameters))), None)


def said(held: Bounds, parameters: Parameters) -> str:
    """A target as people read it.

    >>> said(Bounds(at_least=0.9, below=1), Parameters({}))
    '>= 0.9, < 1'
    """
    return ", ".join(f"{SIGNS[key]} {text(value)}" for key, value in bounds(held, parameters))


def text(value: Fraction) -> str:
    """A value as a decimal: exact where six places suffice, else rounded half up to six.

    >>> text(Fraction(3, 4)), text(Fraction(2, 3)), text(Fraction(4)), text(Fraction(-1, 2000000))
    ('0.75', '0.666667', '4', '-0.000001')
    """
    return str(value.numerator) if value.denominator == 1 else trimmed(rounded(value, PLACES))


def rounded(value: Fraction, places: int) -> str:
    """Half up, away from zero, with that many places.

    >>> rounded(Fraction(2, 3), 2), rounded(Fraction(-5, 2), 0)
    ('0.67', '-3')
    """
    scaled, divisor = abs(value.numerator) * 10**places, value.denominator
    whole = (2 * scaled + divisor) // (2 * divisor)
    sign = "-" if value < 0 and whole else ""
    head, tail = divmod(whole, 10**places)
    return f"{sign}{head}.{tail:0{places}}" if places else f"{sign}{head}"


def percent(value: Fraction | str) -> str:
    """A share in per cent, to two places.

    >>> percent(Fraction(2, 3)), percent("1")
    ('66.67%', '100.00%')
    """
    return f"{rounded(Fraction(value) * 100, 2)}%"


def trimmed(number: str) -> str:
    return number.rstrip("0").rstrip(".") if "." in number else number
