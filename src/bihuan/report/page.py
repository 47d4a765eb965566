"""The report as one HTML page that needs nothing besides itself: no network, no script, charts inside.

Every cell carries its exact value beside its text. On a telephone wide tables become cards.
"""

import json
from base64 import b64encode
from collections.abc import Iterable
from html import escape
from importlib.resources import files
from pathlib import Path

from bihuan.i18n import _
from bihuan.report.charts import NARROW, svg
from bihuan.report.document import Cell, Chart, Column, Document, Section, Table, plain

STYLE = "page.css"
LANGUAGES = {"zh": "zh-CN", "en": "en"}
CARDS_FROM = 4  # columns that a telephone cannot show side by side
MOST = 500  # rows of a long table; the workbook has all


def write_page(path: Path, document: Document) -> None:
    path.write_text("\n".join(page(document)) + "\n", encoding="utf-8")


def page(document: Document) -> Iterable[str]:
    """The page, line by line."""
    yield f'<!doctype html>\n<html lang="{LANGUAGES[document.language]}">\n<head>\n<meta charset="utf-8">'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
    yield f"<title>{escape(document.title)}</title>"
    yield f"<style>\n{files('bihuan.report').joinpath(STYLE).read_text('utf-8')}</style>\n</head>\n<body>"
    yield f"<h1>{escape(document.title)}</h1>"
    yield from named("about", document.about)
    yield from named("figures", document.figures)
    yield "<nav>" + "".join(link(section) for section in document.sections) + "</nav>\n<main>"
    for section in document.sections:
        yield from chapter(section)
    yield "</main>"
    yield from signatures(document)
    yield f"<footer>{escape(document.footer)}</footer>\n</body>\n</html>"


def named(kind: str, pairs: Iterable[tuple[str, Cell]]) -> Iterable[str]:
    """Names with their values."""
    yield f'<dl class="{kind}">'
    for name, cell in pairs:
        yield (
            f"<div><dt>{escape(name)}</dt><dd>{held(cell)}</dd></div>"
            if kind == "figures"
            else (f"<dt>{escape(name)}</dt><dd>{held(cell)}</dd>")
        )
    yield "</dl>"


def held(cell: Cell) -> str:
    """A text with its exact value, where the two differ."""
    value = plain(cell.value)
    if value is None or value == cell.text:
        return escape(cell.text)
    exact = value if isinstance(value, str) else json.dumps(value)
    return f'<data value="{escape(exact)}">{escape(cell.text)}</data>'


def link(section: Section) -> str:
    return f'<a href="#{escape(section.id)}">{escape(section.title)}</a>'


def chapter(section: Section) -> Iterable[str]:
    yield f'<section id="{escape(section.id)}">\n<h2>{escape(section.title)}</h2>'
    yield from (f'<p class="says">{escape(said)}</p>' for said in section.says)
    if section.charts:
        yield '<div class="charts">' + "".join(picture(chart) for chart in section.charts) + "</div>"
    for table in section.tables:
        if table.is_shown:
            yield from listing(table)
    yield "</section>"


def picture(chart: Chart) -> str:
    """A chart, drawn anew for narrow screens; the table beneath says the same in figures."""
    title = escape(chart.title)
    return (
        f"<figure><figcaption>{title}</figcaption><picture>"
        f'<source media="(max-width: 40rem)" srcset="{inside(svg(chart, NARROW))}">'
        f'<img src="{inside(svg(chart))}" alt="{title}"></picture></figure>'
    )


def inside(drawn: str) -> str:
    return "data:image/svg+xml;base64," + b64encode(drawn.encode()).decode()


def listing(table: Table) -> Iterable[str]:
    yield f"<h3>{escape(table.title)}</h3>"
    if not table.rows:
        yield f'<p class="empty">{escape(table.empty)}</p>'
        return
    kind = ' class="cards"' if len(table.columns) >= CARDS_FROM else ""
    yield f'<div class="wide"><table id="table-{escape(table.id)}"{kind}>'
    yield f"<thead><tr>{''.join(head(column) for column in table.columns)}</tr></thead>\n<tbody>"
    rows = table.rows[:MOST]
    for row in rows:
        yield f"<tr>{''.join(data(column, cell) for column, cell in zip(table.columns, row, strict=True))}</tr>"
    yield "</tbody>\n</table></div>"
    if left := len(table.rows) - len(rows):
        yield f'<p class="more">{escape(_("… {count} more").format(count=left))}</p>'


def head(column: Column) -> str:
    return f'<th scope="col"{side(column)} data-name="{escape(column.name)}">{escape(column.head)}</th>'


def data(column: Column, cell: Cell) -> str:
    return f'<td{side(column)} data-head="{escape(column.head)}">{held(cell)}</td>'


def side(column: Column) -> str:
    return ' class="number"' if column.is_number else ""


def signatures(document: Document) -> Iterable[str]:
    signed = (f"<div>{escape(each)}</div>" for each in (*document.signatures, document.day))
    yield f'<div class="signatures">{"".join(signed)}</div>'
