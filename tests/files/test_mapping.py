"""Mappings: wide and long logs through them, their mistakes, and drafts that can be used at once."""

import re
import tomllib
from pathlib import Path

import polars as pl
import pytest

from bihuan.engine.errors import LogError
from bihuan.engine.log import BEFORE_OPENING, NO_EVENTS
from bihuan.files.draft import draft_mapping
from bihuan.files.logs import read_log
from bihuan.files.mapping import parse_mapping, read_mapping
from bihuan.files.reading import AT_ODDS, IGNORED, NO_SUCH_TIME
from tests.files.logs_at_hand import real
from tests.files.test_tables import ZONE, found, instant, read, written

WIDE = """编号,创建时间,派单时间,办结时间,第一次回访,第二次回访,类别,区域,满意,承办
1,2026-01-05 08:00,2026-01-05 08:00,2026-01-06 10:00,2026-01-07,2026-01-08,停电,东,是,城东
2,2026-01-05 09:00,,2026-01-32 10:00,,,电费,西,,城西
3,2026-01-05 09:00,,2026-01-04 10:00,,,电费,西,,城西
4,,,,,,电费,西,,城西
"""
WIDE_MAPPING = {
    "format": "wide",
    "case": "编号",
    "zone": ZONE,
    "order": ["accepted", "dispatched"],
    "ignored": ["区域"],
    "events": {
        "dispatched": "派单时间",
        "accepted": "创建时间",
        "resolved": {"column": "办结时间", "unit": "承办", "actor": {"value": "系统"}},
        "called_back": [{"column": "第一次回访", "facts": {"satisfied": "满意"}}, "第二次回访"],
    },
    "facts": {"category": {"column": "类别", "values": {"outage": "停电", "bill": ["电费", "账单"]}}},
    "constants": {"channel": "web"},
}


def names(log):
    return log.events.select("case", pl.col("event").cast(pl.String)).rows()


def test_a_wide_log_gives_an_event_for_each_filled_cell_in_the_order_of_its_mapping(tmp_path):
    log = read(tmp_path, WIDE, mapping=WIDE_MAPPING)
    assert [event for case, event in names(log) if case == "1"] == [
        "accepted",
        "dispatched",
        "resolved",
        "called_back",
        "called_back",
    ]
    assert [event for case, event in names(log) if case == "2"] == ["accepted"]


def test_columns_that_belong_to_an_event_are_carried_by_it_alone(tmp_path):
    log = read(tmp_path, WIDE, mapping=WIDE_MAPPING)
    rows = log.events.filter(pl.col("case") == "1").select("actor", "unit", "satisfied", "whole_day").rows()
    assert rows == [
        (None, None, None, False),
        (None, None, None, False),
        ("系统", "城东", None, False),
        (None, None, "是", True),
        (None, None, None, True),
    ]


def test_facts_are_given_with_the_case_their_words_replaced(tmp_path):
    log = read(tmp_path, WIDE, mapping=WIDE_MAPPING)
    assert log.facts.select("case", "category", "channel").rows() == [
        ("1", "outage", "web"),
        ("2", "bill", "web"),
        ("3", "bill", "web"),
    ]


def test_a_bad_cell_and_a_row_without_any_event_are_listed(tmp_path):
    assert found(read(tmp_path, WIDE, mapping=WIDE_MAPPING)) == [
        (3, "办结时间", "2026-01-32 10:00", NO_SUCH_TIME),
        (5, "case", "4", NO_EVENTS),
    ]


def test_an_end_before_the_start_is_listed_and_the_start_still_judged(tmp_path):
    log = read(tmp_path, WIDE, mapping=WIDE_MAPPING, starts=["accepted"])
    assert (4, "at", "resolved 2026-01-04 10:00:00", BEFORE_OPENING) in found(log)
    assert ("3", "accepted") in names(log)


def test_columns_without_a_place_in_the_mapping_are_told(tmp_path):
    log = read(tmp_path, WIDE, mapping=WIDE_MAPPING | {"ignored": []})
    assert [note for note in log.notes if "区域" in note]
    assert not [note for note in read(tmp_path, WIDE, mapping=WIDE_MAPPING).notes if "区域" in note]


