"""`bihuan assess`: what people and programs get, and the page that explains it."""

import csv
import io
import json
import re
import shlex
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "assessment"
LOG, POLICY = str(EXAMPLE / "log.csv"), "dazu-complaint-assessment"
GIVEN = ("--policy", POLICY, "--as-of", "2026-04-30")
DECIDED = (*GIVEN, "--site", str(EXAMPLE / "site"), "--decisions", str(EXAMPLE / "decisions.csv"))
SHOWN = re.compile(r"^\$ (bihuan (?:.*\\\n)*.*)\n((?:(?!^```).*\n)*)", re.MULTILINE)


def run(*arguments, code=0):
    done = CliRunner().invoke(cli, ["assess", *arguments], prog_name="bihuan")
    assert done.exit_code == code, done.output
    return done


def data(*arguments):
    return json.loads(run(LOG, *arguments, "--format", "json").stdout)


def test_the_page_shows_what_the_command_prints(monkeypatch):
    monkeypatch.chdir(ROOT)
    ((call, expected),) = SHOWN.findall((ROOT / "docs" / "charges.md").read_text("utf-8"))
    done = CliRunner().invoke(cli, ["--lang", "zh", *shlex.split(call.replace("\\\n", " "))[1:]])
    assert [line.rstrip() for line in done.stdout.strip().splitlines()] == expected.strip().splitlines()


def test_without_decisions_all_is_proposed():
    found = data(*GIVEN)
    assert found["summary"]["charges"] == {"external": 1, "proposed": 1, "range": 2}
    assert found["summary"]["sums"] == {"CNY": "500.00"}
    assert {row["stage"] for row in found["charges"]} == {"proposed"}
    assert found["ledger"] == []


def test_rows_totals_and_the_summary_agree_to_the_cent():
    found = data(*DECIDED)
    rows = [Decimal(row["amount"]) for row in found["charges"] if row["amount"] is not None]
    totals = [Decimal(row["amount"]) for row in found["totals"]]
    assert sum(rows) == sum(totals) == Decimal(found["summary"]["sums"]["CNY"]) == Decimal("1100.00")


def test_a_period_is_a_month_of_charges_and_of_ledgers():
    march = data(*DECIDED, "--period", "2026-03")
    assert len(march["charges"]) == 4
    assert [row["balance"] for row in march["ledger"]] == ["600.00", "200.00"]
    april = data(*DECIDED, "--period", "2026-04")
    assert april["charges"] == []
    assert [row["balance"] for row in april["ledger"]][-1] == "0.00"


@pytest.mark.parametrize(
    ("period", "words"), [("2026-05", "has not begun"), ("2026", "a month such as 2026-10")]
)
def test_a_month_to_come_or_no_month_is_refused(period, words):
    assert words in run(LOG, *GIVEN, "--period", period, code=2).output


def test_csv_is_one_table_of_all_rows():
    rows = list(csv.DictReader(io.StringIO(run(LOG, *GIVEN, "--format", "csv").stdout)))
    assert sum(row["table"] == "charges" for row in rows) == 4


def test_what_is_written_is_what_is_shown(tmp_path):
    out = tmp_path / "out"
    shown = run(LOG, *DECIDED, "--format", "json", "--out", str(out))
    summary = json.loads((out / "summary.json").read_text("utf-8"))
    assert summary == json.loads(shown.stdout)["summary"]
    charges = pl.read_parquet(out / "charges.parquet")
    assert charges["amount"].sum() == Decimal("1100.00")
    assert charges.schema["amount"] == pl.Decimal(38, 2)
    run(LOG, *DECIDED, "--out", str(out))  # an earlier one is replaced


def test_decisions_that_cannot_be_read_are_listed(tmp_path):
    bad = tmp_path / "decisions.csv"
    bad.write_text("case,event,at\n2026-03,forgotten,2026-04-02 09:00\n2026-03,汇总,someday\n", "utf-8")
    text = run(LOG, *GIVEN, "--decisions", str(bad)).stdout
    assert "Left out of the decisions, and why" in text
    assert "forgotten" in text
    assert "someday" in text


def test_each_case_is_assessed_under_the_edition_of_its_day(tmp_path, monkeypatch):
    text = """
[policy]
id = "test/fines"
title = "罚"
edition = {edition}
{until}status = "in force"
source = {{ file = "t", lines = "1" }}
zone = "Asia/Shanghai"
edition_by = "accepted"
[facts]
worker = {{ type = "person", label = "人" }}
[[article]]
no = "1"
says = "每次罚"
  [[article.charge]]
  id = "fine"
  on = "verified"
  payer = "worker"
  amount = {amount}
"""
    folder = tmp_path / "policies" / "test" / "fines"
    folder.mkdir(parents=True)
    old = text.format(edition="2025-01-01", until="until = 2025-12-31\n", amount=10)
    (folder / "2025-01-01.toml").write_text(old, "utf-8")
    (folder / "2026-01-01.toml").write_text(text.format(edition="2026-01-01", until="", amount=20), "utf-8")
    monkeypatch.setenv("BIHUAN_POLICIES", str(tmp_path / "policies"))
    log = tmp_path / "log.csv"
    lines = [
        "case,event,at,worker", "a,accepted,2025-12-30 09:00,", "a,verified,2026-02-01 09:00,甲",
        "b,accepted,2026-01-02 09:00,", "b,verified,2026-02-01 09:00,乙",
    ]  # fmt: skip
    log.write_text("\n".join(lines), "utf-8")
    found = json.loads(run(str(log), "--policy", "test/fines", "--format", "json").stdout)
    assert {row["case"]: row["amount"] for row in found["charges"]} == {"a": "10.00", "b": "20.00"}
