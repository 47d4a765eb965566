"""What may be done in a case now: first what is owed, then the rest, and what not, with the reasons. Drawn in Python.

Whether a step is open, the engine says (`queries.steps`); here it is only put in order.
"""

from collections.abc import Container, Iterable, Sequence
from typing import NamedTuple

from markupsafe import Markup

from bihuan.desk.actions.words import refusal
from bihuan.desk.asked import doers
from bihuan.desk.models import Obligation
from bihuan.desk.pages.drawn import case_address, escape, quiet
from bihuan.desk.queries import Possible, Whole
from bihuan.engine.listening import names_of
from bihuan.engine.policy import Policy


class Step(NamedTuple):
    """Something that may be done now, or why not."""

    event: str
    label: str
    articles: str
    why_not: str
    other: bool  # no step of the regulation is about it
    owed: bool = False  # by something that runs now


class Offered(NamedTuple):
    """Links to what may be done, to what else can be entered, and why not the rest; of these two also how many."""

    allowed: Markup = Markup("")
    others: Markup = Markup("")
    barred: Markup = Markup("")
    others_count: int = 0
    barred_count: int = 0


def offered(seen: Whole, possible: Sequence[Possible], running: Iterable[Obligation]) -> Offered:
    """Of what is possible now, what `running` owes first."""
    urgent = led_to((name for row in running for name in ending(seen.policy, row)), possible)
    steps = [stepped(seen.case.edition.hash, one, urgent) for one in possible]
    allowed = [one for one in steps if not one.why_not and (one.owed or not one.other)]
    allowed.sort(key=lambda one: urgent.index(one.event) if one.owed else len(urgent))
    others = [one for one in steps if not one.why_not and one.other and not one.owed]
    barred = [one for one in steps if one.why_not]
    here = case_address(seen.case.number)
    return Offered(
        links(here, allowed), links(here, others, " btn-sm"), reasons(barred), len(others), len(barred)
    )


def for_others(seen: Whole, possible: Iterable[Possible]) -> frozenset[str]:
    """The events that are not for this person to do, nor therefore to correct: links that would be refused are not drawn.
    Whether a correction is allowed, the action says.
    """
    named = doers(seen.case.edition.hash).items()
    without = {event for event, roles in named if seen.roles.isdisjoint(roles)}
    excluded = {one.event for one in possible if any(found["kind"] == "person" for found in one.findings)}
    return frozenset(without | excluded)


def links(case: str, steps: Iterable[Step], size: str = "") -> Markup:
    here = escape(case)
    return Markup(
        "".join(
            f'<a class="btn{size} btn-{"primary" if one.owed else "outline-secondary"}" '
            f'href="{here}{escape(one.event)}/">{escape(one.label)}</a>'
            for one in steps
        )
    )


def reasons(steps: Iterable[Step]) -> Markup:
    return Markup("".join(f"<li>{quiet(one.label)} — {escape(one.why_not)}</li>" for one in steps))


def ending(policy: Policy, row: Obligation) -> list[str]:
    """The events by which something that runs is done."""
    rule = policy.timed.get(row.rule)
    return names_of(getattr(rule, "owes", None), getattr(rule, "may", None))


def led_to(owed: Iterable[str], possible: Iterable[Possible]) -> list[str]:
    """The events that are owed, and those that have to come before, in this order."""
    needs = {
        one.event: [
            name
            for found in one.findings
            if found["kind"] == "gate"
            for name in (found["detail"] or "").split("、")
        ]
        for one in possible
    }
    found = list(dict.fromkeys(owed))
    for name in found:  # grows while it is gone through
        found += [one for one in needs.get(name, ()) if one not in found]
    return found


def stepped(edition: str, one: Possible, urgent: Container[str] = ()) -> Step:
    return Step(
        one.event,
        one.label,
        "、".join(one.articles),
        refusal(edition, one.findings) if one.findings else "",
        not one.step,
        one.event in urgent,
    )
