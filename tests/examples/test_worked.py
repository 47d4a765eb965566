"""The worked examples beside the policies of the examples, which need no real log."""

import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli
from tests.examples.real import EXAMPLES


@pytest.mark.parametrize(
    ("example", "held"), [("boston-311", 9), ("helpdesk", 5), ("nyc-311", 3), ("working-days", 4)]
)
def test_the_worked_examples_hold(example, held):
    folder = EXAMPLES / example
    policy = folder / "policy" if (folder / "policy").exists() else folder
    site = ["--site", str(folder / "site")] if (folder / "site").exists() else []
    done = CliRunner().invoke(cli, ["test", str(policy), *site])
    assert (done.exit_code, done.output) == (0, f"{held} examples hold, 0 do not.\n")


@pytest.mark.parametrize("example", ["boston-311", "helpdesk", "nyc-311"])
def test_the_policies_are_content(example):
    folder = EXAMPLES / example
    site = ["--site", str(folder / "site")] if (folder / "site").exists() else []
    done = CliRunner().invoke(cli, ["check", str(folder / "policy"), *site])
    assert done.exit_code == 0, done.output
