"""`bihuan explain`: one case, day by day."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan.cli import options
from bihuan.cli.judge import judged, notices
from bihuan.cli.show import Table, show, shown, span, word
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.cli.words import WEEKDAYS
from bihuan.engine.errors import CallError
from bihuan.i18n import _, language

if TYPE_CHECKING:
    from bihuan.engine.explain import Explanation, Line
    from bihuan.engine.policy import Policy

MOST_NUMBERS = 7  # of days in a row, before only the ends are shown


@named("explain")
@click.argument("log", type=click.Path())
@click.argument("case")
@options.judging
@option("--rule", "rules", multiple=True, metavar="RULE", help="Only this rule; may be repeated.")
@options.output
def command(log: str, case: str, rules: tuple[str, ...], form: str, **judging: Any) -> None:
    """Day by day: why this is due then.

    For every obligation of the case: what started it, the limit and its article, which days count and which do not
    and by which notice, what moved the due time, and what ended it.

    \b
    bihuan explain complaints.csv TS2025090012 \\
        --policy dazu-complaint-assessment --rule contact
    """
    read, outcome = judged(log, **judging)
    if unknown := set(rules) - set(read.policy.timed):
        raise CallError(f"no rule {', '.join(sorted(unknown))}; there are {', '.join(read.policy.timed)}")
    calendars = bihuan.read_calendars(notices(read.site))
    found = bihuan.explain(read.policy, calendars, read.log, outcome, case)
    wanted = [each for each in found if not rules or each.row["rule"] in rules]
    if form == "table":
        for each in wanted:
            click.echo("\n".join(told(each, read.policy)) + "\n")
    else:
        show([Table("explanations", [data(each) for each in wanted])], form)


def data(each: "Explanation") -> dict[str, Any]:
    """One row with its lines."""
    lines = [{name: value for name, value in vars(line).items() if value} for line in each.lines]
    return {**each.row, "says": each.says, "calendar": each.calendar, "lines": lines}


def told(each: "Explanation", policy: "Policy") -> Iterator[str]:
    """The heading, the lines, how it ended."""
    row = each.row
    heading = [row["case"], row["rule"], row["article"], row["allowed"] or unlimited(row)]
    if each.calendar:
        heading.append(_("calendar {name}").format(name=each.calendar))
    yield "  ".join(str(part) for part in heading)
    yield f"  {each.says}"
    for line in each.lines:
        yield f"    {day(line)}  {happening(line, policy)}".rstrip()
    note = word("note", row["note"] or "")
    late = _("late by {span}").format(span=span(row["late_by"])) if row["late_by"] else ""
    paused = _("{span} of them do not count").format(span=hours(each.paused)) if each.paused else ""
    yield "  → " + "; ".join(part for part in (word("state", row["state"]), late, note, paused) if part)


def unlimited(row: Mapping[str, Any]) -> str:
    """What stands for the limit where it is no amount of time."""
    return str(_("an instant that was set") if row["due_at"] else _("no limit"))


def hours(seconds: int) -> str:
    """Working time: hours and minutes, since a working day is not 24 hours."""
    parts = [(seconds // 3600, _("h")), (seconds // 60 % 60, _("min"))]
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or f"{seconds} {_('s')}"


def day(line: "Line") -> str:
    """Where on the calendar, in one width."""
    first = f"{line.first} {_(WEEKDAYS[line.first.weekday()])}"
    if line.at is not None:
        clock = shown("at", line.at).split()[1]
        return f"{first} {clock:<8}"
    return f"{first}         " if line.first == line.last else f"{first} … {line.last:%m-%d} "


def happening(line: "Line", policy: "Policy") -> str:
    """What there is to say of these days or this instant."""
    event = policy.event_labels.get(line.event or "", line.event) if language() == "zh" else line.event
    said = {
        "start": _("{event}: the clock starts").format(event=event) if event else _("the clock starts"),
        "from": _("counted from here"),
        "due": _("due"),
        "done": _("{event}: done").format(event=event),
        "event": event,
        "days": days(line),
    }
    return str(said[line.what])


def days(line: "Line") -> str:
    """Which of the counted days these are, or why they do not count."""
    kind = {"workday": "", "rest": _("rest day"), "holiday": _("holiday"), "make-up": _("make-up workday")}
    numbers = [str(number) for number in line.numbers]
    if len(numbers) > MOST_NUMBERS:
        numbers = [numbers[0], "…", numbers[-1]]
    counts = " ".join(numbers) or (hours(line.worked) if line.worked else "")
    why = " ".join(part for part in (kind[line.kind or "workday"], line.name) if part)
    parts = [counts, why, line.notice or ""]
    return "  ".join(part for part in parts if part) or _("counts")
