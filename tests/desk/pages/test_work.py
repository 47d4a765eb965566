"""Is what is owed listed for whom it concerns, and for nobody else?"""

import html
import re
from urllib.parse import unquote

import pytest
from django.urls import resolve

from bihuan.desk import actions, queries
from bihuan.desk.asked import asked
from bihuan.desk.entitled import Offices, open_to
from bihuan.desk.models import Event, Person
from bihuan.desk.pages.bulk import may_be_bulk
from tests.desk.api.conftest import Program
from tests.desk.conftest import POLICY, edition_text, in_force, regulation


def test_alice_sees_what_is_owed_and_by_when(as_person, case):
    page = as_person("alice").get("/work/").content.decode()
    assert case.number in page
    assert '<td class="unit" data-head="单位">95598班</td>' in page, (
        "what falls to no unit falls to an office"
    )


def test_an_hour_that_runs_at_night_too_is_left_at_night(as_person, desk, clock):
    """Article 14: within an hour, whatever the office hours; article 15 counts working days."""
    clock.set("2025-09-08 20:00")
    actions.accept(POLICY, by="alice", facts={"channel": "hotline", "customer": "刘女士0042"}, number="night")
    clock.wait(minutes=15)
    page = as_person("alice").get("/work/").content.decode()
    assert "还剩 45 分" in re.sub(r"<[^>]+>", "", page)
    assert "没有工作时间了" not in page


def test_lists_say_minutes_and_the_case_seconds(as_person, desk, clock):
    """What is due at 24:00 stays so: its last second is the day's."""
    clock.set("2025-09-08 09:00")
    clock.wait(seconds=7)
    case = actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    alice = as_person("alice")
    for address in ("/work/", "/dispatch/", "/search/?q=" + case.number):
        said = re.findall(r"<time[^>]*>([^<]*)</time>", alice.get(address).content.decode())
        assert said
        assert all(re.search(r" \d\d:\d\d$", one) for one in said), address
    page = alice.get(f"/case/{case.number}/").content.decode()
    assert ">2025-09-08 周一 10:00:07</time>" in page
    assert ">2025-09-08 周一 10:00</time>" in alice.get("/work/").content.decode()


def test_a_row_says_what_the_case_is_about_and_not_who_complained(as_person, desk, clock):
    said = {"channel": "hotline", "customer": "刘女士0042", "content": "表箱\n<b>漏电</b>,请回 13812345678"}
    case = actions.accept(POLICY, by="alice", facts=said)
    clock.wait(minutes=1)
    actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"})
    page = as_person("alice").get("/work/").content.decode()
    [line] = set(re.findall(r'<div class="matter">(.*?)</div>', page))
    assert line == "营业收费 · 表箱 &lt;b&gt;漏电&lt;/b&gt;,请回 138****5678 · 95598电话"
    assert "刘女士" not in page
    _, token = actions.make_token("alice", "read", by="admin")
    rows = Program(token).get("/work").json()["rows"]
    assert {row["matter"] for row in rows} == {html.unescape(line)}


def test_what_is_hidden_from_anybody_stands_in_no_list(as_person, desk):
    open_to_all = 'content = { label = "反映内容", type = "text", personal = "content" }'
    text = edition_text()
    assert open_to_all in text
    text = text.replace(open_to_all, open_to_all[:-2] + ', hidden_from = ["unit_staff"] }')
    case = actions.accept(POLICY, by="alice", facts={"channel": "hotline", "content": "所长收了钱"})
    assert "收了钱" in as_person("alice").get("/work/").content.decode()
    actions.move(case.number, actions.install(text, by="admin").hash, by="admin", reason="试行")
    page = as_person("alice").get("/work/").content.decode()
    assert '<div class="matter">95598电话</div>' in page
    assert "收了钱" not in page


def test_charlie_of_another_station_sees_nothing_of_it(as_person, case):
    assert case.number not in as_person("charlie").get("/work/").content.decode()


