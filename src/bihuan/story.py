"""The lines of an explanation in words: what stands on the calendar, what an event did, which day counts.

Knows what an explanation is made of and no rule behind it.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from bihuan.i18n import _, language
from bihuan.spoken import shown, span
from bihuan.words import WEEKDAYS

if TYPE_CHECKING:
    from bihuan.engine.line import Line

MOST_NUMBERS = 7  # of days in a row, before only the ends are shown
INDENT = "    "
Labels = Mapping[str, str]


def told(line: "Line", labels: Labels) -> str:
    """One line, at its place on the calendar."""
    said = days(line) if line.what == "days" else happening(line, labels)
    return f"{INDENT}{place(line)}  {said}".rstrip()


def place(line: "Line") -> str:
    """Where on the calendar, in one width."""
    first = f"{line.first} {_(WEEKDAYS[line.first.weekday()])}"
    if line.at is not None:
        clock = shown("at", line.at).split()[1]
        return f"{first} {clock:<8}"
    if line.first == line.last:
        return f"{first}         "
    return f"{first} … {line.last:%m-%d} " if line.first.year == line.last.year else f"{first} … {line.last}"


def named(event: str | None, labels: Labels) -> str:
    """An event as people of the language call it."""
    return labels.get(event or "", event or "") if language() == "zh" else event or ""


def happening(line: "Line", labels: Labels) -> str:
    """What an instant is, with the event that made it and where the due time went."""
    event, what = named(line.event, labels), WHATS[line.what](line, labels)
    said = _("{event}: {what}").format(event=event, what=what) if event and what else event or what
    return "; ".join(part for part in (said, first_day(line), *moved(line)) if part)


def first_day(line: "Line") -> str:
    """Of the instant that the count begins with: what becomes of its own day."""
    if line.what not in ("start", "restarted", "from"):
        return ""
    if line.seconds:
        return str(_("{span} left").format(span=span(line.seconds)))
    if line.counts is None:
        return ""
    return str(_("this day counts") if line.counts else _("this day does not count"))


def moved(line: "Line") -> list[str]:
    """From when to when an event moved the due time."""
    before, after = (shown("at", at) for at in (line.due_before, line.due_after))
    if line.what == "start" or before == after:
        return []
    if not after:
        return [_("no due time meanwhile")] if before else []
    return [
        _("due {before} → {after}").format(before=before, after=after)
        if before
        else _("due {at}").format(at=after)
    ]


def started(line: "Line", labels: Labels) -> str:
    return str(_("a period begins: the clock starts") if line.why == "period" else _("the clock starts"))


def resumed(line: "Line", labels: Labels) -> str:
    if line.why == "outside":
        return str(_("goes on; the calendar does not reach far enough to say how much did not count"))
    return str(_("goes on; {amount} did not count").format(amount=amount(line)))


def extended(line: "Line", labels: Labels) -> str:
    if line.amount or line.seconds:
        return str(_("extended, by {amount} in all").format(amount=amount(line)))
    return str(_("extended to {limit}").format(limit=line.limit) if line.limit else _("extended"))


def extending(line: "Line", labels: Labels) -> str:
    wants = listed(line, labels)
    return str(_("an extension still needs {events}").format(events=wants))


def refused(line: "Line", labels: Labels) -> str:
    why = {
        "after-due": _("it came after the due time"),
        "condition": _("its condition does not hold"),
        "unknown": _("it is not known whether its condition holds"),
        "nothing-added": _("nothing more can be added"),
    }
    return str(_("no extension: {why}").format(why=why[line.why or "nothing-added"]))


def pause_ignored(line: "Line", labels: Labels) -> str:
    if line.why == "running":
        return str(_("paused already"))
    return str(_("no pause: it came after the due time"))


def void(line: "Line", labels: Labels) -> str:
    return str(_("no longer owed, but the breach stands") if line.why == "breach" else _("no longer owed"))


def part(line: "Line", labels: Labels) -> str:
    wants = listed(line, labels)
    return str(_("still owed: {events}").format(events=wants)) if wants else ""


def clocks(line: "Line", labels: Labels) -> str:
    forward = line.seconds > 0
    text = _("clocks go forward {span}") if forward else _("clocks go back {span}")
    return str(text.format(span=hours(abs(line.seconds))))


def anchor(line: "Line", labels: Labels) -> str:
    return str(_("due {lead} ahead of this").format(lead=line.limit) if line.limit else _("due by this"))


WHATS: dict[str, Callable[[Any, Labels], str]] = {
    "start": started,
    "from": lambda line, labels: _("counted from here"),
    "not-before": lambda line, labels: _("nothing counts before this"),
    "target": lambda line, labels: _("the earlier goal"),
    "anchor": anchor,
    "clocks": clocks,
    "event": lambda line, labels: "",
    "part": part,
    "early": lambda line, labels: _("too early, does not count"),
    "ignored": lambda line, labels: _("a trigger while this is open: nothing starts anew"),
    "barred": lambda line, labels: _("refused by a step, without effect"),
    "paused": lambda line, labels: _("the clock is stopped"),
    "resumed": resumed,
    "pause-ignored": pause_ignored,
    "held": lambda line, labels: _("from here the due time cannot fall"),
    "released": lambda line, labels: _("the due time can fall again"),
    "extended": extended,
    "extending": extending,
    "extension-refused": refused,
    "restarted": lambda line, labels: _("the clock starts anew"),
    "moved": lambda line, labels: _("another instant is agreed"),
    "known": lambda line, labels: _("now it is known"),
    "void": void,
    "due": lambda line, labels: _("due, if it applies") if line.why else _("due"),
    "done": lambda line, labels: _("done"),
}


def listed(line: "Line", labels: Labels) -> str:
    return ", ".join(named(event, labels) for event in line.wants)


def amount(line: "Line") -> str:
    """Time or days, in the limit's own measure."""
    if line.unit is None:
        return hours(line.seconds)
    units = {"day": _("days"), "working day": _("working days"), "month": _("months")}
    return f"{line.amount} {units[line.unit]}"


