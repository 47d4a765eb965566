"""The frame of the command line: what it loads, how it fails, in which language."""

import json
import os
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from bihuan.cli import root
from bihuan.cli.root import COMMANDS, cli
from bihuan.engine.errors import LogError

HEAVY = ("polars", "pydantic", "numpy", "llvmlite", "rich", "holidays")
LOADED = """
import sys
sys.argv = ["bihuan", *{arguments!r}]
from bihuan.cli import main
try:
    main()
except SystemExit as end:
    import json
    print(json.dumps({{"code": end.code, "loaded": [name for name in {heavy!r} if name in sys.modules]}}))
"""


def run_python(arguments):
    code = LOADED.format(arguments=arguments, heavy=HEAVY)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1]), done.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], *([name, "--help"] for name in COMMANDS)])
def test_help_loads_nothing_heavy(arguments):
    told, _ = run_python(arguments)
    assert told == {"code": 0, "loaded": []}


def test_the_package_itself_loads_nothing_heavy():
    code = f"import sys, bihuan; print([name for name in {HEAVY!r} if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True).stdout == "[]\n"


def test_every_public_name_can_be_had():
    import bihuan

    assert {name for name in bihuan.__all__ if not callable(getattr(bihuan, name))} == set()


def test_an_unknown_name_is_an_attribute_error():
    import bihuan

    with pytest.raises(AttributeError, match="no attribute 'forgive'"):
        bihuan.forgive  # noqa: B018


@pytest.fixture
def failing(monkeypatch):
    """`bihuan fail` raises what it is given."""

    def install(error):
        @click.command()
        def command():
            raise error

        monkeypatch.setattr(cli, "get_command", lambda ctx, name: command)
        return CliRunner().invoke(cli, ["fail"])

    return install


def test_an_error_of_the_user_is_one_message_and_exit_2(failing):
    done = failing(LogError("no column 'case'; name it in a mapping", file="log.csv", line=1))
    assert (done.exit_code, done.stdout) == (2, "")
    assert done.stderr == "Error: log.csv:1: no column 'case'; name it in a mapping\n"


def test_a_file_that_is_not_there_is_the_users_error(failing):
    done = failing(FileNotFoundError(2, "No such file or directory", "gone.csv"))
    assert (done.exit_code, done.stderr) == (2, "Error: gone.csv: No such file or directory\n")


def test_a_full_disk_is_no_defect(failing):
    done = failing(OSError(28, "No space left on device"))
    assert (done.exit_code, done.stderr) == (
        2,
        "Error: the disk is full: what was being written is not complete\n",
    )


def test_a_defect_is_one_line_and_exit_3(failing):
    done = failing(ZeroDivisionError("division by zero"))
    assert done.exit_code == root.DEFECT
    assert done.stderr.startswith("Bihuan has a defect here (ZeroDivisionError: division by zero).")
    assert len(done.stderr.splitlines()) == 1


def test_debug_keeps_the_traceback(monkeypatch):
    monkeypatch.setattr(cli, "get_command", lambda ctx, name: click.Command("fail", callback=lambda: 1 / 0))
    done = CliRunner().invoke(cli, ["--debug", "fail"])
    assert isinstance(done.exception, ZeroDivisionError)


def test_an_unknown_command_is_a_wrong_call():
    done = CliRunner().invoke(cli, ["reply"])
    assert done.exit_code == 2
    assert "No such command 'reply'" in done.stderr


def test_help_is_chinese_on_request():
    _, text = run_python(["--lang", "zh", "--help"])
    assert "用法:" in text
    assert "制度" in text


def test_two_languages_in_one_process_do_not_mix():
    chinese, english = (
        CliRunner().invoke(cli, ["--lang", lang, "explain", "--help"]).output for lang in ("zh", "en")
    )
    assert "显示本说明后退出。" in chinese
    assert "Show this message and exit." in english


@pytest.mark.parametrize(("variable", "expected"), [("zh_CN.UTF-8", "用法:"), ("de_DE.UTF-8", "Usage:")])
def test_the_language_is_the_locales(variable, expected):
    environ = {name: value for name, value in os.environ.items() if name not in ("LANGUAGE", "LC_ALL")}
    done = subprocess.run(
        [sys.executable, "-m", "bihuan", "--help"],
        env={**environ, "LC_ALL": variable, "PYTHONUTF8": "1"},
        capture_output=True,
        encoding="utf-8",
        check=True,
    )
    assert done.stdout.startswith(expected)
