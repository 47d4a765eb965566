"""Under `--lang zh` every message of an error is Chinese, and none is lost on the way."""

import re

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st
from tools import locale, messages

from bihuan.cli.root import cli
from bihuan.said import CONTEXT, FIELD, catalogue, said, translated
from bihuan.words import PLACES

POLICY = ("--policy", "dazu-complaint-assessment")
HEADER = "case,event,at\n"
CIRCLE = """
[policy]
id = "test/circle"
title = "环"
edition = 2025-01-01
status = "in force"
source = { file = "circle.md", lines = "1-2" }
zone = "Asia/Shanghai"
calendar = "natural"

[[article]]
no = "第一条"
says = "两件事互相等待。"

[[article.obligation]]
id = "one"
after = "two.met"
owes = "district"
by = "closed"
within = "1 day"

[[article.obligation]]
id = "two"
after = "one.met"
owes = "district"
by = "closed"
within = "1 day"
"""
#: Sites whose message is another's: an error of the system, findings, an error raised again.
ELSEWHERE = {
    "cli/root.py: str(error.strerror)",
    "cli/root.py: unavailable(error, 'stopped')",  # made of a cause and a consequence, both collected
    "desk/counts.py: unavailable(error, 'unsaved')",
    "desk/database.py: unavailable(error, outcome)",
    "desk/actions/acting.py: refusal(case.edition.hash, wrong)",  # made of translated words
    "desk/actions/meddling.py: refusal(case.edition.hash, excluded)",
    "desk/api/messages.py: '; '.join((f'{name}: {each}' for name, all in form.errors.items() for each in all))",
    "desk/pages/comparing_apart.py: found['problem']",
    "engine/example.py: summary(findings)",
    "engine/parameters.py: '; '.join(dict.fromkeys(broken))",
    "engine/policy.py: summary(findings)",
    "engine/replay.py: defects(found)",
    "files/calendar_file.py: '; '.join((told(error) for error in found.errors()))",
    "files/cells.py: error.message",
    "files/policies.py: finding.text()",
}


@pytest.fixture(autouse=True)
def english_afterwards(monkeypatch):
    """`--lang` holds for the process; other tests read English."""
    monkeypatch.setenv("LANGUAGE", "zh")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Files of these names, read by names without a folder."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "ok.csv").write_text(HEADER + "1,accepted,2025-09-01 10:00\n")
    return tmp_path


def told(*arguments):
    done = CliRunner().invoke(cli, ["--lang", "zh", *arguments])
    assert done.exit_code == 2, done.output
    return done.stderr


def test_a_file_that_is_not_there(folder):
    assert told("replay", "gone.csv", *POLICY) == "错误:gone.csv: 没有这个文件\n"


def test_a_file_that_cannot_be_read(folder):
    (folder / "log.parquet").mkdir()
    assert told("replay", "log.parquet", *POLICY) == "错误:log.parquet: 这是一个文件夹;请写出其中的一个文件\n"


def test_a_mapping_in_a_wrong_encoding(folder):
    (folder / "m.toml").write_bytes('case = "工单号"\n'.encode("gb18030"))
    assert told("replay", "ok.csv", *POLICY, "--mapping", "m.toml") == (
        "错误:m.toml: 映射无法读取:不是 'utf-8' 编码:第 8 字节 0xb9,起始字节不对\n"
    )


def test_a_column_that_the_mapping_names_and_the_log_lacks(folder):
    (folder / "m.toml").write_text('case = "cas"\n')
    assert told("replay", "ok.csv", *POLICY, "--mapping", "m.toml") == (
        "错误:ok.csv:1: 没有列 'cas';是不是指 case?;现有的列为 'case', 'event', 'at'(映射中写了这一列)\n"
    )


def test_a_mapping_with_several_defects(folder):
    (folder / "m.toml").write_text('header = "a"\nevnt = "e"\nformat = "tall"\n')
    assert told("replay", "ok.csv", *POLICY, "--mapping", "m.toml") == (
        "错误:m.toml: format: 应为 'long' 或 'wide'(写的是 'tall'); header: 应为整数(写的是 'a'); "
        "没有 'evnt' 这个键;是不是指 event?\n"
    )


def test_a_mapping_that_is_no_toml(folder):
    (folder / "m.toml").write_text("a = = 1")
    assert told("replay", "ok.csv", *POLICY, "--mapping", "m.toml") == (
        "错误:m.toml: 映射不是合法的 TOML:值的写法不对(第 1 行第 5 列)\n"
    )


def test_a_policy_that_is_no_toml_is_told_once(folder):
    (folder / "p.toml").write_text("a = = 1")
    assert told("replay", "ok.csv", "--policy", "p.toml") == (
        "错误:p.toml: 不是合法的 TOML:值的写法不对(第 1 行第 5 列)。请检查引号、括号和重复的标题。\n"
    )


def test_an_unknown_policy(folder):
    assert told("replay", "ok.csv", "--policy", "dazu-complaint-asessment") == (
        "错误:没有制度 'dazu-complaint-asessment',也没有这个文件。"
        "是否为 `dazu-complaint-assessment` 或 `power/dazu-complaint-assessment`?\n"
    )


def test_an_unknown_parameter(folder):
    assert told("replay", "ok.csv", *POLICY, "--set", "contct.within=2 hours") == (
        "错误:参数 contct.within: 此制度中没有参数 'contct.within'。是否为 `contact.within` 或 `first-contact.within`?\n"
    )


