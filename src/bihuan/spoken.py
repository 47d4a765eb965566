"""Values and the engine's words as people read them, in the language in use: states, notes, instants, spans of time.

Whatever shows something to people (tables, reports, pages) says it by these. Knows no table and no rule.
"""

from datetime import datetime
from typing import Any

from bihuan.i18n import _
from bihuan.limits import limit_text
from bihuan.words import HEADS, NOTES, PHRASES, SPOKEN, STATES, WEEKDAYS

SHIFTS = frozenset({"shift", "shift_median", "shift_min", "shift_max"})  # later or earlier, in seconds


def shown(name: str, value: Any) -> str:
    """A value as people read it in the column of this name."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if isinstance(value, datetime):
        return instant(value)
    if name == "allowed":
        return limit_text(str(value))
    if name == "late_by" and isinstance(value, int | float):
        return span(int(value))
    if name in SHIFTS and isinstance(value, int | float):
        return f"{'+' if value > 0 else '-' if value < 0 else ''}{span(abs(int(value)))}"
    if isinstance(value, float):
        return f"{value:.1%}" if name in ("on_time", "share") else f"{value:g}"
    if isinstance(value, list | tuple):
        return ", ".join(shown(name, each) for each in value)
    if isinstance(value, dict):
        return ", ".join(f"{key} = {shown(name, each)}" for key, each in value.items())
    return word(name, str(value))


def word(name: str, value: str) -> str:
    """A word of the engine's as people read it; anything else as it is."""
    if name == "note" or (name == "why" and ":" in value):
        return "; ".join(note(part) for part in value.split("; "))
    return _(PHRASES.get(name, {}).get(value, value)) if name in SPOKEN else value


def note(text: str) -> str:
    """A code of a row's note and the name it is about, in words.

    >>> from bihuan.i18n import use; use("en"); note("missing:contact.within")
    'no value for contact.within'
    """
    code, _colon, about = text.partition(":")
    return f"{_(NOTES[code])} {about}".strip() if code in NOTES else text


def instant(at: datetime) -> str:
    """To the minute, unless the seconds matter; the last second of a day is 24:00 of that day.

    >>> instant(datetime(2025, 10, 10, 23, 59, 59)), instant(datetime(2025, 10, 10, 9, 5))
    ('2025-10-10 24:00', '2025-10-10 09:05')
    """
    return minutes(at.isoformat(" "))


def minutes(text: str) -> str:
    """An instant written out, as `instant` says it."""
    if text[11:19] == "23:59:59":
        return f"{text[:10]} 24:00"
    return text[:16] if text[17:19] == "00" else text[:19]


def edition(text: str) -> str:
    """An edition by its first day, where the text tells one."""
    return _("edition without a date") if text == "unknown" else _("edition of {day}").format(day=text)


def brief(at: datetime) -> str:
    """As `weekly`, to the minute: in lists seconds would stand beside none.

    >>> from bihuan.i18n import use; use("en"); brief(datetime(2025, 10, 10, 9, 5, 59))
    '2025-10-10 Fri 09:05'
    >>> brief(datetime(2025, 10, 10, 23, 59, 59))
    '2025-10-10 Fri 24:00'
    """
    is_the_end = (at.hour, at.minute, at.second) == (23, 59, 59)
    return weekly(at if is_the_end else at.replace(second=0))


def weekly(at: datetime) -> str:
    """An instant with its weekday, as people plan by it.

    >>> from bihuan.i18n import use; use("en"); weekly(datetime(2025, 10, 10, 9, 5))
    '2025-10-10 Fri 09:05'
    """
    said = minutes(at.isoformat(" "))
    return f"{said[:10]} {_(WEEKDAYS[at.weekday()])}{said[10:]}"


def span(seconds: int) -> str:
    """The two largest parts of an elapsed time.

    >>> from bihuan.i18n import use; use("en"); span(90000), span(59)
    ('1 d 1 h', '59 s')
    """
    parts = [(seconds // 86400, _("d")), (seconds // 3600 % 24, _("h")), (seconds // 60 % 60, _("min"))]
    first = next((i for i, (n, unit) in enumerate(parts) if n), None)
    if first is None:
        return f"{seconds} {_('s')}"
    return " ".join(f"{n} {unit}" for n, unit in parts[first : first + 2] if n)


def head(name: str) -> str:
    """A column's or value's name for people."""
    words = name.replace("_", " ")
    return _(words) if words in HEADS or words in STATES else words
