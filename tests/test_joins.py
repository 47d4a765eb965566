"""The twelve rules of the benchmark, counted by the engine and by an analyst's joins: the same by rule, unit and state."""

import tomllib
from pathlib import Path

import polars as pl
import pytest
from benchmarks import joins, made

OFFICE = tomllib.loads((joins.HERE / "office.toml").read_text(encoding="utf-8"))
RULES = [rule["id"] for rule in OFFICE["article"][0]["obligation"]]


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made.write(tmp_path_factory.mktemp("log") / "office.parquet", 2_000)


@pytest.fixture(scope="module")
def ours(log: Path) -> pl.DataFrame:
    return joins.our_counts("interpreted")(log)


@pytest.fixture(scope="module", params=[way for way in joins.ways() if not way.startswith("bihuan")])
def theirs(log: Path, request: pytest.FixtureRequest) -> pl.DataFrame:
    if request.param.startswith("duckdb"):
        pytest.importorskip("duckdb")
    return joins.ways()[request.param](log)


@pytest.mark.parametrize("rule", RULES)
def test_joins_count_what_the_engine_counts(ours: pl.DataFrame, theirs: pl.DataFrame, rule: str) -> None:
    mine, other = (table.filter(pl.col("rule") == rule) for table in (ours, theirs))
    assert joins.differing(mine, other).rows() == []


def test_the_log_has_every_rule_in_every_state(ours: pl.DataFrame) -> None:
    assert set(ours["rule"]) == set(RULES)
    assert set(ours["state"]) == {"open", "met", "late", "overdue", "void"}


def test_what_differs_is_named_with_both_answers(ours: pl.DataFrame) -> None:
    moved = ours.with_columns(
        rows=pl.when(pl.int_range(pl.len()) == 0).then(pl.col("rows") + 1).otherwise("rows")
    )
    found = joins.differing(ours, moved.select(joins.COLUMNS))
    assert found.select(joins.KEYS).rows() == ours.head(1).select(joins.KEYS).rows()
    assert (found["rows_theirs"] - found["rows"]).to_list() == [1]
    assert joins.agreement(ours, ours.select(joins.COLUMNS)) == {
        "rows agree": "100.0000%",
        "counts agree": "100.0%",
    }
