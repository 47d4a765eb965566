"""Who is drawn: the order anybody can repeat, how many, fair chances, and a sample that only grows."""

from collections import Counter
from fractions import Fraction
from hashlib import sha256
from math import ceil, comb
from unittest import mock

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bihuan.engine.draw import NEVER, Population, Quota, draw, first_words, key, keys, message, ratio
from bihuan.engine.errors import CallError

TENTH = Quota(Fraction(1, 10))


def population(members, quotas=(TENTH,), stratum=None, enters=None, priority=None):
    zeros = np.zeros(len(members), np.int64)
    return Population(
        pl.Series(members, dtype=pl.String),
        zeros if stratum is None else np.array(stratum, np.int64),
        quotas,
        zeros if enters is None else np.array(enters, np.int64),
        None if priority is None else np.array(priority, np.float64),
    )


def taken(one, seed="1", period="2026-10", cuts=1, recorded=None):
    found = draw(one, seed, period, cuts, recorded)
    return {member for member, cut in zip(one.members, found.cut, strict=True) if cut != NEVER}


def names(count, prefix="TS"):
    return [f"{prefix}{n:05}" for n in range(count)]


# --- the order ---


def test_the_key_of_a_member_is_the_digest_of_seed_period_and_id_on_lines():
    assert message("7", "2026-10", "甲厂") == "7\n2026-10\n甲厂".encode()
    assert key("7", "2026-10", "甲厂") == sha256("7\n2026-10\n甲厂".encode()).hexdigest()
    # as any other tool says it: printf '7\n2026-10\nA1' | sha256sum
    assert key("7", "2026-10", "A1") == "2b791fa7bc7dcd3091fd54d6b241adeb681afad53bbdcbbfd14bfd5bc264fcb0"


@given(st.lists(st.text(max_size=8), max_size=20, unique=True), st.text("ab1", max_size=3))
def test_many_keys_are_the_keys_of_each(members, seed):
    expected = [key(seed, "2026-10", member) for member in members]
    for many in (0, 10**9):  # all at once, and one by one
        with mock.patch("bihuan.engine.draw.MANY", many):
            found = keys(seed, "2026-10", pl.Series(members, dtype=pl.String))
        assert found.to_list() == expected
        assert first_words(found).tolist() == [int(one[:16], 16) for one in expected]


def test_where_first_words_are_equal_the_whole_keys_decide():
    members = population(names(95))
    expected = draw(members, "1", "2026-10").place.tolist()
    with mock.patch("bihuan.engine.draw.first_words", lambda found: first_words(found) >> np.uint64(62)):
        assert draw(members, "1", "2026-10").place.tolist() == expected


def test_a_seed_with_a_line_break_could_be_read_in_two_ways():
    with pytest.raises(CallError, match="line break"):
        key("7\n2026-10", "2026-11", "A1")


@given(st.permutations(names(40)), st.integers(0, 9))
def test_the_draw_does_not_depend_on_the_order_of_the_log(members, seed):
    assert taken(population(members), str(seed)) == taken(population(names(40)), str(seed))


def test_the_drawn_are_those_with_the_smallest_keys():
    members = names(95)
    smallest = sorted(members, key=lambda member: key("1", "2026-10", member))[:10]
    found = draw(population(members), "1", "2026-10")
    assert taken(population(members)) == set(smallest)
    assert [found.place[members.index(member)] for member in smallest] == list(range(1, 11))


# --- how many ---


@pytest.mark.parametrize(
    ("rate", "minimum", "size", "wanted"),
    [
        (0.1, 0, 0, 0),
        (0.1, 0, 1, 1),
        (0.1, 0, 10, 1),
        (0.1, 0, 11, 2),
        (0.1, 0, 30, 3),  # 0.1 * 30 is a little more than 3 in binary
        (0.07, 0, 100, 7),
        (0.01, 0, 10_000_000, 100_000),
        (0.5, 0, 1, 1),
        (0.01, 5, 100, 5),
        (0.01, 5, 3, 3),
        (1.0, 0, 7, 7),
        (0, 0, 7, 0),
        (0, 2, 7, 2),
    ],
)
def test_a_share_is_rounded_up_and_never_less_than_the_minimum(rate, minimum, size, wanted):
    assert Quota(ratio(rate), minimum).of(size) == wanted


@given(st.decimals(0, 1, places=4), st.integers(0, 5000))
def test_rounding_up_is_exact(rate, size):
    assert Quota(ratio(float(rate))).of(size) == ceil(Fraction(rate) * size)


def test_every_stratum_has_its_own_quota():
    members = names(30)
    one = population(members, (TENTH, Quota(Fraction(1)), Quota(Fraction(0), 2)), [n % 3 for n in range(30)])
    found = taken(one)
    assert Counter(members.index(member) % 3 for member in found) == {0: 1, 1: 10, 2: 2}


