"""Whoever the regulation names in a case sees it and takes their step, and nobody else gains sight of it."""

import datetime as dt

import polars as pl
import pytest

from bihuan.desk import access, actions, queries, search, sight
from bihuan.desk.errors import MissingError, RefusedError
from bihuan.desk.models import Case, Findable, Message, Named, Person, Reach, Told
from bihuan.desk.rebuild import complete, rebuild
from bihuan.desk.telling import outbox
from bihuan.desk.tick import tick
from bihuan.engine.log import as_log
from tests.desk.api.conftest import Program
from tests.desk.conftest import in_force, regulation

pytestmark = pytest.mark.django_db
CHECKS = "made/checks"
REST = """
[events]
checked = "检查"
informed = "通知整改"
rectified = "上报整改"
assigned = "派人"
mended = "修好"
reviewed = "复盘"
filed = "归档"
[facts]
customer = { label = "客户", type = "person", personal = "identity" HIDDEN }
inspected_unit = { label = "被检查单位", type = "unit" }
technician = { label = "装维人员", type = "person" }
[roles]
hotline = "热线"
marketing = "石桥供电所"
complainant = { label = "投诉人", fact = "customer" }
inspected_unit = { label = "被检查单位", fact = "inspected_unit" }
technician = { label = "装维人员", fact = "technician" }
[[article]]
no = "第一条"
says = "检查与整改"
  [[article.step]]
  event = "checked"
  [[article.step]]
  event = "informed"
  [[article.obligation]]
  id = "rectification"
  after = "informed"
  owes = "rectified"
  within = "15 days"
  by = "inspected_unit"
  [[article.step]]
  event = "rectified"
  by = ["inspected_unit"]
[[article]]
no = "第二条"
says = "派人与修理"
  [[article.step]]
  event = "assigned"
  asks = "technician"
  [[article.obligation]]
  id = "mending"
  after = "assigned"
  owes = "mended"
  within = "2 days"
  by = "technician"
  [[article.step]]
  event = "mended"
  by = ["technician"]
  [[article.step]]
  event = "closed"
  [[article.obligation]]
  id = "review"
  after = "assigned"
  owes = "reviewed"
  within = "20 days"
  across = "company"
  by = "hotline"
[[article]]
no = "第三条"
says = "办结后归档"
  [[article.obligation]]
  id = "filing"
  after = "closed"
  owes = "filed"
  within = "3 days"
  by = "marketing"
"""


def text(hidden=""):
    return regulation(CHECKS, "检查办法", REST.replace("HIDDEN", hidden), customer="customer")


@pytest.fixture
def checks(desk, clock):
    return in_force(text())


@pytest.fixture
def check(checks, clock):
    """Alice's unit found something at Bob's, which no event says but by a fact. The customer is called like Charlie's."""
    told = {"inspected_unit": "龙水供电所", "customer": "石桥供电所"}
    made = actions.accept(CHECKS, by="alice", event="checked", facts=told)
    clock.wait(minutes=1)
    actions.append(made.number, "informed", by="alice")
    return Case.objects.get(pk=made.pk)


def person(code):
    return Person.objects.get(code=code)


def sees(code, case):
    return access.cases_seen(person(code)).filter(pk=case.pk).exists()


def test_a_unit_that_a_fact_names_sees_the_case_in_its_work_and_takes_its_step(as_person, check, clock):
    here = f"/case/{check.number}/"
    page = as_person("bob").get(here)
    assert page.status_code == 200
    assert '<br><span class="quiet">龙水供电所</span>' in page.content.decode()  # beneath what is owed
    work = as_person("bob").get("/work/?unit=龙水供电所").content.decode()
    assert check.number in work
    assert '<td class="unit" data-head="单位">龙水供电所</td>' in work
    page = as_person("bob").get(f"{here}rectified/").content.decode()
    assert "上报整改" in page
    clock.wait(minutes=1)
    program = Program(actions.make_token("bob", "write", by="admin")[1])
    done = program.post(f"/cases/{check.number}/events", {"event": "rectified"})
    assert done.status_code == 201, done.content
    assert [one["state"] for one in done.json()["obligations"]] == ["met"]


def test_the_page_takes_the_step_too(as_person, check, clock):
    clock.wait(minutes=1)
    address = f"/case/{check.number}/rectified/"
    sent = as_person("bob").post(address, {"version": "2", "key": "k" * 20, "at": ""})
    assert sent.status_code == 302, sent.content.decode()
    assert Case.objects.get(pk=check.pk).last_event == "rectified"


