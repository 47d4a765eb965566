"""Ledgers: nothing is lost, nothing goes below zero, the order of reading does not matter, entries rebuild all."""

from collections import defaultdict
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.engine.ledger import SIGNS, Debt, booked, left_of, months, rebuilt

MONTHS = [date(2026, month, 1) for month in range(1, 13)]
PARTIES = ("甲", "乙")
LAST = date(2026, 12, 31)
cents = st.integers(1, 500_00).map(lambda n: Decimal(n) / 100)
debts = st.lists(
    st.tuples(
        st.sampled_from(PARTIES),
        st.sampled_from(MONTHS),
        st.integers(0, 3),
        cents,
        st.none() | st.sampled_from(MONTHS),
    ),
    max_size=12,
).map(
    lambda rows: [
        Debt(f"c{n}", party, since, order, amount, None if back is None else max(since, back))
        for n, (party, since, order, amount, back) in enumerate(rows)
    ]
)
pays = st.dictionaries(st.tuples(st.sampled_from(PARTIES), st.sampled_from(MONTHS)), cents, max_size=24)


def debt(number, since, amount, back=None, order=0):
    return Debt(
        number, "甲", date.fromisoformat(since), order, Decimal(amount), back and date.fromisoformat(back)
    )


def pay(**months_):
    return {("甲", date(2026, int(name[1:]), 1)): Decimal(amount) for name, amount in months_.items()}


def book(some, paid, keep=0, carry=True, until=LAST):
    return booked(some, paid, until, carry=carry, keep=lambda _: Decimal(keep))


def lines(found):
    return [
        (f"{entry.month:%m}", entry.kind, entry.number, str(entry.amount), str(entry.balance))
        for entry in found.entries
    ]


def test_what_a_months_pay_cannot_bear_is_carried_on_first_in_first_out():
    some = [debt("b", "2026-01-01", 50, order=2), debt("a", "2026-01-01", 80, order=1)]
    assert lines(book(some, pay(m1=100, m2=20, m3=500), keep=0)) == [
        ("01", "charged", "a", "80", "80"),
        ("01", "charged", "b", "50", "130"),
        ("01", "deducted", "a", "80", "50"),
        ("01", "deducted", "b", "20", "30"),
        ("02", "deducted", "b", "20", "10"),
        ("03", "deducted", "b", "10", "0"),
    ]


def test_what_must_be_kept_is_kept():
    found = book([debt("a", "2026-01-01", 80)], pay(m1=100, m2=60, m3=40), keep=60, until=date(2026, 3, 31))
    assert [(m, kind, amount) for m, kind, _, amount, _ in lines(found)] == [
        ("01", "charged", "80"),
        ("01", "deducted", "40"),
    ]
    assert found.carried == {"甲": Decimal(40)}


def test_a_month_without_pay_data_is_told_and_what_is_owed_waits():
    found = book([debt("a", "2026-01-01", 80)], pay(m2=100), until=date(2026, 2, 28))
    assert found.unpaid == [("甲", date(2026, 1, 1), Decimal(80))]
    assert lines(found)[-1] == ("02", "deducted", "a", "80", "0")


def test_a_reversal_gives_back_what_was_deducted():
    found = book([debt("a", "2026-01-01", 80, back="2026-03-01")], pay(m1=30, m2=20, m3=100))
    assert lines(found) == [
        ("01", "charged", "a", "80", "80"),
        ("01", "deducted", "a", "30", "50"),
        ("02", "deducted", "a", "20", "30"),
        ("03", "refunded", "a", "50", "80"),
        ("03", "reversed", "a", "80", "0"),
    ]


def test_without_carrying_what_the_month_did_not_bear_is_dropped():
    found = book([debt("a", "2026-01-01", 80)], pay(m1=30, m2=100), carry=False)
    assert [kind for _, kind, *_ in lines(found)] == ["charged", "deducted", "dropped"]


def test_only_closed_months_bear_anything():
    """April was never settled: its pay is left alone, and May goes on where March stopped."""
    some = [debt("a", "2026-03-01", 80, back="2026-05-01"), debt("b", "2026-03-01", 50, order=1)]
    closed = [date(2026, 3, 1), date(2026, 5, 1)]
    found = booked(some, pay(m3=90, m4=500, m5=500), LAST, carry=True, keep=lambda _: Decimal(0), closed=closed)  # fmt: skip
    assert lines(found) == [
        ("03", "charged", "a", "80", "80"),
        ("03", "charged", "b", "50", "130"),
        ("03", "deducted", "a", "80", "50"),
        ("03", "deducted", "b", "10", "40"),
        ("05", "refunded", "a", "80", "120"),
        ("05", "reversed", "a", "80", "40"),
        ("05", "deducted", "b", "40", "0"),
    ]


