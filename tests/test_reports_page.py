"""Is docs/reports.md true? Its command is called, its program is run, its regulation is read."""

import contextlib
import io
import re
import shlex
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "reports.md").read_text("utf-8")
CALL = re.compile(r"^```console\n\$ (bihuan (?:.*\\\n)*.*)\n((?:(?!^```).*\n)*)", re.M)
FILES = {"report.pdf", "report.xlsx", "report.html", "summary.json"}


@pytest.fixture
def place(tmp_path, monkeypatch):
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def plain(text):
    return [line.rstrip() for line in text.strip().splitlines()]


def test_the_command_says_and_writes_what_the_page_says(place):
    ((call, expected),) = CALL.findall(PAGE)
    done = CliRunner().invoke(cli, ["--lang", "zh", *shlex.split(call.replace("\\\n", " "))[1:]])
    assert done.exit_code == 0, done.output
    assert plain(done.stdout) == plain(expected)
    assert {each.name for each in (place / "out" / "report").iterdir()} == FILES
    assert {name for name in FILES if f"`{name}`" in PAGE} == FILES


def test_the_program_of_the_page_runs(place):
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(program, "docs/reports.md", "exec"), {})
    assert {each.name for each in (place / "out" / "report").iterdir()} == FILES


def test_the_reports_of_the_page_are_written_as_the_language_has_them():
    from bihuan.engine.limit import parse_limit, parse_period

    (text,) = re.findall(r"^```toml\n(.*?)^```", PAGE, re.M | re.S)
    for each in tomllib.loads(text.replace("[[article.report]]", "[[report]]"))["report"]:
        assert str(parse_limit(each["within"])) == each["within"]
        assert str(parse_period(each["every"])) == each["every"]


def test_the_sections_of_the_page_are_those_of_the_report(place):
    import openpyxl

    from bihuan import i18n

    i18n.use("zh")
    ((call, _expected),) = CALL.findall(PAGE)
    CliRunner().invoke(cli, ["--lang", "zh", *shlex.split(call.replace("\\\n", " "))[1:]])
    named = openpyxl.load_workbook(place / "out" / "report" / "report.xlsx").sheetnames
    listed = re.findall(r"^\| (\S+) \| ", PAGE.split("## 每节是什么")[1].split("## ")[0], re.M)[1:]
    assert [name for name in listed if name in named] == named