def test_nobody_else_gains_sight_of_it(as_person, check):
    """The customer's name is the one of Charlie's unit, and is none of a unit here."""
    assert as_person("charlie").get(f"/case/{check.number}/").status_code == 404
    assert check.number not in as_person("charlie").get("/work/").content.decode()
    with pytest.raises(MissingError):
        access.to_act(person("charlie"), check.number)
    assert not search.find(person("charlie"), "石桥").rows
    assert sorted(Reach.objects.values_list("unit", flat=True)) == ["市场营销部", "龙水供电所"]


def test_a_person_whom_a_fact_names_sees_the_case_and_takes_their_step(as_person, checks, clock):
    made = actions.accept(CHECKS, by="alice", event="checked", facts={"customer": "刘女士"})
    assert not sees("charlie", made)
    clock.wait(minutes=1)
    actions.append(made.number, "assigned", by="alice", facts={"technician": "charlie"})
    assert sees("charlie", made)
    assert not sees("bob", made)
    page = as_person("charlie").get("/work/").content.decode()
    assert made.number in page
    assert [hit.case.pk for hit in search.find(person("charlie"), "刘女士").rows] == [made.pk]
    clock.wait(minutes=1)
    with pytest.raises(MissingError):
        access.to_act(person("bob"), made.number)
    with pytest.raises(RefusedError):
        actions.append(made.number, "mended", by="dana")
    access.to_act(person("charlie"), made.number)
    actions.append(made.number, "mended", by="charlie")
    tick()
    assert rebuild().changed == []


def test_once_named_always_in_sight_and_with_the_archive_it_goes(checks, clock):
    made = actions.accept(
        CHECKS, by="alice", event="checked", facts={"customer": "刘女士", "technician": "charlie"}
    )
    clock.wait(minutes=1)
    actions.append(made.number, "assigned", by="alice", facts={"technician": "bob"})
    assert (sees("charlie", made), sees("bob", made)) == (True, True)
    clock.wait(minutes=1)
    actions.append(made.number, "closed", by="alice")
    actions.destroy(made.number, by="dana", approved_by="admin", reason="保管期满")
    assert not Named.objects.exists()


def test_a_unit_that_must_not_know_the_customer_does_not_by_being_named(as_person, desk, clock):
    in_force(text(', hidden_from = ["inspected_unit"]'))
    told = {"inspected_unit": "龙水供电所", "customer": "刘女士0042"}
    made = actions.accept(CHECKS, by="alice", event="checked", facts=told)
    page = as_person("bob").get(f"/case/{made.number}/").content.decode()
    assert sight.HIDDEN in page
    assert "42" not in page.replace(made.number, "")
    assert not search.find(person("bob"), "刘女士").rows
    assert "42" in as_person("alice").get(f"/case/{made.number}/").content.decode().replace(made.number, "")


@pytest.mark.parametrize(("hidden", "seen"), [("", True), (', hidden_from = ["marketing"]', False)])
def test_a_unit_called_like_an_office_that_owes_sees_the_case_unless_something_is_hidden_from_it(
    desk, clock, hidden, seen
):
    """Whether somebody is of that office, a case does not say; so the customer could not be kept from them."""
    in_force(text(hidden))
    made = actions.accept(CHECKS, by="alice", event="checked", facts={"customer": "刘女士"})
    clock.wait(minutes=1)
    actions.append(made.number, "closed", by="alice")
    assert sees("charlie", made) is seen
    assert not sees("bob", made)


def whom(number):
    """Who is put on a case by the tables of rights, and by the index."""
    [text] = Findable.objects.filter(case__number=number).values_list("text", flat=True)
    marks = [token for token in text.split() if len(token) == 13 and token[0] in "up"]
    reached, named = Reach.objects.filter(case__number=number), Named.objects.filter(case__number=number)
    return [*reached.values_list("unit", flat=True)], [*named.values_list("person", flat=True)], marks


EVENTS = (
    ("checked", "alice", {"inspected_unit": "龙水供电所", "customer": "石桥供电所"}),
    ("informed", "alice", {}),
    ("assigned", "alice", {"technician": "charlie"}),
    ("assigned", "alice", {"technician": "nobody"}),
)


def test_a_case_that_is_loaded_is_seen_by_the_same(checks, clock):
    rows = []
    for event, actor, facts in EVENTS:
        rows.append({"case": "二", "event": event, "at": int(clock.at.timestamp()), "actor": actor, **facts})
        if len(rows) == 1:
            actions.accept(CHECKS, by=actor, event=event, facts=facts, number="一")
        else:
            actions.append("一", event, by=actor, facts=facts)
        clock.wait(minutes=1)
    log = as_log(pl.DataFrame(rows, infer_schema_length=None), [], zone="Asia/Shanghai")
    assert actions.load(log, CHECKS, by="admin").cases == 1
    written, loaded = whom("一"), whom("二")
    assert sorted(written[1]) == ["charlie", "nobody"]
    assert len(written[2]) == 5  # two units, two people, and who acted
    assert [sorted(one) for one in loaded] == [sorted(one) for one in written]
    tick()
    assert rebuild().changed == []


