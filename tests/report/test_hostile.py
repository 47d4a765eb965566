"""What logs and callers do to a report: texts like formulas and markup, exact money, nothing to report, wrong calls."""

import importlib.util
import shutil
import subprocess
from datetime import UTC, datetime
from decimal import Decimal

import openpyxl
import pypdf
import pytest
from click.testing import CliRunner

import bihuan
from bihuan import i18n
from bihuan.cli.root import cli
from bihuan.report import folder as writing
from bihuan.report.document import Column, Document, Section, cell, table
from bihuan.report.workbook import FORMULA, write_workbook
from tests.report.made import POLICY, ROOT, make, numbers, read

HEAD = "case,event,at,actor,unit,severity\n"
NASTY = (
    '=HYPERLINK("http://evil.example";"x")', "+1+1", "-2+3", "@SUM(1)", "<script>alert(1)</script>",
    "#panic()", "$x$ *b* _i_", "@ref", "`raw`", "\\", '"quoted"', "&amp;",
)  # fmt: skip
EXAMPLE = ROOT / "examples" / "assessment"


def log_of(folder, *rows):
    path = folder / "log.csv"
    quoted = [",".join('"' + str(each).replace('"', '""') + '"' for each in row) for row in rows]
    path.write_text(HEAD + "\n".join(quoted) + "\n", "utf-8")
    return read(path)


def late_case(case, unit="城东"):
    """Dispatched, and contacted far too late."""
    return [
        (case, "accepted", "2026-03-02 09:00", "甲", "", "ordinary"),
        (case, "dispatched", "2026-03-02 09:20", "甲", unit, ""),
        (case, "contacted", "2026-03-20 09:00", "乙", unit, ""),
    ]


def test_texts_stay_texts_everywhere(tmp_path):
    i18n.use("zh")
    log = log_of(tmp_path, *(row for n, text in enumerate(NASTY) for row in late_case(f"{text}", f"{text}")))
    document, made_at = make(log, None, period="2026-03")
    place = bihuan.write_report(tmp_path / "out", document, made_at)
    book = openpyxl.load_workbook(place / "report.xlsx")
    cells = [each for sheet in book for row in sheet.iter_rows() for each in row if each.value is not None]
    assert set(NASTY) <= {each.value for each in cells}
    assert not [each for each in cells if each.data_type == "f"]
    assert all(
        each.quotePrefix for each in cells if isinstance(each.value, str) and each.value.startswith(FORMULA)
    )
    page = (place / "report.html").read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    paper = "".join(each.extract_text() for each in pypdf.PdfReader(place / "report.pdf").pages)
    assert all(text in paper for text in ("+1+1", "@SUM(1)", "#panic()", "@ref", "`raw`"))


def lone(*rows, kind="money"):
    """A document of one table with one column."""
    wanted = (Column("amount", "金额", kind),)
    made = table("t", "表", wanted, [{"amount": each} for each in rows])
    return Document("题", (), (), (Section("s", "页", (), (), (made,)),), (), "", "", "zh")


@pytest.mark.parametrize(
    "amount", ["0.01", "1100.00", "-0.10", "9999999999999.99", "123456789012345678.91", "0.005"]
)
def test_money_is_exact_in_a_workbook(tmp_path, amount):
    write_workbook(tmp_path / "a.xlsx", lone(Decimal(amount)))
    sheet = openpyxl.load_workbook(tmp_path / "a.xlsx")["页"]
    (value,) = [row[0].value for row in sheet.iter_rows() if row[0].value not in (None, "表", "金额", "题")]
    assert Decimal(str(value).replace(",", "")) == Decimal(amount)


def test_an_instant_that_ends_a_day_is_told_as_such():
    at = datetime(2026, 3, 31, 23, 59, 59, tzinfo=UTC)
    assert cell(Column("due_at", "到期", "instant"), at).text == "2026-03-31 24:00"


# --- money and ledgers ---


