"""Real logs that are not part of the project, and the examples that judge them.

They are looked for in the folder BIHUAN_DATA, else in shared/data beside the project; without them the tests skip.
"""

import importlib.util
import os
from pathlib import Path

import pytest

import bihuan

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
DATA = Path(os.environ.get("BIHUAN_DATA") or ROOT.parent / "shared" / "data")

BOSTON = "boston311_2011H2.csv.gz"
HELPDESK = "helpdesk_italian.xes.gz"
NYC = "nyc311_2014_2019_1000.csv"


def real_log(name):
    """The path of a real log, or a skip that says what is missing."""
    path = DATA / name
    if not path.exists():
        pytest.skip(f"the real log {name} is not in {DATA}; set BIHUAN_DATA to the folder that holds it")
    return path


def judged(example, name, policy="policy", **settings):
    """A real log under the policy of an example, with the example's mapping and site."""
    folder = EXAMPLES / example
    edition = bihuan.read_policy(folder / policy)
    site = bihuan.read_site(folder / "site") if (folder / "site").exists() else None
    log = read(example, name, edition)
    calendars = bihuan.read_calendars(site.notices if site else ())
    return bihuan.replay(
        edition, calendars, log, registers=site, parameters=bihuan.parameter_values(edition, settings)
    )


def read(example, name, edition):
    return bihuan.read_log(
        real_log(name),
        EXAMPLES / example / "mapping.toml",
        zone=edition.header.zone,
        known_events=edition.event_labels,
        starts=edition.header.starts,
    )


def script(path):
    """A script of the examples, as a module."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
