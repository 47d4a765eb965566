"""Are the charges of the desk those of `bihuan assess` over its export, and shown to whom they may be?"""

import csv
import html
import re

import pytest

import bihuan
from bihuan.desk import actions, figures
from bihuan.desk.export import export
from bihuan.desk.models import Case, Measure
from bihuan.desk.tick import tick
from tests.desk.conftest import in_force, regulation
from tests.desk.pages.counting import questions
from tests.desk.test_loading import read_back

CHARGING = regulation("service/charging", "答复考核", """
[references.outer]
title = "公司奖惩办法"
held = false

[facts]
unit = { type = "unit", label = "单位" }

[[article]]
no = "第一条"
says = "四小时内答复"
  [[article.obligation]]
  id = "answer"
  says = "四小时内答复"
  after = "accepted"
  owes = "answered"
  within = "4 hours"

[[article]]
no = "第八条"
says = "逾期答复的考核单位"
  [[article.charge]]
  id = "late-answer"
  says = "逾期答复每件五十元"
  on = "answer.missed"
  payer = "unit"
  amount = 50
  [[article.charge]]
  id = "by-the-book"
  says = "另按奖惩办法"
  on = "answer.missed"
  payer = "unit"
  amount = { by = "outer" }
""")  # fmt: skip


@pytest.fixture
def charged(desk, clock):
    """Late: one at Longshui and two at Shiqiao in September, one at Longshui in August, one in July; one in time."""
    edition = in_force(CHARGING)
    for day, unit, hours in (
        ("2025-07-20", "龙水供电所", 6),
        ("2025-08-20", "龙水供电所", 6),
        ("2025-09-01", "龙水供电所", 1),
        ("2025-09-02", "龙水供电所", 5),
        ("2025-09-03", "石桥供电所", 6),
        ("2025-09-04", "石桥供电所", 7),
    ):
        clock.set(f"{day} 09:00")
        case = actions.accept("service/charging", by="alice", unit=unit)
        clock.wait(hours=hours)
        actions.append(case.number, "answered", by="alice", unit=unit)
    clock.set("2025-09-10 09:00")
    tick()
    return edition


def cells(page):
    """The rows of both tables, as text."""
    return [
        [
            html.unescape(re.sub(r"<[^>]+>|\s+", " ", cell)).strip()
            for cell in re.findall(r"<td.*?</td>", row, re.S)
        ]
        for row in re.findall(r"<tr>(.*?)</tr>", page, re.S)
        if "<td" in row
    ]


def test_sums_and_each_charge_by_hand(as_person, charged):
    page = as_person("admin").get("/supervision/charges/", {"month": "2025-09"}).content.decode()
    rows = cells(page)
    assert rows[:2] == [
        ["石桥供电所", "石桥供电所", "4", "100.00 元", "2"],
        ["龙水供电所", "龙水供电所", "2", "50.00 元", "1"],
    ]
    each = rows[2:]
    assert len(each) == 6
    first = next(row for row in each if "五十元" in row[2])
    assert first[1] == Case.objects.latest("opened_at").number
    assert "第八条" in first[2]
    assert first[4].startswith("50.00 元")
    other = next(row for row in each if "奖惩办法" in row[2])
    assert other[4] == "—"
    assert "公司奖惩办法" in other[5]


def test_they_are_those_of_an_assessment_of_the_export(charged, clock, tmp_path):
    folder = next(one for one in export(tmp_path / "out") if "charging" in one.name)
    policy, calendars, log, site, values = read_back(folder)
    told = bihuan.assess(policy, calendars, log, int(clock.at.timestamp()), site, values).charges
    wanted = [row for row in told.to_dicts() if f"{row['at']:%Y-%m}" >= "2025-08"]
    assert len(wanted) == 8
    mine = figures.charges(Measure.objects.get(edition=charged), None).to_dicts()
    assert sorted(mine, key=str) == sorted(wanted, key=str)


def test_months_units_and_cases_are_chosen(as_person, charged):
    admin = as_person("admin")

    def count(**asked):
        return admin.get("/supervision/charges/", asked).content.decode().count("五十元")

    assert [count(), count(month="2025-09"), count(month="2025-08"), count(month="x")] == [4, 3, 1, 0]
    assert (count(unit="石桥供电所"), count(unit="公司"), count(unit="没有的")) == (2, 4, 0)
    number = Case.objects.latest("opened_at").number
    assert count(case=number) == 1
    assert f"charges/?case={number}" in admin.get(f"/case/{number}/").content.decode()
    assert (count(policy="service/charging"), count(policy="power/dazu-complaint-assessment")) == (4, 0)


def test_a_station_sees_its_own_charges_and_no_other(as_person, charged):
    page = as_person("charlie").get("/supervision/charges/").content.decode()
    assert "石桥供电所" in page
    assert "龙水供电所" not in page
    asked = as_person("charlie").get("/supervision/charges/", {"unit": "龙水供电所"}).content.decode()
    assert "五十元" not in asked
    assert as_person("bob").get("/supervision/charges/").content.decode().count("五十元") == 2


def test_as_a_table_and_for_programs(as_person, charged):
    from tests.desk.api.conftest import Program

    answer = as_person("charlie").get("/supervision/charges/", {"as": "csv", "month": "2025-09"})
    head, *rows = csv.reader(answer.content.decode("utf-8-sig").splitlines())
    assert head[:4] == ["编号", "工单", "条款", "事由"]
    assert sorted(row[7] for row in rows) == ["", "", "50.00", "50.00"]
    _, token = actions.make_token("charlie", "read", by="admin")
    told = Program(token).get("/charges", month="2025-09").json()
    assert {(row["unit"], row["rule"], row["amount"]) for row in told} == {
        ("石桥供电所", "late-answer", "50.00"),
        ("石桥供电所", "by-the-book", None),
    }


def test_both_languages_and_the_number_of_questions(as_person, charged, clock):
    admin = as_person("admin")
    few = questions(admin, "/supervision/charges/")
    actions.accept("service/charging", by="alice", unit="龙水供电所")
    clock.wait(hours=5)
    tick()
    assert questions(admin, "/supervision/charges/") == few
    admin.post("/language/", {"language": "en", "next": "/"})
    page = admin.get("/supervision/charges/").content.decode()
    assert page.count("五十元") == 5
    assert "Proposed charges" in page
    assert "charges/" in admin.get("/supervision/").content.decode()
