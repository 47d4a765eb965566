"""What a report consists of, as a value: sections of text, charts and tables, whose every cell has its value and text.

A value is formatted once, here; whoever sets the report takes the text as it is. Knows no rule and no file format.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import Any, NamedTuple

from bihuan.i18n import _, language
from bihuan.spoken import instant, shown, span

#: Kinds of columns that hold numbers, and stand right-aligned.
NUMBERS = frozenset(("count", "share", "money", "number", "span"))
TENTH = Decimal("0.001")  # of a share: a tenth of a percent


class Cell(NamedTuple):
    """A value, how people read it, and what kind of value it is."""

    value: Any
    text: str
    kind: str = "text"


@dataclass(frozen=True)
class Column:
    """A column: its name in data, its head for people, and what kind of values it has."""

    name: str
    head: str
    kind: str = "text"
    on_paper: bool = True  # whether the narrow tables of the PDF have it

    @property
    def is_number(self) -> bool:
        return self.kind in NUMBERS


@dataclass(frozen=True)
class Table:
    """Rows under heads; `most` is how many of them paper and page show, `empty` what is said where there is none."""

    id: str
    title: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str = ""
    most: int | None = None

    @property
    def is_shown(self) -> bool:
        """Whether paper and page have it, or say that it is empty."""
        return self.most != 0 or not self.rows

    @property
    def left_out(self) -> int:
        """How many rows only the workbook has."""
        return 0 if self.most is None else max(0, len(self.rows) - self.most)


@dataclass(frozen=True)
class Chart:
    """A picture of one table: what is drawn (`charts` knows how), and what it says in words."""

    title: str
    kind: str
    table: str
    data: tuple[Mapping[str, Any], ...]  # name and value with its text, or name, state and count


@dataclass(frozen=True)
class Section:
    """A chapter of the report, a sheet of the workbook."""

    id: str
    title: str
    says: tuple[str, ...] = ()
    charts: tuple[Chart, ...] = ()
    tables: tuple[Table, ...] = ()


@dataclass(frozen=True)
class Document:
    """A whole report."""

    title: str
    about: tuple[tuple[str, Cell], ...]  # of which unit and period, as of when, by which edition
    figures: tuple[tuple[str, Cell], ...]  # the few numbers that a reader looks for first
    sections: tuple[Section, ...]
    signatures: tuple[str, ...]
    day: str  # what stands before the day of a signature
    footer: str
    language: str
    summary: Mapping[str, Any] = field(default_factory=dict)  # the same for programs


def table(
    id: str,
    title: str,
    columns: Sequence[Column],
    rows: Sequence[Mapping[str, Any]],
    *,
    empty: str = "",
    most: int | None = None,
) -> Table:
    """A table of rows by name; columns in which no row says anything are left out."""
    told = [each for each in columns if not rows or any(row.get(each.name) is not None for row in rows)]
    cells = tuple(tuple(cell(each, row.get(each.name)) for each in told) for row in rows)
    return Table(id, typeset(title), tuple(told), cells, typeset(empty), most)


def cell(column: Column, value: Any) -> Cell:
    """A value of a column; one that is of another kind than its column comes as a cell."""
    return value if isinstance(value, Cell) else made(column.kind, column.name, value)


def made(kind: str, name: str, value: Any) -> Cell:
    """A value with its text."""
    return Cell(value, text_of(kind, name, value), kind)


def text_of(kind: str, name: str, value: Any) -> str:
    """A value as people read it.

    >>> text_of("money", "amount", Decimal("1234.5")), text_of("count", "cases", 1234)
    ('1,234.50', '1,234')
    """
    if value is None:
        return ""
    return str(FORMS[kind](name, value))


#: Between Chinese letters the marks are as wide as these, however they were typed.
MARKS = str.maketrans(",;:!?", "\uff0c\uff1b\uff1a\uff01\uff1f")
HALF = re.compile(r"(?<=[\u3400-\u9fff\u300b%])[,;:!?]|[,;:!?](?=[\u3400-\u9fff\u300a])")


def typeset(text: str) -> str:
    """Chinese text with Chinese marks; figures and names between them stay as they are.

    >>> from bihuan.i18n import use; use("zh")
    >>> typeset("接单后,回复95598") == "接单后\\uff0c回复95598", typeset("15:30, a:b")
    (True, '15:30, a:b')
    """
    return text if language() == "en" else HALF.sub(lambda found: found[0].translate(MARKS), text)


def bar(name: str, count: int) -> dict[str, Any]:
    """A bar of a chart."""
    return {"name": name, "value": count, "text": f"{count:,}"}


def percent(value: Decimal) -> str:
    """To a tenth of a percent; what is rounded never becomes all or nothing.

    >>> percent(Decimal(1)), percent(Decimal("0.9999")), percent(Decimal("0.0001")), percent(Decimal("0.9365"))
    ('100.0%', '99.9%', '0.1%', '93.7%')
    """
    rounded = value.quantize(TENTH, ROUND_HALF_UP)
    if rounded == 1 and value < 1:
        rounded = value.quantize(TENTH, ROUND_FLOOR)
    if rounded == 0 and value > 0:
        rounded = value.quantize(TENTH, ROUND_CEILING)
    return f"{rounded * 100:.1f}%"


def money(value: Decimal) -> str:
    """Never with fewer digits than it has.

    >>> money(Decimal("2")), money(Decimal("0.125"))
    ('2.00', '0.125')
    """
    exponent = value.as_tuple().exponent
    return f"{value:,.2f}" if isinstance(exponent, int) and exponent >= -2 else f"{value:,f}"


def number(value: Decimal | int | float) -> str:
    """An exact number without zeros at its end.

    >>> number(Decimal("93.600")), number(Decimal("1200"))
    ('93.6', '1,200')
    """
    text = f"{value:,f}" if isinstance(value, Decimal) else f"{value:,}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return typeset(shown(name, value))


FORMS: Mapping[str, Any] = {
    "text": text,
    "count": lambda _name, value: f"{value:,}",
    "share": lambda _name, value: percent(value),
    "money": lambda _name, value: money(value),
    "number": lambda _name, value: number(value),
    "span": lambda _name, value: span(int(value)),
    "instant": lambda _name, value: instant(value),
    "day": lambda _name, value: f"{value:%Y-%m-%d}",
}


def plain(value: Any) -> Any:
    """A value as JSON holds it: decimals as text, exactly; instants as ISO 8601."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
