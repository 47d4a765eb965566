"""What a case is about, in a line: is it what was said, as anybody may read it, and no longer than a line?"""

import polars as pl
import pytest

from bihuan.desk import actions
from bihuan.desk.matter import MOST, PART, matter, open_to_all
from bihuan.desk.models import Case
from bihuan.desk.office import policy_from
from bihuan.desk.rebuild import rebuild
from bihuan.engine.log import as_log
from tests.desk.conftest import POLICY as DAZU
from tests.desk.conftest import regulation

POLICY = regulation("made/matter", "一句话", customer="caller", rest="""
[facts]
caller = { label = "来电人", type = "person", personal = "identity" }
phone = { label = "电话", type = "text", personal = "contact" }
brief = { label = "反映内容", type = "text", personal = "content" }
kind = { label = "类别", tree = { meter = { label = "电表", fast = "走得快" }, wire = "线路" }, open = true }
many = { label = "涉及", choices = { a = "甲", b = "乙" }, many = true }
accused = { label = "被投诉人", type = "text", hidden_from = ["chief"] }
amount = { label = "金额", type = "number" }
answer = { label = "答复", type = "text" }

[roles]
chief = { label = "站长" }

[[article]]
no = "第一条"
says = "受理"
  [[article.step]]
  event = "accepted"
""")  # fmt: skip


@pytest.fixture(scope="module")
def facts():
    return open_to_all(policy_from(POLICY))


def test_only_what_tells_of_the_matter_and_is_hidden_from_nobody(facts):
    assert list(facts) == ["kind", "brief", "many", "answer"]


@pytest.mark.parametrize(
    ("given", "rows", "line"),
    [
        ({"brief": "表箱坏了"}, [{"kind": "fast"}], "走得快 · 表箱坏了"),
        ({"brief": "先说的"}, [{"brief": "后说的"}, {"kind": 7}], "后说的"),
        ({}, [{"answer": "已换", "kind": "wire"}], "线路 · 已换"),
        ({}, [{"kind": "电表 / 不走字", "brief": "  一行\n两行  "}], "不走字 · 一行 两行"),
        ({"brief": "身份证510123199001011234"}, [], "身份证510123********1234"),
        ({"many": ["a"], "brief": "", "accused": "王班长", "caller": "刘女士", "phone": "5556666"}, [], ""),
        ({"brief": 5}, [{"amount": 3}], ""),
    ],
)
def test_the_latest_of_each_fact_the_categories_first(facts, given, rows, line):
    assert matter(facts, rows, given) == line


def test_a_number_is_masked_before_a_text_is_cut(facts):
    line = matter(facts, [{"brief": "多" * (PART - 8) + "13812345678"}], {})
    assert line == "多" * (PART - 8) + "138****…"


def test_many_long_texts_are_one_line(facts):
    line = matter(facts, [{"brief": "长" * 500, "kind": "短" * 500, "answer": "文" * 500}], {})
    assert (len(line), line[-1], line.count("长"), line.count("短")) == (MOST, "…", PART - 1, PART - 1)


@pytest.mark.django_db
def test_what_is_loaded_reads_as_what_the_desk_itself_would_say(desk, clock):
    at = int(clock.at.timestamp()) - 9000
    long = "客" * (PART - 8) + "13812345678 又打来"
    events = [
        {"case": "一", "event": "accepted", "at": at, "channel": "hotline", "content": long, "finding": None},
        {"case": "一", "event": "ticket_made", "at": at + 60, "item": "billing"},
        {"case": "一", "event": "ticket_made", "at": at + 90, "item": "meter_fault / 烧坏"},
        {"case": "二", "event": "accepted", "at": at, "channel": "hotline"},
        {
            "case": "二",
            "event": "report_filed",
            "at": at + 60,
            "finding": "长" * 500,
            "reply": "短" * 500,
            "opinion": "文" * 500,
        },
        {"case": "三", "event": "letter_received", "at": at},
    ]
    table = pl.DataFrame(events, infer_schema_length=None)
    given = [{"case": "二", "content": "给定\n的", "channel": "letter"}]
    assert actions.load(as_log(table, given, zone="Asia/Shanghai"), DAZU, by="admin").cases == 3
    held = {one.number: one.matter or "" for one in Case.objects.all()}
    assert held["一"] == "烧坏 · " + "客" * (PART - 8) + "138****… · 95598电话"
    assert held["二"].startswith("给定 的 · 95598电话 · ")
    assert (len(held["二"]), held["三"]) == (MOST, "")
    assert rebuild().changed == []
