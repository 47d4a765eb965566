"""An outcome folder appears whole or not at all."""

import json

import polars as pl
import pytest

from bihuan.engine.errors import CallError
from bihuan.files.outcomes import dated, write_outcome

ROWS = pl.DataFrame({"case": ["1"], "due_at": [1760111999]})
NOTHING = pl.DataFrame(schema={"file": pl.String, "line": pl.Int64})


def write(place, rows=ROWS):
    return write_outcome(place, {"obligations": rows}, NOTHING, {"cases": 1, "title": "办法"})


def names(folder):
    return sorted(each.name for each in folder.iterdir())


def test_tables_what_was_left_out_and_a_summary(tmp_path):
    place = write(tmp_path / "out" / "demo")
    assert names(place) == ["excluded.csv", "obligations.parquet", "summary.json"]
    assert pl.read_parquet(place / "obligations.parquet").equals(ROWS)
    assert json.loads((place / "summary.json").read_text(encoding="utf-8")) == {"cases": 1, "title": "办法"}
    assert names(tmp_path / "out") == ["demo"]


def test_an_earlier_outcome_is_replaced(tmp_path):
    place = write(tmp_path / "demo")
    (place / "charges.parquet").write_bytes(b"of an earlier run")
    write(place, ROWS.clear())
    assert names(place) == ["excluded.csv", "obligations.parquet", "summary.json"]
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


def test_instants_become_times_of_the_zone():
    at = dated(ROWS, "Asia/Shanghai")["due_at"][0]
    assert at.isoformat() == "2025-10-10T23:59:59+08:00"
