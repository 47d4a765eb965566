"""What was let go is not asked from the system again."""

import os
import subprocess
import sys

import pytest

MEASURE = """
import resource, sys
from bihuan import memory
if sys.argv[1] == "kept":
    memory.reuse()
import numpy as np

def piece():
    return len([np.ones(131_072) for _ in range(64)])

piece()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(8):
    piece()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


def faults(how):
    done = subprocess.run([sys.executable, "-c", MEASURE, how], capture_output=True, text=True, check=True)
    return int(done.stdout)


@pytest.mark.skipif(sys.platform != "linux", reason="a matter of Linux and its allocator")
def test_memory_that_was_let_go_is_taken_again():
    assert faults("kept") * 5 < faults("as it comes")


def test_a_command_asks_for_it_before_polars_is_there():
    """Afterwards it would be too late."""
    told = "import sys; from bihuan.cli import judge; sys.exit('polars' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", told]).returncode == 0


STARTED = """
import os, sys
from bihuan.cli import desk_at, {command}

def opened(home, database):
    sys.exit({wanted} not in os.environ.get("_RJEM_MALLOC_CONF", "") or "polars" in sys.modules)

desk_at.opened = opened
{command}.command([*{arguments}, "--home", sys.argv[1]])
"""


@pytest.mark.parametrize(
    ("command", "arguments", "wanted"),
    [("serve", [], "narenas:1"), ("load", ["log.csv", "--policy", "p"], "thp:always")],
    ids=["served: one stock", "loaded: kept"],
)
def test_the_desk_asks_for_it_before_polars_is_there(tmp_path, command, arguments, wanted):
    env = {name: value for name, value in os.environ.items() if name != "_RJEM_MALLOC_CONF"}
    program = STARTED.format(command=command, arguments=arguments, wanted=repr(wanted))
    assert subprocess.run([sys.executable, "-c", program, str(tmp_path)], env=env).returncode == 0


RARE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "bihuan.desk.settings"
import django
django.setup()
from django.urls import get_resolver
assert get_resolver().url_patterns
sys.exit("apprise" in sys.modules or "segno" in sys.modules)
"""


def test_a_process_that_serves_holds_nothing_that_few_requests_need(tmp_path):
    env = {**os.environ, "BIHUAN_HOME": str(tmp_path)}
    assert subprocess.run([sys.executable, "-c", RARE], env=env).returncode == 0
