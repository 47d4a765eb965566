"""Logs out of CSV, Parquet, JSON lines and XLSX; each way of writing a log gives the same log."""

import datetime
import gzip
import json
from zoneinfo import ZoneInfo

import polars as pl
import pytest
import xlsxwriter

from bihuan.engine.errors import LogError
from bihuan.engine.rows import rows
from bihuan.files.draft import draft_mapping
from bihuan.files.instants import AMBIGUOUS, MIDNIGHTS, SKIPPED
from bihuan.files.logs import EMPTY, read_log
from bihuan.files.mapping import parse_mapping
from bihuan.files.partition import iter_log
from bihuan.files.reading import (
    NO_CASE,
    NO_EVENT,
    NO_SUCH_TIME,
    NO_TIME,
    NOT_A_TIME,
    UNDECODED,
    UNEVEN,
    UNKNOWN_EVENT,
)
from bihuan.files.tables import MORE_CELLS, NO_OBJECT, OPEN_QUOTE
from tests.files.logs_at_hand import real

ZONE = "Asia/Shanghai"
HEAD = "case,event,at,actor,unit,channel\n"
BODY = """A1,accepted,2026-09-30 15:10,王芳,客服中心,来电
A1,dispatched,2026-09-30 15:50:20,王芳,城东,
A2,accepted,2026-10-08 08:05,李强,客服中心,网络
"""


def instant(text: str, zone: str = ZONE) -> int:
    return int(datetime.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp())


STORY = [
    ("A1", "accepted", instant("2026-09-30 15:10"), "王芳", "客服中心", "来电"),
    ("A1", "dispatched", instant("2026-09-30 15:50:20"), "王芳", "城东", None),
    ("A2", "accepted", instant("2026-10-08 08:05"), "李强", "客服中心", "网络"),
]


def story(log, *names):
    names = names or ("actor", "unit", "channel")
    return log.events.select("case", pl.col("event").cast(pl.String), "at", *names).rows()


def written(folder, content, name="log.csv"):
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder, content, *, mapping=None, name="log.csv", **options):
    mapping = parse_mapping(mapping) if mapping is not None else None
    return read_log(written(folder, content, name), mapping, **({"zone": ZONE} | options))


def found(log):
    return log.excluded.select("line", "column", "found", "reason").rows()


# One log, written in every way


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_csv_in_any_encoding_is_the_same_log(tmp_path, encoding):
    assert story(read(tmp_path, (HEAD + BODY).encode(encoding))) == STORY


def test_a_byte_order_mark_of_gb18030_is_no_part_of_the_first_column(tmp_path):
    assert story(read(tmp_path, ("\ufeff" + HEAD + BODY).encode("gb18030"))) == STORY


def test_csv_may_be_gzipped_or_split_by_tabs_or_semicolons(tmp_path):
    assert story(read(tmp_path, gzip.compress((HEAD + BODY).encode()), name="log.csv.gz")) == STORY
    for mark, name in (("\t", "log.tsv"), (";", "log.csv")):
        assert story(read(tmp_path, (HEAD + BODY).replace(",", mark), name=name)) == STORY


def test_windows_line_ends_and_a_missing_last_one_change_nothing(tmp_path):
    assert story(read(tmp_path, (HEAD + BODY).strip().replace("\n", "\r\n"))) == STORY


def as_rows():
    names = HEAD.strip().split(",")
    return [
        dict(zip(names, (cell or None for cell in line.split(",")), strict=True))
        for line in BODY.splitlines()
    ]


def test_parquet_json_lines_and_xlsx_are_the_same_log(tmp_path):
    table = pl.DataFrame(as_rows())
    table.write_parquet(tmp_path / "log.parquet")
    table.write_ndjson(tmp_path / "log.jsonl")
    table.write_excel(tmp_path / "log.xlsx")
    for name in ("log.parquet", "log.jsonl", "log.xlsx"):
        assert story(read_log(tmp_path / name, zone=ZONE)) == STORY, name


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_native_instants_of_parquet_with_and_without_a_zone(tmp_path, unit):
    table = pl.DataFrame(as_rows())
    local = [datetime.datetime(2026, 9, 30, 15, 10), datetime.datetime(2026, 9, 30, 15, 50, 20, 999_000)]
    local.append(datetime.datetime(2026, 10, 8, 8, 5))
    naive = table.with_columns(at=pl.Series(local, dtype=pl.Datetime(unit)))
    aware = naive.with_columns(pl.col("at").dt.replace_time_zone(ZONE).dt.convert_time_zone("Europe/Rome"))
    for name, each in (("naive", naive), ("aware", aware)):
        each.write_parquet(tmp_path / f"{name}.parquet")
        assert story(read_log(tmp_path / f"{name}.parquet", zone=ZONE)) == STORY, name


