"""The documentation says what is so: every command, every option, every link."""

import re
import shlex
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from bihuan.cli.root import COMMANDS, cli
from bihuan.demo.__main__ import main as demo

ROOT = Path(__file__).parent.parent
PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)(?:#([^)\s]+))?\)")


def help_of(*arguments):
    done = CliRunner().invoke(cli, [*arguments, "--help"], prog_name="bihuan", terminal_width=100)
    assert done.exit_code == 0, done.output
    return "\n".join(line.rstrip() for line in done.output.splitlines())


def sections(text):
    """Heading to the text beneath it, at level two."""
    parts = re.split(r"^## (.+)$", text, flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.fixture(scope="module")
def commands():
    return sections((ROOT / "docs" / "cli.md").read_text(encoding="utf-8"))


def test_every_command_has_a_section_and_nothing_else_does(commands):
    assert [name for name in commands if name.startswith("bihuan")] == [
        "bihuan",
        *(f"bihuan {name}" for name in COMMANDS),
    ]


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_help_in_the_documentation_is_the_real_help(commands, name):
    text = commands[f"bihuan {name}".strip()]
    assert f"```\n{help_of(*name.split())}\n```" in text


def test_the_short_help_is_the_first_line_of_the_long_one():
    for name, short in COMMANDS.items():
        command = cli.get_command(click.Context(cli), name)
        assert command.help.splitlines()[0].startswith(short.removesuffix(".").removesuffix("?")[:20]), name


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    dead = [
        target
        for target, _ in LINK.findall(page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]
    assert dead == []


def test_the_two_readmes_have_the_same_parts():
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh.md"))
    blocks = re.compile(r"^```\w*\n.*?^```$", re.MULTILINE | re.DOTALL)
    assert len(sections(english)) == len(sections(chinese))
    assert len(blocks.findall(english)) == len(blocks.findall(chinese))
    assert {target for target, _ in LINK.findall(english)} - {"README.zh.md"} == {
        target for target, _ in LINK.findall(chinese)
    } - {"README.md"}


SHOWN = re.compile(r"^\$ (bihuan (?:.*\\\n)*.*)\n((?:(?!^\$ |^```).*\n)*)", re.MULTILINE)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """A folder where the commands of the READMEs can be called as they stand there."""
    folder = tmp_path_factory.mktemp("readme")
    (folder / "examples").symlink_to(ROOT / "examples")
    assert CliRunner().invoke(demo, [str(folder / "out" / "demo")]).exit_code == 0
    log = (folder / "out" / "demo" / "log.csv").read_text("utf-8")
    theirs = log.replace("case,event,at,actor,unit,customer", "工单号,环节,时间,经办人,部门,客户", 1)
    (folder / "out" / "demo" / "export.csv").write_text(theirs, "utf-8")
    return folder


@pytest.mark.parametrize(
    ("name", "lang", "count"),
    [("README.md", "en", 4), ("README.zh.md", "zh", 4), ("docs/tutorial/index.md", "zh", 1)],
)
def test_outputs_of_explain_in_the_pages_are_real(place, monkeypatch, name, lang, count):
    monkeypatch.chdir(place)
    examples = SHOWN.findall((ROOT / name).read_text(encoding="utf-8"))
    examples = [(call, said) for call, said in examples if call.startswith("bihuan explain") and said]
    assert len(examples) == count
    for call, expected in examples:
        done = CliRunner().invoke(cli, ["--lang", lang, *shlex.split(call.replace("\\\n", " "))[1:]])
        assert done.exit_code == 0, done.output
        assert done.stdout.strip() == expected.strip(), call


CITED = re.compile(r"\b(docs/(?:[\w-]+/)*[\w-]+\.md)(?:#([\w-]+)|, (\d+(?:\.\d+)*))?")
SOURCES = [path for place in ("src", "tests", "tools") for path in sorted((ROOT / place).rglob("*.py"))]


def test_what_the_source_cites_is_there():
    cited = {each for path in SOURCES for each in CITED.findall(path.read_text(encoding="utf-8"))}
    assert ("docs/semantics.md", "backdated", "") in cited
    assert ("docs/writing-policies.md", "", "7.2") in cited
    for page, anchor, section in cited:
        text = (ROOT / page).read_text(encoding="utf-8")
        assert f'id="{anchor}"' in text or not anchor, (page, anchor)
        assert re.search(rf"^#+ {re.escape(section)} ", text, re.MULTILINE) or not section, (page, section)
