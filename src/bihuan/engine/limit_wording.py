"""Limits as people type them, in Chinese or English, turned into the small grammar of policy files (`limit`).

What is typed for a parameter, on a page or a command line, and what a log has: "3个工作日", "24小时内", "次日10:00",
"3 Working Days". Policy files themselves keep to the grammar. Knows how to read, not how a limit is shown. What may mean two days is not
read: “第二个工作日” is the next working day to some and two working days to others, and “本周五” is over on a Saturday.
"""

import re
import unicodedata

from bihuan.engine.finding import Wrong
from bihuan.engine.limit import WEEKDAYS, parse_limit

UNITS = {
    "秒|秒钟": "second",
    "分|分钟": "minute",
    "小时|钟头": "hour",
    "工时|工作小时": "working hour",
    "天|日|自然日|日历日|日历天": "day",
    "工作日|工作天": "working day",
    "周|星期|礼拜": "week",
    "月": "month",
    "年": "year",
}
DAYS = {
    "当天|当日|同日|同一天": "same day",
    "次日|第二天|翌日|下一天": "next day",
    "下一个工作日|下个工作日|次一工作日": "next working day",
}
HALVES = {"半小时": "30 minutes", "半个小时": "30 minutes", "半年": "6 months"}
DIGITS = {digit: n for n, digit in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
SPANS = {"月": "month", "季度": "quarter", "季": "quarter", "半年": "half-year", "年": "year"}

NUMBER = r"(\d+|[一二两三四五六七八九]?十[一二三四五六七八九]?|[零〇一二两三四五六七八九]+)"
AMOUNT = {unit: re.compile(rf"{NUMBER}个?(?:{words})") for words, unit in UNITS.items()}
DAY = {day: re.compile(words) for words, day in DAYS.items()}
WEEKDAY = re.compile(r"(?:周|星期|礼拜)([一二三四五六日天])")
MONTH_DAY = re.compile(rf"(本|当|这个?|次|下个?)月第?{NUMBER}(个工作日|日|号)")
LAST_DAY = re.compile(rf"(?:本|当)({'|'.join(SPANS)})(?:的?最后一天|末)")
TAIL = re.compile(
    r"(.*?)(?:的)?(?:(\d{1,2}):(\d{2})|(\d{1,2})[点时](?:整)?|(下班|下班前|下班时))(?:前|之前|以前)?"
)
WITHIN = re.compile(r"(?:之内|以内|内)$")


def limit_written(text: str) -> str | None:
    """The limit as a policy file would have it; None where it is none.

    >>> limit_written("3个工作日"), limit_written("24 小时内"), limit_written("次日 10:00"), limit_written("尽快")
    ('3 working days', '24 hours', 'next day 10:00', None)
    """
    told = unicodedata.normalize("NFKC", text).strip()
    english = re.sub(r"\s+", " ", told)
    asked = (english, english.lower(), english.title(), from_chinese(re.sub(r"\s+", "", told)))
    return next((one for one in asked if one is not None and is_sound(one)), None)


def is_sound(text: str) -> bool:
    """Whether it is of the grammar and says something: not 0 days, nor a time of day after so many hours."""
    try:
        parse_limit(text)
    except Wrong:
        return False
    return True


def from_chinese(text: str) -> str | None:
    head = WITHIN.sub("", text)
    if (whole := without_clock(head)) is not None:
        return whole
    match = TAIL.fullmatch(head)
    if match is None or (day := without_clock(match[1])) is None:
        return None
    hour, minute = match[2] or match[4], match[3] or "00"
    return f"{day} {int(hour):02}:{minute}" if hour else f"{day} close"


def without_clock(text: str) -> str | None:
    if text in HALVES:
        return HALVES[text]
    for unit, pattern in AMOUNT.items():
        if match := pattern.fullmatch(text):
            n = number(match[1])
            return f"{n} {unit}{'s' if n != 1 else ''}"
    return next((day for day, pattern in DAY.items() if pattern.fullmatch(text)), None) or of_calendar(text)


def of_calendar(text: str) -> str | None:
    """A day of the week or of a month."""
    if match := WEEKDAY.fullmatch(text):
        return WEEKDAYS["一二三四五六日".index(match[1].replace("天", "日"))]
    if match := LAST_DAY.fullmatch(text):
        return f"last day of this {SPANS[match[1]]}"
    if match := MONTH_DAY.fullmatch(text):
        working = "working " if match[3] == "个工作日" else ""
        return f"{working}day {number(match[2])} of {'next' if match[1][0] in '次下' else 'this'} month"
    return None


def number(text: str) -> int:
    """A number up to 99 in Chinese, or any in digits.

    >>> number("24"), number("十五"), number("两"), number("二十一")
    (24, 15, 2, 21)
    """
    if text.isascii():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return int("".join(str(DIGITS[one]) for one in text))
    return (DIGITS[tens] if tens else 1) * 10 + (DIGITS[ones] if ones else 0)