def test_one_row_per_case_with_lists_is_the_same_log_and_what_is_no_list_is_given_with_the_case(tmp_path):
    table = pl.DataFrame(as_rows()).drop("channel").group_by("case", maintain_order=True).agg(pl.all())
    table.with_columns(region=pl.Series(["东", "西"])).write_parquet(tmp_path / "lists.parquet")
    log = read_log(tmp_path / "lists.parquet", zone=ZONE)
    assert story(log, "actor", "unit") == [row[:5] for row in STORY]
    assert log.facts.rows() == [("A1", "东"), ("A2", "西")]


def test_a_case_with_its_events_inside_is_the_same_log(tmp_path):
    cases = {}
    for row in as_rows():
        cases.setdefault(row.pop("case"), []).append(row)
    lines = [json.dumps({"case": case, "region": "东", "events": events}) for case, events in cases.items()]
    log = read(tmp_path, "\n".join(lines), name="log.jsonl")
    assert story(log) == STORY
    assert log.facts.rows() == [("A1", "东"), ("A2", "东")]


def test_lists_of_different_lengths_and_empty_ones_are_listed(tmp_path):
    table = pl.DataFrame(
        {"case": ["1", "2", "3"], "event": [["accepted"], ["accepted"], []], "at": [["2026-01-01"], [], []]}
    )
    table.write_parquet(tmp_path / "lists.parquet")
    log = read_log(tmp_path / "lists.parquet", zone=ZONE)
    assert log.events["case"].to_list() == ["1"]
    assert [(line, value) for line, _, value, _ in found(log)] == [(2, "2"), (3, "3")]
    assert found(log)[0][3] == UNEVEN


def two_sheets(tmp_path, first, second):
    book = xlsxwriter.Workbook(tmp_path / "two.xlsx")
    for name, lines in (("说明", first), ("事件", second), ("Sheet3", [])):
        sheet = book.add_worksheet(name)
        for place, row in enumerate(lines):
            sheet.write_row(place, 0, row)
    book.close()
    return tmp_path / "two.xlsx"


EVENTS_SHEET = [line.split(",") for line in (HEAD + BODY).splitlines()]


def test_the_sheets_that_are_not_read_are_named(tmp_path):
    first = read_log(two_sheets(tmp_path, EVENTS_SHEET, [["又一张"]]), zone=ZONE)
    assert story(first) == STORY
    assert first.notes == {"sheets beside the first, not read: 事件": 1}
    path = two_sheets(tmp_path, [["说明文字"]], EVENTS_SHEET)
    with pytest.raises(
        LogError, match=r"no column 'case'.*the mapping's key sheet chooses another sheet: 事件$"
    ):
        read_log(path, zone=ZONE)
    assert '# sheet = "事件"' in draft_mapping(path)
    chosen = read_log(path, parse_mapping({"sheet": "事件"}), zone=ZONE)
    assert (chosen.events.height, chosen.notes) == (
        3,
        {"columns without a place in the mapping, not read: channel": 1},
    )


def test_an_empty_first_sheet_names_the_others(tmp_path):
    with pytest.raises(LogError, match=r"the sheet is empty.*another sheet: 事件$"):
        read_log(two_sheets(tmp_path, [], EVENTS_SHEET), zone=ZONE)


