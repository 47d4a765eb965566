"""`bihuan sample`: lists for people in two languages, data, folders, lists verified, calls refused."""

import csv
import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from click.testing import CliRunner

import bihuan
from bihuan.cli.root import cli

LOG = str(Path(__file__).parents[2] / "examples" / "samples" / "log.csv")
CALL = ("sample", LOG, "--policy", "tianjin-callback", "--period", "2026-10", "--seed", "20261031")


def run(*arguments, lang="en"):
    return CliRunner().invoke(cli, ["--lang", lang, *map(str, arguments)])


@pytest.fixture(scope="module")
def drawn(tmp_path_factory):
    place = tmp_path_factory.mktemp("draw") / "drawn"
    assert run(*CALL, "--out", place).exit_code == 0
    return place


def test_people_read_it_in_their_language():
    english, chinese = run(*CALL), run(*CALL, lang="zh")
    assert english.exit_code == chinese.exit_code == 0
    for word in ("To be called, in this order", "by its place", "KF2610019"):
        assert word in english.stdout
    for word in ("应回访的,按此次序", "按名次抽中", "KF2610019", "名次"):
        assert word in chinese.stdout


def test_data_has_everybody_and_says_why():
    data = json.loads(run(*CALL, "--format", "json").stdout)
    assert data["summary"]["members"] == len(data["members"]) == 30
    assert data["summary"]["drawn"] == sum(each["drawn_at"] is not None for each in data["members"]) == 4
    assert {each["why"] for each in data["members"]} == {"drawn", "beyond"}
    assert sorted((each["members"], each["wanted"]) for each in data["strata"]) == [(4, 1), (8, 1), (18, 2)]


def test_the_folder_has_the_list_everybody_and_the_summary(drawn):
    rows = list(csv.DictReader((drawn / "drawn.csv").read_text("utf-8").splitlines()))
    assert [row["event"] for row in rows] == ["drawn"] * 4
    assert {row["drawn_period"] for row in rows} == {"2026-10"}
    assert pl.read_parquet(drawn / "members.parquet").height == 30
    assert json.loads((drawn / "summary.json").read_text("utf-8"))["seed"] == "20261031"


def test_the_list_in_the_log_is_the_draw_that_replay_judges(drawn, tmp_path):
    whole = pl.concat([pl.read_csv(LOG), pl.read_csv(drawn / "drawn.csv")], how="diagonal_relaxed")
    whole.write_csv(tmp_path / "log.csv")
    call = ("replay", tmp_path / "log.csv", "--policy", "tianjin-callback", "--format", "json")
    recorded = json.loads(run(*call).stdout)["callbacks"]
    computed = json.loads(run("replay", LOG, *call[2:], "--set", "sampling_seed=20261031").stdout)[
        "callbacks"
    ]
    assert {row["case"] for row in recorded} == {"KF2610001", "KF2610008", "KF2610015", "KF2610019"}
    assert [(row["case"], row["started_at"]) for row in recorded] == [
        (row["case"], row["started_at"]) for row in computed
    ]


def test_a_list_is_verified_with_the_exit_code(drawn, tmp_path):
    honest = run(*CALL, "--verify", drawn / "drawn.csv")
    assert (honest.exit_code, "honest draw: 4" in honest.stdout) == (0, True)
    lines = (drawn / "drawn.csv").read_text("utf-8").splitlines()
    forged = tmp_path / "forged.csv"
    forged.write_text(
        "\n".join([lines[0], *lines[2:], lines[1].replace("KF2610001", "KF2610002")]) + "\n", "utf-8"
    )
    wrong = run(*CALL, "--verify", forged, lang="zh")
    assert wrong.exit_code == 1
    for word in ("名单上没有", "没有抽中", "KF2610002", "种子不同"):
        assert word in wrong.stdout
    kinds = [
        each["kind"]
        for each in json.loads(run(*CALL, "--verify", forged, "--format", "json").stdout)["departures"]
    ]
    assert {"missing", "extra", "seed"} <= set(kinds)


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
def test_a_list_of_ids_alone_is_enough(drawn, tmp_path, kind):
    ids = pl.read_csv(drawn / "drawn.csv").select("case", rule="drawn_for")
    path = tmp_path / f"ids.{kind}"
    write: Any = {"csv": ids.write_csv, "parquet": ids.write_parquet, "jsonl": ids.write_ndjson}[kind]
    write(path)
    assert run(*CALL, "--verify", path).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "english", "chinese"),
    [
        (("--period", "2026-13"), "no period is called '2026-13'", "没有叫 '2026-13' 的周期"),
        (("--period", "2027-01"), "begins on 2027-01-01", "从 2027-01-01 开始"),
        (("--period", "2026-Q4"), "such as 2026-10", "2026-10"),
        (("--rule", "nobody"), "no callback nobody", "没有回访 nobody"),
        (("--seed", "a\nb"), "line break", "换行"),
        (("--set", "other_rate=1.5"), "at_most", "other_rate"),
    ],
)
def test_a_wrong_call_is_refused_with_what_to_do(arguments, english, chinese):
    for lang, words in (("en", english), ("zh", chinese)):
        done = run(*CALL, *arguments, lang=lang)
        assert (done.exit_code, words in done.stderr) == (2, True), done.output


def test_a_list_without_ids_or_with_a_wrong_instant_is_refused(tmp_path):
    path = tmp_path / "list.csv"
    path.write_text("name\nA\n", "utf-8")
    assert "a column case or member" in run(*CALL, "--verify", path).stderr
    path.write_text("case,drawn_for,at\nKF2610001,callback-sampled,someday\n", "utf-8")
    assert "'someday' is no instant" in run(*CALL, "--verify", path).stderr


def test_a_month_that_is_not_over_says_so():
    early = run(*CALL, "--as-of", "2026-10-15 18:00")
    assert "not over" in early.stdout
    assert "KF2610007" in early.stdout


def test_a_callback_of_everybody_can_be_listed_too():
    found = run(*CALL, "--rule", "callback-repair", "--format", "json")
    assert json.loads(found.stdout)["summary"]["members"] == 0


def test_the_library_has_it():
    policy = bihuan.read_policy("tianjin-callback")
    log = bihuan.read_log(LOG, zone=policy.header.zone)
    parameters = bihuan.parameter_values(policy, {"sampling_seed": 20261031})
    found = bihuan.sample(policy, bihuan.read_calendars(), log, "2026-10", parameters=parameters)
    listed = (
        bihuan.members_of(found)
        .filter(pl.col("drawn_at").is_not_null())
        .select("rule", "member", "key", "place")
    )
    assert bihuan.verify(policy, bihuan.read_calendars(), log, "2026-10", listed, parameters=parameters)[
        1
    ].is_empty()