def test_cases_of_an_older_version_come_into_sight_with_an_upgrade(check, clock):
    clock.wait(minutes=1)
    actions.append(check.number, "assigned", by="alice", facts={"technician": "charlie"})
    before = whom(check.number)
    Named.objects.all().delete()
    Reach.objects.filter(unit="龙水供电所").delete()
    rebuild()
    assert (sees("bob", check), sees("charlie", check)) == (False, False)
    Case.objects.update(matter=None)
    complete()
    assert [sorted(one) for one in whom(check.number)] == [sorted(one) for one in before]
    tick()
    assert rebuild().changed == []


def test_what_somebody_is_told_of_they_may_open(check, clock):
    """Who owes it is told; where those who should be may not open the case, the administrators are."""
    clock.wait(days=16)
    tick()
    assert [one.person.code for one in Message.objects.filter(told__rule="rectification")] == ["bob"]
    actions.grant("charlie", "technician", "石桥供电所", by="admin")
    told = Told.objects.create(
        case=check, what="due", rule="mending", article="第二条", round=1, owner="装维人员",
        due_at=clock(), at=clock(),
    )  # fmt: skip
    outbox.spread()
    assert [one.person.code for one in Message.objects.filter(told=told)] == ["admin"]


def test_what_the_company_as_a_whole_owes_stands_in_work_under_a_word(as_person, checks, clock):
    actions.accept(
        CHECKS, by="alice", event="assigned", facts={"technician": "charlie", "customer": "刘女士"}
    )
    tick()
    for language, word in (("zh", "全公司"), ("en", "the whole company")):
        client = as_person("admin")
        client.post("/language/", {"language": language, "next": "/work/"})
        page = client.get("/work/").content.decode()
        assert f">{word}</td>" in page
        assert ">company</td>" not in page


def test_people_whom_facts_name_stand_by_their_names_with_their_codes(as_person, checks, clock):
    told = {"technician": "charlie", "customer": "bob"}
    made = actions.accept(CHECKS, by="alice", event="checked", facts=told)
    page = as_person("alice").get(f"/case/{made.number}/").content.decode()
    assert page.count("Charlie (charlie)") == 2  # what is known, and the event
    assert "(bob)" not in page  # a customer has no code


ACROSS = regulation("made/rounds", "巡查办法", """
[events]
inspected = "巡查"
visited = "走访"
surveyed = "填写意见"
[facts]
customer = { label = "客户", type = "person", personal = "identity", register = true }
building = { label = "大楼", type = "text", register = true }
keeper = { label = "楼长", type = "person", of = "building" }
station = { label = "供电所", type = "unit", register = true }
[roles]
complainant = { label = "投诉人", fact = "customer" }
keeper = { label = "楼长", fact = "keeper" }
station = { label = "供电所", fact = "station" }
[[article]]
no = "第一条"
says = "每年巡查、走访,请客户填写意见"
  [[article.obligation]]
  id = "round"
  across = "building"
  every = "calendar year"
  owes = "inspected"
  by = "keeper"
  [[article.obligation]]
  id = "visit"
  across = "station"
  every = "calendar year"
  owes = "visited"
  by = "station"
  [[article.obligation]]
  id = "survey"
  across = "customer"
  every = "calendar year"
  owes = "surveyed"
  by = "complainant"
""", customer="customer")  # fmt: skip


@pytest.fixture
def rounds(desk, clock):
    """A building that Charlie keeps, two stations, and a customer who is called as Bob is: none of a case."""
    in_force(ACROSS)
    for register, subject, facts in (
        ("building", "电信大楼", {"keeper": "charlie"}),
        ("station", "龙水供电所", {}),
        ("station", "市场营销部", {}),
        ("customer", "bob", {}),
    ):
        actions.add_subject(register, subject, facts, by="admin", since=dt.date(2025, 1, 1))
    tick()


def owed_by(code):
    return {(row.rule, row.subject.key) for row in queries.worklist(person(code)).rows}


