"""What `replay` says of the compiler: that it compiles, or that none is installed, each once and on standard error."""

import os
import subprocess
import sys

import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli
from bihuan.demo.__main__ import main as demo
from bihuan.engine import execute

POLICY = "power/dazu-complaint-assessment"
COMPILING = "compiling, which takes some seconds the first time\n"
NO_COMPILER = "no compiler is installed, so a large log takes longer: pip install 'bihuan[fast]'\n"
ANY_LOG_IS_LARGE = """
import sys
from bihuan.cli import main
from bihuan.engine import execute
execute.FEW = 0
sys.argv[0] = "bihuan"
main()
"""


@pytest.fixture(scope="module")
def call(tmp_path_factory):
    """Judges cases and the register of persons: the fold runs twice."""
    place = tmp_path_factory.mktemp("demo")
    demo([str(place), "--cases", "8"], standalone_mode=False)
    return [
        "--lang", "en", "replay", str(place / "log.csv"), "--policy", POLICY, "--site", str(place / "site"),
    ]  # fmt: skip


def replayed(call, **environ):
    done = CliRunner(env=environ).invoke(cli, call, prog_name="bihuan")
    assert done.exit_code == 0, done.output
    return done


def test_without_a_compiler_a_large_log_is_judged_all_the_same(call, monkeypatch):
    with_compiler = replayed(call)
    monkeypatch.setitem(sys.modules, "llvmlite", None)  # as if it were not installed
    monkeypatch.setattr(execute, "FEW", 0)
    without = replayed(call)
    assert without.stderr == NO_COMPILER
    assert without.stdout == with_compiler.stdout


def test_a_small_log_needs_no_compiler_and_nothing_is_said(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    assert replayed(call).stderr == ""


def test_the_lack_of_a_compiler_is_said_in_chinese(call, monkeypatch):
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setattr(execute, "FEW", 0)
    told = replayed(["--lang", "zh", *call[2:]]).stderr
    assert "pip install 'bihuan[fast]'" in told
    assert told.count("\n") == 1
    assert told != NO_COMPILER


def test_compiling_is_said_the_first_time_only(call, tmp_path):
    pytest.importorskip("llvmlite", reason="the extra `fast` is not installed")
    small = replayed(call)
    environ = {**os.environ, "XDG_CACHE_HOME": str(tmp_path), "PYTHONUTF8": "1"}
    first, second = (
        subprocess.run(
            [sys.executable, "-c", ANY_LOG_IS_LARGE, *call],
            env=environ,
            capture_output=True,
            encoding="utf-8",
            check=True,
        )
        for _ in range(2)
    )
    assert (first.stderr, second.stderr) == (COMPILING, "")
    assert first.stdout == second.stdout == small.stdout
