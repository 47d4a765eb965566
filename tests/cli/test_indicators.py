"""`bihuan indicators` as it is called: formats, what is written, what is refused and in which words."""

import json
from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli

HOME = Path(__file__).parent.parent.parent / "examples" / "indicators"
CALL = [
    *("indicators", str(HOME / "log.csv"), "--policy", str(HOME / "policy")),
    *("--site", str(HOME / "site"), "--as-of", "2026-04-30"),
]


def call(*options, lang="en"):
    return CliRunner().invoke(cli, ["--lang", lang, *CALL, *options])


def test_programs_get_every_figure_with_its_summary():
    done = call("--period", "2026-03", "--format", "json", "--unit", "城区分公司")
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert found["summary"]["indicators"] == ["on-time", "satisfaction", "rude-answers", "score"]
    (score,) = [row for row in found["figures"] if row["indicator"] == "score"]
    assert (score["value"], score["band"], score["unit"]) == ("69.666667", "合格", "城区分公司")
    assert (score["period_from"], score["period_until"]) == ("2026-03-01", "2026-04-01")


def test_csv_is_the_figures_of_all_periods():
    done = call("--format", "csv", "--indicator", "rude-answers")
    lines = done.stdout.splitlines()
    assert lines[0].startswith("indicator,label,article,edition,unit,group,period")
    assert [line.split(",")[6] for line in lines[1:] if ",城东供电所," in line] == ["2026-03"]


def test_figures_and_the_rows_behind_them_are_written(tmp_path):
    place = tmp_path / "out"
    assert call("--period", "2026-03", "--out", str(place)).exit_code == 0
    assert sorted(path.name for path in place.iterdir()) == [
        "behind.parquet",
        "figures.parquet",
        "summary.json",
    ]
    figures, behind = (pl.read_parquet(place / f"{name}.parquet") for name in ("figures", "behind"))
    own = behind.filter(indicator="on-time", part="denominator")
    whole = figures.filter(pl.col("unit").is_null(), pl.col("indicator") == "on-time")
    assert str(own.height) == whole["denominator"][0] == "5"


@pytest.mark.parametrize(
    ("options", "english", "chinese"),
    [
        (("--period", "2027-01"), "has not begun", "还没有开始"),
        (("--unit", "城东供电"), "Did you mean `城东供电所`", "没有名为 '城东供电' 的单位"),
        (("--behind", "on-tme"), "Did you mean `on-time`", "没有指标 'on-tme'"),
        (("--period", "2026-Q1"), "expected a period such as 2026-01", "期间应写成 2026-01"),
        (("--period", "2026/03"), "no period is called", "2026/03"),
    ],
)
def test_a_wrong_call_says_what_to_do(options, english, chinese):
    for lang, words in (("en", english), ("zh", chinese)):
        done = call(*options, lang=lang)
        assert done.exit_code == 2, done.output
        assert words in done.stderr
