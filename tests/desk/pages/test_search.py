"""Does the page find what its reader may see, in both languages, with and without htmx?"""

import pytest

from bihuan.desk import actions
from tests.desk.conftest import POLICY
from tests.desk.pages.counting import questions


@pytest.fixture
def told(desk):
    facts = {"channel": "hotline", "customer": "刘女士0042", "brief": "表箱漏电,请回电 13812345678"}
    return actions.accept(POLICY, by="alice", facts=facts)


def test_words_find_the_case_and_show_where(as_person, told):
    page = as_person("alice").get("/search/", {"q": "漏电"}).content.decode()
    assert told.number in page
    assert "138****5678" in page
    assert "13812345678" not in page


def test_charlie_of_another_station_finds_nothing(as_person, told):
    for words in ("漏电", told.number, "13812345678"):
        page = as_person("charlie").get("/search/", {"q": words}).content.decode()
        assert f"/case/{told.number}/" not in page


def test_every_page_has_the_search_and_keeps_what_was_asked(as_person, told):
    alice = as_person("alice")
    assert 'role="search"' in alice.get("/work/").content.decode()
    assert alice.get("/search/", {"q": '<b>"漏'}).content.decode().count("&lt;b&gt;&#34;漏") >= 2


def test_one_character_is_too_few(as_person, told):
    page = as_person("alice").get("/search/", {"q": "漏"}).content.decode()
    assert "至少" in page
    assert told.number not in page


def test_htmx_gets_the_rows_alone_and_nonsense_is_no_error(as_person, told):
    alice = as_person("alice")
    part = alice.get("/search/", {"q": "漏电"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert told.number in part
    assert alice.get("/search/", {"q": "漏电\0' OR", "after": "9" * 40}).status_code == 200


def test_both_languages(as_person, told):
    alice = as_person("alice")
    assert "Where it says so" not in alice.get("/search/", {"q": "漏电"}).content.decode()
    alice.post("/language/", {"language": "en", "next": "/"})
    assert "Where it says so" in alice.get("/search/", {"q": "漏电"}).content.decode()


def test_nobody_is_sent_to_log_in(client, desk):
    assert client.get("/search/?q=漏电", headers={"host": "127.0.0.1"}).status_code == 302


def test_more_cases_are_no_more_questions(as_person, told, clock):
    alice = as_person("alice")
    few = questions(alice, "/search/", q="漏电")
    for _ in range(6):
        clock.wait(minutes=1)
        actions.accept(POLICY, by="alice", facts={"channel": "hotline", "brief": "漏电"})
    assert questions(alice, "/search/", q="漏电") == few
    assert alice.get("/search/", {"q": "漏电"}).content.decode().count('href="/case/') == 7