LONG = """ticket,activity,when,who,kind,verdict
1,Created,05.01.2026 08:00,Alice,power,
1,Assigned+Called,05.01.2026 08:00,Bob,power,
1,Comment,05.01.2026 09:00,Bob,power,
1,Closed,06.01.2026 08:00,Bob,bill,good
"""
LONG_MAPPING = {
    "case": "ticket",
    "event": "activity",
    "at": "when",
    "actor": "who",
    "datetime": "%d.%m.%Y %H:%M",
    "ignored_events": "Comment",
    "events": {
        "accepted": "Created",
        "dispatched": "Assigned+Called",
        "contacted": ["Assigned+Called", "Called"],
        "closed": "Closed",
    },
    "facts": {"kind": "kind"},
    "carried": {"verdict": "verdict"},
}


def test_a_long_log_by_its_own_names(tmp_path):
    log = read(tmp_path, LONG, mapping=LONG_MAPPING)
    assert [event for _, event in names(log)] == ["accepted", "dispatched", "contacted", "closed"]
    assert log.events["at"][0] == instant("2026-01-05 08:00")
    assert log.events["actor"].to_list() == ["Alice", "Bob", "Bob", "Bob"]
    assert log.events["verdict"].to_list() == [None, None, None, "good"]
    assert log.notes[IGNORED] == 1


def test_a_fact_told_in_two_ways_keeps_the_first_and_is_counted(tmp_path):
    log = read(tmp_path, LONG, mapping=LONG_MAPPING)
    assert log.facts.rows() == [("1", "power")]
    assert log.notes[AT_ODDS] == 1


def test_events_of_one_instant_stand_in_the_order_declared(tmp_path):
    body = (
        "case,event,at\n2,closed,2026-01-01\n1,closed,2026-01-01\n1,accepted,2026-01-01\n1,urged,2026-01-01\n"
    )
    log = read(tmp_path, body, mapping={"order": ["accepted", "closed"]})
    assert names(log) == [("2", "closed"), ("1", "accepted"), ("1", "closed"), ("1", "urged")]


def test_several_columns_may_name_the_event_together(tmp_path):
    body = "case,a,b,at\n1,ticket,new,2026-01-01\n1,ticket,,2026-01-02\n"
    log = read(
        tmp_path, body, mapping={"event": ["a", "b"], "events": {"accepted": "ticket+new", "urged": "ticket"}}
    )
    assert names(log) == [("1", "accepted"), ("1", "urged")]


def test_facts_that_are_instants_are_read_like_instants(tmp_path):
    body = "case,event,at,due\n1,accepted,2026-01-01,2026-01-09 10:00\n2,accepted,2026-01-01,\n3,accepted,2026-01-01,soon\n"
    log = read(tmp_path, body, mapping={"facts": {"due": {"column": "due", "instant": True}}})
    assert log.facts["due"].dt.epoch("s").to_list() == [instant("2026-01-09 10:00"), None, None]
    assert [row[:3] for row in found(log)] == [(4, "due", "soon")]
    assert log.events.height == 3


def test_a_column_of_midnights_may_be_declared_to_hold_dates(tmp_path):
    body = "case,event,at\n1,accepted,2026-01-01 00:00:00\n"
    assert read(tmp_path, body, mapping={"whole_days": "at"}).events["whole_day"].to_list() == [True]
    assert read(tmp_path, body, mapping={}).events["whole_day"].to_list() == [False]


def test_title_lines_above_the_header_are_passed_over(tmp_path):
    log = read(tmp_path, "September\n\ncase,event,at\n1,accepted,2026-01-01\n", mapping={"header": 3})
    assert log.events["line"].to_list() == [4]


def test_corrections_of_a_file_reach_the_log(tmp_path):
    body = (
        "case,event,at,corrects,corrected_at\n1,arrived,2026-01-01 08:00,,\n1,arrived,2026-01-01 09:00,,\n"
        "1,corrected,2026-01-02 08:00,arrived@2026-01-01 08:00,2026-01-01 07:00\n"
        "1,corrected,2026-01-03 08:00,arrived@2026-01-01 09:00,\n1,corrected,2026-01-03 09:00,arrived,x\n"
    )
    log = read(tmp_path, body)
    assert log.events.filter(pl.col("event") == "arrived")["at"].to_list() == [instant("2026-01-01 07:00")]
    assert log.superseded["at"].to_list() == [instant("2026-01-01 08:00"), instant("2026-01-01 09:00")]
    assert [(line, column) for line, column, _, _ in found(log)] == [(6, "corrected_at")]


def test_facts_in_a_second_table_named_by_the_mapping(tmp_path):
    written(tmp_path, "id,region\n1,东\n", "cases.csv")
    mapping = tmp_path / "m.toml"
    mapping.write_text('[cases]\nfile = "cases.csv"\ncase = "id"\n', "utf-8")
    log = read_log(written(tmp_path, "case,event,at\n1,accepted,2026-01-01\n"), mapping, zone=ZONE)
    assert log.facts.rows() == [("1", "东")]


