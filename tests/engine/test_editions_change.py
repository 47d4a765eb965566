"""A month in which an edition changes: what is owed over several cases, and charges, figures, archives, contacts.

The new edition judges from 15 March 2026 on: 2 days instead of 10, a fine of 50 instead of 100, kept 3 years instead of 1,
and it says who the customers are and calls back half of them. Expected by hand.
"""

import datetime as dt

import polars as pl
import pytest

from bihuan.engine.archives import archives_editions
from bihuan.engine.assess import assess_editions
from bihuan.engine.editions import replay_editions
from bihuan.engine.errors import CallError
from bihuan.engine.explain import explain_editions
from bihuan.engine.indicators import indicators_editions
from bihuan.engine.log import as_log
from bihuan.engine.policy import parse_policy
from bihuan.engine.site import REGISTER, Site
from tests.engine.small import ZONE, at, shown

FACTS = {
    "unit": {"type": "unit", "register": True},
    "customer": {"type": "person"},
    "paper": {"type": "text"},
}


def edition(day, within, amount, keep, callback, **header):
    about = {
        "id": "test/answers",
        "title": "答复",
        "edition": day,
        "status": "in force",
        "source": {"file": "test", "lines": "1"},
        "zone": ZONE,
        "edition_by": "accepted",
        **header,
    }
    article = {
        "no": "1",
        "says": "按期答复,每月上报,每月检查",
        "obligation": [
            {"id": "answer", "after": "accepted", "owes": "answered", "within": within, "by": "unit"},
            {"id": "monthly", "every": "calendar month", "owes": "reported"},
            {"id": "inspect", "across": "unit", "every": "calendar month", "owes": "inspected"},
        ],
        "callback": [{"id": "call", "after": "answered", "within": "3 days", **callback}],
        "charge": [{"id": "fine", "on": "answer.missed", "payer": "owner", "amount": amount}],
        "indicator": [
            {
                "id": "on-time",
                "count": {"rows": "answer", "where": {"state": "met"}},
                "over": {"count": {"rows": "answer"}},
                "period": "calendar month",
            }
        ],
        "archive": [{"id": "file", "holds": ["form"], "after": "answered", "keep": keep}],
    }
    return parse_policy(
        {
            "policy": about,
            "facts": FACTS,
            "roles": {"unit": {"label": "单位", "fact": "unit"}},
            "forms": {"form": {"label": "表", "fields": ["paper"]}},
            "parameters": {"sampling_seed": {"value": 7, "origin": "user"}},
            "article": [article],
        }
    )


CHANGE = dt.date(2026, 3, 15)
OLD = edition(dt.date(2020, 1, 1), "10 days", 100, "1 year", {}, until=dt.date(2026, 3, 14))
NEW = edition(CHANGE, "2 days", 50, "3 years", {"rate": 0.5}, customer="customer")
BOTH = [OLD, NEW]
ANSWERED = [
    ("A", "02", "20"),  # old: due on the 12th, late
    ("B", "10", "12"),
    ("C", "14", "18"),  # the last day of the old edition
    ("D", "15", "18"),  # the first of the new: due on the 17th, late
    ("E", "16", "17"),
]


def log_of(*more):
    rows = [
        {"case": case, "event": event, "at": at(f"2026-03-{day} {hour}:00"), "unit": "城东", "customer": "甲"}
        for case, first, last in ANSWERED
        for event, day, hour in (
            ("accepted", first, "09"),
            ("answered", last, "10"),
            ("called_back", last, "15"),
        )
    ]
    rows += [{"case": case, "event": event, "at": at(when), "unit": "城东"} for case, event, when in more]
    return as_log(rows, zone=ZONE)


LOG = log_of(
    ("A", "reported", "2026-03-31 09:00"),  # each by a case of the other edition
    ("E", "inspected", "2026-03-28 09:00"),
)
END = at("2026-04-20 09:00")
REGISTERED = {"subject": ["城东"], "since": [dt.date(2026, 1, 1)], "until": [None]}
SITE = Site(registers={"unit": pl.DataFrame(REGISTERED, schema=REGISTER)})


def of(outcome, rule):
    rows = [row for row in outcome.obligations.to_dicts() if row["rule"] == rule]
    return [(row["case"], shown(row["started_at"]), row["state"]) for row in rows]


