"""Is docs/indicators.md true? Its commands are called; every key of an indicator is explained."""

import re
import shlex
from pathlib import Path

from click.testing import CliRunner

from bihuan.cli.root import cli
from bihuan.engine.rules import Deduct, Indicator

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "indicators.md").read_text("utf-8")
CALLS = re.findall(r"^```console\n\$ (bihuan (?:.*\\\n)*.*)\n((?:(?!^```).*\n)*)", PAGE, re.M)


def plain(text):
    return [line.rstrip() for line in text.strip().splitlines()]


def test_outputs_are_real(monkeypatch):
    monkeypatch.chdir(ROOT)
    assert len(CALLS) == 2
    for call, expected in CALLS:
        done = CliRunner().invoke(cli, ["--lang", "zh", *shlex.split(call.replace("\\\n", ""))[1:]])
        assert done.exit_code == 0, done.output
        assert plain(done.stdout) == plain(expected), call


def test_every_key_is_explained():
    keys = {*Indicator.model_fields, *Deduct.model_fields} - {"id", "says", "inventory"}
    assert sorted(key for key in keys if f"`{key}" not in PAGE) == []
