"""`bihuan compare` on the example of three due times."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli

WORKING_DAYS = Path(__file__).parents[2] / "examples" / "working-days"
CALL = ("compare", str(WORKING_DAYS / "log.csv"), "--policy", str(WORKING_DAYS))
SHORTER = "answer-complaint.within=3 working days"


def run(*arguments):
    done = CliRunner().invoke(cli, [*CALL, *arguments], prog_name="bihuan")
    assert done.exit_code == 0, done.output
    return done.stdout


def differing(*arguments):
    rows = json.loads(run(*arguments, "--format", "json"))["rows"]
    return [(row["case"], row["due_before"][:10], row["due_after"][:10], row["state_after"]) for row in rows]


def test_nothing_differs_from_itself():
    assert differing() == []


def test_another_parameter_changes_what_it_governs():
    assert differing("--with-set", SHORTER) == [("national-day", "2025-10-10", "2025-09-30", "late")]


def test_set_holds_on_both_sides_of_one_policy():
    assert differing("--set", SHORTER) == []


@pytest.fixture
def draft(tmp_path):
    text = (WORKING_DAYS / "2025-01-01.toml").read_text("utf-8")
    path = tmp_path / "2026-01-01.toml"
    path.write_text(
        text.replace('"in force"', '"proposed"').replace('"5 working days"', '"3 working days"'), "utf-8"
    )
    return str(path)


def test_a_draft_may_stand_on_the_other_side(draft):
    assert differing("--with", draft) == [("national-day", "2025-10-10", "2025-09-30", "late")]


def test_set_belongs_to_the_first_of_two_policies(draft):
    assert differing("--with", draft, "--set", SHORTER) == []


def test_people_see_before_and_after():
    text = run("--with-set", SHORTER)
    assert "due before" in text
    assert "2025-10-10 24:00   2025-09-30 24:00" in text
