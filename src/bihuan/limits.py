"""Limits and periods as people read them: `4 working days` becomes 4 个工作日, `calendar month` 每月.

The Chinese of the small grammar of docs/writing-policies.md, 7.2; its English is that grammar itself. Knows no policy.
"""

import re

from bihuan.engine.limit import PERIOD, Limit, Period, clock_text, is_limit, parse_limit, parse_period
from bihuan.i18n import _, language


def limit_text(text: str | None) -> str:
    """A limit as it stands in a table, in the language in use.

    >>> from bihuan.i18n import use; use("en"); limit_text("4 working days")
    '4 working days'
    """
    return limit(parse_limit(text)) if is_limit(text) else text or ""


def limit(value: Limit) -> str:
    clock = "" if value.clock is None else f" {clock_said(value.clock)}"
    if language() == "en":
        return str(value)
    if value.day is None:
        return AMOUNTS[value.unit or ""].format(n=value.amount) + clock
    return day_word(value) + clock


def clock_said(clock: int | str) -> str:
    return str(_("close of business")) if clock == "close" else clock_text(clock)


def day_word(value: Limit) -> str:
    day = value.day
    assert day is not None
    if day.kind == "weekday":
        return "周" + "一二三四五六日"[day.n]
    if day.kind == "last day":
        return f"本{SPANS[day.of]}最后一天"
    if day.kind.startswith("month"):
        working = "第 {n} 个工作日" if "working" in day.kind else " {n} 日"
        return ("本月" if day.of == "this" else "次月") + working.format(n=day.n)
    return {"same day": "当天", "next day": "次日", "next working day": "下一个工作日"}[day.kind]


#: The Chinese of the small grammar of limits (docs/writing-policies.md, 7.2); English is that grammar itself.
AMOUNTS = {
    "second": "{n} 秒", "minute": "{n} 分钟", "hour": "{n} 小时", "working hour": "{n} 个工作小时", "day": "{n} 天",
    "working day": "{n} 个工作日", "week": "{n} 周", "month": "{n} 个月", "year": "{n} 年",
}  # fmt: skip
SPANS = {"month": "月", "quarter": "季度", "half-year": "半年", "year": "年", "day": "日", "week": "周"}


def period_text(text: str | None) -> str:
    """A period as it stands in a table, in the language in use; the name of a parameter as it is."""
    known = text and re.fullmatch(PERIOD, text, re.ASCII)
    return period(parse_period(text)) if known else text or ""


def period_name(text: str) -> str:
    """A period that has begun, by its name.

    >>> from bihuan.i18n import use; use("zh"); period_name("2026-H2"), period_name("2026-10"), period_name("2026-10-09")
    ('2026 年下半年', '2026 年 10 月', '2026-10-09')
    """
    found = re.fullmatch(r"(\d{4})(?:-(?:H([12])|Q([1-4])|W(\d\d)|(\d\d)))?", text, re.ASCII)
    if language() == "en" or not found:
        return text
    year, half, quarter, week, month = found.groups()
    part = {"1": "上半年", "2": "下半年"}.get(half, "")
    for number, said in ((quarter, "第 {n} 季度"), (week, "第 {n} 周"), (month, " {n} 月")):
        part += said.format(n=int(number)) if number else ""
    return f"{year} 年{part}"


def period(value: Period) -> str:
    """A period that recurs."""
    if language() == "en":
        return str(value)
    if value.rolling:
        return "每" + limit(value.rolling)
    head = "每个工作日" if value.working_day else f"每{SPANS[value.calendar or '']}"
    return head if value.clock is None else f"{head} {clock_text(value.clock)}"