def test_native_dates_and_midnights_of_a_sheet_are_whole_days_and_its_times_are_not(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "log.xlsx"))
    sheet = book.add_worksheet("事件")
    day, time = (
        book.add_format({"num_format": "yyyy-mm-dd"}),
        book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
    )
    sheet.write_row(2, 0, ["编号", "开工", "完工"])  # two empty rows above, as exports have
    for row, hour in ((3, 8), (4, 9)):
        sheet.write(row, 0, 1000 + row)
        sheet.write_datetime(row, 1, datetime.datetime(2026, 3, row), day)
        sheet.write_datetime(row, 2, datetime.datetime(2026, 3, row, hour, 30), time)
    book.close()
    mapping = parse_mapping(
        {"format": "wide", "case": "编号", "events": {"accepted": "开工", "resolved": "完工"}}
    )
    log = read_log(tmp_path / "log.xlsx", mapping, zone=ZONE)
    assert log.events.select("case", "whole_day", "at", "line").rows() == [
        ("1003", True, instant("2026-03-03 00:00"), 4),
        ("1003", False, instant("2026-03-03 08:30"), 4),
        ("1004", True, instant("2026-03-04 00:00"), 5),
        ("1004", False, instant("2026-03-04 09:30"), 5),
    ]
    assert log.notes[MIDNIGHTS] == 1


# Times


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-09-30 15:10", "2026-09-30 15:10"),
        ("2026-09-30 15:10:07", "2026-09-30 15:10:07"),
        ("2026-09-30T15:10:07.999", "2026-09-30 15:10:07"),
        ("2026/9/3 8:05", "2026-09-03 08:05"),
        ("2026.9.3 8:05", "2026-09-03 08:05"),
        ("2026年9月3日 8时5分", "2026-09-03 08:05"),
        ("2026年9月3日15:10", "2026-09-03 15:10"),
        ("2026/9/3 下午 3:10:07", "2026-09-03 15:10:07"),
        ("2026-09-30T07:10:00Z", "2026-09-30 15:10"),
        ("2026-09-30T09:10:00+02:00", "2026-09-30 15:10"),
        ("2026-09-30 09:10:00+0200", "2026-09-30 15:10"),
        ("2026-09-30 24:00", "2026-09-30 23:59:59"),
    ],
)
def test_times_understood_without_a_declaration(tmp_path, text, meant):
    log = read(tmp_path, f"case,event,at\n1,accepted,{text}\n")
    assert log.events.select("at", "whole_day").rows() == [(instant(meant), False)]


@pytest.mark.parametrize("text", ["2026-09-03", "2026/9/3", "2026年9月3日", "20260903", "2026.09.03"])
def test_a_date_without_a_time_is_that_day_as_a_whole(tmp_path, text):
    log = read(tmp_path, f"case,event,at\n1,accepted,{text}\n1,closed,2026-09-04 10:00\n")
    assert log.events.select("at", "whole_day").row(0) == (instant("2026-09-03 00:00"), True)
    assert log.events.select("at", "whole_day").row(1) == (instant("2026-09-04 10:00"), False)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-02-30 10:00", NO_SUCH_TIME),
        ("2026-13-01", NO_SUCH_TIME),
        ("2026-09-30 25:00", NO_SUCH_TIME),
        ("0001-01-01 00:00", NO_SUCH_TIME),
        ("9999-12-31", NO_SUCH_TIME),
        ("06/07/2026 10:00", NOT_A_TIME),
        ("yesterday", NOT_A_TIME),
        ("2026111", NOT_A_TIME),
        ("", NO_TIME),
    ],
)
def test_what_is_no_instant_is_listed_and_the_other_rows_are_read(tmp_path, text, reason):
    log = read(tmp_path, f"case,event,at\n1,accepted,2026-01-01\n1,closed,{text}\n2,accepted,2026-01-01\n")
    assert found(log) == [(3, "at", text or None, reason)]
    assert log.events["case"].to_list() == ["1", "2"]


def test_a_declared_format_is_the_only_one_tried(tmp_path):
    log = read(
        tmp_path,
        "case,event,at\n1,accepted,06/07/2026 1:05 PM\n2,accepted,2026-01-01\n",
        mapping={"datetime": "%m/%d/%Y %I:%M %p"},
    )
    assert log.events["at"].to_list() == [instant("2026-06-07 13:05")]
    assert found(log) == [(3, "at", "2026-01-01", NO_SUCH_TIME)]


