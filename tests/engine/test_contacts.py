"""Contacts of customers: what is counted, what is planned, what a limit holds back; against a slow count by hand."""

import datetime as dt
from collections import Counter

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.engine.contact_limits import stretch
from bihuan.engine.contact_load import contact_load
from bihuan.engine.errors import CallError, PolicyError
from bihuan.engine.replay import replay
from bihuan.files.stream import iter_outcomes
from tests.engine.small import at, log_of, policy_of

CUSTOMER = {"customer": {"type": "person", "register": True}, "unit": {"type": "unit"}}
BACK = {"id": "back", "after": "archived", "within": "3 days"}
SOFT = {"id": "soft", "after": "resolved"}
FILED = {"id": "filed", "after": "approved", "owes": {"all": ["called_back", "reported"]}, "within": "3 days"}
TWICE = {"id": "twice", "of": "called_back", "across": "customer", "in": "30 days", "above": 2}


def policy(*callbacks, contacts=(), **article):
    header = {"customer": "customer", **({"contacts": list(contacts)} if contacts else {})}
    return policy_of(policy=header, facts=CUSTOMER, article={"callback": list(callbacks), **article})


def judged(rules, *events, as_of="2026-03-20 10:00"):
    log = log_of(*((case, event, when, {"customer": customer}) for case, event, when, customer in events))
    return rules, replay(rules, {}, log, as_of=at(as_of))


def kinds(outcome):
    return outcome.contacts.select("kind", "customer", "case", "rule").rows()


def test_a_call_counts_whether_a_rule_asked_for_it_or_not():
    _, found = judged(
        policy(BACK),
        ("A", "archived", "2026-03-02 09:00", "甲"),
        ("A", "called_back", "2026-03-03 09:00", "甲"),
        ("A", "called_back", "2026-03-04 09:00", "甲"),
        ("B", "called_back", "2026-03-04 09:00", "乙"),
    )
    assert kinds(found) == [("made", "甲", "A", "back"), ("made", "甲", "A", None), ("made", "乙", "B", None)]
    assert found.summary["contacts"] == {
        "made": 3, "planned": 0, "merged": 0, "without_date": 0, "without_customer": 0,
    }  # fmt: skip


def test_a_call_after_the_instant_of_judgement_has_not_happened():
    _, found = judged(
        policy(BACK),
        ("A", "archived", "2026-03-02 09:00", "甲"),
        ("A", "called_back", "2026-03-04 09:00", "甲"),
        as_of="2026-03-03 09:00",
    )
    assert kinds(found) == [("planned", "甲", "A", "back")]


def test_planned_is_what_is_owed_on_its_due_day_or_at_once_where_that_has_passed_or_some_day():
    _, found = judged(
        policy(BACK, SOFT),
        ("A", "archived", "2026-03-19 09:00", "甲"),
        ("B", "archived", "2026-03-02 09:00", "甲"),
        ("C", "resolved", "2026-03-02 09:00", "甲"),
    )
    planned = found.contacts.select("case", pl.col("at").dt.strftime("%m-%d %H:%M"), "state").rows()
    assert planned == [("A", "03-22 23:59", "open"), ("B", "03-20 10:00", "overdue"), ("C", None, "unset")]


def test_nobody_is_called_for_what_fell_away_before_or_after_its_due_time():
    rules = policy(BACK | {"void_by": "withdrawn"})
    _, found = judged(
        rules,
        ("A", "archived", "2026-03-02 09:00", "甲"),
        ("A", "withdrawn", "2026-03-03 09:00", "甲"),
        ("B", "archived", "2026-03-02 09:00", "甲"),
        ("B", "withdrawn", "2026-03-10 09:00", "甲"),
    )
    assert found.callbacks["state"].to_list() == ["void", "overdue"]
    assert kinds(found) == []


def test_who_has_been_called_and_only_lacks_the_file_is_not_called_again():
    _, found = judged(
        policy(FILED),
        ("A", "approved", "2026-03-02 09:00", "甲"),
        ("A", "called_back", "2026-03-03 09:00", "甲"),
        ("B", "approved", "2026-03-02 09:00", "乙"),
        ("B", "reported", "2026-03-03 09:00", "乙"),
    )
    assert kinds(found) == [("made", "甲", "A", "filed"), ("planned", "乙", "B", "filed")]


def test_one_call_that_serves_two_rules_is_one_contact():
    _, found = judged(
        policy(BACK, SOFT | {"after": "archived"}),
        ("A", "archived", "2026-03-02 09:00", "甲"),
        ("A", "called_back", "2026-03-03 09:00", "甲"),
    )
    assert kinds(found) == [("made", "甲", "A", "back, soft")]


def test_the_policy_says_which_events_are_contacts():
    visits = {"id": "visit", "after": "archived", "owes": "inspected", "within": "3 days"}
    rules = policy_of(
        visits, policy={"customer": "customer", "contacts": ["called_back", "inspected"]}, facts=CUSTOMER
    )
    _, found = judged(
        rules,
        ("A", "archived", "2026-03-19 09:00", "甲"),
        ("B", "archived", "2026-03-02 09:00", "甲"),
        ("B", "inspected", "2026-03-03 09:00", "甲"),
    )
    assert kinds(found) == [("made", "甲", "B", "visit"), ("planned", "甲", "A", "visit")]