@pytest.fixture(scope="module")
def assessed(tmp_path_factory):
    place = tmp_path_factory.mktemp("assessed") / "out"
    done = call(
        EXAMPLE / "log.csv", "--decisions", EXAMPLE / "decisions.csv", "--as-of", "2026-04-30", "--period", "2026-03",
        "--site", EXAMPLE / "site", "--out", place,
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    return done, place


def call(log, *arguments, lang="zh"):
    told = ["--lang", lang, "report", str(log), "--policy", POLICY, *(str(each) for each in arguments)]
    return CliRunner().invoke(cli, told)


def test_charges_are_those_of_assess(assessed):
    done, place = assessed
    found = numbers(place)
    assert found["figures"]["charged CNY"] == "1100.00"
    assert "1,100.00" in done.stdout
    told = CliRunner().invoke(
        cli,
        ["--lang", "zh", "assess", str(EXAMPLE / "log.csv"), "--policy", POLICY, "--site", str(EXAMPLE / "site"),
         "--decisions", str(EXAMPLE / "decisions.csv"), "--as-of", "2026-04-30", "--period", "2026-03", "--format", "json"],
    )  # fmt: skip
    import json

    other = json.loads(told.stdout)
    for name, mine in (
        ("charges", "charges"),
        ("balances", "ledgers"),
        ("unbooked", "unbooked"),
        ("totals", "charges-by-payer"),
    ):
        assert len(found["tables"].get(mine, [])) == len(other[name]), name
    assert {(row["number"], row["amount"]) for row in found["tables"]["charges"]} == {
        (row["number"], row["amount"]) for row in other["charges"]
    }


def test_charges_without_an_amount_are_explained(assessed):
    paper = "".join(each.extract_text() for each in pypdf.PdfReader(assessed[1] / "report.pdf").pages)
    assert "没有金额" in paper
    assert {row["state"] for row in numbers(assessed[1])["tables"]["charges"]} >= {"external", "range"}


def test_a_party_without_pay_data_is_listed(tmp_path):
    place = tmp_path / "out"
    done = call(
        EXAMPLE / "log.csv", "--decisions", EXAMPLE / "decisions.csv", "--as-of", "2026-04-30", "--period", "2026-03", "--out", place
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    notes = {row["note"] for row in numbers(place)["tables"]["unbooked"]}
    assert any("no-pay-known" in note for note in notes), notes


# --- wrong calls ---


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--period", "2026-11"], "还没有开始"),
        (["--period", "2026-13"], "2026-13"),
        (["--period", "2026-03", "--unit", "城东"], "不知道有哪些单位"),
        (["--period", "2026-03", "--unit", "城冬", "--site", "SITE"], "站点里没有单位"),
        (["--period", "2026-03", "--set", "nothing=1"], "nothing"),
    ],
)
def test_wrong_calls_are_refused_and_leave_nothing(tmp_path, arguments, said):
    site = tmp_path / "site"
    site.mkdir()
    (site / "units.csv").write_text("unit,parent\n公司,\n城东,公司\n", "utf-8")
    told = [str(site) if each == "SITE" else each for each in arguments]
    done = call(EXAMPLE / "log.csv", *told, "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert said in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_mistyped_unit_is_answered_with_a_near_one(tmp_path):
    site = tmp_path / "site"
    site.mkdir()
    (site / "units.csv").write_text("unit,parent\n城东供电所,\n", "utf-8")
    done = call(
        EXAMPLE / "log.csv",
        "--period",
        "2026-03",
        "--unit",
        "城东供电",
        "--site",
        site,
        "--out",
        tmp_path / "out",
    )
    assert "城东供电所" in done.stderr


def test_places_that_cannot_be_written_are_refused(tmp_path):
    (tmp_path / "file").write_text("mine", "utf-8")
    strange = tmp_path / "strange"
    strange.mkdir()
    (strange / "letter.txt").write_text("mine", "utf-8")
    for place in (tmp_path / "file", tmp_path / "file" / "beneath", strange):
        done = call(EXAMPLE / "log.csv", "--period", "2026-03", "--out", place)
        assert done.exit_code == 2, place
    assert (tmp_path / "file").read_text("utf-8") == "mine"
    assert [each.name for each in strange.iterdir()] == ["letter.txt"]


def test_an_earlier_report_is_replaced_and_a_failure_leaves_it(tmp_path, monkeypatch, assessed):
    place = tmp_path / "out"
    shutil.copytree(assessed[1], place)
    before = {each.name: each.read_bytes() for each in place.iterdir()}

    def fails(*_arguments):
        raise OSError(28, "no space left", "report.html")

    monkeypatch.setattr(writing, "write_page", fails)
    done = call(EXAMPLE / "log.csv", "--period", "2026-03", "--out", place)
    assert done.exit_code == 2
    assert {each.name: each.read_bytes() for each in place.iterdir()} == before
    assert [each.name for each in tmp_path.iterdir()] == ["out"]


def test_a_period_without_anything_says_so(tmp_path):
    i18n.use("zh")
    log = log_of(tmp_path, *late_case("A"))
    document, made_at = make(log, None, period="2025-01")
    assert document.summary["figures"]["on_time"] is None
    place = bihuan.write_report(tmp_path / "out", document, made_at)
    page = (place / "report.html").read_text("utf-8")
    assert "本期没有到期的事项" in page
    assert "无数" in page
    assert not [chart for section in document.sections for chart in section.charts]


def test_a_period_that_is_not_over_says_so(tmp_path):
    i18n.use("zh")
    log = log_of(tmp_path, *late_case("A"))
    document, _made_at = make(log, None, period="2026-03")
    assert document.summary["over"] is False
    assert any("本期还没有结束" in said for said in document.sections[0].says)


def test_what_is_missing_is_named_with_what_to_install(tmp_path, monkeypatch):
    real = importlib.util.find_spec
    monkeypatch.setattr("bihuan.report.needs.find_spec", lambda name: None if name == "typst" else real(name))
    done = call(EXAMPLE / "log.csv", "--period", "2026-03", "--out", tmp_path / "out")
    assert done.exit_code == 2
    assert "typst" in done.stderr
    assert "pip install 'bihuan[report]'" in done.stderr


# --- another program reads the workbook ---


@pytest.mark.skipif(
    shutil.which("soffice") is None, reason="LibreOffice is not here: apt-get install libreoffice-calc"
)
def test_libreoffice_reads_the_same_values(tmp_path, assessed):
    before = assessed[1] / "report.xlsx"
    home = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", home, "--headless", "--convert-to", "ods:calc8", "--outdir", str(tmp_path), str(before)],
        check=True, capture_output=True, timeout=170,
    )  # fmt: skip
    subprocess.run(
        ["soffice", home, "--headless", "--convert-to", "xlsx", "--outdir", str(tmp_path), str(tmp_path / "report.ods")],
        check=True, capture_output=True, timeout=170,
    )  # fmt: skip
    assert values(tmp_path / "report.xlsx") == values(before)


def values(path):
    """Every cell that says something, by sheet and place; instants to the second."""
    return {
        (sheet.title, each.coordinate): each.value.replace(microsecond=0)
        if isinstance(each.value, datetime)
        else each.value
        for sheet in openpyxl.load_workbook(path)
        for row in sheet.iter_rows()
        for each in row
        if each.value is not None
    }