@pytest.mark.parametrize(
    ("form", "value", "meant", "whole"),
    [
        ("unix", "1790752200", "2026-09-30 15:10", False),
        ("unix ms", "1790752200999", "2026-09-30 15:10", False),
        ("excel", "46295.6319444444", "2026-09-30 15:10", False),
        ("excel", "46295", "2026-09-30 00:00", True),
    ],
)
def test_numbers_are_instants_where_the_mapping_says_which(tmp_path, form, value, meant, whole):
    log = read(tmp_path, f"case,event,at\n1,accepted,{value}\n", mapping={"datetime": form})
    assert log.events.select("at", "whole_day").rows() == [(instant(meant), whole)]


def test_numbers_are_never_guessed(tmp_path):
    pl.DataFrame({"case": ["1"], "event": ["accepted"], "at": [1790752200]}).write_parquet(
        tmp_path / "log.parquet"
    )
    with pytest.raises(LogError, match=r"holds numbers like 1790752200.*unix"):
        read_log(tmp_path / "log.parquet", zone=ZONE)


def test_hours_that_the_clock_skips_or_repeats_are_decided_as_python_does_and_counted(tmp_path):
    times = ["2026-03-08 02:30:00", "2026-11-01 01:30:00", "2026-11-01 03:30:00"]
    log = read(
        tmp_path, "case,event,at\n" + "".join(f"1,urged,{time}\n" for time in times), zone="America/New_York"
    )
    assert log.events["at"].to_list() == [instant(time, "America/New_York") for time in times]
    assert log.notes == {SKIPPED: 1, AMBIGUOUS: 1}


def test_the_zone_of_the_mapping_goes_before_that_of_the_policy(tmp_path):
    content = "case,event,at\n1,accepted,2026-09-30 15:10\n"
    log = read(tmp_path, content, mapping={"zone": "Europe/Rome"})
    assert log.events["at"].to_list() == [instant("2026-09-30 15:10", "Europe/Rome")]
    with pytest.raises(LogError, match="without a zone"):
        read(tmp_path, content, zone=None)
    with pytest.raises(LogError, match="no time zone 'Asia/Peking'"):
        read(tmp_path, content, zone="Asia/Peking")


def test_when_it_was_recorded_is_kept_and_a_bad_cell_of_it_costs_no_event(tmp_path):
    log = read(
        tmp_path,
        "case,event,at,recorded_at\n1,accepted,2026-01-01 08:00,2026-01-02 09:00\n1,closed,2026-01-03,x\n",
    )
    assert log.events["recorded_at"].to_list() == [instant("2026-01-02 09:00"), None]
    assert found(log) == [(3, "recorded_at", "x", NOT_A_TIME)]


# Bad rows


def test_every_bad_row_is_listed_by_its_first_fault_and_the_totals_account_for_all(tmp_path):
    log = read(
        tmp_path,
        "case,event,at\n1,accepted,2026-01-01\n,accepted,2026-01-01\n1,,2026-01-01\n1,acepted,2026-01-01\n  ,,x\n"
        "1,accepted,2026-01-01\n",
        known_events=["accepted"],
    )
    assert found(log) == [
        (3, "case", None, NO_CASE),
        (4, "event", None, NO_EVENT),
        (5, "event", "acepted", UNKNOWN_EVENT),
        (6, "case", None, NO_CASE),
    ]
    totals = log.totals()
    assert totals["read"] == 6 == totals["events"] + totals["excluded"] + totals["duplicates"]


def test_labels_of_known_events_are_understood(tmp_path):
    log = read(
        tmp_path,
        "case,event,at\n1,受理,2026-01-01\n1,closed,2026-01-02\n",
        known_events={"accepted": "受理", "closed": "关闭"},
    )
    assert log.events["event"].cast(pl.String).to_list() == ["accepted", "closed"]


def test_lines_are_those_of_the_file_where_cells_hold_line_breaks_and_lines_are_blank(tmp_path):
    log = read(
        tmp_path,
        'case,event,at,note\n1,accepted,2026-01-01,"one\ntwo, ""three"""\n\n2,accepted,x,\n3,accepted,2026-01-01,\n',
    )
    assert log.events.select("case", "line").rows() == [("1", 2), ("3", 6)]
    assert log.events["note"][0] == 'one\ntwo, "three"'
    assert [row[0] for row in found(log)] == [5]
    assert log.read == 3


