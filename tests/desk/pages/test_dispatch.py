"""Do several cases go to a unit, each by its own action, and only by whoever may send them?"""

import re

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bihuan.desk import actions
from bihuan.desk.models import Case, Event, Reach
from bihuan.desk.rebuild import rebuild
from bihuan.engine.log import as_log
from tests.desk.conftest import POLICY
from tests.desk.pages.counting import questions

SEVERITY = {"severity": "ordinary", "complex": False, "grave": False}
RESENT = "第十七条"  # returned: sent again, the text does not say within what time
FACTS = {"channel": "hotline", "customer": "刘女士0042", "source": "customer"}


@pytest.fixture
def ready(desk, clock):
    """Three complaints that may be sent now."""
    return [prepared(clock) for _ in range(3)]


def prepared(clock):
    case = actions.accept(POLICY, by="alice", facts=FACTS)
    for event, by, facts in (
        ("ticket_made", "alice", {"item": "billing"}),
        ("classified", "dana", SEVERITY),
        ("team_reviewed", "alice", {}),
    ):
        clock.wait(minutes=1)
        actions.append(case.number, event, by=by, facts=facts)
    return Case.objects.get(pk=case.pk)


def form_of(answer):
    page = answer.content.decode()
    return dict(re.findall(r'name="((?:key|event|back|version-[^"]+))" value="([^"]*)"', page))


def sending(client, cases, **facts):
    form = client.get("/bulk/", {"event": "dispatched", "case": [one.number for one in cases]})
    said = form_of(form) | {"case": [one.number for one in cases], "fact-sent_to": "centre", **facts}
    return said, client.post("/bulk/", said)


def test_what_waits_is_listed_with_its_due_time_until_it_is_sent(as_person, ready, clock):
    alice = as_person("alice")
    page = alice.get("/dispatch/").content.decode()
    assert all(one.number in page for one in ready)
    assert "第" in page
    _said, answer = sending(alice, ready[:2], **{"fact-unit": "龙水供电所"})
    assert answer.status_code == 200, answer.content.decode()
    page = alice.get("/dispatch/").content.decode()
    assert [one.number in page for one in ready] == [False, False, True]
    assert Case.objects.get(pk=ready[0].pk).unit == "龙水供电所"
    bob = as_person("bob").get("/dispatch/?unit=龙水供电所").content.decode()
    assert [one.number in bob for one in ready] == [True, True, False]


@pytest.mark.skipif("connection.vendor != 'sqlite'", reason="PostgreSQL plans by how much there is")
def test_nothing_is_looked_through_anew_for_each_case(as_person, ready):
    """A list of the open cases made for every row that is overdue took minutes where there were 20,000 of them."""
    alice = as_person("alice")
    with CaptureQueriesContext(connection) as asked:
        assert alice.get("/dispatch/").status_code == 200
    board = [one["sql"] for one in asked if "desk_case" in one["sql"] and one["sql"].startswith("SELECT")]
    assert len(board) >= 2
    for sql in board:
        steps = [step for *_, step in plan(sql)]
        assert not any("CORRELATED LIST" in step or "SCAN desk_obligation" in step for step in steps), steps


def plan(sql):
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql.replace('%', '%%')}")
        return cursor.fetchall()


def test_a_returned_case_waits_again(as_person, ready, clock):
    alice, bob = as_person("alice"), as_person("bob")
    sending(alice, ready[:1], **{"fact-unit": "龙水供电所"})
    clock.wait(hours=1)
    form = bob.get("/bulk/", {"event": "returned", "case": ready[0].number})
    page = form.content.decode()
    assert 'name="fact-return_reason"' in page
    said = form_of(form) | {"case": ready[0].number, "fact-return_reason": "不属本所"}
    answer = bob.post("/bulk/", said)
    assert answer.status_code == 200, answer.content.decode()
    page = alice.get("/dispatch/").content.decode()
    assert ready[0].number in page
    assert "不属本所" in page
    assert f'条文没有写数 <span class="article">{RESENT}</span>' in page


def test_whoever_sends_reads_what_it_is_about_and_not_who_complained(as_person, ready):
    actions.append(ready[0].number, "urged", by="dana")
    page = as_person("alice").get("/dispatch/").content.decode()
    assert re.search(rf"{ready[0].number}</a> <span[^>]*></span><div[^>]*>营业收费 · 95598电话", page)
    assert "刘女士0042" not in page


def test_each_case_is_told_on_its_own_and_sending_the_form_again_writes_nothing(as_person, ready, clock):
    alice = as_person("alice")
    fresh = actions.accept(POLICY, by="alice", facts=FACTS)  # not reviewed: cannot be sent yet
    said, answer = sending(alice, [*ready, fresh], **{"fact-unit": "龙水供电所"})
    page = answer.content.decode()
    assert page.count("state-met") == 3
    assert page.count("state-late") == 1
    assert "第" in page
    before = Event.objects.count()
    again = alice.post("/bulk/", said).content.decode()
    assert Event.objects.count() == before
    assert again.count("state-met") == 3


