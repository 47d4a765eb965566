"""Is everything found that was said, by whoever may see it, and nothing by the others?"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from bihuan.desk import actions, counts, search, sight
from bihuan.desk.errors import ForbiddenError
from bihuan.desk.models import Findable, Person
from bihuan.desk.rebuild import rebuild
from bihuan.desk.search import asking, indexing, words
from bihuan.desk.tables import fetch
from tests.desk.conftest import POLICY

pytestmark = pytest.mark.django_db


def person(code):
    return Person.objects.select_related("unit").get(code=code)


def numbers(code, text):
    return [hit.case.number for hit in search.find(person(code), text).rows]


@pytest.fixture
def told(desk):
    """A complaint with a long story and a telephone number in it."""
    facts = {"channel": "hotline", "customer": "刘女士0042", "source": "customer"}
    facts |= {"brief": "龙水镇表箱漏电,请回电 13812345678"}
    return actions.accept(POLICY, by="alice", facts=facts)


@pytest.mark.parametrize(
    "text", ["漏电", "表箱漏", "刘女士", "女士0042", "回电 漏电", "5678", "13812345678", "渠道"]
)
def test_two_characters_are_enough(told, text):
    found = numbers("alice", text)
    assert found == ([told.number] if text != "渠道" else [])


@pytest.mark.parametrize(
    "text", ["电漏", "漏", "", "停电", "漏电 停电", "'; DROP", '" OR "', "1381", "2345", "漏*"]
)
def test_what_was_not_said_or_is_masked_is_not_found(told, text):
    assert numbers("alice", text) == []


def test_the_index_itself_finds_only_pairs_that_follow_each_other(told):
    assert asking.newest([[["表箱", "箱漏"]], [["回电"], ["停电"]]], 9) == [told.pk]
    assert asking.newest([[["漏电", "表箱"]]], 9) == asking.newest([[["表箱"]], [["停电"]]], 9) == []


def test_a_case_is_found_by_its_number_and_its_last_digits(told):
    assert numbers("alice", told.number) == [told.number]
    assert numbers("alice", told.number[-4:]) == [told.number]
    assert numbers("charlie", told.number) == []


def test_a_number_without_end_is_kept_found_and_asked_for(desk):
    """PostgreSQL indexes no word of more than 2 kB, nor takes one in a question."""
    facts = {"channel": "hotline", "source": "customer", "brief": f"号码 {'7' * 3000}"}
    case = actions.accept(POLICY, by="alice", facts=facts)
    assert numbers("alice", "7" * 3000) == [case.number]
    assert numbers("alice", "7" * 99) == []


def test_what_stands_around_is_shown_masked(told):
    (hit,) = search.find(person("alice"), "漏电").rows
    assert hit.places == (("简要情况", "龙水镇表箱漏电,请回电 138****5678"),)
    (hit,) = search.find(person("alice"), "刘女士").rows
    assert "刘女士" not in str(hit.places)


def test_another_unit_finds_nothing_until_the_case_comes_there(told, clock):
    assert numbers("charlie", "漏电") == numbers("bob", "漏电") == []
    for event, by, facts, unit in (
        ("ticket_made", "alice", {"item": "billing"}, None),
        ("classified", "dana", {"severity": "ordinary", "complex": False, "grave": False}, None),
        ("team_reviewed", "alice", {}, None),
        ("dispatched", "alice", {"sent_to": "centre"}, "龙水供电所"),
    ):
        clock.wait(minutes=2)
        actions.append(told.number, event, by=by, facts=facts, unit=unit)
    assert numbers("bob", "漏电") == [told.number]
    assert numbers("bob", "龙水供电") == [told.number]
    assert numbers("charlie", "漏电") == []


def test_a_hidden_fact_finds_nothing(told, monkeypatch):
    veil = sight.Veil(frozenset({"customer"}))
    monkeypatch.setattr(sight, "veil", lambda *told: veil)
    assert numbers("alice", "刘女士") == []
    assert numbers("alice", "漏电") == [told.number]


def test_a_destroyed_archive_is_found_no_more(told, clock):
    from bihuan.desk.models import Case

    clock.wait(days=1)
    Case.objects.filter(pk=told.pk).update(closed_at=clock())
    actions.destroy(told.number, by="alice", approved_by="admin", reason="期满")
    assert numbers("alice", "漏电") == []
    assert not Findable.objects.exists()


def test_rebuilding_changes_nothing_and_puts_a_lost_index_right(told):
    assert told.number not in rebuild().changed
    Findable.objects.update(text="漏电")
    search.renew()
    rebuild()
    assert numbers("alice", "表箱漏") == [told.number]


@pytest.fixture
def pieces(told):
    """The case said anew so many times; how many pieces the index of SQLite is then in."""
    if connection.vendor != "sqlite":
        pytest.skip("PostgreSQL looks after its own index")

    def said(times):
        for n in range(times):
            indexing.put_in(told.pk, indexing.indexed(told), f"表箱 箱漏 漏电 {n}")
        return counted()

    return said


def counted():
    return fetch("SELECT count(DISTINCT segid) FROM desk_words_idx")[0][0]


def test_whoever_writes_brings_the_index_together_a_little_at_a_time(pieces, monkeypatch):
    assert max(pieces(1) for _ in range(100)) <= 2 * 16, "so many of a level are made one (migration 0010)"
    monkeypatch.setattr(indexing, "EVERY", 10_000)
    assert pieces(50) > 50, "SQLite brings nothing together by itself"


def test_after_a_load_the_index_is_settled(told, pieces, monkeypatch):
    monkeypatch.setattr(indexing, "EVERY", 10_000)
    assert pieces(50) >= 50
    indexing.settle()
    assert counted() < 16
    assert fetch("SELECT rowid FROM desk_words WHERE desk_words MATCH '漏电'") == [(told.pk,)]


def test_all_are_found_page_by_page_the_newest_first(desk, clock):
    made = []
    for _ in range(7):
        clock.wait(minutes=1)
        facts = {"channel": "hotline", "brief": "漏电"}
        made.append(actions.accept(POLICY, by="alice", facts=facts).number)
    found, after = [], None
    while True:
        page = search.find(person("admin"), "漏电", after=after, size=3)
        found += [hit.case.number for hit in page.rows]
        after = page.after
        if after is None:
            break
    assert found == made[::-1]


def test_the_database_is_asked_no_more_often_for_more_cases(told, clock):
    def asked():
        with CaptureQueriesContext(connection) as found:
            assert search.find(person("alice"), "漏电").rows
        return len(found)

    few = asked()
    for _ in range(5):
        clock.wait(minutes=1)
        actions.accept(POLICY, by="alice", facts={"channel": "hotline", "brief": "漏电"})
    assert asked() == few


WORDS = st.text("停电漏表箱检修AB12 ,", min_size=1, max_size=30)


@given(WORDS, st.integers(0, 29), st.integers(2, 6))
def test_every_part_of_a_text_is_found_in_it(text, start, size):
    part = text[start : start + size]
    if not any(map(words.is_long, words.pieces(text))):
        whole = f" {' '.join(words.tokens(text))} "
        assert all(f" {' '.join(phrase)} " in whole for phrase in words.phrases(part))


def test_similar_cases_share_half_of_their_words_and_are_seen_by_whoever_asks(told, clock):
    clock.wait(minutes=1)
    actions.accept(POLICY, by="alice", facts={"channel": "hotline", "brief": "电费多收了"})
    near = search.similar(person("alice"), ["龙水镇表箱又漏电"])
    assert [hit.case.number for hit in near] == [told.number]
    assert "漏电" in str(near[0].places) or "表箱" in str(near[0].places)
    assert search.similar(person("charlie"), ["龙水镇表箱又漏电"]) == []
    assert search.similar(person("alice"), ["漏电"]) == [], "too little to compare"


def test_nobody_tries_out_the_digits_that_are_masked(told, monkeypatch):
    counts.forget()
    monkeypatch.setattr("bihuan.desk.search.finding.NUMBERS", 3)
    assert [numbers("alice", f"1381234567{last}") for last in "012"] == [[], [], []]
    with pytest.raises(ForbiddenError, match="more than 3 numbers"):
        numbers("alice", "13812345678")
    assert numbers("alice", "漏电") == [told.number]
    assert numbers("dana", "13812345679") == []