def test_a_ledger_without_pay_to_deduct_from_says_what_is_owed():
    found = booked([debt("a", "2026-01-01", 80)], None, LAST, carry=False, keep=lambda _: None)
    assert lines(found) == [("01", "charged", "a", "80", "80")]
    assert found.carried == {"甲": Decimal(80)}
    assert found.unpaid == []


@pytest.mark.parametrize(("first", "last", "count"), [("2026-01-31", "2026-01-01", 1), ("2026-02-01", "2026-01-31", 0)])  # fmt: skip
def test_months_at_the_edges(first, last, count):
    assert len(list(months(date.fromisoformat(first), date.fromisoformat(last)))) == count


@given(debts, pays, st.integers(0, 100), st.booleans())
def test_charged_is_deducted_and_reversed_and_dropped_and_carried(some, paid, keep, carry):
    found = book(some, paid, keep, carry)
    sums = defaultdict(Decimal)
    for entry in found.entries:
        sums[entry.kind] += entry.amount
    assert sums["charged"] == sum(debt.amount for debt in some)
    carried = sum(found.carried.values(), Decimal(0))
    assert (
        sums["charged"] + sums["refunded"] == sums["deducted"] + sums["reversed"] + sums["dropped"] + carried
    )


@given(debts, pays, st.integers(0, 100), st.booleans())
def test_nobody_owes_less_than_nothing_and_no_pay_bears_more_than_it_may(some, paid, keep, carry):
    found = book(some, paid, keep, carry)
    taken = defaultdict(Decimal)
    for entry in found.entries:
        assert entry.balance >= 0
        assert entry.amount > 0
        if entry.kind == "deducted":
            taken[entry.party, entry.month] += entry.amount
    assert all(amount <= max(paid[key] - keep, Decimal(0)) for key, amount in taken.items())
    assert all(owed >= 0 for party in rebuilt(found.entries).values() for owed in party.values())


@given(debts, debts, pays, st.integers(0, 100))
def test_two_ledgers_that_share_a_pay_never_take_more_than_there_is(first, second, paid, keep):
    one = book(first, paid, keep)
    two = book(second, left_of(paid, one.entries), keep)
    taken = defaultdict(Decimal)
    for entry in (*one.entries, *two.entries):
        if entry.kind == "deducted":
            taken[entry.party, entry.month] += entry.amount
    assert all(amount <= max(paid[key] - keep, Decimal(0)) for key, amount in taken.items())
    for found, some in ((one, first), (two, second)):
        assert sum(e.amount for e in found.entries if e.kind == "charged") == sum(d.amount for d in some)


@given(debts, pays, st.sets(st.sampled_from(MONTHS)))
def test_months_that_are_not_closed_bear_nothing_and_nothing_is_lost(some, paid, closed):
    """A debt stands from the first closed month on; as `bookings` does, debts begin and end in closed months."""
    held = [d for d in some if d.since in closed and (d.reversed_in is None or d.reversed_in in closed)]
    found = booked(held, paid, LAST, carry=True, keep=lambda _: Decimal(0), closed=closed)
    sums = defaultdict(Decimal)
    for entry in found.entries:
        assert entry.month in closed
        sums[entry.kind] += entry.amount
    assert sums["charged"] == sum(debt.amount for debt in held)
    assert sums["charged"] + sums["refunded"] == sums["deducted"] + sums["reversed"] + sum(found.carried.values(), Decimal(0))  # fmt: skip


@given(debts, pays, st.randoms(use_true_random=False))
def test_the_order_in_which_debts_are_read_does_not_matter(some, paid, random):
    shuffled = list(some)
    random.shuffle(shuffled)
    assert book(shuffled, paid) == book(some, paid)


@given(debts, pays, st.booleans())
def test_the_entries_alone_rebuild_every_balance(some, paid, carry):
    found = book(some, paid, 10, carry)
    running = defaultdict(Decimal)
    for entry in found.entries:
        running[entry.party] += SIGNS[entry.kind] * entry.amount
        assert running[entry.party] == entry.balance
    for party, owed in rebuilt(found.entries).items():
        assert sum(owed.values(), Decimal(0)) == running[party] == found.carried[party]


@given(debts, pays, st.integers(1, 11))
def test_a_ledger_continued_is_the_ledger_at_once(some, paid, month):
    """What is booked up to a month is the beginning of what is booked up to a later one."""
    early = book(some, paid, until=date(2026, month, 1)).entries
    late = book(some, paid).entries
    for party in PARTIES:
        before = [entry for entry in early if entry.party == party]
        after = [entry for entry in late if entry.party == party]
        assert after[: len(before)] == before
