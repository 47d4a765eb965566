"""Reports to look at, made once: of the demo month, and of two complaints with a ledger."""

import json
from functools import cache
from pathlib import Path

from click.testing import CliRunner

import bihuan
from bihuan.demo.__main__ import main as demo

ROOT = Path(__file__).parents[2]
POLICY = "power/dazu-complaint-assessment"


@cache
def editions():
    return (bihuan.newest(bihuan.read_editions(POLICY), draft=False),)


def read(path):
    header = editions()[0].header
    return bihuan.read_log(
        path, zone=header.zone, known_events=editions()[0].event_labels, starts=header.starts
    )


def demo_month(folder, cases=60):
    """A month of the made-up office, and its site."""
    done = CliRunner().invoke(demo, [str(folder), "--cases", str(cases)])
    assert done.exit_code == 0, done.output
    return read(folder / "log.csv"), bihuan.read_site(folder / "site")


def make(log, site, **about):
    return bihuan.make_report(editions(), bihuan.read_calendars(()), log, site=site, **about)


def numbers(folder):
    return json.loads((folder / "summary.json").read_text("utf-8"))
