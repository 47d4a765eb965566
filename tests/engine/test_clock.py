"""Every decision of semantics about time, by hand. The next day always differs, so that no day can be off by one."""

from datetime import date

import pytest

from bihuan.engine import clock
from bihuan.engine.calendar import Calendar, build, natural
from bihuan.engine.timetable import Declaration, Notice, as_week
from tests.engine.calendar_oracle import Rule
from tests.engine.clock_cases import coded, due, instant, lead, text

H = 3600


def day(year: int, month: int, of_month: int) -> int:
    return date(year, month, of_month).toordinal() - date(1970, 1, 1).toordinal()


def office_hours() -> Calendar:
    """Week of Monday 2025-09-22: Friday closes at noon; Sunday 28th is worked, 1st to 3rd October are off."""
    full = ((9 * H, 12 * H), (13 * H + 1800, 17 * H + 1800))
    notice = Notice(
        "notice",
        off=(("feast", day(2025, 10, 1), day(2025, 10, 3)),),
        work=(("feast", day(2025, 9, 28), day(2025, 9, 28)),),
    )
    week = as_week((full, full, full, full, ((9 * H, 12 * H),), (), ()))
    span = (day(2025, 1, 1), day(2026, 12, 31))
    return build(
        Declaration("office", "office", "Asia/Shanghai", week, *span, make_up=full, notices=(notice,))
    )


