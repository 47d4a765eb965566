"""Rows of what is owed, as lists show them: which case, what, by when, how much time is left. Knows no list."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from bihuan.desk import clock, sight
from bihuan.desk.models import Case, Obligation, Subject
from bihuan.desk.naming import ower_of
from bihuan.desk.office import office_now, policy_of
from bihuan.desk.pages.drawn import article, bar, case_address, escape, minute, onward, state
from bihuan.desk.pages.left import Left, lefts
from bihuan.engine.listening import COMPANY
from bihuan.engine.policy import Policy
from bihuan.i18n import _


class Line(NamedTuple):
    """A row of the list; `about` which case or subject, `address` the case's page, `matter` what the case is about."""

    row: Obligation
    policy: Policy
    edition: str  # its hash
    left: Left
    about: str
    address: str
    matter: str

    @property
    def says(self) -> str:
        return self.policy.says(self.row.rule)


def lines(rows: Sequence[Obligation]) -> list[Line]:
    known = [(row, one) for row in rows if (one := row.case or row.subject) is not None]
    timed = [(one.edition.hash, row) for row, one in known]
    ahead = lefts(office_now(), timed, clock.now())
    return [
        line(row, one, edition, left)
        for (row, one), (edition, _row), left in zip(known, timed, ahead, strict=True)
    ]


def line(row: Obligation, one: Case | Subject, edition: str, left: Left) -> Line:
    policy = policy_of(edition)
    if isinstance(one, Case):
        return Line(row, policy, edition, left, one.number, case_address(one.number), one.matter or "")
    return Line(row, policy, edition, left, subject(policy, one), "", "")


def subject(policy: Policy, one: Subject) -> str:
    """Whom rules across cases are about, as anybody may read it."""
    if one.fact == COMPANY:
        return _("the whole company")
    return sight.outside(policy, one.fact, one.key) or ""


def drawn(lines: Iterable[Line], choose: bool) -> Markup:
    """Rows of what is owed; `choose`: with a box for each that is of a case."""
    words = _("Choose"), _("Due"), _("Case"), _("What is owed"), _("Unit"), _("Left"), _("provisional")
    boxed, due, number, what, unit, left, provisional = map(escape, words)
    rows, steps = [], onward()
    for line in lines:
        row, about, says = line.row, escape(line.about), escape(line.says)
        box = f'<input class="form-check-input" type="checkbox" name="case" value="{about}" aria-label="{about} {says}">{steps}'
        rows.append(
            "<tr>"
            + (f'<td class="choose" data-head="{boxed}">{box if line.address else ""}</td>' if choose else "")
            + f'<td data-head="{due}">{minute(row.due_at)}<br>{state(row.state)}</td>'
            f'<td data-head="{number}">'
            + (f'<a href="{escape(line.address)}">{about}</a>' if line.address else about)
            + (f'<div class="matter">{escape(line.matter, quote=False)}</div>' if line.matter else "")
            + f'</td><td data-head="{what}"><div>{says} {article(row.article)}'
            + (f' <span class="quiet">{provisional}</span></div></td>' if row.provisional else "</div></td>")
            + f'<td class="unit" data-head="{unit}">{escape(ower_of(line.edition, row) or "")}</td>'
            f'<td data-head="{left}"><div><span class="left-{line.left.tone}">{escape(line.left.said)}</span>'
            f"{bar(row.state, line.left.share)}</div></td></tr>\n"
        )
    return Markup("".join(rows))