def test_what_has_priority_is_drawn_first_and_the_order_decides_among_equals():
    members = names(20)
    ranks = [2.0 if n in (3, 17) else np.nan if n == 5 else 1.0 for n in range(20)]
    one = population(members, (Quota(Fraction(1, 4)),), priority=ranks)
    plain = [
        m
        for m in sorted(members, key=lambda m: key("1", "2026-10", m))
        if m not in ("TS00003", "TS00017", "TS00005")
    ]
    assert taken(one) == {"TS00003", "TS00017", *plain[:3]}
    assert draw(one, "1", "2026-10").place[5] == 20  # what has no known rank comes last


# --- chances: counts over fixed seeds against exact binomial bounds; never chance, for the seeds are fixed ---


def bounds(trials, chance, alpha=1e-7):
    """The counts that a fair draw leaves with a probability below alpha on either side."""
    mass = [comb(trials, k) * chance**k * (1 - chance) ** (trials - k) for k in range(trials + 1)]
    low, below = 0, mass[0]
    while below < alpha:
        low += 1
        below += mass[low]
    high, above = trials, mass[trials]
    while above < alpha:
        high -= 1
        above += mass[high]
    return low, high


def test_every_member_has_the_same_chance():
    members, trials = names(50), 1000
    counts = Counter(member for seed in range(trials) for member in taken(population(members), str(seed)))
    low, high = bounds(trials, 0.1)
    assert set(counts) == set(members)
    assert low <= min(counts.values()) <= max(counts.values()) <= high
    assert sum(counts.values()) == 5 * trials


def test_what_one_stratum_draws_says_nothing_of_another():
    members, trials = names(10), 1000
    one = population(members, (Quota(Fraction(1, 5)), Quota(Fraction(1, 5))), [n % 2 for n in range(10)])
    pairs = Counter(
        tuple(sorted(taken(one, str(seed)), key=lambda m: int(m[2:]) % 2)) for seed in range(trials)
    )
    low, high = bounds(trials, 1 / 25)
    assert len(pairs) == 25
    assert low <= min(pairs.values()) <= max(pairs.values()) <= high


def test_what_one_period_draws_says_nothing_of_the_next():
    members, trials = names(5), 1000
    one = population(members, (Quota(Fraction(1, 5)),))
    both = Counter(
        (*taken(one, str(seed), "2026-10"), *taken(one, str(seed), "2026-11")) for seed in range(trials)
    )
    low, high = bounds(trials, 1 / 25)
    assert len(both) == 25
    assert low <= min(both.values()) <= max(both.values()) <= high


# --- growth ---

arrivals = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 2)), max_size=60)
rates = st.sampled_from(
    [Fraction(0), Fraction(1, 100), Fraction(1, 10), Fraction(1, 3), Fraction(1, 2), Fraction(1)]
)


@given(arrivals, rates, st.integers(0, 3))
def test_a_growing_population_only_tops_the_sample_up(arrived, rate, minimum):
    quotas = (Quota(rate, minimum),) * 3
    members, enters, stratum = names(len(arrived)), [e for e, _ in arrived], [s for _, s in arrived]
    found = draw(population(members, quotas, stratum, enters), "1", "2026-10", cuts=5).cut
    for cut in range(5):
        for one in range(3):
            there = [n for n in range(len(members)) if stratum[n] == one and enters[n] <= cut]
            drawn = [n for n in there if NEVER != found[n] <= cut]
            assert len(drawn) == quotas[one].of(len(there))
    assert all(cut == NEVER or cut >= enter for cut, enter in zip(found, enters, strict=True))


@given(arrivals, rates, st.integers(1, 4))
def test_a_draw_continued_from_its_record_is_the_draw(arrived, rate, stop):
    members, enters = names(len(arrived)), [e for e, _ in arrived]
    one = population(members, (Quota(rate),), None, enters)
    whole = draw(one, "1", "2026-10", cuts=5).cut
    so_far = draw(one, "1", "2026-10", cuts=stop).cut
    assert (so_far == np.where(whole < stop, whole, NEVER)).all()
    assert (draw(one, "1", "2026-10", cuts=5, recorded=so_far).cut == whole).all()


def test_who_was_drawn_stays_drawn_though_another_would_come_first():
    first, later = names(10), names(20)
    held = taken(population(first))
    late = [m for m in later if m not in first and key("1", "2026-10", m) < key("1", "2026-10", min(held))]
    assert late, "the newcomers that come first are what this is about"
    record = np.array([0 if member in held else NEVER for member in later])
    grown = taken(population(later, enters=[0] * 10 + [1] * 10), cuts=2, recorded=record)
    assert held < grown
    assert len(grown) == 2