def test_what_was_typed_for_a_case_that_was_refused_can_be_sent_again(as_person, ready):
    alice = as_person("alice")
    fresh = actions.accept(POLICY, by="alice", facts=FACTS)  # not reviewed: cannot be sent yet
    _said, answer = sending(alice, [ready[0], fresh], **{"fact-unit": "龙水供电所"})
    page = answer.content.decode()
    assert re.findall(r'type="checkbox" name="case" id="[^"]+" value="([^"]+)" checked', page) == [
        fresh.number
    ]
    assert '<option value="龙水供电所" selected' in page
    for event in ("ticket_made", "team_reviewed"):
        actions.append(
            fresh.number, event, by="alice", facts={"item": "fault"} if event == "ticket_made" else {}
        )
    fresh.refresh_from_db()
    said = form_of(answer) | {"case": fresh.number, f"version-{fresh.number}": fresh.version}
    again = alice.post("/bulk/", said | {"fact-unit": "龙水供电所", "fact-sent_to": "centre"})
    assert again.content.decode().count("state-met") == 1, again.content.decode()


def test_one_case_is_not_one_cases(as_person, ready):
    alice = as_person("alice")
    asked = {"event": "dispatched", "case": ready[0].number}
    assert "1 张工单" in alice.get("/bulk/", asked).content.decode()
    alice.cookies["django_language"] = "en"
    page = alice.get("/bulk/", asked).content.decode()
    assert "Cases: 1" in page
    assert "1 cases" not in page


def test_a_unit_has_to_be_chosen_and_what_was_typed_is_kept(as_person, ready):
    _said, answer = sending(as_person("alice"), ready)
    assert answer.status_code == 409
    assert '<option value="centre" selected' in answer.content.decode()
    assert not Event.objects.filter(event="dispatched").exists()


def test_somebody_who_acted_meanwhile_is_told(as_person, ready, clock):
    alice = as_person("alice")
    form = form_of(alice.get("/bulk/", {"event": "dispatched", "case": ready[0].number}))
    clock.wait(minutes=1)
    actions.append(ready[0].number, "urged", by="dana")
    answer = alice.post(
        "/bulk/", form | {"case": ready[0].number, "fact-unit": "龙水供电所", "fact-sent_to": "centre"}
    )
    assert answer.status_code == 409
    assert not Event.objects.filter(event="dispatched").exists()


def test_charlie_of_another_station_sees_and_sends_nothing(as_person, ready):
    charlie = as_person("charlie")
    page = charlie.get("/dispatch/").content.decode()
    assert not any(one.number in page for one in ready)
    _said, answer = sending(charlie, ready, **{"fact-unit": "石桥供电所"})
    assert answer.status_code == 409
    assert not Event.objects.filter(event="dispatched").exists()


def test_a_step_that_asks_much_and_an_unknown_one_are_not_for_many(as_person, ready):
    alice = as_person("alice")
    for event in ("closed", "nonsense", ""):
        assert alice.get("/bulk/", {"event": event, "case": ready[0].number}).status_code == 409


def test_the_way_back_leads_nowhere_else(as_person, ready):
    page = as_person("alice").get(
        "/bulk/", {"event": "dispatched", "case": ready[0].number, "back": "//evil.example/"}
    )
    assert 'href="/work/">' in page.content.decode()
    assert 'name="back" value="/work/"' in page.content.decode()


