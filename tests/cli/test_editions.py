"""A case is judged and explained under the edition of its day, whichever edition is the newest."""

import polars as pl
import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli

EDITION = """
[policy]
id = "test/answers"
title = "答复"
edition = {day}
{until}
status = "in force"
source = {{ file = "test", lines = "1" }}
zone = "Asia/Shanghai"
starts = ["accepted"]
edition_by = "accepted"

[roles]
unit = "单位"

[[article]]
no = "1"
says = "按期答复"
  [[article.obligation]]
  id = "answer"
  after = "accepted"
  owes = "answered"
  within = "{within}"
  by = "unit"
"""
LOG = """case,event,at
old,accepted,2024-12-31 23:30
old,answered,2025-01-09 10:00
new,accepted,2025-01-01 00:10
new,answered,2025-01-09 10:00
"""


@pytest.fixture
def place(tmp_path):
    folder = tmp_path / "answers"
    folder.mkdir()
    for day, until, within in (
        ("2020-01-01", "until = 2024-12-31", "10 days"),
        ("2025-01-01", "", "5 days"),
    ):
        text = EDITION.format(day=day, until=until, within=within)
        (folder / f"{day}.toml").write_text(text, "utf-8")
    (tmp_path / "log.csv").write_text(LOG, "utf-8")
    return tmp_path


def said(*call):
    result = CliRunner().invoke(cli, [*map(str, call)], prog_name="bihuan")
    return result.exit_code, result.output


def test_replay_judges_each_case_by_the_edition_of_its_day(place):
    code, _ = said(
        "replay", place / "log.csv", "--policy", place / "answers", "--out", place / "out", "--lang", "en"
    )
    rows = pl.read_parquet(place / "out" / "obligations.parquet")
    states = dict(rows.select("case", pl.col("state").cast(pl.String)).rows())
    assert (code, states) == (0, {"old": "met", "new": "late"})


@pytest.mark.parametrize(("case", "limit"), [("old", "10 days"), ("new", "5 days")])
def test_explain_shows_the_edition_of_the_case(place, case, limit):
    code, text = said("explain", place / "log.csv", case, "--policy", place / "answers", "--lang", "en")
    assert code == 0
    assert limit in text.splitlines()[0]


def test_a_long_log_is_judged_by_one_edition_that_is_named(place):
    call = ("replay", place / "log.csv", "--chunk", "1", "--lang", "en", "--policy")
    code, text = said(*call, place / "answers")
    assert code == 2
    assert "several editions in force" in text
    assert "--chunk 0" in text
    assert said(*call, place / "answers" / "2025-01-01.toml")[0] == 0
