"""The report as a workbook: a sheet a section, numbers as numbers, instants as instants.

Text is always text: what begins like a formula stays what it is, also after somebody edits the cell. A decimal that
a workbook would change is written as text. Long tables come last on their sheet, with a filter.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from bihuan.i18n import _
from bihuan.report.document import NUMBERS, Cell, Column, Document, Section, Table

FORMULA = ("=", "+", "-", "@", "\t", "\r")
MOST_ROWS = 1_000_000  # of a sheet
MOST_TEXT = 32_767  # characters of a cell
WIDEST = 60
AN_INSTANT = 22  # the second column holds what the report is about, too
LAST_SECOND = (23, 59, 59)
Formats = Callable[..., Any]


def write_workbook(path: Path, document: Document) -> None:
    """Every section as a sheet, the summary first."""
    import xlsxwriter

    safe = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(path, safe) as book:
        book.set_properties({"title": document.title, "comments": document.footer})
        formats = formats_of(book)
        for place, section in enumerate(document.sections):
            sheet = book.add_worksheet(sheet_name(section.title))
            row = front(sheet, formats, document) if place == 0 else 0
            fill(sheet, formats, section, row)


def formats_of(book: Any) -> Formats:
    """Formats by what they are for, each made once."""
    made: dict[tuple[tuple[str, Any], ...], Any] = {}

    def formatted(**settings: Any) -> Any:
        key = tuple(sorted(settings.items()))
        if key not in made:
            made[key] = book.add_format(
                {"valign": "top", "font_name": "Microsoft YaHei", "font_size": 10, **settings}
            )
        return made[key]

    return formatted


def sheet_name(title: str) -> str:
    """What a sheet may be called."""
    return "".join(" " if each in "[]:*?/\\" else each for each in title)[:31]


def front(sheet: Any, formats: Formats, document: Document) -> int:
    """Title, what the report is about, and the few numbers."""
    sheet.write_string(0, 0, document.title, formats(bold=True, font_size=16))
    row = 2
    for name, cell in (*document.about, *document.figures):
        sheet.write_string(row, 0, name, formats(bold=True))
        write(sheet, formats, row, 1, cell)
        row += 1
    return row + 1


def fill(sheet: Any, formats: Formats, section: Section, row: int) -> None:
    """The texts and tables of a section, one beneath the other."""
    for said in section.says:
        sheet.write_string(row, 0, said, formats(italic=True))
        row += 1
    row += bool(section.says)
    for place, table in enumerate(section.tables):
        last = place == len(section.tables) - 1
        row = put(sheet, formats, table, row, filtered=last) + 1
    for column, width in enumerate(widths(section.tables)):
        sheet.set_column(column, column, max(width, AN_INSTANT if column == 1 else 0))
    printed(sheet, section)


def printed(sheet: Any, section: Section) -> None:
    """On A4, across, as many pages as it takes."""
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.set_footer("&L" + section.title.replace("&", "&&") + "&R&P / &N")


def put(sheet: Any, formats: Formats, table: Table, row: int, *, filtered: bool) -> int:
    """A table from this row on; returns the row after it."""
    sheet.write_string(row, 0, table.title, formats(bold=True, font_size=12))
    if not table.rows:
        sheet.write_string(row + 1, 0, table.empty, formats(italic=True))
        return row + 2
    head = row + 1
    for place, column in enumerate(table.columns):
        sheet.write_string(
            head, place, head_of(column), formats(bold=True, bottom=1, bg_color="#E8EEF3", text_wrap=True)
        )
    rows = table.rows[:MOST_ROWS]
    for down, cells in enumerate(rows, head + 1):
        for place, cell in enumerate(cells):
            write(sheet, formats, down, place, cell)
    end = head + len(rows)
    if filtered:
        sheet.autofilter(head, 0, end, len(table.columns) - 1)
    if len(table.rows) > len(rows):
        end += 1
        sheet.write_string(
            end, 0, _("… {count} more").format(count=len(table.rows) - len(rows)), formats(italic=True)
        )
    return end + 1


def head_of(column: Column) -> str:
    """Time stands in hours here, so that it can be added up."""
    return _("{name} (hours)").format(name=column.head) if column.kind == "span" else column.head


def write(sheet: Any, formats: Formats, row: int, place: int, cell: Cell) -> None:
    """One cell by its kind."""
    value = cell.value
    if value is None or not cell.text:
        sheet.write_blank(row, place, None, formats())
    elif cell.kind == "instant":
        sheet.write_datetime(
            row, place, value.replace(tzinfo=None), formats(num_format=clock(value), align="left")
        )
    elif cell.kind == "span":
        sheet.write_number(row, place, round(value / 3600, 2), formats(num_format="#,##0.00"))
    elif cell.kind in NUMBERS and is_exact(value):
        sheet.write_number(row, place, value, formats(num_format=number_format(cell.kind, value)))
    else:
        text = cell.text[:MOST_TEXT]
        sheet.write_string(
            row, place, text, formats(**({"quote_prefix": True} if text.startswith(FORMULA) else {}))
        )


def is_exact(value: Any) -> bool:
    """Whether the number is the same again when a workbook has kept it: fifteen digits at most."""
    return isinstance(value, int | float) or (
        isinstance(value, Decimal) and len(value.normalize().as_tuple().digits) <= 15
    )


def number_format(kind: str, value: Any) -> str:
    if kind == "share":
        return "0.0%"
    if kind == "money":
        return "#,##0.00"
    return "#,##0" if value == int(value) else "#,##0.######"


def clock(value: datetime) -> str:
    """To the minute, unless the seconds matter; the last second of a day is shown as 24:00 of that day."""
    if (value.hour, value.minute, value.second) == LAST_SECOND:
        return 'yyyy-mm-dd" 24:00"'
    return "yyyy-mm-dd hh:mm:ss" if value.second else "yyyy-mm-dd hh:mm"


def widths(tables: Sequence[Table]) -> list[int]:
    """Wide enough for most of what stands in a column; Chinese letters are two wide."""
    found: dict[int, int] = {}
    for table in tables:
        for place, column in enumerate(table.columns):
            texts = [head_of(column), *(row[place].text for row in table.rows[:200])]
            found[place] = max(found.get(place, 8), *(breadth(text) + 2 for text in texts))
    return [min(WIDEST, found[place]) for place in sorted(found)]


def breadth(text: str) -> int:
    """Columns that a text takes.

    >>> breadth("逾期 3")
    6
    """
    return sum(2 if ord(each) > 0x2E80 else 1 for each in text)