def test_what_is_owed_across_cases_is_in_the_work_of_whom_a_fact_names(rounds, as_person):
    """And of nobody else: a customer is none of them, whatever their name."""
    assert owed_by("charlie") == {("round", "电信大楼")}
    assert owed_by("bob") == {("visit", "龙水供电所")}
    assert owed_by("alice") == owed_by("dana") == {("visit", "市场营销部")}
    assert owed_by("admin") == owed_by("charlie") | owed_by("bob") | owed_by("dana") | {("survey", "bob")}
    page = as_person("bob").get("/work/", {"unit": "龙水供电所"}).content.decode()
    assert '<td class="unit" data-head="单位">龙水供电所</td>' in page
    told = Program(actions.make_token("bob", "read", by="admin")[1])
    assert [one["rule"] for one in told.get("/work").json()["rows"]] == ["visit"]
    assert [one["rule"] for one in told.get("/work", owner="龙水供电所").json()["rows"]] == ["visit"]


def test_it_is_in_the_work_of_a_deputy_and_with_the_units_beneath(rounds):
    actions.add_person("eve", "夏娃", "石桥供电所", by="admin")
    actions.add_person("chief", "经理", "公司", by="admin")
    actions.add_deputy("charlie", "eve", by="admin")
    assert owed_by("eve") == {("round", "电信大楼")}
    assert owed_by("chief") == owed_by("bob") | owed_by("dana")


def test_whoever_owes_it_across_cases_is_told_and_finds_it_among_what_fell_due(rounds, clock):
    clock.set("2026-01-01 00:00:01")
    tick()
    told = {"charlie": {"round"}, "bob": {"visit"}, "admin": {"survey"}}
    for code, rules in told.items():
        assert {one.told.rule for one in Message.objects.filter(person__code=code)} == rules
    listed = told | {"admin": {"round", "visit", "survey"}}
    for code, rules in listed.items():
        assert {row.rule for row in queries.told_lately(person(code)).rows} == rules


def test_what_another_edition_calls_so_is_not_taken_for_it(rounds):
    """There the rule of this name is for customers, who are called like a unit."""
    other = ACROSS.replace("made/rounds", "made/others").replace(
        'owes = "visited"\n  by = "station"', 'owes = "visited"\n  by = "complainant"'
    )
    in_force(other)
    tick()
    mine = [row.subject.edition.policy for row in queries.worklist(person("bob")).rows]
    assert mine == ["made/rounds"]


OFFICES = regulation("made/offices", "例会办法", """
[events]
received = "接待"
reported = "上报"
[facts]
station = { label = "供电所", type = "unit", register = true }
building = { label = "大楼", type = "unit", register = true }
[roles]
head = "所长"
section = "专责"
[[article]]
no = "第一条"
says = "各所接待,全公司上报,各楼检查"
  [[article.obligation]]
  id = "reception"
  across = "station"
  every = "calendar year"
  owes = "received"
  by = "head"
  [[article.obligation]]
  id = "report"
  across = "company"
  every = "calendar year"
  owes = "reported"
  by = "section"
  [[article.obligation]]
  id = "check"
  across = "building"
  every = "calendar year"
  owes = "received"
  by = "section"
""")  # fmt: skip


@pytest.fixture
def offices(desk, clock):
    """Bob and Charlie each head their station, Dana is the section; nobody heads the third."""
    in_force(OFFICES)
    for code, role, unit in (
        ("bob", "head", "龙水供电所"),
        ("charlie", "head", "石桥供电所"),
        ("dana", "section", "市场营销部"),
    ):
        actions.grant(code, role, unit, by="admin")
    actions.add_unit("云台供电所", "公司", by="admin")
    for station in ("龙水供电所", "石桥供电所", "云台供电所"):
        actions.add_subject("station", station, {}, by="admin", since=dt.date(2025, 1, 1))
    actions.add_subject("building", "电信大楼", {}, by="admin", since=dt.date(2025, 1, 1))
    actions.accept(
        "made/offices", by="dana", event="reported", facts={}, at=clock.at - dt.timedelta(days=300)
    )
    tick()


HEADED = {
    "bob": {("reception", "龙水供电所")},
    "charlie": {("reception", "石桥供电所")},
    "dana": {("report", "company"), ("check", "电信大楼")},
    "alice": set(),
}


@pytest.mark.parametrize("code", HEADED)
def test_what_an_office_owes_across_cases_is_in_the_work_of_who_holds_it_for_that_unit(offices, code):
    assert {one for one in owed_by(code) if one[0] in ("reception", "report", "check")} == HEADED[code]


def test_each_is_told_of_their_own_and_the_administrators_of_what_nobody_has(offices, clock):
    clock.set("2026-01-01 00:00:01")
    tick()
    told = {code: set() for code in ("bob", "charlie", "dana", "alice", "admin")}
    for one in Message.objects.filter(told__subject__isnull=False).select_related("told__subject", "person"):
        told[one.person.code].add((one.told.rule, one.told.subject.key))
    assert told == HEADED | {"admin": {("reception", "云台供电所")}}