OFFICE = office_hours()
SHANGHAI = natural("Asia/Shanghai")
NEW_YORK = natural("America/New_York")


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        # Working days are dates, whatever the hour; the make-up Sunday is one of them.
        (Rule("working days", 1), "2025-09-26 08:00", "2025-09-28 24:00"),
        (Rule("working days", 1), "2025-09-26 23:59:59", "2025-09-28 24:00"),
        (Rule("working days", 1), "2025-09-27 10:00", "2025-09-28 24:00"),
        (Rule("working days", 3), "2025-09-26 16:00", "2025-09-30 24:00"),
        (Rule("working days", 4), "2025-09-26 16:00", "2025-10-06 24:00"),
        (Rule("working days", 0), "2025-09-27 10:00", "2025-09-27 24:00"),
        # Where the first day counts, a rest day still does not.
        (Rule("working days", 1, first=True), "2025-09-26 08:00", "2025-09-26 24:00"),
        (Rule("working days", 1, first=True), "2025-09-27 08:00", "2025-09-28 24:00"),
        (Rule("working days", 2, first=True), "2025-09-27 08:00", "2025-09-29 24:00"),
        # The last day ends at 24:00, at closing, at an hour, or at the time of the start.
        (Rule("working days", 1, ends="close"), "2025-09-25 10:00", "2025-09-26 12:00"),
        (Rule("working days", 1, clock="close"), "2025-09-24 10:00", "2025-09-25 17:30"),
        (Rule("working days", 1, ends=17 * H), "2025-09-24 10:00", "2025-09-25 17:00"),
        (Rule("working days", 1, ends=17 * H, clock=10 * H), "2025-09-24 10:00", "2025-09-25 10:00"),
        (Rule("working days", 1, ends="same time"), "2025-09-24 10:07:31", "2025-09-25 10:07:31"),
        (Rule("days", 1, ends="close"), "2025-09-26 10:00", "2025-09-27 24:00"),  # Saturday has no close
        # Calendar days do not roll, unless told to; then once, at the end.
        (Rule("days", 5), "2025-09-26 16:00", "2025-10-01 24:00"),
        (Rule("days", 5, rolls=True), "2025-09-26 16:00", "2025-10-06 24:00"),
        (Rule("days", 4, rolls=True), "2025-09-26 16:00", "2025-09-30 24:00"),
        (Rule("days", 5, first=True), "2025-09-26 16:00", "2025-09-30 24:00"),
        (Rule("days", 14), "2025-09-26 16:00", "2025-10-10 24:00"),
        # An hour gone by on the only date leaves the rest of the date.
        (Rule("days", 1, first=True, clock=10 * H), "2025-09-26 16:00", "2025-09-26 24:00"),
        (Rule("same day"), "2025-09-26 23:50", "2025-09-26 24:00"),
        (Rule("same day", clock=17 * H), "2025-09-26 10:00", "2025-09-26 17:00"),
        (Rule("same day", clock=17 * H), "2025-09-26 17:00", "2025-09-26 24:00"),
        (Rule("same day", ends="same time"), "2025-09-26 17:00", "2025-09-26 24:00"),
        # Months clip to the shorter month.
        (Rule("months", 1), "2025-01-31 10:00", "2025-02-28 24:00"),
        (Rule("months", 6), "2025-08-31 10:00", "2026-02-28 24:00"),
        (Rule("months", 12), "2025-09-26 10:00", "2026-09-26 24:00"),
        (Rule("months", 1, first=True), "2025-09-15 10:00", "2025-10-14 24:00"),
        (Rule("months", 1, rolls=True), "2025-09-01 10:00", "2025-10-06 24:00"),
        # A day word whose instant is not after the start means the next.
        (Rule("weekday", 6, clock=17 * H), "2025-09-26 10:00", "2025-09-28 17:00"),
        (Rule("weekday", 6, clock=17 * H), "2025-09-28 16:59:59", "2025-09-28 17:00"),
        (Rule("weekday", 6, clock=17 * H), "2025-09-28 17:00", "2025-10-05 17:00"),
        (Rule("weekday", 6), "2025-09-28 17:00", "2025-09-28 24:00"),
        (Rule("month day", 7, ahead=1, clock=16 * H), "2025-09-07 10:00", "2025-10-07 16:00"),
        (Rule("month day", 7, clock=16 * H), "2025-09-07 16:00", "2025-10-07 16:00"),
        (Rule("month day", 31), "2025-09-07 10:00", "2025-09-30 24:00"),
        (Rule("month workday", 3, ahead=1), "2025-09-07 10:00", "2025-10-08 24:00"),
        (Rule("month workday", 2), "2025-09-02 10:00", "2025-09-02 24:00"),
        (Rule("month workday", 1), "2025-09-02 10:00", "2025-10-06 24:00"),
        (Rule("month workday", 40), "2025-09-02 10:00", "2025-09-30 24:00"),
        (Rule("last day"), "2025-09-02 10:00", "2025-09-30 24:00"),
        (Rule("last day", span=3, clock=12 * H), "2025-09-30 12:00", "2025-12-31 12:00"),
        (Rule("last day", span=6), "2025-07-01 00:00", "2025-12-31 24:00"),
        (Rule("last day", span=12), "2025-01-01 00:00", "2025-12-31 24:00"),
        (Rule("next day", clock=10 * H), "2025-09-26 23:00", "2025-09-27 10:00"),
        (Rule("next working day", clock="close"), "2025-09-26 10:00", "2025-09-28 17:30"),
        # Hours run through; working hours begin at the next opening and end at closing.
        (Rule("seconds", 24 * H), "2025-09-26 16:00", "2025-09-27 16:00"),
        (Rule("working seconds", 4 * H), "2025-09-25 09:00", "2025-09-25 14:30"),
        (Rule("working seconds", 3 * H), "2025-09-25 09:00", "2025-09-25 12:00"),
        (Rule("working seconds", 7 * H), "2025-09-25 09:00", "2025-09-25 17:30"),
        (Rule("working seconds", 7 * H), "2025-09-24 17:30", "2025-09-25 17:30"),
        (Rule("working seconds", 3 * H), "2025-09-25 19:00", "2025-09-26 12:00"),
        (Rule("working seconds", 3 * H + 1), "2025-09-26 08:00", "2025-09-28 09:00:01"),
        (Rule("working seconds", 1), "2025-09-26 12:00", "2025-09-28 09:00:01"),
        (Rule("working seconds", 0), "2025-09-26 12:00", "2025-09-28 09:00"),
        (Rule("working seconds", 0), "2025-09-26 11:59:59", "2025-09-26 11:59:59"),
    ],
)  # fmt: skip
def test_due(rule, start, expected):
    assert due(OFFICE, rule, start) == expected


@pytest.mark.parametrize(
    ("conventions", "start", "expected"),
    [
        ({"after": "next opening"}, "2025-09-25 17:29:59", "2025-09-26 17:29:59"),
        ({"after": "next opening"}, "2025-09-25 17:30", "2025-09-28 09:00"),  # closed: begins Friday 09:00
        ({"after": "next working day"}, "2025-09-25 18:00", "2025-09-28 18:00"),
        ({"rest_day": "next opening"}, "2025-09-27 10:00", "2025-09-29 09:00"),
        ({"rest_day": "next working day"}, "2025-09-27 10:00", "2025-09-29 10:00"),
        ({"before": "next opening"}, "2025-09-25 08:00", "2025-09-26 09:00"),
        (
            {"before": "next opening"},
            "2025-09-25 12:30",
            "2025-09-26 12:30",
        ),  # lunch is neither before nor after
        ({"rest_day": "next opening", "after": "next opening"}, "2025-09-25 08:00", "2025-09-26 08:00"),
    ],
)
def test_start_outside_hours(conventions, start, expected):
    assert due(OFFICE, Rule("working days", 1, ends="same time", **conventions), start) == expected


