"""A thousand cases of New York's 311: the police have eight hours, and ten rows are closed before they were created."""

import polars as pl
import pytest

import bihuan
from tests.examples.real import EXAMPLES, NYC, judged, read, real_log


@pytest.fixture(scope="module")
def log():
    return read("nyc-311", NYC, bihuan.read_policy(EXAMPLES / "nyc-311" / "policy"))


@pytest.fixture(scope="module")
def outcome():
    return judged("nyc-311", NYC)


def test_the_whole_file_is_read(log):
    assert log.read == 1_000
    assert log.events["case"].n_unique() == 1_000


def test_rows_closed_before_they_were_created_are_reported(log):
    """Line by line as somebody finds them who reads the file with the csv module's eyes."""
    raw = pl.read_csv(real_log(NYC), infer_schema=False).with_row_index("line", offset=2)
    at = [pl.col(name).str.to_datetime("%m/%d/%Y %I:%M:%S %p") for name in ("Closed Date", "Created Date")]
    expected = raw.filter(at[0] < at[1])["line"].to_list()
    assert len(expected) == 10
    assert log.excluded["line"].to_list() == expected
    assert set(log.excluded["reason"]) == {"the event lies before the event that opened its case"}


def test_eight_hours_are_the_citys_due_date_for_every_police_case_that_has_one(outcome):
    rows = outcome.obligations.with_columns(pl.col("rule").cast(pl.String))
    police = rows.filter(pl.col("rule") == "close-police")
    targets = rows.filter(pl.col("rule") == "close-by-target").select("case", "due_at")
    both = police.join(targets, on="case", suffix="_theirs")
    assert police.height == 347
    assert both.height == 346  # one case has no Due Date
    assert (both["due_at"] == both["due_at_theirs"]).all()


def test_states(outcome):
    assert outcome.summary["rules"] == {
        "close-police": {"met": 331, "late": 16},
        "close-by-target": {"met": 427, "late": 52, "overdue": 7},
    }
    assert outcome.summary["log"]["excluded"] == 10