def test_rows_that_are_no_rows_are_listed(tmp_path):
    log = read(
        tmp_path,
        'case,event,at\n1,accepted,2026-01-01,extra\n2,"accepted,2026-01-01\n3,accepted,2026-01-01\n4,accepted\n',
    )
    assert [(line, reason) for line, _, _, reason in found(log)] == [
        (2, MORE_CELLS),
        (3, OPEN_QUOTE),
        (5, NO_TIME),
    ]
    assert log.events["case"].to_list() == ["3"]
    assert log.read == 4


def test_bytes_of_no_encoding_cost_their_row_only(tmp_path):
    body = (HEAD + BODY).encode().replace("李强".encode(), b"\xff\xfe")
    log = read(tmp_path, body)
    assert story(log) == STORY[:2]
    assert [(line, column, reason) for line, column, _, reason in found(log)] == [(4, "actor", UNDECODED)]


def test_json_lines_that_are_no_objects_are_listed(tmp_path):
    lines = [
        '{"case": "1", "event": "accepted", "at": "2026-01-01"}',
        "[1]",
        "",
        "{broken",
        '{"case": 2, "event": "accepted", "at": "2026-01-01"}',
    ]
    log = read(tmp_path, "\n".join(lines), name="log.jsonl")
    assert log.events.select("case", "line").rows() == [("1", 1), ("2", 5)]
    assert [(line, reason) for line, _, _, reason in found(log)] == [(2, NO_OBJECT), (4, NO_OBJECT)]


def test_an_empty_log_is_a_log_with_a_note(tmp_path):
    log = read(tmp_path, HEAD)
    assert (log.events.height, log.notes) == (0, {EMPTY: 1})
    assert len(rows(log).cases) == 0


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("log.csv", "", "empty"),
        ("log.jsonl", "", "empty"),
        ("log.parquet", "no parquet", "no Parquet"),
        ("log.xlsx", "no sheet", "no XLSX"),
        ("log.xes", "<log><trace>", "breaks off"),
        ("log.pdf", "x", "unknown kind"),
        ("log.csv.gz", gzip.compress(b"case,event,at\n" * 99)[:40], "breaks off"),
        ("log.csv", "cases,event,at\n1,accepted,2026-01-01\n", "did you mean cases"),
    ],
    ids=["empty csv", "empty json lines", "parquet", "xlsx", "xes", "pdf", "broken gzip", "column"],
)
def test_what_is_no_log_is_refused_with_the_reason(tmp_path, name, content, said):
    with pytest.raises(LogError, match=said) as error:
        read(tmp_path, content, name=name)
    assert error.value.where["file"].endswith(name)


def test_a_missing_file_and_a_folder_are_refused(tmp_path):
    with pytest.raises(LogError, match="no such file"):
        read_log(tmp_path / "none.csv")
    (tmp_path / "dir.csv").mkdir()
    with pytest.raises(LogError, match="folder"):
        read_log(tmp_path / "dir.csv")


# Larger than memory


def big(folder, name, *, shuffled):
    table = pl.DataFrame(
        [
            (
                f"C{case:03}",
                event,
                f"2026-01-{1 + case % 28:02} {8 + turn:02}:{case % 60:02}",
                f"u{case % 3}",
                turn,
            )
            for case in range(150)
            for turn, event in enumerate(["accepted", "dispatched", "dispatched", "closed"][: 2 + case % 3])
        ],
        schema=["case", "event", "at", "unit", "turn"],
        orient="row",
    )
    table = pl.concat([table, table.head(5), table.head(1).with_columns(at=pl.lit("never"))])
    table = table.sample(fraction=1, shuffle=True, seed=4) if shuffled else table.sort("case", "at")
    kind = name.split(".")[1]
    write = {"csv": table.write_csv, "parquet": table.write_parquet, "jsonl": table.write_ndjson}[kind]
    write(folder / name)  # type: ignore[operator]
    return folder / name