def test_without_a_customer_in_the_policy_there_is_nothing():
    rules = policy_of(BACK | {"owes": "called_back"}, facts=CUSTOMER)
    found = replay(rules, {}, log_of(("A", "called_back", "2026-03-03 09:00", {"customer": "甲"})))
    assert found.contacts.width == 0
    assert "contacts" not in found.summary
    with pytest.raises(CallError, match=r"test/small does not say who is called"):
        contact_load((rules, found))


# --- limits ---


def held(found):
    return found.left.select("case", "why", "by", "under", "rule", "state").rows()


def test_a_limit_holds_back_what_is_planned_and_the_duty_stays_open():
    side = judged(
        policy(BACK, count=[TWICE]),
        ("A", "called_back", "2026-03-01 09:00", "甲"),
        ("B", "called_back", "2026-03-10 09:00", "甲"),
        ("C", "archived", "2026-03-18 09:00", "甲"),
        ("D", "archived", "2026-03-18 09:00", "乙"),
    )
    found = contact_load(side)
    assert held(found) == [("C", "held", "twice", "1", "back", "open")]
    assert found.customers.select("customer", "contacts", "held", "most").rows() == [
        ("甲", 2, 1, 2),
        ("乙", 1, 0, 1),
    ]
    assert found.limits.rows() == [("test/small", "twice", "1", 2, "30 days")]


def test_dates_count_from_the_first_of_the_calls_to_the_last_day_of_the_stretch():
    calls = [("A", "called_back", "2026-03-01 23:00", "甲"), ("B", "called_back", "2026-03-10 09:00", "甲")]
    late = ("C", "archived", "2026-03-28 09:00", "甲")  # due on the 31st, the thirtieth day after the first
    later = ("C", "archived", "2026-03-29 09:00", "甲")
    sides = [
        judged(policy(BACK, count=[TWICE]), *calls, last, as_of="2026-03-30 10:00") for last in (late, later)
    ]
    assert [len(held(contact_load(side))) for side in sides] == [1, 0]


def test_what_is_held_back_makes_room_for_later_ones():
    side = judged(
        policy(BACK, count=[TWICE | {"above": 1}]),
        ("A", "archived", "2026-03-17 09:00", "甲"),
        ("B", "archived", "2026-03-18 09:00", "甲"),
        ("C", "archived", "2026-03-19 09:00", "甲"),
    )
    assert [row[0] for row in held(contact_load(side))] == ["B", "C"]


def test_several_policies_share_their_customers_and_see_one_call_once():
    events = [
        ("A", "archived", "2026-03-02 09:00", "甲"),
        ("A", "resolved", "2026-03-02 10:00", "甲"),
        ("A", "called_back", "2026-03-03 09:00", "甲"),
        ("B", "archived", "2026-03-19 09:00", "甲"),
        ("C", "resolved", "2026-03-19 09:00", "甲"),
    ]
    sides = [judged(policy(BACK), *events), judged(policy(SOFT), *events)]
    found = contact_load(*sides)
    assert found.contacts.filter(pl.col("kind") == "made")["rule"].to_list() == ["back, soft"]
    assert found.customers.select("contacts", "made", "planned").rows() == [(3, 1, 2)]


@pytest.mark.parametrize("text", ["3 working days", "Sunday", "2 days 10:00", "soon"])
def test_a_window_is_a_stretch(text):
    with pytest.raises(Exception, match=r"30 days|expected|limit"):
        stretch(text)


# --- one call for several ---

SAME = {"by": "customer", "within": "same day"}


def test_a_call_that_serves_two_cases_is_one_contact_and_what_came_after_it_stays_open():
    side = judged(
        policy(BACK | {"merge": SAME}, SOFT | {"merge": SAME}),
        ("A", "archived", "2026-03-18 09:00", "甲"),
        ("B", "resolved", "2026-03-18 11:00", "甲"),
        ("A", "called_back", "2026-03-18 12:00", "甲"),
        ("C", "archived", "2026-03-18 15:00", "甲"),
        ("D", "archived", "2026-03-18 15:00", "乙"),
    )
    calls = side[1].callbacks.select("case", "done_at", "merged").rows()
    assert [(case, done is not None, lead) for case, done, lead in calls] == [
        ("A", True, None), ("B", True, "A"), ("C", False, "A"), ("D", False, None),
    ]  # fmt: skip
    assert kinds(side[1]) == [
        ("made", "甲", "A", "back"), ("merged", "甲", "C", "back"), ("planned", "乙", "D", "back"),
    ]  # fmt: skip
    assert contact_load(side).left.select("case", "why", "by", "state").rows() == [
        ("C", "merged", "A", "open")
    ]


