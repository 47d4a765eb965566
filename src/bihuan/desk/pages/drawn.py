"""Small pieces that lists draw by the dozen. In Python, for a macro takes ten times as long to be called.

`macros.html` hands them on beside its own. Everything that is not fixed here is escaped.
"""

import datetime as dt
from collections.abc import Iterable
from functools import lru_cache
from html import escape as html_escape
from urllib.parse import quote

from django.urls import reverse
from django.utils import timezone
from markupsafe import Markup

from bihuan import spoken
from bihuan.desk import numbers
from bihuan.i18n import _, language

SIGNS = {
    "open": "○", "met": "✓", "late": "!", "overdue": "‼", "void": "–", "unset": "?", "waiting": "…", "used": "✓",
    "lapsed": "–",
}  # fmt: skip


escape = lru_cache(maxsize=5000)(html_escape)  # most of what lists say they say again and again


def state(value: str) -> Markup:
    """A state is a sign, a word and a colour."""
    return stated(language(), value)


@lru_cache(maxsize=100)
def stated(_language: str, value: str) -> Markup:
    sign, said = SIGNS.get(value, "·"), spoken.word("state", value)
    return Markup('<span class="state state-{}"><span aria-hidden="true">{}</span> {}</span>').format(
        value, sign, said
    )


def when(at: dt.datetime | None) -> Markup:
    if at is None:
        return Markup("")
    local = at.astimezone(timezone.get_default_timezone())
    return timed(local, spoken.weekly(local))


def minute(at: dt.datetime | None) -> Markup:
    """An instant as lists say it; the page of a case has the seconds."""
    if at is None:
        return Markup("")
    local = at.astimezone(timezone.get_default_timezone())
    return timed(local, spoken.brief(local))


def timed(local: dt.datetime, said: str) -> Markup:
    return Markup(f'<time datetime="{local.isoformat()}">{escape(said)}</time>')


def onward() -> Markup:
    """After a box of a list: the way to the steps, past all rows below; there once the box is ticked, seen with the focus."""
    return Markup('<a class="onward" href="#together">{}</a>').format(_("To the steps"))


def instant(at: dt.datetime) -> str:
    """In the desk's zone, with the weekday; the last second of a day is 24:00 of that day."""
    return spoken.weekly(at.astimezone(timezone.get_default_timezone()))


@lru_cache(maxsize=1000)
def article(no: str | None) -> Markup:
    return Markup(f'<span class="article">{escape(no)}</span>') if no else Markup("")


def bar(value: str, share: float) -> Markup:
    """How much of the time from start to due has gone by: `share` between 0 and 1."""
    percent = share * 100
    return Markup(
        f'<svg class="bar bar-{escape(value)}" viewBox="0 0 100 4" preserveAspectRatio="none" role="img" '
        f'aria-label="{int(percent)}%"><rect class="ground" width="100" height="4" rx="2"/>'
        f'<rect class="gone" width="{percent:.1f}" height="4" rx="2"/></svg>'
    )


def quiet(text: str, then: str = "") -> str:
    """What is said in passing, with what is drawn already after it."""
    return f'<span class="quiet">{escape(text)}{then}</span>'


def pairs(rows: Iterable[tuple[str, str]]) -> Markup:
    """A list of labels, each with what is said of it."""
    cells = "".join(f"<dt>{escape(label)}</dt><dd>{escape(said)}</dd>" for label, said in rows)
    return Markup(f'<dl class="facts">{cells}</dl>')


def case_address(number: str) -> str:
    """The page of a case. To look an address up by its name takes longer than all the rest of a row."""
    return f"{case_pages()}{quote(numbers.written(number), safe='')}/"


@lru_cache(maxsize=1)
def case_pages() -> str:
    return reverse("case", args=["-"])[:-2]
