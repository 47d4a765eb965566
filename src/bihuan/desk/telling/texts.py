"""What a message says: which case, what is owed, by when, under which article. Nothing about a person.

What is owed is said in the regulation's own words, the rest in the language of whoever reads it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from bihuan import spoken
from bihuan.desk.models import Told
from bihuan.desk.office import policy_of
from bihuan.desk.telling.outbox import edition_of
from bihuan.i18n import _, speaking

MOST = 50  # lines of a digest
ORDER = ("due", "escalation", "warning")


@dataclass(frozen=True)
class Said:
    """One thing in words. `number` is of the case; empty where it is about several."""

    told: Told
    number: str
    says: str
    heading: str


def headings() -> dict[str, str]:
    return {
        "due": _("overdue"),
        "warning": _("falls due soon"),
        "escalation": _("to be taken up because it was not done in time"),
    }


def said(told: Told) -> Said:
    policy = policy_of(edition_of(told).hash)
    number = told.case.number if told.case else ""
    return Said(told, number, policy.says(told.rule), headings()[told.what])


def line(told: Told) -> str:
    """One thing as one line."""
    one = said(told)
    about = _("case {number}").format(number=one.number) if one.number else _("several cases")
    due = spoken.weekly(timezone.localtime(told.due_at))
    return _("{about}: {says}, due {due} ({article})").format(
        about=about, says=one.says, due=due, article=told.article
    )


def digest(things: Sequence[Told], language: str, room: int | None = None) -> tuple[str, str]:
    """Title and body of one message about some things, in so many bytes where they are few."""
    most = MOST
    while True:
        title, body = worded(things, language, most)
        if room is None or most == 0 or len(f"{title}\n{body}".encode()) <= room:
            return title, body
        most //= 2


def worded(things: Sequence[Told], language: str, most: int) -> tuple[str, str]:
    """What is overdue first, then by due time; at most so many lines, the rest is counted."""
    with speaking(language):
        ordered = sorted(things, key=lambda one: (ORDER.index(one.what), one.due_at, one.pk))
        counts = [(what, sum(one.what == what for one in ordered)) for what in ORDER]
        counted = [_("{n} {what}").format(n=n, what=headings()[what]) for what, n in counts if n]
        title = _("Bihuan: {counts}").format(counts=_(", ").join(counted))
        lines = []
        for what in ORDER:
            mine = [one for one in ordered[:most] if one.what == what]
            lines += [f"【{headings()[what]}】", *map(line, mine)] if mine else []
        if len(ordered) > most:
            lines.append(_("… and {n} more, in the desk").format(n=len(ordered) - most))
        return title, "\n".join(lines)
