"""A judged log in a few lines: by which regulation and edition, how much was judged, what was kept, which rules worst.

Reads the summary that every replay leaves; counts nothing of its own, and knows no row of a case.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from bihuan.i18n import _
from bihuan.spoken import edition

if TYPE_CHECKING:
    from bihuan.engine.policy import Policy

WORST = 3
DUE = ("met", "late", "overdue")


class Kept(NamedTuple):
    """How many of what a rule made due were done in time, too late, not at all."""

    met: int
    late: int
    overdue: int

    @property
    def due(self) -> int:
        return sum(self)

    @property
    def share(self) -> str:
        return f"{self.met / self.due:.1%}"


def brief(policy: "Policy", summary: Mapping[str, Any], as_of: str) -> list[str]:
    """The lines; `as_of` as `replay` says it."""
    log, rules = summary["log"], kept(summary["rules"])
    head = _("{title}, {edition}, as of {as_of}")
    counts = _("judged: {cases} cases, {events} events; left out: {excluded} rows of the log")
    said = {"title": policy.header.title, "edition": edition(summary["edition"]), "as_of": as_of}
    return [head.format(**said), counts.format(**log), *results(policy, rules), *unjudged(summary["rules"])]


def kept(rules: Mapping[str, Mapping[str, int]]) -> dict[str, Kept]:
    """Of each rule under which something was due."""
    found = {name: Kept(*(states.get(state, 0) for state in DUE)) for name, states in rules.items()}
    return {name: one for name, one in found.items() if one.due}


def results(policy: "Policy", rules: Mapping[str, Kept]) -> Iterator[str]:
    """What became of everything due, and of the rules that were kept least."""
    if not rules:
        yield _("nothing was due")
        return
    yield counted(_("altogether"), Kept(*map(sum, zip(*rules.values(), strict=True))))
    missed = [(one.met / one.due, name) for name, one in rules.items() if one.met < one.due]
    yield from [_("kept worst:")] if missed else []
    for _share, name in sorted(missed)[:WORST]:
        yield "  " + counted(f"{policy.article_of(name)} {policy.says(name)}", rules[name])


def counted(what: str, one: Kept) -> str:
    form = _("{what}: {share} in time ({met} in time, {late} late, {overdue} overdue of {due})")
    return form.format(what=what, share=one.share, due=one.due, **one._asdict())


def unjudged(rules: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """How much could not be judged, lest the figures look whole."""
    waiting, unset = (
        sum(states.get(state, 0) for states in rules.values()) for state in ("waiting", "unset")
    )
    if waiting or unset:
        form = _(
            "not judged: {unset} for want of a number in the text, {waiting} for want of a fact; `bihuan replay` says which"
        )
        yield form.format(unset=unset, waiting=waiting)