def content(logs):
    events = pl.concat([log.events.with_columns(pl.col("event", "file").cast(pl.String)) for log in logs])
    excluded = pl.concat([log.excluded for log in logs])
    counts = sum(log.read for log in logs), sum(log.duplicates for log in logs)
    return events.drop("line").sort("case", "at", "event").rows(), excluded.sort("line").rows(), counts


@pytest.mark.parametrize("kind", ["csv", "parquet", "jsonl"])
@pytest.mark.parametrize("shuffled", [False, True])
def test_a_log_read_in_parts_has_the_same_rows_and_whole_cases(tmp_path, kind, shuffled):
    path = big(tmp_path, f"log.{kind}", shuffled=shuffled)
    told = []
    parts = list(iter_log(path, zone=ZONE, chunk=40, progress=lambda stage, done: told.append((stage, done))))
    assert len(parts) > 4
    assert content(parts) == content([read_log(path, zone=ZONE)])
    cases = [case for log in parts for case in log.events["case"].unique()]
    assert len(cases) == len(set(cases)) == 150
    assert {stage for stage, _ in told} == {"looking through", "reading"}


def test_a_case_larger_than_a_part_comes_whole(tmp_path):
    lines = [f"only,urged,2026-01-01 {hour:02}:{minute:02}" for hour in range(24) for minute in range(60)]
    path = written(tmp_path, "case,event,at\n" + "\n".join(lines))
    parts = [log for log in iter_log(path, zone=ZONE, chunk=50) if log.events.height]
    assert [log.events.height for log in parts] == [1440]
    assert sum(log.read for log in parts) == 1440


def test_a_whole_stays_with_its_parts(tmp_path):
    body = "".join(f"P{n},accepted,2026-01-01,{f'W{n % 7}' if n % 2 else ''}\n" for n in range(300))
    body += "".join(f"W{n},accepted,2026-01-01,{'W0' if n else ''}\n" for n in range(7))
    path = written(tmp_path, "case,event,at,whole\n" + body)
    for log in iter_log(path, zone=ZONE, chunk=20, part_of="whole"):
        cases = set(log.events["case"])
        for case, whole in log.events.select("case", "whole").drop_nulls().rows():
            assert whole in cases, (case, whole)


def test_a_second_table_of_facts_goes_with_the_cases(tmp_path):
    path = big(tmp_path, "log.csv", shuffled=True)
    cases = written(
        tmp_path, "case,region\n" + "".join(f"C{n:03},r{n % 4}\n" for n in range(160)), "cases.csv"
    )
    whole = read_log(path, zone=ZONE, facts=cases)
    parts = list(iter_log(path, zone=ZONE, facts=cases, chunk=40))
    assert pl.concat([log.facts for log in parts]).sort("case").equals(whole.facts.sort("case"))
    assert whole.facts.height == 150
    assert content(parts)[1:] == content([whole])[1:]
    assert whole.excluded.height == 11  # ten cases without an event and one bad instant


# Real logs


def test_new_york_rows_closed_before_they_were_created_are_listed():
    mapping = parse_mapping(
        {
            "format": "wide",
            "case": "Unique Key",
            "datetime": "%m/%d/%Y %I:%M:%S %p",
            "events": {"accepted": "Created Date", "closed": "Closed Date"},
        }
    )
    path = real("nyc311_2014_2019_1000.csv")
    log = read_log(path, mapping, zone="America/New_York", starts=["accepted"])
    table = pl.read_csv(path, columns=["Created Date", "Closed Date"])
    created, closed = (table[name].str.to_datetime("%m/%d/%Y %I:%M:%S %p") for name in table.columns)
    assert log.excluded["line"].to_list() == [
        row + 2 for row in (closed < created).fill_null(False).arg_true()
    ]
    assert log.events["case"].n_unique() == log.read == 1000


def test_boston_is_read_whole():
    mapping = parse_mapping(
        {
            "format": "wide",
            "case": "case_enquiry_id",
            "events": {"accepted": "open_dt", "closed": "closed_dt"},
        }
    )
    log = read_log(real("boston311_2011H2.csv.gz"), mapping, zone="America/New_York", starts=["accepted"])
    assert log.totals()["cases"] == log.read == 58_251
    assert log.excluded.height == 0
