"""What is owed in a case, row by row: what, by when, in which state, how much time is left. Drawn in Python.

Knows one case and no list of several (`lines`); the engine's words for a row's notes are said by `spoken`.
"""

from collections.abc import Iterable
from typing import NamedTuple

from markupsafe import Markup

from bihuan import spoken
from bihuan.desk.models import GROWING, Obligation
from bihuan.desk.naming import ower_of
from bihuan.desk.pages.called import called
from bihuan.desk.pages.drawn import article, bar, escape, quiet, state, when
from bihuan.desk.pages.left import Left
from bihuan.engine.policy import Policy
from bihuan.i18n import _


class Owed(NamedTuple):
    """A row of what is owed, and what is left of its time."""

    row: Obligation
    left: Left

    def runs(self, closed: bool) -> bool:
        """Whether it may still change; of a closed case only what has a due time does."""
        return self.row.state in GROWING and not (closed and self.row.due_at is None)


def by_due(one: Owed) -> tuple[bool, float]:
    """The earliest due first, then what has no due time."""
    at = one.row.due_at
    return at is None, at.timestamp() if at else 0.0


def running(policy: Policy, rows: Iterable[Owed], case: str, parameters: str) -> Markup:
    """Rows that run, of the case at one address; `parameters`: where an administrator sets those that are missing."""
    what, due, stood, left = map(escape, (_("What"), _("Due"), _("State"), _("Left")))
    return Markup(
        "\n".join(
            f'<tr><td data-head="{what}"><div>{said(policy, row, with_unit=True)}</div></td>'
            f'<td data-head="{due}">{when(row.due_at)}{provisional(row)}</td>'
            f'<td data-head="{stood}">{state(row.state)}</td>'
            f'<td data-head="{left}"><div>{ahead(policy, row, one, parameters)}</div></td>'
            f"{why(case, row)}</tr>"
            for row, one in rows
        )
    )


def ended(policy: Policy, rows: Iterable[Owed], case: str) -> Markup:
    """Rows that do not run any more."""
    what, due, done, stood = map(escape, (_("What"), _("Due"), _("Done"), _("State")))
    return Markup(
        "\n".join(
            f'<tr><td data-head="{what}"><div>{said(policy, row)}</div></td>'
            f'<td data-head="{due}">{when(row.due_at)}</td><td data-head="{done}">{when(row.done_at)}</td>'
            f'<td data-head="{stood}"><div>{state(row.state)}'
            f"{f' {spoken.span(row.late_by)}' if row.late_by else ''}</div></td>{why(case, row)}</tr>"
            for row, _left in rows
        )
    )


def said(policy: Policy, row: Obligation, with_unit: bool = False) -> str:
    """What is owed, by which article, in which round, by whom; and what became of its calls."""
    found = f"{escape(policy.says(row.rule))} {article(row.article)}"
    if with_unit and row.round > 1:
        found += " " + quiet(_("round {n}").format(n=row.round))
    unit = ower_of(row.case.edition.hash, row) if with_unit and row.case else None
    beneath = [unit] if unit else []
    return found + "".join(f"<br>{quiet(one)}" for one in [*beneath, *called(policy, row)])


def provisional(row: Obligation) -> str:
    return " " + quiet(_("provisional")) if row.provisional else ""


def ahead(policy: Policy, row: Obligation, left: Left, parameters: str) -> str:
    """The time that is left; of what has no due time, why."""
    if row.due_at:
        return f'<span class="left-{left.tone}">{escape(left.said)}</span>{bar(row.state, left.share)}'
    note, label = note_of(policy, row.note) if row.note else "", escape(_("Parameters"))
    link = (
        f' <a class="no-print text-nowrap" href="{escape(parameters)}">{label}</a>'
        if "missing:" in row.note
        else ""
    )
    return quiet(note, link)


def why(case: str, row: Obligation) -> str:
    label = escape(_("why"))
    return f'<td class="text-nowrap no-print"><a href="{escape(case)}why/{row.place}/">{label}</a></td>'


def note_of(policy: Policy, note: str) -> str:
    """A row's notes, each once, with facts, events and parameters by their labels."""
    labels = policy.event_labels
    about: dict[str, dict[str, None]] = {}
    for part in note.split("; "):
        code, _colon, names = part.partition(":")
        about.setdefault(code, {}).update(
            dict.fromkeys(labels.get(one) or named(policy, one) for one in names.split("、") if one)
        )
    return "; ".join(
        spoken.note(f"{code}:{'、'.join(names)}" if names else code) for code, names in about.items()
    )


def named(policy: Policy, name: str) -> str:
    """A fact by its label; the parameter that stands for a limit the text does not give is called after its rule."""
    if name in policy.facts:
        return policy.facts[name].label or name
    return _("the time limit") if name.endswith(".within") else name