def hours(seconds: int) -> str:
    """Working time: hours and minutes, since a working day is not 24 hours.

    >>> from bihuan.i18n import use; use("en"); hours(27 * 3600 + 60), hours(5)
    ('27 h 1 min', '5 s')
    """
    parts = [(seconds // 3600, _("h")), (seconds // 60 % 60, _("min"))]
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or span(seconds)


def days(line: "Line") -> str:
    """Which of the counted days these are, or why they do not count."""
    if line.paused and not line.seconds:
        return str(_("paused: does not count"))
    parts = [counted(line), reason(line), line.notice or "", *remarks(line)]
    return "  ".join(part for part in parts if part) or str(_("counts"))


def counted(line: "Line") -> str:
    """The numbers of the days, or the working time of each."""
    numbers = [str(number) for number in line.numbers]
    if len(numbers) > MOST_NUMBERS:
        numbers = [numbers[0], "…", numbers[-1]]
    if numbers:
        return " ".join(numbers)
    if not line.worked:
        return ""
    each = hours(line.worked)
    return each if line.first == line.last else str(_("{span} a day").format(span=each))


def reason(line: "Line") -> str:
    kind = {"workday": "", "rest": _("rest day"), "holiday": _("holiday"), "make-up": _("make-up workday")}
    return " ".join(part for part in (kind[line.kind or "workday"], line.name) if part)


def remarks(line: "Line") -> list[str]:
    """What else there is to say of a day."""
    paused = [_("paused for {span}").format(span=hours(line.seconds))] if line.paused else []
    rolled = [_("the last day moves on")] if line.rolled else []
    return [*paused, *rolled, *([_("beyond the last notice")] if line.provisional else [])]