def test_what_the_company_owes_is_owed_once_a_month_by_the_edition_of_the_first_day():
    found = replay_editions(BOTH, {}, LOG, END)
    assert of(found, "monthly") == [
        ("company", "2026-03-01 00:00", "met"),
        ("company", "2026-04-01 00:00", "open"),
    ]


@pytest.mark.parametrize(("site", "months"), [(None, ["03", "04"]), (SITE, ["01", "02", "03", "04"])])
def test_what_a_subject_owes_sees_the_cases_of_both_editions(site, months):
    found = replay_editions(BOTH, {}, LOG, END, site)
    states = {"01": "overdue", "02": "overdue", "03": "met", "04": "open"}
    assert of(found, "inspect") == [("城东", f"2026-{month}-01 00:00", states[month]) for month in months]


def test_a_new_edition_without_a_case_owes_what_recurs():
    log = as_log([{"case": "A", "event": "accepted", "at": at("2026-03-02 09:00")}], zone=ZONE)
    found = replay_editions(BOTH, {}, log, END)
    assert [row[1] for row in of(found, "monthly")] == ["2026-03-01 00:00", "2026-04-01 00:00"]
    assert found.summary["editions"] == {"2020-01-01": 1, "2026-03-15": 0}


def test_columns_that_one_edition_lacks_are_empty_there():
    """Only the new edition says who the customers are, and calls back a sample."""
    found = replay_editions(BOTH, {}, LOG, END)
    calls = {row["case"]: (row["customer"], row["state"]) for row in found.callbacks.to_dicts()}
    assert {case: calls[case] for case in "ABC"} == dict.fromkeys("ABC", (None, "met"))
    drawn = calls.keys() - set("ABC")
    assert len(drawn) == 1  # half of two
    assert {calls[case] for case in drawn} == {("甲", "overdue")}
    assert set(found.contacts["case"]) == {"D", "E"}


def test_each_case_is_charged_by_its_own_edition():
    charges = assess_editions(BOTH, {}, LOG, END).charges
    assert sorted((row["case"], str(row["amount"])) for row in charges.to_dicts()) == [
        ("A", "100.00"),
        ("D", "50.00"),
    ]


def test_figures_of_one_month_stand_apart_by_edition():
    found = indicators_editions(BOTH, {}, LOG, END, names=("on-time",)).figures
    whole = [row for row in found.to_dicts() if row["unit"] is None and row["period"] == "2026-03"]
    assert [(str(row["edition"]), row["numerator"], row["denominator"]) for row in whole] == [
        ("2020-01-01", "2", "3"),
        ("2026-03-15", "1", "2"),
    ]


def test_archives_are_kept_as_long_as_the_edition_of_their_case_says():
    kept = archives_editions(BOTH, {}, LOG, END)
    until = {row["case"]: shown(row["keep_until"])[:4] for row in kept.to_dicts()}
    assert until == {"A": "2027", "B": "2027", "C": "2027", "D": "2029", "E": "2029"}


@pytest.mark.parametrize("site", [None, SITE])
@pytest.mark.parametrize("name", ["A", "B", "C", "D", "E", "company", "城东"])
def test_each_row_is_explained_under_the_edition_that_judged_it(name, site):
    found = replay_editions(BOTH, {}, LOG, END, site)
    told = explain_editions(BOTH, {}, LOG, name, END, site)
    rows = [row for table in (found.obligations, found.callbacks) for row in table.drop("row").to_dicts()]
    rows = sorted((row for row in rows if row["case"] == name), key=lambda row: row["started_at"])
    assert rows
    assert [one.row["rule"] for one in told] == [row["rule"] for row in rows]
    for one, row in zip(told, rows, strict=True):
        assert {key: value for key, value in row.items() if value is not None}.items() <= dict(
            one.row
        ).items()


def test_a_case_of_a_day_without_an_edition_is_not_explained():
    log = log_of(("old", "accepted", "2019-12-31 09:00"))
    with pytest.raises(CallError, match="no edition was in force on 2019-12-31, the day of this case"):
        explain_editions(BOTH, {}, log, "old", END)


def test_an_unknown_case_under_several_editions_is_an_error_of_the_call():
    with pytest.raises(CallError, match="no case 'nobody' in this log"):
        explain_editions(BOTH, {}, LOG, "nobody", END)
