"""`bihuan policies`, `check` and `schema`: what is asked of policies without a log."""

import json
import tomllib

import jsonschema
import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli
from bihuan.files.policies import SHIPPED, policy_ids

BROKEN = """
[policy]
id = "test/broken"
title = "broken"
edition = 2025-01-01
status = "in force"
source = { file = "x", lines = "1" }
zone = "Asia/Shanghai"
edition_by = "accepted"

[[article]]
no = "1"
says = "Answer in a day."

  [[article.obligation]]
  id = "answer"
  after = "accepted"
  owes = "answerd"
  within = "1 day"
"""


def run(*arguments, code=0):
    done = CliRunner().invoke(cli, list(arguments), prog_name="bihuan")
    assert done.exit_code == code, done.output
    return done


@pytest.fixture
def broken(tmp_path):
    path = tmp_path / "2025-01-01.toml"
    path.write_text(BROKEN, encoding="utf-8")
    return str(path)


def test_every_shipped_policy_is_listed():
    listed = json.loads(run("policies", "--format", "json").stdout)
    assert {each["policy"] for each in listed} == set(policy_ids())


def test_people_see_counts_and_programs_names():
    rows = [json.loads(line) for line in run("policies", "--format", "jsonl").stdout.splitlines()]
    dazu = next(row for row in rows if row["policy"] == "power/dazu-complaint-assessment")
    assert "complaint-file.keep" in dazu["missing"]
    line = next(line for line in run("policies").stdout.splitlines() if line.startswith(dazu["policy"]))
    assert line.split()[-2] == str(len(dazu["missing"]))
    assert (dazu["edition"], "without a date" in line) == ("unknown", True)


def test_the_schema_accepts_every_shipped_policy():
    schema = json.loads(run("schema").stdout)
    validator = jsonschema.Draft202012Validator(schema)
    for path in sorted(SHIPPED.glob("*/*/*.toml")):
        if path.parent.parent.name != "calendars":
            data = json.loads(json.dumps(tomllib.loads(path.read_text("utf-8")), default=str))
            assert [error.message for error in validator.iter_errors(data)] == [], path


def test_the_schema_refuses_an_unknown_key():
    schema = json.loads(run("schema").stdout)
    data = tomllib.loads(BROKEN) | {"rules": []}
    data["policy"]["edition"] = "2025-01-01"
    messages = [error.message for error in jsonschema.Draft202012Validator(schema).iter_errors(data)]
    assert any("'rules' was unexpected" in message for message in messages)


def test_a_policy_with_an_error_is_a_no(broken):
    done = run("check", broken, "--format", "json", code=1)
    findings = json.loads(done.stdout)
    assert any("answerd" in each["says"] and each["level"] == "error" for each in findings)


def test_findings_are_in_the_language_asked_for(broken):
    english = run("check", broken, code=1).stdout
    chinese = run("check", broken, "--lang", "zh", code=1).stdout
    assert "error" in english
    assert "错误" in chinese


def test_a_file_that_is_no_toml_is_a_finding_too(tmp_path):
    path = tmp_path / "x.toml"
    path.write_text("[policy\n", encoding="utf-8")
    findings = json.loads(run("check", str(path), "--format", "json", code=1).stdout)
    assert [each["level"] for each in findings] == ["error"]
    assert str(path) in findings[0]["where"]


@pytest.mark.parametrize("arguments", [["check"], ["check", "--all", "x"], ["test"]])
def test_one_must_say_which_policies(arguments):
    assert "name one or more policies, or --all" in run(*arguments, code=2).stderr


def test_an_unknown_policy_is_a_wrong_call_with_a_hint():
    done = run("check", "dazu-complaint-assesment", code=2)
    assert "dazu-complaint-assessment" in done.stderr
