"""`bihuan explain`: one case, day by day."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click

import bihuan
from bihuan import story
from bihuan.cli import options
from bihuan.cli.judge import by_edition, progress, read
from bihuan.cli.show import Table, show
from bihuan.cli.text import command as named
from bihuan.cli.text import option
from bihuan.engine.errors import CallError
from bihuan.i18n import _
from bihuan.limits import limit_text, period_text
from bihuan.spoken import span, word

if TYPE_CHECKING:
    from bihuan.engine.line import Explanation


@named("explain")
@click.argument("log", type=click.Path())
@click.argument("case")
@options.judging
@option("--rule", "rules", multiple=True, metavar="RULE", help="Only this rule; may be repeated.")
@options.output
def command(
    log: str, case: str, rules: tuple[str, ...], form: str, settings: tuple[str, ...], **judging: Any
) -> None:
    """Day by day: why this is due then.

    For every obligation of the case: what started it, the limit and its article, which days count and which do not
    and by which notice, what moved the due time, and what ended it. Of rules about a station, a worker or the
    company the subject is named instead of the case.

    \b
    bihuan explain complaints.csv TS2025090012 \\
        --policy dazu-complaint-assessment --rule contact
    """
    asked = read(log, **judging)
    timed = list(dict.fromkeys(name for edition in asked.editions for name in edition.timed))
    if unknown := set(rules).difference(timed):
        raise CallError(f"no rule {', '.join(sorted(unknown))}; there are {', '.join(timed)}")
    editions, calendars, events, *rest = by_edition(asked, options.settings_of(settings))
    with progress(_("judging")):
        found = bihuan.explain_editions(editions, calendars, events, case, *rest, rules=rules)
    if form == "table":
        for each in found:
            click.echo("\n".join(told(each, asked.policy.event_labels)) + "\n")
    else:
        show([Table("explanations", [data(each) for each in found])], form)


def data(each: "Explanation") -> dict[str, Any]:
    """One row with its lines, every field of each."""
    lines = [line.data() for line in each.lines]
    told = {name: getattr(each, name) for name in ("says", "calendar", "period", "unknown")}
    return {**each.row, **told, "lines": lines}


def told(each: "Explanation", labels: Mapping[str, str]) -> Iterator[str]:
    """The heading, the lines, how it ended."""
    row = each.row
    key = f"({row['key']})" if row["key"] else ""
    round_ = _("round {n}").format(n=row["round"]) if row["round"] > 1 else ""
    heading = [
        row["case"],
        row["rule"],
        key,
        round_,
        row["article"],
        limit_text(row["allowed"]) or period_text(each.period) or unlimited(row),
    ]
    if each.calendar:
        heading.append(_("calendar {name}").format(name=each.calendar))
    yield "  ".join(str(part) for part in heading if part)
    yield f"  {each.says}"
    yield from (story.told(line, labels) for line in each.lines)
    yield "  → " + "; ".join(part for part in ending(each) if part)


def ending(each: "Explanation") -> Iterator[str]:
    """The state and what there is to say of it."""
    row = each.row
    yield word("state", row["state"])
    yield _("late by {span}").format(span=span(row["late_by"])) if row["late_by"] else ""
    yield word("note", row["note"] or "")
    yield _("waits for {facts}").format(facts=", ".join(each.unknown)) if each.unknown else ""


def unlimited(row: Mapping[str, Any]) -> str:
    """What stands for the limit where it is no amount of time."""
    return str(_("an instant that was set") if row["due_at"] else _("no limit"))
