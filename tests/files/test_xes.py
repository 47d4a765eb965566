"""XES, plain and gzipped, by its own names; hostile documents are refused."""

import gzip

import polars as pl
import pytest

from bihuan.engine.errors import LogError
from bihuan.files.logs import read_log
from bihuan.files.mapping import parse_mapping
from bihuan.files.partition import iter_log
from bihuan.files.xes import xes_batches
from tests.files.logs_at_hand import real

DOCUMENT = """<?xml version="1.0" encoding="utf-8"?>
<log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">
  <global scope="event"><string key="concept:name" value="unknown"/></global>
  <string key="origin" value="csv"/>
  <trace>
    <string key="concept:name" value="A1"/>
    <event>
      <string key="concept:name" value="accepted"/>
      <date key="time:timestamp" value="2026-09-30T15:10:00.000+08:00"/>
      <string key="org:resource" value="王芳"/>
      <string key="org:group" value="客服中心"/>
      <string key="verdict" value="好"><string key="verdict" value="nested"/></string>
      <list key="parts"><values><string key="cost" value="1"/></values></list>
    </event>
    <event>
      <string key="concept:name" value="closed"/>
      <date key="time:timestamp" value="2026-10-08T08:05:00Z"/>
    </event>
    <string key="region" value="东"/>
  </trace>
  <trace>
    <string key="concept:name" value="A2"/>
    <event><date key="time:timestamp" value="2026-10-08T08:05:00Z"/></event>
  </trace>
</log>
"""


def written(folder, text, name="log.xes"):
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_traces_and_events_are_read_by_the_names_of_the_standard(tmp_path):
    log = read_log(written(tmp_path, DOCUMENT))
    assert log.events.select(
        "case", pl.col("event").cast(pl.String), "at", "actor", "unit", "line"
    ).rows() == [
        ("A1", "accepted", 1790752200, "王芳", "客服中心", 7),
        ("A1", "closed", 1791446700, None, None, 15),
    ]
    assert log.facts.rows() == [("A1", "东")]
    assert log.excluded.select("line", "column").rows() == [(23, "concept:name")]


def test_attributes_nested_in_attributes_and_lists_are_not_taken_for_attributes_of_the_event(tmp_path):
    log = read_log(written(tmp_path, DOCUMENT))
    assert log.events["verdict"].to_list() == ["好", None]
    assert "cost" not in log.events.columns


def test_names_with_a_prefix_are_the_same_document(tmp_path):
    prefixed = (
        DOCUMENT.replace("<", "<x:")
        .replace("<x:/", "</x:")
        .replace("<x:?", "<?")
        .replace("xmlns=", "xmlns:x=")
    )
    whole, other = read_log(written(tmp_path, DOCUMENT)), read_log(written(tmp_path, prefixed, "x.xes"))
    assert whole.events.drop("file").equals(other.events.drop("file"))


def test_events_may_be_renamed_by_a_mapping(tmp_path):
    mapping = parse_mapping({"events": {"resolved": "closed"}, "carried": {"verdict": "verdict"}})
    log = read_log(written(tmp_path, DOCUMENT), mapping)
    assert log.events["event"].cast(pl.String).to_list() == ["accepted", "resolved"]


BOMB = """<?xml version="1.0"?>
<!DOCTYPE log [<!ENTITY a "aaaaaaaaaaaaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>
<log><trace><string key="concept:name" value="&b;"/></trace></log>"""


@pytest.mark.parametrize(
    "document", [BOMB, BOMB.replace("[<!ENTITY", 'SYSTEM "file:///etc/passwd" [<!ENTITY')]
)
def test_a_document_type_is_refused_before_anything_is_expanded(tmp_path, document):
    with pytest.raises(LogError, match="document type") as error:
        read_log(written(tmp_path, document))
    assert error.value.where["line"] == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [("<html/>", "no XES"), (DOCUMENT[:700], "breaks off"), ("", "breaks off"), ("<log>&x;</log>", "wrong")],
)
def test_what_is_no_xes_is_refused(tmp_path, text, said):
    with pytest.raises(LogError, match=said):
        read_log(written(tmp_path, text))


def test_batches_hold_whole_traces(tmp_path):
    trace = DOCUMENT[DOCUMENT.index("  <trace>") : DOCUMENT.index("  <trace>", 400)]
    path = written(tmp_path, "<log>" + "".join(trace.replace("A1", f"T{n}") for n in range(5000)) + "</log>")
    batches = list(xes_batches(path, 1000))
    assert len(batches) > 1
    cases = [case for batch in batches for case in batch.table["case:concept:name"].unique()]
    assert len(cases) == len(set(cases)) == 5000
    assert all(batch.table["case:region"].null_count() == 0 for batch in batches)


def test_the_italian_help_desk_has_the_events_and_cases_its_publisher_counts():
    path = real("helpdesk_italian.xes.gz")
    log = read_log(path)
    assert (log.read, log.totals()["cases"]) == (21_348, 4_580)
    assert log.events.height + log.duplicates == 21_348
    assert log.excluded.height == 0
    lines = gzip.decompress(path.read_bytes()).split(b"\n")
    assert all(b"<event>" in lines[line - 1] for line in log.events["line"].gather([0, 9_000, -1]))


def test_the_help_desk_in_parts_is_the_same_log():
    path = real("helpdesk_italian.xes.gz")
    parts = list(iter_log(path, chunk=5_000))
    assert sum(log.events.height for log in parts) == read_log(path).events.height
    assert sum(log.events["case"].n_unique() for log in parts) == 4_580


def test_traffic_fines_are_read():
    log = read_log(real("roadtraffic100traces.xes"))
    assert log.totals()["cases"] == 100
    assert log.excluded.height == 0
