"""Who stands in for somebody sees and does what these see and do, on the days of it: no more, and nothing is revealed by it."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bihuan.desk import access, actions, queries, search
from bihuan.desk.errors import RefusedError
from bihuan.desk.models import Attachment, Person
from bihuan.desk.pages import dispatch
from tests.desk.api.conftest import Program
from tests.desk.conftest import POLICY, in_force, regulation

pytestmark = pytest.mark.django_db
FIRST, LAST = dt.date(2025, 9, 10), dt.date(2025, 9, 11)


def person(code):
    return Person.objects.select_related("unit").get(code=code)


def sent(clock, unit="龙水供电所"):
    """A complaint that has gone to a station."""
    told = {"channel": "hotline", "customer": "刘女士0042", "source": "customer"}
    case = actions.accept(POLICY, by="alice", facts=told, event="accepted")
    clock.wait(minutes=2)
    actions.append(case.number, "ticket_made", by="alice", facts={"item": "billing"})
    clock.wait(minutes=2)
    severity = {"severity": "ordinary", "complex": False, "grave": False}
    actions.append(case.number, "classified", by="dana", facts=severity)
    clock.wait(minutes=2)
    actions.append(case.number, "team_reviewed", by="alice")
    clock.wait(minutes=2)
    actions.append(case.number, "dispatched", by="alice", unit=unit, facts={"sent_to": "centre"})
    return case


@pytest.fixture
def eve(desk):
    """Of another station, with no role of her own."""
    return actions.add_person("eve", "夏娃", "石桥供电所", by="admin")


@pytest.fixture
def station(eve, clock):
    """Bob's case; Eve stands in for him on two days, the first of them after tomorrow."""
    case = sent(clock)
    actions.attach(case.number, "照片.txt", b"x", by="alice")
    actions.add_deputy("bob", "eve", by="admin", since=FIRST, until=LAST)
    return case


DAYS = [("2025-09-09", False), ("2025-09-10", True), ("2025-09-11", True), ("2025-09-12", False)]


@pytest.mark.parametrize(("day", "holds"), DAYS)
def test_a_deputy_sees_the_cases_on_its_days(as_person, station, clock, day, holds):
    clock.set(f"{day} 10:00")
    page, file = f"/case/{station.number}/", Attachment.objects.get().pk
    for address in (page, f"{page}why/0/", f"{page}contacted/", f"{page}files/{file}/"):
        answer = as_person("eve").get(address)
        assert answer.status_code == (200 if holds else 404), address
        b"".join(answer)  # to the end, which closes a file
    work = as_person("eve").get("/work/").content.decode()
    assert (station.number in work) is holds
    assert ("您今天代理 Bob" in work) is holds
    assert ('<option value="龙水供电所">' in work) is holds
    program = Program(actions.make_token("eve", "read", by="admin")[1])
    assert program.get(f"/cases/{station.number}").status_code == (200 if holds else 404)
    assert bool(program.get("/work").json()["rows"]) is holds
    assert bool(search.find(person("eve"), "刘女士").rows) is holds
    assert (station.number in as_person("eve").get("/dispatch/?unit=龙水供电所").content.decode()) is holds


@pytest.mark.parametrize(("day", "holds"), DAYS)
def test_a_deputy_acts_on_its_days_without_a_role_of_their_own(as_person, station, clock, day, holds):
    clock.set(f"{day} 10:00")
    program = Program(actions.make_token("eve", "write", by="admin")[1])
    done = program.post(f"/cases/{station.number}/events", {"event": "contacted"})
    assert done.status_code == (201 if holds else 404), done.content


def test_whom_a_fact_names_has_a_deputy_too(eve, clock):
    """In sight and in the work of the deputy; the step itself the regulation gives to whom the fact names."""
    from tests.desk.pages.test_reach import CHECKS, text

    in_force(text())
    made = actions.accept(CHECKS, by="alice", event="checked", facts={"customer": "刘女士"})
    clock.wait(minutes=1)
    actions.append(made.number, "assigned", by="alice", facts={"technician": "bob"})
    assert queries.worklist(person("eve")).rows == []
    actions.add_deputy("bob", "eve", by="admin")
    assert [row.owner for row in queries.worklist(person("eve")).rows] == ["bob"]
    assert access.to_see(person("eve"), made.number).pk == made.pk


def test_nobody_gets_more_by_a_deputy_of_a_deputy_or_of_an_administrator(eve, clock):
    case = sent(clock)
    actions.add_person("frank", "弗兰克", "石桥供电所", by="admin")
    actions.add_deputy("bob", "eve", by="admin")
    actions.add_deputy("eve", "frank", by="admin")
    actions.add_deputy("admin", "frank", by="admin")
    assert access.may_see(person("eve"), case)
    assert not access.may_see(person("frank"), case)
    assert access.units_seen(person("frank")) == ["石桥供电所"]


def test_who_takes_over_sees_what_was_anothers(desk, clock):
    case = sent(clock)
    clock.wait(days=1)
    actions.handover("bob", "charlie", by="admin", reason="调走")
    clock.wait(days=100)
    assert access.may_see(person("charlie"), case)


APART = regulation("made/apart", "分开", """
[events]
handled = "处理"
reviewed = "复核"
[roles]
manager = "经理"
handler = { label = "处理人", did = ["handled"] }
[[article]]
no = "第一条"
says = "处理的人不得复核"
  [[article.step]]
  event = "handled"
  [[article.step]]
  event = "reviewed"
  by = ["manager"]
  not_by = ["handler"]
""")  # fmt: skip


def test_who_handled_a_case_does_not_review_it_in_the_place_of_another(as_person, eve, clock):
    in_force(APART)
    actions.grant("dana", "manager", "市场营销部", by="admin")
    actions.add_deputy("dana", "eve", by="admin")
    own, others = (actions.accept("made/apart", by=who, facts={}) for who in ("eve", "alice"))
    for case, who in ((own, "eve"), (others, "alice")):
        clock.wait(minutes=1)
        actions.append(case.number, "handled", by=who)
    clock.wait(minutes=1)
    with pytest.raises(RefusedError, match="第一条"):
        actions.append(own.number, "reviewed", by="eve")
    page = as_person("eve").get(f"/case/{own.number}/").content.decode()
    assert f'href="/case/{own.number}/reviewed/"' not in page
    program = Program(actions.make_token("eve", "write", by="admin")[1])
    done = program.post(f"/cases/{others.number}/events", {"event": "reviewed"})
    assert done.status_code == 201, done.content


def test_lists_ask_as_often_for_many_rows_and_many_places_as_for_one(eve, clock):
    def asked():
        with CaptureQueriesContext(connection) as found:
            assert queries.worklist(person("eve")).rows
            assert queries.cases(person("eve")).rows
            queries.callbacks(person("eve"))
            assert dispatch.loads(person("eve"), dispatch.boards())
            search.find(person("eve"), "刘女士")
        return len(found)

    sent(clock)
    actions.add_deputy("bob", "eve", by="admin")
    few = asked()
    for code in ("alice", "charlie"):
        actions.add_deputy(code, "eve", by="admin")
    for _ in range(3):
        sent(clock)
    assert asked() == few
