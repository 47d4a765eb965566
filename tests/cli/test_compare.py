"""`bihuan compare` on the example of three due times."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli

WORKING_DAYS = Path(__file__).parents[2] / "examples" / "working-days"
CALL = ("compare", str(WORKING_DAYS / "log.csv"), "--policy", str(WORKING_DAYS))
SHORTER = "answer-complaint.within=3 working days"


def run(*arguments, code=0):
    done = CliRunner().invoke(cli, [*CALL, *arguments], prog_name="bihuan")
    assert done.exit_code == code, done.output
    return done


def lines(*arguments):
    """What is printed, without blank lines and rulers."""
    return [line.rstrip() for line in run(*arguments).stdout.splitlines() if line.strip("─ ")]


def differing(*arguments):
    rows = json.loads(run(*arguments, "--format", "json").stdout)["rows"]
    return [(row["case"], row["due_before"][:10], row["due_after"][:10], row["state_after"]) for row in rows]


def test_people_see_numbers_and_the_rows_behind_them():
    # Friday 26 September: the 3rd working day is Tuesday 30 (Sunday 28 is worked), the 5th is 10 October.
    assert lines("--with-set", SHORTER) == [
        "What is compared",
        "what     policy                  edition      deviations",
        "before   examples/working-days   2025-01-01",
        "after    examples/working-days   2025-01-01   answer-complaint.within",
        "Rules and units that change",
        "rule               unit   rows before   rows after   late before   late after   overdue before   overdue after"
        "   difference   moved   shift median",
        "answer-complaint                    1            1             0            1                0               0"
        "            1       1          -10 d",
        "What differs",
        "case           rule               unit   change       due before         due after          shift"
        "   state before   state after",
        "national-day   answer-complaint          newly late   2025-10-10 24:00   2025-09-30 24:00   -10 d"
        "   met            late",
    ]


def test_nothing_differs_from_itself():
    assert lines()[2:] == [
        "before   examples/working-days   2025-01-01",
        "after    examples/working-days   2025-01-01",
        "Nothing differs.",
    ]


def test_a_program_reads_every_table_with_data_for_names():
    found = json.loads(run("--with-set", SHORTER, "--format", "json").stdout)
    assert list(found) == ["summary", "rules", "rows", "kinds", "irregularities", "load", "contacts", "calls"]
    assert found["summary"]["after"]["deviations"] == ["answer-complaint.within"]
    assert [(row["rule"], row["difference"], row["shift_median"]) for row in found["rules"]] == [
        ("answer-complaint", 1, -10 * 86400),
        ("answer-question", 0, None),
    ]


ROW = {
    "case": "national-day",
    "rule": "answer-complaint",
    "article": "2",
    "round": 1,
    "key": None,
    "unit": None,
    "owner": None,
    "due_before": "2025-10-10T23:59:59+08:00",
    "due_after": "2025-09-30T23:59:59+08:00",
    "shift": -864000,
    "state_before": "met",
    "state_after": "late",
    "change": "newly_late",
}


def test_json_lines_name_the_table_of_each_row():
    rows = [json.loads(line) for line in run("--with-set", SHORTER, "--format", "jsonl").stdout.splitlines()]
    assert [row["table"] for row in rows] == ["summary", "rules", "rules", "rows"]
    assert rows[-1] == {"table": "rows", **ROW}


def test_csv_has_the_columns_of_all_tables():
    text = run("--with-set", SHORTER, "--format", "csv").stdout.splitlines()
    assert text[1] == (
        "rules,answer-complaint,2,,1,1,1,1,0,0,1,0,0,1,0,0,0,0,0,1,-864000,-864000,-864000" + "," * 10
    )
    assert text[3] == (
        "rows,answer-complaint,2,"
        + "," * 20
        + "national-day,1,,,2025-10-10T23:59:59+08:00,2025-09-30T23:59:59+08:00,-864000,met,late,newly_late"
    )


def test_out_writes_every_table_and_a_summary(tmp_path):
    run("--with-set", SHORTER, "--out", str(tmp_path / "compared"))
    names = sorted(path.name for path in (tmp_path / "compared").iterdir())
    tables = ("calls", "contacts", "irregularities", "kinds", "load", "rows", "rules")
    assert names == [*(f"{name}.parquet" for name in tables), "summary.json"]
    rows = pl.read_parquet(tmp_path / "compared" / "rows.parquet")
    assert rows.select("case", "change").rows() == [("national-day", "newly_late")]
    summary = json.loads((tmp_path / "compared" / "summary.json").read_text("utf-8"))
    assert summary["before"]["as_of"] == "2025-11-17T15:00:00+08:00"


def test_a_folder_with_other_things_is_not_touched(tmp_path):
    (tmp_path / "obligations.parquet").write_bytes(b"of a replay")
    assert "holds other things" in run("--out", str(tmp_path), code=2).output


def test_another_parameter_changes_what_it_governs():
    assert differing("--with-set", SHORTER) == [("national-day", "2025-10-10", "2025-09-30", "late")]


def test_set_holds_on_both_sides_of_one_policy():
    assert differing("--set", SHORTER) == []


@pytest.fixture
def draft(tmp_path):
    """A draft in which three working days are enough, under a new name of the rule."""
    text = (WORKING_DAYS / "2025-01-01.toml").read_text("utf-8")
    changes = {
        '"in force"': '"proposed"',
        '"5 working days"': '"3 working days"',
        '"answer-complaint"': '"answer"',
    }
    for old, new in changes.items():
        text = text.replace(old, new)
    path = tmp_path / "2026-01-01.toml"
    path.write_text(text, "utf-8")
    return str(path)


def test_a_draft_may_stand_on_the_other_side(draft):
    renamed = ("--with", draft, "--renamed", "answer-complaint=answer")
    assert differing(*renamed) == [("national-day", "2025-10-10", "2025-09-30", "late")]


def test_a_rule_that_has_another_name_stands_on_one_side_only(draft):
    found = json.loads(run("--with", draft, "--format", "json").stdout)["rows"]
    assert [(row["rule"], row["change"]) for row in found] == [
        ("answer-complaint", "only_before"),
        ("answer", "newly_late"),
    ]


def test_set_belongs_to_the_first_of_two_policies(draft):
    assert differing("--with", draft, "--set", SHORTER, "--renamed", "answer-complaint=answer") == []


@pytest.mark.parametrize(
    ("renamed", "words"),
    [
        ("answer", "--renamed wants RULE=RULE, found 'answer'"),
        (
            "answr=answer",
            "examples/working-days has no rule 'answr'; it has answer-question, answer-complaint",
        ),
    ],
)
def test_a_renamed_rule_must_be_one(draft, renamed, words):
    assert words in " ".join(run("--with", draft, "--renamed", renamed, code=2).output.split())
