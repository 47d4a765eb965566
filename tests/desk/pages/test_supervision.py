"""Do the figures agree with the lists behind them, for whoever may see them?"""

import re

import pytest

from bihuan.desk import actions
from bihuan.desk.tick import tick
from tests.desk.conftest import POLICY
from tests.desk.pages.counting import questions


@pytest.fixture
def busy(desk, clock):
    """Complaints of two days, some overdue by now."""
    for day in (1, 2, 3):
        clock.set(f"2025-09-0{day} 09:00")
        for _ in range(2):
            clock.wait(minutes=1)
            actions.accept(POLICY, by="alice", facts={"channel": "hotline", "customer": "刘女士0042"})
    clock.set("2025-09-03 09:30")
    tick()


def tiles(page):
    return [int(n) for n in re.findall(r'tile-number[^"]*">(\d+)<', page)]


def rows(page):
    """Cases in the list beneath the charts."""
    return len(
        re.findall(r'<td data-head="(?:案件|工单|Case)[^"]*"><a href="/case/', page.split('id="rows"')[1])
    )


@pytest.mark.parametrize("who", ["alice", "admin", "dana"])
def test_each_figure_is_as_long_as_its_list(as_person, busy, who):
    client = as_person(who)
    client.post("/language/", {"language": "en", "next": "/"})
    page = client.get("/supervision/").content.decode()
    late, today, week = tiles(page)
    assert late + today > 0
    for name, figure in (("late", late), ("today", today), ("week", week)):
        assert rows(client.get("/supervision/", {"when": name}).content.decode()) == figure
    assert rows(page) == late + today


def test_a_bar_leads_to_the_list_of_its_unit_and_rule(as_person, busy):
    alice = as_person("alice")
    alice.post("/language/", {"language": "en", "next": "/"})
    for by in ("unit", "rule"):
        page = alice.get("/supervision/", {"by": by}).content.decode()
        found = re.findall(r'<a href="(/supervision/\?[^"]*when=late[^"]*)"[^>]*>(\d+)</a>', page)
        assert found
        assert sum(int(n) for _, n in found) == tiles(page)[0]
        for address, figure in found:
            shown = alice.get(address.replace("&amp;", "&")).content.decode()
            assert rows(shown) == int(figure)


def test_charts_are_drawn_without_a_style(as_person, busy):
    page = as_person("alice").get("/supervision/").content.decode()
    assert 'aria-label="09-0' in page
    assert ">周一</text>" in page
    assert "style=" not in page
    assert "<script>" not in page


def test_charlie_of_another_station_sees_no_figure_of_it(as_person, busy):
    assert tiles(as_person("charlie").get("/supervision/").content.decode()) == [0, 0, 0]


def test_nonsense_is_no_error_and_htmx_gets_the_rows(as_person, busy):
    alice = as_person("alice")
    assert alice.get("/supervision/", {"when": "x", "by": "y", "unit": "z", "policy": "'"}).status_code == 200
    part = alice.get("/supervision/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "/case/" in part


def test_both_languages_and_the_number_of_questions(as_person, busy, clock):
    alice = as_person("alice")
    few = questions(alice, "/supervision/")
    assert "will be late today" not in alice.get("/supervision/").content.decode()
    for _ in range(4):
        clock.wait(minutes=1)
        actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    assert questions(alice, "/supervision/") == few
    alice.post("/language/", {"language": "en", "next": "/"})
    assert "will be late today" in alice.get("/supervision/").content.decode()


def test_nobody_is_sent_to_log_in(client, desk):
    assert client.get("/supervision/", headers={"host": "127.0.0.1"}).status_code == 302
