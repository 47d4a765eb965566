"""Half a year of Boston's 311 cases: our due times beside the city's, our verdicts beside its own."""

import polars as pl
import pytest

import bihuan
from tests.examples.real import BOSTON, EXAMPLES, real_log, script

FOLDER = EXAMPLES / "boston-311"
compare, derive = script(FOLDER / "compare.py"), script(FOLDER / "derive.py")


@pytest.fixture(scope="module")
def cases():
    log = real_log(BOSTON)
    return compare.side_by_side(log, compare.replayed(log))


@pytest.fixture(scope="module")
def types(cases):
    return compare.by_type(cases)


def test_every_target_of_the_city_is_judged(cases):
    assert cases.height == 47_270  # rows of the log with a target_dt
    assert cases["case"].is_unique().all()


def test_due_times_agree_over_the_types_with_fifty_cases(types):
    many = types.filter(pl.col("cases") >= 50)
    agree, total = compare.pooled(types)
    assert (many.height, total) == (62, 46_349)
    assert agree == 45_943  # 99.1 %
    assert (many["share"] >= 0.95).sum() == 60


@pytest.mark.parametrize(
    ("type_", "number"),
    [("Rodent Activity", 811), ("Electrical", 158), ("Building Inspection Request", 484)],
)
def test_every_due_time_of_a_type_agrees(types, type_, number):
    found = types.row(by_predicate=pl.col("type") == type_, named=True)
    assert (found["agrees"], found["cases"]) == (number, number)


def test_the_numbers_of_the_policy_are_those_of_the_log():
    """One number a type, found with numpy's weekdays and without Bihuan."""
    policy = bihuan.read_policy(FOLDER / "policy")
    written = [
        (value, str(row.is_))
        for fact in ("working_limit", "calendar_limit")
        for row in policy.facts[fact].rows
        for test in row.when.tests
        for value in test.values
    ]
    assert len(written) == 100
    assert dict(written) == derive.derived(real_log(BOSTON))


def test_met_and_late_are_the_citys_verdict_wherever_it_gave_one(cases):
    verdicts = {(ontime, state): n for ontime, state, n in compare.verdicts(cases).rows()}
    assert verdicts == {("ONTIME", "met"): 35_591, ("OVERDUE", "late"): 8_073, (None, "late"): 157}


def test_open_cases_are_overdue_for_the_city_and_for_us(cases):
    still = cases.filter(pl.col("done_at").is_null())
    assert set(still["state"]) == {"overdue"}
    assert dict(still["ontime"].value_counts().rows()) == {"OVERDUE": 3_448, None: 1}


def test_closed_cases_without_the_citys_verdict_are_listed(cases):
    silent = compare.without_verdict(cases)
    assert silent.height == 157
    assert silent["target_at"].null_count() == silent["done_at"].null_count() == 0


def test_what_does_not_agree_is_in_a_group(cases):
    assert (cases["agrees"] == cases["group"].is_null()).all()
    assert dict(cases.drop_nulls("group")["group"].value_counts().rows()) == {
        "a whole minute: set by hand": 210,
        "up to an hour earlier": 114,
        "another number, at the second it was opened": 83,
        "no number for the type": 36,
        "other": 7,
    }
