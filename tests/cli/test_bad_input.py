"""Bad input, one case each: a clear error and exit code 2, or an exclusion that is counted and listed; never a traceback.

Messages are compared whole, so that whoever changes one sees what a user will read; the Chinese ones, beside the same
refusal, in `test_errors_in_chinese`.
"""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner

from bihuan.cli.root import cli

ROOT = Path(__file__).parents[2]
POLICY = str(ROOT / "examples" / "working-days")
LOG = str(ROOT / "examples" / "working-days" / "log.csv")
DAZU = "dazu-complaint-assessment"
GOOD = "case,event,at\na,accepted,2025-09-22 10:00\n"
LANGUAGES = ("en", "zh")
WAYS = {"at once": (), "in portions": ("--chunk", "2")}


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    """Messages name files as the caller did."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def written(text, name="log.csv", encoding="utf-8"):
    Path(name).write_bytes(text if isinstance(text, bytes) else text.encode(encoding))
    return name


def replay(*arguments, policy=POLICY, lang="en", code=0):
    done = CliRunner().invoke(
        cli, ["replay", *arguments, "--policy", policy, "--out", "out", "--lang", lang], prog_name="bihuan"
    )
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done


def refused(*arguments, **options):
    """What is said; nothing is written, whole or half."""
    before = sorted(Path().iterdir())
    done = replay(*arguments, code=2, **options)
    assert sorted(Path().iterdir()) == before
    assert done.stdout == ""
    return done.stderr.rstrip("\n")


FILES = [
    ("gone.csv", None, "gone.csv: there is no such file"),
    ("empty.csv", "", "empty.csv:1: the file is empty; a log has at least a header line"),
    ("log.xls", "x", "log.xls: unknown kind of file '.xls'; save it as XLSX or CSV"),
    ("log.pdf", "x", "log.pdf: unknown kind of file '.pdf'; logs are CSV, Parquet, JSON lines, XLSX, XES"),
    (
        "log.parquet",
        "PAR1 and then nothing",
        "log.parquet: this is no Parquet file that can be read: parquet: File out of specification: "
        "The file must end with PAR1 or PARE",
    ),
    (
        "log.csv",
        "case,event\n1,accepted\n",
        "log.csv, column at: no column 'at'; the columns are 'case', 'event' "
        "(write a mapping; draft one with: bihuan map LOG)",
    ),
]


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("name", "text", "says"), FILES, ids=[f"{name} {n}" for n, (name, *_) in enumerate(FILES)]
)
def test_a_file_that_cannot_be_read(name, text, says, way):
    if text is not None:
        written(text, name)
    assert refused(name, *WAYS[way]) == "Error: " + says
    told = refused(name, *WAYS[way], lang="zh")
    assert told.startswith("错误:")
    assert says not in told


@pytest.mark.parametrize("way", WAYS)
def test_a_folder_is_no_log(way):
    Path("logs").mkdir()
    assert (
        refused("logs", *WAYS[way])
        == "Error: logs: unknown kind of file ''; logs are CSV, Parquet, JSON lines, XLSX, XES"
    )


def test_gb18030_is_read():
    text = "工单,环节,时间,类别\n甲,accepted,2025-09-26 16:00,complaint\n"
    mapping = 'case = "工单"\nevent = "环节"\nat = "时间"\n[facts]\nmatter = "类别"\n'
    name = written(text, encoding="gb18030")
    done = replay(name, "--mapping", written(mapping, "m.toml"), "--format", "jsonl")
    assert '"case": "甲", "rule": "answer-complaint"' in done.stdout
    assert list(excluded()) == []


def test_bytes_of_no_encoding_are_listed():
    name = written(GOOD.encode() + b"b\xff\xff\x80,accepted,2025-09-22 10:00\n")
    done = replay(name)
    assert "bytes that are neither UTF-8 nor GB18030; save the file as UTF-8" in done.stdout
    assert [row[1:3] for row in excluded()] == [("3", "case")]


def excluded():
    with Path("out/excluded.csv").open(encoding="utf-8-sig", newline="") as file:
        return [tuple(row.values()) for row in csv.DictReader(file)]


BAD_ROWS = {
    "an impossible date": (
        "f,accepted,2025-02-30 16:00\n",
        ("log.csv", "3", "at", "2025-02-30 16:00", "there is no such date or time"),
        "没有这样的日期或时刻",
    ),
    "no date at all": (
        "f,accepted,soon\n",
        ("log.csv", "3", "at", "soon", "no date or time that could be read; declare its format in the mapping"),
        "读不出日期或时刻;请在映射中声明其格式",
    ),
    "an unknown event": (
        "f,acepted,2025-09-22 16:00\n",
        ("log.csv", "3", "event", "acepted", "no event of the vocabulary or the policy; rename it in the mapping or list it in ignored_events"),
        "不是词表或制度中的事件;请在映射中改名,或列入 ignored_events",
    ),
    "an event before acceptance": (
        "a,resolved,2025-09-20 10:00\n",
        ("log.csv", "3", "at", "resolved 2025-09-20 10:00:00", "the event lies before the event that opened its case"),
        "事件早于其工单的立案事件",
    ),
    "a case with no start": (
        "f,resolved,2025-09-22 16:00\n",
        ("log.csv", "3", "event", "resolved", "the case has none of the events that open a case"),
        "工单没有任何立案事件",
    ),
    "a row without a case": (
        ",accepted,2025-09-22 16:00\n",
        ("log.csv", "3", "case", "", "the case id is empty"),
        "工单号为空",
    ),
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("what", BAD_ROWS)
def test_a_row_that_cannot_be_judged_is_counted_and_listed_and_the_rest_judged(what, lang, way):
    line, listed, chinese = BAD_ROWS[what]
    done = replay(written(GOOD + line), *WAYS[way], policy=DAZU, lang=lang)
    assert excluded() == [listed if lang == "en" else (*listed, chinese)]
    shown = [text.split() for text in done.stdout.splitlines()]
    assert [{"en": "excluded", "zh": "剔除"}[lang], "1"] in shown
    assert ["1", *({"en": listed[4], "zh": chinese}[lang].split())] in shown
    assert [{"en": "cases", "zh": "工单"}[lang], "1"] in shown


def test_a_misspelt_policy_is_told_the_near_ones():
    assert refused(LOG, policy="dazu-complaint-asessment") == (
        "Error: no policy 'dazu-complaint-asessment' and no such file. "
        "Did you mean `dazu-complaint-assessment` or `power/dazu-complaint-assessment`?"
    )


LIMIT = "expected a limit such as '2 hours', '3 working days' or 'next day 10:00'"
CALLS = {
    "a negative duration": (
        ["--set", "answer-complaint.within=-2 hours"],
        f"parameter answer-complaint.within: answer-complaint.within = -2 hours: {LIMIT}",
    ),
    "a number for a duration": (
        ["--set", "answer-complaint.within=-1"],
        f"parameter answer-complaint.within: answer-complaint.within = -1: {LIMIT}",
    ),
    "a negative tolerance": (
        ["--set", "backdating_tolerance=-1 day"],
        f"parameter backdating_tolerance: backdating_tolerance = -1 day: {LIMIT}",
    ),
    "no such parameter": (
        ["--set", "answer-complaint.withn=1 day"],
        "parameter answer-complaint.withn: no parameter 'answer-complaint.withn' in this policy. "
        "Did you mean `answer-complaint.within` or `answer-question.within`?",
    ),
    "no setting": (["--set", "x"], "--set wants NAME=VALUE, found 'x'"),
    "no instant": (
        ["--as-of", "yesterday"],
        "--as-of wants YYYY-MM-DD or YYYY-MM-DD HH:MM, found 'yesterday'",
    ),
    "no mapping": (
        ["--mapping", "gone.toml"],
        "gone.toml: there is no such mapping; draft one with: bihuan map LOG",
    ),
    "no site": (["--site", "gone"], "gone: a site is a folder; there is none here"),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("what", CALLS)
def test_a_wrong_call(what, way):
    options, says = CALLS[what]
    assert refused(LOG, *options, *WAYS[way]) == "Error: " + says
    told = refused(LOG, *options, *WAYS[way], lang="zh")
    assert told.startswith("错误:")
    assert says not in told


def test_a_portion_has_at_least_a_row():
    assert refused(LOG, "--chunk", "-1").endswith(
        "Error: Invalid value for '--chunk': -1 is not in the range x>=0."
    )


@pytest.mark.parametrize("way", WAYS)
def test_a_missing_parameter_is_named_and_nothing_is_guessed(way):
    done = replay(written(GOOD), *WAYS[way], policy=DAZU)
    assert "no value for customer-total.within" in done.stdout
    done = replay(written(GOOD), *WAYS[way], policy=DAZU, lang="zh")
    assert "没有给值: customer-total.within" in done.stdout


CIRCLES = {
    "rules-in-a-circle": {"en": "first → second → first", "zh": "first → second → first"},
    "facts-in-a-circle": {"en": "one → two → one", "zh": "one → two → one"},
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", CIRCLES)
def test_a_policy_with_a_circle(name, lang, way):
    path = ROOT / "tests" / "broken" / f"{name}.toml"
    first, *findings = refused(LOG, *WAYS[way], policy=str(path), lang=lang).splitlines()
    assert first == {"en": f"Error: {path}: 1 defect", "zh": f"错误:{path}: 1 处错误"}[lang]
    assert len(findings) == 1
    assert CIRCLES[name][lang] in findings[0]


@pytest.mark.parametrize("way", WAYS)
def test_csv_which_has_no_summary_says_beside_it_how_many_rows_were_left_out(way):
    name = written(GOOD + "b,accepted,tomorrow\n")
    done = replay(name, *WAYS[way], "--format", "csv")
    assert done.stderr == "rows of the log left out: 1; --out lists them\n"
    assert replay(written(GOOD), *WAYS[way], "--format", "csv").stderr == ""


@pytest.mark.parametrize("way", WAYS)
def test_what_was_decided_while_reading_and_the_instant_of_judging_are_said(way):
    table = replay(written(GOOD), *WAYS[way]).stdout
    assert "2025-09-22 10:00 (the last event of the log)" in table
    empty = replay(written("case,event,at\n"), *WAYS[way]).stdout
    assert "1   the log has no rows" in empty
    assert "as of" not in empty
    assert "the last event" not in replay(written(GOOD), *WAYS[way], "--as-of", "2025-09-22").stdout


def test_a_calendar_that_nobody_gave_says_where_one_is_to_be_put():
    policy = (ROOT / "examples" / "working-days" / "2025-01-01.toml").read_text("utf-8")
    written(policy.replace('calendar = "cn"', 'calendar = "ours"'), "2025-01-01.toml")
    assert refused(written(GOOD), policy="2025-01-01.toml") == (
        "Error: calendar ours: policy examples/working-days wants calendar 'ours'; there are cn, cn-office; "
        "one of your own is a file in the folder calendars of a site"
    )
    says = refused("log.csv", policy="2025-01-01.toml", lang="zh")
    assert says.endswith("现有 cn, cn-office;可把自己的日历文件放进站点的 calendars 文件夹(--site)")