def test_start_outside_hours_moves_a_limit_of_hours_too():
    rule = Rule("seconds", 2 * H, rest_day="next opening")
    assert due(OFFICE, rule, "2025-09-27 10:00") == "2025-09-28 11:00"


def test_pauses_and_extensions_lengthen_before_anything_is_rolled():
    assert due(OFFICE, Rule("working days", 3), "2025-09-26 16:00", paused=1) == "2025-10-06 24:00"
    assert (
        due(OFFICE, Rule("days", 2, rolls=True), "2025-09-26 16:00", extra=1, paused=2) == "2025-10-06 24:00"
    )
    assert due(OFFICE, Rule("months", 1), "2025-08-31 16:00", extra=1, paused=3) == "2025-11-03 24:00"
    assert (
        due(OFFICE, Rule("working seconds", H), "2025-09-26 11:00", extra=H, paused=H) == "2025-09-28 11:00"
    )
    assert due(OFFICE, Rule("next working day"), "2025-09-26 16:00", paused=2) == "2025-09-30 24:00"
    assert due(OFFICE, Rule("weekday", 6), "2025-09-26 16:00", paused=2) == "2025-09-30 24:00"


def test_the_day_of_the_pause_counts_and_that_of_resumption_does_not():
    def paused(kind: str, a: str, b: str, both_days: int = 0, since: str | None = None) -> int:
        limits, _ = coded(Rule(kind, 5))
        when = clock.NONE if since is None else instant(OFFICE, since)
        span = instant(OFFICE, a), instant(OFFICE, b)
        return clock.paused_since(OFFICE.tables, limits, 0, 0, when, *span, both_days)

    assert paused("days", "2025-09-26 09:00", "2025-09-26 17:00") == 0
    assert paused("days", "2025-09-26 09:00", "2025-09-26 17:00", both_days=1) == 1
    assert paused("days", "2025-09-26 09:00", "2025-09-29 17:00") == 3
    assert paused("days", "2025-09-26 09:00", "2025-09-29 17:00", both_days=1) == 4
    # Friday counts; Saturday is no working day anyway; Sunday 28th and Monday 29th are taken out.
    assert paused("working days", "2025-09-26 09:00", "2025-09-29 17:00") == 2
    assert paused("working days", "2025-09-26 09:00", "2025-09-29 17:00", both_days=1) == 3
    # A date is left out once: it was already, as the start's or as that of the last resumption.
    assert paused("days", "2025-09-26 09:00", "2025-09-29 17:00", both_days=1, since="2025-09-26 08:00") == 3
    assert paused("days", "2025-09-26 09:00", "2025-09-29 17:00", both_days=1, since="2025-09-25 08:00") == 4
    assert paused("seconds", "2025-09-26 09:00", "2025-09-26 10:00", both_days=1) == H
    assert paused("working seconds", "2025-09-26 11:00", "2025-09-28 10:00") == 2 * H
    assert paused("unlimited", "2025-09-26 11:00", "2025-09-28 10:00") == 0


@pytest.mark.parametrize(
    ("rule", "anchor", "expected"),
    [
        (Rule("days", 7), "2025-10-10 09:00", "2025-10-03 24:00"),
        (Rule("days", 7, rolls=True), "2025-10-10 09:00", "2025-10-03 24:00"),  # a notice is never given later
        (Rule("days", 7, clock=12 * H), "2025-10-10 09:00", "2025-10-03 12:00"),
        (Rule("days", 0), "2025-10-10 09:00", "2025-10-10 09:00"),
        (Rule("days", 1, first=True), "2025-10-10 09:00", "2025-10-10 09:00"),
        (Rule("working days", 1), "2025-10-06 09:00", "2025-09-30 24:00"),
        (Rule("working days", 3), "2025-10-04 09:00", "2025-09-28 24:00"),
        (Rule("months", 1), "2025-10-31 09:00", "2025-09-30 24:00"),
        (Rule("seconds", 48 * H), "2025-10-10 09:00", "2025-10-08 09:00"),
        (Rule("working seconds", 3 * H), "2025-09-28 09:00", "2025-09-26 09:00"),
        (Rule("working seconds", 2 * H), "2025-09-27 09:00", "2025-09-26 10:00"),
        (Rule("working seconds", 0), "2025-09-27 09:00", "2025-09-27 09:00"),
    ],
)  # fmt: skip
def test_lead(rule, anchor, expected):
    assert lead(OFFICE, rule, anchor) == expected


