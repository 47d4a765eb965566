"""An outcome folder appears whole or not at all."""

import json
from dataclasses import replace

import polars as pl
import pytest

from bihuan.engine.errors import CallError
from bihuan.engine.outcome import Outcome
from bihuan.files.outcomes import summary_of, write_outcome

ROWS = pl.DataFrame({"case": ["1"], "state": ["met"]})
NOTHING = pl.DataFrame(schema={"file": pl.String, "line": pl.Int64})
FILES = ["callbacks.parquet", "excluded.csv", "irregularities.parquet", "obligations.parquet", "summary.json"]


def outcome(rows=ROWS):
    summary = {"cases": 1, "title": "办法", "as_of": 1760111999, "zone": "Asia/Shanghai"}
    return Outcome(rows, ROWS, ROWS.clear(), ROWS.clear(), NOTHING, ROWS.clear(), summary)


def write(place, rows=ROWS):
    return write_outcome(place, outcome(rows))


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def test_tables_what_was_left_out_and_a_summary(tmp_path):
    place = write(tmp_path / "out" / "demo")
    assert names(place) == FILES
    assert pl.read_parquet(place / "obligations.parquet").equals(ROWS)
    assert json.loads((place / "summary.json").read_text(encoding="utf-8"))["title"] == "办法"
    assert names(tmp_path / "out") == ["demo"]


def test_reasons_keep_their_english_beside_another_language(tmp_path):
    left_out = pl.DataFrame(
        {"line": [3, 4, 9], "reason": ["the case id is empty", "a", "the case id is empty"]}
    )
    found = replace(outcome(), excluded=left_out)
    words = {"the case id is empty": "工单号为空", "a": "甲"}
    write_outcome(tmp_path / "demo", found, {"zh": words.__getitem__})
    table = pl.read_csv(tmp_path / "demo" / "excluded.csv")
    assert table["reason"].to_list() == left_out["reason"].to_list()
    assert table["reason_zh"].to_list() == ["工单号为空", "甲", "工单号为空"]
    write_outcome(tmp_path / "demo", found)
    assert pl.read_csv(tmp_path / "demo" / "excluded.csv").columns == ["line", "reason"]


def test_an_earlier_outcome_is_replaced(tmp_path):
    place = write(tmp_path / "demo")
    (place / "charges.parquet").write_bytes(b"of an earlier run")
    write(place, ROWS.clear())
    assert names(place) == FILES
    assert pl.read_parquet(place / "obligations.parquet").is_empty()
    assert names(tmp_path) == ["demo"]


def test_a_folder_with_other_things_is_not_touched(tmp_path):
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(CallError, match=r"holds other things \(thesis.docx\)"):
        write(tmp_path)
    assert names(tmp_path) == ["thesis.docx"]


def test_a_file_in_its_place_is_not_touched(tmp_path):
    (tmp_path / "demo").write_text("mine")
    with pytest.raises(CallError, match="a file stands where the folder"):
        write(tmp_path / "demo")
    assert (tmp_path / "demo").read_text() == "mine"


def test_a_failure_leaves_the_earlier_outcome_and_nothing_else(tmp_path):
    place = write(tmp_path / "demo")
    with pytest.raises(pl.exceptions.PolarsError):
        write(place, pl.DataFrame({"python": [object()]}))
    assert pl.read_parquet(place / "obligations.parquet").equals(ROWS)
    assert names(tmp_path) == ["demo"]


def test_it_may_be_read_by_whom_any_new_folder_may_be_read(tmp_path):
    (tmp_path / "ordinary").mkdir()
    assert write(tmp_path / "demo").stat().st_mode == (tmp_path / "ordinary").stat().st_mode


def test_the_summary_has_instants_as_iso_times_of_the_zone():
    assert summary_of(outcome())["as_of"] == "2025-10-10T23:59:59+08:00"
