"""A log in order: sorting, duplicates, corrections, openings; and nothing lost on the way."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.engine.errors import LogError
from bihuan.engine.log import BEFORE_OPENING, NEVER_OPENED, NO_EVENTS, Log, arrange, as_log

HOUR = 3600


def log_of(*rows, facts=(), zone="Asia/Shanghai", **columns):
    names = ("case", "event", "at", *columns.pop("also", ()))
    return as_log([dict(zip(names, row, strict=False)) for row in rows], facts, zone=zone)


def story(log: Log, *columns: str) -> list[tuple]:
    return log.events.select(pl.col("case"), pl.col("event").cast(pl.String), pl.col("at"), *columns).rows()


def test_events_stand_by_case_and_instant_and_cases_in_the_order_they_first_appear():
    log = arrange(log_of(("b", "closed", 9), ("a", "accepted", 1), ("b", "accepted", 2)))
    assert story(log) == [("b", "accepted", 2), ("b", "closed", 9), ("a", "accepted", 1)]


def test_equal_instants_keep_the_order_of_the_log():
    log = arrange(log_of(("1", "dispatched", 5), ("1", "accepted", 5), ("1", "urged", 4)))
    assert [event for _, event, _ in story(log)] == ["urged", "dispatched", "accepted"]


def test_a_row_told_twice_counts_once_even_with_another_row_of_the_instant_between():
    log = arrange(log_of(("1", "accepted", 5), ("1", "urged", 5), ("1", "accepted", 5), ("1", "urged", 6)))
    assert story(log) == [("1", "accepted", 5), ("1", "urged", 5), ("1", "urged", 6)]
    assert log.duplicates == 1


def test_rows_that_differ_in_anything_told_are_no_duplicates():
    log = arrange(log_of(("1", "urged", 5, "Alice"), ("1", "urged", 5, "Bob"), also=("actor",)))
    assert len(story(log)) == 2
    assert log.duplicates == 0


def test_the_line_in_the_file_does_not_make_a_row_another_row():
    log = arrange(log_of(("1", "urged", 5, 2), ("1", "urged", 5, 3), also=("line",)))
    assert story(log, "line") == [("1", "urged", 5, 2)]


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from(["accepted", "urged"]), st.integers(0, 3))))
def test_order_and_duplicates_agree_with_the_slow_way(rows):
    log = arrange(
        log_of(*rows)
        if rows
        else as_log(pl.DataFrame(schema={"case": pl.String, "event": pl.String, "at": pl.Int64}))
    )
    cases = list(dict.fromkeys(case for case, _, _ in rows))
    slow = [
        row
        for case in cases
        for row in sorted((r for r in dict.fromkeys(rows) if r[0] == case), key=lambda r: r[2])
    ]
    assert story(log) == slow
    assert log.duplicates == len(rows) - len(slow)


def test_arranging_twice_changes_nothing():
    once = arrange(log_of(("1", "urged", 5), ("1", "urged", 5), ("1", "accepted", 1)))
    assert arrange(once) is once


# Openings


def test_a_case_that_was_never_opened_is_set_aside_with_each_of_its_rows():
    log = arrange(log_of(("1", "accepted", 1), ("2", "closed", 2), ("2", "urged", 3)), starts=["accepted"])
    assert story(log) == [("1", "accepted", 1)]
    assert log.excluded.select("found", "reason").rows() == [
        ("closed", NEVER_OPENED),
        ("urged", NEVER_OPENED),
    ]


def test_an_event_before_the_opening_is_listed_and_the_case_judged_on_the_rest():
    log = arrange(
        log_of(("1", "closed", 0), ("1", "accepted", HOUR), ("1", "urged", 2 * HOUR)), starts=["accepted"]
    )
    assert [event for _, event, _ in story(log)] == ["accepted", "urged"]
    assert log.excluded.select("column", "found", "reason").rows() == [
        ("at", "closed 1970-01-01 08:00:00", BEFORE_OPENING)
    ]


def test_a_date_without_a_time_is_not_before_an_opening_on_that_day_but_before_one_on_the_next():
    midnight, evening = -8 * HOUR, 10 * HOUR  # of 1970-01-01 in Shanghai
    rows = [("1", "contacted", midnight, True), ("1", "accepted", evening, False)]
    assert arrange(log_of(*rows, also=("whole_day",)), ["accepted"]).excluded.height == 0
    rows[1] = ("1", "accepted", midnight + 24 * HOUR, False)
    assert arrange(log_of(*rows, also=("whole_day",)), ["accepted"]).excluded.height == 1


def test_without_starts_any_event_opens_a_case():
    assert arrange(log_of(("1", "closed", 0))).excluded.height == 0


# Corrections


FIX = ("corrects", "corrects_at", "corrected_at", "id", "verdict", "actor", "recorded_at")


def corrected(*rows):
    return arrange(log_of(*rows, also=FIX))


def test_a_correction_moves_the_event_to_its_true_instant_and_the_old_row_stays_in_the_record():
    log = corrected(("1", "accepted", 0), ("1", "arrived", 50), ("1", "corrected", 60, "arrived", None, 40))
    assert story(log) == [("1", "accepted", 0), ("1", "arrived", 40), ("1", "corrected", 60)]
    assert log.superseded.select("event", "at").rows() == [("arrived", 50)]


def test_a_correction_without_a_true_instant_strikes_the_event_out():
    log = corrected(("1", "accepted", 0), ("1", "arrived", 50), ("1", "corrected", 60, "arrived"))
    assert [event for _, event, _ in story(log)] == ["accepted", "corrected"]
    assert log.superseded["at"].to_list() == [50]


def test_a_bare_name_means_the_latest_such_event_before_the_correction():
    log = corrected(("1", "urged", 1), ("1", "urged", 5), ("1", "urged", 90), ("1", "corrected", 60, "urged"))
    assert [at for _, event, at in story(log) if event == "urged"] == [1, 90]


def test_an_event_entered_with_a_date_yet_to_come_can_be_corrected():
    log = corrected(("1", "urged", 900), ("1", "corrected", 60, "urged", None, 50))
    assert story(log) == [("1", "urged", 50), ("1", "corrected", 60)]


def test_an_instant_or_an_id_says_which_event_is_meant():
    by_instant = corrected(("1", "urged", 1), ("1", "urged", 5), ("1", "corrected", 60, "urged", 1))
    assert [at for _, event, at in story(by_instant) if event == "urged"] == [5]
    by_id = corrected(
        ("1", "urged", 1, None, None, None, "x"),
        ("1", "urged", 5, None, None, None, "y"),
        ("1", "corrected", 60, "x"),
    )
    assert [at for _, event, at in story(by_id) if event == "urged"] == [5]


def test_what_the_correction_states_anew_is_taken_over_but_not_who_corrected():
    log = corrected(
        ("1", "called_back", 5, None, None, None, None, "satisfied", "Alice", 6),
        ("1", "corrected", 60, "called_back", None, 5, None, "dissatisfied", "Dana", 61),
    )
    row = log.events.row(0, named=True)
    assert (row["verdict"], row["actor"], row["recorded_at"]) == ("dissatisfied", "Alice", 61)


def test_a_second_correction_corrects_what_stands():
    log = corrected(
        ("1", "urged", 5),
        ("1", "corrected", 60, "urged", None, 10),
        ("1", "corrected", 70, "urged", None, 20),
    )
    assert [at for _, event, at in story(log) if event == "urged"] == [20]
    assert log.superseded["at"].to_list() == [5, 10]


def test_a_correction_of_nothing_is_listed():
    log = corrected(("1", "accepted", 0), ("2", "urged", 1), ("1", "corrected", 60, "urged"))
    assert [event for _, event, _ in story(log)] == ["accepted", "urged"]
    assert log.excluded["found"].to_list() == ["urged"]


def test_a_corrected_event_that_names_no_event_is_an_event_like_others():
    assert story(corrected(("1", "corrected", 60))) == [("1", "corrected", 60)]


# What is given, and what is refused


def test_facts_of_a_case_without_events_are_listed():
    log = arrange(log_of(("1", "accepted", 0), facts=[{"case": "1", "x": 1}, {"case": "9", "x": 2}]))
    assert log.facts.rows() == [("1", 1)]
    assert log.excluded.select("found", "reason").rows() == [("9", NO_EVENTS)]


def test_facts_given_twice_are_refused():
    with pytest.raises(LogError, match=r"twice.*"):
        log_of(("1", "accepted", 0), facts=[{"case": "1"}, {"case": "1"}])


def test_a_log_without_instants_is_refused():
    with pytest.raises(LogError, match="at not given"):
        as_log([{"case": "1", "event": "accepted"}])


def test_totals_account_for_every_row():
    log = arrange(
        log_of(("1", "accepted", 1), ("1", "accepted", 1), ("2", "closed", 2), ("1", "closed", 0)),
        ["accepted"],
    )
    totals = log.totals()
    assert totals["read"] == totals["events"] + totals["duplicates"] + totals["excluded"] == 4
    assert totals["excluded_by_reason"] == {NEVER_OPENED: 1, BEFORE_OPENING: 1}