def test_use_in_the_unit_of_the_limit():
    def used(kind: str, a: str, b: str) -> int:
        limits, _ = coded(Rule(kind, 5))
        return clock.used_between(OFFICE.tables, limits, 0, 0, instant(OFFICE, a), instant(OFFICE, b))

    assert used("seconds", "2025-09-26 09:00", "2025-09-26 10:00") == H
    assert used("working seconds", "2025-09-26 11:00", "2025-09-28 10:00") == 2 * H
    assert used("days", "2025-09-26 23:00", "2025-09-28 01:00") == 2
    assert used("working days", "2025-09-26 23:00", "2025-10-06 01:00") == 4
    assert used("months", "2025-01-31 23:00", "2025-02-28 01:00") == 1
    assert used("months", "2025-01-30 23:00", "2025-03-29 01:00") == 1
    assert used("months", "2025-03-29 01:00", "2025-01-30 23:00") == -1


def test_outside_the_calendar_there_is_no_answer():
    for rule in (Rule("working days", 1), Rule("days", 1), Rule("working seconds", 1), Rule("weekday", 1)):
        assert due(OFFICE, rule, "2024-12-31 23:59:59") is None
        assert due(OFFICE, rule, "2026-12-31 23:59:59") is None
    assert due(OFFICE, Rule("working days", 600), "2025-09-26 16:00") is None
    assert due(OFFICE, Rule("months", 16), "2025-09-26 16:00") is None
    assert due(OFFICE, Rule("days", 1, rest_day="next opening"), "2024-12-31 10:00") is None
    assert lead(OFFICE, Rule("working days", 1), "2025-01-01 10:00") is None
    assert lead(OFFICE, Rule("days", 1), "2025-01-01 10:00") is None
    assert lead(OFFICE, Rule("working seconds", 1), "2025-01-01 08:00") is None
    # Elapsed time needs no calendar.
    assert due(OFFICE, Rule("seconds", 60), "2024-12-31 23:00") == "2024-12-31 23:01"


def test_single_questions_outside_the_calendar():
    tables, before, after = (
        OFFICE.tables,
        instant(OFFICE, "2024-12-31 10:00"),
        instant(OFFICE, "2027-01-01 00:00"),
    )
    for t in (before, after):
        assert clock.day_of(tables, 0, t) == clock.NONE
        assert clock.wall(tables, 0, t) == clock.NONE
        assert clock.worked(tables, 0, t) == clock.NONE
        assert clock.next_open(tables, 0, t) == clock.NONE
    for d in (OFFICE.first - 1, OFFICE.last + 1):
        assert clock.end_of(tables, 0, d) == clock.number(tables, 0, d) == clock.NONE
        assert clock.opening(tables, 0, d) == clock.closing(tables, 0, d) == clock.NONE
        assert clock.instant(tables, 0, d, 0) == clock.NONE
        assert clock.counts(tables, 0, d) == 0
    assert clock.nth(tables, 0, 0) == clock.nth(tables, 0, 10_000) == clock.NONE
    assert clock.reached(tables, 0, -1) == clock.reached(tables, 0, 10**9) == clock.NONE


def test_opening_and_closing():
    tables = OFFICE.tables
    friday, saturday = day(2025, 9, 26), day(2025, 9, 27)
    assert text(OFFICE, clock.opening(tables, 0, friday)) == "2025-09-26 09:00"
    assert text(OFFICE, clock.closing(tables, 0, friday)) == "2025-09-26 12:00"
    assert clock.opening(tables, 0, saturday) == clock.closing(tables, 0, saturday) == clock.NONE
    assert clock.counts(tables, 0, friday) == 1
    assert clock.counts(tables, 0, saturday) == 0
    assert clock.nth(tables, 0, clock.number(tables, 0, friday)) == friday


def test_an_unlimited_window_never_ends():
    limits, days = coded(Rule("unlimited"))
    assert clock.due_at(OFFICE.tables, limits, days, 0, 0, 0, 0, 0, 0) == clock.NEVER