def test_filters_leave_out_what_they_do_not_want(as_person, case):
    alice = as_person("alice")
    assert case.number not in alice.get("/work/?kind=report").content.decode()
    assert case.number in alice.get("/work/?policy=power/dazu-complaint-assessment").content.decode()


def test_an_unknown_filter_is_no_error(as_person, case):
    assert as_person("alice").get("/work/?kind=nonsense&after=nonsense2").status_code in (200, 404)


def test_htmx_gets_the_rows_alone(as_person, case):
    part = as_person("alice").get("/work/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert case.number in part


def test_several_cases_are_offered_what_they_owe_and_not_what_opened_them(as_person, case):
    page = as_person("alice").get("/work/").content.decode()
    offered = re.findall(r'<option value="([a-z_]+)"', page.partition('name="event"')[2])
    assert offered[0] == "dispatched"  # within an hour, article 14
    assert "accepted" not in offered


def offered_to(client):
    page = client.get("/work/").content.decode()
    return re.findall(r'<option value="([a-z_]+)"', page.partition('name="event"')[2])


def test_steps_for_other_roles_are_not_offered_for_several_cases(as_person, case, clock):
    """What is left out the engine refuses to that person, in this case as in any; what a deputy may do is offered."""
    assert "team_reviewed" in offered_to(as_person("alice"))
    for event, more in (
        ("ticket_made", {"facts": {"item": "fault"}}), ("team_reviewed", {}), ("dispatched", {"unit": "龙水供电所"}),
    ):  # fmt: skip
        clock.wait(minutes=1)
        actions.append(case.number, event, by="alice", **more)
    seen = queries.whole(bob := Person.objects.get(code="bob"), case.number)
    kinds = {one.event: {each["kind"] for each in one.findings} for one in queries.steps(bob, seen)}
    bulk = {name for name in kinds if may_be_bulk(case.edition.hash, name) and name != "accepted"}
    bulk = {name for name in bulk if asked(case.edition.hash)[name].step}
    offered = set(offered_to(as_person("bob")))
    assert {"replied"} <= offered < bulk
    assert "team_reviewed" in bulk - offered
    assert all("person" in kinds[name] for name in bulk - offered)
    actions.add_deputy("alice", "bob", by="admin")
    assert "team_reviewed" in offered_to(as_person("bob"))


@pytest.mark.parametrize(
    ("steps", "open_to_hotline"),
    [
        ('by = "hotline"', True),
        ('by = "station"', False),
        ('by = ["station", "hotline"]', True),
        ('by = "named"', True),
        ('by = "did"', True),
        ('not_by = "hotline"', False),
        ('by = "chief"', True),
        ("", True),
        ('by = "station"\nwhen = { kind = "b" }', False),
        ('by = "station"\nwhen = { kind = "b" }|by = "hotline"\nwhen = { kind = "a" }', True),
        ('by = "station"\nwhen = { kind = "b" }|by = "hotline"', True),
        ('by = "hotline"\nwhen = { kind = "b" }|by = "station"', False),
    ],
)
def test_a_step_is_open_where_some_case_may_allow_it(desk, steps, open_to_hotline):
    rules = "".join(f'[[article.step]]\nevent = "looked_at"\n{one}\n' for one in steps.split("|"))
    edition = actions.install(regulation("made/up", "甲", ROLES + rules), by="admin")
    held = Offices(frozenset({"hotline"}), frozenset({"hotline"}))
    assert open_to(edition.hash, held) == ({"looked_at"} if open_to_hotline else set())
    assert open_to(edition.hash, Offices(frozenset(), frozenset())) == set()


ROLES = """
[events]
accepted = "受理"
dispatched = "派单"
looked_at = "看过"
[facts]
kind = { label = "类别", type = "choice", choices = { a = "甲", b = "乙" } }
loud = { label = "声音大", type = "flag" }
minder = { label = "经办人", type = "person" }
note = { label = "备注", type = "text" }
[roles]
hotline = "坐席"
station = "站"
chief = { label = "班长", deputies = ["hotline"] }
named = { label = "经办人", fact = "minder" }
did = { label = "看过的人", did = ["looked_at"] }
[[article]]
no = "第一条"
says = "看"
"""


def test_one_step_on_several_cases_from_the_list(as_person, case, clock):
    clock.wait(minutes=1)
    other = actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    alice = as_person("alice")
    page = alice.get("/work/").content.decode()
    assert f'name="case" value="{other.number}"' in page
    assert '<option value="verified">' in page
    assert '<option value="closed">' not in page, "it asks for more than one thing"
    form = alice.get("/bulk/", {"event": "verified", "case": [case.number, other.number]}).content.decode()
    said = dict(re.findall(r'name="(key|event|version-[^"]+)" value="([^"]*)"', form))
    answer = alice.post(
        "/bulk/", said | {"case": [case.number, other.number], "fact-responsibility": "supplier"}
    )
    assert answer.content.decode().count("state-met") == 2
    assert Event.objects.filter(event="verified").count() == 2
    again = alice.post(
        "/bulk/", said | {"case": [case.number, other.number], "fact-responsibility": "supplier"}
    )
    assert again.status_code == 200
    assert Event.objects.filter(event="verified").count() == 2


def test_what_a_step_must_carry_is_marked_and_told_before_anything_is_written(as_person, desk, clock):
    """What was typed is kept, and so are the cases."""
    in_force(regulation("made/up", "甲", ROLES + CARRIES))
    numbers = [actions.accept("made/up", by="alice", number=number).number for number in ("一", "二")]
    clock.wait(minutes=1)
    alice, written = as_person("alice"), Event.objects.count()
    form = alice.get("/bulk/", {"event": "dispatched", "case": numbers}).content.decode()
    assert re.findall(r'<label for="id_fact-([a-z_]+)" class="required">', form) == ["unit", "kind"]
    said = dict(re.findall(r'name="(key|event|version-[^"]+)" value="([^"]*)"', form))
    said |= {"case": numbers, "fact-loud": "true", "fact-unit": "龙水供电所"}
    answer = alice.post("/bulk/", said)
    page = answer.content.decode()
    assert (answer.status_code, Event.objects.count()) == (409, written)
    assert re.findall(r'id="id_fact-([a-z_]+)_error".*?<li>(.*?)</li>', page) == [("kind", "第一条要求填写")]
    assert '<option value="true" selected>' in page
    assert len(re.findall(r'name="case"[^>]* checked', page)) == 2
    assert alice.post("/bulk/", said | {"fact-kind": "a"}).content.decode().count("state-met") == 2


CARRIES = """
[[article.step]]
event = "dispatched"
asks = ["kind", { fact = "note", optional = true }, { fact = "minder", when = { kind = "b" } }]
requires = { loud = true }
"""


def test_more_rows_are_no_more_questions(as_person, case, clock):
    from bihuan.desk import actions
    from tests.desk.conftest import POLICY
    from tests.desk.pages.counting import questions

    alice = as_person("alice")
    few = questions(alice, "/work/")
    for _ in range(4):
        clock.wait(minutes=1)
        actions.accept(POLICY, by="alice", facts={"channel": "hotline"})
    assert questions(alice, "/work/") == few


@pytest.mark.parametrize("number", ["20250908-0001", "2025/11/7", "..", "100% 急件?#1", "甲-1"])
def test_a_row_leads_to_its_case_whatever_is_in_the_number(number):
    from bihuan.desk.pages.drawn import case_address
    from bihuan.desk.pages.words import address

    assert unquote(case_address(number)) == unquote(address("case", number))
    assert resolve(unquote(case_address(number))).kwargs == {"number": number}