# Mistakes


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"cas": "x"}, "unknown key 'cas'; did you mean case"),
        ({"format": "lang"}, "'long' or 'wide'.*found 'lang'"),
        ({"format": "wide", "case": "x"}, r"needs case = .* and a table \[events\]"),
        (
            {"format": "wide", "case": "x", "events": {"a": {"colum": "x"}}},
            "events.a.0.colum'; did you mean column",
        ),
        ({"facts": {"x": {"column": "y", "value": 1}}}, "facts.x: write either"),
        ({"format": "wide", "case": "x", "at": "y", "events": {"a": "x"}}, "belong to long logs"),
    ],
)
def test_a_mistaken_mapping_says_what_to_do(data, said):
    with pytest.raises(LogError, match=said):
        parse_mapping(data)


def test_a_mapping_that_is_no_toml_or_not_there(tmp_path):
    with pytest.raises(LogError, match=r"no such mapping.*bihuan map"):
        read_mapping(tmp_path / "none.toml")
    (tmp_path / "m.toml").write_text("format = ", "utf-8")
    with pytest.raises(LogError, match="no TOML"):
        read_mapping(tmp_path / "m.toml")


def test_a_column_that_is_not_there_is_named_with_the_one_meant(tmp_path):
    with pytest.raises(
        LogError, match=r"no column '创建时閒'; did you mean 创建时间\?.*the mapping names it"
    ):
        read(tmp_path, WIDE, mapping=WIDE_MAPPING | {"events": {"accepted": "创建时閒"}})


# Drafts


def drafted(path, **options):
    text = draft_mapping(path)
    mapping = parse_mapping(tomllib.loads(text))
    return text, mapping, read_log(path, mapping, **({"zone": ZONE} | options))


def test_a_draft_of_a_chinese_log_can_be_used_at_once(tmp_path):
    body = (
        "工单编号,环节,处理时间,处理人,承办单位,类别\nA1,受理,2026-09-30 15:10,王芳,客服中心,停电\n"
        "A1,派单,2026年9月30日 15:50,王芳,客服中心,停电\nA1,现场勘查,2026/10/8 8:05,李强,城东,停电\n"
    )
    _, mapping, log = drafted(written(tmp_path, body.encode("gb18030")))
    assert (mapping.case, mapping.event, mapping.at) == ("工单编号", ("环节",), "处理时间")
    assert names(log) == [("A1", "accepted"), ("A1", "dispatched")]
    assert log.notes[IGNORED] == 1
    assert log.facts.rows() == [("A1", "停电")]


def test_a_draft_of_a_wide_log_can_be_used_at_once(tmp_path):
    _, mapping, log = drafted(written(tmp_path, WIDE))
    assert mapping.case == "编号"
    assert set(mapping.wide) == {"accepted", "dispatched", "resolved", "called_back"}
    assert log.events.height > 5


def test_a_draft_says_where_day_and_month_cannot_be_told_apart(tmp_path):
    body = "id,created,closed\n1,01/02/2026 10:00,03/04/2026 11:00\n2,02/03/2026 10:00,\n"
    text, _, log = drafted(written(tmp_path, body))
    assert "# CHECK created: month first or day first?" in text
    assert log.excluded.height == 0
    assert "CHECK" not in draft_mapping(
        written(tmp_path, body.replace("01/02", "31/01").replace("02/03", "30/03"))
    )


def test_a_draft_of_a_log_without_instants_says_so(tmp_path):
    assert "# CHECK: no column of instants" in draft_mapping(written(tmp_path, "id,name\n1,a\n2,b\n"))


@pytest.mark.parametrize(
    ("name", "events"),
    [
        ("nyc311_2014_2019_1000.csv", {"accepted", "resolved", "closed"}),
        ("boston311_2011H2.csv.gz", {"accepted", "closed"}),
        ("helpdesk_italian.xes.gz", {"contacted", "resolved", "closed"}),
    ],
)
def test_drafts_of_real_logs_can_be_used_at_once(name, events):
    _, mapping, log = drafted(real(name), zone="America/New_York")
    assert events <= set(mapping.wide or mapping.events)
    assert log.events.height > 1_900
    assert log.excluded.height == 0


def test_the_mappings_in_the_manual_are_mappings():
    manual = (Path(__file__).parents[2] / "docs" / "logs.md").read_text("utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", manual, re.DOTALL)
    assert len(blocks) == 2
    for block in blocks:
        parse_mapping(tomllib.loads(block))