@pytest.mark.parametrize(
    ("rule", "start", "expected"),
    [
        # Hours are elapsed, dates keep the wall clock.
        (Rule("seconds", 24 * H), "2018-03-10 12:00", "2018-03-11 13:00"),
        (Rule("days", 1, ends="same time"), "2018-03-10 12:00", "2018-03-11 12:00"),
        (Rule("days", 1), "2018-03-10 12:00", "2018-03-11 24:00"),
        # 02:30 on the 11th is skipped: read with the old offset. 01:30 on 4 November comes twice: the first.
        (Rule("days", 1, ends="same time"), "2018-03-10 02:30", "2018-03-11 03:30"),
        (Rule("days", 1, ends="same time"), "2018-11-03 01:30", "2018-11-04 01:30"),
        (Rule("days", 1, ends="same time"), "2018-11-03 02:00", "2018-11-04 02:00"),
        (Rule("working seconds", 24 * H), "2018-11-04 00:00", "2018-11-04 23:00"),
        (Rule("months", 1), "2024-01-31 12:00", "2024-02-29 24:00"),
        (Rule("months", 12), "2024-02-29 12:00", "2025-02-28 24:00"),
    ],
)  # fmt: skip
def test_daylight_saving(rule, start, expected):
    assert due(NEW_YORK, rule, start) == expected


def test_the_first_of_two_equal_wall_times_is_meant():
    t = clock.instant(NEW_YORK.tables, 0, day(2018, 11, 4), H + 1800)
    assert t == instant(NEW_YORK, "2018-11-04 01:30")
    assert clock.wall(NEW_YORK.tables, 0, t + 3600) == H + 1800
    assert clock.instant(NEW_YORK.tables, 0, day(2018, 11, 4), 2 * H) == t + 3600 + 1800


def test_shanghai_had_daylight_saving_from_1986_to_1991():
    # 1986-05-04 02:00 became 03:00; 1986-09-14 02:00 became 01:00.
    assert due(SHANGHAI, Rule("seconds", 24 * H), "1986-05-03 12:00") == "1986-05-04 13:00"
    assert due(SHANGHAI, Rule("days", 1, ends="same time"), "1986-05-03 12:00") == "1986-05-04 12:00"
    assert due(SHANGHAI, Rule("seconds", 24 * H), "1986-09-13 12:00") == "1986-09-14 11:00"
    assert due(SHANGHAI, Rule("seconds", 24 * H), "1992-05-02 12:00") == "1992-05-03 12:00"


def test_a_midnight_that_is_skipped_is_the_first_instant_of_its_day():
    brazil = natural("America/Sao_Paulo")
    begins = instant(brazil, "2017-10-15 01:00")
    assert clock.day_of(brazil.tables, 0, begins) == day(2017, 10, 15)
    assert clock.day_of(brazil.tables, 0, begins - 1) == day(2017, 10, 14)
    assert clock.end_of(brazil.tables, 0, day(2017, 10, 14)) == begins - 1
    assert clock.wall(brazil.tables, 0, begins) == H
    assert clock.instant(brazil.tables, 0, day(2017, 10, 15), 0) == begins


def test_a_day_that_a_zone_left_out_has_no_seconds():
    apia = natural("Pacific/Apia")  # went from 29 to 31 December 2011
    skipped = day(2011, 12, 30)
    assert clock.end_of(apia.tables, 0, skipped) == clock.end_of(apia.tables, 0, skipped - 1)
    assert clock.day_of(apia.tables, 0, clock.end_of(apia.tables, 0, skipped) + 1) == skipped + 1
    assert clock.wall(apia.tables, 0, clock.end_of(apia.tables, 0, skipped) + 1) == 0


def test_boston_keeps_the_wall_clock_and_moves_evenings_to_the_opening():
    week = as_week((*(((8 * H + 1800, 17 * H),),) * 5, (), ()))
    boston = build(
        Declaration("boston", "Boston", "America/New_York", week, day(2011, 1, 1), day(2012, 12, 31))
    )
    rule = Rule("working days", 3, ends="same time", rest_day="next working day", after="next opening")
    assert due(boston, rule, "2011-07-05 10:15") == "2011-07-08 10:15"
    assert due(boston, rule, "2011-07-05 07:15") == "2011-07-08 07:15"
    assert due(boston, rule, "2011-07-05 18:20") == "2011-07-11 08:30"
    assert due(boston, rule, "2011-07-09 18:20") == "2011-07-15 08:30"  # Saturday evening: from Tuesday 08:30
    assert due(boston, rule, "2011-11-03 12:00") == "2011-11-08 12:00"  # across the end of summer time
