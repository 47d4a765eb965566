"""The workbook, the PDF and the page say the same numbers as summary.json, and those are the outcome's."""

import math
import re
from datetime import datetime
from decimal import Decimal
from html.parser import HTMLParser

import openpyxl
import polars as pl
import pypdf
import pytest

import bihuan
from bihuan import i18n
from bihuan.report.document import typeset
from tests.report.made import demo_month, editions, make, numbers

PERIOD = "2025-09"


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    return demo_month(tmp_path_factory.mktemp("month"))


@pytest.fixture(scope="module")
def found(month, tmp_path_factory):
    i18n.use("zh")
    document, made_at = make(*month, period=PERIOD)
    place = bihuan.write_report(tmp_path_factory.mktemp("report") / "out", document, made_at)
    return document, place, numbers(place)


def tables(document):
    return {table.id: table for section in document.sections for table in section.tables}


def outcome_rows(month):
    log, site = month
    policy = editions()[0]
    outcome = bihuan.replay(
        policy, bihuan.read_calendars(()), log, None, site, bihuan.parameter_values(policy, {})
    )
    rows = pl.concat([outcome.obligations, outcome.callbacks], how="diagonal_relaxed")
    return rows.filter(pl.col("due_at").dt.strftime("%Y-%m") == PERIOD).with_columns(
        pl.col("state").cast(pl.String)
    )


def test_the_figures_are_those_of_the_outcome(month, found):
    rows = outcome_rows(month)
    states = dict(rows["state"].value_counts().rows())
    due = states["met"] + states["late"] + states["overdue"]
    figures = found[2]["figures"]
    assert (figures["due"], figures["late"], figures["overdue"]) == (due, states["late"], states["overdue"])
    assert math.isclose(float(figures["on_time"]), states["met"] / due, abs_tol=1e-6)
    late = found[2]["tables"]["late"]
    assert len(late) == states["late"] + states["overdue"]
    assert {(row["case"], row["due_at"]) for row in late} == {
        (case, at.isoformat())
        for case, at, state in rows.select("case", "due_at", "state").rows()
        if state in ("late", "overdue")
    }


def test_what_is_due_rule_by_rule_adds_up(found):
    summary = found[2]
    for column in ("due", "late", "overdue"):
        assert sum(row[column] for row in summary["tables"]["rules"]) == summary["figures"][column]


# --- the workbook ---


def sheets(place):
    return openpyxl.load_workbook(place / "report.xlsx")


def listed(book, table):
    """The rows of a table beneath its title, as they stand in the workbook."""
    for sheet in book:
        for row in sheet.iter_rows(min_col=1, max_col=1):
            if row[0].value == table.title and sheet.cell(row[0].row + 1, 1).font.bold:
                first = row[0].row + 2
                width = len(table.columns)
                return [
                    [sheet.cell(first + down, 1 + place).value for place in range(width)]
                    for down in range(len(table.rows))
                ]
    raise AssertionError(table.title)


def as_kept(cell):
    """A cell as a workbook keeps it."""
    if cell.value is None or cell.text == "":
        return None
    if cell.kind == "instant":
        return cell.value.replace(tzinfo=None)
    if cell.kind == "span":
        return round(cell.value / 3600, 2)
    if isinstance(cell.value, Decimal):
        return float(cell.value)
    return cell.value if cell.kind in ("count", "number") else cell.text or None


def test_the_workbook_has_every_row(found):
    document, place, _summary = found
    book = sheets(place)
    for name, table in tables(document).items():
        if table.rows:
            expected = [[as_kept(cell) for cell in row] for row in table.rows]
            assert listed(book, table) == expected, name


def test_instants_are_dates_and_money_is_a_number(found):
    document, place, _summary = found
    book = sheets(place)
    late = tables(document)["late"]
    column = [each.name for each in late.columns].index("due_at")
    assert all(isinstance(row[column], datetime) for row in listed(book, late))
    formats = {cell.number_format for sheet in book for row in sheet.iter_rows() for cell in row}
    assert 'yyyy-mm-dd" 24:00"' in formats


def test_the_sheets_are_the_sections(found):
    document, place, _summary = found
    assert sheets(place).sheetnames == [section.title for section in document.sections]
    assert {"总览", "指标", "逾期工单", "回访", "考核", "该报的报表", "口径"} <= set(sheets(place).sheetnames)


# --- the page ---


class Cells(HTMLParser):
    """The tables of a page: by id, rows of (text, exact value)."""

    def __init__(self):
        super().__init__()
        self.tables: dict[str, list] = {}
        self.rows: list = []
        self.text = self.value = None

    def handle_starttag(self, tag, attrs):
        named = dict(attrs)
        if tag == "table":
            self.rows = self.tables.setdefault(named["id"].removeprefix("table-"), [])
        elif tag == "tr":
            self.rows.append([])
        elif tag == "td":
            self.text, self.value = "", None
        elif tag == "data":
            self.value = named["value"]

    def handle_data(self, data):
        if self.text is not None:
            self.text += data

    def handle_endtag(self, tag):
        if tag == "td":
            self.rows[-1].append((self.text, self.value if self.value is not None else self.text))
            self.text = None


