"""Is docs/samples.md true? Its commands are called, its program is run, its digest is computed."""

import contextlib
import io
import re
import shlex
from hashlib import sha256
from pathlib import Path

import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "samples.md").read_text("utf-8")
CALLS = re.findall(r"^```console\n\$ (bihuan .*)\n((?:(?!^```).*\n)*)", PAGE, re.M)
EXIT = {"--seed 7": 1}


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("samples")
    (folder / "examples").symlink_to(ROOT / "examples")
    return folder


def test_outputs_are_real_and_a_wrong_list_is_the_answer_no(place, monkeypatch):
    monkeypatch.chdir(place)
    assert len(CALLS) == 4
    for call, expected in CALLS:
        done = CliRunner().invoke(cli, ["--lang", "zh", *shlex.split(call)[1:]])
        assert done.exit_code == next((code for part, code in EXIT.items() if part in call), 0), done.output
        assert plain(done.stdout) == plain(expected), call


def plain(text):
    return [line.rstrip() for line in text.strip().splitlines()]


def test_the_program_of_ten_lines_draws_the_same(place, monkeypatch):
    monkeypatch.chdir(place)
    (program,) = re.findall(r"^```python\n(.*?)^```", PAGE, re.M | re.S)
    (printed,) = re.findall(r"^```text\n(.*?)^```", PAGE, re.M | re.S)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(compile(program, "docs/samples.md", "exec"), {})
    assert said.getvalue() == printed
    drawn = set(re.findall(r"KF\d+", CALLS[0][1]))
    assert drawn == set(re.findall(r"KF\d+", printed))


def test_the_digest_is_the_one_that_is_shown():
    ((text, digest),) = re.findall(r"\$ printf '(.*)' \| sha256sum\n([0-9a-f]{64})  -", PAGE)
    assert sha256(text.encode().decode("unicode_escape").encode()).hexdigest() == digest