def test_a_setting_without_a_value(folder):
    assert told("replay", "ok.csv", *POLICY, "--set", "contact.within") == (
        "错误:--set 应写成 名称=值,写的是 'contact.within'\n"
    )


def test_a_negative_duration(folder):
    assert told("replay", "ok.csv", *POLICY, "--set", "contact.within=-2 hours") == (
        "错误:参数 contact.within: contact.within = -2 hours:应为时限,如 2小时、3个工作日、次日10:00\n"
    )


def test_an_impossible_date_of_the_call(folder):
    assert told("replay", "ok.csv", *POLICY, "--as-of", "2025-02-30") == (
        "错误:--as-of '2025-02-30':该月没有这一天\n"
    )


def test_an_unknown_case(folder):
    assert told("explain", "ok.csv", "77", *POLICY) == (
        "错误:工单 77: 日志中没有工单 '77',或其各行都被剔除\n"
    )


def test_rules_in_a_circle(folder):
    (folder / "circle.toml").write_text(CIRCLE)
    assert told("replay", "ok.csv", "--policy", "circle.toml") == (
        "错误:circle.toml: 1 处错误\n"
        "  circle.toml 第一条 one: 规则互相等待,形成循环:one → two → one。请让其中一条改由事件起算。\n"
    )


def test_a_site_with_several_defects(folder):
    (folder / "site").mkdir()
    (folder / "site" / "units.csv").write_text("unit,parent\n甲,\n甲,乙\n")
    assert told("replay", "ok.csv", *POLICY, "--site", "site") == (
        "错误:site: 站点资料无法使用:\n"
        "  site/units.csv:2:unit:写的是 '甲',应为每个单位只出现一次\n"
        "  site/units.csv:3:unit:写的是 '甲',应为每个单位只出现一次\n"
        "  site/units.csv:3:parent:写的是 '乙',但 units 中没有\n"
    )


def test_rows_that_were_left_out_say_why(folder):
    rows = "1,accepted,2025-02-30 10:00\n2,frobbed,2025-09-01 10:00\n3,closed,2025-09-01 10:00\n"
    rows += "4,accepted,2025-09-02 10:00\n4,closed,2025-09-01 10:00\n5,accepted,soon\n"
    (folder / "log.csv").write_text(HEADER + rows)
    done = CliRunner().invoke(cli, ["--lang", "zh", "replay", "log.csv", *POLICY])
    table = done.stdout.partition("日志里剔除的,以及原因")[2]
    assert set(re.findall(r"^ *1 +(\S.*\S) *$", table, re.MULTILINE)) == {
        "没有这样的日期或时刻",
        "读不出日期或时刻;请在映射中声明其格式",
        "不是词表或制度中的事件;请在映射中改名,或列入 ignored_events",
        "工单没有任何立案事件",
        "事件早于其工单的立案事件",
    }


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["replay", "ok.csv", "--bogus"], "没有选项 '--bogus'。"),
        (["replay", *POLICY], "缺少参数 'LOG'."),
        (["replay", "ok.csv"], "缺少选项 '--policy'."),
        (["replay", "ok.csv", "a", "b", *POLICY], "多出了参数 (a b)"),
        (["replay", "ok.csv", *POLICY, "--chunk", "-1"], "'--chunk' 取值不对:-1 不在 x>=0 范围内。"),
        (["schema", "--format", "xml"], "'--format' 取值不对:'xml' 不在可选值"),
        (["reply"], "没有命令 'reply'。"),
    ],
)
def test_a_wrong_call(folder, arguments, message):
    assert message in told(*arguments).splitlines()[-1]


def test_the_language_is_known_before_a_wrong_option(folder, monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en")
    done = CliRunner().invoke(cli, ["replay", "--bogus", "--lang=zh"])
    assert "没有选项 '--bogus'" in done.stderr


def test_every_site_that_raises_has_a_template():
    assert messages.collected().unfollowed == ELSEWHERE


def test_every_place_that_an_error_names_has_a_word():
    assert messages.collected().places <= PLACES


def test_every_template_is_in_the_catalogue_and_translated():
    kept = {each.id: each.string for each in locale.read() if each.context == CONTEXT}
    assert set(kept) == messages.templates()
    assert [text for text, chinese in kept.items() if not chinese] == []


@settings(max_examples=20)
@given(quoted=st.text(), word=st.from_regex(r"[a-z0-9_]{3,12}", fullmatch=True))
def test_a_message_is_recognised_whatever_its_values(quoted, word):
    for each in catalogue("zh"):
        values = [repr(quoted) if field[2] else f"{word}{field[1]}" for field in FIELD.finditer(each.source)]
        for hint in re.finditer(r"\}\{(\d)\}", each.source):  # directly after a value
            values[int(hint[1])] = f"; {word}"
        if not each.frame:
            literals = FIELD.split(each.source)[::3]
            message = literals[0] + "".join(map("".join, zip(values, literals[1:], strict=True)))
            assert translated(message, "zh") == each.translated.format(*values).rstrip()


def test_what_is_known_to_nobody_stays(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "zh")
    assert said("the moon is full") == "the moon is full"


def test_english_is_left_alone(monkeypatch):
    monkeypatch.setenv("LANGUAGE", "en")
    assert (catalogue("en"), said("the event is empty")) == ([], "the event is empty")


def test_what_is_quoted_is_quoted_once():
    assert translated("power/x has no step 'urged'", "zh") == "power/x 没有环节 'urged'"