def page(place):
    return (place / "report.html").read_text("utf-8")


def test_the_page_has_the_same_cells(found):
    document, place, summary = found
    read = Cells()
    read.feed(page(place))
    shown = {name: table for name, table in tables(document).items() if table.rows and table.most != 0}
    assert set(read.tables) == set(shown)
    for name, table in shown.items():
        rows = [row for row in read.tables[name] if row]
        assert [[text for text, _value in row] for row in rows] == [
            [cell.text for cell in row] for row in table.rows
        ]
        for row, known in zip(rows, summary["tables"][name], strict=True):
            for (_text, value), column in zip(row, table.columns, strict=True):
                exact = known[column.name]
                if column.is_number and exact is not None:
                    assert Decimal(value) == Decimal(str(exact)), (name, column.name)


def test_the_page_needs_nothing_besides_itself(found):
    text = page(found[1])
    assert "<script" not in text
    assert "default-src 'none'" in text
    links = re.findall(r'(?:src|srcset|href)="([^"]*)"', text)
    assert links
    assert all(link.startswith(("data:", "#")) for link in links)
    assert not re.findall(r"url\(|@import", text)


# --- the PDF ---


def paper(place):
    return pypdf.PdfReader(place / "report.pdf")


def squeezed(text):
    """Without spaces: lines break anywhere between Chinese letters."""
    return re.sub(r"\s+", "", text)


def test_the_pdf_has_the_figures_and_the_rows(found):
    document, place, _summary = found
    text = squeezed("".join(each.extract_text() for each in paper(place).pages))
    for name, cell in (*document.about, *document.figures):
        assert squeezed(name + cell.text) in text, name
    for name in ("rules", "units", "indicators-by-unit", "verdicts"):
        table = tables(document)[name]
        kept = [place for place, column in enumerate(table.columns) if column.on_paper]
        for row in table.rows:
            assert squeezed("".join(row[n].text for n in kept)) in text, (name, row)
    late = tables(document)["late"]
    for row in late.rows[: late.most]:
        assert row[0].text in text


def test_the_pdf_is_to_be_signed_and_its_pages_are_counted(found):
    document, place, _summary = found
    pages = paper(place).pages
    last = squeezed(pages[-1].extract_text())
    assert all(squeezed(each) in last for each in (*document.signatures, document.day))
    for number, each in enumerate(pages, 1):
        text = squeezed(each.extract_text())
        assert f"第{number}页共{len(pages)}页" in text
        assert squeezed(document.footer) in text


def test_every_font_of_the_pdf_is_embedded_in_part(found):
    fonts = set()
    for each in paper(found[1]).pages:
        for font in each["/Resources"].get("/Font", {}).values():
            (held,) = font.get_object()["/DescendantFonts"]
            below = held.get_object()
            descriptor = below["/FontDescriptor"].get_object()
            assert {"/FontFile2", "/FontFile3"} & set(descriptor), descriptor["/FontName"]
            fonts.add(descriptor["/FontName"])
    assert fonts
    assert all(re.match(r"/[A-Z]{6}\+NotoSansSC", name) for name in fonts)
    assert (found[1] / "report.pdf").stat().st_size < 2_000_000


def test_the_same_report_twice_is_the_same(month, found, tmp_path):
    i18n.use("zh")
    document, made_at = make(*month, period=PERIOD)
    again = bihuan.write_report(tmp_path / "again", document, made_at)
    for name in ("report.html", "summary.json"):
        assert (again / name).read_bytes() == (found[1] / name).read_bytes(), name
    texts = [[each.extract_text() for each in paper(one).pages] for one in (again, found[1])]
    assert texts[0] == texts[1]


# --- units ---


def test_units_and_rows_of_none_make_the_whole(month, found):
    log, site = month
    whole = found[2]["figures"]
    named = [
        make(log, site, period=PERIOD, unit=unit)[0].summary["figures"]
        for unit in site.units.filter(pl.col("parent").is_not_null())["unit"]
    ]
    rows = outcome_rows(month)
    judged = rows.filter(pl.col("state").is_in(["met", "late", "overdue"]) & pl.col("unit").is_null())
    assert sum(each["due"] for each in named) + judged.height == whole["due"]
    assert sum(each["irregularities"] for each in named) == whole["irregularities"]


def test_the_company_at_the_top_has_all_that_names_a_unit(month):
    log, site = month
    top = make(log, site, period=PERIOD, unit="公司")[0].summary["figures"]
    rows = outcome_rows(month).filter(
        pl.col("unit").is_not_null() & pl.col("state").is_in(["met", "late", "overdue"])
    )
    assert top["due"] == rows.height


def test_in_english(month):
    i18n.use("en")
    document, _made_at = make(*month, period=PERIOD)
    assert [section.title for section in document.sections][:3] == ["Summary", "Indicators", "Late cases"]
    texts = [column.head for table in tables(document).values() for column in table.columns]
    assert "due at" in texts


def test_chinese_marks_stand_in_chinese_text(found):
    document = found[0]
    said = [text for section in document.sections for text in section.says]
    assert said
    assert said == [typeset(text) for text in said]
    assert any("\uff0c" in text for text in said)