def test_htmx_both_languages_and_the_number_of_questions(as_person, ready, clock):
    alice = as_person("alice")
    part = alice.get("/dispatch/", headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert ready[0].number in part
    few = questions(alice, "/dispatch/")
    for _ in range(3):
        prepared(clock)
    assert questions(alice, "/dispatch/") == few
    assert "waits here" not in alice.get("/dispatch/?policy=x&unit=y").content.decode()
    assert "Dispatch board" not in alice.get("/dispatch/").content.decode()
    alice.post("/language/", {"language": "en", "next": "/"})
    assert "Dispatch board" in alice.get("/dispatch/").content.decode()


@pytest.mark.parametrize(("reason", "waits"), [("不属本所", True), (None, False)])
def test_a_return_against_the_rules_leaves_the_case_with_its_unit(as_person, desk, clock, reason, waits):
    """As in a log of another system, which nobody refused: article 17 wants a reason, so the engine calls it irregular."""
    begun = int(clock.at.timestamp()) - 86400
    events = [
        {"event": "accepted", "at": begun, "actor": "alice", "channel": "hotline"},
        {"event": "ticket_made", "at": begun + 60, "actor": "alice", "item": "billing"},
        {"event": "classified", "at": begun + 120, "actor": "dana", **SEVERITY},
        {"event": "team_reviewed", "at": begun + 180, "actor": "alice"},
        {"event": "dispatched", "at": begun + 240, "actor": "alice", "unit": "龙水供电所", "sent_to": "centre"},
        {"event": "returned", "at": begun + 300, "actor": "bob", "unit": "龙水供电所", "return_reason": reason},
    ]  # fmt: skip
    table = pl.DataFrame([{"case": "搬来的", **one} for one in events], infer_schema_length=None)
    assert actions.load(as_log(table, [], zone="Asia/Shanghai"), POLICY, by="admin").cases == 1
    alice = as_person("alice")
    pages = [alice.get(f"/dispatch/{where}").content.decode() for where in ("", "?unit=龙水供电所")]
    assert ["搬来的</a>" in page for page in pages] == [waits, not waits]
    assert rebuild().changed == []


def test_the_board_is_counted_in_its_own_indexes(as_person, ready):
    """SQLite goes by them only where the question says it in their words."""
    alice = as_person("alice")
    sending(alice, ready[:1], **{"fact-unit": "龙水供电所"})
    with CaptureQueriesContext(connection) as asked:
        assert alice.get("/dispatch/").status_code == 200
    said = [one["sql"] for one in asked if '"desk_case"."sent"' in one["sql"]]
    assert len(said) == 2
    assert not any(
        "desk_event" in one["sql"] and one["sql"].startswith('SELECT "desk_event') for one in asked
    )
    if connection.vendor == "sqlite":
        plans = ["".join(step for *_, step in plan(sql)) for sql in said]
        assert ["case_waits" in plans[0], "INDEX case_sent" in plans[1]] == [True, True]
        assert "TEMP B-TREE" not in "".join(plans)


def test_units_are_counted_with_what_is_late_there_now(as_person, ready, clock):
    alice = as_person("alice")
    sending(alice, ready[:2], **{"fact-unit": "龙水供电所"})
    numbers = re.compile(
        r'unit=[^"]+"[^>]*>龙水供电所</a></td>\s*<td class="number">(\d+)</td><td[^>]*>(?:<[^>]+>)?(\d+)'
    )
    assert numbers.search(alice.get("/dispatch/").content.decode()).groups() == ("2", "0")
    clock.wait(days=10)
    assert numbers.search(alice.get("/dispatch/").content.decode()).groups() == ("2", "2")


def test_whoever_acted_on_a_case_of_others_counts_it(as_person, ready, clock):
    """Though no unit of theirs had to do with it, as where a log had their events before they had an account."""
    sending(as_person("alice"), ready[:2], **{"fact-unit": "龙水供电所"})
    clock.wait(minutes=1)
    actions.append(ready[0].number, "urged", by="charlie")
    Reach.objects.filter(unit="石桥供电所").delete()
    page = as_person("charlie").get("/dispatch/?unit=龙水供电所").content.decode()
    assert [one.number in page for one in ready] == [True, False, False]
    assert re.search(r'龙水供电所</a></td>\s*<td class="number">1<', page)


def test_what_is_over_is_on_no_board(as_person, ready, clock):
    alice = as_person("alice")
    clock.wait(minutes=1)
    actions.append(ready[0].number, "withdrawn", by="alice")
    actions.merge(ready[1].number, ready[2].number, by="alice", reason="同一件事")
    page = alice.get("/dispatch/").content.decode()
    assert [one.number in page for one in ready] == [False, False, True]


def test_what_was_done_to_several_a_moment_ago_is_asked_about_once(as_person, ready, clock):
    """As after a browser's Back; and only of the cases to which it was done."""
    alice, bob, numbers = as_person("alice"), as_person("bob"), [one.number for one in ready]
    sending(alice, ready, **{"fact-unit": "龙水供电所"})
    contacts = Event.objects.filter(event="contacted")

    def contact(cases):
        form = bob.get("/bulk/", {"event": "contacted", "case": cases})
        return bob.post("/bulk/", form_of(form) | {"case": cases})

    contact(numbers[:2])
    clock.wait(seconds=9)
    asked = contact(numbers)
    page = asked.content.decode()
    assert page.count("9 秒前您刚记过一次“联系客户”") == 2
    assert contacts.count() == 3
    left = re.findall(r'name="case"[^>]* value="([^"]+)"', page)
    assert left == numbers[:2]
    said = form_of(asked) | {"again": re.findall(r'name="again" value="([^"]*)"', page)[0], "case": left}
    assert bob.post("/bulk/", said).status_code == 200
    assert contacts.count() == 5


def test_only_what_somebody_may_do_is_offered(as_person, ready):
    """Steps that the regulation gives to other offices were offered to all, also to who holds none, and refused case by case."""

    def offered(code, unit=""):
        page = as_person(code).get("/dispatch/", {"unit": unit}).content.decode()
        assert all(one.number in page for one in ready)
        return re.findall(r'<option value="([a-z]+)"', page), page.count('name="case"')

    assert offered("alice") == (["dispatched", "redispatched", "transferred"], 3)
    assert offered("dana") == (["dispatched", "transferred"], 3)  # the hotline sends again
    assert offered("admin") == ([], 0)
    sending(as_person("alice"), ready, **{"fact-unit": "龙水供电所"})
    assert offered("bob", "龙水供电所") == (["returned", "dispatched", "transferred"], 3)
    assert offered("admin", "龙水供电所") == ([], 0)
