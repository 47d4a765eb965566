"""The report as a PDF that somebody signs, set by Typst with the font embedded.

`report.typ` is the form; what it sets is handed over as JSON and pictures, never as Typst source, so that no text of
a log is read as a command.
"""

import json
from datetime import datetime
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from bihuan.i18n import _
from bihuan.report.charts import pdf
from bihuan.report.document import NUMBERS, Cell, Column, Document, Section, Table
from bihuan.report.needs import font_folders
from bihuan.report.workbook import breadth

FORM = "report.typ"
UNBROKEN = NUMBERS | {"instant", "day"}
SHORT = 12  # letters, two for a Chinese one, up to which a column is as wide as its text
WIDEST = 44
NARROWEST = 9


def write_paper(path: Path, document: Document, made_at: datetime) -> None:
    """The whole report as a PDF, dated as of when it was made from."""
    import typst

    with TemporaryDirectory() as place:
        form = laid_out(Path(place), document)
        typst.compile(
            form,
            output=str(path),
            root=place,
            font_paths=[str(folder) for folder in font_folders()[:1]],
            ignore_system_fonts=True,
            timestamp=int(made_at.timestamp()),
        )


def laid_out(place: Path, document: Document) -> str:
    """The form, the content and the pictures in one folder; returns the form."""
    form = place / FORM
    form.write_bytes(files("bihuan.report").joinpath(FORM).read_bytes())
    content = content_of(document, place)
    (place / "content.json").write_text(json.dumps(content, ensure_ascii=False), encoding="utf-8")
    return str(form)


def content_of(document: Document, place: Path) -> dict[str, Any]:
    return {
        "title": document.title,
        "lang": document.language,
        "about": pairs(document.about),
        "figures": pairs(document.figures),
        "sections": [section(each, place) for each in document.sections],
        "signatures": list(document.signatures),
        "footer": document.footer,
        "words": {"page": _("page {page} of {pages}"), "day": document.day},
    }


def pairs(named: tuple[tuple[str, Cell], ...]) -> list[list[str]]:
    return [[name, cell.text] for name, cell in named]


def section(about: Section, place: Path) -> dict[str, Any]:
    charts = []
    for number, chart in enumerate(about.charts):
        file = f"chart-{about.id}-{number}.pdf"
        (place / file).write_bytes(pdf(chart))
        charts.append({"title": chart.title, "file": file})
    tables = [listing(table) for table in about.tables if table.is_shown]
    return {"title": about.title, "says": list(about.says), "charts": charts, "tables": tables}


def listing(table: Table) -> dict[str, Any]:
    """The columns that paper has room for, as wide as their texts need."""
    kept = [place for place, column in enumerate(table.columns) if column.on_paper]
    heads = [table.columns[place].head for place in kept]
    rows = [[cells[place].text for place in kept] for cells in table.rows[: table.most]]
    return {
        "title": table.title,
        "heads": heads,
        "rows": rows,
        "numbers": [table.columns[place].is_number for place in kept],
        "widths": [
            width(table.columns[place], heads[n], [row[n] for row in rows]) for n, place in enumerate(kept)
        ],
        "empty": table.empty,
        "more": _("… {count} more").format(count=table.left_out) if table.left_out else "",
    }


def width(column: Column, head: str, texts: list[str]) -> int:
    """The share of the page that a column gets; 0 where it is as wide as its text: figures are not broken."""
    longest = max((breadth(text) for text in texts), default=0)
    if column.kind in UNBROKEN:
        return 0 if breadth(head) <= max(SHORT, longest) else SHORT
    longest = max(longest, breadth(head))
    return 0 if longest <= SHORT else max(NARROWEST, min(WIDEST, longest))
