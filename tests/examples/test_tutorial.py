"""The first steps of the tutorial: the demo month under other column names, drafted, mended, judged."""

import pytest
from click.testing import CliRunner

import bihuan
from bihuan.cli.root import cli
from bihuan.demo.__main__ import main as demo
from tests.examples.real import EXAMPLES

POLICY = "power/dazu-complaint-assessment"
OURS, THEIRS = "case,event,at,actor,unit,customer,", "工单号,环节,时间,经办人,部门,客户,"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The demo month, and its log as another system would export it."""
    folder = tmp_path_factory.mktemp("demo")
    demo.main([str(folder)], standalone_mode=False)
    text = (folder / "log.csv").read_text("utf-8")
    assert text.startswith(OURS)
    (folder / "export.csv").write_text(THEIRS + text.removeprefix(OURS), "utf-8")
    return folder


def judged(folder, log, mapping=None):
    policy = bihuan.read_policy(POLICY)
    events = bihuan.read_log(
        folder / log,
        mapping,
        zone=policy.header.zone,
        known_events=policy.event_labels,
        starts=policy.header.starts,
    )
    site = bihuan.read_site(folder / "site")
    return bihuan.replay(policy, bihuan.read_calendars(site.notices), events, registers=site)


def test_the_mended_mapping_gives_what_the_log_itself_gives(folder):
    plain = judged(folder, "log.csv")
    mapped = judged(folder, "export.csv", EXAMPLES / "demo-export" / "mapping.toml")
    assert plain.obligations.height > 4_000
    for table in ("obligations", "callbacks", "irregularities"):
        assert getattr(mapped, table).equals(getattr(plain, table)), table


def test_the_draft_as_it_stands_loses_events_that_the_policy_asks_for(folder):
    """Why the tutorial says: check every line."""
    drafted = CliRunner().invoke(cli, ["map", str(folder / "export.csv")])
    assert drafted.exit_code == 0, drafted.output
    assert 'case = "工单号"' in drafted.output
    assert '"ticket_made"' in drafted.output.split("ignored_events = ")[1].splitlines()[0]
    (folder / "draft.toml").write_text(drafted.output, "utf-8")
    plain = judged(folder, "log.csv").summary["rules"]["send"]
    draft = judged(folder, "export.csv", folder / "draft.toml").summary["rules"]["send"]
    assert draft["overdue"] > plain["overdue"]


@pytest.mark.parametrize("command", ["replay", "explain", "compare"])
def test_the_commands_of_the_tutorial(folder, command):
    case = ["TS2025090247", "--rule", "resolve"] if command == "explain" else []
    more = ["--with-set", "resolve.within=5 working days"] if command == "compare" else []
    done = CliRunner().invoke(
        cli,
        [
            *(command, str(folder / "export.csv"), *case, "--policy", POLICY, *more),
            *("--mapping", str(EXAMPLES / "demo-export" / "mapping.toml"), "--site", str(folder / "site")),
        ],
    )
    assert done.exit_code == 0, done.output
    assert "resolve" in done.output