def test_until_somebody_calls_one_of_them_is_planned():
    side = judged(
        policy(BACK | {"merge": {"by": "customer", "within": "2 days"}}),
        ("A", "archived", "2026-03-17 09:00", "甲"),
        ("B", "archived", "2026-03-19 23:00", "甲"),
        ("C", "archived", "2026-03-20 00:00", "甲"),
    )
    assert [row[0] for row in kinds(side[1])] == ["planned", "merged", "planned"]


def test_a_call_in_the_case_of_one_that_joined_serves_the_lead_too():
    _, found = judged(
        policy(BACK | {"merge": SAME}),
        ("A", "archived", "2026-03-18 09:00", "甲"),
        ("B", "archived", "2026-03-18 11:00", "甲"),
        ("B", "called_back", "2026-03-19 12:00", "甲"),
    )
    assert found.callbacks["state"].to_list() == ["met", "met"]
    assert kinds(found) == [("made", "甲", "B", "back")]


def test_without_its_stretch_nothing_is_merged():
    rules = policy_of(
        policy={"customer": "customer"},
        facts=CUSTOMER,
        parameters={"together": {"origin": "missing"}},
        article={"callback": [BACK | {"merge": {"by": "customer", "within": "together"}}]},
    )
    events = [("A", "archived", "2026-03-18 09:00", "甲"), ("B", "archived", "2026-03-18 09:00", "甲")]
    assert [row[0] for row in kinds(judged(rules, *events)[1])] == ["planned", "planned"]


def test_a_merge_within_working_days_is_refused():
    rules = policy(BACK | {"merge": {"by": "customer", "within": "2 working days"}})
    with pytest.raises(PolicyError, match=r"callback back merges within 2 working days: expected same day"):
        judged(rules, ("A", "archived", "2026-03-18 09:00", "甲"))


def test_portions_cannot_merge(tmp_path):
    rules = policy(BACK | {"merge": SAME})
    (tmp_path / "log.csv").write_text("case,event,at\nA,archived,2026-03-18 09:00\n", "utf-8")
    with pytest.raises(CallError, match=r"back may be served by a call for another case"):
        list(iter_outcomes(rules, {}, tmp_path / "log.csv"))


# --- against a slow count ---

DAYS = st.integers(0, 60)
CASES = st.lists(
    st.tuples(st.sampled_from("甲乙丙"), DAYS, st.none() | DAYS, st.lists(DAYS, max_size=2)),
    min_size=1,
    max_size=12,
)


def day(number, hour):
    return dt.datetime(2026, 1, 1, hour) + dt.timedelta(number)


def told(cases):
    """Each case is archived, perhaps called back so many days later, and called for nothing on some other days."""
    for n, (customer, archived, called, others) in enumerate(cases):
        yield f"C{n}", "archived", str(day(archived, 9)), customer
        if called is not None:
            yield f"C{n}", "called_back", str(day(archived + called, 10)), customer
        yield from ((f"X{n}", "called_back", str(day(other, 11)), customer) for other in others)


@settings(max_examples=60)
@given(CASES, st.integers(0, 3), st.integers(0, 70))
def test_counts_are_those_of_a_slow_count(cases, most, end):
    rules = policy(BACK, count=[TWICE | {"above": most, "in": "10 days"}])
    events = list(dict.fromkeys(told(cases)))
    side = judged(rules, *events, as_of=str(day(end, 12)))
    found = contact_load(side, window="10 days")
    made, planned, back = slow(events, most, day(end, 12))
    wanted = {name: (made[name], planned[name], back[name]) for name in made | planned | back}
    assert {
        row[0]: row[1:] for row in found.customers.select("customer", "made", "planned", "held").rows()
    } == wanted
    for customer, densest in found.customers.select("customer", "most").rows():
        kept = [
            at.date() for at in found.contacts.filter(
                pl.col("customer") == customer, pl.col("kind").is_in(["made", "planned"])
            )["at"].to_list()
        ]  # fmt: skip
        spans = [sum(one <= other <= one + dt.timedelta(10) for other in kept) for one in kept]
        assert (densest or 0) == max(spans, default=0)


def slow(events, most, end):
    """Case by case, call by call."""
    made, calls, owed = Counter(), {}, []
    for _, event, when, customer in events:
        at_ = dt.datetime.fromisoformat(when)
        if at_ <= end and event == "called_back":
            made[customer] += 1
            calls.setdefault(customer, []).append(at_.date())
    for case, event, when, customer in events:
        at_ = dt.datetime.fromisoformat(when)
        if event == "archived" and at_ <= end:
            done = [e for e in events if e[0] == case and e[1] == "called_back" and e[2] <= str(end)]
            if not done:
                due = dt.datetime.combine(at_.date() + dt.timedelta(3), dt.time(23, 59, 59))
                owed.append((max(due, end), int(case[1:]), customer))
    planned, held_back = Counter(), Counter()
    for due, _, customer in sorted(owed):
        near = [one for one in calls.get(customer, []) if one <= due.date() <= one + dt.timedelta(10)]
        if len(near) >= most:
            held_back[customer] += 1
        else:
            planned[customer] += 1
            calls.setdefault(customer, []).append(due.date())
    return made, planned, held_back
