"""A policy with a fact of every type, and rows made from plain events, for the tests of facts."""

import tomllib
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from bihuan.engine.calendar import natural, stack
from bihuan.engine.facts import Facts
from bihuan.engine.localtime import local_time
from bihuan.engine.parameters import parameter_values
from bihuan.engine.pattern import parse_condition
from bihuan.engine.policy import kinds_in, parse_policy
from bihuan.engine.prepared import Prepared
from bihuan.engine.rows import Rows

ZONE = ZoneInfo("Asia/Shanghai")
LOCAL = local_time(stack([natural("Asia/Shanghai")]), 0)
HEAD = """
[policy]
id = "power/facts"
title = "t"
edition = "unknown"
status = "in force"
source = { file = "a", lines = "1" }
zone = "Asia/Shanghai"
customer = "client"
"""
DECLARED = """
[parameters]
ceiling = { origin = "text", values = [{ from = 2026-03-01, value = 20 }, { from = 2026-03-03, value = 40 }] }
unfixed = { origin = "missing" }
grace = { origin = "user", value = "2 days" }
term = { origin = "user", value = 3, unit = "months" }
[facts]
severity = { choices = { ordinary = "一般", major = "重大", grave = "特大" }, ordered = true }
matter = { tree = { quality = { voltage = "电压", outage = "停电" }, service = "服务" } }
source = { choices = { call = "电话", visit = "来访" }, open = true }
tags = { choices = { a = "甲", b = "乙", c = "丙" }, many = true }
dual = { type = "flag" }
quiet = { type = "flag", default = false }
load_kw = { type = "number", range = [0, 100] }
paid = { type = "number" }
price = { type = "money" }
client = { type = "person" }
station = { type = "unit" }
remark = { type = "text" }
promised = { type = "instant" }
born = { type = "date" }
opens = { type = "clock" }
agreed = { type = "limit" }
tier = { rows = [
  { article = "第一条", when = { severity = "major" }, is = "high" },
  { article = "第二条", when = { load_kw = { at_least = 50 } }, is = "high" },
  { article = "第三条", when = { severity = "ordinary", load_kw = { below = 20 } }, is = "low" },
  { article = "第四条", when = { dual = true }, is = "low" },
] }
answer_limit = { rows = [
  { when = { tier = "high" }, is = "24 hours" },
  { when = { tier = "low" }, is = "agreed" },
], otherwise = "5 working days", type = "limit" }
[roles]
manager = { label = "经理", deputies = ["deputy"] }
deputy = "副经理"
handler = { label = "承办人", fact = "client" }
unit = { label = "承办单位", fact = "station" }
worker = { label = "经办", did = ["contacted"] }
[[article]]
no = "第一条"
says = "x"
"""


def prepared(declared=DECLARED, site=None, overrides=None):
    policy = parse_policy(tomllib.loads(HEAD + declared))
    return Prepared(policy, parameter_values(policy, overrides), LOCAL, site)


def condition(text, declared=DECLARED):
    return parse_condition(tomllib.loads(text), kinds_in(tomllib.loads(HEAD + declared)))


def at(text):
    return int(datetime.fromisoformat(text).replace(tzinfo=ZONE).timestamp())


def rows(cases, facts=None):
    """`cases`: name to a list of (when, event, data); `facts`: name to facts given with the case."""
    events = [(name, *event) for name, listed in cases.items() for event in listed]
    names = tuple(dict.fromkeys(event for _, _, event, _ in events))
    carried = dict.fromkeys(("actor", *(key for *_, data in events for key in data)))
    given = dict.fromkeys(key for each in (facts or {}).values() for key in each)
    return Rows(
        ids=pl.Series("case", list(cases), dtype=pl.String),
        offsets=np.cumsum([0, *(len(listed) for listed in cases.values())]),
        names=names,
        event=np.array([names.index(event) for _, _, event, _ in events], np.int32),
        at=np.array([at(when) for _, when, _, _ in events], np.int64),
        whole_day=np.array([len(when) == 10 for _, when, _, _ in events], bool),
        data=pl.DataFrame({key: column([data.get(key) for *_, data in events]) for key in carried}),
        facts=pl.DataFrame(
            {key: column([(facts or {}).get(name, {}).get(key) for name in cases]) for key in given}
        ),
    )


def column(values):
    """A column of text, numbers or lists: what readers make of a log."""
    present = [value for value in values if value is not None]
    if any(isinstance(value, str) for value in present):
        return pl.Series([None if value is None else str(value) for value in values], dtype=pl.String)
    return pl.Series(values, strict=False)


def facts_of(cases, facts=None, declared=DECLARED, site=None, overrides=None):
    return Facts(prepared(declared, site, overrides), rows(cases, facts))
